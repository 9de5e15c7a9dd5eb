//! A server dies amid commits, and comes back or has its place taken: nothing is lost, nothing happens twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use scim_engine::store::{
    Batch, Committed, CounterKey, Event, OnLimit, ReadKey, ReadValue, Space, Store, Stream, TenantId, Write,
};
use scim_postgres::PostgresStore;
use scim_testkit::postgres::{Cluster, Pair};
use serde_json::{Value, json};

use crate::place::options;

const ROUNDS: usize = 10;
const WRITERS: usize = 8;

/// How many commits come before the primary of a round is killed, and after that.
const BETWEEN: usize = 40;

/// How long writers may take to go on after a fail-over; the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// Ten times: every acknowledged commit is there, none twice, and the store goes on by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_primary_loses_nothing_and_repeats_nothing() {
    let mut pair = Pair::start().expect("two servers");
    let url = pair.database().expect("a database");
    let options = options().with_lost_limit(PATIENCE);
    let store = Arc::new(PostgresStore::open(&url, &options).await.expect("a store"));
    let space = TenantId::new("precious-asteroid").expect("letters and a dash").space();
    let writers = Writers::start(&store, &space);
    for round in 0..ROUNDS {
        writers.go_on(round).await;
        pair = tokio::task::spawn_blocking(move || {
            pair.kill_primary().expect("a running primary");
            pair.promote().expect("a standby that takes over");
            pair.rejoin().expect("a new standby");
            pair
        })
        .await
        .expect("a fail-over");
    }
    writers.go_on(ROUNDS).await;
    writers.verify(&store, &space).await;
}

/// A server without a standby that is killed amid commits, and started again: its log has all that it
/// acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_server_loses_nothing_and_repeats_nothing() {
    let mut server = Cluster::start(&[]).expect("a server");
    let url = server.database().expect("a database");
    let options = options().with_lost_limit(PATIENCE);
    let store = Arc::new(PostgresStore::open(&url, &options).await.expect("a store"));
    let space = TenantId::new("precious-asteroid").expect("letters and a dash").space();
    let writers = Writers::start(&store, &space);
    for round in 0..ROUNDS {
        writers.go_on(round).await;
        server = tokio::task::spawn_blocking(move || {
            server.kill().expect("a running server");
            server.run(&[]).expect("a server that recovers");
            server
        })
        .await
        .expect("a recovery");
    }
    writers.go_on(ROUNDS).await;
    writers.verify(&store, &space).await;
    assert_eq!(store.check(|_| None).await.expect("a check"), []);
}

/// Those who commit all the while.
struct Writers {
    tasks: Vec<tokio::task::JoinHandle<Vec<(u64, Value, i64)>>>,
    done: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Writers {
    fn start(store: &Arc<PostgresStore>, space: &Space) -> Self {
        let (done, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let tasks = (0..WRITERS).map(|writer| {
            let (store, space) = (Arc::clone(store), space.clone());
            tokio::spawn(write(writer, store, space, Arc::clone(&done), Arc::clone(&stop)))
        });
        Self { tasks: tasks.collect(), done, stop }
    }

    /// Waits for more commits.
    async fn go_on(&self, round: usize) {
        goes_on(&self.done, round).await;
    }

    /// Stops them: everything that they were told is there, as they were told, and nothing else.
    async fn verify(self, store: &PostgresStore, space: &Space) {
        self.stop.store(true, Ordering::SeqCst);
        let mut told = Vec::new();
        for writer in self.tasks {
            told.extend(writer.await.expect("a writer"));
        }
        told.sort_by_key(|(position, ..)| *position);
        let events =
            ReadKey::Events { space: space.clone(), stream: Stream::Outbox, after: 0, limit: 1_000_000 };
        let values = store.read(vec![ReadKey::Counter(counter(space)), events]).await.expect("an answer");
        let [ReadValue::Counter(Some(counter)), ReadValue::Events(events)] = values.as_slice() else {
            panic!("{values:?}")
        };
        assert_eq!(usize::try_from(counter.value), Ok(told.len()), "each add counts once");
        let found: Vec<(u64, &Value)> =
            events.iter().map(|Event { position, body, .. }| (*position, body)).collect();
        let expected: Vec<(u64, &Value)> = told.iter().map(|(at, body, _)| (*at, body)).collect();
        assert_eq!(found, expected, "each event is there once, where its commit was told that it is");
        let mut sums: Vec<i64> = told.iter().map(|(.., sum)| *sum).collect();
        sums.sort_unstable();
        let all: Vec<i64> = (1..=counter.value).collect();
        assert_eq!(sums, all, "each commit is told its own result");
    }
}

fn counter(space: &Space) -> CounterKey {
    CounterKey { space: space.clone(), name: "seats" }
}

/// Commits until it is told to stop; what each commit was told.
async fn write(
    writer: usize,
    store: Arc<PostgresStore>,
    space: Space,
    done: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
) -> Vec<(u64, Value, i64)> {
    let mut told = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        let body = json!([writer, told.len()]);
        // A commit that was never under way may be refused while nobody takes writes.
        let Committed { positions, counters, .. } = loop {
            let add = Write::Add { counter: counter(&space), by: 1, on_limit: OnLimit::Refuse };
            let append = Write::Append { space: space.clone(), stream: Stream::Outbox, body: body.clone() };
            match store.commit(Batch { now: 1, guards: Vec::new(), writes: vec![add, append] }).await {
                Ok(committed) => break committed,
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        told.push((positions[0], body, counters[0].after.value));
        done.fetch_add(1, Ordering::SeqCst);
    }
    told
}

/// Waits for more commits.
async fn goes_on(done: &AtomicUsize, round: usize) {
    let wanted = done.load(Ordering::SeqCst) + BETWEEN;
    let going = async {
        while done.load(Ordering::SeqCst) < wanted {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, going).await.is_ok(), "round {round}: the writers do not go on");
}
