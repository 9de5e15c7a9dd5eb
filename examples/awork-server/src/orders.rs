//! What the command line and the admin API can be asked, as values: the words of the one are the path of
//! the other, and its options the members of the body.

mod check;
mod integration;
mod log;
mod outbox;
mod person;
mod region;
mod role;
mod seats;
mod team;
mod user;
mod workspace;

use clap::Args;
use serde::{Deserialize, Serialize};

pub(crate) use check::{CheckOrder, Everything};
pub(crate) use integration::IntegrationOrder;
pub(crate) use log::{LogExport, LogList, LogOrder, Outcome};
pub(crate) use outbox::OutboxOrder;
pub(crate) use person::PersonOrder;
pub(crate) use region::RegionOrder;
pub(crate) use role::RoleOrder;
pub(crate) use seats::SeatsOrder;
pub(crate) use team::TeamOrder;
pub(crate) use user::{Fields, UserOrder};
pub(crate) use workspace::WorkspaceOrder;

/// Something to be done or shown.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Order {
    Workspace(WorkspaceOrder),
    Integration(IntegrationOrder),
    Role(RoleOrder),
    Team(TeamOrder),
    Region(RegionOrder),
    Seats(SeatsOrder),
    User(UserOrder),
    Log(LogOrder),
    Outbox(OutboxOrder),
    Person(PersonOrder),
    Check(CheckOrder),
}

/// A whole workspace.
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whole {
    /// The name of the workspace.
    pub(crate) workspace: String,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    /// How many to pass over.
    #[arg(long, default_value_t = 0)]
    #[serde(default)]
    pub(crate) offset: u64,
    /// How many to show at most.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    #[serde(default = "hundred")]
    pub(crate) limit: u16,
}

fn hundred() -> u16 {
    100
}

/// A new name for something.
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rename {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Its name as it is, or its id.
    pub(crate) of: String,
    /// The new name.
    pub(crate) name: String,
}

/// Something to be deleted whose people get another one.
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteFor {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Its name or id.
    pub(crate) of: String,
    /// Name or id of the one that its people get; needed if it has any.
    #[arg(long)]
    #[serde(default)]
    pub(crate) target: Option<String>,
}

/// Something of a workspace.
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct One {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Its name or id.
    pub(crate) of: String,
}
