//! The built server, over real HTTP.

mod idp_cases;
mod races;
mod server;
