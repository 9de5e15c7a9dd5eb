//! The built server, over real HTTP.

mod accept;
mod activation;
mod admin_api;
mod check;
mod client;
mod command;
mod conformance;
mod contests;
mod guests;
mod idp_cases;
mod in_process;
mod isolation;
mod log;
mod mail;
mod names;
mod outbox;
mod profile;
mod provisioning_log;
mod rate;
mod scenarios;
mod seats;
mod secrets;
mod server;
mod shared_account;
mod users;
