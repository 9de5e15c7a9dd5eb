//! Tests of the crate from outside.

mod broken;
mod memory;
mod passwords;
mod walk;
