//! The in-memory store keeps every promise of the contract.

scim_engine::store_contract!(async || scim_engine::MemoryStore::new());
