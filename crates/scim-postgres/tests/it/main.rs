//! What the store promises, tried on PostgreSQL.

mod contract;
mod cut;
mod failover;
mod oracle;
mod outbox;
mod place;
mod plans;
