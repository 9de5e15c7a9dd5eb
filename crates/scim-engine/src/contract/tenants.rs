//! Tenants and other spaces never see each other: promise 3.

use serde_json::json;

use super::probe::{MEMBERS, Probe, batch, named, put};
use crate::store::{
    Batch, ClaimKey, Counter, CounterKey, DueKey, LinkKey, LinksKey, MarkKey, ReadKey, ReadValue, RecordKey,
    Refused, SHARDS, Space, Store, Stream, TenantId, Write,
};

const APART: &str = "promise 3: two tenants never see each other";

/// Tenants whose ids are as easily mixed up as ids can be.
fn tenants() -> [TenantId; 4] {
    ["acme", "acme2", "ACME", "acm_"].map(|id| TenantId::new(id).expect("letters and digits"))
}

fn record(space: &Space, kind: &str, id: &str) -> RecordKey {
    RecordKey::new(space, kind, id)
}

fn claim(space: &Space) -> ClaimKey {
    ClaimKey { space: space.clone(), name: "User:userName".to_owned(), value: "lea".to_owned() }
}

fn counter(space: &Space) -> CounterKey {
    CounterKey { space: space.clone(), name: "seats" }
}

fn link(space: &Space) -> LinkKey {
    let (owner, member) = (record(space, "Group", "g").record, record(space, "User", "u").record);
    LinkKey { space: space.clone(), relation: "member", owner, member }
}

/// One of everything, under the same keys in each space.
fn one_of_everything(space: &Space, name: &str) -> Batch {
    let (u, g) = (record(space, "User", "u"), record(space, "Group", "g"));
    batch(
        1,
        [
            put(named(&u, name), None),
            put(named(&g, name), None),
            Write::Claim(claim(space), u.record.clone()),
            Write::Link(link(space)),
            Write::SetCounter(counter(space), Counter { value: 1, ..Counter::default() }),
            Write::Raise(MarkKey::names(space)),
            Write::Append { space: space.clone(), stream: Stream::Log, body: json!(name) },
            Write::Schedule {
                key: DueKey { space: space.clone(), name: "w".into() },
                at: 1,
                body: json!(name),
            },
        ],
    )
}

fn all_keys(space: &Space) -> Vec<ReadKey> {
    let g = record(space, "Group", "g");
    vec![
        ReadKey::Record(record(space, "User", "u")),
        ReadKey::Record(g.clone()),
        ReadKey::Holder(claim(space)),
        ReadKey::Link(link(space)),
        ReadKey::Links(LinksKey { of: g, links: MEMBERS, only: None, limit: 10 }),
        ReadKey::Counter(counter(space)),
        ReadKey::Mark(MarkKey::names(space)),
        ReadKey::Events { space: space.clone(), stream: Stream::Log, after: 0, limit: 10 },
        ReadKey::Due(DueKey { space: space.clone(), name: "w".into() }),
        ReadKey::Waiting { space: space.clone(), after: String::new(), limit: 10 },
    ]
}

fn is_empty(value: &ReadValue) -> bool {
    match value {
        ReadValue::Record(record) => record.is_none(),
        ReadValue::FarEnds(ends) => ends.is_empty(),
        ReadValue::Linked(linked) => !linked,
        ReadValue::Counter(counter) => counter.is_none(),
        ReadValue::Mark(version) => *version == 0,
        ReadValue::Events(events) => events.is_empty(),
        ReadValue::Due(work) => work.is_none(),
        ReadValue::Waiting(work) => work.is_empty(),
    }
}

/// Promise 3: no key of one space reads what another one holds, even under the same names.
pub async fn keys_of_tenants_are_apart(store: impl Store) {
    let probe = Probe::new(store);
    let mut spaces: Vec<Space> = tenants().iter().map(TenantId::space).collect();
    spaces.extend([Space::shared("account", "acme"), Space::shared("email", "acme")]);
    for (number, space) in spaces.iter().enumerate() {
        for unwritten in &spaces[number..] {
            let values = probe.read(all_keys(unwritten)).await;
            assert!(values.iter().all(is_empty), "{APART}: {unwritten} holds {values:?}");
        }
        // Nothing is taken, nothing stands in the way: each space is new.
        probe.commit(one_of_everything(space, space.as_str())).await;
    }
    for space in &spaces {
        let read = probe.record(&record(space, "User", "u")).await.expect("it was created");
        assert_eq!(read.document.text("userName"), Some(space.as_str()), "{APART}");
        let far = probe.far_ends(&record(space, "Group", "g"), MEMBERS, None, 10).await;
        let names: Vec<_> = far.iter().map(|end| end.name.as_deref()).collect();
        assert_eq!(names, [Some(space.as_str())], "{APART}");
        let events = probe.events(space, Stream::Log, 0, 10).await;
        let bodies: Vec<_> = events.iter().map(|event| &event.body).collect();
        assert_eq!(bodies, [&json!(space.as_str())], "{APART}");
        let due = probe.due(space.shard(SHARDS), 10, 10).await;
        assert!(due.iter().any(|key| key.space == *space), "{APART}: {due:?}");
    }
}

/// Promise 3: what one tenant changes and deletes stays with the others.
pub async fn writes_of_tenants_are_apart(store: impl Store) {
    let probe = Probe::new(store);
    let [one, other, ..] = tenants().map(|tenant| tenant.space());
    probe.commit(one_of_everything(&one, "one")).await;
    probe.commit(one_of_everything(&other, "other")).await;
    let was = probe.read(all_keys(&other)).await;
    let (u, g) = (record(&one, "User", "u"), record(&one, "Group", "g"));
    let add = Write::Add { counter: counter(&one), by: 5, on_limit: crate::store::OnLimit::Refuse };
    let changes = [
        Write::Release(claim(&one), u.record.clone()),
        Write::ClearLinks { of: g.clone(), links: MEMBERS },
        Write::Delete { key: u, replaces: 1 },
        put(named(&g, "renamed"), Some(1)),
        Write::Raise(MarkKey::names(&one)),
        Write::Unschedule(DueKey { space: one.clone(), name: "w".into() }),
        Write::Append { space: one.clone(), stream: Stream::Log, body: json!("more") },
        add,
    ];
    probe.commit(batch(2, changes)).await;
    assert_eq!(probe.read(all_keys(&other)).await, was, "{APART}");
}

/// Promise 3: a listing shows the records of its tenant, and counts them alone.
pub async fn listings_of_tenants_are_apart(store: impl Store) {
    let probe = Probe::new(store);
    let tenants = tenants();
    for (number, tenant) in tenants.iter().enumerate() {
        let users = (0..=number).map(|user| format!("{tenant}-{user}"));
        let created = users.map(|id| put(named(&record(&tenant.space(), "User", &id), "lea"), None));
        probe.commit(batch(1, created)).await;
    }
    for (number, tenant) in tenants.iter().enumerate() {
        let page = probe.query(super::probe::listing(tenant, "User")).await;
        let expected: Vec<String> = (0..=number).map(|user| format!("{tenant}-{user}")).collect();
        assert_eq!(super::probe::ids(&page), expected, "{APART}");
        assert_eq!(page.total, Some(expected.len() as u64), "{APART}");
        assert!(page.found.iter().all(|found| found.record.key.space == tenant.space()), "{APART}");
    }
}

/// Promise 3: a batch may name several spaces, and is one batch all the same.
pub async fn a_batch_may_name_several_spaces(store: impl Store) {
    let promise = "a batch of several spaces is carried out as a whole, or not at all";
    let probe = Probe::new(store);
    let space = tenants()[0].space();
    let (email, account) = (Space::shared("email", "lea@example.com"), Space::shared("account", "7"));
    let user = record(&space, "User", "u");
    let whose = record(&account, "Account", "7");
    let claim = ClaimKey { space: email.clone(), name: "email".into(), value: "lea@example.com".into() };
    let writes = |id: &str| {
        [
            put(named(&record(&space, "User", id), "lea"), None),
            Write::Ensure(Box::new(named(&whose, "lea"))),
            Write::Claim(claim.clone(), record(&email, "Account", id).record),
        ]
    };
    probe.commit(batch(1, writes("u"))).await;
    assert_eq!(probe.version(&whose).await, Some(1), "{promise}");
    assert_eq!(probe.version(&user).await, Some(1), "{promise}");
    let refused = probe.refused(batch(2, writes("v")), promise).await;
    assert_eq!(refused, Refused::Claim(claim, record(&email, "Account", "u").record), "{promise}");
    assert_eq!(probe.record(&record(&space, "User", "v")).await, None, "{promise}");
}
