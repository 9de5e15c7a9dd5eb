//! Tests of the crate from outside.

mod broken;
mod memory;
mod table;
mod outbox;
mod walk;
