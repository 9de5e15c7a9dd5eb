//! The in-memory store keeps every promise of the contract.

use scim_engine::MemoryStore;
use scim_engine::contract::{oracle, walks};

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
