//! Walks through 20,000 users over HTTP, while others delete, create and rename: promise 6, and
//! 7644-3.4.2.4-09. One client adds 100 to `startIndex`, as Okta does, one adds what it has received, as
//! authentik does, and one follows cursors (9865-2-01).

use std::collections::HashMap;
use std::sync::Arc;

use scim_engine::core::Document;
use scim_engine::store::{Batch, Store, TenantId};
use scim_engine::{Subject, plain_registry, subject_writes};
use scim_postgres::{PostgresOptions, PostgresStore};
use scim_sqlite::{SqliteOptions, SqliteStore};
use scim_testkit::postgres::Cluster;
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::client::{Directory, patch_op};

const USERS: usize = 20_000;

/// How many users are deleted, created and renamed during each walk, of each 50 at the same time.
const CHANGES: usize = 150;
const AT_ONCE: usize = 50;

/// How many users are written at once when the directory is filled.
const LOADED: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn walks_lose_nothing_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("directory.sqlite"), &SqliteOptions::default()).unwrap();
    let users = load(&store).await;
    drop(store);
    walks_lose_nothing(Directory::in_folder(folder.path()), users).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn walks_lose_nothing_on_postgres() {
    let database = Cluster::shared().database().unwrap();
    let store = PostgresStore::open(&database, &PostgresOptions::default()).await.unwrap();
    let users = load(&store).await;
    drop(store);
    walks_lose_nothing(Directory::on(&database), users).await;
}

/// How a client goes from page to page.
#[derive(Clone, Copy, Debug)]
enum Client {
    Hundreds,
    Received,
    Cursors,
}

async fn walks_lose_nothing(directory: Directory, users: Vec<String>) {
    let directory = Arc::new(directory);
    let mut fates = scattered(users.len()).into_iter();
    let mut gone: Vec<usize> = Vec::new();
    for client in [Client::Hundreds, Client::Received, Client::Cursors] {
        let take = |fates: &mut std::vec::IntoIter<usize>| fates.by_ref().take(CHANGES).collect::<Vec<_>>();
        let (deleted, renamed) = (take(&mut fates), take(&mut fates));
        let changes = Changes::start(&directory, client, &users, &deleted, &renamed);
        let mut times: HashMap<String, usize> = HashMap::new();
        for id in walk(&directory, client, &changes.allowed).await {
            *times.entry(id).or_default() += 1;
        }
        changes.finish().await;
        for (number, id) in users.iter().enumerate() {
            let seen = times.remove(id).unwrap_or_default();
            let expected = match () {
                () if gone.contains(&number) => 0..=0,
                () if deleted.contains(&number) => 0..=1,
                () => 1..=1,
            };
            assert!(expected.contains(&seen), "{client:?} has seen user {number} {seen} times");
        }
        assert!(times.values().all(|seen| *seen == 1), "{client:?} has seen a new user twice");
        gone.extend(deleted);
    }
}

/// Fills a store; the ids of the users, in the order of the directory.
async fn load(store: &impl Store) -> Vec<String> {
    let registry = plain_registry().unwrap();
    let def = registry.type_named("User").unwrap();
    let space = TenantId::new("demo").unwrap().space();
    let ids: Vec<String> = (0..USERS).map(|number| format!("{number:05}")).collect();
    for (batch, some) in ids.chunks(LOADED).enumerate() {
        let mut writes = Vec::new();
        for id in some {
            let mut document = Map::new();
            document.insert("userName".to_owned(), json!(format!("user-{id}")));
            let subject = Subject {
                id: id.clone(),
                was: None,
                document: Document::from_canonical(document),
                visible: true,
                name: Some(format!("user-{id}")),
                extra: Map::new(),
            };
            writes.extend(subject_writes(def, &space, subject, true));
        }
        // Many are created in the same millisecond.
        let now = 1_700_000_000_000 + i64::try_from(batch).unwrap();
        store.commit(Batch { now, guards: Vec::new(), writes }).await.unwrap();
    }
    ids
}

fn user(name: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name })
}

fn ids_of(page: &Value) -> Vec<String> {
    let resources = page["Resources"].as_array().unwrap().iter();
    resources.map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

/// All numbers below `count`, in no order, the same in each run.
fn scattered(count: usize) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..count).collect();
    numbers.sort_by_key(|number| u32::try_from(*number).unwrap().wrapping_mul(2_654_435_761));
    numbers
}

/// All ids that the client sees.
async fn walk(directory: &Directory, client: Client, allowed: &Semaphore) -> Vec<String> {
    let mut connection = directory.connect().await;
    let (mut start, mut cursor) = (1, String::new());
    let mut seen = Vec::new();
    for _ in 0..10 * USERS {
        let target = match client {
            Client::Hundreds => format!("/Users?startIndex={start}&count=100&attributes=id"),
            Client::Received => format!("/Users?startIndex={start}&attributes=id"),
            Client::Cursors => format!("/Users?cursor={cursor}&count=100&attributes=id"),
        };
        let response = connection.send(&directory.request("GET", &target, None)).await.unwrap();
        assert_eq!(response.status, 200, "{}", response.text());
        let page = response.json().unwrap();
        let ids = ids_of(&page);
        let received = ids.len();
        seen.extend(ids);
        // Some of the changes happen while the next page is read.
        allowed.add_permits((3 * CHANGES).div_ceil(USERS / 100));
        if let Client::Cursors = client {
            match page["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return seen,
            }
            continue;
        }
        start += if let Client::Hundreds = client { 100 } else { received };
        if start as u64 > page["totalResults"].as_u64().unwrap() {
            return seen;
        }
    }
    panic!("the walk of {client:?} does not end");
}

/// Changes under way: some of them each time a page was read.
struct Changes {
    tasks: JoinSet<()>,
    allowed: Arc<Semaphore>,
}

impl Changes {
    fn start(
        directory: &Arc<Directory>,
        client: Client,
        users: &[String],
        deleted: &[usize],
        renamed: &[usize],
    ) -> Self {
        let mut all: Vec<(&str, String, Option<Value>)> = Vec::new();
        for (number, (gone, other)) in deleted.iter().zip(renamed).enumerate() {
            let name = format!("{client:?}-{number}");
            let operations =
                json!([{ "op": "replace", "path": "userName", "value": format!("renamed-{name}") }]);
            all.push(("DELETE", format!("/Users/{}", users[*gone]), None));
            all.push(("PATCH", format!("/Users/{}", users[*other]), Some(patch_op(&operations))));
            all.push(("POST", "/Users".to_owned(), Some(user(&format!("new-{name}")))));
        }
        let allowed = Arc::new(Semaphore::new(0));
        let mut tasks = JoinSet::new();
        // Neighbours in the list are of different tasks.
        for first in 0..3 * AT_ONCE {
            let mine: Vec<_> = all.iter().skip(first).step_by(3 * AT_ONCE).cloned().collect();
            let (directory, allowed) = (Arc::clone(directory), Arc::clone(&allowed));
            tasks.spawn(async move {
                for (method, path, body) in mine {
                    allowed.acquire().await.unwrap().forget();
                    let response = directory.send(method, &path, body).await;
                    assert!(response.status < 300, "{method} {path}: {}", response.text());
                }
            });
        }
        Self { tasks, allowed }
    }

    /// Makes those that are left.
    async fn finish(self) {
        self.allowed.add_permits(3 * CHANGES);
        self.tasks.join_all().await;
    }
}
