//! A file of tokens, with what each may do.

use std::path::{Path, PathBuf};

use scim_engine::store::{TenantId, TenantIdError};
use scim_engine::{Caller, ScopeError, Scopes};
use scim_http::{Grant, Principal, Token, TokenHash};
use serde::Deserialize;

/// A token as the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    token: String,
    /// What it may do, such as `read write:Group`.
    scopes: String,
    /// The id of the user whose token it is.
    user: Option<String>,
    /// Whose data it sees; those of the demo without it.
    tenant: Option<String>,
}

/// Why the file of tokens cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokensError {
    #[error("the file of tokens {0} cannot be read")]
    Io(PathBuf, #[source] std::io::Error),
    #[error("the file of tokens {0} is no list of tokens")]
    Json(PathBuf, #[source] serde_json::Error),
    #[error(transparent)]
    Scope(#[from] ScopeError),
    #[error(transparent)]
    Tenant(#[from] TenantIdError),
}

/// Reads the tokens and what they grant.
pub(crate) fn read(file: &Path) -> Result<Vec<(TokenHash, Grant)>, TokensError> {
    let text = std::fs::read_to_string(file).map_err(|error| TokensError::Io(file.to_owned(), error))?;
    let entries: Vec<Entry> =
        serde_json::from_str(&text).map_err(|error| TokensError::Json(file.to_owned(), error))?;
    entries.into_iter().map(grant).collect()
}

fn grant(entry: Entry) -> Result<(TokenHash, Grant), TokensError> {
    let scopes: Scopes = entry.scopes.parse()?;
    let tenant = TenantId::new(entry.tenant.as_deref().unwrap_or("demo"))?;
    let grant = Grant::new(Principal { tenant, caller: Caller::default() }).with_scopes(scopes);
    let grant = match entry.user {
        Some(user) => grant.of_user(&user),
        None => grant,
    };
    Ok((Token::from_text(&entry.token).hash(), grant))
}
