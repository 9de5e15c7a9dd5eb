//! The queue of work that waits for its time.

use serde_json::json;

use super::probe::{Probe, batch, space};
use crate::store::{DueKey, ReadKey, ReadValue, SHARDS, Space, Store, Write};

fn key(space: &Space, name: &str) -> DueKey {
    DueKey { space: space.clone(), name: name.to_owned() }
}

fn schedule(key: &DueKey, at: i64) -> Write {
    Write::Schedule { key: key.clone(), at, body: json!({ "at": at }) }
}

/// What is due before a time comes oldest first; what is due at it or later does not come.
pub async fn due_work_comes_oldest_first(store: impl Store) {
    let promise = "work that is due comes oldest first";
    let probe = Probe::new(store);
    let shard = space().shard(SHARDS);
    assert_eq!(probe.due(shard, i64::MAX, 10).await, [], "nothing is due before it is scheduled");
    let work = [("late", 30), ("early", -10), ("middle", 20)];
    probe.commit(batch(1, work.map(|(name, at)| schedule(&key(&space(), name), at)))).await;
    for (before, limit, expected) in [
        (31, 10, &["early", "middle", "late"][..]),
        (30, 10, &["early", "middle"]),
        (31, 2, &["early", "middle"]),
        (-10, 10, &[]),
        (31, 0, &[]),
    ] {
        let due = probe.due(shard, before, limit).await;
        let names: Vec<_> = due.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, expected, "{promise}: before {before}");
    }
    assert_eq!(probe.work(&key(&space(), "late")).await, Some((30, json!({ "at": 30 }))), "{promise}");
}

/// Work can be moved and taken out of the queue.
pub async fn work_can_be_moved(store: impl Store) {
    let promise = "work that is scheduled again is moved, and what is taken out is gone";
    let probe = Probe::new(store);
    let shard = space().shard(SHARDS);
    let (a, b) = (key(&space(), "a"), key(&space(), "b"));
    probe.commit(batch(1, [schedule(&a, 10), schedule(&b, 20)])).await;
    probe.commit(batch(2, [schedule(&a, 30)])).await;
    assert_eq!(probe.due(shard, 100, 10).await, [b.clone(), a.clone()], "{promise}");
    assert_eq!(probe.work(&a).await, Some((30, json!({ "at": 30 }))), "{promise}");
    probe.commit(batch(3, [Write::Unschedule(b.clone()), Write::Unschedule(key(&space(), "none"))])).await;
    assert_eq!(probe.due(shard, 100, 10).await, [a], "{promise}");
    assert_eq!(probe.work(&b).await, None, "{promise}");
}

/// All work of a space is listed in the order of its names, page by page, and no other's.
pub async fn work_of_a_space_is_listed(store: impl Store) {
    let promise = "the work of a space is listed in the order of its names";
    let probe = Probe::new(store);
    let other = Space::shared("account", "x");
    let names = ["b", "a/2", "a/10", "Z", "a"];
    let own = names.iter().zip(0..).map(|(name, at)| schedule(&key(&space(), name), at));
    probe.commit(batch(1, own.chain([schedule(&key(&other, "a/3"), 5)]))).await;
    for (after, limit, expected) in [
        ("", 10, &["Z", "a", "a/10", "a/2", "b"][..]),
        ("", 2, &["Z", "a"]),
        ("a", 10, &["a/10", "a/2", "b"]),
        ("a/", 1, &["a/10"]),
        ("b", 10, &[]),
        ("", 0, &[]),
    ] {
        let asked = ReadKey::Waiting { space: space(), after: after.to_owned(), limit };
        let ReadValue::Waiting(waiting) = probe.read_one(asked).await else { panic!("{promise}") };
        let found: Vec<_> = waiting.iter().map(|work| work.name.as_str()).collect();
        assert_eq!(found, expected, "{promise}: after {after:?}");
        for work in waiting {
            assert_eq!(work.body, json!({ "at": work.at }), "{promise}");
        }
    }
}

/// The work of each space is found in its shard, and in no other.
pub async fn work_is_found_in_its_shard(store: impl Store) {
    let promise = "work is found in the shard of its space";
    let probe = Probe::new(store);
    let spaces: Vec<Space> = (0..40).map(|number| Space::shared("account", &number.to_string())).collect();
    probe.commit(batch(1, spaces.iter().zip(0..).map(|(space, at)| schedule(&key(space, "x"), at)))).await;
    let mut found = 0;
    for shard in 0..SHARDS {
        let due = probe.due(shard, 100, 100).await;
        found += due.len();
        let expected = spaces.iter().filter(|space| space.shard(SHARDS) == shard);
        assert_eq!(due, expected.map(|space| key(space, "x")).collect::<Vec<_>>(), "{promise}: {shard}");
    }
    assert_eq!(found, spaces.len(), "{promise}");
}
