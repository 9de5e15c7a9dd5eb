//! Tokens, refused in awork's words.

use scim_awork::AworkRefusal;
use scim_http::{Access, AuthError, Authenticator, Principal};

/// Tokens of a workspace's integrations: who is not let in is told so as by any other refusal of awork
/// (domain section 5).
pub(crate) struct AworkTokens<A>(pub(crate) A);

impl<A: Authenticator> Authenticator for AworkTokens<A> {
    async fn authenticate(&self, bearer: Option<&str>, access: &Access<'_>) -> Result<Principal, AuthError> {
        self.0.authenticate(bearer, access).await
    }

    fn reword(&self, error: &AuthError) -> String {
        match error {
            AuthError::Missing | AuthError::Invalid => AworkRefusal::TokenRefused.to_string(),
            other => self.0.reword(other),
        }
    }
}
