//! What the store promises, tried on SQLite.

mod contract;
mod durability;
mod faults;
mod opening;
mod oracle;
mod outbox;
mod plans;
mod repair;
