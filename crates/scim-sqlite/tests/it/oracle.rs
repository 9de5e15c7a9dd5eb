//! Random queries and random changes: SQLite and the matcher agree.
//!
//! `SCIM_ORACLE_CASES` sets how many queries are asked, `SCIM_ORACLE_SEED` where they begin.

use scim_engine::contract::{oracle, walks};
use scim_sql::histories;
use scim_sqlite::SqliteStore;

fn store() -> SqliteStore {
    SqliteStore::open_in_memory().expect("a store in a temporary folder")
}

/// 7644-3.4.2.2-01, 7644-3.4.2.3-03: what is listed, and in which order.
#[tokio::test(flavor = "multi_thread")]
async fn listings_are_those_of_the_matcher() {
    oracle::oracle(store(), oracle::seed(1), oracle::cases(4_000)).await;
}

/// The same after records were changed, hidden and deleted, linked and unlinked.
#[tokio::test(flavor = "multi_thread")]
async fn changes_leave_what_they_leave_in_memory() {
    let store = store();
    histories::agree(&store, oracle::seed(1), oracle::cases(2_000)).await;
    let faults = store.check(|_| None).await.expect("a check");
    assert_eq!(faults, [], "indexes, links and totals agree with the records");
}

/// Promise 6, over an engine.
#[tokio::test(flavor = "multi_thread")]
async fn walks_lose_nothing() {
    walks::walks_lose_nothing(store(), 2_000).await;
}

/// 9865-2.2-01.
#[tokio::test(flavor = "multi_thread")]
async fn cursors_give_the_whole_listing() {
    walks::cursors_give_the_whole_listing(store()).await;
}
