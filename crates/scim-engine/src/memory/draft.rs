//! A draft: a store that lies over another one. What is committed to it is seen through it alone, until all
//! of it becomes one batch for the store below.
//!
//! What it is asked for the first time it reads below, and remembers; so its answers do not change under a
//! walk, and what they rested on can be guarded. Batches are carried out by the in-memory store's own
//! rules, on what is remembered.

mod batch;
mod below;
mod sheet;

use std::sync::{Arc, Mutex, MutexGuard};

use super::poisoned;
use crate::store::{
    Batch, CommitError, Committed, DueKey, LinksKey, Query, QueryPage, ReadKey, ReadValue, RecordKey,
    Refused, Store, StoreError,
};
use below::Wanted;
use sheet::Sheet;

/// A store over another one. Each key is read below once; listings, events and what is due are those of the
/// store below.
pub(crate) struct Draft<S> {
    base: Arc<S>,
    sheet: Mutex<Sheet>,
}

impl<S: Store> Draft<S> {
    /// A draft on which nothing stands yet.
    pub(crate) fn over(base: Arc<S>) -> Self {
        Self { base, sheet: Mutex::default() }
    }

    /// All that was committed to the draft, for the store below: guarded by everything that was read, but
    /// for records that are merely linked.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when a commit to the draft has panicked.
    pub(crate) fn batch(&self) -> Result<Batch, StoreError> {
        Ok(self.sheet()?.batch())
    }

    /// How many links were committed to the draft, added or removed.
    pub(crate) fn links(&self) -> usize {
        self.sheet().map_or(0, |sheet| sheet.links())
    }

    /// Guards the record whatever happens to it, since its version was asked for.
    pub(crate) fn pin(&self, key: RecordKey) {
        if let Ok(mut sheet) = self.sheet() {
            sheet.pin(key);
        }
    }

    /// The version of a record as it was read below, if it is still there.
    pub(crate) fn version_if_untouched(&self, key: &RecordKey) -> Option<u64> {
        let sheet = self.sheet().ok()?;
        sheet.state.version(key)?;
        sheet.below.version(key)
    }

    /// What has changed below since it was read, if anything has; looked up in one snapshot.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the store below cannot answer now.
    pub(crate) async fn changed(&self) -> Result<Option<Refused>, StoreError> {
        let wanted = self.sheet()?.below.all();
        let (keys, _) = wanted.keys();
        if keys.is_empty() {
            return Ok(None);
        }
        let values = self.base.read(keys.clone()).await?;
        let sheet = self.sheet()?;
        Ok(keys.iter().zip(&values).find_map(|(key, value)| sheet.below.refutes(key, value)))
    }

    // No lock outlives a poll, so none is ever held across an await.
    fn sheet(&self) -> Result<MutexGuard<'_, Sheet>, StoreError> {
        self.sheet.lock().map_err(poisoned)
    }

    /// Reads below what is wanted, and remembers it; gives back what cannot be remembered, by the number of
    /// the question it belongs to.
    async fn learn(&self, wanted: Wanted) -> Result<Vec<(usize, ReadValue)>, StoreError> {
        let (keys, passed) = wanted.keys();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut values = self.base.read(keys.clone()).await?;
        let rest = values.split_off(keys.len() - passed.len());
        let mut sheet = self.sheet()?;
        for (key, value) in keys.into_iter().zip(values) {
            sheet.learn(key, value);
        }
        sheet.state.settle();
        Ok(passed.into_iter().zip(rest).collect())
    }
}

impl<S: Store> Store for Draft<S> {
    async fn read(&self, mut keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        // Nobody is shown what stands in a draft, and nothing is decided by what is reached through others.
        for key in &mut keys {
            if let ReadKey::Links(LinksKey { links, .. }) = key {
                *links = links.direct();
            }
        }
        let wanted = self.sheet()?.asked(&keys);
        let mut passed = self.learn(wanted).await?.into_iter().peekable();
        let sheet = self.sheet()?;
        let answer = |(number, key)| {
            let below = passed.next_if(|(of, _)| *of == number).map(|(_, value)| value);
            sheet.read(key, below)
        };
        Ok(keys.iter().enumerate().map(answer).collect())
    }

    async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        self.base.query(query).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        let wanted = self.sheet()?.touched(&batch);
        self.learn(wanted).await?;
        let mut sheet = self.sheet()?;
        sheet.commit(batch).map_err(|refused| CommitError::Refused(*refused))
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        self.base.due(shard, before, limit).await
    }
}
