//! What the store promises, tried on PostgreSQL.

mod check;
mod contract;
mod cut;
mod failover;
mod oracle;
mod place;
mod plans;
mod round_trips;
