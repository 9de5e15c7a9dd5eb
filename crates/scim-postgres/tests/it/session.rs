//! Somebody else at the database, who stands in the way.

use std::time::Duration;

use tokio_postgres::{Client, NoTls};

/// How long something may take; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// A session; if it was opened so, of the superuser and in the schema of the store.
pub(crate) struct Session(Client);

impl Session {
    /// A session of whoever the database is opened as.
    pub(crate) async fn connect(database: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(database, NoTls).await.expect("a session");
        tokio::spawn(connection);
        Self(client)
    }

    pub(crate) async fn open(database: &str) -> Self {
        let session = Self::connect(database).await;
        // Whoever waits longest finds out about a deadlock: not this session.
        session.run("SET search_path TO scim; SET deadlock_timeout = '1h'").await;
        session
    }

    pub(crate) async fn run(&self, sql: &str) {
        self.0.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// Sets what later connections to the database begin with.
    pub(crate) async fn set_for_others(&self, setting: &str) {
        let alter = format!("ALTER DATABASE %I SET {setting}");
        self.run(&format!(
            "DO $$ BEGIN EXECUTE format('{}', current_database()); END $$",
            alter.replace('\'', "''")
        ))
        .await;
    }

    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.0.query_one(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}")).get(0)
    }

    /// Waits until somebody else waits for a lock.
    pub(crate) async fn until_somebody_waits(&self) {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let looking = async {
            while self.number(waiting).await == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
                // Within a transaction the first look would last.
                self.run("SELECT pg_stat_clear_snapshot()").await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, looking).await.is_ok(), "nobody waits for a lock");
    }
}
