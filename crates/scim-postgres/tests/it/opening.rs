//! Opening a database: by many at once, after an older version and after a newer one.

use std::time::Duration;

use refinery::Target;
use scim_engine::store::Store as _;
use scim_postgres::{OpenError, PostgresStore};
use scim_sql::sample::{all_users, commit, expected, fill, record, user};
use tokio_postgres::NoTls;

use crate::place::{cluster, database, migrations, options};
use crate::session::Session;

/// A database in which nothing is.
fn empty() -> String {
    cluster().database().expect("a database")
}

/// How often each migration was applied.
async fn applied(database: &str) -> Vec<(i32, i64)> {
    let sql = "SELECT version || ' ' || count(*) FROM scim.refinery_schema_history GROUP BY version ORDER BY version";
    let lines = cluster().sql(database, sql).expect("a history");
    let parsed = lines.lines().map(|line| line.split_once(' ').expect("two numbers"));
    parsed
        .map(|(version, times)| (version.parse().expect("a number"), times.parse().expect("a number")))
        .collect()
}

/// Each migration that there is, once.
fn all_once() -> Vec<(i32, i64)> {
    migrations().get_migrations().iter().map(|one| (one.version(), 1)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_processes_may_open_a_new_database_at_once() {
    let database = empty();
    let opening: Vec<_> = (0..8)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(
                async move { PostgresStore::open(&database, &options().with_connections(1, 1)).await },
            )
        })
        .collect();
    let mut stores = Vec::new();
    for store in opening {
        stores.push(store.await.expect("an end").expect("a store"));
    }
    fill(&stores[0]).await;
    for store in &stores {
        assert!(record(store, "User", "a").await.is_some());
    }
    assert_eq!(applied(&database).await, all_once());
}

/// An older version that is bringing the schema up to its own is waited for.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_migrates_is_waited_for() {
    let database = empty();
    let other = Session::connect(&database).await;
    other.run("SELECT pg_advisory_lock(x'5343494d'::bigint)").await;
    let opening = tokio::spawn({
        let database = database.clone();
        async move { PostgresStore::open(&database, &options()).await }
    });
    other.until_somebody_waits().await;
    assert_eq!(other.number("SELECT count(*) FROM pg_namespace WHERE nspname = 'scim'").await, 0);
    drop(other);
    let store = opening.await.expect("an end").expect("a store");
    fill(&store).await;
}

/// What an older version has made is brought up to date, whatever is in it.
#[tokio::test(flavor = "multi_thread")]
async fn an_older_schema_is_brought_up_to_date() {
    let database = empty();
    let (mut client, connection) = tokio_postgres::connect(&database, NoTls).await.expect("a session");
    tokio::spawn(connection);
    client.batch_execute("CREATE SCHEMA scim; SET search_path TO scim").await.expect("a schema");
    let first = migrations().set_target(Target::Version(1));
    first.run_async(&mut client).await.expect("the first migration");
    client.batch_execute("INSERT INTO mark VALUES ('tenant/old', 'names', 7)").await.expect("what is there");
    assert_eq!(applied(&database).await, [(1, 1)]);
    let store = PostgresStore::open(&database, &options()).await.expect("a store");
    assert_eq!(applied(&database).await, all_once());
    let kept = client.query_one("SELECT version FROM mark", &[]).await.expect("it is there");
    assert_eq!(kept.get::<_, i64>(0), 7);
    fill(&store).await;
    assert_eq!(store.check(expected).await.expect("a check"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_is_refused_and_left_alone() {
    let database = database();
    let newer = "INSERT INTO scim.refinery_schema_history SELECT 999, 'future', applied_on, checksum \
                 FROM scim.refinery_schema_history WHERE version = 1";
    cluster().sql(&database, newer).expect("a newer version");
    let refused = PostgresStore::open(&database, &options()).await;
    let newest = all_once().iter().map(|(version, _)| *version).max().expect("a migration");
    assert!(matches!(refused, Err(OpenError::Newer { found: 999, known }) if known == newest), "{refused:?}");
    assert_eq!(applied(&database).await, [all_once(), vec![(999, 1)]].concat());
}

/// A closed store leaves no connection, and what it has written is there for the next.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_store_leaves_nobody_behind() {
    let database = database();
    let store = PostgresStore::open(&database, &options()).await.expect("a store");
    fill(&store).await;
    drop(store);
    let other = Session::connect(&database).await;
    let others = "SELECT count(*) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
    while other.number(others).await > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let store = PostgresStore::open(&database, &options()).await.expect("a store");
    assert_eq!(record(&store, "User", "a").await.map(|record| record.version), Some(1));
}

/// Two stores on one database stand for two processes: each sees the other's commits.
#[tokio::test(flavor = "multi_thread")]
async fn two_stores_on_one_database_take_turns() {
    let database = database();
    let mut stores = Vec::new();
    for _ in 0..2 {
        stores.push(PostgresStore::open(&database, &options()).await.expect("a store"));
    }
    fill(&stores[0]).await;
    let writers = stores.clone().into_iter().enumerate().map(|(number, store)| {
        tokio::spawn(async move {
            for turn in 0..50 {
                commit(&store, user(&format!("u-{number}-{turn}"))).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("a writer");
    }
    for store in &stores {
        assert_eq!(store.query(all_users()).await.expect("a page").total, Some(102));
        assert_eq!(store.check(expected).await.expect("a check"), []);
    }
}
