//! Orders about the provisioning log.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

use super::hundred;

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LogOrder {
    /// List what provisioning did and refused, newest first.
    ///
    /// Without a workspace, a trace id is looked for everywhere, and all else among the requests of clients
    /// that are not known, such as those with a wrong token.
    List(LogList),
    /// Print the whole log of a workspace as JSON lines, oldest first.
    Export(LogExport),
}

#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogList {
    /// The name of the workspace.
    #[serde(default)]
    pub(crate) workspace: Option<String>,
    /// Only the request with this trace id, as it stands in the error message.
    #[arg(long, value_name = "ID")]
    #[serde(default)]
    pub(crate) trace: Option<String>,
    /// Only what is about this user: an e-mail, or an id.
    #[arg(long, value_name = "USER")]
    #[serde(default)]
    pub(crate) person: Option<String>,
    /// Only what ended like this.
    #[arg(long)]
    #[serde(default)]
    pub(crate) outcome: Option<Outcome>,
    /// Not before this time, such as 2026-11-25T08:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = time)]
    #[serde(default)]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Before this time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    #[serde(default)]
    pub(crate) until: Option<DateTime<Utc>>,
    /// Only entries before this position: where the last page ended.
    #[arg(long, value_name = "POSITION")]
    #[serde(default)]
    pub(crate) before: Option<u64>,
    /// How many to show at most.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    #[serde(default = "hundred")]
    pub(crate) limit: u16,
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    text.parse().map_err(|error| format!("{error}: write it like 2026-11-25T08:00:00Z"))
}

/// How a request ended.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// It was carried out.
    Done,
    /// It was carried out, but not all was taken as sent.
    Warned,
    /// It was refused.
    Refused,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogExport {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Only entries behind this position: where the last export ended.
    #[arg(long, value_name = "POSITION", default_value_t = 0)]
    #[serde(default)]
    pub(crate) after: u64,
}
