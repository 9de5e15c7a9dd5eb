//! awork's rules over an engine on SQLite: the same tests as in memory. Those that run on every store by
//! themselves, such as races, are not repeated.

#![expect(dead_code, reason = "what only those use is not used here")]

mod backing {
    pub(crate) fn place() -> crate::any_store::Place {
        crate::any_store::Place::folder()
    }
}

#[path = "../it/account.rs"]
mod account;
#[path = "../it/any_store.rs"]
mod any_store;
#[path = "../it/by_hand.rs"]
mod by_hand;
#[path = "../it/catalogue.rs"]
mod catalogue;
#[path = "../it/contact.rs"]
mod contact;
#[path = "../it/deactivation.rs"]
mod deactivation;
#[path = "../it/delete.rs"]
mod delete;
#[path = "../it/errors.rs"]
mod errors;
#[path = "../it/groups.rs"]
mod groups;
#[path = "../it/guards.rs"]
mod guards;
#[path = "../it/http.rs"]
mod http;
#[path = "../it/idp_cases.rs"]
mod idp_cases;
#[path = "../it/isolation.rs"]
mod isolation;
#[path = "../it/people.rs"]
mod people;
#[path = "../it/preconditions.rs"]
mod preconditions;
#[path = "../it/profile.rs"]
mod profile;
#[path = "../it/put.rs"]
mod put;
#[path = "../it/region.rs"]
mod region;
#[path = "../it/role.rs"]
mod role;
#[path = "../it/seats.rs"]
mod seats;
#[path = "../it/setups.rs"]
mod setups;
#[path = "../it/slip_store.rs"]
mod slip_store;
#[path = "../it/teams.rs"]
mod teams;
#[path = "../it/tolerance.rs"]
mod tolerance;
#[path = "../it/world.rs"]
mod world;
