//! What makes two pages parts of one walk: who asks, and for what.

use scim_core::message::SearchRequest;
use scim_core::syntax::Filter;
use sha2::{Digest, Sha256};

use crate::context::RequestContext;

/// Stands for tenant, client, resource type or root, filter and order. Which attributes are shown, and
/// how many resources a page holds, may change within a walk.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct WalkId([u8; 32]);

impl WalkId {
    /// The walk of a request. `filter` is the request's filter, read, so that blanks make no other walk; `sorted`
    /// says whether an order is taken at all.
    pub(crate) fn of(
        context: &RequestContext,
        kind: Option<&str>,
        filter: Option<&Filter<'_>>,
        search: &SearchRequest,
        sorted: bool,
    ) -> Self {
        let filter = filter.map(ToString::to_string);
        let sort_by = search.sort_by.as_deref().map(str::trim).filter(|by| sorted && !by.is_empty());
        let sort_by = sort_by.map(str::to_ascii_lowercase);
        // The words that are no direction have been refused.
        let descending = sort_by.is_some()
            && search
                .sort_order
                .as_deref()
                .is_some_and(|word| word.trim().eq_ignore_ascii_case("descending"));
        let mut digest = Sha256::new();
        for part in [
            Some(context.tenant.as_str()),
            Some(&context.caller.id),
            kind,
            filter.as_deref(),
            sort_by.as_deref(),
            descending.then_some("descending"),
        ] {
            // Lengths keep neighbours apart; nothing is not the empty text.
            let length = part.map_or(u64::MAX, |part| part.len() as u64);
            digest.update(length.to_be_bytes());
            digest.update(part.unwrap_or_default());
        }
        Self(digest.finalize().into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use scim_core::Leniency;
    use scim_core::syntax::parse_filter;

    use super::*;
    use crate::context::Caller;
    use crate::store::TenantId;

    pub(crate) fn context(tenant: &str, caller: &str) -> RequestContext {
        RequestContext {
            tenant: TenantId::new(tenant).unwrap(),
            caller: Caller { id: caller.to_owned(), ..Caller::default() },
            now: 1_700_000_000_000,
            new_id: String::new(),
            trace_id: String::new(),
            leniency: Leniency::default(),
        }
    }

    fn id(
        (tenant, caller): (&str, &str),
        kind: Option<&str>,
        filter: Option<&str>,
        sort: (Option<&str>, Option<&str>),
    ) -> WalkId {
        let search = SearchRequest {
            sort_by: sort.0.map(str::to_owned),
            sort_order: sort.1.map(str::to_owned),
            ..SearchRequest::default()
        };
        let filter = filter.map(|filter| parse_filter(filter).unwrap());
        WalkId::of(&context(tenant, caller), kind, filter.as_ref(), &search, true)
    }

    /// 9865-2.1-01, 9865-2.1-04, 9865-5.2-01: whoever asks for something else is on another walk.
    #[test]
    fn walks_differ_in_all_that_counts() {
        let (user, pr) = (Some("User"), Some("userName pr"));
        let ids = [
            id(("a", "c"), user, pr, (None, None)),
            id(("b", "c"), user, pr, (None, None)),
            id(("a", "d"), user, pr, (None, None)),
            id(("ac", ""), user, pr, (None, None)),
            id(("a", "c"), None, pr, (None, None)),
            id(("a", "c"), Some("Group"), pr, (None, None)),
            id(("a", "c"), user, None, (None, None)),
            id(("a", "c"), user, Some("id pr"), (None, None)),
            id(("a", "c"), user, pr, (Some("userName"), None)),
            id(("a", "c"), user, pr, (Some("title"), None)),
            id(("a", "c"), user, pr, (Some("userName"), Some("descending"))),
        ];
        for (at, one) in ids.iter().enumerate() {
            assert!(ids[..at].iter().all(|other| other != one), "{at}");
        }
    }

    #[test]
    fn the_same_walk_may_be_written_in_other_ways() {
        let who = ("a", "c");
        let same = id(who, None, Some("userName pr"), (Some("userName"), None));
        for (filter, sort) in [
            ("  userName  pr ", (Some("userName"), Some("ascending"))),
            ("userName pr", (Some(" USERNAME "), Some(" Ascending"))),
        ] {
            assert_eq!(id(who, None, Some(filter), sort), same, "{filter:?} {sort:?}");
        }
        let unsorted = id(who, None, None, (None, None));
        assert_eq!(id(who, None, None, (Some(" "), Some("descending"))), unsorted);
    }
}
