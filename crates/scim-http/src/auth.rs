//! Who asks: from the `Authorization` header of each request to a tenant and a caller.

mod rate_limit;
mod static_tokens;
mod store_tokens;
mod token;

use std::error::Error as StdError;
use std::future::Future;

use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use scim_core::{Problem, Registry};
use scim_engine::store::TenantId;
use scim_engine::{Caller, Verb};

pub use rate_limit::{Rate, RateLimited};
pub use static_tokens::{Grant, StaticTokens};
pub use store_tokens::StoreTokens;
pub use token::{Token, TokenHash, TokenHashError};

/// Decides who a request comes from and whether it may do what it asks.
///
/// It is asked for every request; nothing that it says is kept. The token comes from the header
/// `Authorization` and from nowhere else (7644-7.3-01). The service sees to it that the
/// [scopes](scim_engine::Scopes) of the caller are kept, so most authenticators need only say who it is.
///
/// ```
/// use scim_http::{Access, AuthError, Authenticator, Principal};
///
/// /// Asks the application whose token it is.
/// struct OwnTokens;
///
/// impl Authenticator for OwnTokens {
///     async fn authenticate(&self, bearer: Option<&str>, access: &Access<'_>) -> Result<Principal, AuthError> {
///         let _token = bearer.ok_or(AuthError::Missing)?;
///         let _writes = access.operation.writes();
///         Err(AuthError::Invalid)
///     }
/// }
/// ```
pub trait Authenticator: Send + Sync + 'static {
    /// Says who sent the token, or why the request is not taken.
    ///
    /// `bearer` is none when the header is missing or of another scheme than `Bearer`. An anonymous
    /// client may be let in even so (7644-2.2-01).
    ///
    /// # Errors
    ///
    /// Returns an [`AuthError`] when the request is to end here.
    fn authenticate(
        &self,
        bearer: Option<&str>,
        access: &Access<'_>,
    ) -> impl Future<Output = Result<Principal, AuthError>> + Send;

    /// Says in the words of the application why a client is not let in; those of
    /// [`Forbidden`](AuthError::Forbidden) are its own already.
    fn reword(&self, error: &AuthError) -> String {
        error.to_string()
    }
}

/// Who a request comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Principal {
    /// The tenant whose data it sees.
    pub tenant: TenantId,
    /// The client.
    pub caller: Caller,
}

/// What a request wants to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Access<'r> {
    /// What it does.
    pub operation: Operation,
    /// The resource type, where the path names one; `/Me` does not.
    pub kind: Option<&'r str>,
    /// The id, where the path names one; `/Me` does not.
    pub id: Option<&'r str>,
    /// The time, in milliseconds since 1970.
    pub now: i64,
}

/// What a request does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Operation {
    /// Reads configuration, resource types or schemas.
    Discover,
    /// Reads one resource.
    Read,
    /// Lists resources, by GET or by POST.
    Query,
    /// Creates a resource.
    Create,
    /// Replaces a resource.
    Replace,
    /// Changes a resource.
    Patch,
    /// Deletes a resource.
    Delete,
    /// Sends several of the four above, each of which is decided about on its own as well (7644-3.7-14).
    Bulk,
    /// None of these: the request will be refused.
    Other,
}

impl Operation {
    /// Whether it changes resources. A bulk request itself does not: its operations do.
    #[must_use]
    pub fn writes(self) -> bool {
        match self {
            Self::Create | Self::Replace | Self::Patch | Self::Delete => true,
            Self::Discover | Self::Read | Self::Query | Self::Bulk | Self::Other => false,
        }
    }

    /// Whether it is one of the [`ProvisioningEngine`](scim_engine::ProvisioningEngine), which lets it in.
    pub(crate) fn is_let_in_by_engine(self) -> bool {
        match self {
            Self::Create | Self::Read | Self::Replace | Self::Patch | Self::Delete | Self::Query => true,
            Self::Discover | Self::Bulk | Self::Other => false,
        }
    }

    /// The name used in logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Discover => "discover",
            Self::Read => "read",
            Self::Query => "query",
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::Bulk => "bulk",
            Self::Other => "other",
        }
    }

    /// What a method does to one resource.
    pub(crate) fn on_resource(method: &Method) -> Self {
        match method.as_str() {
            "GET" | "HEAD" => Self::Read,
            "PUT" => Self::Replace,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            _ => Self::Other,
        }
    }
}

/// 7644-2-02, 7644-2-03: whether the scopes of the caller cover what it asks for.
pub(crate) fn authorise(registry: &Registry, caller: &Caller, access: &Access<'_>) -> Result<(), Problem> {
    let verb = match access.operation {
        // Each operation of a bulk request is looked at by itself (7644-3.7-14).
        Operation::Discover | Operation::Bulk | Operation::Other => return Ok(()),
        Operation::Read | Operation::Query => Verb::Read,
        Operation::Create => Verb::Create,
        Operation::Replace | Operation::Patch | Operation::Delete => Verb::Write,
    };
    match access.kind {
        Some(kind) => caller.check(verb, kind, access.id),
        // One type is enough to ask all of them; the listing holds only what may be read.
        None => {
            let mut checks = registry.types().iter().map(|def| caller.check(verb, def.name(), None));
            checks.clone().find(Result::is_ok).or_else(|| checks.next()).unwrap_or(Ok(()))
        }
    }
}

/// Why a request is not taken.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// There is no token: 401.
    #[error("the request carries no token: send it as `Authorization: Bearer …`")]
    Missing,
    /// The token is unknown, revoked or too old: 401.
    #[error("the token is not valid: check that it was copied whole, or make a new one")]
    Invalid,
    /// The client is known and may not do this, or not now. With status 401 it is told how to
    /// authenticate, as with [`Invalid`](Self::Invalid).
    #[error("{0}")]
    Forbidden(Problem),
    /// The client asks too often: 429.
    #[error("too many requests: wait {retry_after} s and repeat the request")]
    TooMany {
        /// After how many seconds it may ask again.
        retry_after: u32,
    },
    /// Nobody can tell now: 503. What happened goes to the log.
    #[error("the token cannot be checked now: try again")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
}

/// The token of the request; an error when the header cannot be meant for us at all.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, AuthError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    // Two tokens leave open who asks.
    let (Ok(value), None) = (value.to_str(), values.next()) else { return Err(AuthError::Invalid) };
    let (scheme, token) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
    Ok(scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    /// 7644-2-01: what counts as a token.
    #[test]
    fn the_token_stands_behind_bearer() {
        for (value, token) in [
            ("Bearer abc", Some("abc")),
            ("bearer   abc ", Some("abc")),
            ("BEARER a b", Some("a b")),
            ("Bearer", Some("")),
            ("non-token", None),
            ("Basic YTpi", None),
            ("", None),
        ] {
            let headers = [(AUTHORIZATION, HeaderValue::from_str(value).unwrap())].into_iter().collect();
            assert_eq!(bearer(&headers).unwrap(), token, "{value}");
        }
        assert_eq!(bearer(&HeaderMap::new()).unwrap(), None);
    }

    #[test]
    fn a_header_that_cannot_be_read_is_invalid() {
        let unreadable = [(AUTHORIZATION, HeaderValue::from_bytes(b"Bearer \xff").unwrap())];
        assert!(matches!(bearer(&unreadable.into_iter().collect()), Err(AuthError::Invalid)));
        let mut twice = HeaderMap::new();
        twice.append(AUTHORIZATION, HeaderValue::from_static("Bearer a"));
        twice.append(AUTHORIZATION, HeaderValue::from_static("Bearer b"));
        assert!(matches!(bearer(&twice), Err(AuthError::Invalid)));
    }
}
