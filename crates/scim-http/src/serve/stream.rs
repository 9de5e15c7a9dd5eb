//! A connection that minds its manners: no bare errors, and no reset that swallows an answer.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::bare_error::replacement;

/// How long a connection stays after its last answer, so that a client that is still sending can
/// read it: closing with bytes unread makes the system throw the answer away.
const LINGER: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Stream<T> {
    inner: T,
    /// Bytes that were taken and are still to be sent.
    pending: Vec<u8>,
    sent: usize,
    lingering: Option<Pin<Box<Sleep>>>,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Stream<T> {
    pub(super) fn new(inner: T) -> Self {
        Self { inner, pending: Vec::new(), sent: 0, lingering: None }
    }

    fn poll_pending(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.sent < self.pending.len() {
            let unsent = &self.pending[self.sent..];
            match ready!(Pin::new(&mut self.inner).poll_write(context, unsent))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.sent += count,
            }
        }
        self.pending.clear();
        self.sent = 0;
        Poll::Ready(Ok(()))
    }

    /// Reads what the client still sends, until it ends or time is up.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let mut room = [0; 4096];
        // A client that never stops must not keep the thread: time is looked at each time around.
        loop {
            let time = self.lingering.get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER)));
            if time.as_mut().poll(context).is_ready() {
                return Poll::Ready(());
            }
            let mut buffer = ReadBuf::new(&mut room);
            match ready!(Pin::new(&mut self.inner).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                _ => return Poll::Ready(()),
            }
        }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_pending(context))?;
        match replacement(bytes) {
            Some(replaced) => {
                self.pending = replaced;
                Poll::Ready(Ok(bytes.len()))
            }
            None => Pin::new(&mut self.inner).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_pending(context))?;
        let last = slices.iter().rev().find(|slice| !slice.is_empty());
        if last.is_some_and(|last| last.ends_with(b"\r\n\r\n")) {
            let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
            if let Some(replaced) = replacement(&bytes) {
                self.pending = replaced;
                return Poll::Ready(Ok(bytes.len()));
            }
        }
        Pin::new(&mut self.inner).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(context))?;
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(context))?;
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.inner).poll_shutdown(context))?;
        }
        ready!(self.poll_linger(context));
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    const BARE: &[u8] = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n";

    #[tokio::test]
    async fn bare_errors_are_replaced_in_any_way_of_writing() {
        for vectored in [false, true] {
            // A pipe so narrow that each write is partial.
            let (near, mut far) = tokio::io::duplex(7);
            let mut stream = Stream::new(near);
            let writing = async move {
                if vectored {
                    let slices = [IoSlice::new(BARE), IoSlice::new(b"")];
                    assert_eq!(stream.write_vectored(&slices).await.unwrap(), BARE.len());
                } else {
                    stream.write_all(BARE).await.unwrap();
                }
                stream.shutdown().await.unwrap();
            };
            let mut text = String::new();
            let reading = async {
                far.read_to_string(&mut text).await.unwrap();
                drop(far);
            };
            tokio::join!(writing, reading);
            assert!(text.contains("trace-id: ") && text.contains("\"status\":\"431\""), "{text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_stops_is_left_in_the_end() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut stream = Stream::new(near);
        let endless = tokio::spawn(async move { while far.write_all(&[0; 64]).await.is_ok() {} });
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        let shut = stream.shutdown();
        tokio::select! {
            shut = shut => shut.unwrap(),
            // Time stands still while there is work, so it is moved by hand.
            () = async { loop { tokio::time::advance(LINGER).await; tokio::task::yield_now().await } } => {}
        }
        drop(stream);
        endless.await.unwrap();
    }
}
