//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

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
    /// Serve a workspace that a file describes.
    Serve(Serve),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Demo {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// A folder to keep the data in; without one they are gone when the server stops.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The bearer token of the integration; without one a new one is made.
    #[arg(long)]
    pub(crate) token: Option<String>,
    /// How many seats the workspace has booked.
    #[arg(long, default_value_t = 500)]
    pub(crate) seats: u32,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Serve {
    /// A JSON file with the workspace, its integrations and their tokens.
    #[arg(long, value_name = "FILE")]
    pub(crate) workspace: PathBuf,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,
    /// A folder to keep the data in.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// The URL under which identity providers reach the service, if it is not where it listens.
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
}
