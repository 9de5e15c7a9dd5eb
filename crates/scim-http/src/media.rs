//! Media types: what a body is, and what an answer should be ([RFC 7644 §3.8]).
//!
//! [RFC 7644 §3.8]: https://www.rfc-editor.org/rfc/rfc7644#section-3.8

use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use scim_core::Problem;

pub(crate) const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The type of an answer: `application/json` when nothing else was asked for, else the type of SCIM.
/// No `Accept` is ever refused (A23).
pub(crate) fn answer_type(headers: &HeaderMap) -> HeaderValue {
    let mut asked = false;
    for value in headers.get_all(ACCEPT) {
        for range in value.as_bytes().split(|&byte| byte == b',') {
            let range = essence(range);
            if range.is_empty() {
                continue;
            }
            if !range.eq_ignore_ascii_case(b"application/json") {
                return SCIM_JSON;
            }
            asked = true;
        }
    }
    if asked { JSON } else { SCIM_JSON }
}

/// Takes a body whose type is missing, malformed or some kind of JSON (7644-3.8-04).
pub(crate) fn check_content_type(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let essence = essence(value.as_bytes()).to_ascii_lowercase();
    let malformed = !essence.contains(&b'/') || essence.contains(&b'*');
    if malformed || essence.ends_with(b"/json") || essence.ends_with(b"+json") {
        return Ok(());
    }
    let shown: String =
        String::from_utf8_lossy(&essence).chars().filter(|c| !c.is_control()).take(80).collect();
    let message = format!("a body of type `{shown}` is not read: send `application/scim+json`");
    Err(Problem::plain(415, message))
}

/// A media type without its parameters.
fn essence(value: &[u8]) -> &[u8] {
    value.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &http::HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    /// 7644-3.8-02, 7644-3.8-03.
    #[test]
    fn the_answer_is_scim_unless_json_alone_is_asked_for() {
        for (accept, expected) in [
            (&[][..], SCIM_JSON),
            (&[""], SCIM_JSON),
            (&["*/*"], SCIM_JSON),
            (&["application/scim+json"], SCIM_JSON),
            (&["application/json"], JSON),
            (&["Application/JSON; charset=utf-8, "], JSON),
            (&["application/json, application/scim+json"], SCIM_JSON),
            (&["application/json", "text/plain"], SCIM_JSON),
            (&["application/json, */*;q=0.1"], SCIM_JSON),
            (&["text/html"], SCIM_JSON),
            (&["bogus;;,"], SCIM_JSON),
        ] {
            assert_eq!(answer_type(&headers(&ACCEPT, accept)), expected, "{accept:?}");
        }
    }

    /// 7644-3.8-04.
    #[test]
    fn bodies_are_json_unless_they_say_otherwise() {
        assert_eq!(check_content_type(&HeaderMap::new()), Ok(()));
        for (value, taken) in [
            ("application/scim+json; charset=utf-8", true),
            ("APPLICATION/JSON", true),
            ("application/json-patch+json", true),
            ("text/json", true),
            ("", true),
            ("json", true),
            ("*/*", true),
            ("text/plain", false),
            ("application/xml;x=json", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data; boundary=x", false),
        ] {
            let checked = check_content_type(&headers(&CONTENT_TYPE, &[value]));
            assert_eq!(checked.is_ok(), taken, "{value}");
        }
    }
}
