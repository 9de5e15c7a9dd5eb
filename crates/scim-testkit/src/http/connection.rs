//! A connection that can carry several exchanges, and whatever bytes a test wants on it.

use std::net::SocketAddr;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::reader::Reader;
use super::{HttpError, Request, Response, TIMEOUT};

/// A TCP connection to a server.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    host: String,
    unread: Vec<u8>,
}

impl Connection {
    /// Connects to the server.
    ///
    /// # Errors
    ///
    /// Returns an [`HttpError`] when nobody listens there.
    pub async fn open(address: SocketAddr) -> Result<Self, HttpError> {
        let stream =
            timeout(TIMEOUT, TcpStream::connect(address)).await.map_err(|_| HttpError::TimedOut)??;
        // A request goes out in one piece; waiting for more would only slow the tests down.
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: address.to_string(), unread: Vec::new() })
    }

    /// Sends a request and reads the response.
    ///
    /// # Errors
    ///
    /// Returns an [`HttpError`] when no whole response comes back.
    pub async fn send(&mut self, request: &Request) -> Result<Response, HttpError> {
        let bytes = request.to_bytes(&self.host);
        self.exchange(&bytes).await
    }

    /// Sends these bytes, whatever they are, and reads one response.
    ///
    /// # Errors
    ///
    /// Returns an [`HttpError`] when no whole response comes back.
    pub async fn exchange(&mut self, bytes: &[u8]) -> Result<Response, HttpError> {
        self.exchange_repeating(bytes, &[], 0).await
    }

    /// Sends `head` and then `piece` up to `times` times, and reads one response.
    ///
    /// Reading goes on beside the writing, so a server may answer an endless body whenever it likes;
    /// what is still unwritten then is dropped, and the connection is of no more use.
    ///
    /// # Errors
    ///
    /// Returns an [`HttpError`] when no whole response comes back.
    pub async fn exchange_repeating(
        &mut self,
        head: &[u8],
        piece: &[u8],
        times: u64,
    ) -> Result<Response, HttpError> {
        let to_head = head.starts_with(b"HEAD ");
        let (mut read, mut write) = self.stream.split();
        let writing = async {
            write.write_all(head).await?;
            for _ in 0..times {
                write.write_all(piece).await?;
            }
            write.flush().await
        };
        let mut reader = Reader { stream: &mut read, unread: &mut self.unread };
        let reading = reader.response(to_head);
        let exchange = async {
            tokio::pin!(reading);
            tokio::select! {
                response = &mut reading => response,
                // A server that has refused stops reading, and the writing fails: its answer still counts.
                _ = writing => reading.await,
            }
        };
        timeout(TIMEOUT, exchange).await.map_err(|_| HttpError::TimedOut)?
    }

    /// Sends these bytes and reads nothing.
    ///
    /// # Errors
    ///
    /// Returns an [`HttpError`] when the bytes cannot be sent.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), HttpError> {
        Ok(timeout(TIMEOUT, self.stream.write_all(bytes)).await.map_err(|_| HttpError::TimedOut)??)
    }

    /// Reads the next response; one to a HEAD request has no body.
    ///
    /// # Errors
    ///
    /// Returns an [`HttpError`] when no whole response comes.
    pub async fn read(&mut self, to_head: bool) -> Result<Response, HttpError> {
        let mut reader = Reader { stream: &mut self.stream, unread: &mut self.unread };
        timeout(TIMEOUT, reader.response(to_head)).await.map_err(|_| HttpError::TimedOut)?
    }
}
