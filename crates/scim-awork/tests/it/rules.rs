//! What awork's rules do to requests, on whatever store [`crate::backing`] names.

pub(crate) mod account;
pub(crate) mod any_store;
pub(crate) mod by_hand;
pub(crate) mod catalogue;
pub(crate) mod contact;
pub(crate) mod deactivation;
pub(crate) mod delete;
pub(crate) mod errors;
pub(crate) mod groups;
pub(crate) mod guards;
pub(crate) mod http;
pub(crate) mod idp_cases;
pub(crate) mod isolation;
pub(crate) mod log;
pub(crate) mod people;
pub(crate) mod preconditions;
pub(crate) mod profile;
pub(crate) mod put;
pub(crate) mod region;
pub(crate) mod role;
pub(crate) mod seats;
pub(crate) mod setups;
pub(crate) mod slip_store;
pub(crate) mod teams;
pub(crate) mod tolerance;
pub(crate) mod world;
