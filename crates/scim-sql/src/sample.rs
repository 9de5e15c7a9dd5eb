//! A few records to try a backend on: two users and their group, in one tenant of a plain directory.

use scim_core::Document;
use scim_core::Predicate;
use scim_engine::plain_registry;
use scim_engine::store::{
    Batch, ClaimKey, Committed, CounterKey, LinkKey, OnLimit, PutRecord, Query, ReadKey, ReadValue, Record,
    RecordKey, RecordRef, Space, Store, TenantId, TypeQuery, Write, indexed_values,
};
use serde_json::{Map, Value, json};

use crate::check::Expected;

/// Its tenant.
///
/// # Panics
///
/// Never: the name is made of letters.
#[must_use]
pub fn tenant() -> TenantId {
    TenantId::new("precious-asteroid").expect("letters")
}

/// The space of the tenant.
#[must_use]
pub fn space() -> Space {
    tenant().space()
}

/// The key of a record there.
#[must_use]
pub fn key(kind: &str, id: &str) -> RecordKey {
    RecordKey::new(&space(), kind, id)
}

/// A batch without guards.
pub fn batch(writes: impl IntoIterator<Item = Write>) -> Batch {
    Batch { now: 1_000, guards: Vec::new(), writes: writes.into_iter().collect() }
}

/// Creates a visible record with what goes with its document.
///
/// # Panics
///
/// Panics when the document is none, or the kind is unknown.
#[must_use]
pub fn put(kind: &str, id: &str, name: &str, document: Value) -> Write {
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
#[must_use]
pub fn user(id: &str) -> Vec<Write> {
    let name = format!("{id}@example.com");
    let counter = CounterKey { space: space(), name: "seats" };
    vec![
        put("User", id, id, json!({ "userName": name, "emails": [{ "value": name }] })),
        Write::Claim(claim(&name), RecordRef::new("User", id)),
        Write::Add { counter, by: 1, on_limit: OnLimit::Refuse },
    ]
}

/// A store's users `a` and `b`, and their group `g`.
///
/// # Panics
///
/// Panics when the store refuses, or fails.
pub async fn fill(store: &impl Store) {
    let mut writes = [user("a"), user("b")].concat();
    writes.push(put("Group", "g", "All", json!({ "displayName": "All" })));
    for id in ["a", "b"] {
        let (owner, member) = (RecordRef::new("Group", "g"), RecordRef::new("User", id));
        writes.push(Write::Link(LinkKey { space: space(), relation: "member", owner, member }));
    }
    commit(store, writes).await;
}

/// Commits against which nothing stands.
///
/// # Panics
///
/// Panics when the store refuses, or fails.
pub async fn commit(store: &impl Store, writes: Vec<Write>) -> Committed {
    store.commit(batch(writes)).await.expect("nothing stands against it")
}

/// The record under a key.
///
/// # Panics
///
/// Panics when the store fails.
pub async fn record(store: &impl Store, kind: &str, id: &str) -> Option<Record> {
    let values = store.read(vec![ReadKey::Record(key(kind, id))]).await.expect("an answer");
    match values.into_iter().next() {
        Some(ReadValue::Record(record)) => record.map(|record| *record),
        other => panic!("a record was asked, not {other:?}"),
    }
}

/// The first page of all users, with their total.
#[must_use]
pub fn all_users() -> Query {
    let predicate = Predicate::Always(true);
    let types = vec![TypeQuery { kind: "User".into(), predicate, order: None, links: Vec::new() }];
    Query { tenant: tenant(), types, offset: 0, after: None, limit: 100, total: true, left: None }
}

/// What goes with a record.
///
/// # Panics
///
/// Never: the types of the plain directory contradict nothing.
#[must_use]
pub fn expected(record: &Record) -> Option<Expected> {
    let registry = plain_registry().expect("types that contradict nothing");
    let form = registry.type_named(&record.key.record.kind)?.match_form(&record.document);
    let user_name = record.document.text("userName");
    Some(Expected {
        form,
        claims: user_name.map(claim).into_iter().collect(),
        counted: user_name.map(|_| ("seats", 1)).into_iter().collect(),
        ..Expected::default()
    })
}
