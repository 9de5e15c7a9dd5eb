//! awork's rules over an engine in memory, as requests see them.

mod people;
mod world;
