//! awork's rules over an engine in memory, as requests see them.

mod idp_cases;
mod people;
mod world;
