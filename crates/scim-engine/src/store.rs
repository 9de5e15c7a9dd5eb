//! What a storage backend implements: three verbs, and what each of them promises.
//!
//! A backend is anything that can read some keys in one snapshot, list the records of a tenant by a
//! bound filter, and commit a batch as a whole. The contract suite turns each
//! promise into a test.

mod adds;
mod batch;
mod indexed;
mod key;
mod note;
mod query;
mod read;
mod record;

use std::error::Error as StdError;
use std::future::Future;
use std::sync::Arc;

pub use adds::Adds;
pub use batch::{Batch, Committed, CounterChange, Guard, OnLimit, PutRecord, Refused, Write};
pub use indexed::{INDEXED, indexed_values};
pub use key::{
    ClaimKey, CounterKey, DueKey, LinkKey, MarkKey, RecordKey, RecordRef, SHARDS, Space, Stream, TenantId,
    TenantIdError,
};
pub use note::{LONGEST_NOTE, NOTE_LIFE, NOTES_PER_SPACE, Note, NoteKey, Notes};
pub use query::{Found, Position, Query, QueryPage, TypeQuery};
pub use read::{Counter, Event, LinksKey, ReadKey, ReadValue};
pub use record::{Record, version_tag};

/// Storage for one server or many.
///
/// # Contract
///
/// * A batch is seen whole or not at all by every reader. A store on disk answers only after the
///   flush that covers it.
/// * A refused batch changes nothing, and says which guard, claim or bound refused.
/// * Two tenants never see each other: every key starts with a [`Space`].
/// * [`query`](Store::query) selects and orders exactly as [`Predicate::matches`] and
///   [`Order::compare`] would.
/// * Records that are not visible are found by key and by claim only; links show them as such.
/// * A [note](Store::note) may be lost, but is never another tenant's, nor one that was replaced.
/// * Positions of events follow the order of commits: a reader that has seen one position never
///   misses an event with a smaller one. What was [trimmed](Write::Trim) leaves no position free.
///
/// [`Predicate::matches`]: scim_core::Predicate::matches
/// [`Order::compare`]: scim_core::Order::compare
pub trait Store: Send + Sync + 'static {
    /// Reads keys in one snapshot; the values are in the order of the keys, each of the kind that
    /// [`ReadKey`] says.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the store cannot answer now.
    fn read(&self, keys: Vec<ReadKey>) -> impl Future<Output = Result<Vec<ReadValue>, StoreError>> + Send;

    /// Lists records of a tenant.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the store cannot answer now, or not within its time.
    fn query(&self, query: Query) -> impl Future<Output = Result<QueryPage, StoreError>> + Send;

    /// Commits a batch as a whole, if all guards hold.
    ///
    /// # Errors
    ///
    /// Returns [`CommitError::Refused`] when a guard, claim or bound refuses, and
    /// [`CommitError::Failed`] when the store cannot tell or did not commit.
    fn commit(&self, batch: Batch) -> impl Future<Output = Result<Committed, CommitError>> + Send;

    /// Work that is due before a time (not at it), oldest first, of all spaces that
    /// [fall](Space::shard) into the shard, one of [`SHARDS`].
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the store cannot answer now.
    fn due(
        &self,
        shard: u16,
        before: i64,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<DueKey>, StoreError>> + Send;

    /// Keeps a note in the place of an earlier one. It waits for no flush and may be lost, but as long as
    /// it is there, every node finds it as soon as this answers. Of a space the newest [`NOTES_PER_SPACE`]
    /// are kept for [`NOTE_LIFE`]; older ones may go, and one longer than [`LONGEST_NOTE`] is not kept.
    ///
    /// A store that keeps none, as here, loses what rests on them: pages by index that do not drift.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the note is not kept.
    fn note(&self, key: NoteKey, note: Note) -> impl Future<Output = Result<(), StoreError>> + Send {
        drop((key, note));
        async { Ok(()) }
    }

    /// Reads a note, if it is there.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the store cannot answer now.
    fn noted(&self, key: NoteKey) -> impl Future<Output = Result<Option<Note>, StoreError>> + Send {
        drop(key);
        async { Ok(None) }
    }
}

/// A store can be shared.
impl<S: Store> Store for Arc<S> {
    async fn read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        (**self).read(keys).await
    }

    async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        (**self).query(query).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        (**self).commit(batch).await
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        (**self).due(shard, before, limit).await
    }

    async fn note(&self, key: NoteKey, note: Note) -> Result<(), StoreError> {
        (**self).note(key, note).await
    }

    async fn noted(&self, key: NoteKey) -> Result<Option<Note>, StoreError> {
        (**self).noted(key).await
    }
}

/// Why a store did not answer. What happened is for the log, not for the client.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot answer now; trying again may help.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn StdError + Send + Sync>),
    /// The query would have taken longer than it may.
    #[error("the query takes too long")]
    TooSlow,
    /// What is stored cannot be understood.
    #[error("the stored data are damaged")]
    Damaged(#[source] Box<dyn StdError + Send + Sync>),
}

/// Why a batch was not committed.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A guard, claim or bound refused; nothing changed.
    #[error("the batch was refused: {0}")]
    Refused(Refused),
    /// The store failed; nothing changed as far as it can tell.
    #[error(transparent)]
    Failed(#[from] StoreError),
}
