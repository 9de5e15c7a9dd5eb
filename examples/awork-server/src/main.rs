//! awork's SCIM provisioning as one server.
//!
//! `awork-server demo` starts with a workspace to try an identity provider on; `awork-server serve
//! --workspace FILE` takes workspace and tokens from a file. Both keep everything in SQLite or PostgreSQL.

mod args;
mod demo;
mod outgoing;
mod ready;
mod server;
mod tokens;
mod workspace_file;

use std::process::ExitCode;

use clap::Parser;
use scim_http::stop_signal;
use tracing_subscriber::EnvFilter;

use crate::args::{Args, Command};

fn main() -> ExitCode {
    let args = Args::parse();
    let filter = EnvFilter::try_from_env("AWORK_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the server does not run");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<(), server::ServerError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        // Caught before anybody is told that the server is ready: whoever stops it then stops it cleanly.
        let stop = stop_signal()?;
        match args.command {
            Command::Demo(demo) => demo::run(demo, stop).await,
            Command::Serve(serve) => workspace_file::run(serve, stop).await,
        }
    })
}
