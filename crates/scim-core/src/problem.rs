//! What goes wrong with a request, and how the standard says it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The keyword of an error ([RFC 7644 §3.12], RFC 9865 §2.1).
///
/// [RFC 7644 §3.12]: https://www.rfc-editor.org/rfc/rfc7644#section-3.12
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ScimType {
    /// A filter cannot be parsed, or an operator does not suit the type.
    InvalidFilter,
    /// The result is larger than policy allows.
    TooMany,
    /// A value is already taken.
    Uniqueness,
    /// The target is read-only, set for good, or required.
    Mutability,
    /// The body cannot be read, or is no message of the right kind.
    InvalidSyntax,
    /// The path of a PATCH is malformed or names an unknown attribute.
    InvalidPath,
    /// A remove without path, or a value filter that selects nothing.
    NoTarget,
    /// A required value is missing, or a value does not fit.
    InvalidValue,
    /// The protocol version is not offered.
    InvalidVers,
    /// The request touches data that must not stand in a URL.
    Sensitive,
    /// The cursor is not ours, altered, or of another query.
    InvalidCursor,
    /// The cursor is too old.
    ExpiredCursor,
    /// The count is not acceptable in a cursor walk.
    InvalidCount,
}

impl ScimType {
    /// The keyword as it is printed.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

impl fmt::Display for ScimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal as the client will see it: status, keyword, and a text for the provider's admin.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{detail}")]
pub struct Problem {
    /// The HTTP status.
    pub status: u16,
    /// The keyword, where one fits.
    pub scim_type: Option<ScimType>,
    /// Which attribute, which value, what to do.
    pub detail: String,
}

impl Problem {
    /// A refusal with status 400.
    #[must_use]
    pub fn bad_request(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { status: 400, scim_type: Some(scim_type), detail: detail.into() }
    }

    /// A refusal without keyword.
    #[must_use]
    pub fn plain(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// A refusal because a value is already taken (A14).
    #[must_use]
    pub fn taken(detail: impl Into<String>) -> Self {
        Self { status: 409, scim_type: Some(ScimType::Uniqueness), detail: detail.into() }
    }
}
