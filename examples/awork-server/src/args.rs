//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};
use scim_awork::log::Retention;
use scim_http::{Exposure, Rate};

use crate::ask::{Ask, Target};
use crate::orders::{
    IntegrationOrder, LogOrder, OutboxOrder, PersonOrder, RegionOrder, RoleOrder, SeatsOrder, TeamOrder,
    UserOrder, WorkspaceOrder,
};
use crate::outgoing::MailArgs;
use crate::server::Place;

/// awork's SCIM provisioning: identity providers create, update and deactivate people here.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start with the workspace `precious-asteroid`, to try an identity provider on.
    Demo(Demo),
    /// Serve all workspaces of a folder or database; make them with `workspace create`.
    Serve(Serve),
    /// Make, show and change workspaces.
    Workspace(Ask<WorkspaceOrder>),
    /// Set SCIM up for an identity provider, and repair it.
    Integration(Ask<IntegrationOrder>),
    /// Make, rename, archive and delete roles.
    Role(Ask<RoleOrder>),
    /// Make, rename and delete teams.
    Team(Ask<TeamOrder>),
    /// Make, rename and delete absence regions.
    Region(Ask<RegionOrder>),
    /// Show and book seats.
    Seats(Ask<SeatsOrder>),
    /// Invite, edit, deactivate and delete users by hand.
    User(Ask<UserOrder>),
    /// Show what provisioning did and refused.
    Log(Ask<LogOrder>),
    /// Show e-mails and invoices on their way, and retry or discard those that could not be delivered.
    Outbox(Ask<OutboxOrder>),
    /// Hand over or erase all that is kept of a person.
    Person(Ask<PersonOrder>),
    /// Check whether counters, unique values, links and indexes of all workspaces agree with their documents.
    ///
    /// Prints what differs: what, where, what should be and what is. The exit status is 1 as long as something
    /// does. A server may be running meanwhile, on the same data too.
    Check(Check),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Check {
    /// Mend what can be made again from documents and links, and check once more. Who has lost the role gets the
    /// one of new users. What cannot be mended, such as two users with one e-mail, or no admin, is for a person to
    /// decide. Take a copy of the data first.
    #[arg(long)]
    pub(crate) repair: bool,
    #[command(flatten)]
    pub(crate) target: Target,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Demo {
    #[command(flatten)]
    pub(crate) listen: ListenArgs,
    #[command(flatten)]
    pub(crate) storage: Storage,
    /// Keep the data in memory, until the server stops.
    #[arg(long, conflicts_with_all = ["data", "database_url"])]
    pub(crate) memory: bool,
    #[command(flatten)]
    pub(crate) mail: MailArgs,
    /// The bearer token of the integration; without one a new one is made.
    #[arg(long)]
    pub(crate) token: Option<String>,
    /// How many seats the workspace has booked.
    #[arg(long, default_value_t = 500)]
    pub(crate) seats: u32,
    #[command(flatten)]
    pub(crate) log: LogArgs,
    #[command(flatten)]
    pub(crate) admin: AdminArgs,
    #[command(flatten)]
    pub(crate) rate: RateArgs,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// A JSON file with a workspace to be made unless it is there, its integration and the token.
    #[arg(long, value_name = "FILE")]
    pub(crate) workspace: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) listen: ListenArgs,
    #[command(flatten)]
    pub(crate) storage: Storage,
    #[command(flatten)]
    pub(crate) mail: MailArgs,
    /// The URL under which identity providers reach the service, if it is not where it listens.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    #[command(flatten)]
    pub(crate) log: LogArgs,
    #[command(flatten)]
    pub(crate) admin: AdminArgs,
    #[command(flatten)]
    pub(crate) rate: RateArgs,
}

/// Where SCIM is served, and to whom.
#[derive(Debug, ClapArgs)]
pub(crate) struct ListenArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// Say that a proxy which speaks TLS stands in front, so that other addresses than those of this machine
    /// may be listened on.
    #[arg(long)]
    behind_proxy: bool,
}

impl ListenArgs {
    pub(crate) fn exposure(&self) -> Exposure {
        if self.behind_proxy { Exposure::BehindProxy } else { Exposure::Direct }
    }
}

/// The provisioning log.
#[derive(Debug, ClapArgs)]
pub(crate) struct LogArgs {
    /// For how many days the provisioning log is kept.
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..))]
    log_days: u16,
}

impl LogArgs {
    pub(crate) fn retention(&self) -> Retention {
        Retention::of_days(self.log_days)
    }
}

/// The admin API, which takes the orders of the command line over HTTP.
#[derive(Debug, ClapArgs)]
pub(crate) struct AdminArgs {
    /// Where the admin API listens. It speaks no TLS: other addresses than those of this machine need
    /// `--behind-proxy`.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081")]
    admin_listen: SocketAddr,
    /// The token of the admin API; without one there is no such API. In the environment it is not seen by
    /// other users.
    #[arg(long, value_name = "TOKEN", env = "AWORK_ADMIN_TOKEN", hide_env_values = true)]
    admin_token: Option<String>,
}

impl AdminArgs {
    /// Address and token of the admin API, if there is to be one.
    pub(crate) fn admin(self) -> Option<(SocketAddr, String)> {
        Some((self.admin_listen, self.admin_token.filter(|token| !token.is_empty())?))
    }
}

/// How often a workspace may ask (D-86).
#[derive(Debug, ClapArgs)]
pub(crate) struct RateArgs {
    /// Let each workspace ask only so often: 50 requests in a second and 3000 in a minute, or others given as
    /// `--rate-limit=SECOND/MINUTE`. Beyond that the answer is 429 with the time to wait. Each server counts
    /// for itself.
    #[arg(
        long,
        value_name = "SECOND/MINUTE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "50/3000",
        value_parser = rate
    )]
    pub(crate) rate_limit: Option<Rate>,
}

fn rate(text: &str) -> Result<Rate, String> {
    let positive = |number: &str| number.parse().ok().filter(|number| *number > 0);
    let limits =
        text.split_once('/').and_then(|(second, minute)| Some((positive(second)?, positive(minute)?)));
    let (per_second, per_minute) = limits.ok_or("use two numbers above 0, such as 50/3000")?;
    Ok(Rate { per_second, per_minute, ..Rate::default() })
}

/// Where the data are kept.
#[derive(Debug, ClapArgs)]
#[group(multiple = false)]
pub(crate) struct Storage {
    /// A folder to keep the data in, with SQLite. The demo without either forgets them when it stops.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// A PostgreSQL database to keep the data in, such as `postgres://scim@localhost/scim`; several
    /// servers may share it. In the environment a password is not seen by other users.
    #[arg(long, value_name = "URL", env = "SCIM_DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: Option<String>,
}

impl Storage {
    pub(crate) fn place(self) -> Option<Place> {
        self.database_url.map(Place::Database).or(self.data.map(Place::Folder))
    }
}
