//! A batch as the function in the database takes it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use scim_core::End;
use scim_engine::store::{
    Batch, Committed, Counter, CounterChange, CounterKey, Guard, LinkKey, OnLimit, PutRecord, RecordKey,
    RecordRef, SHARDS, StoreError, Write,
};
use scim_sql::check::{FoldedNames, is_listed};
use scim_sql::{exact_digits, index_rows, unique_key};
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};
use serde_json::{Map, Serializer, Value, json};

use super::holds::{key_parts, link_parts, locks};
use crate::error::damaged;
use crate::row::index_text;

/// How many events a batch may append: positions leave 16 bits for them.
const MOST_EVENTS: usize = 1 << 16;

/// A batch, ready to be sent.
#[derive(Debug)]
pub(super) struct Plan<'b> {
    /// The space under which the result is recorded.
    pub(super) home: &'b str,
    pub(super) now: i64,
    pub(super) json: String,
    /// The records that the batch may write, in the order in which the function is told of them.
    records: Vec<RecordKey>,
    /// The counters that the batch adds to, likewise.
    pub(super) adds: Vec<(&'b CounterKey, Sum)>,
    appended: usize,
}

/// All that is added to one counter; [`scim_engine::store::Adds`] says what it comes to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub(super) by: i128,
    refuses: bool,
    step: i64,
}

#[derive(Serialize)]
struct Sent<'p> {
    locks: Vec<Value>,
    guards: Vec<Value>,
    writes: Vec<Item<'p>>,
    adds: Vec<Value>,
    records: Vec<[&'p str; 3]>,
}

/// A write; the members are those that the function reads.
#[derive(Serialize)]
#[serde(tag = "do", rename_all = "lowercase")]
enum Item<'b> {
    Put(Record<'b>),
    Ensure(Record<'b>),
    Delete {
        space: &'b str,
        kind: &'b str,
        id: &'b str,
        replaces: u64,
    },
    Claim {
        space: &'b str,
        name: &'b str,
        value: Cow<'b, str>,
        kind: &'b str,
        id: &'b str,
    },
    Release {
        space: &'b str,
        name: &'b str,
        value: Cow<'b, str>,
        kind: &'b str,
        id: &'b str,
    },
    Link(Ends<'b>),
    Unlink(Ends<'b>),
    Clear {
        space: &'b str,
        kind: &'b str,
        id: &'b str,
        relation: &'b str,
        end: &'static str,
    },
    Raise {
        space: &'b str,
        name: &'b str,
    },
    Set {
        space: &'b str,
        name: &'b str,
        /// None leaves the value.
        value: Option<i64>,
        floor: Option<i64>,
        limit: Option<i64>,
    },
    Append {
        space: &'b str,
        stream: &'b str,
        body: String,
    },
    Trim {
        space: &'b str,
        stream: &'b str,
        before: i64,
    },
    Amend {
        space: &'b str,
        stream: &'b str,
        position: i64,
        body: String,
    },
    Schedule {
        space: &'b str,
        name: &'b str,
        shard: u16,
        at: i64,
        body: String,
    },
    Unschedule {
        space: &'b str,
        name: &'b str,
    },
    /// Summed up and done last.
    Add,
}

#[derive(Serialize)]
struct Record<'b> {
    space: &'b str,
    kind: &'b str,
    id: &'b str,
    replaces: Option<u64>,
    visible: bool,
    name: Option<&'b str>,
    exact: Option<Cow<'b, str>>,
    folded: Option<Cow<'b, str>>,
    document: String,
    extra: String,
    form: &'b Map<String, Value>,
    indexed: Vec<(&'static str, i64, String, String)>,
}

#[derive(Serialize)]
struct Ends<'b> {
    space: &'b str,
    relation: &'b str,
    member_id: &'b str,
    member_kind: &'b str,
    owner_id: &'b str,
    owner_kind: &'b str,
}

impl<'b> Plan<'b> {
    pub(super) fn of(batch: &'b Batch) -> Result<Self, StoreError> {
        let mut adds: BTreeMap<&CounterKey, Sum> = BTreeMap::new();
        let mut records = BTreeSet::new();
        let mut appended = 0;
        for write in &batch.writes {
            match write {
                Write::Add { counter, by, on_limit } => adds.entry(counter).or_default().push(*by, *on_limit),
                Write::Put { record, .. } | Write::Ensure(record) => {
                    records.insert(record.key.clone());
                }
                Write::Link(link) | Write::Unlink(link) => records.extend(ends(link)),
                Write::Append { .. } => appended += 1,
                _ => {}
            }
        }
        if appended > MOST_EVENTS {
            return Err(StoreError::Unavailable("a batch with more than 65,536 events".into()));
        }
        let records: Vec<RecordKey> = records.into_iter().collect();
        let adds: Vec<(&CounterKey, Sum)> = adds.into_iter().collect();
        let sent = Sent {
            locks: locks(batch),
            guards: batch.guards.iter().map(guard).collect(),
            writes: batch.writes.iter().map(item).collect::<Result<_, _>>()?,
            adds: adds.iter().map(|(key, sum)| sum.sent(key)).collect(),
            records: records.iter().map(key_parts).collect(),
        };
        let json = exact_json(&sent)?;
        Ok(Self { home: home(batch), now: batch.now, json, records, adds, appended })
    }

    /// What came of the batch, as the function tells it.
    pub(super) fn committed(&self, outcome: &Value) -> Result<Committed, StoreError> {
        self.read(outcome).ok_or_else(|| damaged("the result of a commit makes no sense"))
    }

    fn read(&self, outcome: &Value) -> Option<Committed> {
        let version = |entry: &Value| {
            let number = usize::try_from(entry.get(0)?.as_u64()?).ok()?;
            Some((self.records.get(number)?.clone(), entry.get(1)?.as_u64()?))
        };
        let change = |((key, _), entry): (&(&CounterKey, Sum), &Value)| {
            Some(CounterChange {
                key: (*key).clone(),
                before: counter(entry.get(0)?)?,
                after: counter(entry.get(1)?)?,
            })
        };
        let first = outcome.get("position")?.as_u64();
        let positions = match self.appended as u64 {
            0 => Vec::new(),
            count => (first?..first?.checked_add(count)?).collect(),
        };
        Some(Committed {
            versions: outcome.get("versions")?.as_array()?.iter().map(version).collect::<Option<_>>()?,
            counters: self
                .adds
                .iter()
                .zip(outcome.get("counters")?.as_array()?)
                .map(change)
                .collect::<Option<_>>()?,
            positions,
        })
    }
}

impl Sum {
    fn push(&mut self, by: i64, on_limit: OnLimit) {
        self.by += i128::from(by);
        match on_limit {
            _ if by <= 0 => {}
            OnLimit::Refuse => self.refuses = true,
            OnLimit::Raise { step } => self.step = self.step.max(step),
        }
    }

    fn sent(&self, key: &CounterKey) -> Value {
        json!({
            "space": key.space.as_str(),
            "name": key.name,
            "by": self.by.to_string(),
            "refuses": self.refuses,
            "step": self.step,
        })
    }
}

/// A counter as the function tells it: value, floor, limit.
pub(super) fn counter(told: &Value) -> Option<Counter> {
    let [value, floor, limit] = told.as_array()?.as_slice() else { return None };
    Some(Counter { value: value.as_i64()?, floor: floor.as_i64(), limit: limit.as_i64() })
}

/// The records that a link joins.
pub(super) fn ends(link: &LinkKey) -> [RecordKey; 2] {
    [&link.owner, &link.member].map(|end| RecordKey { space: link.space.clone(), record: end.clone() })
}

fn home(batch: &Batch) -> &str {
    let of_guard = batch.guards.iter().map(|guard| match guard {
        Guard::Version(key, _) => &key.space,
        Guard::Holder(claim, _) => &claim.space,
        Guard::Link(link, _) => &link.space,
        Guard::Mark(mark, _) => &mark.space,
    });
    let of_write = batch.writes.iter().map(|write| match write {
        Write::Put { record, .. } | Write::Ensure(record) => &record.key.space,
        Write::Delete { key, .. } => &key.space,
        Write::Claim(claim, _) | Write::Release(claim, _) => &claim.space,
        Write::Link(link) | Write::Unlink(link) => &link.space,
        Write::ClearLinks { of, .. } => &of.space,
        Write::Raise(mark) => &mark.space,
        Write::SetCounter(counter, _) | Write::SetBounds { counter, .. } | Write::Add { counter, .. } => {
            &counter.space
        }
        Write::Append { space, .. } | Write::Trim { space, .. } | Write::Amend { space, .. } => space,
        Write::Schedule { key, .. } | Write::Unschedule(key) => &key.space,
    });
    of_write.chain(of_guard).next().map_or("", |space| space.as_str())
}

fn guard(guard: &Guard) -> Value {
    match guard {
        Guard::Version(key, version) => {
            let [space, kind, id] = key_parts(key);
            json!(["record", space, kind, id, version])
        }
        Guard::Holder(claim, holder) => {
            let (kind, id) = match holder {
                Some(RecordRef { kind, id }) => (Some(kind), Some(id)),
                None => (None, None),
            };
            json!(["holder", claim.space.as_str(), claim.name, unique_key(&claim.value), kind, id])
        }
        Guard::Link(link, linked) => {
            let mut parts = vec![Value::from("link")];
            parts.extend(link_parts(link).into_iter().map(Value::from));
            parts.push(Value::from(*linked));
            Value::Array(parts)
        }
        Guard::Mark(mark, version) => json!(["mark", mark.space.as_str(), mark.name, version]),
    }
}

fn item(write: &Write) -> Result<Item<'_>, StoreError> {
    Ok(match write {
        Write::Put { record, replaces } => Item::Put(put(record, *replaces)?),
        Write::Ensure(record) => Item::Ensure(put(record, None)?),
        Write::Delete { key, replaces } => {
            let [space, kind, id] = key_parts(key);
            Item::Delete { space, kind, id, replaces: *replaces }
        }
        Write::Claim(claim, RecordRef { kind, id }) => Item::Claim {
            space: claim.space.as_str(),
            name: &claim.name,
            value: unique_key(&claim.value),
            kind,
            id,
        },
        Write::Release(claim, RecordRef { kind, id }) => Item::Release {
            space: claim.space.as_str(),
            name: &claim.name,
            value: unique_key(&claim.value),
            kind,
            id,
        },
        Write::Link(link) => Item::Link(both_ends(link)),
        Write::Unlink(link) => Item::Unlink(both_ends(link)),
        Write::ClearLinks { of, links } => {
            let [space, kind, id] = key_parts(of);
            let end = match links.end {
                End::Owner => "owner",
                End::Member => "member",
            };
            Item::Clear { space, kind, id, relation: links.relation, end }
        }
        Write::Raise(mark) => Item::Raise { space: mark.space.as_str(), name: mark.name },
        Write::SetCounter(key, Counter { value, floor, limit }) => Item::Set {
            space: key.space.as_str(),
            name: key.name,
            value: Some(*value),
            floor: *floor,
            limit: *limit,
        },
        Write::SetBounds { counter, floor, limit } => Item::Set {
            space: counter.space.as_str(),
            name: counter.name,
            value: None,
            floor: *floor,
            limit: *limit,
        },
        Write::Add { .. } => Item::Add,
        Write::Append { space, stream, body } => {
            Item::Append { space: space.as_str(), stream: stream.as_str(), body: body.to_string() }
        }
        Write::Trim { space, stream, before } => Item::Trim {
            space: space.as_str(),
            stream: stream.as_str(),
            before: i64::try_from(*before).unwrap_or(i64::MAX),
        },
        Write::Amend { space, stream, position, body } => Item::Amend {
            space: space.as_str(),
            stream: stream.as_str(),
            position: i64::try_from(*position).unwrap_or(i64::MAX),
            body: body.to_string(),
        },
        Write::Schedule { key, at, body } => Item::Schedule {
            space: key.space.as_str(),
            name: &key.name,
            shard: key.space.shard(SHARDS),
            at: *at,
            body: body.to_string(),
        },
        Write::Unschedule(key) => Item::Unschedule { space: key.space.as_str(), name: &key.name },
    })
}

fn both_ends(link: &LinkKey) -> Ends<'_> {
    Ends {
        space: link.space.as_str(),
        relation: link.relation,
        member_id: &link.member.id,
        member_kind: &link.member.kind,
        owner_id: &link.owner.id,
        owner_kind: &link.owner.kind,
    }
}

fn put(record: &PutRecord, replaces: Option<u64>) -> Result<Record<'_>, StoreError> {
    let [space, kind, id] = key_parts(&record.key);
    let name = record.name.as_deref();
    let names = FoldedNames::of(name);
    let rows = if is_listed(&record.key) { index_rows(&record.form) } else { Vec::new() };
    let indexed = rows.into_iter().map(|row| (row.path, row.rank, index_text(row.value), row.rest));
    Ok(Record {
        space,
        kind,
        id,
        replaces,
        visible: record.visible,
        name,
        exact: names.exact,
        folded: names.folded,
        document: text(record.document.as_map())?,
        extra: text(&record.extra)?,
        form: &record.form,
        indexed: indexed.collect(),
    })
}

fn text(map: &Map<String, Value>) -> Result<String, StoreError> {
    serde_json::to_string(map).map_err(unprintable)
}

/// A JSON value always prints; if not, nothing is written.
fn unprintable(error: serde_json::Error) -> StoreError {
    StoreError::Unavailable(Box::new(error))
}

/// JSON whose numbers have the digits that comparisons in the database need.
pub(crate) fn exact_json(value: &impl Serialize) -> Result<String, StoreError> {
    struct Exact(CompactFormatter);
    impl Formatter for Exact {
        fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
            writer.write_all(exact_digits(value).as_bytes())
        }
    }
    let mut bytes = Vec::with_capacity(1024);
    let mut serializer = Serializer::with_formatter(&mut bytes, Exact(CompactFormatter));
    value.serialize(&mut serializer).map_err(unprintable)?;
    String::from_utf8(bytes).map_err(|error| StoreError::Unavailable(Box::new(error)))
}
