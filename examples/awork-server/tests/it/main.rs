//! The built server, over real HTTP.

mod admin_api;
mod apart;
mod command;
mod conformance;
mod idp_cases;
mod mail;
mod races;
mod scenarios;
mod server;
