//! Random queries and random changes: PostgreSQL and the matcher agree.
//!
//! `SCIM_ORACLE_CASES` sets how many queries are asked, `SCIM_ORACLE_SEED` where they begin.

use scim_engine::contract::{oracle, walks};
use scim_sql::histories;

use crate::place::store;

/// 7644-3.4.2.2-01, 7644-3.4.2.3-03: what is listed, and in which order.
#[tokio::test(flavor = "multi_thread")]
async fn listings_are_those_of_the_matcher() {
    oracle::oracle(store().await, oracle::seed(1), oracle::cases(1_000)).await;
}

/// The same after records were changed, hidden and deleted, linked and unlinked.
#[tokio::test(flavor = "multi_thread")]
async fn changes_leave_what_they_leave_in_memory() {
    let store = store().await;
    histories::agree(&store, oracle::seed(1), oracle::cases(500)).await;
    let faults = store.check(|_| None).await.expect("a check");
    assert_eq!(faults, [], "indexes, links and totals agree with the records");
}

/// Promise 6, over an engine.
#[tokio::test(flavor = "multi_thread")]
async fn walks_lose_nothing() {
    walks::walks_lose_nothing(store().await, 2_000).await;
}

/// 9865-2.2-01.
#[tokio::test(flavor = "multi_thread")]
async fn cursors_give_the_whole_listing() {
    walks::cursors_give_the_whole_listing(store().await).await;
}
