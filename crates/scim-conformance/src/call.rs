//! A request of a check, from parts to the answer.

use std::fmt::Write as _;
use std::future::IntoFuture;
use std::pin::Pin;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use scim_testkit::http::{Request, send};
use serde_json::Value;

use crate::check::{Verdict, not_testable, wrong};
use crate::cx::Cx;
use crate::reply::{Reply, shorten};

/// What may stand in a path segment or a query value as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A text as it may stand in a URL.
pub(crate) fn encode(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// How long a piece of a body is, in bytes.
const PIECE: usize = 1000;

/// A request as it goes over the wire: its body is cut into pieces where its headers say so.
pub(crate) fn cut(request: &Request) -> Request {
    let mut request = request.clone();
    let in_pieces = |(name, _): &(String, String)| name.eq_ignore_ascii_case("Transfer-Encoding");
    if request.headers.iter().any(in_pieces) {
        let body = request.body.take().unwrap_or_default();
        let mut pieces = Vec::with_capacity(body.len() + body.len() / 100 + 8);
        for piece in body.chunks(PIECE) {
            pieces.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            pieces.extend_from_slice(piece);
            pieces.extend_from_slice(b"\r\n");
        }
        pieces.extend_from_slice(b"0\r\n\r\n");
        request.body = Some(pieces);
    }
    request
}

/// A request that is sent by awaiting it.
#[must_use]
pub(crate) struct Call<'c> {
    cx: &'c Cx,
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl<'c> Call<'c> {
    /// `path` stands below the base URL; a whole URL must be one of the server.
    pub(crate) fn new(cx: &'c Cx, method: &str, path: &str) -> Self {
        let headers = vec![
            ("Authorization".to_owned(), format!("Bearer {}", cx.place.token)),
            ("Accept".to_owned(), "application/scim+json".to_owned()),
        ];
        let path = path.to_owned();
        Self { cx, method: method.to_owned(), path, query: String::new(), headers, body: None }
    }

    /// Adds a query parameter.
    pub(crate) fn query(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = match value.into() {
            Value::String(text) => text,
            value => value.to_string(),
        };
        let sign = if self.query.is_empty() { '?' } else { '&' };
        // Writing to a string does not fail.
        let _ = write!(self.query, "{sign}{name}={}", encode(&value));
        self
    }

    /// Sets a header.
    pub(crate) fn header(self, name: &str, value: impl Into<String>) -> Self {
        let mut call = self.without(name);
        call.headers.push((name.to_owned(), value.into()));
        call
    }

    /// Takes a header away, such as `Authorization`.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// Sets a body of JSON.
    pub(crate) fn json(self, body: &Value) -> Self {
        self.bytes(body.to_string())
    }

    /// Sets the bytes of the body, said to be SCIM.
    pub(crate) fn bytes(self, body: impl Into<Vec<u8>>) -> Self {
        let mut call = self.header("Content-Type", "application/scim+json");
        call.body = Some(body.into());
        call
    }

    /// Sends the body in pieces, without saying how long it is.
    pub(crate) fn in_pieces(self) -> Self {
        self.header("Transfer-Encoding", "chunked")
    }

    fn shown(&self) -> String {
        let mut text = format!("{} {}{}", self.method, self.path, self.query);
        for (name, value) in &self.headers {
            let usual =
                matches!(name.as_str(), "Accept" | "Content-Type") && value == "application/scim+json";
            if !usual && name != "Authorization" {
                let _ = write!(text, " [{name}: {value}]");
            }
        }
        if let Some(body) = &self.body {
            let _ = write!(text, " {}", shorten(&String::from_utf8_lossy(body)));
        }
        shorten(&text)
    }

    /// What the main service says that it does not offer is not asked of it.
    fn offered(&self) -> Verdict {
        let needs = |feature: &str, what: &str| {
            if self.cx.place.is_main && !self.cx.facts().supports(feature) {
                return not_testable(format!("the server announces that it offers no {what}"));
            }
            Ok(())
        };
        if self.method == "PATCH" {
            needs("patch", "PATCH")?;
        }
        if self.query.contains("filter=") {
            needs("filter", "filters")?;
        }
        if self.query.contains("sortBy=") {
            needs("sort", "sorting")?;
        }
        Ok(())
    }

    async fn send(self) -> Verdict<Reply> {
        self.offered()?;
        let shown = self.shown();
        let place = &self.cx.place;
        let target = match self.path.strip_prefix(place.origin.as_str()) {
            Some(path) => path.to_owned(),
            None if self.path.contains("://") => {
                return wrong(shown, format!("a URL that begins with {}", place.origin), self.path);
            }
            None => format!("{}{}", place.path, self.path),
        };
        let mut request = Request::new(self.method.clone(), format!("{target}{}", self.query))
            .with_header("Host", place.host.clone());
        request.headers.extend(self.headers.iter().cloned());
        request.body = self.body;
        let response = match send(place.address, &cut(&request)).await {
            Ok(response) => response,
            Err(error) => return wrong(shown, "an answer", error.to_string()),
        };
        if let Some(traffic) = &self.cx.session.traffic {
            traffic.note(self.cx.row, &request, &response);
        }
        let endpoint = self.path.trim_start_matches(&place.service_url());
        let endpoint = endpoint.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
        let reply = Reply::new(shown, format!("/{endpoint}"), response);
        if self.method == "POST" && reply.status == 201 && reply.json["id"].is_string() {
            self.cx.made(reply.path()?);
        }
        Ok(reply)
    }
}

impl<'c> IntoFuture for Call<'c> {
    type Output = Verdict<Reply>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'c>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_where_the_headers_say_so() {
        let whole = Request::new("POST", "/").with_body("abc");
        assert_eq!(cut(&whole), whole);
        let pieces = cut(&whole.with_header("transfer-encoding", "chunked"));
        assert_eq!(pieces.body.unwrap(), b"3\r\nabc\r\n0\r\n\r\n");
    }
}
