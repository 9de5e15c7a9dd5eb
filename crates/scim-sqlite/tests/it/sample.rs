//! A few records to try things on.

use scim_core::Document;
use scim_core::Predicate;
use scim_engine::plain_registry;
use scim_engine::store::{
    Batch, ClaimKey, Committed, CounterKey, LinkKey, OnLimit, PutRecord, Query, ReadKey, ReadValue, Record,
    RecordKey, RecordRef, Space, Store, TenantId, TypeQuery, Write, indexed_values,
};
use scim_sqlite::{Expected, SqliteStore};
use serde_json::{Map, Value, json};

pub(crate) fn tenant() -> TenantId {
    TenantId::new("precious-asteroid").expect("letters")
}

pub(crate) fn space() -> Space {
    tenant().space()
}

pub(crate) fn key(kind: &str, id: &str) -> RecordKey {
    RecordKey::new(&space(), kind, id)
}

pub(crate) fn batch(writes: impl IntoIterator<Item = Write>) -> Batch {
    Batch { now: 1_000, guards: Vec::new(), writes: writes.into_iter().collect() }
}

pub(crate) fn put(kind: &str, id: &str, name: &str, document: Value) -> Write {
    let Value::Object(document) = document else { panic!("a document is an object") };
    let document = Document::from_canonical(document);
    let registry = plain_registry().expect("types that contradict nothing");
    let form = registry.type_named(kind).expect("a type").match_form(&document);
    let record = PutRecord {
        key: key(kind, id),
        visible: true,
        name: Some(name.to_owned()),
        indexed: indexed_values(&form),
        document,
        extra: Map::new(),
        form,
    };
    Write::Put { record: Box::new(record), replaces: None }
}

fn claim(user_name: &str) -> ClaimKey {
    ClaimKey { space: space(), name: "User:userName".into(), value: user_name.to_owned() }
}

/// A user who is claimed and counted.
pub(crate) fn user(id: &str) -> Vec<Write> {
    let name = format!("{id}@example.com");
    let counter = CounterKey { space: space(), name: "seats" };
    vec![
        put("User", id, id, json!({ "userName": name, "emails": [{ "value": name }] })),
        Write::Claim(claim(&name), RecordRef::new("User", id)),
        Write::Add { counter, by: 1, on_limit: OnLimit::Refuse },
    ]
}

/// A store's users `a` and `b`, and their group `g`.
pub(crate) async fn fill(store: &SqliteStore) {
    let mut writes = [user("a"), user("b")].concat();
    writes.push(put("Group", "g", "All", json!({ "displayName": "All" })));
    for id in ["a", "b"] {
        let (owner, member) = (RecordRef::new("Group", "g"), RecordRef::new("User", id));
        writes.push(Write::Link(LinkKey { space: space(), relation: "member", owner, member }));
    }
    commit(store, writes).await;
}

pub(crate) async fn commit(store: &SqliteStore, writes: Vec<Write>) -> Committed {
    store.commit(batch(writes)).await.expect("nothing stands against it")
}

pub(crate) async fn record(store: &SqliteStore, kind: &str, id: &str) -> Option<Record> {
    let values = store.read(vec![ReadKey::Record(key(kind, id))]).await.expect("an answer");
    match values.into_iter().next() {
        Some(ReadValue::Record(record)) => record.map(|record| *record),
        other => panic!("a record was asked, not {other:?}"),
    }
}

pub(crate) fn all_users() -> Query {
    let predicate = Predicate::Always(true);
    let types = vec![TypeQuery { kind: "User".into(), predicate, order: None, links: Vec::new() }];
    Query { tenant: tenant(), types, offset: 0, after: None, limit: 100, total: true, left: None }
}

/// What goes with a record.
pub(crate) fn expected(record: &Record) -> Option<Expected> {
    let registry = plain_registry().expect("types that contradict nothing");
    let form = registry.type_named(&record.key.record.kind)?.match_form(&record.document);
    let user_name = record.document.text("userName");
    Some(Expected {
        form,
        claims: user_name.map(claim).into_iter().collect(),
        counted: user_name.map(|_| ("seats", 1)).into_iter().collect(),
    })
}
