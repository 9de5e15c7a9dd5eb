//! The server: store, engine and HTTP put together.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Utc;
use scim_awork::{
    AworkRules, PROVIDER_LABEL, Provider, RegistryError, SetupError, Workspace, WorkspaceSetup,
    awork_registry,
};
use scim_engine::store::{
    Batch, CommitError, Guard, PutRecord, ReadKey, ReadValue, RecordKey, Refused, Store, StoreError,
    TenantId, TenantIdError, Write,
};
use scim_engine::{Caller, Engine, ProvisioningEngine};
use scim_http::{Grant, HttpConfig, Principal, ScimService, ServeConfig, StoreTokens, TokenHash, serve};
use scim_sqlite::SqliteStore;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::tokens::AworkTokens;

/// The path below which awork's SCIM service lives (D-41).
const BASE_PATH: &str = "/api/v1/scim";

/// A server that is bound and not yet running.
pub(crate) struct Server {
    store: Arc<SqliteStore>,
    listener: TcpListener,
    base_url: String,
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
    #[error("the data folder cannot be used")]
    Open(#[from] scim_sqlite::OpenError),
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

impl Server {
    /// Opens the data in the folder and takes the address.
    pub(crate) async fn bind(
        folder: &Path,
        listen: SocketAddr,
        base_url: Option<&str>,
    ) -> Result<Self, ServerError> {
        std::fs::create_dir_all(folder)?;
        let store =
            Arc::new(SqliteStore::open(folder.join("awork.sqlite"), &scim_sqlite::SqliteOptions::default())?);
        let listener = TcpListener::bind(listen).await?;
        let base_url = match base_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}{BASE_PATH}", listener.local_addr()?),
        };
        Ok(Self { store, listener, base_url })
    }

    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Writes the first records of the workspace, unless it is there already.
    pub(crate) async fn set_up(&self, setup: &WorkspaceSetup) -> Result<(), ServerError> {
        let batch = setup.batch(&awork_registry()?, Utc::now(), || uuid::Uuid::now_v7().to_string())?;
        let key = Workspace::key(&TenantId::new(&setup.name)?.space());
        match self.store.commit(batch).await {
            Ok(_) => Ok(()),
            Err(CommitError::Refused(Refused::Guard(Guard::Version(refused, _)))) if refused == key => {
                tracing::info!(workspace = %setup.name, "the workspace is there already");
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes exactly these tokens valid: one for each integration, and an older one no longer.
    pub(crate) async fn integrate(
        &self,
        setup: &WorkspaceSetup,
        integrations: &[Integration],
    ) -> Result<(), ServerError> {
        let tenant = TenantId::new(&setup.name)?;
        for integration in integrations {
            let key = RecordKey::new(&tenant.space(), "Integration", &integration.id);
            let (version, known) = match self.read(key.clone()).await? {
                Some(record) => {
                    let hash = record.extra.get("token").and_then(Value::as_str).map(str::to_owned);
                    (Some(record.version), hash.and_then(|hash| hash.parse::<TokenHash>().ok()))
                }
                None => (None, None),
            };
            if known.as_ref() == Some(&integration.token) {
                continue;
            }
            let labels = [(PROVIDER_LABEL.to_owned(), label(integration.provider))];
            let caller = Caller { id: integration.id.clone(), labels: labels.into() };
            let grant = Grant::new(Principal { tenant: tenant.clone(), caller });
            let mut writes = vec![StoreTokens::<SqliteStore>::grant(&integration.token, &grant, None)];
            if let Some(old) = known {
                let key = StoreTokens::<SqliteStore>::key(&old);
                if let Some(record) = self.read(key.clone()).await? {
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
            let now = Utc::now().timestamp_millis();
            self.store.commit(Batch { now, guards: Vec::new(), writes }).await?;
        }
        Ok(())
    }

    async fn read(&self, key: RecordKey) -> Result<Option<Box<scim_engine::store::Record>>, ServerError> {
        match self.store.read(vec![ReadKey::Record(key)]).await?.pop() {
            Some(ReadValue::Record(record)) => Ok(record),
            _ => Ok(None),
        }
    }

    /// Answers requests until `stop` is ready.
    pub(crate) async fn run(self, stop: impl Future<Output = ()>) -> Result<(), ServerError> {
        let registry = awork_registry()?;
        let engine = Engine::new(Arc::clone(&self.store), AworkRules, registry, &self.base_url);
        let tokens = AworkTokens(StoreTokens::new(Arc::clone(&self.store)));
        let config =
            HttpConfig { prefix: BASE_PATH.to_owned(), realm: "awork".to_owned(), ..HttpConfig::default() };
        tracing::info!(base_url = engine.locations().base, "listening");
        let service = ScimService::new(Arc::new(engine), tokens, config);
        serve(self.listener, service, ServeConfig::default(), stop).await;
        tracing::info!("stopped");
        Ok(())
    }
}

fn label(provider: Provider) -> String {
    match serde_json::to_value(provider) {
        Ok(Value::String(label)) => label,
        _ => String::new(),
    }
}
