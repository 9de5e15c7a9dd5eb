//! A request, written as it goes over the wire.

/// One request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Request {
    /// The method, such as `GET`.
    pub method: String,
    /// The request target: path and query, already percent-encoded.
    pub target: String,
    /// The headers, in the order they are sent.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<Vec<u8>>,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: impl Into<String>, target: impl Into<String>) -> Self {
        Self { method: method.into(), target: target.into(), headers: Vec::new(), body: None }
    }

    /// Adds a header; an empty value is sent as such.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// The bytes of the request.
    ///
    /// `Host` is added unless given, and so is `Content-Length` where there is a body, or where the
    /// method announces one (RFC 9110 section 8.6).
    pub fn to_bytes(&self, host: &str) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        let mut push = |name: &str, value: &str| head.extend([name, ": ", value, "\r\n"]);
        if !self.has("Host") {
            push("Host", host);
        }
        for (name, value) in &self.headers {
            push(name, value);
        }
        let length = match &self.body {
            Some(body) => Some(body.len()),
            None => matches!(self.method.as_str(), "POST" | "PUT" | "PATCH").then_some(0),
        };
        if let Some(length) = length
            && !self.has("Content-Length")
            && !self.has("Transfer-Encoding")
        {
            push("Content-Length", &length.to_string());
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(self.body.as_deref().unwrap_or_default());
        bytes
    }

    fn has(&self, header: &str) -> bool {
        self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(request: &Request) -> String {
        String::from_utf8(request.to_bytes("localhost")).unwrap()
    }

    #[test]
    fn nothing_is_added_but_host_and_length() {
        let get = Request::new("GET", "/Users?a=b").with_header("User-Agent", "");
        assert_eq!(text(&get), "GET /Users?a=b HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \r\n\r\n");
        let post = Request::new("POST", "/Users").with_body("{}");
        assert_eq!(text(&post), "POST /Users HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}");
        let empty = Request::new("PUT", "/");
        assert_eq!(text(&empty), "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    }

    #[test]
    fn what_the_caller_gives_is_not_added_again() {
        let post = Request::new("POST", "/")
            .with_header("host", "other")
            .with_header("content-length", "7")
            .with_body("short");
        assert_eq!(text(&post), "POST / HTTP/1.1\r\nhost: other\r\ncontent-length: 7\r\n\r\nshort");
    }
}
