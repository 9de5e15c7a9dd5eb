//! Tests of the crate from outside.

mod broken;
mod memory;
mod outbox;
mod walk;
