//! What a check names is mended, as far as it can be made again, also while others write.

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::Connection;
use scim_engine::check::{Checked, Fault, FaultKind, Repaired};
use scim_engine::store::Store;
use scim_sql::sample::{all_users, commit, expected, fill, record, user};
use scim_sqlite::{SqliteOptions, SqliteStore};
use tempfile::TempDir;

use FaultKind::{Claim, Counter, Index, Link, MatchForm, Names, Record, Total, Work};

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

    fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.path, &SqliteOptions::default()).unwrap()
    }

    /// Does to the file what the store would never do.
    fn damage(&self, sql: &str) {
        Connection::open(&self.path).unwrap().execute_batch(sql).unwrap();
    }
}

fn kinds(faults: &[Fault]) -> Vec<FaultKind> {
    let mut kinds: Vec<_> = faults.iter().map(|fault| fault.what).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// Damage, what it is named as, and what is left of it.
const DAMAGES: &[(&str, &[FaultKind], &[FaultKind])] = &[
    (
        "UPDATE resource SET form = jsonb_set(form, '$.userName', 'x') WHERE id = 'a'",
        &[MatchForm, Index],
        &[],
    ),
    ("UPDATE resource SET form = x'ff' WHERE id = 'a'", &[Record], &[]),
    ("UPDATE resource SET document = '[]' WHERE id = 'a'", &[Record], &[Record]),
    ("UPDATE resource SET name = 'x' WHERE id = 'a'", &[Names], &[]),
    ("UPDATE resource SET name_folded = 'x' WHERE id = 'a'", &[Names], &[]),
    ("UPDATE resource SET modified = 0 WHERE id = 'a'", &[Record], &[]),
    ("UPDATE resource SET version = 0 WHERE id = 'a'", &[Record], &[]),
    ("UPDATE resource SET version = -7 WHERE id = 'a'", &[Record], &[]),
    ("UPDATE unique_value SET holder_id = 'b' WHERE holder_id = 'a'", &[Claim], &[]),
    ("DELETE FROM unique_value", &[Claim], &[]),
    (
        "INSERT INTO unique_value VALUES ('tenant/precious-asteroid', 'x', 'y', 'User', 'nobody')",
        &[Claim],
        &[],
    ),
    // Two users with one name: a person has to decide.
    (
        "UPDATE resource SET document = json_set(document, '$.userName', 'b@example.com'), \
         form = jsonb_set(form, '$.userName', 'b@example.com') WHERE id = 'a'; \
         UPDATE attribute_value SET value = 'b@example.com' WHERE id = 'a' AND path = 'userName'",
        &[Claim],
        &[Claim],
    ),
    ("DELETE FROM attribute_value WHERE path = 'emails.value'", &[Index], &[]),
    ("UPDATE attribute_value SET rest = 'x' WHERE path = 'userName'", &[Index], &[]),
    ("UPDATE attribute_value SET value = 'x' WHERE id = 'a' AND path = 'userName'", &[Index], &[]),
    (
        "INSERT INTO attribute_value SELECT space, kind, path, rank, 'more', created, id, '' \
         FROM attribute_value WHERE path = 'userName'",
        &[Index],
        &[],
    ),
    ("DELETE FROM resource WHERE id = 'g'", &[Index, Link, Total], &[]),
    ("UPDATE resource SET owner = 0 WHERE id = 'g'", &[Link], &[]),
    ("UPDATE link_order SET last = 1", &[Link], &[]),
    ("DELETE FROM link_order", &[Link], &[]),
    ("UPDATE total SET visible = 3 WHERE kind = 'User'", &[Total], &[]),
    ("DELETE FROM total", &[Total], &[]),
    ("UPDATE counter SET value = 7", &[Counter], &[]),
    ("DELETE FROM counter", &[Counter], &[]),
    ("INSERT INTO due VALUES ('tenant/x', 'mail', 999, 0, '{}')", &[Work], &[]),
    (
        "UPDATE counter SET value = 9; DELETE FROM unique_value; DELETE FROM attribute_value; DELETE FROM total; \
         UPDATE resource SET form = x'ff', owner = 0, version = 0, name_exact = NULL",
        &[Record, Claim, Link, Total, Counter],
        &[],
    ),
];

/// Each damage is found, mended, and then found no more; what is right is left alone.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_named_is_mended() {
    for (damage, named, left) in DAMAGES {
        let file = File::new();
        let store = file.open();
        fill(&store).await;
        let before = record(&store, "User", "b").await;
        file.damage(damage);
        let faults = store.check(expected).await.unwrap();
        for kind in *named {
            assert!(kinds(&faults).contains(kind), "{damage}: no {kind:?} in {faults:#?}");
        }
        let Repaired { found, mended, remaining } = store.repair(Arc::new(expected)).await.unwrap();
        assert_eq!(found, faults, "{damage}");
        for kind in *left {
            assert!(kinds(&remaining).contains(kind), "{damage}: no {kind:?} in {remaining:#?}");
        }
        if left.is_empty() {
            assert_eq!(remaining, [], "{damage}");
            assert!(mended > 0, "{damage}");
            assert_eq!(store.check(expected).await.unwrap(), [], "{damage}");
            assert_eq!(store.query(all_users()).await.unwrap().total, Some(2), "{damage}");
        }
        if !damage.contains("version") {
            assert_eq!(record(&store, "User", "b").await, before, "{damage}: what nobody damaged");
        }
        // The store is used on.
        commit(&store, user("c")).await;
        let faults = store.check(expected).await.unwrap();
        assert_eq!(faults.is_empty(), left.is_empty(), "{damage}: {faults:#?}");
    }
}

/// As long as a record cannot be read, nobody knows the sums, so they are left as they are.
#[tokio::test(flavor = "multi_thread")]
async fn sums_wait_for_what_cannot_be_read() {
    let file = File::new();
    let store = file.open();
    fill(&store).await;
    file.damage("UPDATE resource SET document = '[]' WHERE id = 'a'");
    let repaired = store.repair(Arc::new(expected)).await.unwrap();
    assert!(kinds(&repaired.remaining).contains(&Record), "{repaired:#?}");
    file.damage("UPDATE resource SET document = (SELECT replace(document, 'b@', 'a@') FROM resource WHERE id = 'b') WHERE id = 'a'");
    assert_eq!(store.check(expected).await.unwrap(), [], "with the document all is as it was");
}

/// More damage than is mended in one transaction, while users come: nothing of theirs is lost, and in the end all
/// agrees.
#[tokio::test(flavor = "multi_thread")]
async fn mended_while_others_write() {
    let file = File::new();
    let store = file.open();
    for ten in 0..20 {
        commit(&store, (0..10).flat_map(|one| user(&format!("u-{ten}-{one}"))).collect()).await;
    }
    file.damage(
        "UPDATE counter SET value = value + 11; UPDATE total SET visible = visible - 5; \
         DELETE FROM unique_value WHERE holder_id < 'u-1'; UPDATE resource SET form = jsonb('{}') WHERE id > 'u-15'",
    );
    let writer = tokio::spawn({
        let store = store.clone();
        async move {
            for number in 0..100 {
                commit(&store, user(&format!("new-{number}"))).await;
            }
        }
    });
    let [one, other] = [(), ()].map(|()| {
        let store = store.clone();
        tokio::spawn(async move { store.repair(Arc::new(expected)).await.unwrap() })
    });
    // Two at once: each difference is added once.
    let (one, other) = (one.await.unwrap(), other.await.unwrap());
    writer.await.unwrap();
    assert!(one.mended + other.mended >= 140, "{} and {}", one.mended, other.mended);
    let repaired = store.repair(Arc::new(expected)).await.unwrap();
    assert_eq!(repaired.remaining, []);
    assert_eq!(store.query(all_users()).await.unwrap().total, Some(300));
    assert_eq!(store.check(expected).await.unwrap(), []);
}
