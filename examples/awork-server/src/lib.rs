//! awork's SCIM provisioning as one server, and the commands around it.
//!
//! `awork-server demo` starts with a workspace to try an identity provider on; `awork-server serve` serves
//! all workspaces of a folder or database. The other commands make and change them, there or at a running
//! server. Everything is kept in SQLite or PostgreSQL. [`main`] is the whole program; [`run`] is the server
//! alone, for a process that has more to do, and with a clock of its own.

mod admin_api;
mod args;
mod ask;
mod changes;
mod demo;
mod execute;
mod orders;
mod outgoing;
mod ready;
mod remote;
mod server;
mod show;
mod tokens;
mod workspace_file;

use std::process::ExitCode;

use clap::Parser;
use scim_http::stop_signal;
use tracing_subscriber::EnvFilter;

use crate::args::{Args, Command};
use crate::ask::Target;
use crate::orders::{CheckOrder, Everything, Order};
pub use crate::outgoing::Outgoing;
pub use crate::server::{Addresses, Integration, Place, ServerError, Service, run};

/// The program: reads its command line and does what that says, until it is done or told to stop.
#[must_use]
pub fn main() -> ExitCode {
    let (order, target) = match Args::parse().command {
        Command::Demo(demo) => return serve(async |stop| demo::run(demo, stop).await),
        Command::Serve(args) => return serve(async |stop| workspace_file::run(args, stop).await),
        Command::Workspace(ask) => (Order::Workspace(ask.order), ask.target),
        Command::Integration(ask) => (Order::Integration(ask.order), ask.target),
        Command::Role(ask) => (Order::Role(ask.order), ask.target),
        Command::Team(ask) => (Order::Team(ask.order), ask.target),
        Command::Region(ask) => (Order::Region(ask.order), ask.target),
        Command::Seats(ask) => (Order::Seats(ask.order), ask.target),
        Command::User(ask) => (Order::User(ask.order), ask.target),
        Command::Log(ask) => (Order::Log(ask.order), ask.target),
        Command::Person(ask) => (Order::Person(ask.order), ask.target),
        Command::Outbox(ask) => (Order::Outbox(ask.order), ask.target),
        Command::Check(check) => {
            let all = Everything {};
            let order = if check.repair { CheckOrder::Repair(all) } else { CheckOrder::Run(all) };
            (Order::Check(order), check.target)
        }
    };
    give(order, target)
}

fn log(default: &str) {
    let filter = EnvFilter::try_from_env("AWORK_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// Serves until the process is told to stop.
fn serve(
    run: impl AsyncFnOnce(std::pin::Pin<Box<dyn Future<Output = ()> + Send>>) -> Result<(), ServerError>,
) -> ExitCode {
    log("info");
    let served =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Into::into).and_then(
            |runtime| {
                runtime.block_on(async {
                    // Caught before anybody is told that the server is ready: whoever stops it then stops it cleanly.
                    let stop = stop_signal()?;
                    run(Box::pin(stop)).await
                })
            },
        );
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the server does not run");
            ExitCode::FAILURE
        }
    }
}

/// Carries one order out.
fn give(order: Order, target: Target) -> ExitCode {
    log("error");
    let given = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .and_then(|runtime| runtime.block_on(ask::run(order, target)));
    match given {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "nothing can be printed");
            ExitCode::FAILURE
        }
    }
}

/// An error and what caused it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text.push_str(&format!(": {more}"));
        }
        cause = error.source();
    }
    text
}
