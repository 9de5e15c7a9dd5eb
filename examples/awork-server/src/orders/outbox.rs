//! Orders about the outbox: e-mails and invoices on their way, and those that could not be delivered.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::hundred;

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OutboxOrder {
    /// List what is not delivered yet: how old it is, how often it was tried, and why in vain.
    List(OutboxList),
    /// List dead letters, which could not be delivered, with the last error; oldest first.
    Dead(OutboxDead),
    /// Let a dead letter be delivered again, or all of them.
    Retry(OutboxRetry),
    /// Give a dead letter up for good.
    Discard(OutboxDiscard),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutboxList {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// How many to show at most: the oldest.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    #[serde(default = "hundred")]
    pub(crate) limit: u16,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutboxDead {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Only letters behind this one: the id of the last one of the page before.
    #[arg(long, value_name = "ID")]
    #[serde(default)]
    pub(crate) after: Option<String>,
    /// How many to show at most.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    #[serde(default = "hundred")]
    pub(crate) limit: u16,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutboxRetry {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// The id of the dead letter.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    #[serde(default)]
    pub(crate) letter: Option<String>,
    /// All that are dead letters now.
    #[arg(long)]
    #[serde(default)]
    pub(crate) all: bool,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OutboxDiscard {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// The id of the dead letter.
    pub(crate) letter: String,
    /// Why it is given up; the provisioning log keeps it.
    #[arg(long)]
    pub(crate) reason: String,
}
