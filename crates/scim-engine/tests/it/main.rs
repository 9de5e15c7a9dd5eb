//! Tests of the crate from outside.

mod broken;
mod bulk;
mod memory;
mod outbox;
mod table;
mod walk;
