//! The kit is tested against servers that answer from a script, and its PostgreSQL as it is.

mod cases;
mod fake;
mod http;
mod postgres;
mod server;
