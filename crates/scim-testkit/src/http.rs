//! An HTTP/1.1 client that hides nothing: what it sends is what the caller wrote.
//!
//! No header is added but `Host` and `Content-Length`, and [`raw_send`] adds none at all, so a test
//! can send what no well-behaved client would. Every exchange ends within [`TIMEOUT`], and no
//! response takes more memory than [`MAX_HEAD`] and [`MAX_BODY`].

mod connection;
mod reader;
mod request;
mod response;

use std::net::SocketAddr;
use std::time::Duration;

pub use connection::Connection;
pub use request::Request;
pub use response::Response;

/// How long one exchange may take.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The longest response head that is read, in bytes.
pub const MAX_HEAD: usize = 64 * 1024;

/// The longest response body that is read, in bytes.
pub const MAX_BODY: usize = 64 * 1024 * 1024;

/// Why there is no response.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The connection failed.
    #[error("the connection failed: {0}")]
    Io(#[from] std::io::Error),
    /// The server closed the connection before the response was whole.
    #[error("the server closed the connection before the response was whole")]
    Closed,
    /// No whole response came within [`TIMEOUT`].
    #[error("no whole response within {} s", TIMEOUT.as_secs())]
    TimedOut,
    /// The response is longer than this client reads.
    #[error("the response exceeds {limit} bytes")]
    TooLong {
        /// The bound that was exceeded.
        limit: usize,
    },
    /// The response breaks RFC 9112.
    #[error("the response is not HTTP/1.1: {what}")]
    Malformed {
        /// What is wrong with it.
        what: String,
    },
}

impl HttpError {
    fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed { what: what.into() }
    }
}

/// Sends one request on a connection of its own.
///
/// # Errors
///
/// Returns an [`HttpError`] when no whole response comes back.
pub async fn send(address: SocketAddr, request: &Request) -> Result<Response, HttpError> {
    Connection::open(address).await?.send(request).await
}

/// Sends these bytes on a connection of their own and reads one response.
///
/// # Errors
///
/// Returns an [`HttpError`] when no whole response comes back.
pub async fn raw_send(address: SocketAddr, bytes: &[u8]) -> Result<Response, HttpError> {
    Connection::open(address).await?.exchange(bytes).await
}
