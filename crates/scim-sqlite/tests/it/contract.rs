//! The contract suite that every store runs.

use scim_sqlite::SqliteStore;

scim_engine::store_contract!(async || SqliteStore::open_in_memory().expect("a store in a temporary folder"));
