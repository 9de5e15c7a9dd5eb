//! What the tests of several crates share; not part of any product.
//!
//! - [`http`]: an HTTP/1.1 client that sends exactly the bytes it is given, malformed ones included.
//! - [`cases`]: request/response cases kept as data, run against a server at an address.
//! - [`server`]: a server binary as a child process, from its ready line to its end.
//! - [`postgres`]: real PostgreSQL servers, each in a folder of its own.
//! - [`smtp`]: a real SMTP server, which keeps what it takes.
//! - [`data`]: the cases of the identity providers and the examples printed in the RFCs.

pub mod cases;
pub mod data;
pub mod http;
pub mod postgres;
pub mod server;
pub mod smtp;
