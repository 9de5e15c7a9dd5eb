//! A server that listens to the network, and speaks TLS there.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;

use super::{Cluster, ClusterError};

/// How often a port is chosen: somebody else may take it before the server does.
const TRIES: usize = 5;

impl Cluster {
    /// A new server on `127.0.0.1` with this certificate and its key, in PEM. Its superuser needs no password.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when PostgreSQL is not installed or does not start.
    pub fn with_tls(certificate: &str, key: &str) -> Result<Self, ClusterError> {
        let mut cluster = Self::empty()?;
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let file = cluster.data().join(name);
            std::fs::write(&file, text)?;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
            cluster.programs.own(&file)?;
        }
        let mut tries = 1;
        loop {
            cluster.port = Some(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port());
            match cluster.run(&["listen_addresses=127.0.0.1", "ssl=on"]) {
                Err(ClusterError::NotReady { .. }) if tries < TRIES => tries += 1,
                outcome => return outcome.map(|()| cluster),
            }
        }
    }

    /// The port that the server listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(super::PORT)
    }

    /// Whether a connection by TLS is open to a database.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when the server refuses.
    pub fn speaks_tls(&self, database: &str) -> Result<bool, ClusterError> {
        let sql = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        Ok(self.sql(database, sql)? == "t")
    }
}
