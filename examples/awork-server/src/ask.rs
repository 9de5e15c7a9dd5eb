//! Orders of the command line: on the data themselves, or at a running server.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use clap::{Args as ClapArgs, Subcommand};
use scim_awork::command::Actor;
use scim_awork::{AworkRules, awork_registry};
use scim_engine::check::Checked;
use scim_engine::core::message::ErrorResponse;
use scim_engine::{Engine, EngineError};
use scim_http::Clock;
use scim_postgres::{PostgresOptions, PostgresStore};
use scim_sqlite::{SqliteOptions, SqliteStore};
use serde_json::Value;

use crate::execute::Desk;
use crate::orders::{LogExport, LogOrder, Order, WorkspaceOrder};
use crate::remote;
use crate::server::{BASE_PATH, FILE, Place, ServerError};
use crate::show::{json_lines, log_text, text};

/// An order of one subject, and where it goes.
#[derive(Debug, ClapArgs)]
pub(crate) struct Ask<S: Subcommand> {
    #[command(subcommand)]
    pub(crate) order: S,
    #[command(flatten)]
    pub(crate) target: Target,
}

/// Where an order goes: to the data in a folder or database, also while servers use them, or to a running
/// server.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct Target {
    /// The folder with the data. A server may be running on it: both take turns.
    #[arg(long, value_name = "DIR", global = true, help_heading = "Where")]
    data: Option<std::path::PathBuf>,
    /// The PostgreSQL database with the data.
    #[arg(
        long,
        value_name = "URL",
        env = "SCIM_DATABASE_URL",
        hide_env_values = true,
        global = true,
        help_heading = "Where"
    )]
    database_url: Option<String>,
    /// A running server's admin API, such as `http://127.0.0.1:8081`.
    #[arg(long, value_name = "URL", env = "AWORK_SERVER", global = true, help_heading = "Where")]
    server: Option<String>,
    /// The token of that admin API. In the environment it is not seen by other users.
    #[arg(
        long,
        value_name = "TOKEN",
        env = "AWORK_ADMIN_TOKEN",
        hide_env_values = true,
        global = true,
        help_heading = "Where"
    )]
    admin_token: Option<String>,
    /// The URL under which identity providers reach the service, as far as it is shown.
    #[arg(
        long,
        value_name = "URL",
        default_value = "https://app.awork.com/api/v1/scim",
        global = true,
        help_heading = "Where"
    )]
    base_url: String,
    /// Give the order as this user, by e-mail or id, who must be an admin of the workspace.
    #[arg(long = "as", value_name = "USER", global = true)]
    acting: Option<String>,
    /// Print JSON, for scripts.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// Why an order is not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    #[error("say where: `--data DIR`, `--database-url URL` or `--server URL`, and one of them only")]
    NoPlace,
    #[error("the admin API needs its token: `--admin-token TOKEN`, or AWORK_ADMIN_TOKEN in the environment")]
    NoToken,
    #[error("there are no data in {0}: check the folder, or make a workspace there first")]
    NoData(String),
    #[error("the server {server} cannot be asked: {reason}")]
    Unreachable { server: String, reason: String },
    #[error("{}", .0["detail"].as_str().unwrap_or("the order was refused"))]
    Refused(Value),
    #[error(transparent)]
    Server(#[from] ServerError),
}

impl AskError {
    /// The error for scripts.
    fn json(&self) -> Value {
        match self {
            Self::Refused(told) => told.clone(),
            other => serde_json::json!({ "detail": crate::causes(other) }),
        }
    }
}

/// Carries the order out and prints what comes of it; tells whether it was, and for a check, whether all agrees.
pub(crate) async fn run(order: Order, target: Target) -> std::io::Result<bool> {
    let mut next = Some(order);
    let mut done = true;
    while let (Some(order), true) = (next.take(), done) {
        (done, next) = run_one(order, target.clone()).await?;
    }
    Ok(done)
}

/// Carries one order out; tells whether it was, and with which it goes on.
async fn run_one(order: Order, target: Target) -> std::io::Result<(bool, Option<Order>)> {
    let as_json = target.json;
    match give(order.clone(), target).await {
        Ok(told) => {
            let mut out = std::io::stdout().lock();
            let printed = match &order {
                Order::Log(LogOrder::Export(_)) => json_lines(&told),
                _ if as_json => format!("{told}\n"),
                Order::Log(_) => log_text(&told),
                _ => text(&told),
            };
            out.write_all(printed.as_bytes())?;
            out.flush()?;
            let is_check = matches!(order, Order::Check(_));
            Ok((!is_check || told["sound"] == true, next_export(order, &told)))
        }
        Err(error) => {
            let mut err = std::io::stderr().lock();
            if as_json {
                writeln!(err, "{}", error.json())?;
            } else {
                writeln!(err, "error: {}", crate::causes(&error))?;
            }
            Ok((false, None))
        }
    }
}

/// The order that exports what is left of a log.
fn next_export(order: Order, told: &Value) -> Option<Order> {
    match order {
        Order::Log(LogOrder::Export(of)) => {
            let after = told["next"].as_u64()?;
            Some(Order::Log(LogOrder::Export(LogExport { after, ..of })))
        }
        _ => None,
    }
}

async fn give(order: Order, target: Target) -> Result<Value, AskError> {
    let by = target.acting.map_or(Actor::Operator, Actor::User);
    match (target.server, target.data, target.database_url) {
        // What is said on the command line outranks the database of the environment.
        (Some(server), None, _) => {
            let token = target.admin_token.ok_or(AskError::NoToken)?;
            remote::give(&server, &token, &by, &order).await
        }
        (None, Some(folder), _) => in_place(Place::Folder(folder), &target.base_url, by, order).await,
        (None, None, Some(url)) => in_place(Place::Database(url), &target.base_url, by, order).await,
        _ => Err(AskError::NoPlace),
    }
}

async fn in_place(place: Place, base_url: &str, by: Actor, order: Order) -> Result<Value, AskError> {
    match place {
        Place::Folder(folder) => {
            let creates = matches!(order, Order::Workspace(WorkspaceOrder::Create(_)));
            let store = open(&folder, creates)?;
            on(store, base_url, by, order).await
        }
        Place::Database(url) => {
            let store = PostgresStore::open(&url, &PostgresOptions::default()).await;
            on(store.map_err(ServerError::from)?, base_url, by, order).await
        }
        // Only the server itself has these.
        Place::Memory => Err(AskError::NoPlace),
    }
}

fn open(folder: &Path, creates: bool) -> Result<SqliteStore, AskError> {
    let file = folder.join(FILE);
    if creates {
        std::fs::create_dir_all(folder).map_err(ServerError::from)?;
    } else if !file.exists() {
        return Err(AskError::NoData(folder.display().to_string()));
    }
    Ok(SqliteStore::open(file, &SqliteOptions::default().with_readers(1)).map_err(ServerError::from)?)
}

async fn on(store: impl Checked, base_url: &str, by: Actor, order: Order) -> Result<Value, AskError> {
    let registry = awork_registry().map_err(ServerError::from)?;
    let base_url = base_url.trim_end_matches('/');
    let base_url = if base_url.is_empty() { BASE_PATH } else { base_url };
    let engine = Engine::new(Arc::new(store), AworkRules, registry, base_url);
    let trace_id = uuid::Uuid::now_v7().simple().to_string();
    let desk = Desk { engine: &engine, by, trace_id, now: Clock::default().now() };
    desk.execute(order).await.map_err(|error| {
        if matches!(error, EngineError::Store(_)) {
            tracing::error!(error = &error as &dyn std::error::Error, "the store failed");
        }
        let told = serde_json::to_value(ErrorResponse::from(error.problem()));
        AskError::Refused(told.unwrap_or_default())
    })
}
