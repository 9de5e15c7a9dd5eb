//! awork's rules over an engine in memory, as requests see them.

mod backing {
    pub(crate) fn place() -> crate::any_store::Place {
        crate::any_store::Place::memory()
    }
}

mod account;
mod any_store;
mod booking;
mod by_hand;
mod catalogue;
mod command_catalogue;
mod command_integration;
mod command_users;
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
mod news;
mod people;
mod preconditions;
mod profile;
mod put;
mod races;
mod region;
mod role;
mod seats;
mod setups;
mod shared_account;
mod slip_store;
mod teams;
mod tolerance;
mod world;
