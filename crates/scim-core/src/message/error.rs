//! Errors, typed.

use serde::{Deserialize, Serialize};

use super::schemas::{ErrorSchemas, status};
use crate::problem::{Problem, ScimType};

/// An error, typed, for whoever reads one ([RFC 7644 §3.12]).
///
/// [RFC 7644 §3.12]: https://www.rfc-editor.org/rfc/rfc7644#section-3.12
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorResponse {
    schemas: ErrorSchemas,
    /// The HTTP status.
    #[serde(with = "status")]
    pub status: u16,
    /// The keyword, where one fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scim_type: Option<Keyword>,
    /// What went wrong, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// The keyword of an error: one of the standard, or any other exactly as it was sent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Keyword {
    /// A keyword of the standard.
    Known(ScimType),
    /// Any other.
    Other(String),
}

impl From<Problem> for ErrorResponse {
    fn from(problem: Problem) -> Self {
        Self {
            schemas: ErrorSchemas,
            status: problem.status,
            scim_type: problem.scim_type.map(Keyword::Known),
            detail: Some(problem.detail),
        }
    }
}
