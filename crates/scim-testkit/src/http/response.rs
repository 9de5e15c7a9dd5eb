//! A response, read as it came over the wire.

use serde_json::Value;

use super::HttpError;

/// One response.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body, without the transfer coding.
    pub body: Vec<u8>,
}

impl Response {
    /// The value of the first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The values of every header of this name, in any case.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The body as JSON.
    ///
    /// # Errors
    ///
    /// Returns the parser's error when the body is not JSON.
    pub fn json(&self) -> Result<Value, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    /// The body as text; bytes that are not UTF-8 are replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Reads status line and headers; the body stays empty.
    pub(super) fn parse_head(head: &[u8]) -> Result<Self, HttpError> {
        let head = String::from_utf8_lossy(head);
        let mut lines = head.split("\r\n");
        let status_line = lines.next().unwrap_or_default();
        let status = status_line
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3).filter(|_| matches!(rest.as_bytes().get(3), None | Some(b' '))))
            .filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|code| code.parse().ok())
            .ok_or_else(|| HttpError::malformed(format!("status line {status_line:?}")))?;
        let headers = lines
            .map(|line| {
                let (name, value) = line
                    .split_once(':')
                    .filter(|(name, _)| !name.is_empty() && !name.contains(char::is_whitespace))
                    .ok_or_else(|| HttpError::malformed(format!("header line {line:?}")))?;
                Ok((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()))
            })
            .collect::<Result<_, HttpError>>()?;
        Ok(Self { status, headers, body: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_split_into_status_and_headers() {
        let response =
            Response::parse_head(b"HTTP/1.1 201 Created\r\nETag: W/\"1\"\r\nVary:a\r\nvary: \tb ").unwrap();
        assert_eq!(response.status, 201);
        assert_eq!(response.header("etag"), Some("W/\"1\""));
        assert_eq!(Vec::from_iter(response.all("Vary")), ["a", "b"]);
        assert_eq!(response.header("Location"), None);
    }

    #[test]
    fn a_malformed_head_is_refused() {
        for head in [
            "",
            "HTTP/1.0 200 OK",
            "HTTP/1.1 20",
            "HTTP/1.1 2000",
            "HTTP/1.1 +20",
            "HTTP/1.1 200 OK\r\nno colon",
        ] {
            let refused = Response::parse_head(head.as_bytes());
            assert!(matches!(refused, Err(HttpError::Malformed { .. })), "{head:?}: {refused:?}");
        }
    }
}
