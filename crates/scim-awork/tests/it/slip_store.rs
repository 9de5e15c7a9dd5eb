//! A store in which something else happens between a decision and its commit.

use std::sync::{Mutex, PoisonError};

use scim_engine::store::{
    Batch, CommitError, Committed, DueKey, Query, QueryPage, ReadKey, ReadValue, Store, StoreError,
};

use crate::backing::{self, Backing};

/// A store, with a batch that slips in before the next commit, or after one is refused.
#[derive(Debug)]
pub(crate) struct SlipStore {
    inner: Backing,
    before_commit: Mutex<Option<Batch>>,
    after_refusal: Mutex<Option<Batch>>,
    last: Mutex<Batch>,
}

impl Default for SlipStore {
    fn default() -> Self {
        Self {
            inner: backing::new(),
            before_commit: Mutex::default(),
            after_refusal: Mutex::default(),
            last: Mutex::default(),
        }
    }
}

impl SlipStore {
    /// Commits this batch right before the next one that a request wants to commit.
    pub(crate) fn slip_in(&self, batch: Batch) {
        *self.before_commit.lock().unwrap_or_else(PoisonError::into_inner) = Some(batch);
    }

    /// Commits this batch once a commit has been refused, before the decision is made again.
    pub(crate) fn slip_in_after_refusal(&self, batch: Batch) {
        *self.after_refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(batch);
    }

    /// Commits past the one that waits to slip in.
    pub(crate) async fn commit_by_hand(&self, batch: Batch) {
        self.inner.commit(batch).await.unwrap();
    }

    /// The last batch that a request wanted to commit.
    pub(crate) fn last(&self) -> Batch {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
        let slip = self.before_commit.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(slip) = slip {
            self.commit_by_hand(slip).await;
        }
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = batch.clone();
        let result = self.inner.commit(batch).await;
        if result.is_err() {
            let slip = self.after_refusal.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(slip) = slip {
                self.commit_by_hand(slip).await;
            }
        }
        result
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        self.inner.due(shard, before, limit).await
    }
}
