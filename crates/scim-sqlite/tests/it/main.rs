//! What the store promises, tried on SQLite.

mod contract;
mod durability;
mod oracle;
mod plans;
