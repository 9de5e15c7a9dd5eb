//! The lease: which node works.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::store::{
    Batch, CommitError, Guard, PutRecord, ReadKey, ReadValue, Record, RecordKey, Space, Store, StoreError,
    Write,
};

/// The record that says which node works. Its `extra` holds `node`, `fence` and `until`.
#[must_use]
pub fn lease_key() -> RecordKey {
    RecordKey::new(&Space::shared("lease", "outbox"), "Lease", "outbox")
}

/// A lease that this node has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lease {
    version: u64,
    /// Counts the holders of the lease.
    pub(super) fence: u64,
    until: i64,
}

impl Lease {
    /// Holds as long as no other node has taken the lease, and this one has not renewed it.
    pub(super) fn guard(&self) -> Guard {
        Guard::Version(lease_key(), Some(self.version))
    }

    /// How long it lasts from `now`.
    pub(super) fn left(&self, now: i64) -> Duration {
        Duration::from_millis(u64::try_from(self.until.saturating_sub(now)).unwrap_or(0))
    }
}

/// Takes, renews or takes over the lease; none while another node has it.
///
/// A node of the same name takes over at once: it is this one after a restart.
pub(super) async fn take(
    store: &impl Store,
    node: &str,
    own: Option<Lease>,
    now: i64,
    lasts: Duration,
) -> Result<Option<Lease>, StoreError> {
    let is = match store.read(vec![ReadKey::Record(lease_key())]).await?.pop() {
        Some(ReadValue::Record(record)) => record,
        _ => None,
    };
    let text = |record: &Record, key: &str| record.extra.get(key).and_then(Value::as_str).map(str::to_owned);
    let number = |record: &Record, key: &str| record.extra.get(key).and_then(Value::as_i64).unwrap_or(0);
    let (replaces, fence) = match &is {
        None => (None, 1),
        Some(record) => {
            let fence = u64::try_from(number(record, "fence")).unwrap_or(0);
            let is_own = own.is_some_and(|own| own.version == record.version);
            let is_free = text(record, "node").as_deref() == Some(node) || number(record, "until") <= now;
            match (is_own, is_free) {
                (true, _) => (Some(record.version), fence),
                (false, true) => (Some(record.version), fence.saturating_add(1)),
                (false, false) => return Ok(None),
            }
        }
    };
    let until = now.saturating_add(i64::try_from(lasts.as_millis()).unwrap_or(i64::MAX));
    let taken = put(store, node, replaces, fence, until, now).await?;
    Ok(taken.then(|| Lease { version: replaces.map_or(1, |version| version + 1), fence, until }))
}

/// Gives the lease back, so that another node need not wait for its end.
pub(super) async fn give_back(
    store: &impl Store,
    node: &str,
    own: Lease,
    now: i64,
) -> Result<(), StoreError> {
    put(store, node, Some(own.version), own.fence, now, now).await.map(drop)
}

/// Writes the lease, unless another node was faster.
async fn put(
    store: &impl Store,
    node: &str,
    replaces: Option<u64>,
    fence: u64,
    until: i64,
    now: i64,
) -> Result<bool, StoreError> {
    let extra = [("node", json!(node)), ("fence", json!(fence)), ("until", json!(until))];
    let record = bare(lease_key(), extra.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
    let write = Write::Put { record: Box::new(record), replaces };
    match store.commit(Batch { now, guards: Vec::new(), writes: vec![write] }).await {
        Ok(_) => Ok(true),
        Err(CommitError::Refused(_)) => Ok(false),
        Err(CommitError::Failed(error)) => Err(error),
    }
}

/// A record that is no SCIM resource.
pub(super) fn bare(key: RecordKey, extra: Map<String, Value>) -> PutRecord {
    PutRecord {
        key,
        visible: true,
        name: None,
        document: scim_core::Document::new(),
        extra,
        form: Map::new(),
        indexed: Vec::new(),
    }
}
