//! Orders about teams.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::{One, Rename, Whole};

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TeamOrder {
    /// List the teams.
    List(Whole),
    /// Make a team; its name is unique.
    Create(TeamCreate),
    /// Rename a team.
    Rename(Rename),
    /// Delete a team; its people stay in their other teams.
    Delete(One),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamCreate {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// The name of the team.
    pub(crate) name: String,
}
