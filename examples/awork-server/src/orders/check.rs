//! Orders about the data as a whole.

use serde::{Deserialize, Serialize};

/// To check the data, or to check and mend them.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CheckOrder {
    Run(Everything),
    Repair(Everything),
}

/// All workspaces and what they share.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Everything {}
