//! The stores that awork's rules are tried on where that makes a difference: races, restarts, the outbox.

use std::sync::Arc;

use scim_engine::MemoryStore;
use scim_engine::store::{
    Batch, CommitError, Committed, DueKey, Note, NoteKey, Query, QueryPage, ReadKey, ReadValue, Store,
    StoreError,
};
use scim_postgres::{PostgresOptions, PostgresStore};
use scim_sqlite::{SqliteOptions, SqliteStore};
use scim_testkit::postgres::Cluster;
use tempfile::TempDir;

/// Where a store keeps its data, so that it can be opened again.
#[derive(Clone)]
pub(crate) enum Place {
    Memory(MemoryStore),
    Folder(Arc<TempDir>),
    Database(String),
}

/// An open store.
#[derive(Clone, Debug)]
pub(crate) enum AnyStore {
    Memory(MemoryStore),
    /// The folder goes with the last of its stores.
    Sqlite {
        store: SqliteStore,
        _folder: Arc<TempDir>,
    },
    Postgres(PostgresStore),
}

impl Place {
    /// One of each kind, empty.
    pub(crate) fn all() -> [Self; 3] {
        [Self::memory(), Self::folder(), Self::database()]
    }

    pub(crate) fn database() -> Self {
        Self::Database(Cluster::shared().database().unwrap())
    }

    pub(crate) fn folder() -> Self {
        Self::Folder(Arc::new(tempfile::tempdir().unwrap()))
    }

    pub(crate) fn memory() -> Self {
        Self::Memory(MemoryStore::new())
    }

    pub(crate) async fn open(&self) -> AnyStore {
        match self {
            Self::Memory(store) => AnyStore::Memory(store.clone()),
            Self::Folder(folder) => {
                let file = folder.path().join("awork.sqlite");
                let store = SqliteStore::open(file, &SqliteOptions::default()).unwrap();
                AnyStore::Sqlite { store, _folder: Arc::clone(folder) }
            }
            Self::Database(url) => {
                AnyStore::Postgres(PostgresStore::open(url, &PostgresOptions::default()).await.unwrap())
            }
        }
    }
}

impl Store for AnyStore {
    async fn read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        match self {
            Self::Memory(store) => store.read(keys).await,
            Self::Sqlite { store, .. } => store.read(keys).await,
            Self::Postgres(store) => store.read(keys).await,
        }
    }

    async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        match self {
            Self::Memory(store) => store.query(query).await,
            Self::Sqlite { store, .. } => store.query(query).await,
            Self::Postgres(store) => store.query(query).await,
        }
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        match self {
            Self::Memory(store) => store.commit(batch).await,
            Self::Sqlite { store, .. } => store.commit(batch).await,
            Self::Postgres(store) => store.commit(batch).await,
        }
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        match self {
            Self::Memory(store) => store.due(shard, before, limit).await,
            Self::Sqlite { store, .. } => store.due(shard, before, limit).await,
            Self::Postgres(store) => store.due(shard, before, limit).await,
        }
    }

    async fn note(&self, key: NoteKey, note: Note) -> Result<(), StoreError> {
        match self {
            Self::Memory(store) => store.note(key, note).await,
            Self::Sqlite { store, .. } => store.note(key, note).await,
            Self::Postgres(store) => store.note(key, note).await,
        }
    }

    async fn noted(&self, key: NoteKey) -> Result<Option<Note>, StoreError> {
        match self {
            Self::Memory(store) => store.noted(key).await,
            Self::Sqlite { store, .. } => store.noted(key).await,
            Self::Postgres(store) => store.noted(key).await,
        }
    }
}
