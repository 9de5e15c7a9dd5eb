//! Tokens that are known when the server starts.

use std::sync::Arc;

use scim_core::Problem;
use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::{Access, AuthError, Authenticator, Principal, TokenHash};

/// A fixed set of tokens, kept as hashes and compared in constant time.
///
/// ```
/// use scim_engine::Caller;
/// use scim_engine::store::TenantId;
/// use scim_http::{Grant, Principal, StaticTokens, Token};
///
/// let token = Token::generate()?;
/// let principal = Principal { tenant: TenantId::new("acme")?, caller: Caller::default() };
/// let tokens = StaticTokens::new([(token.hash(), Grant::new(principal))]);
/// # let _ = tokens;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct StaticTokens(Arc<[(TokenHash, Grant)]>);

/// What the bearer of a token may do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grant {
    /// Who it is.
    pub principal: Principal,
    /// Whether it may change resources; else 403 (7644-2-02).
    pub writes: bool,
    /// When it ends, in milliseconds since 1970 (7644-7.3-01).
    pub expires: Option<i64>,
}

impl Grant {
    /// Everything, for good.
    #[must_use]
    pub fn new(principal: Principal) -> Self {
        Self { principal, writes: true, expires: None }
    }

    /// The bearer, if the grant still holds and covers what is asked for.
    pub(super) fn admit(&self, access: &Access<'_>) -> Result<Principal, AuthError> {
        if self.expires.is_some_and(|expires| expires <= access.now) {
            return Err(AuthError::Invalid);
        }
        if access.operation.writes() && !self.writes {
            let message = "the token may only read: use one that may write";
            return Err(AuthError::Forbidden(Problem::plain(403, message)));
        }
        Ok(self.principal.clone())
    }
}

impl StaticTokens {
    /// Takes these tokens.
    pub fn new(tokens: impl IntoIterator<Item = (TokenHash, Grant)>) -> Self {
        Self(tokens.into_iter().collect())
    }

    /// The grant of the token. Every hash is compared, so that the time tells nothing.
    fn find(&self, token: &str) -> Option<&Grant> {
        let hash = TokenHash::of(token);
        // The number of the grant, from 1; 0 is none.
        let mut found = 0_u64;
        for (number, (known, _)) in (1..).zip(self.0.iter()) {
            found.conditional_assign(&number, known.as_bytes().ct_eq(hash.as_bytes()));
        }
        let index = usize::try_from(found.checked_sub(1)?).ok()?;
        self.0.get(index).map(|(_, grant)| grant)
    }

    fn check(&self, bearer: Option<&str>, access: &Access<'_>) -> Result<Principal, AuthError> {
        self.find(bearer.ok_or(AuthError::Missing)?).ok_or(AuthError::Invalid)?.admit(access)
    }
}

impl Authenticator for StaticTokens {
    async fn authenticate(&self, bearer: Option<&str>, access: &Access<'_>) -> Result<Principal, AuthError> {
        self.check(bearer, access)
    }
}

#[cfg(test)]
mod tests {
    use scim_engine::Caller;
    use scim_engine::store::TenantId;

    use super::super::{Operation, Token};
    use super::*;

    fn grant(tenant: &str) -> Grant {
        Grant::new(Principal { tenant: TenantId::new(tenant).unwrap(), caller: Caller::default() })
    }

    fn tokens() -> StaticTokens {
        let hash = |text| Token::from_text(text).hash();
        StaticTokens::new([
            (hash("first"), grant("a")),
            (hash("second"), Grant { writes: false, ..grant("b") }),
            (hash("third"), Grant { expires: Some(1000), ..grant("c") }),
        ])
    }

    fn outcome(bearer: Option<&str>, operation: Operation, now: i64) -> String {
        let access = Access { operation, kind: None, id: None, now };
        match tokens().check(bearer, &access) {
            Ok(principal) => principal.tenant.to_string(),
            Err(AuthError::Forbidden(problem)) => problem.status.to_string(),
            Err(error) => format!("{error:?}"),
        }
    }

    /// 7644-2-01, 7644-2-02, 7644-7.3-01: who may do what, and until when.
    #[test]
    fn tokens_grant_what_they_say() {
        use Operation::{Create, Query, Read};
        for (bearer, operation, now, expected) in [
            (Some("first"), Create, 0, "a"),
            (Some("second"), Read, 0, "b"),
            (Some("second"), Query, 0, "b"),
            (Some("second"), Create, 0, "403"),
            (Some("third"), Create, 999, "c"),
            (Some("third"), Create, 1000, "Invalid"),
            (Some("First"), Read, 0, "Invalid"),
            (Some(""), Read, 0, "Invalid"),
            (None, Read, 0, "Missing"),
        ] {
            assert_eq!(outcome(bearer, operation, now), expected, "{bearer:?} {operation:?} {now}");
        }
        assert!(StaticTokens::new([]).find("first").is_none());
    }
}
