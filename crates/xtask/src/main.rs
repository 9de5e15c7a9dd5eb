//! Sets up, tests and checks the workspace.

fn main() {}
