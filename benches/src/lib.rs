//! Benchmarks of the SCIM crates, beside their peers: what the benches share.

pub mod floor_parser;
pub mod report;
