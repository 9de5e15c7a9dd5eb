//! Orders about absence regions.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::{DeleteFor, Rename, Whole};

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RegionOrder {
    /// List the absence regions.
    List(Whole),
    /// Make an absence region.
    Create(RegionCreate),
    /// Rename an absence region.
    Rename(Rename),
    /// Say which absence region new people get; none without a name.
    Default(RegionDefault),
    /// Delete an absence region; its people get the target.
    Delete(DeleteFor),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegionCreate {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// The name of the absence region.
    pub(crate) name: String,
    /// New people get it from now on.
    #[arg(long)]
    #[serde(default)]
    pub(crate) default: bool,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegionDefault {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Name or id of the absence region.
    #[serde(default)]
    pub(crate) region: Option<String>,
}
