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

/// A reader of the newest events goes backwards from page to page, in one stream of one space.
pub async fn the_newest_events_come_first(store: impl Store) {
    let promise = "events come backwards, from before a position";
    let probe = Probe::new(store);
    assert_eq!(probe.newest(&space(), Stream::Log, u64::MAX, 10).await, [], "{promise}");
    for number in 0..5 {
        let other =
            Write::Append { space: Space::shared("account", "1"), stream: Stream::Log, body: json!(9) };
        let writes = [append(Stream::Log, json!(number)), append(Stream::Outbox, json!("out")), other];
        probe.commit(batch(1, writes)).await;
    }
    let page = probe.newest(&space(), Stream::Log, u64::MAX, 3).await;
    let bodies = |page: &[Event]| page.iter().map(|event| event.body.clone()).collect::<Vec<_>>();
    assert_eq!(bodies(&page), [json!(4), json!(3), json!(2)], "{promise}");
    let rest = probe.newest(&space(), Stream::Log, page[2].position, 3).await;
    assert_eq!(bodies(&rest), [json!(1), json!(0)], "{promise}");
    assert_eq!(probe.newest(&space(), Stream::Log, rest[1].position, 3).await, [], "{promise}");
}

/// Promise 9: what is trimmed is gone from its stream alone, and positions go on rising behind it.
pub async fn a_trimmed_stream_goes_on(store: impl Store) {
    let promise = "a trimmed stream loses old events and no position";
    let probe = Probe::new(store);
    let writes = [append(Stream::Log, json!(1)), append(Stream::Outbox, json!("out"))];
    let first = probe.commit(batch(1, writes)).await.positions[0];
    let second = probe.commit(batch(2, [append(Stream::Log, json!(2))])).await.positions[0];
    let trim = |before| Write::Trim { space: space(), stream: Stream::Log, before };
    probe.commit(batch(3, [trim(second)])).await;
    let left = probe.events(&space(), Stream::Log, 0, 10).await;
    assert_eq!(left.iter().map(|event| event.position).collect::<Vec<_>>(), [second], "{promise}");
    assert_eq!(probe.events(&space(), Stream::Outbox, 0, 10).await.len(), 1, "{promise}");
    probe.commit(batch(4, [trim(second + 1)])).await;
    assert_eq!(probe.events(&space(), Stream::Log, 0, 10).await, [], "{promise}");
    probe.commit(batch(4, [trim(first)])).await;
    let third = probe.commit(batch(5, [append(Stream::Log, json!(3))])).await.positions[0];
    assert!(third > second, "{promise}: {third} after {second}");
    assert_eq!(probe.events(&space(), Stream::Log, second, 10).await.len(), 1, "{promise}");
}

/// An amended event keeps place and time; there is none where there was none.
pub async fn an_event_is_amended_in_its_place(store: impl Store) {
    let promise = "an amended event says something else and is the same event";
    let probe = Probe::new(store);
    let writes = [append(Stream::Log, json!(1)), append(Stream::Log, json!(2))];
    let positions = probe.commit(batch(1, writes)).await.positions;
    let amend = |stream, position, body| Write::Amend { space: space(), stream, position, body };
    let writes =
        [amend(Stream::Log, positions[0], json!("new")), amend(Stream::Outbox, positions[1], json!("none"))];
    probe.commit(batch(7, writes)).await;
    let event = |position, body| Event { position, time: 1, body };
    let left = [event(positions[0], json!("new")), event(positions[1], json!(2))];
    assert_eq!(probe.events(&space(), Stream::Log, 0, 10).await, left, "{promise}");
    assert_eq!(probe.events(&space(), Stream::Outbox, 0, 10).await, [], "{promise}");
}
