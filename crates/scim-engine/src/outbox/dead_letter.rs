//! Events that could not be delivered: kept to be looked at, sent again or given up.

use scim_core::Predicate;
use serde_json::{Map, Value, json};

use super::keys;
use super::lease::bare;
use crate::store::{
    Batch, CommitError, Found, Position, Query, ReadKey, ReadValue, Record, RecordKey, Space, Store,
    StoreError, TenantId, TypeQuery, Write,
};

const KIND: &str = "DeadLetter";

/// An event that a consumer could not be given.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetter {
    /// The id, unique within the tenant.
    pub id: String,
    /// The consumer.
    pub consumer: String,
    /// The place of the event in the outbox.
    pub position: u64,
    /// What happened.
    pub body: Value,
    /// What went wrong at the last try.
    pub error: String,
    /// How often it was tried.
    pub tries: u32,
    /// When it was given up, in milliseconds since 1970.
    pub since: i64,
}

fn key(space: &Space, consumer: &str, position: u64) -> RecordKey {
    letter_key(space, &format!("{consumer}-{position}"))
}

/// The key of the record of a dead letter.
#[must_use]
pub fn letter_key(space: &Space, id: &str) -> RecordKey {
    RecordKey::new(space, KIND, id)
}

/// The write that makes an event a dead letter.
pub(super) fn bury(
    space: &Space,
    consumer: &str,
    position: u64,
    body: &Value,
    error: &str,
    tries: u32,
) -> Write {
    let extra = [
        ("consumer", json!(consumer)),
        ("position", json!(position)),
        ("body", body.clone()),
        ("error", json!(error)),
        ("tries", json!(tries)),
    ];
    let extra: Map<String, Value> = extra.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    // One that is there already was given up twice: the first time stands.
    Write::Ensure(Box::new(bare(key(space, consumer, position), extra)))
}

impl DeadLetter {
    /// Reads a dead letter from its record.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let text = |key: &str| record.extra.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = |key: &str| record.extra.get(key).and_then(Value::as_u64).unwrap_or(0);
        Self {
            id: record.id().to_owned(),
            consumer: text("consumer"),
            position: number("position"),
            body: record.extra.get("body").cloned().unwrap_or_default(),
            error: text("error"),
            tries: u32::try_from(number("tries")).unwrap_or(u32::MAX),
            since: record.created,
        }
    }
}

/// The dead letters of a tenant, oldest first, behind the last one of the page before.
///
/// # Errors
///
/// Returns a [`StoreError`] when the store cannot answer now.
pub async fn dead_letters(
    store: &impl Store,
    tenant: &TenantId,
    after: Option<&DeadLetter>,
    limit: usize,
) -> Result<Vec<DeadLetter>, StoreError> {
    let after = after.map(|letter| Position {
        value: scim_core::SortValue::Absent,
        created: letter.since,
        id: letter.id.clone(),
    });
    let kind = TypeQuery {
        kind: KIND.to_owned(),
        predicate: Predicate::Always(true),
        order: None,
        links: Vec::new(),
    };
    let query = Query {
        tenant: tenant.clone(),
        types: vec![kind],
        offset: 0,
        after,
        left: None,
        limit,
        total: false,
    };
    let page = store.query(query).await?;
    Ok(page.found.iter().map(|Found { record, .. }| DeadLetter::of(record)).collect())
}

/// Lets a dead letter be delivered again, from now on with as many tries as a new one; tells whether it
/// was there.
///
/// # Errors
///
/// Returns a [`StoreError`] when the store cannot answer now.
pub async fn redeliver(
    store: &impl Store,
    tenant: &TenantId,
    id: &str,
    now: i64,
) -> Result<bool, StoreError> {
    take_out(store, tenant, id, now, |record| redeliver_writes(record, now)).await
}

/// The writes that let a dead letter be delivered again, for an application that decides about it by itself.
#[must_use]
pub fn redeliver_writes(record: &Record, now: i64) -> Vec<Write> {
    let letter = DeadLetter::of(record);
    let key = keys::letter(&record.key.space, &letter.consumer, letter.position);
    let mut writes = discard_writes(record);
    writes.push(Write::Schedule { key, at: now, body: json!({ "tries": 0 }) });
    writes
}

/// The writes that give a dead letter up for good, likewise.
#[must_use]
pub fn discard_writes(record: &Record) -> Vec<Write> {
    vec![Write::Delete { key: record.key.clone(), replaces: record.version }]
}

/// Gives a dead letter up for good; tells whether it was there.
///
/// # Errors
///
/// Returns a [`StoreError`] when the store cannot answer now.
pub async fn discard(store: &impl Store, tenant: &TenantId, id: &str, now: i64) -> Result<bool, StoreError> {
    take_out(store, tenant, id, now, discard_writes).await
}

async fn take_out(
    store: &impl Store,
    tenant: &TenantId,
    id: &str,
    now: i64,
    out: impl FnOnce(&Record) -> Vec<Write> + Send,
) -> Result<bool, StoreError> {
    let key = letter_key(&tenant.space(), id);
    let Some(ReadValue::Record(Some(record))) = store.read(vec![ReadKey::Record(key)]).await?.pop() else {
        return Ok(false);
    };
    match store.commit(Batch { now, guards: Vec::new(), writes: out(&record) }).await {
        Ok(_) => Ok(true),
        // Somebody else has taken it out meanwhile.
        Err(CommitError::Refused(_)) => Ok(false),
        Err(CommitError::Failed(error)) => Err(error),
    }
}
