//! How listings are paged: by index, or by cursor (RFC 9865), and what a request asks for.

pub(crate) mod anchor;
pub(crate) mod cursor;
pub(crate) mod keys;
pub(crate) mod place;
pub(crate) mod walk_id;

use scim_core::message::{PaginationMethod, SearchRequest};
use scim_core::{Problem, ScimType};

use crate::provisioning::Features;

/// Which ways of paging a service offers ([RFC 7644 §3.4.2.4], RFC 9865).
///
/// [RFC 7644 §3.4.2.4]: https://www.rfc-editor.org/rfc/rfc7644#section-3.4.2.4
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Paging {
    /// By index only.
    Index,
    /// By cursor only, also where a request does not say so (9865-2.3-01).
    Cursor,
    /// Both.
    Both {
        /// What a request means that names neither (9865-2.4-01).
        default: PaginationMethod,
    },
}

impl Paging {
    /// Whether pages are found by index.
    #[must_use]
    pub fn by_index(self) -> bool {
        matches!(self, Self::Index | Self::Both { .. })
    }

    /// Whether pages are found by cursor.
    #[must_use]
    pub fn by_cursor(self) -> bool {
        matches!(self, Self::Cursor | Self::Both { .. })
    }

    /// What a request means that names neither.
    #[must_use]
    pub fn default_method(self) -> PaginationMethod {
        match self {
            Self::Index => PaginationMethod::Index,
            Self::Cursor => PaginationMethod::Cursor,
            Self::Both { default } => default,
        }
    }
}

/// Where the page begins that a request asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Start<'s> {
    /// At the record of this number, from 1.
    Index(u64),
    /// At the beginning of a walk by cursor.
    Walk,
    /// Where this cursor says.
    Cursor(&'s str),
}

impl<'s> Start<'s> {
    /// What the request asks for (7644-3.4.2.4-01, 9865-2-02, 9865-2.3-01, 9865-2.4-01, 9865-2.4-02).
    pub(crate) fn of(search: &'s SearchRequest, paging: Paging) -> Result<Self, Problem> {
        let bad = |detail| Err(Problem::bad_request(ScimType::InvalidValue, detail));
        match (search.cursor.as_deref(), search.start_index) {
            (Some(_), _) if !paging.by_cursor() => {
                bad("`cursor` is not offered here: page with `startIndex` and `count`")
            }
            (Some(_), Some(_)) => bad("`cursor` and `startIndex` exclude each other: send one of them"),
            (Some(""), None) => Ok(Self::Walk),
            (Some(cursor), None) => Ok(Self::Cursor(cursor)),
            (None, Some(2..)) if !paging.by_index() => {
                bad("`startIndex` is not offered here: page with `cursor` and `count`")
            }
            (None, _) if !paging.by_index() => Ok(Self::Walk),
            (None, None) if paging.default_method() == PaginationMethod::Cursor => Ok(Self::Walk),
            (None, index) => Ok(Self::Index(index.unwrap_or(1).max(1).unsigned_abs())),
        }
    }
}

/// How many resources a page holds at most (7644-3.4.2.4-04, 7644-3.4.2.4-05, 9865-2-05): below 0 counts
/// as 0, above the limit as the limit.
pub(crate) fn page_size(count: Option<i64>, features: &Features) -> usize {
    let most = features.most_results;
    match count {
        None => features.default_count.min(most),
        Some(count) => usize::try_from(count.max(0)).unwrap_or(most).min(most),
    }
}

/// 7644-3.4.2.1-02: refuses a list that matches more than the service allows. A total alone, asked for
/// with a count of 0, is always told.
pub(crate) fn within_ceiling(total: u64, search: &SearchRequest, features: &Features) -> Result<(), Problem> {
    let Some(most) = features.ceiling.filter(|most| total > *most) else { return Ok(()) };
    if page_size(search.count, features) == 0 {
        return Ok(());
    }
    let detail = format!("the list has {total} resources, and {most} are allowed: send a narrower `filter`");
    Err(Problem::bad_request(ScimType::TooMany, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 7644-3.4.2.1-02: what is over the ceiling is refused, however small the page; a total is told.
    #[test]
    fn a_ceiling_bounds_what_a_list_matches() {
        for (ceiling, total, count, refused) in [
            (None, u64::MAX, None, false),
            (Some(20), 20, None, false),
            (Some(20), 21, None, true),
            (Some(20), 21, Some(1), true),
            (Some(20), 21, Some(0), false),
            (Some(20), 21, Some(-1), false),
            (Some(0), 1, None, true),
        ] {
            let features = Features { ceiling, ..Features::default() };
            let search = SearchRequest { count, ..SearchRequest::default() };
            let checked = within_ceiling(total, &search, &features);
            assert_eq!(checked.is_err(), refused, "{ceiling:?} {total} {count:?}");
            if let Err(problem) = checked {
                assert_eq!((problem.status, problem.scim_type), (400, Some(ScimType::TooMany)));
                assert!(problem.detail.contains("21") || total == 1, "{}", problem.detail);
            }
        }
    }

    /// 9865-2-02, 9865-2.3-01, 9865-2.4-01, 9865-2.4-02, 7644-3.4.2.4-01.
    #[test]
    fn what_a_request_asks_for() {
        let both = |default| Paging::Both { default };
        let (index, cursor) = (both(PaginationMethod::Index), both(PaginationMethod::Cursor));
        for (paging, text, number, expected) in [
            (index, None, None, Some(Start::Index(1))),
            (index, None, Some(-5), Some(Start::Index(1))),
            (index, None, Some(7), Some(Start::Index(7))),
            (index, Some(""), None, Some(Start::Walk)),
            (index, Some("x"), None, Some(Start::Cursor("x"))),
            (index, Some(""), Some(1), None),
            (index, Some("x"), Some(2), None),
            (cursor, None, None, Some(Start::Walk)),
            (cursor, None, Some(1), Some(Start::Index(1))),
            (cursor, Some("x"), None, Some(Start::Cursor("x"))),
            (Paging::Cursor, None, None, Some(Start::Walk)),
            (Paging::Cursor, None, Some(1), Some(Start::Walk)),
            (Paging::Cursor, None, Some(2), None),
            (Paging::Cursor, Some("x"), None, Some(Start::Cursor("x"))),
            (Paging::Cursor, Some("x"), Some(1), None),
            (Paging::Index, None, None, Some(Start::Index(1))),
            (Paging::Index, Some(""), None, None),
            (Paging::Index, Some("x"), Some(1), None),
        ] {
            let search = SearchRequest {
                cursor: text.map(str::to_owned),
                start_index: number,
                ..SearchRequest::default()
            };
            let start = Start::of(&search, paging);
            assert_eq!(start.as_ref().ok(), expected.as_ref(), "{paging:?} {search:?}");
            if let Err(problem) = start {
                assert_eq!((problem.status, problem.scim_type), (400, Some(ScimType::InvalidValue)));
            }
        }
    }
}
