//! awork's SCIM provisioning as one server.

fn main() {}
