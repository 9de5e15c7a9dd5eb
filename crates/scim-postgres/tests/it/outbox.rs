//! The outbox on PostgreSQL.

scim_engine::outbox_contract!(crate::place::store);
