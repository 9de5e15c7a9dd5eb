//! The check of the in-memory store, and what it mends.

use std::sync::Arc;

use scim_engine::MemoryStore;
use scim_engine::check::{Checked, Expected, FaultKind};
use scim_engine::plain_registry;
use scim_engine::store::{
    Batch, ClaimKey, CounterKey, OnLimit, PutRecord, Record, RecordKey, RecordRef, Space, Store, TenantId,
    Write, indexed_values,
};
use serde_json::{Map, json};

fn space() -> Space {
    TenantId::new("t").unwrap().space()
}

fn counter() -> CounterKey {
    CounterKey { space: space(), name: "seats" }
}

fn claim(value: &str) -> ClaimKey {
    ClaimKey { space: space(), name: "User:userName".into(), value: value.into() }
}

fn expected(record: &Record) -> Option<Expected> {
    let registry = plain_registry().unwrap();
    let def = registry.type_named(&record.key.record.kind)?;
    Some(Expected { counted: vec![("seats", 1)], ..Expected::of_resource(def, record) })
}

/// A user with all that goes with it.
fn user(id: &str) -> Vec<Write> {
    let registry = plain_registry().unwrap();
    let document = Map::from_iter([("userName".to_owned(), json!(id))]);
    let document = scim_engine::core::Document::from_canonical(document);
    let form = registry.type_named("User").unwrap().match_form(&document);
    let record = PutRecord {
        key: RecordKey::new(&space(), "User", id),
        visible: true,
        name: None,
        indexed: indexed_values(&form),
        document,
        extra: Map::new(),
        form,
    };
    vec![
        Write::Put { record: Box::new(record), replaces: None },
        Write::Claim(claim(id), RecordRef::new("User", id)),
        Write::Add { counter: counter(), by: 1, on_limit: OnLimit::Refuse },
    ]
}

async fn commit(store: &MemoryStore, writes: Vec<Write>) {
    store.commit(Batch { now: 1, guards: Vec::new(), writes }).await.unwrap();
}

/// Each thing that is written beside a document is compared with it, and mended.
#[tokio::test]
async fn what_differs_is_named_and_mended() {
    let a = || RecordRef::new("User", "a");
    let unformed = |mut writes: Vec<Write>| {
        if let Write::Put { record, .. } = &mut writes[0] {
            record.form.clear();
        }
        writes
    };
    let add = |by| Write::Add { counter: counter(), by, on_limit: OnLimit::Refuse };
    for (damage, named, is_left) in [
        (vec![], vec![], false),
        (vec![add(3)], vec![FaultKind::Counter], false),
        (vec![Write::Release(claim("a"), a())], vec![FaultKind::Claim], false),
        (vec![Write::Claim(claim("x"), a())], vec![FaultKind::Claim], false),
        (vec![Write::Claim(claim("x"), RecordRef::new("User", "gone"))], vec![FaultKind::Claim], false),
        (
            vec![Write::Release(claim("a"), a()), Write::Claim(claim("a"), RecordRef::new("User", "b"))],
            vec![FaultKind::Claim, FaultKind::Claim],
            false,
        ),
        (unformed(user("c")), vec![FaultKind::MatchForm], false),
        // It has the value of another one: a person has to decide.
        (
            vec![
                match user("a").remove(0) {
                    Write::Put { mut record, .. } => {
                        record.key = RecordKey::new(&space(), "User", "d");
                        Write::Put { record, replaces: None }
                    }
                    other => other,
                },
                add(1),
            ],
            vec![FaultKind::Claim],
            true,
        ),
    ] {
        let store = MemoryStore::new();
        commit(&store, [user("a"), user("b")].concat()).await;
        commit(&store, damage.clone()).await;
        let faults = store.check_all(Arc::new(expected)).await.unwrap();
        let kinds: Vec<_> = faults.iter().map(|fault| fault.what).collect();
        assert_eq!(kinds, named, "{damage:?}: {faults:?}");
        let repaired = store.repair(Arc::new(expected)).await.unwrap();
        assert_eq!((repaired.found, !repaired.remaining.is_empty()), (faults, is_left), "{damage:?}");
        assert_eq!(repaired.mended > 0, !named.is_empty() && !is_left, "{damage:?}");
        assert_eq!(store.check_all(Arc::new(expected)).await.unwrap(), repaired.remaining);
    }
}
