//! Orders about all that is kept of a person, in every workspace.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PersonOrder {
    /// Print all that is kept of a person: account, users, log and e-mails.
    Export(OfPerson),
    /// Delete a person's users for good, and take the person out of log, outbox and dead letters.
    Erase(OfPerson),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfPerson {
    /// The account e-mail.
    pub(crate) email: String,
}
