//! awork's rules over an engine in memory, as requests see them, and with every store what depends on it.

mod backing {
    pub(crate) fn place() -> crate::any_store::Place {
        crate::any_store::Place::memory()
    }
}

mod booking;
mod check;
mod command_catalogue;
mod command_integration;
mod command_outbox;
mod command_users;
mod list;
mod news;
mod races;
#[path = "rules.rs"]
mod rules;
mod shared_account;

use rules::{any_store, http, slip_store, world};
