//! The outbox on the in-memory store.

scim_engine::outbox_contract!(async || scim_engine::MemoryStore::new());
