//! Few records that are looked up at once, and the plans of commits.

use std::time::Duration;

use scim_core::Document;
use scim_engine::store::{
    Batch, PutRecord, ReadKey, ReadValue, Record, RecordKey, Space, Store as _, TenantId, Write,
};
use scim_postgres::PostgresStore;
use tokio::task::JoinSet;

use crate::place::{cluster, database, options, store};

fn space() -> Space {
    TenantId::new("precious-asteroid").expect("letters and a dash").space()
}

fn key(number: usize) -> RecordKey {
    RecordKey::new(&space(), "User", &format!("user-{number}"))
}

fn put(number: usize, replaces: Option<u64>) -> Write {
    let record = PutRecord {
        key: key(number),
        visible: true,
        name: Some(format!("name {number}")),
        document: Document::new(),
        extra: serde_json::Map::new(),
        form: serde_json::Map::new(),
        indexed: vec![("userName".to_owned(), format!("user-{number}"))],
    };
    Write::Put { record: Box::new(record), replaces }
}

async fn commit(store: &PostgresStore, writes: Vec<Write>) {
    store.commit(Batch { now: 1, guards: Vec::new(), writes }).await.expect("a commit");
}

async fn found(store: &PostgresStore, key: RecordKey) -> Option<Box<Record>> {
    let mut values = store.read(vec![ReadKey::Record(key)]).await.expect("an answer");
    match values.pop() {
        Some(ReadValue::Record(record)) if values.is_empty() => record,
        other => panic!("{other:?}"),
    }
}

/// Each of many finds its own record or none, though others go away while they wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_find_their_own() {
    let store = store().await;
    commit(&store, (0..300).map(|number| put(number, None)).collect()).await;
    for _ in 0..5 {
        let mut asked = JoinSet::new();
        for number in 0..400 {
            let store = store.clone();
            asked.spawn(async move {
                let lookup = found(&store, key(number));
                let patience = if number % 7 == 3 { Duration::ZERO } else { Duration::from_secs(60) };
                (number, tokio::time::timeout(patience, lookup).await)
            });
        }
        let mut answered = 0;
        for (number, outcome) in asked.join_all().await {
            let Ok(record) = outcome else { continue };
            answered += 1;
            let name = record.map(|record| (record.id().to_owned(), record.name));
            let expected = (number < 300).then(|| (format!("user-{number}"), Some(format!("name {number}"))));
            assert_eq!(name, expected);
        }
        assert!(answered >= 400 - 400 / 7 - 1, "{answered}");
    }
}

/// Several records that one asks for are as they were at one moment, in the order of their keys, more than go with
/// others' too; one that is asked for twice is found twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_are_of_one_moment() {
    let store = store().await;
    commit(&store, (0..20).map(|number| put(number, None)).collect()).await;
    let writer = store.clone();
    let writing = tokio::spawn(async move {
        for version in 1..=200 {
            commit(&writer, (0..20).map(|number| put(number, Some(version))).collect()).await;
        }
    });
    let mut asked = JoinSet::new();
    for first in 0..12 {
        let store = store.clone();
        asked.spawn(async move {
            for round in 0..40 {
                let numbers = (first..first + 1 + round % 10).map(|number| number % 21).chain([20, first]);
                let numbers: Vec<usize> = numbers.collect();
                let keys = numbers.iter().map(|number| ReadKey::Record(key(*number))).collect();
                let mut versions = Vec::new();
                for (number, value) in numbers.iter().zip(store.read(keys).await.expect("an answer")) {
                    let ReadValue::Record(record) = value else { panic!("{value:?}") };
                    assert_eq!(record.as_ref().map(|record| record.id().to_owned()), {
                        (*number < 20).then(|| format!("user-{number}"))
                    });
                    versions.extend(record.map(|record| record.version));
                }
                versions.dedup();
                assert_eq!(versions.len(), 1, "{versions:?}");
            }
        });
    }
    asked.join_all().await;
    writing.await.expect("commits");
}

/// Whoever asks after a commit was acknowledged sees it, however many ask at the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_committed_is_found() {
    let store = store().await;
    let mut writers = JoinSet::new();
    for number in 0..16 {
        let store = store.clone();
        writers.spawn(async move {
            for version in 0..20 {
                commit(&store, vec![put(number, Some(version).filter(|version| *version > 0))]).await;
                let seen = found(&store, key(number)).await.map(|record| record.version);
                assert_eq!(seen, Some(version + 1));
            }
        });
    }
    writers.join_all().await;
}

/// An answer that is lost with its connection is asked for again, for all who wait for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lost_connection_loses_no_answer() {
    let database = database();
    let store = PostgresStore::open(&database, &options()).await.expect("a store");
    commit(&store, (0..100).map(|number| put(number, None)).collect()).await;
    for _ in 0..3 {
        let mut asked = JoinSet::new();
        for number in 0..100 {
            let store = store.clone();
            asked.spawn(async move { found(&store, key(number)).await.map(|record| record.id().to_owned()) });
        }
        let name = database.clone();
        let cut = tokio::task::spawn_blocking(move || crate::place::cut_off(&name));
        let mut ids: Vec<String> = asked.join_all().await.into_iter().flatten().collect();
        assert!(cut.await.expect("a thread that ends") > 0);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 100);
    }
}

/// A commit that was planned while the tables were empty goes by their keys when they are full.
#[tokio::test(flavor = "multi_thread")]
async fn commits_go_by_keys() {
    let database = database();
    let one_each = options().with_connections(1, 1);
    let store = PostgresStore::open(&database, &one_each).await.expect("a store");
    let sum = |columns: &str| {
        let tables = "relname ~ '^(resource|unique_value|link|attribute_value|mark|counter|batch)_'";
        let sql = format!("SELECT coalesce(sum({columns}), 0) FROM pg_stat_user_tables WHERE {tables}");
        let printed = cluster().sql(&database, &sql).expect("an answer");
        printed.parse::<u64>().expect("a number")
    };
    const FETCHED: &str = "seq_tup_read + coalesce(idx_tup_fetch, 0)";
    let before = sum(FETCHED);
    for number in 0..200 {
        commit(&store, vec![put(number, None)]).await;
        commit(&store, vec![put(number, Some(1))]).await;
    }
    // The server counts them within a second or so.
    let mut more = 0;
    while sum("n_tup_upd") < 200 {
        more += 1;
        assert!(more < 600, "the commits are never counted");
        tokio::time::sleep(Duration::from_millis(100)).await;
        commit(&store, vec![put(0, Some(1 + more))]).await;
    }
    let fetched = sum(FETCHED) - before;
    assert!(fetched <= (400 + more) * 8, "{fetched} rows for {} commits", 400 + more);
}
