//! A store under test, and short ways to ask it.

use std::future::Future;
use std::sync::Arc;

use scim_core::{Document, End, FarEnd, Links, Predicate};
use serde_json::{Map, Value, json};

use crate::store::{
    Batch, ClaimKey, CommitError, Committed, Counter, CounterKey, DueKey, Event, Guard, LinkKey, LinksKey,
    MarkKey, Note, NoteKey, PutRecord, Query, QueryPage, ReadKey, ReadValue, Record, RecordKey, RecordRef,
    Refused, Space, Store, Stream, TenantId, TypeQuery, Write, indexed_values,
};

/// The store under test. A store that fails instead of answering fails the suite.
pub(super) struct Probe<S>(Arc<S>);

impl<S> Clone for Probe<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Store> Probe<S> {
    pub(super) fn new(store: S) -> Self {
        Self(Arc::new(store))
    }

    pub(super) async fn try_commit(&self, batch: Batch) -> Result<Committed, Box<Refused>> {
        match self.0.commit(batch).await {
            Ok(committed) => Ok(committed),
            Err(CommitError::Refused(refused)) => Err(Box::new(refused)),
            Err(CommitError::Failed(error)) => panic!("the store failed to commit: {error:?}"),
        }
    }

    /// Commits what nothing stands against.
    #[track_caller]
    pub(super) fn commit(&self, batch: Batch) -> impl Future<Output = Committed> + use<S> {
        let at = std::panic::Location::caller();
        let probe = self.clone();
        async move {
            let outcome = probe.try_commit(batch).await;
            outcome
                .unwrap_or_else(|refused| panic!("a batch that may happen was refused at {at}: {refused:?}"))
        }
    }

    /// Commits what something stands against.
    #[track_caller]
    pub(super) fn refused(&self, batch: Batch, promise: &str) -> impl Future<Output = Refused> + use<S> {
        let (at, promise) = (std::panic::Location::caller(), promise.to_owned());
        let probe = self.clone();
        async move {
            match probe.try_commit(batch).await {
                Err(refused) => *refused,
                Ok(committed) => panic!("{promise}; committed at {at}: {committed:?}"),
            }
        }
    }

    pub(super) async fn read(&self, keys: Vec<ReadKey>) -> Vec<ReadValue> {
        let count = keys.len();
        let values = self.0.read(keys).await.expect("the store failed to read");
        assert_eq!(values.len(), count, "a read answers each key");
        values
    }

    pub(super) async fn read_one(&self, key: ReadKey) -> ReadValue {
        self.read(vec![key]).await.remove(0)
    }

    pub(super) async fn record(&self, key: &RecordKey) -> Option<Record> {
        match self.read_one(ReadKey::Record(key.clone())).await {
            ReadValue::Record(record) => record.map(|record| *record),
            other => panic!("a record was asked, not {other:?}"),
        }
    }

    pub(super) async fn version(&self, key: &RecordKey) -> Option<u64> {
        self.record(key).await.map(|record| record.version)
    }

    pub(super) async fn holder(&self, claim: &ClaimKey) -> Option<RecordRef> {
        match self.read_one(ReadKey::Holder(claim.clone())).await {
            ReadValue::Record(record) => record.map(|record| record.key.record),
            other => panic!("a holder was asked, not {other:?}"),
        }
    }

    pub(super) async fn far_ends(
        &self,
        of: &RecordKey,
        links: Links,
        only: Option<Predicate>,
        limit: usize,
    ) -> Vec<FarEnd> {
        match self.read_one(ReadKey::Links(LinksKey { of: of.clone(), links, only, limit })).await {
            ReadValue::FarEnds(ends) => ends,
            other => panic!("links were asked, not {other:?}"),
        }
    }

    pub(super) async fn far_ids(&self, of: &RecordKey, links: Links) -> Vec<String> {
        self.far_ends(of, links, None, 1_000).await.into_iter().map(|end| end.id).collect()
    }

    pub(super) async fn is_linked(&self, link: &LinkKey) -> bool {
        match self.read_one(ReadKey::Link(link.clone())).await {
            ReadValue::Linked(linked) => linked,
            other => panic!("a link was asked, not {other:?}"),
        }
    }

    pub(super) async fn counter(&self, key: &CounterKey) -> Option<Counter> {
        match self.read_one(ReadKey::Counter(key.clone())).await {
            ReadValue::Counter(counter) => counter,
            other => panic!("a counter was asked, not {other:?}"),
        }
    }

    pub(super) async fn mark(&self, key: &MarkKey) -> u64 {
        match self.read_one(ReadKey::Mark(key.clone())).await {
            ReadValue::Mark(version) => version,
            other => panic!("a mark was asked, not {other:?}"),
        }
    }

    pub(super) async fn events(&self, space: &Space, stream: Stream, after: u64, limit: usize) -> Vec<Event> {
        match self.read_one(ReadKey::Events { space: space.clone(), stream, after, limit }).await {
            ReadValue::Events(events) => events,
            other => panic!("events were asked, not {other:?}"),
        }
    }

    /// The newest events before a position.
    pub(super) async fn newest(
        &self,
        space: &Space,
        stream: Stream,
        before: u64,
        limit: usize,
    ) -> Vec<Event> {
        match self.read_one(ReadKey::EventsBefore { space: space.clone(), stream, before, limit }).await {
            ReadValue::Events(events) => events,
            other => panic!("events were asked for, not {other:?}"),
        }
    }

    pub(super) async fn work(&self, key: &DueKey) -> Option<(i64, Value)> {
        match self.read_one(ReadKey::Due(key.clone())).await {
            ReadValue::Due(work) => work,
            other => panic!("work was asked, not {other:?}"),
        }
    }

    pub(super) async fn due(&self, shard: u16, before: i64, limit: usize) -> Vec<DueKey> {
        self.0.due(shard, before, limit).await.expect("the store failed to tell what is due")
    }

    pub(super) async fn note(&self, key: &NoteKey, note: &Note) {
        self.0.note(key.clone(), note.clone()).await.expect("the store failed to keep a note");
    }

    pub(super) async fn noted(&self, key: &NoteKey) -> Option<Note> {
        self.0.noted(key.clone()).await.expect("the store failed to read a note")
    }

    pub(super) async fn query(&self, query: Query) -> QueryPage {
        self.0.query(query).await.expect("the store failed to list")
    }

    /// The ids of all visible records of a kind.
    pub(super) async fn all(&self, tenant: &TenantId, kind: &str) -> Vec<String> {
        ids(&self.query(listing(tenant, kind)).await)
    }
}

pub(super) fn ids(page: &QueryPage) -> Vec<String> {
    page.found.iter().map(|found| found.record.id().to_owned()).collect()
}

/// The tenant that most tests are about.
pub(super) fn tenant() -> TenantId {
    TenantId::new("precious-asteroid").expect("letters and a dash")
}

pub(super) fn space() -> Space {
    tenant().space()
}

pub(super) fn user(id: &str) -> RecordKey {
    RecordKey::new(&space(), "User", id)
}

pub(super) fn group(id: &str) -> RecordKey {
    RecordKey::new(&space(), "Group", id)
}

/// A visible record of that name.
pub(super) fn named(key: &RecordKey, name: &str) -> PutRecord {
    let form = object(json!({ "userName": name.to_lowercase() }));
    PutRecord {
        key: key.clone(),
        visible: true,
        name: Some(name.to_owned()),
        document: Document::from_canonical(object(json!({ "userName": name }))),
        extra: Map::new(),
        indexed: indexed_values(&form),
        form,
    }
}

/// The map of a JSON object.
pub(super) fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).expect("a JSON object")
}

/// A text of so many letters that no compression makes short.
pub(super) fn long_text(letters: usize) -> String {
    let mut state = 1_u64;
    let letter = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + ((state >> 33) % 26) as u8)
    };
    (0..letters).map(letter).collect()
}

/// The `userName` that [`named`] wrote.
pub(super) fn user_name(record: &Record) -> &str {
    record.document.text("userName").unwrap_or_default()
}

pub(super) fn create(key: &RecordKey) -> Write {
    put(named(key, &key.record.id), None)
}

pub(super) fn put(record: PutRecord, replaces: Option<u64>) -> Write {
    Write::Put { record: Box::new(record), replaces }
}

pub(super) fn batch(now: i64, writes: impl IntoIterator<Item = Write>) -> Batch {
    Batch { now, guards: Vec::new(), writes: writes.into_iter().collect() }
}

pub(super) fn guarded(guard: Guard, writes: impl IntoIterator<Item = Write>) -> Batch {
    Batch { guards: vec![guard], ..batch(1_000, writes) }
}

pub(super) fn claim_key(value: &str) -> ClaimKey {
    ClaimKey { space: space(), name: "User:userName".to_owned(), value: value.to_owned() }
}

/// The links of a group to its members.
pub(super) const MEMBERS: Links =
    Links { relation: "member", end: End::Owner, shows_hidden: false, nested: false };

/// The links of a member to its groups.
pub(super) const GROUPS: Links =
    Links { relation: "member", end: End::Member, shows_hidden: false, nested: false };

pub(super) fn membership(group: &RecordKey, member: &RecordKey) -> LinkKey {
    LinkKey::between(&group.space, MEMBERS, group.record.clone(), member.record.clone())
}

/// All visible records of a kind, in the default order.
pub(super) fn listing(tenant: &TenantId, kind: &str) -> Query {
    Query {
        tenant: tenant.clone(),
        types: vec![TypeQuery {
            kind: kind.to_owned(),
            predicate: Predicate::Always(true),
            order: None,
            links: Vec::new(),
        }],
        offset: 0,
        after: None,
        limit: 1_000,
        total: true,
        left: None,
    }
}

/// Runs a task for each number below `count`, all at once, and waits for all of them.
pub(super) async fn together<T, F>(count: usize, task: impl Fn(usize) -> F) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let tasks: Vec<_> = (0..count).map(|number| tokio::spawn(task(number))).collect();
    let mut outcomes = Vec::with_capacity(count);
    for task in tasks {
        match task.await {
            Ok(outcome) => outcomes.push(outcome),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    outcomes
}
