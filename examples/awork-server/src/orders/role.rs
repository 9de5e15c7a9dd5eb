//! Orders about roles.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::{DeleteFor, Rename, Whole};

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RoleOrder {
    /// List the roles.
    List(Whole),
    /// Make a role.
    Create(RoleCreate),
    /// Rename a role; its people and its mapping by id stay.
    Rename(Rename),
    /// Say how many permissions a role has; new people get the one with the fewest.
    Grants(RoleGrants),
    /// Archive a role, or bring it back with --restore: who has it keeps it, nobody else gets it.
    Archive(RoleArchive),
    /// Delete a role; its people get the target.
    Delete(DeleteFor),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleCreate {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// The name of the role.
    pub(crate) name: String,
    /// How many permissions to change something it has.
    #[arg(long, default_value_t = 0)]
    #[serde(default)]
    pub(crate) write_grants: u32,
    /// How many permissions to see something it has.
    #[arg(long, default_value_t = 0)]
    #[serde(default)]
    pub(crate) read_grants: u32,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleGrants {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Name or id of the role.
    pub(crate) role: String,
    /// How many permissions to change something it has.
    #[arg(long)]
    #[serde(default)]
    pub(crate) write_grants: Option<u32>,
    /// How many permissions to see something it has.
    #[arg(long)]
    #[serde(default)]
    pub(crate) read_grants: Option<u32>,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleArchive {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Name or id of the role.
    pub(crate) role: String,
    /// Bring it back.
    #[arg(long)]
    #[serde(default)]
    pub(crate) restore: bool,
}
