//! The keys that seal cursors: in the store, so that all nodes have the same ones and a restart keeps them.
//!
//! There is one for each month. A cursor names its key, and outlives the change to the next one; a key of
//! which no cursor can be good any more is deleted.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scim_core::Document;
use serde_json::{Map, Value};

use super::cursor::{CursorKey, KEY_BYTES};
use crate::store::{
    Batch, CommitError, PutRecord, ReadKey, ReadValue, Record, RecordKey, Space, Store, StoreError, Write,
};

/// How long a key seals, in milliseconds: 30 days. No cursor lives longer.
pub(crate) const MONTH: i64 = 30 * 24 * 60 * 60 * 1_000;

const KIND: &str = "CursorKey";

/// What makes new keys.
#[derive(Clone)]
pub struct KeySource(Arc<dyn Fn() -> Option<[u8; KEY_BYTES]> + Send + Sync>);

impl KeySource {
    /// Keys from a function, such as for a simulation; none where it cannot make one.
    pub fn new(make: impl Fn() -> Option<[u8; KEY_BYTES]> + Send + Sync + 'static) -> Self {
        Self(Arc::new(make))
    }
}

impl Default for KeySource {
    /// Random keys of the operating system.
    fn default() -> Self {
        Self::new(|| {
            let mut key = [0; KEY_BYTES];
            getrandom::fill(&mut key).ok().map(|()| key)
        })
    }
}

impl fmt::Debug for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySource")
    }
}

/// The keys of a store, as far as they are known.
#[derive(Default)]
pub(crate) struct CursorKeys {
    known: Mutex<BTreeMap<u32, CursorKey>>,
    pub(crate) source: KeySource,
}

impl fmt::Debug for CursorKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKeys")
    }
}

impl CursorKeys {
    /// The key that seals now, with its number; it is made if nobody has made it yet.
    pub(crate) async fn current(&self, store: &impl Store, now: i64) -> Result<(u32, CursorKey), StoreError> {
        let number = number(now);
        if let Some(key) = self.known(number) {
            return Ok((number, key));
        }
        let outdated = number.checked_sub(2);
        let asked = [Some(number), outdated].into_iter().flatten().map(record_key);
        let mut found = records(store, asked.collect()).await?.into_iter();
        let (current, outdated) = (found.next().flatten(), found.next().flatten());
        let record = match current {
            Some(record) => record,
            None => self.make(store, now, number, outdated).await?,
        };
        let key = read(&record)?;
        self.remember(number, &key, now);
        Ok((number, key))
    }

    /// The key of that number; none if no cursor that it sealed can be good.
    pub(crate) async fn numbered(
        &self,
        store: &impl Store,
        asked: u32,
        now: i64,
    ) -> Result<Option<CursorKey>, StoreError> {
        // The clock of another node may be a little ahead.
        if number(now).abs_diff(asked) > 1 {
            return Ok(None);
        }
        if let Some(key) = self.known(asked) {
            return Ok(Some(key));
        }
        let found = records(store, vec![record_key(asked)]).await?.into_iter().next().flatten();
        let key = found.map(|record| read(&record)).transpose()?;
        if let Some(key) = &key {
            self.remember(asked, key, now);
        }
        Ok(key)
    }

    async fn make(
        &self,
        store: &impl Store,
        now: i64,
        number: u32,
        outdated: Option<Record>,
    ) -> Result<Record, StoreError> {
        let key = (self.source.0)().ok_or_else(|| StoreError::Unavailable("no random bytes".into()))?;
        let mut extra = Map::new();
        extra.insert("key".to_owned(), Value::from(STANDARD.encode(key)));
        let record = PutRecord {
            key: record_key(number),
            visible: false,
            name: None,
            document: Document::default(),
            extra,
            form: Map::new(),
            indexed: Vec::new(),
        };
        let ensure = Write::Ensure(Box::new(record));
        let delete = outdated.map(|old| Write::Delete { replaces: old.version, key: old.key });
        let both = [ensure.clone()].into_iter().chain(delete).collect();
        match store.commit(Batch { now, guards: Vec::new(), writes: both }).await {
            // Another node has deleted the outdated key.
            Err(CommitError::Refused(_)) => {
                let only = Batch { now, guards: Vec::new(), writes: vec![ensure] };
                store.commit(only).await.map_err(failed)?;
            }
            outcome => drop(outcome.map_err(failed)?),
        }
        // It may be another node's.
        let made = records(store, vec![record_key(number)]).await?.into_iter().next().flatten();
        made.ok_or_else(|| StoreError::Unavailable("the key of cursors is not there".into()))
    }

    fn known(&self, number: u32) -> Option<CursorKey> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&number).cloned()
    }

    fn remember(&self, key_number: u32, key: &CursorKey, now: i64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|other, _| number(now).abs_diff(*other) <= 1);
        known.insert(key_number, key.clone());
    }
}

/// The number of the month.
fn number(now: i64) -> u32 {
    u32::try_from(now.div_euclid(MONTH).max(0)).unwrap_or(u32::MAX)
}

fn record_key(number: u32) -> RecordKey {
    RecordKey::new(&Space::shared("cursor", "keys"), KIND, &number.to_string())
}

async fn records(store: &impl Store, keys: Vec<RecordKey>) -> Result<Vec<Option<Record>>, StoreError> {
    let values = store.read(keys.into_iter().map(ReadKey::Record).collect()).await?;
    let record = |value| match value {
        ReadValue::Record(record) => record.map(|record| *record),
        _ => None,
    };
    Ok(values.into_iter().map(record).collect())
}

fn read(record: &Record) -> Result<CursorKey, StoreError> {
    let text = record.extra.get("key").and_then(Value::as_str).unwrap_or_default();
    let key = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
    key.map(CursorKey).ok_or_else(|| StoreError::Damaged("the key of cursors cannot be read".into()))
}

fn failed(error: CommitError) -> StoreError {
    match error {
        CommitError::Failed(error) => error,
        CommitError::Refused(refused) => StoreError::Unavailable(refused.to_string().into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemoryStore;

    const NOW: i64 = 100 * MONTH + 7;

    async fn stored(store: &MemoryStore, number: u32) -> bool {
        records(store, vec![record_key(number)]).await.unwrap()[0].is_some()
    }

    /// Nodes that start at once, and those that start later, have one key; another month has another.
    #[tokio::test]
    async fn all_nodes_have_the_same_keys() {
        let store = MemoryStore::new();
        let nodes: Vec<CursorKeys> = (0..8).map(|_| CursorKeys::default()).collect();
        let mut keys = Vec::new();
        for node in &nodes {
            keys.push(node.current(&store, NOW).await.unwrap());
        }
        assert!(keys.iter().all(|(number, key)| *number == 100 && key.0 == keys[0].1.0));
        let found = CursorKeys::default().numbered(&store, 100, NOW + MONTH).await.unwrap();
        assert_eq!(found.unwrap().0, keys[0].1.0);
        let (number, next) = nodes[0].current(&store, NOW + MONTH).await.unwrap();
        assert_eq!(number, 101);
        assert_ne!(next.0, keys[0].1.0);
        assert_eq!(nodes[1].numbered(&store, 101, NOW).await.unwrap().unwrap().0, next.0);
    }

    /// A key goes when no cursor that it sealed can be good, and none is looked for that cannot be there.
    #[tokio::test]
    async fn keys_are_changed() {
        let store = MemoryStore::new();
        let keys = CursorKeys::default();
        for month in 0..4 {
            keys.current(&store, NOW + month * MONTH).await.unwrap();
        }
        let there = [stored(&store, 100).await, stored(&store, 101).await];
        assert_eq!((there, stored(&store, 102).await), ([false, false], true));
        let now = NOW + 3 * MONTH;
        for (number, there) in
            [(0, false), (101, false), (102, true), (103, true), (104, false), (u32::MAX, false)]
        {
            assert_eq!(keys.numbered(&store, number, now).await.unwrap().is_some(), there, "{number}");
        }
        assert_eq!(keys.known.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn without_random_bytes_there_is_no_key() {
        let keys = CursorKeys { source: KeySource::new(|| None), ..CursorKeys::default() };
        assert!(keys.current(&MemoryStore::new(), NOW).await.is_err());
    }
}
