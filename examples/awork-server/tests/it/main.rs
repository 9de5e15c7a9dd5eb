//! The built server, over real HTTP.

mod activation;
mod admin_api;
mod apart;
mod check;
mod client;
mod command;
mod idp_cases;
mod in_process;
mod log;
mod mail;
mod names;
mod outbox;
mod races;
mod rate;
mod scenarios;
mod seats;
mod server;
mod users;
