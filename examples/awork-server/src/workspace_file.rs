//! A workspace that a file describes, with its integrations.

use std::path::Path;

use scim_awork::{Provider, WorkspaceSetup};
use scim_http::{Token, TokenHash};
use serde::Deserialize;

use crate::args::Serve;
use crate::server::{self, Integration, ServerError, Service};

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
    let file = read(&args.workspace)?;
    let integrations =
        file.integrations.iter().map(IntegrationEntry::integration).collect::<Result<Vec<_>, _>>()?;
    // Whoever wrote the token into the file may see it; one that is only known by its hash stays unknown.
    let token = file.integrations.iter().find_map(|entry| entry.token.as_deref());
    let service = Service {
        listen: args.listen,
        base_url: args.base_url,
        outgoing: args.mail.outgoing()?,
        token: token.unwrap_or("(as set up)").to_owned(),
        setup: file.workspace,
        integrations,
    };
    server::run(args.storage.place().ok_or(ServerError::NoPlace)?, service, stop).await
}

fn read(path: &Path) -> Result<WorkspaceFile, ServerError> {
    let bad = |reason: String| ServerError::File { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| bad(error.to_string()))
}

impl IntegrationEntry {
    fn integration(&self) -> Result<Integration, ServerError> {
        let token: TokenHash = match (&self.token, &self.token_sha256) {
            (Some(token), None) => Token::from_text(token).hash(),
            (None, Some(hash)) => hash.parse().map_err(|_| ServerError::Token(self.id.clone()))?,
            _ => return Err(ServerError::Token(self.id.clone())),
        };
        Ok(Integration { id: self.id.clone(), provider: self.provider, token })
    }
}
