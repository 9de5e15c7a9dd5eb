//! The outbox on SQLite.

use scim_sqlite::SqliteStore;

scim_engine::outbox_contract!(async || SqliteStore::open_in_memory().expect("a store in a temporary folder"));
