//! The log and the outbox: promise 9.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::task::yield_now;

use super::probe::{Probe, batch, create, space, together, user};
use crate::store::{Event, RecordKey, Space, Store, Stream, Write};

const IN_ORDER: &str = "promise 9: positions follow the order of commits";

fn append(stream: Stream, body: Value) -> Write {
    Write::Append { space: space(), stream, body }
}

/// Promise 9: events come in the order of their commits, each with its time and body.
pub async fn events_come_in_order(store: impl Store) {
    let probe = Probe::new(store);
    assert_eq!(probe.events(&space(), Stream::Log, 0, 10).await, [], "there is no event before the first");
    let bodies = [json!({ "a": [1, null, "é"] }), json!("b"), json!(3)];
    let first = probe
        .commit(batch(7, [append(Stream::Log, bodies[0].clone()), append(Stream::Log, bodies[1].clone())]))
        .await
        .positions;
    let second = probe.commit(batch(5, [append(Stream::Log, bodies[2].clone())])).await.positions;
    assert_eq!((first.len(), second.len()), (2, 1), "each event gets a position");
    assert!(0 < first[0] && first[0] < first[1] && first[1] < second[0], "{IN_ORDER}: {first:?} {second:?}");
    let event = |position, time, body: &Value| Event { position, time, body: body.clone() };
    let all =
        [event(first[0], 7, &bodies[0]), event(first[1], 7, &bodies[1]), event(second[0], 5, &bodies[2])];
    assert_eq!(probe.events(&space(), Stream::Log, 0, 10).await, all, "{IN_ORDER}");
    assert_eq!(probe.events(&space(), Stream::Log, first[0], 10).await, all[1..], "{IN_ORDER}");
    assert_eq!(probe.events(&space(), Stream::Log, 0, 1).await, all[..1], "{IN_ORDER}");
    assert_eq!(probe.events(&space(), Stream::Log, second[0], 10).await, [], "{IN_ORDER}");
}

/// The log, the outbox and the spaces each have their own events.
pub async fn streams_are_apart(store: impl Store) {
    let promise = "events of one stream are not seen in another";
    let probe = Probe::new(store);
    let account = Space::shared("account", "1");
    let elsewhere = Write::Append { space: account.clone(), stream: Stream::Log, body: json!("elsewhere") };
    let writes = [append(Stream::Outbox, json!("out")), append(Stream::Log, json!("log")), elsewhere];
    assert_eq!(probe.commit(batch(1, writes)).await.positions.len(), 3, "{promise}");
    for (space, stream, body) in
        [(space(), Stream::Log, "log"), (space(), Stream::Outbox, "out"), (account, Stream::Log, "elsewhere")]
    {
        let events = probe.events(&space, stream, 0, 10).await;
        let bodies: Vec<_> = events.iter().map(|event| &event.body).collect();
        assert_eq!(bodies, [&json!(body)], "{promise}");
    }
}

/// Promise 9: a reader that goes on from the last position it saw misses no event, while others append.
pub async fn a_reader_skips_no_event(store: impl Store) {
    const WRITERS: usize = 8;
    const EACH: usize = 8;
    let probe = Probe::new(store);
    let done = Arc::new(AtomicUsize::new(0));
    let seen = together(WRITERS + 1, |number| {
        let (probe, done) = (probe.clone(), Arc::clone(&done));
        async move {
            if number == WRITERS {
                return follow(&probe, &done, WRITERS).await;
            }
            for turn in 0..EACH {
                yield_now().await;
                probe.commit(batch(1, [append(Stream::Outbox, json!([number, turn]))])).await;
            }
            done.fetch_add(1, Ordering::SeqCst);
            Vec::new()
        }
    })
    .await;
    let mut seen: Vec<Value> = seen.into_iter().flatten().collect();
    // Of one writer, who waits for each commit, the events come in order.
    let turns: Vec<u64> = (0..EACH as u64).collect();
    for number in 0..WRITERS {
        let of_writer = seen.iter().filter(|body| body[0] == number);
        let seen: Vec<u64> = of_writer.filter_map(|body| body[1].as_u64()).collect();
        assert_eq!(seen, turns, "{IN_ORDER}, and a reader skips none; of writer {number}");
    }
    seen.sort_by_key(Value::to_string);
    seen.dedup();
    assert_eq!(seen.len(), WRITERS * EACH, "{IN_ORDER}: a reader sees each event once");
}

/// Reads on from the last position seen until all writers are done.
async fn follow<S: Store>(probe: &Probe<S>, done: &AtomicUsize, writers: usize) -> Vec<Value> {
    let (mut last, mut bodies) = (0, Vec::new());
    loop {
        // Asked first: what comes after the last writer is read once more.
        let over = done.load(Ordering::SeqCst) == writers;
        for event in probe.events(&space(), Stream::Outbox, last, 3).await {
            assert!(event.position > last, "{IN_ORDER}");
            last = event.position;
            bodies.push(event.body);
        }
        if over && probe.events(&space(), Stream::Outbox, last, 1).await.is_empty() {
            return bodies;
        }
        yield_now().await;
    }
}

/// An event is there when the change that it tells of is, and not before.
pub async fn an_event_comes_with_its_change(store: impl Store) {
    let promise = "the log never disagrees with the data";
    let probe = Probe::new(store);
    let key: RecordKey = user("a");
    let batches = batch(1, [create(&key), append(Stream::Log, json!("created"))]);
    probe.commit(batches.clone()).await;
    probe.refused(batches, promise).await;
    assert_eq!(probe.events(&space(), Stream::Log, 0, 10).await.len(), 1, "{promise}");
}
