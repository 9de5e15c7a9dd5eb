//! The outbox on a store: nothing is lost, spaces are heard in order, one node works at a time.
//!
//! Each function takes a store that is new and empty. [`outbox_contract!`](crate::outbox_contract) writes
//! a test for each of them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::probe::{batch, together};
use crate::facts::{FactKey, Facts};
use crate::outbox::{
    Consumer, DeliveryError, Job, JobStep, Jobs, Message, Nudge, Sequence, Turn, Worker, WorkerConfig,
    append, dead_letters, discard, pending, redeliver,
};
use crate::store::{CounterKey, DueKey, OnLimit, ReadValue, Space, Store, TenantId, Write};

/// Writes one `#[tokio::test]` for each test of the [outbox suite](crate::contract::outbox).
///
/// It takes what [`store_contract!`](crate::store_contract) takes.
#[macro_export]
macro_rules! outbox_contract {
    ($make:expr) => {
        $crate::outbox_contract! { @tests ($make)
            events_are_delivered_in_order
            a_failure_holds_its_space_back
            single_events_go_on
            dead_letters_can_be_seen
            what_is_pending_can_be_seen
            another_node_takes_over
            a_node_that_was_replaced_commits_nothing
            what_was_not_committed_comes_again
            writers_and_a_worker_lose_nothing
            work_is_decided_on_what_is_true
            a_nudge_wakes_the_worker
        }
    };
    (@tests ($make:expr) $($name:ident)+) => {
        $(
            #[::tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $name() {
                let make = $make;
                let store = make().await;
                $crate::contract::outbox::$name(store).await;
            }
        )+
    };
}

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;

fn tenant(name: &str) -> TenantId {
    TenantId::new(name).expect("a name")
}

fn space(name: &str) -> Space {
    tenant(name).space()
}

async fn commit<S: Store>(store: &S, writes: Vec<Write>) {
    // Commits of a store may be refused only for what they say; these say nothing that could be.
    store.commit(batch(0, writes)).await.expect("a commit");
}

async fn tell<S: Store>(store: &S, tenant: &str, bodies: impl IntoIterator<Item = Value>) {
    for body in bodies {
        let id = body.to_string();
        commit(store, append(&space(tenant), &id, 0, [body])).await;
    }
}

/// What was heard: who told it, which event, how often it was tried before.
type Heard = (String, Value, u32);

/// What an event is answered with, after that many tries.
type Says = dyn Fn(&Value, u32) -> Result<(), DeliveryError> + Send + Sync;

/// Remembers what it hears. Clones remember together.
#[derive(Clone)]
struct Ear {
    heard: Arc<Mutex<Vec<Heard>>>,
    says: Arc<Says>,
    sequence: Sequence,
}

impl Ear {
    fn new() -> Self {
        Self::saying(Sequence::Ordered, |_, _| Ok(()))
    }

    fn saying(
        sequence: Sequence,
        says: impl Fn(&Value, u32) -> Result<(), DeliveryError> + Send + Sync + 'static,
    ) -> Self {
        Self { heard: Arc::default(), says: Arc::new(says), sequence }
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The events of one tenant.
    fn of(&self, tenant: &str) -> Vec<Value> {
        self.heard().into_iter().filter(|(from, ..)| from == tenant).map(|(_, body, _)| body).collect()
    }
}

impl Consumer for Ear {
    fn name(&self) -> &'static str {
        "ear"
    }

    fn sequence(&self) -> Sequence {
        self.sequence
    }

    async fn deliver(&self, message: &Message<'_>) -> Result<(), DeliveryError> {
        let tenant = message.tenant().map(|tenant| tenant.to_string()).unwrap_or_default();
        let heard = (tenant, message.body.clone(), message.tries);
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
        (self.says)(message.body, message.tries)
    }
}

fn config() -> WorkerConfig {
    WorkerConfig {
        first_wait: Duration::from_secs(60),
        longest_wait: Duration::from_secs(120),
        most_tries: 4,
        page: 3,
        ..WorkerConfig::default()
    }
}

fn worker<S: Store>(store: &Arc<S>, node: &str, ear: &Ear) -> Worker<Arc<S>> {
    Worker::new(Arc::clone(store), node).with_consumer(ear.clone()).with_config(config())
}

/// Turns until there is no more.
async fn work<S: Store>(worker: &mut Worker<S>, now: i64) -> Turn {
    loop {
        match worker.turn(now).await.expect("a store that answers") {
            Turn::More => {}
            turn => return turn,
        }
    }
}

/// The events of each space come in the order of their commits, once, whatever the size of a page.
pub async fn events_are_delivered_in_order(store: impl Store) {
    let (store, ear) = (Arc::new(store), Ear::new());
    let mut worker = worker(&store, "a", &ear);
    assert_eq!(work(&mut worker, 1).await, Turn::Done, "nothing is there to be done");
    for number in 0..20 {
        tell(&*store, ["x", "y"][number % 2], [json!(number)]).await;
    }
    assert_eq!(work(&mut worker, 2).await, Turn::Done);
    let numbers = |rest: usize| (0..20).filter(|n| n % 2 == rest).map(|n| json!(n)).collect::<Vec<_>>();
    assert_eq!((ear.of("x"), ear.of("y")), (numbers(0), numbers(1)));
    assert_eq!(work(&mut worker, 3).await, Turn::Done);
    assert_eq!(ear.heard().len(), 20, "what was delivered does not come again");
    tell(&*store, "x", [json!("more")]).await;
    work(&mut worker, 4).await;
    assert_eq!(ear.of("x").last(), Some(&json!("more")));
    assert_eq!(ear.heard().len(), 21);
    assert_eq!(due(&*store).await, [], "no wake is left");
}

async fn due<S: Store>(store: &S) -> Vec<DueKey> {
    let mut all = Vec::new();
    for shard in 0..crate::store::SHARDS {
        all.extend(store.due(shard, i64::MAX, 1_000).await.expect("a store that answers"));
    }
    all
}

/// Who hears in order gets no event before the one that failed is delivered; other spaces go on.
pub async fn a_failure_holds_its_space_back(store: impl Store) {
    let store = Arc::new(store);
    let ear = Ear::saying(Sequence::Ordered, |body, tries| {
        if *body == json!("bad") && tries < 2 { Err(DeliveryError::Later("not now".into())) } else { Ok(()) }
    });
    let mut worker = worker(&store, "a", &ear);
    tell(&*store, "x", ["a", "bad", "b"].map(Value::from)).await;
    tell(&*store, "y", ["a", "b"].map(Value::from)).await;
    work(&mut worker, 0).await;
    assert_eq!((ear.of("x"), ear.of("y")), (vec![json!("a"), json!("bad")], vec![json!("a"), json!("b")]));
    tell(&*store, "x", [json!("c")]).await;
    work(&mut worker, MINUTE - 1).await;
    assert_eq!(ear.of("x").len(), 2, "it waits its time");
    work(&mut worker, MINUTE).await;
    assert_eq!(ear.heard().last(), Some(&("x".into(), json!("bad"), 1)), "and is tried again");
    work(&mut worker, 3 * MINUTE - 1).await;
    assert_eq!(ear.of("x").len(), 3, "it waits twice as long");
    work(&mut worker, 3 * MINUTE).await;
    assert_eq!(ear.of("x")[3..], ["bad", "b", "c"].map(Value::from), "and then all come");
    assert_eq!(due(&*store).await, []);
}

/// Where each event stands for itself, those after a failed one are delivered at once.
pub async fn single_events_go_on(store: impl Store) {
    let store = Arc::new(store);
    let ear = Ear::saying(Sequence::Single, |body, tries| {
        if *body == json!("bad") && tries < 2 { Err(DeliveryError::Later("not now".into())) } else { Ok(()) }
    });
    let mut worker = worker(&store, "a", &ear);
    tell(&*store, "x", ["a", "bad", "b"].map(Value::from)).await;
    work(&mut worker, 0).await;
    assert_eq!(ear.of("x"), ["a", "bad", "b"].map(Value::from));
    for (now, heard) in [(MINUTE - 1, 3), (MINUTE, 4), (3 * MINUTE - 1, 4), (3 * MINUTE, 5), (9 * MINUTE, 5)]
    {
        work(&mut worker, now).await;
        assert_eq!(ear.of("x").len(), heard, "at {now}");
    }
    assert_eq!(ear.heard()[3..], [("x".into(), json!("bad"), 1), ("x".into(), json!("bad"), 2)]);
    assert_eq!(due(&*store).await, []);
}

/// What cannot be delivered, or not after so many tries, is kept to be seen, sent again or given up.
pub async fn dead_letters_can_be_seen(store: impl Store) {
    let store = Arc::new(store);
    for sequence in [Sequence::Ordered, Sequence::Single] {
        let name = if sequence == Sequence::Ordered { "x" } else { "y" };
        let healed = Arc::new(Mutex::new(false));
        let heals = Arc::clone(&healed);
        let ear = Ear::saying(sequence, move |body, _| match body.as_str() {
            _ if *heals.lock().unwrap_or_else(PoisonError::into_inner) => Ok(()),
            Some("never") => Err(DeliveryError::Never("no such address".into())),
            Some("later") => Err(DeliveryError::Later("not now".into())),
            _ => Ok(()),
        });
        let mut worker = worker(&store, "a", &ear);
        tell(&*store, name, ["never", "later", "fine"].map(Value::from)).await;
        for now in 0..10 {
            work(&mut worker, now * 2 * MINUTE).await;
        }
        assert_eq!(ear.of(name).iter().filter(|body| **body == json!("later")).count(), 4, "{sequence:?}");
        assert_eq!(ear.of(name).iter().filter(|body| **body == json!("fine")).count(), 1, "{sequence:?}");
        let letters = dead_letters(&*store, &tenant(name), None, 10).await.expect("a listing");
        let said: Vec<_> = letters
            .iter()
            .map(|letter| (letter.body.as_str(), letter.error.as_str(), letter.tries))
            .collect();
        assert_eq!(
            said,
            [(Some("never"), "no such address", 1), (Some("later"), "not now", 4)],
            "{sequence:?}"
        );
        let second = dead_letters(&*store, &tenant(name), letters.first(), 1).await.expect("a listing");
        assert_eq!(second, letters[1..], "{sequence:?}");
        assert_eq!(dead_letters(&*store, &tenant("z"), None, 10).await.expect("a listing"), []);
        *healed.lock().unwrap_or_else(PoisonError::into_inner) = true;
        let now = 99 * MINUTE;
        assert!(redeliver(&*store, &tenant(name), &letters[1].id, now).await.expect("an answer"));
        assert!(!redeliver(&*store, &tenant(name), &letters[1].id, now).await.expect("an answer"));
        assert!(discard(&*store, &tenant(name), &letters[0].id, now).await.expect("an answer"));
        work(&mut worker, now).await;
        assert_eq!(ear.heard().last(), Some(&(name.into(), json!("later"), 0)), "{sequence:?}");
        assert_eq!(dead_letters(&*store, &tenant(name), None, 10).await.expect("a listing"), []);
        assert_eq!(due(&*store).await, []);
    }
}

/// What is not delivered yet can be seen, oldest first: since when, how often it was tried, and why in vain.
pub async fn what_is_pending_can_be_seen(store: impl Store) {
    let store = Arc::new(store);
    for (sequence, name) in [(Sequence::Ordered, "x"), (Sequence::Single, "y")] {
        let healed = Arc::new(Mutex::new(false));
        let heals = Arc::clone(&healed);
        let ear = Ear::saying(sequence, move |body, _| match body.as_str() {
            Some("later") if !*heals.lock().unwrap_or_else(PoisonError::into_inner) => {
                Err(DeliveryError::Later("not now".into()))
            }
            _ => Ok(()),
        });
        let seen = async |limit| {
            let all = pending(&*store, &tenant(name), &["ear"], limit).await.expect("a listing");
            all.into_iter()
                .map(|one| {
                    assert_eq!((one.consumer.as_str(), one.time), ("ear", 0), "{sequence:?}");
                    (one.body, one.tries, one.next, one.error)
                })
                .collect::<Vec<_>>()
        };
        let new = |body: &str| (json!(body), 0, None, None);
        let tried = |tries, next| (json!("later"), tries, Some(next), Some("not now".to_owned()));
        assert_eq!(seen(10).await, [], "{sequence:?}: nothing was told");
        tell(&*store, name, ["fine", "later", "more"].map(Value::from)).await;
        assert_eq!(seen(10).await, [new("fine"), new("later"), new("more")], "{sequence:?}: nobody works");
        assert_eq!(seen(2).await, [new("fine"), new("later")], "{sequence:?}: the oldest ones");
        let mut worker = worker(&store, "a", &ear);
        work(&mut worker, 0).await;
        let rest = if sequence == Sequence::Ordered { vec![new("more")] } else { vec![] };
        let with_rest = |first| [vec![first], rest.clone()].concat();
        assert_eq!(seen(10).await, with_rest(tried(1, MINUTE)), "{sequence:?}: it failed");
        work(&mut worker, MINUTE).await;
        assert_eq!(seen(10).await, with_rest(tried(2, 3 * MINUTE)), "{sequence:?}: it failed again");
        assert_eq!(pending(&*store, &tenant("z"), &["ear"], 10).await.expect("a listing"), []);
        *healed.lock().unwrap_or_else(PoisonError::into_inner) = true;
        work(&mut worker, 3 * MINUTE).await;
        assert_eq!(seen(10).await, [], "{sequence:?}: all is delivered");
    }
}

/// One node works, and while it does, no other; when it has died, another one takes over.
pub async fn another_node_takes_over(store: impl Store) {
    let (store, ear) = (Arc::new(store), Ear::new());
    let (mut a, mut b) = (worker(&store, "a", &ear), worker(&store, "b", &ear));
    tell(&*store, "x", [json!(1)]).await;
    assert_eq!(work(&mut a, 0).await, Turn::Done);
    tell(&*store, "x", [json!(2)]).await;
    assert_eq!(work(&mut b, 1).await, Turn::Waiting);
    assert_eq!(work(&mut b, MINUTE - 1).await, Turn::Waiting, "the lease lasts a minute");
    assert_eq!(ear.of("x"), [json!(1)]);
    assert_eq!(work(&mut b, MINUTE).await, Turn::Done);
    assert_eq!(ear.of("x"), [1, 2].map(Value::from));
    assert_eq!(work(&mut a, MINUTE + 1).await, Turn::Waiting, "who comes back waits its turn");
    // A restart takes no minute.
    let mut again = worker(&store, "b", &ear);
    tell(&*store, "x", [json!(3)]).await;
    assert_eq!(work(&mut again, MINUTE + 2).await, Turn::Done);
    assert_eq!(ear.of("x"), [1, 2, 3].map(Value::from));
    // One at a time takes a lease that is free.
    let now = 10 * MINUTE;
    let takers = together(8, |number| {
        let mut taker = worker(&store, &format!("t{number}"), &ear);
        async move { work(&mut taker, now).await }
    })
    .await;
    assert_eq!(takers.iter().filter(|turn| **turn == Turn::Done).count(), 1);
}

/// Hands its event to another node, which takes over, before it is done with it.
struct Slow<S: Store> {
    other: tokio::sync::Mutex<Worker<Arc<S>>>,
    fences: Arc<Mutex<Vec<u64>>>,
}

impl<S: Store> Consumer for Slow<S> {
    fn name(&self) -> &'static str {
        "ear"
    }

    async fn deliver(&self, message: &Message<'_>) -> Result<(), DeliveryError> {
        self.fences.lock().unwrap_or_else(PoisonError::into_inner).push(message.fence);
        let turn = self.other.lock().await.turn(2 * MINUTE).await.expect("a store that answers");
        assert_eq!(turn, Turn::Done);
        Ok(())
    }
}

/// A node that has been taken for dead while it delivered leaves what the other one has done as it is.
pub async fn a_node_that_was_replaced_commits_nothing(store: impl Store) {
    let (store, ear) = (Arc::new(store), Ear::new());
    let fences = Arc::new(Mutex::new(Vec::new()));
    let slow = Slow { other: worker(&store, "b", &ear).into(), fences: Arc::clone(&fences) };
    let mut a = Worker::new(Arc::clone(&store), "a").with_consumer(slow).with_config(config());
    tell(&*store, "x", [json!(1)]).await;
    assert_eq!(a.turn(0).await.expect("a store that answers"), Turn::Waiting);
    assert_eq!(ear.of("x"), [json!(1)]);
    let mut later = worker(&store, "c", &ear);
    tell(&*store, "x", [json!(2)]).await;
    work(&mut later, 9 * MINUTE).await;
    assert_eq!(ear.of("x"), [1, 2].map(Value::from), "nothing came twice to the one that was not replaced");
    assert_eq!(*fences.lock().unwrap_or_else(PoisonError::into_inner), [1]);
}

/// A node that dies between a delivery and its commit leaves the event to the next one.
pub async fn what_was_not_committed_comes_again(store: impl Store) {
    struct Dying(Ear);
    impl Consumer for Dying {
        fn name(&self) -> &'static str {
            "ear"
        }
        async fn deliver(&self, message: &Message<'_>) -> Result<(), DeliveryError> {
            self.0.deliver(message).await?;
            if *message.body == json!(2) {
                std::future::pending::<()>().await;
            }
            Ok(())
        }
    }
    let (store, ear) = (Arc::new(store), Ear::new());
    let mut dying =
        Worker::new(Arc::clone(&store), "a").with_consumer(Dying(ear.clone())).with_config(config());
    tell(&*store, "x", [1, 2, 3].map(Value::from)).await;
    let turn = tokio::spawn(async move { dying.turn(0).await });
    while ear.of("x").len() < 2 {
        tokio::task::yield_now().await;
    }
    turn.abort();
    let _ = turn.await;
    work(&mut worker(&store, "b", &ear), MINUTE).await;
    assert_eq!(ear.of("x"), [1, 2, 1, 2, 3].map(Value::from));
}

/// While many append, a worker hears of every event, of each writer in order.
pub async fn writers_and_a_worker_lose_nothing(store: impl Store) {
    const WRITERS: usize = 8;
    const EACH: usize = 12;
    let (store, ear) = (Arc::new(store), Ear::new());
    let mut worker = worker(&store, "a", &ear).with_config(WorkerConfig { page: 7, ..config() });
    let writing = tokio::spawn({
        let store = Arc::clone(&store);
        async move {
            together(WRITERS, |writer| {
                let store = Arc::clone(&store);
                async move {
                    for turn in 0..EACH {
                        tell(&*store, ["x", "y"][writer % 2], [json!([writer, turn])]).await;
                    }
                }
            })
            .await;
        }
    });
    while !writing.is_finished() {
        work(&mut worker, 1).await;
    }
    writing.await.expect("writers that end");
    // A store may show an event a moment after its commit; its wake stays until then.
    while ear.heard().len() < WRITERS * EACH {
        work(&mut worker, 2).await;
    }
    for writer in 0..WRITERS {
        let heard = ear.of(["x", "y"][writer % 2]);
        let turns: Vec<_> =
            heard.iter().filter(|body| body[0] == writer).map(|body| body[1].clone()).collect();
        assert_eq!(turns, (0..EACH).map(Value::from).collect::<Vec<_>>(), "writer {writer}");
    }
    work(&mut worker, 3).await;
    assert_eq!((ear.heard().len(), due(&*store).await), (WRITERS * EACH, vec![]));
}

/// Adds what a counter has to another one, while that has at most three.
struct Doubles;

fn counter(name: &'static str) -> CounterKey {
    CounterKey { space: space("x"), name }
}

impl Jobs for Doubles {
    fn decide(&self, job: &Job<'_>, facts: &Facts) -> JobStep {
        let mut lookup = facts.lookup();
        let from = lookup.counter(counter("from")).unwrap_or_default().value;
        if !lookup.is_complete() {
            return JobStep::Need(lookup.needed());
        }
        if from > 3 {
            return JobStep::Later(format!("{from} is too much for {}", job.key.name));
        }
        let add = Write::Add { counter: counter("to"), by: from, on_limit: OnLimit::Refuse };
        JobStep::Done { writes: vec![add], guards: Vec::new() }
    }
}

async fn value<S: Store>(store: &S, name: &'static str) -> i64 {
    let key = FactKey::Counter(counter(name));
    match store.read(vec![key.read_key(1)]).await.expect("a store that answers").pop() {
        Some(ReadValue::Counter(counter)) => counter.unwrap_or_default().value,
        other => panic!("a counter was asked, not {other:?}"),
    }
}

/// Work is done once it is due, once, and decided again when it could not be done.
pub async fn work_is_decided_on_what_is_true(store: impl Store) {
    let (store, ear) = (Arc::new(store), Ear::new());
    let mut worker = worker(&store, "a", &ear).with_jobs(Doubles);
    let key = DueKey { space: space("x"), name: "double".into() };
    let schedule = |at| Write::Schedule { key: key.clone(), at, body: json!(null) };
    let add = |by| Write::Add { counter: counter("from"), by, on_limit: OnLimit::Refuse };
    commit(&*store, vec![add(3), schedule(10)]).await;
    for (now, to) in [(9, 0), (10, 3), (11, 3)] {
        work(&mut worker, now).await;
        assert_eq!(value(&*store, "to").await, to, "at {now}");
    }
    commit(&*store, vec![add(1), schedule(20)]).await;
    work(&mut worker, 20).await;
    assert_eq!(value(&*store, "to").await, 3);
    commit(&*store, vec![add(-2)]).await;
    work(&mut worker, 20 + MINUTE - 1).await;
    assert_eq!(value(&*store, "to").await, 3, "it is put off for a minute");
    work(&mut worker, 20 + MINUTE).await;
    assert_eq!((value(&*store, "to").await, due(&*store).await), (5, vec![]));
}

/// Who is nudged works at once, and lets another node work at once when it is stopped.
pub async fn a_nudge_wakes_the_worker(store: impl Store) {
    let (store, ear, nudge) = (Arc::new(store), Ear::new(), Nudge::default());
    let slow = WorkerConfig { poll: Duration::from_secs(86_400), ..config() };
    let running = worker(&store, "a", &ear).with_config(slow).with_nudge(nudge.clone());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(running.run(|| 1, async { drop(stopped.await) }));
    for number in 1..=3 {
        tell(&*store, "x", [json!(number)]).await;
        while ear.of("x").len() < number {
            // Again and again, as after many commits: one nudge may come before the store shows the event.
            nudge.at(&space("x"));
            tokio::task::yield_now().await;
        }
    }
    drop(stop);
    running.await.expect("a worker that ends");
    assert_eq!(work(&mut worker(&store, "b", &ear), 1).await, Turn::Done);
}
