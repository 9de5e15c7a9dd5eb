//! A plain SCIM 2.0 directory server.

fn main() {}
