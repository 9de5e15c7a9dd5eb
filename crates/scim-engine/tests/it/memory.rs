//! The in-memory store keeps every promise of the contract.

use scim_engine::MemoryStore;
use scim_engine::contract::{oracle, walks};
use scim_engine::store::{
    Batch, CommitError, Committed, DueKey, Note, NoteKey, Query, QueryPage, ReadKey, ReadValue, Store,
    StoreError,
};

scim_engine::store_contract!(async || MemoryStore::new());

/// Promise 4 with random resources and queries; `SCIM_ORACLE_CASES` asks for more of them.
#[tokio::test]
async fn random_queries_are_answered_as_the_matcher_does() {
    oracle::oracle(MemoryStore::new(), oracle::seed(1), oracle::cases(2_000)).await;
}

/// Promise 6, over an engine.
#[tokio::test(flavor = "multi_thread")]
async fn walks_lose_nothing() {
    walks::walks_lose_nothing(MemoryStore::new(), 2_000).await;
}

/// 9865-2.2-01.
#[tokio::test]
async fn cursors_give_the_whole_listing() {
    walks::cursors_give_the_whole_listing(MemoryStore::new()).await;
}

/// A store without notes, as the defaults of the trait make it.
struct Forgetful(MemoryStore);

impl Store for Forgetful {
    async fn read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        self.0.read(keys).await
    }

    async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        self.0.query(query).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        self.0.commit(batch).await
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        self.0.due(shard, before, limit).await
    }
}

/// The walks themselves are put to the test: by number alone, records are missed.
#[tokio::test(flavor = "multi_thread")]
#[should_panic(expected = "promise 6")]
async fn walks_by_number_alone_lose_records() {
    walks::walks_lose_nothing(Forgetful(MemoryStore::new()), 2_000).await;
}

/// A store whose notes fail.
struct Unnoted(MemoryStore);

impl Store for Unnoted {
    async fn read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        self.0.read(keys).await
    }

    async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        self.0.query(query).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        self.0.commit(batch).await
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        self.0.due(shard, before, limit).await
    }

    async fn note(&self, _: NoteKey, _: Note) -> Result<(), StoreError> {
        Err(StoreError::TooSlow)
    }

    async fn noted(&self, _: NoteKey) -> Result<Option<Note>, StoreError> {
        Err(StoreError::TooSlow)
    }
}

/// No page fails because the place where another ended is not known.
#[tokio::test]
async fn pages_do_not_need_notes() {
    walks::cursors_give_the_whole_listing(Unnoted(MemoryStore::new())).await;
}
