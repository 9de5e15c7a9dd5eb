//! A plain SCIM 2.0 directory server: RFC 7643 and RFC 7644 without any application.
//!
//! `directory-server demo` keeps users and groups in SQLite or PostgreSQL and serves one tenant, or the
//! tenants of a file of tokens. With `--conformance` it serves everything that the conformance checklist
//! looks at.

mod conformance;
mod tokens;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use scim_engine::core::{Leniency, RegistryError};
use scim_engine::store::{Store, TenantId, TenantIdError};
use scim_engine::{Caller, Engine, EngineError, MemoryStore, PlainRules, plain_types};
use scim_http::{
    BulkAtomicity, Exposure, Grant, HttpConfig, Me, Principal, Probes, ScimService, ServeConfig,
    StaticTokens, Token, listen, serve, stop_signal,
};
use scim_postgres::{PostgresOptions, PostgresStore};
use scim_sqlite::{SqliteOptions, SqliteStore};
use tracing_subscriber::EnvFilter;

/// The path below which the service lives.
const BASE_PATH: &str = "/scim/v2";

/// A plain SCIM 2.0 directory: users and groups, and no application.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve one tenant.
    Demo(Demo),
}

#[derive(Debug, clap::Args)]
struct Demo {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// A folder to keep the data in, with SQLite; without it and a database they are gone when the server
    /// stops.
    #[arg(long, value_name = "DIR", conflicts_with = "database_url")]
    data: Option<PathBuf>,
    /// A PostgreSQL database to keep the data in, such as `postgres://scim@localhost/scim`; several
    /// servers may share it. In the environment a password is not seen by other users.
    #[arg(long, value_name = "URL", env = "SCIM_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Keep the data in memory, until the server stops.
    #[arg(long, conflicts_with_all = ["database_url", "data"])]
    memory: bool,
    /// Serve every profile that the conformance checklist looks at, each below a path of its own, and print
    /// the target for `cargo xtask conformance --target`.
    #[arg(long)]
    conformance: bool,
    /// Where to write the target as well.
    #[arg(long, value_name = "FILE", requires = "conformance")]
    target: Option<PathBuf>,
    /// The bearer token that may do everything; without one a new one is made.
    #[arg(long)]
    token: Option<String>,
    /// A JSON file of more tokens: a list of objects with `token`, `scopes` such as `read write:Group`, and
    /// maybe `user`, the id of the user whose token it is, and `tenant`.
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// Take nothing but what the RFCs say, none of the habits of real clients.
    #[arg(long)]
    strict: bool,
    /// Do bulk requests all or not at all: always, or where the client asks for it with
    /// `Prefer: scim-all-or-nothing`.
    #[arg(long, value_name = "WHEN", value_enum)]
    all_or_nothing: Option<AllOrNothing>,
    /// List the groups of a user with those that these are members of, whose `type` is then `indirect`.
    #[arg(long, conflicts_with = "conformance")]
    indirect_groups: bool,
    /// Say that a proxy which speaks TLS stands in front, so that other addresses than those of this machine
    /// may be listened on.
    #[arg(long)]
    behind_proxy: bool,
    /// The URL under which clients reach the service, if it is not where it listens.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// When the operations of a bulk request are done all or not at all.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum AllOrNothing {
    OnRequest,
    Always,
}

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
enum ServerError {
    #[error("the server cannot start")]
    Io(#[from] std::io::Error),
    #[error("the data folder cannot be used")]
    Sqlite(#[from] scim_sqlite::OpenError),
    #[error("the database cannot be used")]
    Postgres(#[from] scim_postgres::OpenError),
    #[error(transparent)]
    Tokens(#[from] tokens::TokensError),
    #[error(transparent)]
    Tenant(#[from] TenantIdError),
    #[error("the schemas contradict themselves")]
    Registry(#[from] RegistryError),
    #[error("a user of the conformance checklist cannot be made")]
    Person(#[source] EngineError),
    #[error("a schema of the conformance checklist is no schema")]
    Schema(#[source] serde_json::Error),
}

fn main() -> ExitCode {
    let Args { command: Command::Demo(demo) } = Args::parse();
    let filter = EnvFilter::try_from_env("SCIM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    match runtime.map_err(ServerError::from).and_then(|runtime| runtime.block_on(run(demo))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the server does not run");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Demo) -> Result<(), ServerError> {
    // Caught before anybody is told that the server is ready: whoever stops it then stops it cleanly.
    let stop = stop_signal()?;
    if args.memory {
        return serve_on(MemoryStore::new(), args, stop).await;
    }
    if let Some(url) = &args.database_url {
        let store = PostgresStore::open(url, &PostgresOptions::default()).await?;
        return serve_on(store, args, stop).await;
    }
    // The folder goes when this function ends, so it must outlive the server.
    let scratch = tempfile::tempdir()?;
    let folder = args.data.as_deref().unwrap_or(scratch.path());
    std::fs::create_dir_all(folder)?;
    let store = SqliteStore::open(folder.join("directory.sqlite"), &SqliteOptions::default())?;
    serve_on(store, args, stop).await
}

async fn serve_on(store: impl Store, args: Demo, stop: impl Future<Output = ()>) -> Result<(), ServerError> {
    let store = Arc::new(store);
    if args.conformance {
        return conformance::run(store, args, stop).await;
    }
    let exposure = if args.behind_proxy { Exposure::BehindProxy } else { Exposure::Direct };
    let listener = listen(args.listen, exposure).await?;
    let base_url = match args.base_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}{BASE_PATH}", listener.local_addr()?),
    };
    let token = match args.token {
        Some(text) => Token::from_text(&text),
        None => Token::generate().map_err(std::io::Error::other)?,
    };
    let principal = Principal { tenant: TenantId::new("demo")?, caller: Caller::default() };
    let more = args.tokens.as_deref().map(tokens::read).transpose()?.unwrap_or_default();
    let tokens = StaticTokens::new([(token.hash(), Grant::new(principal))].into_iter().chain(more));
    let mut types = plain_types();
    if args.indirect_groups {
        types = types.with_nested("User", "groups");
    }
    let engine = Engine::new(Arc::clone(&store), PlainRules, types.build()?, &base_url);
    let leniency = if args.strict { Leniency::strict() } else { Leniency::default() };
    let bulk_atomicity = match args.all_or_nothing {
        None => BulkAtomicity::EachAlone,
        Some(AllOrNothing::OnRequest) => BulkAtomicity::OnRequest,
        Some(AllOrNothing::Always) => BulkAtomicity::AsOne,
    };
    let config = HttpConfig {
        prefix: BASE_PATH.to_owned(),
        leniency,
        me: Me::Direct,
        bulk_atomicity,
        ..HttpConfig::default()
    };
    let service = Probes::new(ScimService::new(Arc::new(engine), tokens, config), store);
    announce(&base_url, token.reveal())?;
    serve(listener, service, ServeConfig::default(), stop).await;
    Ok(())
}

/// Tells people on standard error, and scripts in one line on standard output.
fn announce(base_url: &str, token: &str) -> std::io::Result<()> {
    let mut people = std::io::stderr().lock();
    writeln!(people, "\nThe directory is ready.\n\n  Base URL      {base_url}\n  Bearer token  {token}\n")?;
    let mut scripts = std::io::stdout().lock();
    let line = serde_json::json!({ "ready": true, "base_url": base_url, "token": token });
    writeln!(scripts, "{line}")?;
    scripts.flush()
}
