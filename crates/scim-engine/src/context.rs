//! Who asks, when, and under which conditions: everything that varies between runs, as values.

use std::collections::BTreeMap;

use scim_core::Leniency;

use crate::scopes::Scopes;
use crate::store::{RecordRef, TenantId};

/// The circumstances of one request. A request replayed with the same values gives the same bytes.
#[derive(Clone, Debug)]
pub struct RequestContext {
    /// The tenant, as the credentials say.
    pub tenant: TenantId,
    /// The client that asks.
    pub caller: Caller,
    /// The time, in milliseconds since 1970.
    pub now: i64,
    /// The id that a resource gets if the request creates one.
    pub new_id: String,
    /// The id under which the request is found in the log.
    pub trace_id: String,
    /// Which tolerances apply.
    pub leniency: Leniency,
}

/// The client behind a request.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Caller {
    /// The id of the integration or client.
    pub id: String,
    /// What the application knows of it, such as which identity provider it is.
    pub labels: BTreeMap<String, String>,
    /// The resource that the client itself is: `/Me`, and what scopes over `self` are about.
    pub user: Option<RecordRef>,
    /// What it may do; everything by default.
    pub scopes: Scopes,
}

/// The `If-Match` of a write ([RFC 7644 §3.14]).
///
/// [RFC 7644 §3.14]: https://www.rfc-editor.org/rfc/rfc7644#section-3.14
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum IfMatch {
    /// None was sent.
    #[default]
    Unconditional,
    /// Any version will do: `*`.
    Any,
    /// One of these entity tags.
    Tags(Vec<String>),
}

impl IfMatch {
    /// Reads the value of the header; tags are kept as they are written.
    #[must_use]
    pub fn parse(header: &str) -> Self {
        let header = header.trim();
        if header == "*" {
            return Self::Any;
        }
        Self::Tags(header.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty()).collect())
    }

    /// Whether a record of this version may be written. Tags are compared weakly, and of
    /// `W/"<version>.<names>"` only the version counts: a rename elsewhere is no conflict.
    #[must_use]
    pub fn allows(&self, version: u64) -> bool {
        match self {
            Self::Unconditional | Self::Any => true,
            Self::Tags(tags) => tags.iter().any(|tag| tag_version(tag) == Some(version)),
        }
    }
}

/// The version in an entity tag of ours.
fn tag_version(tag: &str) -> Option<u64> {
    let opaque = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
    opaque.split_once('.').map_or(opaque, |(version, _)| version).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 7644-3.14-04: weak comparison, lists, and `*`.
    #[test]
    fn if_match_looks_at_the_version() {
        for (header, version, allowed) in [
            ("*", 7, true),
            ("W/\"7.1\"", 7, true),
            ("\"7.9\"", 7, true),
            ("W/\"6.1\", W/\"7.1\"", 7, true),
            ("W/\"6.1\"", 7, false),
            ("W/\"x\"", 7, false),
            ("7.1", 7, false),
            ("", 7, false),
        ] {
            assert_eq!(IfMatch::parse(header).allows(version), allowed, "{header}");
        }
        assert!(IfMatch::Unconditional.allows(1));
    }
}
