//! The server: store, engine and HTTP put together.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use scim_awork::{
    AworkJobs, AworkRules, Deliveries, PROVIDER_LABEL, Provider, RegistryError, SetupError, SmtpError,
    Workspace, WorkspaceSetup, awork_registry,
};
use scim_engine::outbox::{Nudge, Worker};
use scim_engine::store::{
    Batch, CommitError, Guard, PutRecord, ReadKey, ReadValue, RecordKey, Refused, Store, StoreError,
    TenantId, TenantIdError, Write,
};
use scim_engine::{Caller, Engine, ProvisioningEngine};
use scim_http::{
    Grant, HttpConfig, Principal, Probes, ScimService, ServeConfig, StoreTokens, TokenHash, serve,
};
use scim_postgres::{PostgresOptions, PostgresStore};
use scim_sqlite::{SqliteOptions, SqliteStore};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::outgoing::Outgoing;
use crate::ready::announce;
use crate::tokens::AworkTokens;

/// The path below which awork's SCIM service lives (D-41).
const BASE_PATH: &str = "/api/v1/scim";

/// How often the tokens are looked at again when another server has just changed them.
const TRIES: usize = 5;

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
    pub(crate) setup: WorkspaceSetup,
    pub(crate) integrations: Vec<Integration>,
    /// Where e-mails and invoices go.
    pub(crate) outgoing: Outgoing,
    /// The token as it is shown when the server is ready.
    pub(crate) token: String,
}

/// An integration of the workspace: the client that sends a token.
pub(crate) struct Integration {
    pub(crate) id: String,
    pub(crate) provider: Provider,
    pub(crate) token: TokenHash,
}

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    #[error("the server cannot start")]
    Io(#[from] std::io::Error),
    #[error("the file {path} cannot be used: {reason}", path = .path.display())]
    File { path: PathBuf, reason: String },
    #[error("the integration `{0}` needs either `token` or `token_sha256`, 64 hexadecimal digits")]
    Token(String),
    #[error("say where the data are kept: `--data DIR` or `--database-url URL`")]
    NoPlace,
    #[error(transparent)]
    Mail(#[from] SmtpError),
    #[error("the data folder cannot be used")]
    Sqlite(#[from] scim_sqlite::OpenError),
    #[error("the database cannot be used")]
    Postgres(#[from] scim_postgres::OpenError),
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Tenant(#[from] TenantIdError),
    #[error("awork's schemas contradict themselves")]
    Registry(#[from] RegistryError),
    #[error("the store does not answer")]
    Store(#[from] StoreError),
    #[error("the first records cannot be written")]
    Commit(#[source] Box<CommitError>),
}

impl From<CommitError> for ServerError {
    fn from(error: CommitError) -> Self {
        Self::Commit(Box::new(error))
    }
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
            let store = SqliteStore::open(folder.join("awork.sqlite"), &SqliteOptions::default())?;
            // Only one server can have the folder, so one that starts again need not wait for its own lease.
            run_on(store, "folder", service, stop).await
        }
        Place::Database(url) => {
            let store = PostgresStore::open(&url, &PostgresOptions::default()).await?;
            run_on(store, &uuid::Uuid::now_v7().to_string(), service, stop).await
        }
    }
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
    set_up(&*store, &service.setup).await?;
    integrate(&*store, &service.setup, &service.integrations).await?;
    let nudge = Nudge::default();
    let engine =
        Engine::new(Arc::clone(&store), AworkRules, awork_registry()?, &base_url).with_nudge(nudge.clone());
    let worker = Worker::new(Arc::clone(&store), node)
        .with_nudge(nudge)
        .with_jobs(AworkJobs::new()?)
        .with_consumer(Deliveries(service.outgoing));
    let tokens = AworkTokens(StoreTokens::new(Arc::clone(&store)));
    let config =
        HttpConfig { prefix: BASE_PATH.to_owned(), realm: "awork".to_owned(), ..HttpConfig::default() };
    tracing::info!(base_url = engine.locations().base, "listening");
    let scim = Probes::new(ScimService::new(Arc::new(engine), tokens, config), store);
    announce(&base_url, &service.token, &service.setup)?;
    let (stop_working, stopped) = tokio::sync::oneshot::channel::<()>();
    let working = tokio::spawn(worker.run(|| Utc::now().timestamp_millis(), async { drop(stopped.await) }));
    serve(listener, scim, ServeConfig::default(), stop).await;
    drop(stop_working);
    if let Err(error) = working.await {
        tracing::error!(error = &error as &dyn std::error::Error, "the outbox was not read to the end");
    }
    tracing::info!("stopped");
    Ok(())
}

/// Writes the first records of the workspace, unless it is there already.
async fn set_up(store: &impl Store, setup: &WorkspaceSetup) -> Result<(), ServerError> {
    let batch = setup.batch(&awork_registry()?, Utc::now(), || uuid::Uuid::now_v7().to_string())?;
    let key = Workspace::key(&TenantId::new(&setup.name)?.space());
    match store.commit(batch).await {
        Ok(_) => Ok(()),
        Err(CommitError::Refused(Refused::Guard(Guard::Version(refused, _)))) if refused == key => {
            tracing::info!(workspace = %setup.name, "the workspace is there already");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes exactly these tokens valid: one for each integration, and an older one no longer.
async fn integrate(
    store: &impl Store,
    setup: &WorkspaceSetup,
    integrations: &[Integration],
) -> Result<(), ServerError> {
    let tenant = TenantId::new(&setup.name)?;
    for integration in integrations {
        let mut tries = 1;
        // Another server of the same data may be doing the same.
        while let Some(writes) = token_writes(store, &tenant, integration).await? {
            let batch = Batch { now: Utc::now().timestamp_millis(), guards: Vec::new(), writes };
            match store.commit(batch).await {
                Ok(_) => break,
                Err(CommitError::Refused(_)) if tries < TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// What makes the token of an integration valid; none if it is so already.
async fn token_writes<S: Store>(
    store: &S,
    tenant: &TenantId,
    integration: &Integration,
) -> Result<Option<Vec<Write>>, ServerError> {
    let key = RecordKey::new(&tenant.space(), "Integration", &integration.id);
    let (version, known) = match read(store, key.clone()).await? {
        Some(record) => {
            let hash = record.extra.get("token").and_then(Value::as_str).map(str::to_owned);
            (Some(record.version), hash.and_then(|hash| hash.parse::<TokenHash>().ok()))
        }
        None => (None, None),
    };
    if known.as_ref() == Some(&integration.token) {
        return Ok(None);
    }
    let labels = [(PROVIDER_LABEL.to_owned(), label(integration.provider))];
    let caller = Caller { id: integration.id.clone(), labels: labels.into() };
    let grant = Grant::new(Principal { tenant: tenant.clone(), caller });
    let mut writes = vec![StoreTokens::<S>::grant(&integration.token, &grant, None)];
    if let Some(old) = known {
        let key = StoreTokens::<S>::key(&old);
        if let Some(record) = read(store, key.clone()).await? {
            writes.push(Write::Delete { key, replaces: record.version });
        }
    }
    let extra = [("token".to_owned(), json!(integration.token.to_hex()))];
    writes.push(Write::Put {
        record: Box::new(PutRecord {
            key,
            visible: true,
            name: Some(integration.id.clone()),
            document: scim_engine::core::Document::new(),
            extra: extra.into_iter().collect(),
            form: Map::new(),
            indexed: Vec::new(),
        }),
        replaces: version,
    });
    Ok(Some(writes))
}

async fn read(
    store: &impl Store,
    key: RecordKey,
) -> Result<Option<Box<scim_engine::store::Record>>, ServerError> {
    match store.read(vec![ReadKey::Record(key)]).await?.pop() {
        Some(ReadValue::Record(record)) => Ok(record),
        _ => Ok(None),
    }
}

fn label(provider: Provider) -> String {
    match serde_json::to_value(provider) {
        Ok(Value::String(label)) => label,
        _ => String::new(),
    }
}
