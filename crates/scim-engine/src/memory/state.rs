//! All that the in-memory store holds, and reads by key.

use std::sync::Arc;

use serde_json::Value;

use super::links::LinkTable;
use super::table::Table;
use crate::store::{
    ClaimKey, Counter, CounterKey, DueKey, Event, MarkKey, PutRecord, ReadKey, ReadValue, Record, RecordKey,
    RecordRef, SHARDS, Space, Stream,
};

#[derive(Default)]
pub(super) struct State {
    pub(super) records: Table<RecordKey, Row>,
    pub(super) claims: Table<ClaimKey, RecordRef>,
    pub(super) links: LinkTable,
    pub(super) counters: Table<CounterKey, Counter>,
    pub(super) marks: Table<MarkKey, u64>,
    pub(super) events: Table<(Space, Stream, u64), Event>,
    pub(super) work: Table<DueKey, (i64, Value)>,
    /// The work by shard and time.
    pub(super) queue: Table<(u16, i64, DueKey), ()>,
    /// The last number given out, to an event or a link. A refused batch may leave a gap.
    last: u64,
}

/// A record; what a touch changes stands apart from what only a put does.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) version: u64,
    pub(super) created: i64,
    pub(super) modified: i64,
    pub(super) put: Arc<PutRecord>,
}

impl Row {
    pub(super) fn record(&self) -> Record {
        let put = &self.put;
        Record {
            key: put.key.clone(),
            version: self.version,
            visible: put.visible,
            created: self.created,
            modified: self.modified,
            name: put.name.clone(),
            document: put.document.clone(),
            extra: put.extra.clone(),
        }
    }
}

impl State {
    pub(super) fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(super) fn mark(&self, key: &MarkKey) -> u64 {
        self.marks.get(key).copied().unwrap_or_default()
    }

    pub(super) fn version(&self, key: &RecordKey) -> Option<u64> {
        self.records.get(key).map(|row| row.version)
    }

    pub(super) fn read(&self, key: &ReadKey) -> ReadValue {
        match key {
            ReadKey::Record(key) => self.record(key),
            ReadKey::Holder(claim) => match self.claims.get(claim) {
                Some(holder) => {
                    self.record(&RecordKey { space: claim.space.clone(), record: holder.clone() })
                }
                None => ReadValue::Record(None),
            },
            ReadKey::Links(key) => {
                let shown = self.far_ends(&key.of, key.links).filter(|end| {
                    (end.visible || key.links.shows_hidden)
                        && key.only.as_ref().is_none_or(|only| only.matches_far_end(end))
                });
                ReadValue::FarEnds(shown.take(key.limit).collect())
            }
            ReadKey::Link(key) => ReadValue::Linked(self.links.has(key)),
            ReadKey::Counter(key) => ReadValue::Counter(self.counters.get(key).copied()),
            ReadKey::Mark(key) => ReadValue::Mark(self.mark(key)),
            ReadKey::Events { space, stream, after, limit } => {
                let events = self
                    .events
                    .from((space.clone(), *stream, after.saturating_add(1)))
                    .take_while(|((of, kind, _), _)| of == space && kind == stream)
                    .map(|(_, event)| event.clone());
                ReadValue::Events(events.take(*limit).collect())
            }
            ReadKey::EventsBefore { space, stream, before, limit } => {
                let (first, end) = ((space.clone(), *stream, 0), (space.clone(), *stream, *before));
                let events = self.events.between(first, end).rev().map(|(_, event)| event.clone());
                ReadValue::Events(events.take(*limit).collect())
            }
            ReadKey::Due(key) => ReadValue::Due(self.work.get(key).cloned()),
        }
    }

    fn record(&self, key: &RecordKey) -> ReadValue {
        ReadValue::Record(self.records.get(key).map(|row| Box::new(row.record())))
    }

    pub(super) fn due(&self, shard: u16, before: i64, limit: usize) -> Vec<DueKey> {
        let first = DueKey { space: Space::from_stored(""), name: String::new() };
        self.queue
            .from((shard, i64::MIN, first))
            .take_while(|((of, at, _), ())| *of == shard && *at < before)
            .map(|((_, _, key), ())| key.clone())
            .take(limit)
            .collect()
    }

    /// Puts work into the queue, moves it or takes it out.
    pub(super) fn schedule(&mut self, key: DueKey, work: Option<(i64, Value)>) {
        let shard = key.space.shard(SHARDS);
        if let Some((at, _)) = self.work.get(&key) {
            self.queue.set((shard, *at, key.clone()), None);
        }
        if let Some((at, _)) = &work {
            self.queue.set((shard, *at, key.clone()), Some(()));
        }
        self.work.set(key, work);
    }

    pub(super) fn settle(&mut self) {
        let Self { records, claims, links, counters, marks, events, work, queue, last: _ } = self;
        records.settle();
        claims.settle();
        links.settle();
        counters.settle();
        marks.settle();
        events.settle();
        work.settle();
        queue.settle();
    }

    pub(super) fn take_back(&mut self) {
        let Self { records, claims, links, counters, marks, events, work, queue, last: _ } = self;
        records.take_back();
        claims.take_back();
        links.take_back();
        counters.take_back();
        marks.take_back();
        events.take_back();
        work.take_back();
        queue.take_back();
    }
}
