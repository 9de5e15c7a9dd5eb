//! Connections that are cut in the middle of commits: nothing is lost, and nothing happens twice.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use scim_engine::store::{Batch, CounterKey, OnLimit, ReadKey, ReadValue, Store, Stream, TenantId, Write};
use scim_postgres::PostgresStore;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use crate::place::{cluster, database, options};

const WRITERS: usize = 8;
const EACH: usize = 25;

/// Of this many messages from the server, one is kept back for good, and its connection cut.
const CUT: usize = 9;

/// How many messages of a connection are spared, so that it comes about at all.
const SPARED: usize = 3;

/// Commits whose answers never arrive: each is told as it happened, and happened once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cut_connections_lose_nothing_and_repeat_nothing() {
    let direct = database();
    let folder = tempfile::tempdir().expect("a folder");
    let proxy = Proxy::start(folder.path(), cluster().socket());
    let through =
        direct.replace(&cluster().folder().display().to_string(), &folder.path().display().to_string());
    let store = Arc::new(PostgresStore::open(&through, &options()).await.expect("a store"));
    let tenant = TenantId::new("precious-asteroid").expect("letters and a dash");
    let counter = CounterKey { space: tenant.space(), name: "seats" };
    proxy.cut_from_now();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (store, counter) = (Arc::clone(&store), counter.clone());
            tokio::spawn(async move {
                let mut told = Vec::new();
                for turn in 0..EACH {
                    let add = Write::Add { counter: counter.clone(), by: 1, on_limit: OnLimit::Refuse };
                    let body = json!([writer, turn]);
                    let space = counter.space.clone();
                    let append = Write::Append { space, stream: Stream::Outbox, body: body.clone() };
                    let batch = Batch { now: 1, guards: Vec::new(), writes: vec![add, append] };
                    let committed = store.commit(batch).await.expect("a commit that is told");
                    told.push((committed.positions[0], body, committed.counters[0].after.value));
                }
                told
            })
        })
        .collect();
    let mut told = Vec::new();
    for writer in writers {
        told.extend(writer.await.expect("a writer"));
    }
    assert!(proxy.cuts() > 10, "only {} connections were cut", proxy.cuts());
    let store = PostgresStore::open(&direct, &options()).await.expect("a store");
    let events = ReadKey::Events { space: tenant.space(), stream: Stream::Outbox, after: 0, limit: 10_000 };
    let values = store.read(vec![ReadKey::Counter(counter), events]).await.expect("an answer");
    let [ReadValue::Counter(Some(counter)), ReadValue::Events(events)] = values.as_slice() else {
        panic!("{values:?}")
    };
    assert_eq!(counter.value, (WRITERS * EACH) as i64, "each add counts once");
    told.sort_by_key(|(position, ..)| *position);
    let expected: Vec<(u64, Value)> = told.iter().map(|(at, body, _)| (*at, body.clone())).collect();
    let found: Vec<(u64, Value)> = events.iter().map(|event| (event.position, event.body.clone())).collect();
    assert_eq!(found, expected, "each event is there once, where its commit was told that it is");
    let mut sums: Vec<i64> = told.iter().map(|(.., after)| *after).collect();
    sums.sort_unstable();
    assert_eq!(sums, (1..=(WRITERS * EACH) as i64).collect::<Vec<_>>(), "each commit is told its own result");
}

/// Stands between a store and its server.
struct Proxy {
    /// How many messages came from the server since the cutting began; 0 while it has not.
    seen: Arc<AtomicUsize>,
    cuts: Arc<AtomicUsize>,
}

impl Proxy {
    fn start(folder: &Path, server: PathBuf) -> Self {
        let name = server.file_name().expect("a socket").to_owned();
        let listener = UnixListener::bind(folder.join(name)).expect("a socket");
        let (seen, cuts) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let proxy = Self { seen: Arc::clone(&seen), cuts: Arc::clone(&cuts) };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&server).await.expect("the server");
                tokio::spawn(pass(client, server, Arc::clone(&seen), Arc::clone(&cuts)));
            }
        });
        proxy
    }

    fn cut_from_now(&self) {
        self.seen.store(1, Ordering::SeqCst);
    }

    fn cuts(&self) -> usize {
        self.cuts.load(Ordering::SeqCst)
    }
}

/// Passes everything on, until a message from the server is the one to be kept back.
async fn pass(client: UnixStream, server: UnixStream, seen: Arc<AtomicUsize>, cuts: Arc<AtomicUsize>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let forward = async {
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
    };
    let back = async {
        let mut buffer = vec![0; 64 * 1024];
        let mut spared = 0;
        while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
            spared += 1;
            if spared > SPARED
                && seen.load(Ordering::SeqCst) > 0
                && seen.fetch_add(1, Ordering::SeqCst).is_multiple_of(CUT)
            {
                cuts.fetch_add(1, Ordering::SeqCst);
                return;
            }
            if to_client.write_all(&buffer[..count]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! { () = forward => {} () = back => {} }
}
