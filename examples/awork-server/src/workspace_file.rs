//! A workspace that a file describes, with its integrations.

use std::path::Path;

use scim_awork::{AworkToken, KeptToken, Provider, WorkspaceSetup};
use scim_http::Clock;
use serde::Deserialize;

use crate::args::Serve;
use crate::ready::announce;
use crate::server::{self, Addresses, Integration, ServerError, Service};

/// What the file holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkspaceFile {
    workspace: WorkspaceSetup,
    integrations: Vec<IntegrationEntry>,
}

/// An integration: its provider, and its token or the hash of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IntegrationEntry {
    id: String,
    #[serde(default)]
    provider: Provider,
    #[serde(default)]
    token: Option<String>,
    #[serde(default)]
    token_sha256: Option<String>,
}

pub(crate) async fn run(args: Serve, stop: impl Future<Output = ()>) -> Result<(), ServerError> {
    let (mut setup, mut token) = (None, String::new());
    if let Some(path) = &args.workspace {
        let file = read(path)?;
        if file.integrations.len() > 1 {
            return Err(ServerError::Integrations);
        }
        let entry = file.integrations.first();
        // Whoever wrote the token into the file may see it; one that is only known by its hash stays unknown.
        let known = entry.and_then(|entry| entry.token.as_deref());
        token = known.unwrap_or("(as set up)").to_owned();
        setup = Some((file.workspace, entry.map(IntegrationEntry::integration).transpose()?));
    }
    let shown = setup.as_ref().map(|(setup, _): &(WorkspaceSetup, _)| setup.clone());
    let service = Service {
        listen: args.listen.listen,
        exposure: args.listen.exposure(),
        base_url: args.base_url,
        outgoing: args.mail.outgoing()?,
        setup,
        admin: args.admin.admin(),
        rate: args.rate.rate_limit,
        log_retention: args.log.retention(),
        clock: Clock::default(),
    };
    let ready = |addresses: &Addresses| announce(addresses, &token, shown.as_ref());
    server::run(args.storage.place().ok_or(ServerError::NoPlace)?, service, ready, stop).await
}

fn read(path: &Path) -> Result<WorkspaceFile, ServerError> {
    let bad = |reason: String| ServerError::File { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| bad(unquoted(&error)))
}

/// The error without the value that it quotes, which may be a token.
fn unquoted(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let quotes = ["invalid type: ", "invalid value: ", "unknown variant "];
    match said.rsplit_once(", expected ") {
        Some((_, expected)) if quotes.iter().any(|quote| said.starts_with(quote)) => {
            format!("expected {expected}")
        }
        _ => said,
    }
}

impl IntegrationEntry {
    fn integration(&self) -> Result<Integration, ServerError> {
        let token = match (&self.token, &self.token_sha256) {
            (Some(token), None) => AworkToken::from_text(token).ok_or(ServerError::Slip)?.kept(),
            (None, Some(hash)) => {
                KeptToken::of_hash(hash).ok_or_else(|| ServerError::Token(self.id.clone()))?
            }
            _ => return Err(ServerError::Token(self.id.clone())),
        };
        Ok(Integration { id: self.id.clone(), provider: self.provider, token })
    }
}
