//! Orders about seats.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::Whole;

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SeatsOrder {
    /// Show how many seats are booked and in use.
    Show(Whole),
    /// Say how many seats are booked.
    Book(SeatsBook),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeatsBook {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// How many seats.
    pub(crate) seats: u32,
}
