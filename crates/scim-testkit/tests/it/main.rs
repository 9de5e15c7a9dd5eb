//! The kit is tested against servers that answer from a script.

mod cases;
mod fake;
mod http;
mod server;
