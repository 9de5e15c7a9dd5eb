//! What the store promises, tried on PostgreSQL.

mod check;
mod contract;
mod cut;
mod failover;
mod faults;
mod lookups;
mod notes;
mod opening;
mod oracle;
mod outbox;
mod place;
mod plans;
mod repair;
mod round_trips;
mod session;
mod tls;
