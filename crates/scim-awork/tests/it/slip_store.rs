//! A store in which something else happens between a decision and its commit.

use std::sync::{Arc, Mutex, PoisonError};

use scim_engine::store::{
    Batch, CommitError, Committed, DueKey, Note, NoteKey, Query, QueryPage, ReadKey, ReadValue, Store,
    StoreError,
};

use crate::any_store::AnyStore;

/// A store with a batch that slips in before the next commit, or after one is refused. Clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct SlipStore {
    inner: AnyStore,
    slips: Arc<Slips>,
}

#[derive(Debug, Default)]
struct Slips {
    before_commit: Mutex<Option<Batch>>,
    after_refusal: Mutex<Option<Batch>>,
    last: Mutex<Batch>,
}

impl SlipStore {
    pub(crate) fn new(inner: AnyStore) -> Self {
        Self { inner, slips: Arc::default() }
    }

    /// Commits this batch right before the next one that a request wants to commit.
    pub(crate) fn slip_in(&self, batch: Batch) {
        *self.slips.before_commit.lock().unwrap_or_else(PoisonError::into_inner) = Some(batch);
    }

    /// Commits this batch once a commit has been refused, before the decision is made again.
    pub(crate) fn slip_in_after_refusal(&self, batch: Batch) {
        *self.slips.after_refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(batch);
    }

    /// Commits past the one that waits to slip in.
    pub(crate) async fn commit_by_hand(&self, batch: Batch) {
        self.inner.commit(batch).await.unwrap();
    }

    /// The last batch that a request wanted to commit.
    pub(crate) fn last(&self) -> Batch {
        self.slips.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Store for SlipStore {
    async fn read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        self.inner.read(keys).await
    }

    async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        self.inner.query(query).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        let slip = self.slips.before_commit.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(slip) = slip {
            self.commit_by_hand(slip).await;
        }
        *self.slips.last.lock().unwrap_or_else(PoisonError::into_inner) = batch.clone();
        let result = self.inner.commit(batch).await;
        if result.is_err() {
            let slip = self.slips.after_refusal.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(slip) = slip {
                self.commit_by_hand(slip).await;
            }
        }
        result
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        self.inner.due(shard, before, limit).await
    }

    async fn note(&self, key: NoteKey, note: Note) -> Result<(), StoreError> {
        self.inner.note(key, note).await
    }

    async fn noted(&self, key: NoteKey) -> Result<Option<Note>, StoreError> {
        self.inner.noted(key).await
    }
}
