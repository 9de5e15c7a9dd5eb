//! Opening, closing and sharing the file.

use rusqlite::Connection;
use scim_engine::store::Store;
use scim_sqlite::{OpenError, SqliteOptions, SqliteStore};

use scim_sql::sample::{all_users, commit, fill, record, user};

fn open(path: &std::path::Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, &SqliteOptions::default())
}

#[tokio::test]
async fn a_closed_store_leaves_one_file_that_opens_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scim.db");
    let store = open(&path).unwrap();
    fill(&store).await;
    drop(store);
    let files: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["scim.db"], "the log is merged and gone");
    let store = open(&path).unwrap();
    assert_eq!(record(&store, "User", "a").await.map(|record| record.version), Some(1));
}

#[test]
fn a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scim.db");
    drop(open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 999).unwrap();
    assert!(matches!(open(&path), Err(OpenError::Newer { found: 999, known: 1 })));
}

#[test]
fn a_file_of_another_application_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (id INTEGER)").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(open(&path), Err(OpenError::Foreign)));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

/// Two stores on one file stand for two processes: their commits take turns, and each sees the other's.
#[tokio::test(flavor = "multi_thread")]
async fn two_stores_on_one_file_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scim.db");
    let stores = [open(&path).unwrap(), open(&path).unwrap()];
    fill(&stores[0]).await;
    let writers = stores.clone().into_iter().enumerate().map(|(number, store)| {
        tokio::spawn(async move {
            for turn in 0..50 {
                commit(&store, user(&format!("u-{number}-{turn}"))).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    for store in &stores {
        assert_eq!(store.query(all_users()).await.unwrap().total, Some(102));
        assert_eq!(store.check(scim_sql::sample::expected).await.unwrap(), []);
    }
}
