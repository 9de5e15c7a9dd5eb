//! Tests of the crate from outside.

mod broken;
mod bulk;
mod memory;
mod table;
mod walk;
