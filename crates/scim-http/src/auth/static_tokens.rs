//! Tokens that are known when the server starts.

use std::sync::Arc;

use scim_engine::Scopes;
use scim_engine::store::RecordRef;
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
pub struct StaticTokens {
    tokens: Arc<[(TokenHash, Grant)]>,
    anonymous: Option<Grant>,
}

/// Who the bearer of a token is, and until when.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Grant {
    /// Who it is, with what it may do.
    pub principal: Principal,
    /// When it ends, in milliseconds since 1970 (7644-7.3-01).
    pub expires: Option<i64>,
}

impl Grant {
    /// What the principal may do, for good.
    #[must_use]
    pub fn new(principal: Principal) -> Self {
        Self { principal, expires: None }
    }

    /// The same with other scopes (7644-2-02).
    #[must_use]
    pub fn with_scopes(mut self, scopes: Scopes) -> Self {
        self.principal.caller.scopes = scopes;
        self
    }

    /// The same for the user with that id: what `/Me` and scopes over `self` are about (7644-2-03).
    #[must_use]
    pub fn of_user(mut self, id: &str) -> Self {
        self.principal.caller.user = Some(RecordRef::new("User", id));
        self
    }

    /// The bearer, if the grant still holds.
    pub(super) fn admit(&self, access: &Access<'_>) -> Result<Principal, AuthError> {
        if self.expires.is_some_and(|expires| expires <= access.now) {
            return Err(AuthError::Invalid);
        }
        Ok(self.principal.clone())
    }
}

impl StaticTokens {
    /// Takes these tokens.
    pub fn new(tokens: impl IntoIterator<Item = (TokenHash, Grant)>) -> Self {
        Self { tokens: tokens.into_iter().collect(), anonymous: None }
    }

    /// The same for whoever sends no token at all, such as people who register themselves with the scope
    /// `create:User` (7644-2.2-01). Nobody is let in so by default.
    #[must_use]
    pub fn with_anonymous(mut self, grant: Grant) -> Self {
        self.anonymous = Some(grant);
        self
    }

    /// The grant of the token. Every hash is compared, so that the time tells nothing.
    fn find(&self, token: &str) -> Option<&Grant> {
        let hash = TokenHash::of(token);
        // The number of the grant, from 1; 0 is none.
        let mut found = 0_u64;
        for (number, (known, _)) in (1..).zip(self.tokens.iter()) {
            found.conditional_assign(&number, known.as_bytes().ct_eq(hash.as_bytes()));
        }
        let index = usize::try_from(found.checked_sub(1)?).ok()?;
        self.tokens.get(index).map(|(_, grant)| grant)
    }

    fn check(&self, bearer: Option<&str>, access: &Access<'_>) -> Result<Principal, AuthError> {
        let grant = match bearer {
            Some(token) => self.find(token).ok_or(AuthError::Invalid)?,
            None => self.anonymous.as_ref().ok_or(AuthError::Missing)?,
        };
        grant.admit(access)
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
            (hash("second"), grant("b").with_scopes(Scopes::reading()).of_user("u")),
            (hash("third"), Grant { expires: Some(1000), ..grant("c") }),
        ])
    }

    fn outcome(bearer: Option<&str>, operation: Operation, now: i64) -> String {
        let access = Access { operation, kind: None, id: None, now };
        match tokens().check(bearer, &access) {
            Ok(principal) => format!("{} {}", principal.tenant, principal.caller.scopes),
            Err(error) => format!("{error:?}"),
        }
    }

    /// 7644-2-01, 7644-2-02, 7644-7.3-01: who it is, with which scopes, and until when. The service sees
    /// to it that the scopes are kept.
    #[test]
    fn tokens_grant_what_they_say() {
        use Operation::{Create, Query, Read};
        for (bearer, operation, now, expected) in [
            (Some("first"), Create, 0, "a write"),
            (Some("second"), Read, 0, "b read"),
            (Some("second"), Query, 0, "b read"),
            (Some("third"), Create, 999, "c write"),
            (Some("third"), Create, 1000, "Invalid"),
            (Some("First"), Read, 0, "Invalid"),
            (Some(""), Read, 0, "Invalid"),
            (None, Read, 0, "Missing"),
        ] {
            assert_eq!(outcome(bearer, operation, now), expected, "{bearer:?} {operation:?} {now}");
        }
        assert!(StaticTokens::new([]).find("first").is_none());
        let own = tokens().check(Some("second"), &Access { operation: Read, kind: None, id: None, now: 0 });
        assert_eq!(own.unwrap().caller.user, Some(RecordRef::new("User", "u")));
    }

    /// 7644-2.2-01: who has no token is someone only where that was said; a wrong token never is.
    #[test]
    fn anonymous_clients_are_let_in_on_purpose_alone() {
        let open = tokens().with_anonymous(grant("d").with_scopes("create:User".parse().unwrap()));
        let access = Access { operation: Operation::Create, kind: Some("User"), id: None, now: 0 };
        assert_eq!(open.check(None, &access).unwrap().tenant.as_str(), "d");
        assert!(matches!(open.check(Some("wrong"), &access), Err(AuthError::Invalid)));
        assert!(matches!(tokens().check(None, &access), Err(AuthError::Missing)));
    }
}
