//! The built server, over real HTTP.

mod admin_api;
mod apart;
mod check;
mod command;
mod idp_cases;
mod mail;
mod outbox;
mod races;
mod scenarios;
mod server;
