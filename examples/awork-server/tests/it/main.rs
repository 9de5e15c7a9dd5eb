//! The built server, over real HTTP.

mod idp_cases;
mod mail;
mod races;
mod server;
