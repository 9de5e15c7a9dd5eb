//! Orders about the SCIM integration and its client applications.

use clap::{Args, Subcommand};
use scim_awork::Provider;
use serde::{Deserialize, Serialize};

use super::Whole;

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum IntegrationOrder {
    /// Set SCIM up and show the token, once.
    SetUp(IntegrationSetUp),
    /// Show the integration, whether it works, and what to paste into the identity provider.
    Show(Whole),
    /// Make a new token and show it, once; the old one is dead at the next request.
    Regenerate(Regenerate),
    /// Delete the integration; users stay, and it can be set up again.
    Delete(Whole),
    /// List the client applications.
    Clients(Whole),
    /// Rename a client application; refused for `API Access`, which must stay as it is.
    RenameClient(ClientRename),
    /// Delete a client application; of `API Access` only with --force, and SCIM breaks.
    DeleteClient(ClientDelete),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntegrationSetUp {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// The identity provider: onelogin, okta, entra-id or generic.
    #[arg(long, value_parser = provider)]
    pub(crate) provider: Provider,
}

fn provider(text: &str) -> Result<Provider, String> {
    let parsed = serde_json::from_value(serde_json::Value::String(text.to_owned()));
    parsed.map_err(|_| "use onelogin, okta, entra-id or generic".to_owned())
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Regenerate {
    /// The name of the workspace.
    pub(crate) workspace: String,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientRename {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Name or id of the client application.
    pub(crate) client: String,
    /// The new name.
    pub(crate) name: String,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientDelete {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Name or id of the client application.
    pub(crate) client: String,
    /// Delete it although SCIM is answered with 401 then.
    #[arg(long)]
    #[serde(default)]
    pub(crate) force: bool,
}
