//! The contract suite that every store runs.

scim_engine::store_contract!(crate::place::store);
