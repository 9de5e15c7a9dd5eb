//! A primary and a standby that has every acknowledged commit, for tests of fail-over.

use super::{Cluster, ClusterError};

/// A commit is acknowledged when both have it on disk, whichever of the two is the primary: a standby, not
/// the copying of data for one. A standby that does not find its primary at once asks again soon.
const SETTINGS: &[&str] =
    &["cluster_name=standby", "synchronous_standby_names=standby", "wal_retrieve_retry_interval=100ms"];

/// Two servers of which one follows the other.
#[derive(Debug)]
pub struct Pair {
    primary: Cluster,
    standby: Cluster,
}

impl Pair {
    /// A new primary and its standby.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when one of them does not start.
    pub fn start() -> Result<Self, ClusterError> {
        let primary = Cluster::start(SETTINGS)?;
        let standby = primary.standby(SETTINGS)?;
        Ok(Self { primary, standby })
    }

    /// The server that takes writes.
    #[must_use]
    pub fn primary(&self) -> &Cluster {
        &self.primary
    }

    /// Makes a new and empty database; how to connect to whichever server takes writes.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when the server refuses.
    pub fn database(&self) -> Result<String, ClusterError> {
        let database = self.primary.database()?;
        Ok(self.primary.either(&self.standby, &database))
    }

    /// Kills the primary with SIGKILL. Nobody takes writes then.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when it is not running.
    pub fn kill_primary(&self) -> Result<(), ClusterError> {
        self.primary.kill()
    }

    /// Makes the standby the primary. Its commits are acknowledged once the other one has
    /// [joined](Self::rejoin) it.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when it refuses.
    pub fn promote(&mut self) -> Result<(), ClusterError> {
        self.standby.promote()?;
        std::mem::swap(&mut self.primary, &mut self.standby);
        Ok(())
    }

    /// Lets the server that was killed follow the new primary, with a copy of its data.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when the copy cannot be made or does not start.
    pub fn rejoin(&mut self) -> Result<(), ClusterError> {
        self.standby.follow(&self.primary, SETTINGS)
    }
}
