//! Tests of the crate from outside.

mod admission;
mod broken;
mod bulk;
mod check;
mod command;
mod memory;
mod nested;
mod outbox;
mod passwords;
mod table;
mod walk;
