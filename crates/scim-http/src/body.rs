//! Reads the body of a request: bounded in bytes and in time, then as one JSON object.

use std::error::Error as StdError;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError};
use scim_core::{Problem, ScimType};
use serde_json::{Map, Value};

use crate::config::HttpLimits;
use crate::json::Json;

/// A body as requests bring it.
pub(crate) trait RequestBody:
    Body<Data: Send, Error: Into<Box<dyn StdError + Send + Sync>>> + Send
{
}

impl<B: Body<Data: Send, Error: Into<Box<dyn StdError + Send + Sync>>> + Send> RequestBody for B {}

/// Reads a whole body. Nothing beyond the limit is kept, however it is sent.
pub(crate) async fn read<B: RequestBody>(body: B, limits: &HttpLimits) -> Result<Bytes, Problem> {
    let most = limits.body_bytes;
    if body.size_hint().lower() > u64::try_from(most).unwrap_or(u64::MAX) {
        return Err(too_large(most));
    }
    match tokio::time::timeout(limits.body_time, collect(body, most)).await {
        Ok(read) => read,
        Err(_) => Err(too_slow(limits.body_time)),
    }
}

async fn collect<B: RequestBody>(body: B, most: usize) -> Result<Bytes, Problem> {
    let mut body = std::pin::pin!(body);
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| broken(&*error.into(), most))?;
        let Ok(mut data) = frame.into_data() else { continue };
        if data.remaining() > most - first.len().max(whole.len()) {
            return Err(too_large(most));
        }
        // Most bodies come in one piece, which is then not copied.
        if first.is_empty() {
            first = data.copy_to_bytes(data.remaining());
        } else {
            if whole.is_empty() {
                whole.extend_from_slice(&first);
            }
            whole.extend_from_slice(&data.copy_to_bytes(data.remaining()));
        }
    }
    Ok(if whole.is_empty() { first } else { whole.freeze() })
}

/// Reads a JSON object; a byte order mark in front is skipped (7644-3.8-01).
pub(crate) fn parse(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        syntax(format!("the body is not UTF-8: byte {} does not fit", error.valid_up_to() + 1))
    })?;
    if text.trim_ascii().is_empty() {
        return Err(syntax("the body is empty, a JSON object is needed"));
    }
    match serde_json::from_str(text).map(|Json(value)| value) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(other) => Err(syntax(format!("the body must be a JSON object, not {}", kind(&other)))),
        // 7643-2.1-01: JSON as such, but it does not say what it means.
        Err(error) if error.is_data() => Err(syntax(format!("the body is unclear: {error}"))),
        Err(error) => {
            let message = error.to_string();
            if message.starts_with("number out of range") {
                let message = format!("the body holds a number that is too large: {message}");
                return Err(Problem::bad_request(ScimType::InvalidValue, message));
            }
            Err(syntax(format!("the body is not JSON: {message}")))
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn syntax(detail: impl Into<String>) -> Problem {
    Problem::bad_request(ScimType::InvalidSyntax, detail)
}

/// A body that ends in an error: cut off by the client, or by a limit that stands in front of us.
fn broken(error: &(dyn StdError + 'static), most: usize) -> Problem {
    let mut link = Some(error);
    while let Some(error) = link {
        if error.is::<LengthLimitError>() {
            return too_large(most);
        }
        link = error.source();
    }
    syntax("the body ended before it was complete")
}

fn too_large(most: usize) -> Problem {
    Problem::plain(413, format!("the body is larger than {most} bytes: send the change in several requests"))
}

fn too_slow(time: Duration) -> Problem {
    Problem::plain(408, format!("the body did not arrive within {} s: send it again", time.as_secs_f32()))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http_body::Frame;
    use http_body_util::{Full, StreamBody};

    use super::*;

    fn limits(body_bytes: usize) -> HttpLimits {
        HttpLimits { body_bytes, body_time: Duration::from_secs(5), ..HttpLimits::default() }
    }

    fn pieces(pieces: &'static [&'static str]) -> impl Body<Data = Bytes, Error = Infallible> {
        StreamBody::new(stream::iter(
            pieces.iter().map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes())))),
        ))
    }

    #[tokio::test]
    async fn the_limit_holds_to_the_byte() {
        for (body, limit, fits) in [
            (&["abc"][..], 3, true),
            (&["ab", "", "cd"], 4, true),
            (&["ab", "cd"], 3, false),
            (&["", ""], 0, true),
        ] {
            let read = read(pieces(body), &limits(limit)).await;
            assert_eq!(read.is_ok(), fits, "{body:?}");
            match read {
                Ok(bytes) => assert_eq!(bytes, body.concat()),
                Err(problem) => assert_eq!(problem.status, 413),
            }
        }
        assert_eq!(read(Full::new(Bytes::from_static(b"abcd")), &limits(3)).await.unwrap_err().status, 413);
    }

    #[tokio::test]
    async fn an_endless_body_is_left_at_the_limit() {
        let endless = stream::repeat_with(|| Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"[["))));
        assert_eq!(read(StreamBody::new(endless), &limits(1000)).await.unwrap_err().status, 413);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_times_out() {
        let stalled = stream::pending::<Result<Frame<Bytes>, Infallible>>();
        assert_eq!(read(StreamBody::new(stalled), &limits(1000)).await.unwrap_err().status, 408);
    }

    #[tokio::test]
    async fn a_broken_body_is_a_syntax_error() {
        let broken =
            stream::iter([Ok(Frame::data(Bytes::from_static(b"{"))), Err(std::io::Error::other("reset"))]);
        let problem = read(StreamBody::new(broken), &limits(1000)).await.unwrap_err();
        assert_eq!((problem.status, problem.scim_type), (400, Some(ScimType::InvalidSyntax)));
        assert!(!problem.detail.contains("reset"));
    }

    /// 7644-3.12-04, 7644-3.8-01: what cannot be read says where.
    #[test]
    fn json_is_one_object() {
        assert_eq!(parse(b"\xef\xbb\xbf {\"a\":1,\"b\":2}").unwrap()["b"], 2);
        let deep = "{\"a\":".repeat(129);
        for (body, scim_type, part) in [
            (&b""[..], ScimType::InvalidSyntax, "empty"),
            (b" \n", ScimType::InvalidSyntax, "empty"),
            (b"{\"a\":}", ScimType::InvalidSyntax, "line 1 column 6"),
            (b"{} x", ScimType::InvalidSyntax, "line 1 column 4"),
            (b"{\"a\":1,\"a\":2}", ScimType::InvalidSyntax, "`a` stands twice"),
            (b"[]", ScimType::InvalidSyntax, "not a list"),
            (b"null", ScimType::InvalidSyntax, "not null"),
            (b"\"x\"", ScimType::InvalidSyntax, "not a string"),
            (b"{\"a\":\"\xff\"}", ScimType::InvalidSyntax, "byte 7"),
            (b"{\"a\":\"\\ud800\"}", ScimType::InvalidSyntax, "line 1"),
            (b"{\"a\":1e999}", ScimType::InvalidValue, "too large"),
            (b"{\"a\":NaN}", ScimType::InvalidSyntax, "line 1 column 6"),
            (deep.as_bytes(), ScimType::InvalidSyntax, "recursion limit"),
        ] {
            let problem = parse(body).unwrap_err();
            assert_eq!((problem.status, problem.scim_type), (400, Some(scim_type)), "{problem}");
            assert!(problem.detail.contains(part), "{problem}");
        }
    }
}
