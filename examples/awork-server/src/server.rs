//! The server: store, engine and HTTP put together.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use scim_awork::command::{Act, AworkCommand, CreateWorkspace, RegenerateToken, SetUpIntegration};
use scim_awork::{
    AworkJobs, AworkRules, Deliveries, KeptToken, Provider, RegistryError, SmtpError, WorkspaceSetup,
    awork_registry,
};
use scim_engine::outbox::{Nudge, Worker};
use scim_engine::store::Store;
use scim_engine::{Engine, EngineError, MemoryStore, ProvisioningEngine};
use scim_http::{HttpConfig, Probes, ScimService, ServeConfig, serve};
use scim_postgres::{PostgresOptions, PostgresStore};
use scim_sqlite::{SqliteOptions, SqliteStore};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::admin_api;
use crate::execute::{Awork, context};
use crate::outgoing::Outgoing;
use crate::ready::announce;
use crate::tokens::{AworkTokens, Uses};

/// The path below which awork's SCIM service lives (D-41).
pub(crate) const BASE_PATH: &str = "/api/v1/scim";

/// The file of a data folder.
pub(crate) const FILE: &str = "awork.sqlite";

/// Where the data are.
#[derive(Debug)]
pub(crate) enum Place {
    /// In a folder, with SQLite.
    Folder(PathBuf),
    /// In a PostgreSQL database of this URL.
    Database(String),
}

/// What is to be served.
pub(crate) struct Service {
    pub(crate) listen: SocketAddr,
    /// The URL under which clients reach the service, if it is not where it listens.
    pub(crate) base_url: Option<String>,
    /// A workspace to be made, unless it is there, and its integration.
    pub(crate) setup: Option<(WorkspaceSetup, Option<Integration>)>,
    /// Where e-mails and invoices go.
    pub(crate) outgoing: Outgoing,
    /// The token as it is shown when the server is ready.
    pub(crate) token: String,
    /// Address and token of the admin API.
    pub(crate) admin: Option<(SocketAddr, String)>,
}

/// An integration of the workspace: the client that sends a token.
pub(crate) struct Integration {
    pub(crate) id: String,
    pub(crate) provider: Provider,
    pub(crate) token: KeptToken,
}

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    #[error("the server cannot start")]
    Io(#[from] std::io::Error),
    #[error("the file {path} cannot be used: {reason}", path = .path.display())]
    File { path: PathBuf, reason: String },
    #[error("another server has the data folder {0}: one at a time may; commands may use it meanwhile")]
    Taken(String),
    #[error("a workspace has one integration at most, and the file describes several")]
    Integrations,
    #[error("the integration `{0}` needs either `token` or `token_sha256`, 64 hexadecimal digits")]
    Token(String),
    #[error(
        "the token starts with `awork_scim_` like those awork makes, and is none: copy it again, or choose another"
    )]
    Slip,
    #[error("say where the data are kept: `--data DIR` or `--database-url URL`")]
    NoPlace,
    #[error(transparent)]
    Mail(#[from] SmtpError),
    #[error("the data folder cannot be used")]
    Sqlite(#[from] scim_sqlite::OpenError),
    #[error("the database cannot be used")]
    Postgres(#[from] scim_postgres::OpenError),
    #[error("awork's schemas contradict themselves")]
    Registry(#[from] RegistryError),
    #[error("the workspace cannot be set up")]
    Setup(#[from] EngineError),
}

/// Opens the data, sets up what is not there yet, says that it is ready, and answers requests until `stop`
/// is.
pub(crate) async fn run(
    place: Place,
    service: Service,
    stop: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    match place {
        Place::Folder(folder) => {
            std::fs::create_dir_all(&folder)?;
            // Held as long as the server runs, and given back by the system however it ends.
            let lock = std::fs::File::create(folder.join("awork.lock"))?;
            lock.try_lock().map_err(|error| match error {
                std::fs::TryLockError::WouldBlock => ServerError::Taken(folder.display().to_string()),
                std::fs::TryLockError::Error(error) => error.into(),
            })?;
            let store = SqliteStore::open(folder.join(FILE), &SqliteOptions::default())?;
            // Only one server can have the folder, so one that starts again need not wait for its own lease.
            run_on(store, "folder", service, stop).await
        }
        Place::Database(url) => {
            let store = PostgresStore::open(&url, &PostgresOptions::default()).await?;
            run_on(store, &uuid::Uuid::now_v7().to_string(), service, stop).await
        }
    }
}

/// The same with data that are gone when the server stops.
pub(crate) async fn run_in_memory(
    service: Service,
    stop: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    run_on(MemoryStore::new(), "memory", service, stop).await
}

async fn run_on(
    store: impl Store,
    node: &str,
    service: Service,
    stop: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    let store = Arc::new(store);
    let listener = TcpListener::bind(service.listen).await?;
    let base_url = match service.base_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}{BASE_PATH}", listener.local_addr()?),
    };
    let admin = match service.admin {
        Some((address, token)) => Some((TcpListener::bind(address).await?, token)),
        None => None,
    };
    let nudge = Nudge::default();
    let engine =
        Engine::new(Arc::clone(&store), AworkRules, awork_registry()?, &base_url).with_nudge(nudge.clone());
    let engine = Arc::new(engine);
    if let Some((setup, integration)) = &service.setup {
        set_up(&engine, setup).await?;
        integrate(&engine, setup, integration.as_ref()).await?;
    }
    let worker = Worker::new(Arc::clone(&store), node)
        .with_nudge(nudge)
        .with_jobs(AworkJobs::new()?)
        .with_consumer(Deliveries(service.outgoing));
    let uses = Uses::default();
    let tokens = AworkTokens { store: Arc::clone(&store), uses: uses.clone() };
    let config =
        HttpConfig { prefix: BASE_PATH.to_owned(), realm: "awork".to_owned(), ..HttpConfig::default() };
    tracing::info!(base_url = engine.locations().base, "listening");
    let scim = Probes::new(ScimService::new(Arc::clone(&engine), tokens, config), store);
    let admin_url = match &admin {
        Some((listener, _)) => Some(format!("http://{}", listener.local_addr()?)),
        None => None,
    };
    let setup = service.setup.as_ref().map(|(setup, _)| setup);
    announce(&base_url, admin_url.as_deref(), &service.token, setup)?;
    // Dropped when the server is to stop; then all that works beside it stops too.
    let (working, stopped) = watch::channel(());
    let stopped = || {
        let mut stopped = stopped.clone();
        async move { drop(stopped.changed().await) }
    };
    let mut beside = JoinSet::new();
    beside.spawn(worker.run(|| Utc::now().timestamp_millis(), stopped()));
    beside.spawn(uses.write_down(Arc::clone(&engine), stopped()));
    if let Some((listener, token)) = admin {
        let api = admin_api::router(engine, &token);
        beside.spawn(serve(listener, api, ServeConfig::default(), stopped()));
    }
    serve(listener, scim, ServeConfig::default(), stop).await;
    drop(working);
    while let Some(ended) = beside.join_next().await {
        if let Err(error) = ended {
            tracing::error!(error = &error as &dyn std::error::Error, "what works beside the server failed");
        }
    }
    tracing::info!("stopped");
    Ok(())
}

/// Makes the workspace, unless it is there already.
async fn set_up<S: Store>(engine: &Awork<S>, setup: &WorkspaceSetup) -> Result<(), ServerError> {
    let create = CreateWorkspace::new(setup.clone(), || uuid::Uuid::now_v7().to_string());
    match run_command(engine, setup, create).await {
        Err(EngineError::Refused(problem)) if problem.status == 409 => {
            tracing::info!(workspace = %setup.name, "the workspace is there already");
            Ok(())
        }
        done => Ok(done?),
    }
}

/// Makes exactly this token valid, and an older one no longer.
async fn integrate<S: Store>(
    engine: &Awork<S>,
    setup: &WorkspaceSetup,
    integration: Option<&Integration>,
) -> Result<(), ServerError> {
    let Some(Integration { id, provider, token }) = integration else { return Ok(()) };
    let set_up = SetUpIntegration { provider: *provider, token: token.clone(), id: id.clone() };
    match run_command(engine, setup, set_up).await {
        Err(EngineError::Refused(problem)) if problem.status == 409 => {
            let again = RegenerateToken { token: token.clone() };
            refused_or(run_command(engine, setup, again).await.map(drop), setup)
        }
        done => refused_or(done, setup),
    }
}

/// A workspace that SCIM is refused for, or whose integration is broken, is served all the same: by refusals
/// that say so, and others beside it.
fn refused_or(done: Result<(), EngineError>, setup: &WorkspaceSetup) -> Result<(), ServerError> {
    match done {
        Err(EngineError::Refused(problem)) => {
            tracing::warn!(workspace = %setup.name, reason = problem.detail, "the token is not set up");
            Ok(())
        }
        done => Ok(done?),
    }
}

async fn run_command<S: Store, C: AworkCommand>(
    engine: &Awork<S>,
    setup: &WorkspaceSetup,
    command: C,
) -> Result<C::Output, EngineError> {
    let trace_id = uuid::Uuid::now_v7().simple().to_string();
    engine.command(&context(&setup.name, &trace_id)?, &Act::of_operator(command)).await
}
