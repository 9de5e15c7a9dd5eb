//! Damage, slowness and trouble with the disk, and that a store comes through them.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;
use scim_core::{Check, Field, Operand, Predicate, Test};
use scim_engine::store::{CommitError, ReadKey, Refused, Store, StoreError, Write};
use scim_sqlite::{SqliteOptions, SqliteStore};
use serde_json::json;
use tempfile::TempDir;

use scim_sql::sample::{all_users, batch, commit, expected, fill, key, put, record, user};

struct File {
    _folder: TempDir,
    path: PathBuf,
}

impl File {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scim.db");
        Self { _folder: folder, path }
    }

    fn open(&self, options: &SqliteOptions) -> SqliteStore {
        SqliteStore::open(&self.path, options).unwrap()
    }

    /// Does to the file what the store would never do.
    fn damage(&self, sql: &str) {
        Connection::open(&self.path).unwrap().execute_batch(sql).unwrap();
    }
}

#[tokio::test]
async fn damaged_json_is_named_as_such() {
    let file = File::new();
    let store = file.open(&SqliteOptions::default());
    fill(&store).await;
    file.damage("UPDATE resource SET document = '{\"userName\":' WHERE id = 'a'");
    let read = store.read(vec![ReadKey::Record(key("User", "a"))]).await;
    assert!(matches!(read, Err(StoreError::Damaged(_))), "{read:?}");
    assert!(matches!(store.query(all_users()).await, Err(StoreError::Damaged(_))));
    file.damage("UPDATE resource SET document = '{}', form = x'ff' WHERE id = 'a'");
    let field = Field { extension: None, name: "title".into(), sub: None, multi_valued: false };
    let mut query = all_users();
    query.types[0].predicate =
        Predicate::Test(Test { operand: Operand::Field(field), check: Check::Contains("x".into()) });
    assert!(matches!(store.query(query).await, Err(StoreError::Damaged(_))));
    // The other records are as good as before.
    assert!(record(&store, "User", "b").await.is_some());
}

/// Each thing that stands beside the documents is compared with them.
#[tokio::test]
async fn a_check_names_what_does_not_agree() {
    for (damage, named) in [
        ("SELECT 1", &[][..]),
        (
            "UPDATE resource SET form = jsonb_set(form, '$.userName', 'x') WHERE id = 'a'",
            &[
                "the match form of User a is not that of its document",
                "the index lacks the userName of User a",
            ],
        ),
        ("UPDATE resource SET form = x'ff' WHERE id = 'a'", &["User a cannot be read"]),
        ("UPDATE resource SET document = '[]' WHERE id = 'a'", &["User a cannot be read"]),
        (
            "UPDATE resource SET name = 'x' WHERE id = 'a'",
            &["the folded names of User a are not those of its name"],
        ),
        ("UPDATE resource SET modified = 0 WHERE id = 'a'", &["User a was modified before it was created"]),
        (
            "UPDATE unique_value SET holder_id = 'b' WHERE holder_id = 'a'",
            &["User a does not hold its", "User b holds User:userName a@example.com and does not have it"],
        ),
        (
            "DELETE FROM unique_value WHERE holder_id = 'a'",
            &["User a does not hold its User:userName a@example.com"],
        ),
        (
            "INSERT INTO unique_value VALUES ('tenant/precious-asteroid', 'x', 'y', 'User', 'nobody')",
            &["x y is held by User nobody, which is not there"],
        ),
        (
            "DELETE FROM attribute_value WHERE id = 'a' AND path = 'emails.value'",
            &["the index lacks the emails.value of User a"],
        ),
        (
            "INSERT INTO attribute_value SELECT space, kind, path, rank, 'more', created, id, '' FROM attribute_value LIMIT 1",
            &["the index has 13 values and not 12"],
        ),
        ("DELETE FROM resource WHERE id = 'g'", &["the member link of Group g and User a hangs in the air"]),
        (
            "UPDATE resource SET owner = 0 WHERE id = 'g'",
            &["the member link of Group g and User b hangs in the air"],
        ),
        ("UPDATE link_order SET last = 1", &["the member link of Group g and User b hangs in the air"]),
        (
            "UPDATE total SET visible = 3 WHERE kind = 'User'",
            &["the total of User is Some(3), and Some(2) are visible"],
        ),
        ("DELETE FROM total", &["the total of Group is None, and Some(1) are visible"]),
        ("UPDATE counter SET value = 7", &["the counter seats is 7, and the records count 2"]),
        ("DELETE FROM counter", &["there is no counter seats"]),
        ("INSERT INTO due VALUES ('tenant/x', 'mail', 999, 0, '{}')", &["the work mail is in the shard 999"]),
    ] {
        let file = File::new();
        let store = file.open(&SqliteOptions::default());
        fill(&store).await;
        file.damage(damage);
        let faults: Vec<String> =
            store.check(expected).await.unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(faults.is_empty(), named.is_empty(), "{damage}: {faults:#?}");
        for message in named {
            assert!(
                faults.iter().any(|fault| fault.contains(message)),
                "{damage}: {message} not in {faults:#?}"
            );
        }
    }
}

/// Promise 5: what takes longer than it may is stopped, and nothing else is.
#[tokio::test]
async fn a_slow_query_is_stopped() {
    let file = File::new();
    let store = file.open(&SqliteOptions::default().with_time_limit(Duration::ZERO));
    for ten in 0..60 {
        commit(&store, (0..10).flat_map(|one| user(&format!("u-{ten}-{one}"))).collect()).await;
    }
    let field =
        Field { extension: None, name: "emails".into(), sub: Some("value".into()), multi_valued: true };
    let test = Test { operand: Operand::Field(field), check: Check::Contains("nobody".into()) };
    let mut query = all_users();
    query.types[0].predicate = Predicate::Test(test);
    assert!(matches!(store.query(query).await, Err(StoreError::TooSlow)));
    assert_eq!(store.query(all_users()).await.unwrap().total, Some(600));
}

/// A read that nobody waits for any more is given up, and the store answers the next one.
#[tokio::test]
async fn an_abandoned_read_harms_nobody() {
    let store = SqliteStore::open_in_memory().unwrap();
    fill(&store).await;
    let mut query = all_users();
    // More than is tried on the caller's thread.
    query.limit = 10_000;
    for _ in 0..20 {
        let mut reading = Box::pin(store.query(query.clone()));
        tokio::select! {
            biased;
            _ = &mut reading => {}
            () = std::future::ready(()) => {}
        }
    }
    assert_eq!(store.query(query).await.unwrap().found.len(), 2);
}

/// A commit that fails says so, and the next one is carried out.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_commit_does_not_spoil_the_next() {
    let file = File::new();
    let store = file.open(&SqliteOptions::default().with_busy_timeout(Duration::ZERO));
    fill(&store).await;
    // Another process writes and does not come to an end.
    let other = Connection::open(&file.path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = put("User", "a", "a", json!({}));
    for writes in [user("c"), vec![refused.clone()]] {
        let failed = store.commit(batch(writes)).await;
        assert!(matches!(failed, Err(CommitError::Failed(StoreError::Unavailable(_)))), "{failed:?}");
    }
    assert!(record(&store, "User", "a").await.is_some(), "reads go on");
    other.execute_batch("ROLLBACK").unwrap();
    commit(&store, user("c")).await;
    assert!(matches!(store.commit(batch([refused])).await, Err(CommitError::Refused(Refused::Guard(_)))));
    assert_eq!(store.check(expected).await.unwrap(), []);
}

/// A statement that fails takes back its own batch and no other of the group.
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_batch_stands_alone() {
    let file = File::new();
    let store = file.open(&SqliteOptions::default());
    fill(&store).await;
    file.damage(
        "CREATE TRIGGER trouble BEFORE INSERT ON event WHEN NEW.body = '\"bad\"' \
         BEGIN SELECT raise(ABORT, 'trouble'); END",
    );
    let event = |body: &str| Write::Append {
        space: scim_sql::sample::space(),
        stream: scim_engine::store::Stream::Log,
        body: json!(body),
    };
    let commits: Vec<_> = (0..40)
        .map(|number| {
            let store = store.clone();
            let mut writes = user(&format!("u-{number}"));
            writes.push(event(if number % 2 == 0 { "good" } else { "bad" }));
            tokio::spawn(async move { store.commit(batch(writes)).await.is_ok() })
        })
        .collect();
    for (number, commit) in commits.into_iter().enumerate() {
        assert_eq!(commit.await.unwrap(), number % 2 == 0);
    }
    assert_eq!(store.query(all_users()).await.unwrap().total, Some(22));
    assert_eq!(store.check(expected).await.unwrap(), []);
}
