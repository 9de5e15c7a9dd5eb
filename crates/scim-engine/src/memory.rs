//! The in-memory store: every promise of [`Store`] but to outlive the process.

mod check;
mod commit;
mod draft;
mod links;
mod query;
mod state;
mod table;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::check::{Checked, Expectation, Fault, Repaired};
use crate::store::{
    Batch, CommitError, Committed, DueKey, Note, NoteKey, Notes, Query, QueryPage, ReadKey, ReadValue, Store,
    StoreError,
};
pub(crate) use draft::Draft;
use state::State;

/// A store in memory, for tests and trials. Clones share their data.
///
/// It runs the same contract suite as the stores on disk. Listings look at every record of the type,
/// so it is meant for thousands of records, not millions.
///
/// ```
/// use scim_engine::MemoryStore;
///
/// let store = MemoryStore::new();
/// let same_store = store.clone();
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore {
    state: Arc<RwLock<State>>,
    notes: Arc<Notes>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    // No lock outlives the closure, so none is ever held across an await.
    fn look<T>(&self, look: impl FnOnce(&State) -> T) -> Result<T, StoreError> {
        self.state.read().map(|state| look(&state)).map_err(poisoned)
    }
}

/// A commit that panicked may have left half a batch behind: nobody may see it.
fn poisoned<Guard>(_: PoisonError<Guard>) -> StoreError {
    StoreError::Unavailable("a commit of the in-memory store panicked".into())
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl Store for MemoryStore {
    async fn read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        self.look(|state| keys.iter().map(|key| state.read(key)).collect())
    }

    async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        self.look(|state| state.query(&query))
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        let mut state = self.state.write().map_err(poisoned)?;
        state.commit(batch).map_err(|refused| CommitError::Refused(*refused))
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        self.look(|state| state.due(shard, before, limit))
    }

    async fn note(&self, key: NoteKey, note: Note) -> Result<(), StoreError> {
        self.notes.keep(key, note);
        Ok(())
    }

    async fn noted(&self, key: NoteKey) -> Result<Option<Note>, StoreError> {
        Ok(self.notes.get(&key))
    }
}

impl Checked for MemoryStore {
    async fn check_all(&self, expectation: Arc<dyn Expectation>) -> Result<Vec<Fault>, StoreError> {
        self.look(|state| state.faults(&*expectation))
    }

    async fn repair(&self, expectation: Arc<dyn Expectation>) -> Result<Repaired, StoreError> {
        Ok(self.state.write().map_err(poisoned)?.repair(&*expectation))
    }
}
