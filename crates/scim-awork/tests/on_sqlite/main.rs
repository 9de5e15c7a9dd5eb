//! awork's rules over an engine on SQLite: the same tests as in memory.

mod backing {
    pub(crate) type Backing = scim_sqlite::SqliteStore;

    /// A store of its own, gone when it is dropped.
    pub(crate) fn new() -> Backing {
        Backing::open_in_memory().expect("a store in a temporary folder")
    }
}

#[path = "../it/account.rs"]
mod account;
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
#[path = "../it/list.rs"]
mod list;
#[path = "../it/people.rs"]
mod people;
#[path = "../it/profile.rs"]
mod profile;
#[path = "../it/put.rs"]
mod put;
#[path = "../it/races.rs"]
mod races;
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
