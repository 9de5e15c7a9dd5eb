//! awork's rules over an engine in memory, as requests see them.

mod account;
mod by_hand;
mod catalogue;
mod contact;
mod deactivation;
mod delete;
mod errors;
mod groups;
mod guards;
mod http;
mod idp_cases;
mod isolation;
mod list;
mod people;
mod preconditions;
mod profile;
mod put;
mod races;
mod region;
mod role;
mod seats;
mod setups;
mod slip_store;
mod teams;
mod tolerance;
mod world;
