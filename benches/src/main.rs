//! Benchmarks of the SCIM crates, beside their peers.

fn main() {}
