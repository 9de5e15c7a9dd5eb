//! Batches as a whole: promises 1 and 2.

use serde_json::json;

use super::probe::{
    Probe, batch, claim_key, create, group, guarded, membership, named, put, space, tenant, user,
};
use crate::store::{
    Batch, Counter, CounterKey, DueKey, Guard, LinksKey, MarkKey, OnLimit, ReadKey, RecordRef, Refused,
    SHARDS, Store, Stream, Write,
};

const NOTHING_CHANGES: &str = "promise 2: a refused batch changes nothing";
const SAYS_WHICH: &str = "promise 2: a refused batch says which guard, claim or bound refused";

fn seats() -> CounterKey {
    CounterKey { space: space(), name: "seats" }
}

fn due(name: &str) -> DueKey {
    DueKey { space: space(), name: name.to_owned() }
}

fn add(by: i64) -> Write {
    Write::Add { counter: seats(), by, on_limit: OnLimit::Refuse }
}

/// What is there before the batches that are refused.
fn before() -> Batch {
    let (a, b, g) = (user("a"), user("b"), group("g"));
    batch(
        1,
        [
            create(&a),
            create(&b),
            create(&g),
            Write::Claim(claim_key("a"), a.record.clone()),
            Write::Link(membership(&g, &a)),
            Write::SetCounter(seats(), Counter { value: 5, floor: Some(3), limit: Some(7) }),
            Write::Raise(MarkKey::names(&space())),
            Write::Append { space: space(), stream: Stream::Log, body: json!("before") },
            Write::Schedule { key: due("old"), at: 10, body: json!("old") },
        ],
    )
}

/// One write of each kind, all of which would be carried out.
fn good_writes() -> Vec<Write> {
    let (a, b, g, new) = (user("a"), user("b"), group("g"), user("new"));
    vec![
        put(named(&a, "changed"), Some(1)),
        create(&new),
        Write::Ensure(Box::new(named(&user("ensured"), "ensured"))),
        Write::Release(claim_key("a"), a.record.clone()),
        Write::Claim(claim_key("b"), b.record.clone()),
        Write::Link(membership(&g, &new)),
        Write::Unlink(membership(&g, &a)),
        Write::ClearLinks { of: g, links: super::probe::MEMBERS },
        Write::Delete { key: b, replaces: 1 },
        Write::Raise(MarkKey::names(&space())),
        Write::SetCounter(
            CounterKey { space: space(), name: "other" },
            Counter { value: 1, ..Counter::default() },
        ),
        add(1),
        Write::Append { space: space(), stream: Stream::Outbox, body: json!("after") },
        Write::Schedule { key: due("new"), at: 5, body: json!("new") },
        Write::Unschedule(due("old")),
    ]
}

/// Guards that do not hold.
fn bad_guards() -> Vec<Guard> {
    let (a, g) = (user("a"), group("g"));
    vec![
        Guard::Version(a.clone(), Some(2)),
        Guard::Version(a.clone(), None),
        Guard::Version(user("none"), Some(1)),
        Guard::Holder(claim_key("a"), None),
        Guard::Holder(claim_key("a"), Some(RecordRef::new("User", "b"))),
        Guard::Holder(claim_key("free"), Some(a.record.clone())),
        Guard::Link(membership(&g, &a), false),
        Guard::Link(membership(&g, &user("b")), true),
        Guard::Mark(MarkKey::names(&space()), 0),
    ]
}

/// Writes that are refused, and what refuses them.
fn bad_writes() -> Vec<(Write, Refused)> {
    let (c, g, none) = (user("c"), group("g"), user("none"));
    let bounded = Counter { value: 5, floor: Some(3), limit: Some(7) };
    let bound = |by| Refused::Bound { counter: seats(), is: bounded, by };
    vec![
        (put(named(&g, "g"), Some(2)), Refused::Guard(Guard::Version(g.clone(), Some(2)))),
        (put(named(&g, "g"), None), Refused::Guard(Guard::Version(g.clone(), None))),
        (Write::Delete { key: g.clone(), replaces: 3 }, Refused::Guard(Guard::Version(g.clone(), Some(3)))),
        (
            Write::Claim(claim_key("taken"), g.record.clone()),
            Refused::Claim(claim_key("taken"), c.record.clone()),
        ),
        (Write::Link(membership(&g, &none)), Refused::Missing(none.clone())),
        (Write::Link(membership(&none, &c)), Refused::Missing(none)),
        (add(3), bound(3)),
        (add(-4), bound(-4)),
    ]
}

/// Everything that [`before`] and [`good_writes`] touch.
async fn everything<S: Store>(probe: &Probe<S>) -> String {
    let space = space();
    let mut keys: Vec<ReadKey> = ["a", "b", "c", "new", "ensured"]
        .iter()
        .flat_map(|id| {
            let link = membership(&group("g"), &user(id));
            [ReadKey::Record(user(id)), ReadKey::Holder(claim_key(id)), ReadKey::Link(link)]
        })
        .collect();
    keys.extend([
        ReadKey::Record(group("g")),
        ReadKey::Links(LinksKey { of: group("g"), links: super::probe::MEMBERS, only: None, limit: 100 }),
        ReadKey::Counter(seats()),
        ReadKey::Counter(CounterKey { space: space.clone(), name: "other" }),
        ReadKey::Mark(MarkKey::names(&space)),
        ReadKey::Events { space: space.clone(), stream: Stream::Log, after: 0, limit: 100 },
        ReadKey::Events { space: space.clone(), stream: Stream::Outbox, after: 0, limit: 100 },
        ReadKey::Due(due("old")),
        ReadKey::Due(due("new")),
    ]);
    let values = probe.read(keys).await;
    let listed = (probe.all(&tenant(), "User").await, probe.all(&tenant(), "Group").await);
    let due = probe.due(space.shard(SHARDS), 100, 100).await;
    format!("{values:#?} {listed:?} {due:?}")
}

async fn prepared<S: Store>(store: S) -> Probe<S> {
    let probe = Probe::new(store);
    probe.commit(before()).await;
    let c = user("c");
    probe.commit(batch(2, [create(&c), Write::Claim(claim_key("taken"), c.record.clone())])).await;
    probe
}

/// Promise 2: whichever of its writes is refused, a batch changes nothing.
pub async fn a_refused_batch_changes_nothing(store: impl Store) {
    let probe = prepared(store).await;
    let was = everything(&probe).await;
    for (bad, _) in bad_writes() {
        let what = format!("{NOTHING_CHANGES}: {bad:?}");
        let mut last = good_writes();
        last.push(bad.clone());
        let mut first = vec![bad];
        first.extend(good_writes());
        for writes in [last, first] {
            probe.refused(batch(3, writes), &what).await;
            assert_eq!(everything(&probe).await, was, "{what}");
        }
    }
    // The same writes are carried out when nothing stands against them.
    probe.commit(batch(4, good_writes())).await;
    assert_ne!(everything(&probe).await, was, "a batch that is not refused is carried out");
}

/// Promise 2: a batch with a guard that does not hold changes nothing.
pub async fn a_failed_guard_changes_nothing(store: impl Store) {
    let probe = prepared(store).await;
    let was = everything(&probe).await;
    for guard in bad_guards() {
        let what = format!("{NOTHING_CHANGES}: {guard:?}");
        let writes = [Write::Append { space: space(), stream: Stream::Log, body: json!("refused") }];
        probe.refused(guarded(guard, writes), &what).await;
        assert_eq!(everything(&probe).await, was, "{what}");
    }
}

/// Promise 2: a refusal names what refused: the claim and its holder, the missing end, the bound.
pub async fn a_refusal_says_what_refused(store: impl Store) {
    let probe = prepared(store).await;
    for (bad, expected) in bad_writes() {
        let refused = probe.refused(batch(3, [bad]), SAYS_WHICH).await;
        assert_eq!(refused, expected, "{SAYS_WHICH}");
    }
}
