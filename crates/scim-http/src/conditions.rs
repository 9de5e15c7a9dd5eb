//! The headers that make a request conditional ([RFC 7644 §3.14]).
//!
//! [RFC 7644 §3.14]: https://www.rfc-editor.org/rfc/rfc7644#section-3.14

use http::HeaderMap;
use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use scim_engine::IfMatch;

/// The `If-Match` of a write; several headers count as one list.
pub(crate) fn if_match(headers: &HeaderMap) -> IfMatch {
    match joined(headers, &IF_MATCH) {
        Some(header) => IfMatch::parse(&header),
        None => IfMatch::Unconditional,
    }
}

/// Whether the client has this version already: its `If-None-Match` names the whole tag, or `*`.
///
/// Tags are compared weakly (7644-3.14-03).
pub(crate) fn is_known(headers: &HeaderMap, version: &str) -> bool {
    let Some(header) = joined(headers, &IF_NONE_MATCH) else { return false };
    header.trim() == "*" || header.split(',').any(|tag| opaque(tag.trim()) == opaque(version))
}

/// Whether a write is to happen only where there is nothing yet: `If-None-Match: *` (RFC 9110 §13.1.2).
pub(crate) fn expects_nothing(headers: &HeaderMap) -> bool {
    joined(headers, &IF_NONE_MATCH).is_some_and(|header| header.trim() == "*")
}

/// A tag without the mark of a weak one.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// All headers of that name as one; what is no text names no version.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut values = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default());
    let first = values.next()?.to_owned();
    Some(values.fold(first, |joined, value| joined + "," + value))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    /// 7644-3.14-03: the whole tag counts, weakly, in lists too.
    #[test]
    fn if_none_match_compares_the_whole_tag() {
        for (values, known) in [
            (&[][..], false),
            (&["*"], true),
            (&["W/\"7.1\""], true),
            (&["\"7.1\""], true),
            (&["W/\"6.1\" , W/\"7.1\""], true),
            (&["W/\"6.1\"", "W/\"7.1\""], true),
            (&["W/\"7.2\""], false),
            (&["7.1"], false),
            (&[""], false),
            (&["W/\"7.1"], false),
        ] {
            assert_eq!(is_known(&headers(&IF_NONE_MATCH, values), "W/\"7.1\""), known, "{values:?}");
        }
    }

    /// 7644-3.14-04: several headers are one list, and an unreadable one matches nothing.
    #[test]
    fn if_match_is_read_from_all_headers() {
        assert_eq!(if_match(&HeaderMap::new()), IfMatch::Unconditional);
        assert_eq!(if_match(&headers(&IF_MATCH, &["*"])), IfMatch::Any);
        let tags = IfMatch::Tags(vec!["\"1\"".into(), "\"2\"".into()]);
        assert_eq!(if_match(&headers(&IF_MATCH, &["\"1\"", "\"2\""])), tags);
        let mut unreadable = HeaderMap::new();
        unreadable.insert(IF_MATCH, HeaderValue::from_bytes(b"\"\xff\"").unwrap());
        assert_eq!(if_match(&unreadable), IfMatch::Tags(Vec::new()));
    }
}
