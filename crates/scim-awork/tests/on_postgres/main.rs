//! awork's rules over an engine on PostgreSQL: the same tests as in memory. Those that run on every store by
//! themselves, such as races, are not repeated.

#![expect(dead_code, reason = "what only those use is not used here")]

mod backing {
    pub(crate) fn place() -> crate::any_store::Place {
        crate::any_store::Place::database()
    }
}

#[path = "../it/rules.rs"]
mod rules;

use rules::{any_store, http, slip_store, world};
