//! Why a request was not carried out, and how the standard says it: one place for all of it.

use scim_core::{BindError, PatchError, PatchRequestError, Problem, SchemaError, ScimType};

use crate::store::StoreError;

/// Why a request was not carried out.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The body does not fit the schema.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// The body is no PATCH.
    #[error(transparent)]
    PatchRequest(#[from] PatchRequestError),
    /// The PATCH does not suit the resource.
    #[error(transparent)]
    Patch(#[from] PatchError),
    /// The filter cannot be parsed.
    #[error("`filter` is invalid: {0}")]
    FilterSyntax(#[from] scim_core::syntax::ParseFilterError),
    /// The filter does not suit the resource type.
    #[error("`filter` is invalid: {0}")]
    Filter(#[from] BindError),
    /// There is no such resource.
    #[error("there is no {kind} with the id `{id}`")]
    NotFound {
        /// The resource type.
        kind: String,
        /// The id as sent, shortened.
        id: String,
    },
    /// The resource is not of the version that the client knows.
    #[error("the resource has changed since: read it again and repeat the request with its new version")]
    PreconditionFailed,
    /// The request changes more links than one commit takes.
    #[error("`{attribute}` would change more than {most} values at once: send them in several requests")]
    TooManyLinks {
        /// The attribute.
        attribute: String,
        /// The limit.
        most: usize,
    },
    /// The application refuses, or a parameter is wrong.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// Others wrote the same things all the time.
    #[error("the resource is being changed by many requests at once: try again")]
    Busy,
    /// The store did not answer.
    #[error("the service cannot answer now: try again")]
    Store(#[from] StoreError),
    /// The rules never came to a decision: a fault of the application.
    #[error("the service could not decide about the request")]
    Undecided,
}

impl EngineError {
    /// The error as an answer. What made a store fail stays in the log.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Schema(error) => error.problem(),
            Self::PatchRequest(error) => error.problem(),
            Self::Patch(error) => error.problem(),
            Self::FilterSyntax(_) | Self::Filter(_) => {
                Problem::bad_request(ScimType::InvalidFilter, self.to_string())
            }
            Self::NotFound { .. } => Problem::plain(404, self.to_string()),
            Self::PreconditionFailed => Problem::plain(412, self.to_string()),
            Self::TooManyLinks { .. } => Problem::plain(413, self.to_string()),
            Self::Refused(problem) => problem.clone(),
            Self::Busy => Problem::plain(503, self.to_string()),
            Self::Store(StoreError::Unavailable(_)) => Problem::plain(503, self.to_string()),
            Self::Store(StoreError::TooSlow) => Problem::bad_request(
                ScimType::TooMany,
                "the query takes too long: filter or sort by an indexed attribute, such as `userName`",
            ),
            Self::Store(StoreError::Damaged(_)) | Self::Undecided => {
                Problem::plain(500, "the service has an internal fault: tell its operator the trace id")
            }
        }
    }

    /// How many seconds a client should wait before it tries again, if that may help.
    #[must_use]
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Busy | Self::Store(StoreError::Unavailable(_)) => Some(1),
            _ => None,
        }
    }
}

/// The error for an id that names nothing; the id is cut to what fits a message.
pub(crate) fn not_found(kind: &str, id: &str) -> EngineError {
    let id = id.chars().take(64).map(|c| if c.is_control() { ' ' } else { c }).collect();
    EngineError::NotFound { kind: kind.to_owned(), id }
}
