//! Connections: pools, TLS, and the schema brought up to date.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, Timeouts,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::OpenError;
use crate::options::PostgresOptions;

mod migrations {
    refinery::embed_migrations!("migrations");
}

/// Two processes that start at once take turns here; the number is "SCIM" in ASCII.
const MIGRATION_LOCK: i64 = 0x5343_494d;

/// How often a connection is tried.
const TRIES: usize = 3;

/// How long it may take to reach one host.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Reads the address of the database.
pub(crate) fn config(url: &str) -> Result<Config, OpenError> {
    let mut config: Config = url.parse().map_err(OpenError::Url)?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_application_name().is_none() {
        config.application_name("scim");
    }
    // A server that has gone without a word is noticed.
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(Duration::from_secs(10));
    }
    if config.get_hosts().iter().all(|host| matches!(host, Host::Unix(_))) {
        config.ssl_mode(SslMode::Disable);
    }
    Ok(config)
}

/// A pool whose connections begin with these settings.
pub(crate) fn pool(
    config: &Config,
    options: &PostgresOptions,
    size: usize,
    settings: &str,
) -> Result<Pool, OpenError> {
    let settings: Arc<str> =
        format!("SET search_path TO {}; SET jit = off; {settings}", quoted(&options.schema)).into();
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(config.clone(), tls(config, options)?, recycling);
    let set = Hook::async_fn(move |client: &mut deadpool_postgres::ClientWrapper, _| {
        let settings = Arc::clone(&settings);
        Box::pin(async move { client.batch_execute(&settings).await.map_err(HookError::Backend) })
    });
    let limit = Some(options.time_limit);
    Pool::builder(manager)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts { wait: limit, create: limit, recycle: limit })
        .post_create(set)
        .build()
        .map_err(|error| OpenError::Tls(error.to_string()))
}

fn tls(config: &Config, options: &PostgresOptions) -> Result<MakeRustlsConnect, OpenError> {
    let fault = |error: &dyn std::fmt::Display| OpenError::Tls(error.to_string());
    let mut roots = RootCertStore::empty();
    if let Some(file) = &options.root_certificates {
        for certificate in CertificateDer::pem_file_iter(file).map_err(|error| fault(&error))? {
            roots.add(certificate.map_err(|error| fault(&error))?).map_err(|error| fault(&error))?;
        }
    } else if config.get_ssl_mode() != SslMode::Disable {
        // One that cannot be read is as if it were not there.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| fault(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(client))
}

/// Brings the schema up to date.
///
/// Migrations add to what the version before uses and take nothing away, so that it goes on working
/// beside this one.
pub(crate) async fn migrate(pool: &Pool, options: &PostgresOptions) -> Result<(), OpenError> {
    let mut client = pool.get().await?;
    let outcome = migrate_on(&mut client, options).await;
    // The lock, and whatever else a failure has left, goes with the connection.
    drop(Object::take(client));
    outcome
}

async fn migrate_on(client: &mut Object, options: &PostgresOptions) -> Result<(), OpenError> {
    let version =
        client.query_one("SELECT current_setting('server_version_num')::int, version()", &[]).await?;
    if version.get::<_, i32>(0) < 150_000 {
        return Err(OpenError::TooOld(version.get(1)));
    }
    client.execute("SELECT pg_advisory_lock($1)", &[&MIGRATION_LOCK]).await?;
    client.batch_execute(&format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(&options.schema))).await?;
    let runner = migrations::migrations::runner();
    let known = runner.get_migrations().iter().map(refinery::Migration::version).max().unwrap_or_default();
    let found: Option<i32> = match client
        .query_one("SELECT to_regclass('refinery_schema_history') IS NOT NULL", &[])
        .await?
        .get(0)
    {
        true => client.query_one("SELECT max(version)::int FROM refinery_schema_history", &[]).await?.get(0),
        false => None,
    };
    let found = found.unwrap_or_default();
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    if found < known {
        runner.run_async(&mut ***client).await?;
    }
    keep_events_rising(client).await?;
    Ok(())
}

/// After a restore into another cluster, whose transactions may have lower numbers: positions of events go
/// on from the highest.
async fn keep_events_rising(client: &Object) -> Result<(), tokio_postgres::Error> {
    client
        .batch_execute(
            "DO $$
             DECLARE
                 here bigint := (SELECT system_identifier FROM pg_control_system());
             BEGIN
                 IF (SELECT cluster FROM event_base) <> here THEN
                     UPDATE event_base SET cluster = here, base = greatest(0,
                         (SELECT coalesce(max(position), 0) >> 16 FROM event) + 1
                         - pg_current_xact_id()::text::bigint);
                 END IF;
             END
             $$",
        )
        .await
}

/// A name as an SQL identifier.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A connection that does not go back to its pool until it says so.
#[derive(Debug)]
pub(crate) struct Lease(Option<Object>);

impl Lease {
    pub(crate) async fn of(pool: &Pool) -> Result<Self, PoolError> {
        let mut tries = 1;
        loop {
            match pool.get().await {
                Ok(object) => return Ok(Self(Some(object))),
                // One that was cut before it was of use says nothing about the next.
                Err(PoolError::Backend(_) | PoolError::PostCreateHook(_)) if tries < TRIES => tries += 1,
                Err(error) => return Err(error),
            }
        }
    }

    pub(crate) fn client(&self) -> Option<&Object> {
        self.0.as_ref()
    }

    /// Nothing is under way on the connection: it may be used again.
    pub(crate) fn give_back(mut self) {
        self.0 = None;
    }
}

impl Drop for Lease {
    /// Closes the connection: a transaction, or an answer, may still be under way.
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            drop(Object::take(object));
        }
    }
}
