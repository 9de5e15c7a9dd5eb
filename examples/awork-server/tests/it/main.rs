//! The built server, over real HTTP.

mod admin_api;
mod apart;
mod command;
mod contests;
mod idp_cases;
mod mail;
mod scenarios;
mod server;
