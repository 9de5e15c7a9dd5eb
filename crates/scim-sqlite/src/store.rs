//! The store: the writer, the readers, and the file they share.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use scim_engine::check::{Checked, Expectation, Expected, Fault, Repaired};
use scim_engine::store::{
    Batch, CommitError, Committed, DueKey, Note, NoteKey, Notes, Query, QueryPage, ReadKey, ReadValue,
    Record, Store, StoreError,
};
use tempfile::TempDir;

use crate::check::check;
use crate::error::OpenError;
use crate::options::SqliteOptions;
use crate::readers::Readers;
use crate::repair::Repair;
use crate::writer::Writer;
use crate::{query, read};

/// How many keys or records a read may name to be tried on the caller's thread.
const LIGHT: usize = 256;

/// A store in one SQLite file, with its write-ahead log beside it. Clones share it.
///
/// The file is closed when the last clone is dropped; commits that wait are finished first. Several
/// processes may have one file open: their commits take turns. Notes are in memory, so that they cost no
/// write: another process does not see them.
///
/// ```
/// use scim_engine::store::{ReadKey, ReadValue, RecordKey, Store, TenantId};
/// use scim_sqlite::SqliteStore;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SqliteStore::open_in_memory()?;
/// let tenant = TenantId::new("precious-asteroid")?;
/// let key = RecordKey::new(&tenant.space(), "User", "2819c223");
/// assert_eq!(store.read(vec![ReadKey::Record(key)]).await?, [ReadValue::Record(None)]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

// Fields are dropped in order: the last connection to close is the writer's, which tidies up the log.
struct Inner {
    readers: Readers,
    writer: Writer,
    notes: Notes,
    /// The folder of a store that is to leave nothing behind.
    _folder: Option<TempDir>,
}

impl SqliteStore {
    /// Opens the file, or creates it, and brings its schema up to date.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] when the file cannot be opened, belongs to another application, or was
    /// written by a newer version.
    pub fn open(path: impl AsRef<Path>, options: &SqliteOptions) -> Result<Self, OpenError> {
        Self::open_at(path.as_ref(), options, None)
    }

    /// Opens a store that is gone when it is dropped: in a temporary folder, never flushed.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] when the folder or the file in it cannot be made.
    pub fn open_in_memory() -> Result<Self, OpenError> {
        let folder = tempfile::Builder::new().prefix("scim-sqlite-").tempdir()?;
        let path = folder.path().join("scim.db");
        Self::open_at(&path, &SqliteOptions { flushed: false, ..SqliteOptions::default() }, Some(folder))
    }

    fn open_at(path: &Path, options: &SqliteOptions, folder: Option<TempDir>) -> Result<Self, OpenError> {
        let writer = Writer::open(path.to_owned(), options)?;
        let readers = Readers::open(path, options)?;
        Ok(Self { inner: Arc::new(Inner { readers, writer, notes: Notes::default(), _folder: folder }) })
    }

    /// How SQLite would find the page of a query: the lines of `EXPLAIN QUERY PLAN`.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the store cannot answer now.
    pub async fn explain(&self, query: Query) -> Result<Vec<String>, StoreError> {
        self.inner.readers.run(false, move |connection| query::explain(connection, &query)).await
    }

    /// Checks that the file is whole, and that unique values, indexed values, links, totals, counters
    /// and match forms agree with the documents, in one snapshot and however long it takes.
    ///
    /// `expected` computes from a record what must go with it; records for which it gives none are
    /// checked as far as they tell by themselves. At most 1,000 faults are named. [`Checked::repair`] mends
    /// what can be mended.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the store cannot answer now.
    pub async fn check(
        &self,
        expected: impl Fn(&Record) -> Option<Expected> + Send + Sync + 'static,
    ) -> Result<Vec<Fault>, StoreError> {
        self.check_all(Arc::new(expected)).await
    }
}

impl Store for SqliteStore {
    async fn read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        let light = keys.len() <= LIGHT;
        let read = move |connection: &_| keys.iter().map(|key| read::read(connection, key)).collect();
        self.inner.readers.run(light, read).await
    }

    async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        let light = query.limit <= LIGHT;
        self.inner.readers.run(light, move |connection| query::query(connection, &query)).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        self.inner.writer.commit(batch).await
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        let light = limit <= LIGHT;
        self.inner.readers.run(light, move |connection| read::due(connection, shard, before, limit)).await
    }

    async fn note(&self, key: NoteKey, note: Note) -> Result<(), StoreError> {
        self.inner.notes.keep(key, note);
        Ok(())
    }

    async fn noted(&self, key: NoteKey) -> Result<Option<Note>, StoreError> {
        Ok(self.inner.notes.get(&key))
    }
}

impl Checked for SqliteStore {
    async fn check_all(&self, expectation: Arc<dyn Expectation>) -> Result<Vec<Fault>, StoreError> {
        let findings =
            self.inner.readers.run_long(move |connection| check(connection, &*expectation)).await?;
        Ok(findings.faults)
    }

    async fn repair(&self, expectation: Arc<dyn Expectation>) -> Result<Repaired, StoreError> {
        scim_sql::check::repair(&Repair { readers: &self.inner.readers, expectation }).await
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}
