//! The grammar, row by row.

mod allocation;
mod examples;
mod filters;
mod limits;
mod names;
mod paths;
mod refusals;
mod roundtrip;
mod shape;
