//! Records that the protocol does not show: promise 8.

use scim_core::{Check, Links, List, Operand, Part, Predicate, Scalar, Test};

use super::probe::{
    MEMBERS, Probe, batch, claim_key, create, group, ids, listing, membership, named, put, tenant, user,
};
use crate::store::{PutRecord, Query, RecordKey, Store, Write};

const HIDDEN: &str = "promise 8: hidden records are found by key and by claim only";

fn hidden(key: &RecordKey) -> PutRecord {
    PutRecord { visible: false, ..named(key, &key.record.id) }
}

/// A group of the visible user `a` and the hidden one `h`.
async fn prepared<S: Store>(store: S) -> Probe<S> {
    let probe = Probe::new(store);
    let (g, a, h) = (group("g"), user("a"), user("h"));
    let links = [Write::Link(membership(&g, &a)), Write::Link(membership(&g, &h))];
    let created = [create(&g), create(&a), put(hidden(&h), None)];
    let claim = Write::Claim(claim_key("h"), h.record.clone());
    probe.commit(batch(1, created.into_iter().chain(links).chain([claim]))).await;
    probe
}

fn with_predicate(predicate: Predicate) -> Query {
    let mut query = listing(&tenant(), "Group");
    query.types[0].predicate = predicate;
    query
}

/// Promise 8: no listing shows a hidden record or counts it, until it is shown again.
pub async fn hidden_records_are_not_listed(store: impl Store) {
    let probe = prepared(store).await;
    let page = probe.query(listing(&tenant(), "User")).await;
    assert_eq!((ids(&page), page.total), (vec!["a".to_owned()], Some(1)), "{HIDDEN}");
    let by_id = Test { operand: Operand::Id, check: Check::Eq(Scalar::Text("h".into())) };
    let mut query = listing(&tenant(), "User");
    query.types[0].predicate = Predicate::Test(by_id);
    assert_eq!(probe.query(query).await.total, Some(0), "{HIDDEN}");
    probe.commit(batch(2, [put(named(&user("h"), "h"), Some(1)), put(hidden(&user("a")), Some(1))])).await;
    let page = probe.query(listing(&tenant(), "User")).await;
    assert_eq!((ids(&page), page.total), (vec!["h".to_owned()], Some(1)), "{HIDDEN}");
}

/// Promise 8: a key and a claim find a hidden record, which says that it is hidden.
pub async fn hidden_records_are_found_by_key(store: impl Store) {
    let probe = prepared(store).await;
    let record = probe.record(&user("h")).await.expect("a hidden record is found by key");
    assert!(!record.visible, "{HIDDEN}");
    assert_eq!(probe.holder(&claim_key("h")).await, Some(user("h").record), "{HIDDEN}");
}

/// Promise 8: links show hidden far ends where they are asked to, and nowhere else.
pub async fn hidden_far_ends_are_shown_on_demand(store: impl Store) {
    let probe = prepared(store).await;
    let all = Links { shows_hidden: true, ..MEMBERS };
    let mut query = listing(&tenant(), "Group");
    query.types[0].links = vec![MEMBERS, all];
    let page = probe.query(query).await;
    for (links, listed, expected) in [(MEMBERS, 0, &["a"][..]), (all, 1, &["a", "h"])] {
        let ends = probe.far_ends(&group("g"), links, None, 10).await;
        assert_eq!(ends, page.found[0].links[listed], "{HIDDEN}: a listing shows what a read shows");
        let ids: Vec<_> = ends.iter().map(|end| end.id.as_str()).collect();
        assert_eq!(ids, expected, "{HIDDEN}");
        assert!(
            ends.iter().all(|end| end.visible == (end.id == "a")),
            "{HIDDEN}: a far end says which it is"
        );
    }
    assert_eq!(probe.far_ends(&group("g"), MEMBERS, None, 1).await.len(), 1, "{HIDDEN}");
    assert!(probe.is_linked(&membership(&group("g"), &user("h"))).await, "a link is there, hidden or not");
}

/// Promise 8: a filter on links sees hidden far ends only where the attribute shows them.
pub async fn hidden_far_ends_match_on_demand(store: impl Store) {
    let probe = prepared(store).await;
    for (shows_hidden, id, expected) in [(false, "a", 1), (false, "h", 0), (true, "h", 1)] {
        let is = Test { operand: Operand::Part(Part::FarId), check: Check::Eq(Scalar::Text(id.into())) };
        let predicate = Predicate::Element {
            list: List::Links(Links { shows_hidden, ..MEMBERS }),
            predicate: Box::new(Predicate::Test(is)),
        };
        let page = probe.query(with_predicate(predicate)).await;
        assert_eq!(page.total, Some(expected), "{HIDDEN}: a filter on `{id}`");
    }
}

/// Promise 8: a hidden record is written, linked and deleted like any other.
pub async fn hidden_records_can_be_written(store: impl Store) {
    let promise = "a hidden record is written like any other";
    let probe = prepared(store).await;
    let h = user("h");
    probe.refused(batch(2, [put(hidden(&h), None)]), promise).await;
    let done = probe.commit(batch(2, [Write::Unlink(membership(&group("g"), &h))])).await;
    assert_eq!(done.versions.len(), 2, "{promise}");
    probe.commit(batch(3, [Write::Ensure(Box::new(named(&h, "other")))])).await;
    assert!(!probe.record(&h).await.expect("it is there").visible, "{promise}");
    probe.commit(batch(4, [Write::Delete { key: h.clone(), replaces: 2 }])).await;
    assert_eq!(probe.record(&h).await, None, "{promise}");
}
