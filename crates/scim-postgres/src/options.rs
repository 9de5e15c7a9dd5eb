//! How a store is opened.

use std::path::PathBuf;
use std::time::Duration;

/// Options of a [`PostgresStore`](crate::PostgresStore); the defaults suit a server.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    pub(crate) schema: String,
    pub(crate) readers: usize,
    pub(crate) writers: usize,
    pub(crate) time_limit: Duration,
    pub(crate) lock_limit: Duration,
    pub(crate) lost_limit: Duration,
    pub(crate) root_certificates: Option<PathBuf>,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            schema: "scim".to_owned(),
            readers: 16,
            writers: 16,
            time_limit: Duration::from_secs(5),
            lock_limit: Duration::from_secs(5),
            lost_limit: Duration::from_secs(10),
            root_certificates: None,
        }
    }
}

impl PostgresOptions {
    /// The schema that the tables are in, made if it is not there; `scim` by default.
    #[must_use]
    pub fn with_schema(mut self, schema: &str) -> Self {
        schema.clone_into(&mut self.schema);
        self
    }

    /// How many connections read and how many commit, at most; 16 each by default.
    #[must_use]
    pub fn with_connections(mut self, readers: usize, writers: usize) -> Self {
        self.readers = readers.max(1);
        self.writers = writers.max(1);
        self
    }

    /// How long a statement of a read may take before it is given up as too slow, and how long a read may
    /// wait for a connection; 5 s by default.
    #[must_use]
    pub fn with_time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// How long a commit may wait for a row that another one holds; 5 s by default.
    #[must_use]
    pub fn with_lock_limit(mut self, limit: Duration) -> Self {
        self.lock_limit = limit;
        self
    }

    /// How long to ask for the answer of a commit whose connection was lost; 10 s by default.
    #[must_use]
    pub fn with_lost_limit(mut self, limit: Duration) -> Self {
        self.lost_limit = limit;
        self
    }

    /// The certificates, in PEM, that may have signed the server's; those of the system by default.
    #[must_use]
    pub fn with_root_certificates(mut self, file: impl Into<PathBuf>) -> Self {
        self.root_certificates = Some(file.into());
        self
    }
}
