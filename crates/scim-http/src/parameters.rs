//! The parameters of a URL: `+` and `%xx`, in any order, with whatever else stands there.

use std::borrow::Cow;

use percent_encoding::percent_decode;
use scim_core::message::SearchRequest;
use scim_core::{Problem, ScimType, Selection};

/// What a query asks for (7644-3.4.2-06: unknown parameters are ignored; 9865-2.1-03: a count beside a
/// cursor has a keyword of its own).
pub(crate) fn search(query: Option<&str>) -> Result<SearchRequest, Problem> {
    let mut search = SearchRequest::default();
    let walks = has(query, "cursor");
    for (name, value) in pairs(query) {
        let name = name?;
        let is_count = name.eq_ignore_ascii_case("count");
        search.set_parameter(&name, &value?).map_err(|problem| problem.of_count(walks && is_count))?;
    }
    Ok(search)
}

/// What the answer about one resource is to hold; filter, sorting and paging mean nothing there
/// (7644-3.4.2.1-04).
pub(crate) fn selection(query: Option<&str>) -> Result<Selection, Problem> {
    if query.is_none_or(str::is_empty) {
        return Ok(Selection::Default);
    }
    let mut search = SearchRequest::default();
    for (name, value) in pairs(query) {
        let name = name?;
        if name.eq_ignore_ascii_case("attributes") || name.eq_ignore_ascii_case("excludedAttributes") {
            search.set_parameter(&name, &value?)?;
        }
    }
    Selection::new(search.attributes.as_deref(), search.excluded_attributes.as_deref())
}

/// Whether the query holds a filter, whatever it says (7644-4-06).
pub(crate) fn has_filter(query: Option<&str>) -> bool {
    has(query, "filter")
}

fn has(query: Option<&str>, wanted: &str) -> bool {
    pairs(query).any(|(name, _)| name.is_ok_and(|name| name.eq_ignore_ascii_case(wanted)))
}

type Decoded<'q> = Result<Cow<'q, str>, Problem>;

/// Names and values; an `&` at the end is nothing.
fn pairs(query: Option<&str>) -> impl Iterator<Item = (Decoded<'_>, Decoded<'_>)> {
    query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(name), decode(value))
    })
}

fn decode(text: &str) -> Decoded<'_> {
    let fault = |_| {
        let message = "the query of the URL is not UTF-8: percent-encode the bytes of UTF-8";
        Problem::bad_request(ScimType::InvalidValue, message)
    };
    if text.contains('+') {
        let blanks = text.replace('+', " ");
        let decoded = percent_decode(blanks.as_bytes()).decode_utf8().map_err(fault)?;
        return Ok(Cow::Owned(decoded.into_owned()));
    }
    percent_decode(text.as_bytes()).decode_utf8().map_err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 7644-3.4.2-06, 7644-3.10-02: unknown parameters are ignored, repeated ones joined.
    #[test]
    fn parameters_are_read_as_clients_write_them() {
        let read = search(Some("filter=userName+eq+%22x%2By%22&&foo=bar&count=5&")).unwrap();
        assert_eq!(read.filter.as_deref(), Some("userName eq \"x+y\""));
        assert_eq!(read.count, Some(5));
        let read = search(Some("ATTRIBUTES=userName,%20id&attributes=emails&startindex=%2B2&?")).unwrap();
        assert_eq!(read.attributes.as_deref(), Some("userName, id,emails"));
        assert_eq!(read.start_index, Some(2));
        assert_eq!(search(Some("cursor")).unwrap().cursor.as_deref(), Some(""));
        for nothing in [None, Some(""), Some("&"), Some("?")] {
            assert_eq!(search(nothing).unwrap(), SearchRequest::default());
        }
        for (query, scim_type) in [
            ("count=ten", ScimType::InvalidValue),
            ("filter=%ff", ScimType::InvalidValue),
            ("count=ten&Cursor", ScimType::InvalidCount),
            ("cursor=x&COUNT=ten", ScimType::InvalidCount),
            ("cursor=x&startIndex=ten", ScimType::InvalidValue),
        ] {
            assert_eq!(search(Some(query)).unwrap_err().scim_type, Some(scim_type), "{query}");
        }
    }

    /// 7644-3.4.2.1-04: only the selection counts on one resource.
    #[test]
    fn a_resource_takes_a_selection_alone() {
        assert_eq!(selection(Some("count=ten&filter=((&sortOrder=up")), Ok(Selection::Default));
        assert_eq!(
            selection(Some("excludedattributes=members&")),
            Ok(Selection::Except(vec!["members".into()]))
        );
        assert!(selection(Some("attributes=id&excludedAttributes=name")).is_err());
    }

    /// 7644-4-06.
    #[test]
    fn a_filter_is_seen() {
        assert!(has_filter(Some("a=b&Filter=x")) && has_filter(Some("%66ilter")));
        assert!(!has_filter(Some("a=filter")) && !has_filter(None));
    }
}
