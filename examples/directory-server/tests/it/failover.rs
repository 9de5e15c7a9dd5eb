//! The database fails over to its standby under two servers: they go on by themselves, and every
//! acknowledged write is there, once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use scim_testkit::http::{Request, send};
use scim_testkit::postgres::Pair;
use serde_json::{Value, json};

use crate::client::Directory;

const ROUNDS: usize = 10;
const WRITERS: usize = 8;

/// How many users are created before the primary of a round is killed, and after that.
const BETWEEN: usize = 24;

/// How long something may take; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn servers_go_on_after_the_primary_was_killed() {
    let mut pair = Pair::start().unwrap();
    let database = pair.database().unwrap();
    let servers: Arc<[Directory; 2]> = Arc::new([Directory::on(&database), Directory::on(&database)]);
    let (done, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            tokio::spawn(create(writer, Arc::clone(&servers), Arc::clone(&done), Arc::clone(&stop)))
        })
        .collect();
    for round in 0..ROUNDS {
        goes_on(&done, round).await;
        pair.kill_primary().unwrap();
        for server in servers.iter() {
            until(&format!("round {round}: a server notices"), async || ready(server).await == 503).await;
        }
        pair = tokio::task::spawn_blocking(move || {
            pair.promote().unwrap();
            pair.rejoin().unwrap();
            pair
        })
        .await
        .unwrap();
        for server in servers.iter() {
            until(&format!("round {round}: a server is back"), async || ready(server).await == 200).await;
        }
    }
    goes_on(&done, ROUNDS).await;
    stop.store(true, Ordering::SeqCst);
    let (mut names, mut acknowledged) = (BTreeSet::new(), BTreeMap::new());
    for writer in writers {
        let (all, told) = writer.await.unwrap();
        names.extend(all);
        acknowledged.extend(told);
    }
    let listed = listed(&servers[0]).await;
    let found: BTreeSet<String> = listed.values().cloned().collect();
    assert_eq!(found.len(), listed.len(), "a user is there twice");
    assert_eq!(found, names, "a user is missing, or was never sent");
    for (id, name) in &acknowledged {
        assert_eq!(listed.get(id), Some(name), "what was acknowledged is not there");
    }
    assert!(acknowledged.len() >= ROUNDS * BETWEEN, "only {} answers", acknowledged.len());
}

/// Creates users until it is told to stop: the names of all, and the ids of those whose 201 arrived.
async fn create(
    writer: usize,
    servers: Arc<[Directory; 2]>,
    done: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
) -> (Vec<String>, Vec<(String, String)>) {
    let (mut names, mut told) = (Vec::new(), Vec::new());
    while !stop.load(Ordering::SeqCst) {
        let name = format!("user-{writer}-{}", names.len());
        let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name });
        let mut open = false;
        for attempt in 0.. {
            let server = &servers[(writer + attempt) % 2];
            let answer = server.send("POST", "/Users", Some(body.clone())).await;
            match answer.status {
                201 => {
                    let user: Value = answer.json().unwrap();
                    told.push((user["id"].as_str().unwrap().to_owned(), name.clone()));
                    break;
                }
                // An attempt whose answer was 503 may have been carried out after all.
                409 if open => break,
                503 => {
                    assert!(answer.header("retry-after").is_some(), "{}", answer.text());
                    open = true;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                status => panic!("{status}: {}", answer.text()),
            }
        }
        names.push(name);
        done.fetch_add(1, Ordering::SeqCst);
    }
    (names, told)
}

/// What a supervisor is told.
async fn ready(server: &Directory) -> u16 {
    send(server.address, &Request::new("GET", "/readyz")).await.unwrap().status
}

/// The names of all users, by id.
async fn listed(server: &Directory) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    loop {
        let path = format!("/Users?attributes=userName&count=1000&startIndex={}", all.len() + 1);
        let page = server.get(&path).await;
        for user in page["Resources"].as_array().into_iter().flatten() {
            let text = |name: &str| user[name].as_str().unwrap().to_owned();
            all.insert(text("id"), text("userName"));
        }
        if page["Resources"].as_array().is_none_or(Vec::is_empty) {
            assert_eq!(page["totalResults"], all.len());
            return all;
        }
    }
}

/// Waits for more users.
async fn goes_on(done: &AtomicUsize, round: usize) {
    let wanted = done.load(Ordering::SeqCst) + BETWEEN;
    let enough = async || done.load(Ordering::SeqCst) >= wanted;
    until(&format!("round {round}: the servers go on"), enough).await;
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "{what}");
}
