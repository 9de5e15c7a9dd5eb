//! The store: connections that read, connections that commit, and the database they share.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use scim_engine::check::{Checked, Expectation, Expected, Fault, Repaired};
use scim_engine::store::{
    Batch, CommitError, Committed, DueKey, Note, NoteKey, Query, QueryPage, ReadKey, ReadValue, Record,
    RecordKey, Store, StoreError,
};

use crate::check::Whole;
use crate::connection;
use crate::error::OpenError;
use crate::keyed;
use crate::lookups::Lookups;
use crate::notes::{self, NoteWriter};
use crate::options::PostgresOptions;
use crate::query::{Page, Plan};
use crate::read;
use crate::readers::{Ask, Question, Readers};
use crate::repair::Repair;
use crate::writer::Writer;

/// How often, and how long, a reader of events waits for those that are about to be settled.
const WAITS: usize = 10;
const WAIT: Duration = Duration::from_millis(10);

/// How many records are looked up along with those that others ask for; more have a statement to themselves.
const FEW: usize = 8;

/// A store in a PostgreSQL database. Clones share their connections.
///
/// Any number of processes may have one database open. The address may name several hosts with
/// `target_session_attrs=read-write`: after a fail-over the store finds the new primary by itself.
#[derive(Clone)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

struct Inner {
    readers: Arc<Readers>,
    lookups: Lookups,
    writer: Writer,
    notes: NoteWriter,
}

impl PostgresStore {
    /// Opens the database, such as `postgres://scim@db1,db2/scim?target_session_attrs=read-write`, and
    /// brings its schema up to date.
    ///
    /// # Errors
    ///
    /// Returns an [`OpenError`] when the database cannot be reached or prepared, or was written by a newer
    /// version.
    pub async fn open(url: &str, options: &PostgresOptions) -> Result<Self, OpenError> {
        let config = connection::config(url)?;
        let writer = Writer::open(&config, options)?;
        connection::migrate(writer.pool(), options).await?;
        let readers = Arc::new(Readers::open(&config, options)?);
        let lookups = Lookups::new(Arc::clone(&readers));
        let notes = NoteWriter::open(&config, options)?;
        Ok(Self { inner: Arc::new(Inner { readers, lookups, writer, notes }) })
    }

    /// How PostgreSQL would find the page of a query: the lines of `EXPLAIN`.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the store cannot answer now.
    pub async fn explain(&self, query: Query) -> Result<Vec<String>, StoreError> {
        self.inner.readers.run(Plan(&query)).await
    }

    /// Checks that unique values, indexed values, links, totals, counters and match forms agree with the
    /// documents, in one snapshot and however long it takes. Whether the files of the database are whole is
    /// for `pg_amcheck` to say.
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

    async fn ask(&self, keys: &[ReadKey]) -> Result<Vec<ReadValue>, StoreError> {
        let record = |key: &ReadKey| match key {
            ReadKey::Record(key) => Some(key.clone()),
            _ => None,
        };
        let records: Option<Vec<RecordKey>> =
            if keys.len() <= FEW { keys.iter().map(record).collect() } else { None };
        let found = match records {
            Some(records) => self.inner.lookups.records(records).await?,
            None => keyed::read(&self.inner.readers, keys).await?,
        };
        found.into_iter().collect()
    }

    /// Whether one of the keys asks for events that are there, but not settled yet.
    async fn waits(&self, keys: &[ReadKey], values: &[ReadValue]) -> Result<bool, StoreError> {
        let empty = |value: &ReadValue| matches!(value, ReadValue::Events(events) if events.is_empty());
        let unsettled: Vec<Question> = keys
            .iter()
            .zip(values)
            .filter(|(_, value)| empty(value))
            .filter_map(|(key, _)| read::unsettled(key))
            .collect();
        if unsettled.is_empty() {
            return Ok(false);
        }
        Ok(self.inner.readers.run(Ask(&unsettled)).await?.iter().any(|rows| !rows.is_empty()))
    }
}

impl Store for PostgresStore {
    async fn read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut values = self.ask(&keys).await?;
        for _ in 0..WAITS {
            // Whoever has just committed is to find the event: another commit may still be under way that
            // began before, and ends in a moment.
            if !self.waits(&keys, &values).await? {
                break;
            }
            tokio::time::sleep(WAIT).await;
            values = self.ask(&keys).await?;
        }
        Ok(values)
    }

    async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        self.inner.readers.run(Page(&query)).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        self.inner.writer.commit(&batch).await
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        let answers = self.inner.readers.run(Ask(&[read::due(shard, before, limit)])).await?;
        read::due_keys(answers.first().map_or(&[], Vec::as_slice))
    }

    async fn note(&self, key: NoteKey, note: Note) -> Result<(), StoreError> {
        self.inner.notes.keep(&key, &note).await
    }

    async fn noted(&self, key: NoteKey) -> Result<Option<Note>, StoreError> {
        let answers = self.inner.readers.run(Ask(&[notes::question(&key)])).await?;
        notes::note(answers.first().map_or(&[], Vec::as_slice))
    }
}

impl Checked for PostgresStore {
    async fn check_all(&self, expectation: Arc<dyn Expectation>) -> Result<Vec<Fault>, StoreError> {
        Ok(self.inner.readers.run(Whole(&*expectation)).await?.faults)
    }

    async fn repair(&self, expectation: Arc<dyn Expectation>) -> Result<Repaired, StoreError> {
        let Inner { readers, writer, .. } = &*self.inner;
        let expectation = &*expectation;
        scim_sql::check::repair(&Repair { readers, pool: writer.pool(), expectation }).await
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}
