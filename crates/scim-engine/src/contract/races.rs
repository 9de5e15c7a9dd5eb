//! Many writers at once: what one alone may do, a crowd may not undo.

use scim_core::Document;
use serde_json::{Map, Value};
use tokio::task::yield_now;

use super::probe::{
    MEMBERS, Probe, batch, claim_key, create, group, guarded, listing, membership, named, put, space, tenant,
    together, user,
};
use crate::store::{
    Counter, CounterKey, Guard, OnLimit, PutRecord, ReadKey, ReadValue, Record, RecordKey, Refused, Store,
    Write,
};

const CROWD: usize = 16;

/// A record that holds a number.
fn numbered(key: &RecordKey, number: u64) -> PutRecord {
    let mut document = Map::new();
    document.insert("nickName".to_owned(), Value::from(number.to_string()));
    PutRecord { document: Document::from_canonical(document), ..named(key, &key.record.id) }
}

fn number(record: &Record) -> u64 {
    record.document.text("nickName").and_then(|text| text.parse().ok()).expect("a number")
}

/// No lost update: of many that read a record and write what they made of it, each one counts.
pub async fn no_update_is_lost(store: impl Store) {
    let promise = "no lost update: every write that was accepted counts";
    let probe = Probe::new(store);
    let key = user("a");
    probe.commit(batch(1, [put(numbered(&key, 0), None)])).await;
    together(CROWD, |_| {
        let (probe, key) = (probe.clone(), key.clone());
        async move {
            for _ in 0..10_000 {
                let read = probe.record(&key).await.expect("it is there");
                yield_now().await;
                let next = put(numbered(&key, number(&read) + 1), Some(read.version));
                match probe.try_commit(batch(2, [next])).await {
                    Ok(_) => return,
                    Err(refused) => assert!(
                        matches!(*refused, Refused::Guard(Guard::Version(_, _))),
                        "{promise}: {refused:?}"
                    ),
                }
            }
            panic!("{promise}: a writer that tries again gets its turn");
        }
    })
    .await;
    let read = probe.record(&key).await.expect("it is there");
    assert_eq!((number(&read), read.version), (CROWD as u64, CROWD as u64 + 1), "{promise}");
}

/// Of many that create the same record at once, one succeeds; of many that ensure it, all do.
pub async fn one_of_many_creates(store: impl Store) {
    let promise = "of many that create the same record, one succeeds";
    let probe = Probe::new(store);
    let created = together(CROWD, |_| {
        let probe = probe.clone();
        async move {
            yield_now().await;
            probe.try_commit(batch(1, [create(&user("a"))])).await.is_ok()
        }
    })
    .await;
    assert_eq!(created.into_iter().filter(|created| *created).count(), 1, "{promise}");
    let ensured = together(CROWD, |_| {
        let probe = probe.clone();
        async move {
            yield_now().await;
            probe.commit(batch(1, [Write::Ensure(Box::new(named(&user("b"), "b")))])).await.versions.len()
        }
    })
    .await;
    assert_eq!(ensured.into_iter().sum::<usize>(), 1, "of many that ensure a record, one creates it");
}

/// Of many that want the same value at once, one gets it.
pub async fn one_of_many_gets_the_value(store: impl Store) {
    let promise = "of many that claim a value, one gets it";
    let probe = Probe::new(store);
    let winners = together(CROWD, |number| {
        let probe = probe.clone();
        async move {
            let key = user(&format!("u{number}"));
            yield_now().await;
            let claim = Write::Claim(claim_key("wanted"), key.record.clone());
            match probe.try_commit(batch(1, [create(&key), claim])).await {
                Ok(_) => Some(key.record),
                Err(refused) => {
                    assert!(matches!(*refused, Refused::Claim(_, _)), "{promise}: {refused:?}");
                    None
                }
            }
        }
    })
    .await;
    let winners: Vec<_> = winners.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1, "{promise}");
    assert_eq!(probe.holder(&claim_key("wanted")).await, winners.first().cloned(), "{promise}");
    assert_eq!(probe.all(&tenant(), "User").await.len(), 1, "{promise}");
}

/// A limit is never oversold: of many that add, as many succeed as there is room.
pub async fn a_limit_is_never_oversold(store: impl Store) {
    let promise = "seats are never oversold";
    let probe = Probe::new(store);
    let seats = CounterKey { space: space(), name: "seats" };
    let bounded = Counter { value: 0, floor: Some(0), limit: Some(10) };
    probe.commit(batch(1, [Write::SetCounter(seats.clone(), bounded)])).await;
    let crowd = |by: i64| {
        let (probe, seats) = (probe.clone(), seats.clone());
        together(CROWD, move |_| {
            let (probe, counter) = (probe.clone(), seats.clone());
            async move {
                yield_now().await;
                let add = Write::Add { counter, by, on_limit: OnLimit::Refuse };
                probe.try_commit(batch(1, [add])).await.is_ok()
            }
        })
    };
    assert_eq!(crowd(1).await.into_iter().filter(|added| *added).count(), 10, "{promise}");
    assert_eq!(probe.counter(&seats).await, Some(Counter { value: 10, ..bounded }), "{promise}");
    assert_eq!(crowd(-1).await.into_iter().filter(|added| *added).count(), 10, "{promise}");
    assert_eq!(probe.counter(&seats).await, Some(bounded), "{promise}");
}

/// Adds without bounds never refuse each other, and none is lost.
pub async fn adds_never_refuse_each_other(store: impl Store) {
    let promise = "adds within the bounds never refuse each other";
    let probe = Probe::new(store);
    let key = CounterKey { space: space(), name: "seats" };
    let raise = OnLimit::Raise { step: 4 };
    let start = Counter { value: 0, floor: None, limit: Some(1) };
    probe.commit(batch(1, [Write::SetCounter(key.clone(), start)])).await;
    together(CROWD, |_| {
        let (probe, counter) = (probe.clone(), key.clone());
        async move {
            for _ in 0..4 {
                yield_now().await;
                let add = Write::Add { counter: counter.clone(), by: 1, on_limit: raise };
                probe.commit(batch(1, [add])).await;
            }
        }
    })
    .await;
    let expected = Counter { value: 4 * CROWD as i64, floor: None, limit: Some(4 * CROWD as i64 + 1) };
    assert_eq!(probe.counter(&key).await, Some(expected), "{promise}");
}

/// No write skew: of two on duty one must stay, though each writes only their own record.
pub async fn no_write_skew(store: impl Store) {
    let promise = "no write skew: one of two stays on duty";
    let probe = Probe::new(store);
    for round in 0..10 {
        let pair = [user(&format!("a{round}")), user(&format!("b{round}"))];
        probe.commit(batch(1, pair.each_ref().map(|key| put(numbered(key, 1), None)))).await;
        let went = together(2, |who| {
            let (probe, pair) = (probe.clone(), pair.clone());
            async move {
                let (own, other) = (&pair[who], &pair[1 - who]);
                let seen = probe.record(other).await.expect("it is there");
                yield_now().await;
                let go = put(numbered(own, 0), Some(1));
                let guard = Guard::Version(other.clone(), Some(seen.version));
                number(&seen) == 1 && probe.try_commit(guarded(guard, [go])).await.is_ok()
            }
        })
        .await;
        assert_eq!(went.into_iter().filter(|went| *went).count(), 1, "{promise}");
    }
}

/// No phantom: of two that each saw nobody there, one comes.
pub async fn no_phantom(store: impl Store) {
    let promise = "no phantom: of two that saw nobody there, one comes";
    let probe = Probe::new(store);
    for round in 0..10 {
        let pair = [user(&format!("a{round}")), user(&format!("b{round}"))];
        let came = together(4, |who| {
            let (probe, pair) = (probe.clone(), pair.clone());
            async move {
                let (own, other) = (&pair[who % 2], &pair[1 - who % 2]);
                let values = [own, other].map(|key| claim_key(&key.record.id));
                let absent = probe.record(other).await.is_none() && probe.holder(&values[1]).await.is_none();
                yield_now().await;
                // Half of them look at the record, half at the value.
                let guard = match who / 2 {
                    0 => Guard::Version(other.clone(), None),
                    _ => Guard::Holder(values[1].clone(), None),
                };
                let come = [create(own), Write::Claim(values[0].clone(), own.record.clone())];
                absent && probe.try_commit(guarded(guard, come)).await.is_ok()
            }
        })
        .await;
        assert_eq!(came.into_iter().filter(|came| *came).count(), 1, "{promise}");
    }
}

/// Links to one record, added and removed at once, never refuse each other, and each change counts.
pub async fn links_never_refuse_each_other(store: impl Store) {
    let promise = "parallel changes of links never refuse each other";
    let probe = Probe::new(store);
    let g = group("g");
    let users: Vec<RecordKey> = (0..CROWD).map(|number| user(&format!("u{number:02}"))).collect();
    probe.commit(batch(1, users.iter().chain([&g]).map(create))).await;
    together(CROWD, |number| {
        let (probe, link) = (probe.clone(), membership(&g, &users[number]));
        async move {
            for write in [Write::Link(link.clone()), Write::Unlink(link.clone()), Write::Link(link)] {
                yield_now().await;
                probe.commit(batch(2, [write])).await;
            }
        }
    })
    .await;
    assert_eq!(probe.far_ids(&g, MEMBERS).await.len(), CROWD, "{promise}");
    assert_eq!(probe.version(&g).await, Some(1 + 3 * CROWD as u64), "{promise}");
    assert_eq!(probe.version(&users[0]).await, Some(4), "{promise}");
}

/// Batches that write the same things in opposite orders all come through: no deadlock shows.
pub async fn crossing_batches_come_through(store: impl Store) {
    let promise = "batches that cross each other come through";
    let probe = Probe::new(store);
    let groups = ["g", "h", "i"].map(group);
    let users: Vec<RecordKey> = (0..CROWD).map(|number| user(&format!("u{number:02}"))).collect();
    probe.commit(batch(1, users.iter().chain(&groups).map(create))).await;
    let seats = ["seats", "admins"].map(|name| CounterKey { space: space(), name });
    together(CROWD, |number| {
        let (probe, groups, user) = (probe.clone(), groups.clone(), users[number].clone());
        let seats = seats.clone();
        async move {
            let add = |counter: &CounterKey| Write::Add {
                counter: counter.clone(),
                by: 1,
                on_limit: OnLimit::Refuse,
            };
            let mut writes: Vec<Write> = seats.iter().map(add).collect();
            writes.extend(groups.iter().map(|group| Write::Link(membership(group, &user))));
            if number % 2 == 1 {
                writes.reverse();
            }
            yield_now().await;
            probe.commit(batch(2, writes)).await;
        }
    })
    .await;
    for group in &groups {
        assert_eq!(probe.far_ids(group, MEMBERS).await.len(), CROWD, "{promise}");
    }
    let count = probe.counter(&seats[0]).await.map(|counter| counter.value);
    assert_eq!(count, Some(CROWD as i64), "{promise}");
}

/// Promise 1: a reader sees all of a batch or nothing, by key and by listing.
pub async fn a_batch_is_seen_whole(store: impl Store) {
    let promise = "promise 1: a batch is seen whole or not at all";
    let probe = Probe::new(store);
    let pair = [user("a"), user("b")];
    probe.commit(batch(1, pair.each_ref().map(|key| put(numbered(key, 1), None)))).await;
    together(8, |who| {
        let (probe, pair) = (probe.clone(), pair.clone());
        async move {
            for turn in 1..=30 {
                if who == 0 {
                    let next = |key| put(numbered(key, turn + 1), Some(turn));
                    probe.commit(batch(2, pair.each_ref().map(next))).await;
                } else if who % 2 == 0 {
                    let keys = pair.each_ref().map(|key| ReadKey::Record(key.clone()));
                    let values = probe.read(keys.into()).await;
                    let numbers: Vec<u64> = values
                        .iter()
                        .map(|value| match value {
                            ReadValue::Record(Some(record)) => number(record),
                            other => panic!("{promise}: {other:?}"),
                        })
                        .collect();
                    assert_eq!(numbers[0], numbers[1], "{promise}: by key");
                } else {
                    let page = probe.query(listing(&tenant(), "User")).await;
                    let numbers: Vec<u64> = page.found.iter().map(|found| number(&found.record)).collect();
                    assert_eq!(numbers[0], numbers[1], "{promise}: by listing");
                }
                yield_now().await;
            }
        }
    })
    .await;
    let last = probe.record(&pair[0]).await.map(|record| number(&record));
    assert_eq!(last, Some(31), "{promise}");
}
