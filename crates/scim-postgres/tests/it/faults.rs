//! What goes wrong at the database becomes an answer, and the store goes on by itself when it is over.
//!
//! | What goes wrong | The answer |
//! | --- | --- |
//! | deadlock, serialisation failure | none: the commit is run again |
//! | a connection is cut | none: the read, or the commit, is run again |
//! | a read takes too long | `TooSlow` |
//! | a row stays locked | `Unavailable` |
//! | the server is down, or takes no more connections | `Unavailable` |
//! | a password is wrong | `Unavailable`; at the start an error of opening |
//! | a statement fails | `Unavailable`; the next is carried out |
//! | the disk is full | writes are `Unavailable`, reads go on |
//! | JSON is damaged | `Damaged` |

use std::time::Duration;

use scim_engine::store::{CommitError, Committed, ReadKey, Refused, Store, StoreError, Stream, Write};
use scim_postgres::{OpenError, PostgresStore};
use scim_sql::sample::{all_users, batch, commit, expected, fill, key, put, record, space, user};
use scim_testkit::postgres::Cluster;
use serde_json::json;

use crate::place::{cluster, cut_off, database, options};
use crate::session::Session;

async fn open(database: &str) -> PostgresStore {
    PostgresStore::open(database, &options()).await.expect("a store")
}

/// A filled store, its database, and somebody else who is connected to that.
async fn filled() -> (PostgresStore, String, Session) {
    let database = database();
    let store = open(&database).await;
    fill(&store).await;
    let session = Session::open(&database).await;
    (store, database, session)
}

/// Writes to `a`, then to `b`, as [`fill`] has left them.
fn both() -> Vec<Write> {
    let write = |id: &str| {
        let document = json!({ "userName": format!("{id}@example.com"), "title": "Engineer" });
        let Write::Put { record, .. } = put("User", id, id, document) else { panic!("a record is put") };
        Write::Put { record, replaces: Some(1) }
    };
    vec![write("a"), write("b")]
}

async fn commits(store: &PostgresStore, writes: Vec<Write>) -> Result<Committed, CommitError> {
    store.commit(batch(writes)).await
}

#[track_caller]
fn unavailable<T: std::fmt::Debug>(result: &Result<T, CommitError>) {
    assert!(matches!(result, Err(CommitError::Failed(StoreError::Unavailable(_)))), "{result:?}");
}

async fn read_a(store: &PostgresStore) -> Result<(), StoreError> {
    store.read(vec![ReadKey::Record(key("User", "a"))]).await.map(drop)
}

/// Nothing is amiss, and what is written next is written.
async fn is_well(store: &PostgresStore, next: &str) {
    commit(store, user(next)).await;
    assert!(record(store, "User", next).await.is_some());
    assert_eq!(store.check(expected).await.expect("a check"), []);
}

/// The store has `a` and waits for `b`, which somebody else has who wants `a`.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_deadlock_the_commit_is_run_again() {
    let (_, database, other) = filled().await;
    other.set_for_others("deadlock_timeout = '20ms'").await;
    let store = open(&database).await;
    other.run("BEGIN; SELECT FROM resource WHERE id = 'b' FOR UPDATE").await;
    let committing = tokio::spawn({
        let store = store.clone();
        async move { commits(&store, both()).await }
    });
    other.until_somebody_waits().await;
    other.run("SELECT FROM resource WHERE id = 'a' FOR UPDATE; COMMIT").await;
    committing.await.expect("an end").expect("a commit that was run again");
    assert!(cluster().log().expect("a log").contains("deadlock detected"));
    is_well(&store, "c").await;
}

/// Where transactions are serialisable, a row that somebody else has changed meanwhile is a failure.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_serialisation_failure_the_commit_is_run_again() {
    let (_, database, other) = filled().await;
    other.set_for_others("default_transaction_isolation = 'serializable'").await;
    let store = open(&database).await;
    other.run("BEGIN; UPDATE resource SET modified = modified WHERE id = 'b'").await;
    let committing = tokio::spawn({
        let store = store.clone();
        async move { commits(&store, both()).await }
    });
    other.until_somebody_waits().await;
    other.run("COMMIT").await;
    committing.await.expect("an end").expect("a commit that was run again");
    assert!(cluster().log().expect("a log").contains("could not serialize access"));
    is_well(&store, "c").await;
}

/// Promise 5: a read that takes longer than it may is stopped, and nothing else is.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_read_is_stopped() {
    let (_, database, other) = filled().await;
    let limited = options().with_time_limit(Duration::from_millis(300));
    let store = PostgresStore::open(&database, &limited).await.expect("a store");
    other.run("BEGIN; LOCK resource IN ACCESS EXCLUSIVE MODE").await;
    let page = store.query(all_users()).await;
    assert!(matches!(page, Err(StoreError::TooSlow)), "{page:?}");
    other.run("COMMIT").await;
    assert_eq!(store.query(all_users()).await.expect("a page").total, Some(2));
    is_well(&store, "c").await;
}

/// A commit waits for a row no longer than it may, changes nothing, and holds up nobody.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_stays_locked_is_given_up() {
    let (_, database, other) = filled().await;
    let limited = options().with_lock_limit(Duration::from_millis(100));
    let store = PostgresStore::open(&database, &limited).await.expect("a store");
    other.run("BEGIN; SELECT FROM resource WHERE id = 'a' FOR UPDATE").await;
    unavailable(&commits(&store, both()).await);
    // Others, and readers of the same, are in nobody's way.
    assert!(record(&store, "User", "a").await.is_some());
    commit(&store, user("c")).await;
    other.run("COMMIT").await;
    commits(&store, both()).await.expect("a commit");
    is_well(&store, "d").await;
}

/// All connections are cut while nobody uses them: nobody notices.
#[tokio::test(flavor = "multi_thread")]
async fn cut_connections_are_made_again() {
    let (store, database, other) = filled().await;
    drop(other);
    for next in ["c", "d", "e"] {
        assert!(cut_off(&database) > 0);
        read_a(&store).await.expect("an answer");
        cut_off(&database);
        is_well(&store, next).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_down_is_found_again() {
    let mut server = Cluster::start(&[]).expect("a server");
    let store = open(&server.database().expect("a database")).await;
    fill(&store).await;
    for next in ["c", "d"] {
        server.kill().expect("a running server");
        let read = read_a(&store).await;
        assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
        let page = store.query(all_users()).await;
        assert!(matches!(page, Err(StoreError::Unavailable(_))), "{page:?}");
        unavailable(&commits(&store, user(next)).await);
        server.run(&[]).expect("a server");
        is_well(&store, next).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_limit_is_an_answer_until_there_is_room() {
    let database = database();
    let name = database.rsplit_once('=').expect("a name").1;
    let grant = format!("CREATE ROLE few LOGIN CONNECTION LIMIT 2; GRANT CREATE ON DATABASE {name} TO few");
    cluster().sql(&database, "DROP SCHEMA scim CASCADE").expect("no schema");
    cluster().sql(&database, &grant).expect("a role");
    let as_few = database.replace("user=postgres", "user=few");
    let store = open(&as_few).await;
    fill(&store).await;
    cut_off(&database);
    let others = [Session::connect(&as_few).await, Session::connect(&as_few).await];
    let read = read_a(&store).await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))), "{read:?}");
    unavailable(&commits(&store, user("c")).await);
    drop(others);
    cut_off(&database);
    is_well(&store, "c").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_apart() {
    let server = Cluster::start(&[]).expect("a server");
    let database = server.database().expect("a database");
    let name = database.rsplit_once('=').expect("a name").1;
    server.sql(&database, "CREATE ROLE guarded LOGIN PASSWORD 'right'").expect("a role");
    server.sql(&database, &format!("GRANT CREATE ON DATABASE {name} TO guarded")).expect("a right");
    server.allow("local all guarded scram-sha-256").expect("rules");
    let with = |password| database.replace("user=postgres", &format!("user=guarded password={password}"));
    let wrong = PostgresStore::open(&with("wrong"), &options()).await.expect_err("a refusal");
    assert!(matches!(wrong, OpenError::Pool(_)), "{wrong:?}");
    let said = std::error::Error::source(&wrong).map(|cause| format!("{cause:?}")).unwrap_or_default();
    assert!(said.contains("28P01"), "{said}");
    assert!(!said.contains("wrong"), "it repeats the password: {said}");
    let store = open(&with("right")).await;
    fill(&store).await;
    // It is changed while the store is open: connections that there are go on, new ones are refused.
    server.sql(&database, "ALTER ROLE guarded PASSWORD 'other'").expect("another password");
    let gone = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'guarded'";
    server.sql(&database, gone).expect("nobody");
    unavailable(&commits(&store, user("c")).await);
    server.sql(&database, "ALTER ROLE guarded PASSWORD 'right'").expect("the password");
    is_well(&store, "c").await;
}

/// Promise 1: of what a full disk refuses nothing is there; what was there is read all the while, and whatever
/// comes after is written once there is room again.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_writes_and_nothing_else() {
    let (server, database) = Cluster::on_small_disk(&[]).expect("a server");
    let store = open(&database).await;
    fill(&store).await;
    server.fill_small_disk().expect("a full disk");
    // The pages that tables have already take some more.
    let mut written = 2;
    let refused = loop {
        match commits(&store, user(&format!("u-{written}"))).await {
            Ok(_) if written < 10_000 => written += 1,
            refused => break refused,
        }
    };
    unavailable(&refused);
    assert!(server.log().expect("a log").contains("No space left on device"));
    for _ in 0..3 {
        unavailable(&commits(&store, user(&format!("u-{written}"))).await);
        let page = store.query(all_users()).await.expect("a page");
        assert_eq!(page.total, Some(written));
        assert!(record(&store, "User", "a").await.is_some());
    }
    assert_eq!(store.check(expected).await.expect("a check"), []);
    server.free_small_disk().expect("room");
    is_well(&store, &format!("u-{written}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_json_is_named_as_such() {
    let (store, _, other) = filled().await;
    other.run("UPDATE resource SET document = '{\"userName\":' WHERE id = 'a'").await;
    let read = read_a(&store).await;
    assert!(matches!(read, Err(StoreError::Damaged(_))), "{read:?}");
    let page = store.query(all_users()).await;
    assert!(matches!(page, Err(StoreError::Damaged(_))), "{page:?}");
    // The other records are as good as before.
    assert!(record(&store, "User", "b").await.is_some());
}

/// A statement that fails takes back its own batch and no other.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_batch_stands_alone() {
    let (store, _, other) = filled().await;
    other
        .run(
            "CREATE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'trouble'; END $$; \
             CREATE TRIGGER trouble BEFORE INSERT ON event FOR EACH ROW WHEN (NEW.body = '\"bad\"') \
             EXECUTE FUNCTION trouble()",
        )
        .await;
    let event = |body: &str| Write::Append { space: space(), stream: Stream::Log, body: json!(body) };
    let committing: Vec<_> = (0..40)
        .map(|number| {
            let store = store.clone();
            let mut writes = user(&format!("u-{number}"));
            writes.push(event(if number % 2 == 0 { "good" } else { "bad" }));
            tokio::spawn(async move { commits(&store, writes).await })
        })
        .collect();
    for (number, committing) in committing.into_iter().enumerate() {
        let committed = committing.await.expect("an end");
        if number % 2 == 0 { drop(committed.expect("a commit")) } else { unavailable(&committed) }
    }
    assert_eq!(store.query(all_users()).await.expect("a page").total, Some(22));
    let refused = commits(&store, vec![put("User", "a", "a", json!({}))]).await;
    assert!(matches!(refused, Err(CommitError::Refused(Refused::Guard(_)))), "{refused:?}");
    is_well(&store, "c").await;
}

/// A read or a commit that nobody waits for any more is given up, and the store answers the next one.
#[tokio::test(flavor = "multi_thread")]
async fn abandoned_work_harms_nobody() {
    let (_, database, other) = filled().await;
    let one_each = options().with_connections(1, 1);
    let store = PostgresStore::open(&database, &one_each).await.expect("a store");
    other.run("BEGIN; LOCK resource IN ACCESS EXCLUSIVE MODE").await;
    for _ in 0..3 {
        for work in
            [tokio::spawn(abandoned(store.clone(), true)), tokio::spawn(abandoned(store.clone(), false))]
        {
            other.until_somebody_waits().await;
            work.abort();
            assert!(work.await.is_err(), "it waits for the lock");
        }
    }
    other.run("COMMIT").await;
    assert_eq!(store.query(all_users()).await.expect("a page").found.len(), 2);
    is_well(&store, "c").await;
}

async fn abandoned(store: PostgresStore, reads: bool) {
    if reads {
        drop(store.query(all_users()).await);
    } else {
        drop(commits(&store, both()).await);
    }
}
