//! The server: store, engine and HTTP put together.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use scim_awork::command::{Act, AworkCommand, CreateWorkspace, RegenerateToken, SetUpIntegration};
use scim_awork::log::{RefusalLog, Retention, keep_logs};
use scim_awork::{
    AworkJobs, AworkRules, Changes, Deliveries, KeptToken, Provider, RegistryError, SmtpError,
    WorkspaceSetup, awork_registry,
};
use scim_engine::check::Checked;
use scim_engine::outbox::{Nudge, Worker};
use scim_engine::store::Store;
use scim_engine::{AuditHook, Engine, EngineError, MemoryStore, ProvisioningEngine};
use scim_http::{
    Clock, Exposure, HttpConfig, Probes, Rate, RateLimited, ScimService, ServeConfig, listen, serve,
};
use scim_postgres::{PostgresOptions, PostgresStore};
use scim_sqlite::{SqliteOptions, SqliteStore};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::admin_api;
use crate::changes::LogChanges;
use crate::execute::{Awork, context};
use crate::outgoing::Outgoing;
use crate::tokens::{AworkTokens, Gate, Uses};

/// The path below which awork's SCIM service lives (D-41).
pub(crate) const BASE_PATH: &str = "/api/v1/scim";

/// The file of a data folder.
pub(crate) const FILE: &str = "awork.sqlite";

/// Where the data are.
#[derive(Debug)]
pub enum Place {
    /// In a folder, with SQLite.
    Folder(PathBuf),
    /// In a PostgreSQL database of this URL.
    Database(String),
    /// Nowhere: they are gone when the server stops.
    Memory,
}

/// What is to be served.
#[derive(Debug)]
pub struct Service {
    /// Where SCIM is served; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Who can reach the addresses, of SCIM and of the admin API: plain HTTP is for this machine or a proxy.
    pub exposure: Exposure,
    /// The URL under which clients reach the service, if it is not where it listens.
    pub base_url: Option<String>,
    /// A workspace to be made, unless it is there, and its integration.
    pub setup: Option<(WorkspaceSetup, Option<Integration>)>,
    /// Where e-mails and invoices go.
    pub outgoing: Outgoing,
    /// Address and token of the admin API.
    pub admin: Option<(SocketAddr, String)>,
    /// How often each workspace may ask; as often as it likes without (D-86).
    pub rate: Option<Rate>,
    /// How long the provisioning log is kept (D-85).
    pub log_retention: Retention,
    /// The time, for all that happens here.
    pub clock: Clock,
}

/// An integration of the workspace: the client that sends a token.
#[derive(Debug)]
pub struct Integration {
    /// Its id.
    pub id: String,
    /// The identity provider that it is for.
    pub provider: Provider,
    /// What is kept of its token.
    pub token: KeptToken,
}

/// Where a server that is ready can be reached.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Addresses {
    /// The URL of SCIM.
    pub base_url: String,
    /// The URL of the admin API, if there is one.
    pub admin_url: Option<String>,
}

/// Why the server does not run.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The system refuses something.
    #[error("the server cannot start")]
    Io(#[from] std::io::Error),
    /// The file of a workspace.
    #[error("the file {path} cannot be used: {reason}", path = .path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another server works on the folder.
    #[error("another server has the data folder {0}: one at a time may; commands may use it meanwhile")]
    Taken(String),
    /// A file describes several integrations.
    #[error("a workspace has one integration at most, and the file describes several")]
    Integrations,
    /// A file says not exactly one thing of a token, or no hash.
    #[error("the integration `{0}` needs either `token` or `token_sha256`, 64 hexadecimal digits")]
    Token(String),
    /// A token of awork with a slip in it.
    #[error(
        "the token starts with `awork_scim_` like those awork makes, and is none: copy it again, or choose another"
    )]
    Slip,
    /// Nothing says where the data are.
    #[error("say where the data are kept: `--data DIR` or `--database-url URL`")]
    NoPlace,
    /// The SMTP server.
    #[error(transparent)]
    Mail(#[from] SmtpError),
    /// SQLite.
    #[error("the data folder cannot be used")]
    Sqlite(#[from] scim_sqlite::OpenError),
    /// PostgreSQL.
    #[error("the database cannot be used")]
    Postgres(#[from] scim_postgres::OpenError),
    /// The schemas.
    #[error("awork's schemas contradict themselves")]
    Registry(#[from] RegistryError),
    /// The workspace that is to be made.
    #[error("the workspace cannot be set up")]
    Setup(#[from] EngineError),
}

/// Opens the data, sets up what is not there yet, says through `ready` that it is, and answers requests until
/// `stop` is ready.
///
/// # Errors
///
/// Returns a [`ServerError`] when it cannot start, and the error of `ready`.
pub async fn run(
    place: Place,
    service: Service,
    ready: impl FnOnce(&Addresses) -> std::io::Result<()>,
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
            run_on(store, "folder", service, ready, stop).await
        }
        Place::Database(url) => {
            let store = PostgresStore::open(&url, &PostgresOptions::default()).await?;
            run_on(store, &uuid::Uuid::now_v7().to_string(), service, ready, stop).await
        }
        Place::Memory => run_on(MemoryStore::new(), "memory", service, ready, stop).await,
    }
}

async fn run_on(
    store: impl Checked,
    node: &str,
    service: Service,
    ready: impl FnOnce(&Addresses) -> std::io::Result<()>,
    stop: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    let clock = service.clock;
    let store = Arc::new(store);
    let listener = listen(service.listen, service.exposure).await?;
    let base_url = match service.base_url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => format!("http://{}{BASE_PATH}", listener.local_addr()?),
    };
    let admin = match service.admin {
        Some((address, token)) => Some((listen(address, service.exposure).await?, token)),
        None => None,
    };
    let nudge = Nudge::default();
    let engine =
        Engine::new(Arc::clone(&store), AworkRules, awork_registry()?, &base_url).with_nudge(nudge.clone());
    let engine = Arc::new(engine);
    if let Some((setup, integration)) = &service.setup {
        let operator = Operator { engine: &engine, setup, clock: &clock };
        operator.set_up().await?;
        operator.integrate(integration.as_ref()).await?;
    }
    let worker = Worker::new(Arc::clone(&store), node)
        .with_nudge(nudge)
        .with_jobs(AworkJobs::new()?)
        .with_consumer(Deliveries(service.outgoing))
        .with_consumer(Changes(LogChanges));
    let uses = Uses::default();
    let tokens = AworkTokens { store: Arc::clone(&store), uses: uses.clone() };
    let gate = match service.rate {
        Some(rate) => Gate::Limited(RateLimited::new(tokens, rate)),
        None => Gate::Open(tokens),
    };
    let refusals = RefusalLog::default();
    let config = HttpConfig {
        prefix: BASE_PATH.to_owned(),
        realm: "awork".to_owned(),
        clock: clock.clone(),
        audit: AuditHook::new(Arc::new(refusals.clone())),
        ..HttpConfig::default()
    };
    tracing::info!(base_url = engine.locations().base, "listening");
    let scim = Probes::new(ScimService::new(Arc::clone(&engine), gate, config), Arc::clone(&store));
    let admin_url = match &admin {
        Some((listener, _)) => Some(format!("http://{}", listener.local_addr()?)),
        None => None,
    };
    ready(&Addresses { base_url, admin_url })?;
    // Dropped when the server is to stop; then all that works beside it stops too.
    let (working, stopped) = watch::channel(());
    let stopped = || {
        let mut stopped = stopped.clone();
        async move { drop(stopped.changed().await) }
    };
    let mut beside = JoinSet::new();
    let time = clock.clone();
    beside.spawn(worker.run(move || time.now(), stopped()));
    beside.spawn(uses.write_down(Arc::clone(&engine), clock.clone(), stopped()));
    let time = clock.clone();
    beside.spawn(refusals.write_down(Arc::clone(&store), move || time.now(), stopped()));
    let time = clock.clone();
    beside.spawn(keep_logs(store, service.log_retention, move || time.now(), stopped()));
    if let Some((listener, token)) = admin {
        let api = admin_api::router(engine, &token, clock);
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

/// Makes the workspace that is to be there, as the operator of awork.
struct Operator<'o, S> {
    engine: &'o Awork<S>,
    setup: &'o WorkspaceSetup,
    clock: &'o Clock,
}

impl<S: Store> Operator<'_, S> {
    /// Makes the workspace, unless it is there already.
    async fn set_up(&self) -> Result<(), ServerError> {
        let create = CreateWorkspace::new(self.setup.clone(), || uuid::Uuid::now_v7().to_string());
        match self.run(create).await {
            Err(EngineError::Refused(problem)) if problem.status == 409 => {
                tracing::info!(workspace = %self.setup.name, "the workspace is there already");
                Ok(())
            }
            done => Ok(done?),
        }
    }

    /// Makes exactly this token valid, and an older one no longer.
    async fn integrate(&self, integration: Option<&Integration>) -> Result<(), ServerError> {
        let Some(Integration { id, provider, token }) = integration else { return Ok(()) };
        let set_up = SetUpIntegration { provider: *provider, token: token.clone(), id: id.clone() };
        match self.run(set_up).await {
            Err(EngineError::Refused(problem)) if problem.status == 409 => {
                let again = RegenerateToken { token: token.clone() };
                self.refused_or(self.run(again).await.map(drop))
            }
            done => self.refused_or(done),
        }
    }

    /// A workspace that SCIM is refused for, or whose integration is broken, is served all the same: by
    /// refusals that say so, and others beside it.
    fn refused_or(&self, done: Result<(), EngineError>) -> Result<(), ServerError> {
        match done {
            Err(EngineError::Refused(problem)) => {
                tracing::warn!(workspace = %self.setup.name, reason = problem.detail, "the token is not set up");
                Ok(())
            }
            done => Ok(done?),
        }
    }

    async fn run<C: AworkCommand>(&self, command: C) -> Result<C::Output, EngineError> {
        let trace_id = uuid::Uuid::now_v7().simple().to_string();
        let context = context(&self.setup.name, &trace_id, self.clock.now())?;
        self.engine.command(&context, &Act::of_operator(command)).await
    }
}
