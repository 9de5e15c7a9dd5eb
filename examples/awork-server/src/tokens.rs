//! Who sends a request, by the token of a workspace's integration; refused in awork's words.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use scim_awork::command::{Act, NoteTokenUse};
use scim_awork::{AworkRefusal, AworkToken, PROVIDER_LABEL, TokenLead};
use scim_engine::Caller;
use scim_engine::core::Problem;
use scim_engine::store::{ReadKey, ReadValue, Store, TenantId};
use scim_http::{Access, AuthError, Authenticator, Clock, Principal, RateLimited};

use crate::execute::{Awork, context};

/// How often uses of tokens are written down.
const PAUSE: Duration = Duration::from_secs(60);

/// Tokens in a store, each looked up for each request: one that was replaced is refused at the next one, on
/// every server.
pub(crate) struct AworkTokens<S> {
    pub(crate) store: Arc<S>,
    pub(crate) uses: Uses,
}

impl<S: Store> Authenticator for AworkTokens<S> {
    async fn authenticate(&self, bearer: Option<&str>, access: &Access<'_>) -> Result<Principal, AuthError> {
        // A slip in a token of ours is told without a look into the store.
        let token = AworkToken::from_text(bearer.ok_or(AuthError::Missing)?).ok_or(AuthError::Invalid)?;
        let key = ReadKey::Record(TokenLead::key(&token.hash()));
        let read = self.store.read(vec![key]).await;
        let lead = match read.map_err(|error| AuthError::Unavailable(Box::new(error)))?.pop() {
            Some(ReadValue::Record(Some(record))) => TokenLead::of(&record),
            _ => return Err(AuthError::Invalid),
        };
        let lead = lead.ok_or_else(|| AuthError::Unavailable("a token leads nowhere".into()))?;
        if lead.is_orphaned {
            return Err(AuthError::Forbidden(Problem::from(AworkRefusal::ClientApplicationMissing)));
        }
        let tenant =
            TenantId::new(&lead.workspace).map_err(|error| AuthError::Unavailable(Box::new(error)))?;
        self.uses.note(&tenant, access.now);
        let labels = [(PROVIDER_LABEL.to_owned(), lead.provider.label().to_owned())];
        Ok(Principal {
            tenant,
            caller: Caller { id: lead.integration, labels: labels.into(), ..Caller::default() },
        })
    }

    fn reword(&self, error: &AuthError) -> String {
        match error {
            AuthError::Missing | AuthError::Invalid => AworkRefusal::TokenRefused.to_string(),
            other => other.to_string(),
        }
    }
}

/// Who is let in: whoever has a token, or that only so often (D-86).
pub(crate) enum Gate<S> {
    Open(AworkTokens<S>),
    Limited(RateLimited<AworkTokens<S>>),
}

impl<S: Store> Authenticator for Gate<S> {
    async fn authenticate(&self, bearer: Option<&str>, access: &Access<'_>) -> Result<Principal, AuthError> {
        match self {
            Self::Open(tokens) => tokens.authenticate(bearer, access).await,
            Self::Limited(tokens) => tokens.authenticate(bearer, access).await,
        }
    }

    fn reword(&self, error: &AuthError) -> String {
        match self {
            Self::Open(tokens) => tokens.reword(error),
            Self::Limited(tokens) => tokens.reword(error),
        }
    }
}

/// When the token of each workspace was last used, until it is written down. What is lost in a crash is a
/// minute of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uses(Arc<Mutex<HashMap<TenantId, i64>>>);

impl Uses {
    fn note(&self, tenant: &TenantId, now: i64) {
        let mut uses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match uses.get_mut(tenant) {
            Some(last) => *last = now.max(*last),
            None => drop(uses.insert(tenant.clone(), now)),
        }
    }

    /// Writes uses down once a minute, and a last time when `stop` is ready.
    pub(crate) async fn write_down<S: Store>(
        self,
        engine: Arc<Awork<S>>,
        clock: Clock,
        stop: impl Future<Output = ()>,
    ) {
        let mut stop = std::pin::pin!(stop);
        loop {
            let stopped = tokio::time::timeout(PAUSE, &mut stop).await.is_ok();
            let uses = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
            for (tenant, at) in uses {
                let trace_id = uuid::Uuid::now_v7().simple().to_string();
                let noted = match context(tenant.as_str(), &trace_id, clock.now()) {
                    Ok(context) => engine.command(&context, &Act::of_operator(NoteTokenUse { at })).await,
                    Err(error) => Err(error),
                };
                if let Err(error) = noted {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(%tenant, error, "the last use of a token was not written down");
                }
            }
            if stopped {
                return;
            }
        }
    }
}
