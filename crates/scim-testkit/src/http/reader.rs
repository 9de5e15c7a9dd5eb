//! Reads one response from a stream of bytes, within bounds.

use tokio::io::{AsyncRead, AsyncReadExt};

use super::{HttpError, MAX_BODY, MAX_HEAD, Response};

/// How many interim (1xx) responses may precede the real one.
const MAX_INTERIM: usize = 8;

/// How many bytes are asked for at once.
const STEP: usize = 16 * 1024;

/// What is to come, and what came and is not yet used.
#[derive(Debug)]
pub(super) struct Reader<'a, R> {
    pub(super) stream: &'a mut R,
    pub(super) unread: &'a mut Vec<u8>,
}

impl<R: AsyncRead + Unpin> Reader<'_, R> {
    /// The next response that is not interim. An answer to HEAD has no body, whatever its headers say.
    pub(super) async fn response(&mut self, to_head: bool) -> Result<Response, HttpError> {
        for _ in 0..=MAX_INTERIM {
            let head = self.until(b"\r\n\r\n", MAX_HEAD).await?;
            let mut response = Response::parse_head(&head)?;
            if response.status >= 200 {
                if !to_head && !matches!(response.status, 204 | 304) {
                    response.body = self.body(&response).await?;
                }
                return Ok(response);
            }
        }
        Err(HttpError::malformed("endless interim responses"))
    }

    /// The body, framed as RFC 9112 section 6.3 says.
    async fn body(&mut self, response: &Response) -> Result<Vec<u8>, HttpError> {
        match (response.header("Transfer-Encoding"), response.header("Content-Length")) {
            (Some(_), Some(_)) => Err(HttpError::malformed("both Transfer-Encoding and Content-Length")),
            (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => self.chunked().await,
            (Some(coding), None) => Err(HttpError::malformed(format!("transfer coding {coding:?}"))),
            (None, Some(length)) => match length.parse::<usize>() {
                Ok(length) => self.exactly(length, MAX_BODY).await,
                Err(_) => Err(HttpError::malformed(format!("content length {length:?}"))),
            },
            (None, None) => self.until_closed().await,
        }
    }

    async fn chunked(&mut self) -> Result<Vec<u8>, HttpError> {
        let mut body = Vec::new();
        loop {
            let line = self.until(b"\r\n", MAX_HEAD).await?;
            let line = String::from_utf8_lossy(&line);
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16)
                .map_err(|_| HttpError::malformed(format!("chunk size {line:?}")))?;
            if size == 0 {
                break;
            }
            body.append(&mut self.exactly(size, MAX_BODY - body.len()).await?);
            if self.exactly(2, 2).await? != b"\r\n" {
                return Err(HttpError::malformed("a chunk longer than its size"));
            }
        }
        // The trailers up to the empty line; nobody looks at them.
        let mut budget = MAX_HEAD;
        loop {
            let line = self.until(b"\r\n", budget).await?;
            if line.is_empty() {
                return Ok(body);
            }
            budget -= line.len().min(budget);
        }
    }

    /// The bytes before the mark; mark and bytes are used up.
    async fn until(&mut self, mark: &[u8], limit: usize) -> Result<Vec<u8>, HttpError> {
        let mut searched: usize = 0;
        loop {
            // The mark may have begun at the end of what was searched before.
            let from = searched.saturating_sub(mark.len() - 1);
            if let Some(at) = self.unread[from..].windows(mark.len()).position(|window| window == mark) {
                let found = self.unread[..from + at].to_vec();
                self.unread.drain(..from + at + mark.len());
                return Ok(found);
            }
            if self.unread.len() > limit {
                return Err(HttpError::TooLong { limit });
            }
            searched = self.unread.len();
            if self.fill().await? == 0 {
                return Err(HttpError::Closed);
            }
        }
    }

    async fn exactly(&mut self, count: usize, limit: usize) -> Result<Vec<u8>, HttpError> {
        if count > limit {
            return Err(HttpError::TooLong { limit: MAX_BODY });
        }
        while self.unread.len() < count {
            if self.fill().await? == 0 {
                return Err(HttpError::Closed);
            }
        }
        Ok(self.unread.drain(..count).collect())
    }

    async fn until_closed(&mut self) -> Result<Vec<u8>, HttpError> {
        while self.fill().await? > 0 {
            if self.unread.len() > MAX_BODY {
                return Err(HttpError::TooLong { limit: MAX_BODY });
            }
        }
        Ok(std::mem::take(self.unread))
    }

    /// Waits for more bytes and returns their number; none means that the other side has closed.
    async fn fill(&mut self) -> Result<usize, HttpError> {
        self.unread.reserve(STEP);
        Ok(self.stream.read_buf(self.unread).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads all responses in `wire`.
    async fn read(mut wire: &[u8], to_head: bool) -> Result<Vec<Response>, HttpError> {
        let mut unread = Vec::new();
        let mut responses = Vec::new();
        loop {
            let mut reader = Reader { stream: &mut wire, unread: &mut unread };
            responses.push(reader.response(to_head).await?);
            if wire.is_empty() && unread.is_empty() {
                return Ok(responses);
            }
        }
    }

    fn bodies(responses: &[Response]) -> Vec<String> {
        responses.iter().map(Response::text).collect()
    }

    #[tokio::test]
    async fn each_framing_gives_its_body() {
        let wire = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc\
            HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n\
            HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n\
            HTTP/1.1 200 OK\r\n\r\nto the end";
        let responses = read(wire, false).await.unwrap();
        assert_eq!(bodies(&responses), ["abc", "abc0123456789", "", "", "to the end"]);
    }

    #[tokio::test]
    async fn an_answer_to_head_has_no_body() {
        let responses = read(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true).await.unwrap();
        assert_eq!(bodies(&responses), [""]);
    }

    #[tokio::test]
    async fn a_response_that_breaks_off_is_an_error() {
        for wire in [
            "",
            "HTTP/1.1 200 OK\r\nContent-Le",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n",
        ] {
            let outcome = read(wire.as_bytes(), false).await;
            assert!(matches!(outcome, Err(HttpError::Closed)), "{wire:?}: {outcome:?}");
        }
    }

    #[tokio::test]
    async fn a_response_with_a_false_frame_is_an_error() {
        for head in [
            "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
            "Content-Length: many\r\n\r\nabc",
            "Transfer-Encoding: gzip\r\n\r\nabc",
            "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n",
            "Transfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
        ] {
            let outcome = read(format!("HTTP/1.1 200 OK\r\n{head}").as_bytes(), false).await;
            assert!(matches!(outcome, Err(HttpError::Malformed { .. })), "{head:?}: {outcome:?}");
        }
        let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(10);
        assert!(matches!(read(interim.as_bytes(), false).await, Err(HttpError::Malformed { .. })));
    }

    #[tokio::test]
    async fn a_response_beyond_the_bounds_is_an_error() {
        let body = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", MAX_BODY + 1);
        let chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFF\r\n".to_owned();
        let head = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(MAX_HEAD + STEP));
        for wire in [body, chunk, head] {
            let outcome = read(wire.as_bytes(), false).await;
            assert!(matches!(outcome, Err(HttpError::TooLong { .. })), "{outcome:?}");
        }
    }
}
