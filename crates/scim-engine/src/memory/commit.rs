//! Commits: guards first, then the writes in order, then the counters; a refusal takes all back.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::state::{Row, State};
use crate::store::{
    Adds, Batch, ClaimKey, Committed, Counter, CounterChange, CounterKey, Event, Guard, LinkKey, MarkKey,
    PutRecord, RecordKey, RecordRef, Refused, Space, Stream, Write,
};

// A refusal names whole keys, so it is kept off the stack.
type Outcome<T> = Result<T, Box<Refused>>;

impl State {
    pub(super) fn commit(&mut self, batch: Batch) -> Outcome<Committed> {
        let outcome = Run::new(self, batch.now).batch(batch);
        match outcome {
            Ok(_) => self.settle(),
            Err(_) => self.take_back(),
        }
        outcome
    }
}

/// A batch on its way.
struct Run<'s> {
    state: &'s mut State,
    now: i64,
    /// The version before the batch of each record that was written.
    before: BTreeMap<RecordKey, Option<u64>>,
    counters_before: BTreeMap<CounterKey, Counter>,
    adds: BTreeMap<CounterKey, Adds>,
    positions: Vec<u64>,
}

impl<'s> Run<'s> {
    fn new(state: &'s mut State, now: i64) -> Self {
        Self {
            state,
            now,
            before: BTreeMap::new(),
            counters_before: BTreeMap::new(),
            adds: BTreeMap::new(),
            positions: Vec::new(),
        }
    }

    fn batch(mut self, batch: Batch) -> Outcome<Committed> {
        for guard in batch.guards {
            if !self.holds(&guard) {
                return Err(Box::new(Refused::Guard(guard)));
            }
        }
        for write in batch.writes {
            self.write(write)?;
        }
        let counters = self.counters()?;
        let versions =
            self.before.into_keys().filter_map(|key| self.state.version(&key).map(|version| (key, version)));
        Ok(Committed { versions: versions.collect(), counters, positions: self.positions })
    }

    fn holds(&self, guard: &Guard) -> bool {
        match guard {
            Guard::Version(key, version) => self.state.version(key) == *version,
            Guard::Holder(claim, holder) => self.state.claims.get(claim) == holder.as_ref(),
            Guard::Link(link, linked) => self.state.links.has(link) == *linked,
            Guard::Mark(mark, version) => self.state.mark(mark) == *version,
        }
    }

    fn write(&mut self, write: Write) -> Outcome<()> {
        match write {
            Write::Put { record, replaces } => {
                self.replaces(&record.key, replaces)?;
                self.put(*record);
            }
            Write::Ensure(record) => {
                if self.state.records.get(&record.key).is_none() {
                    self.put(*record);
                }
            }
            Write::Delete { key, replaces } => {
                self.replaces(&key, Some(replaces))?;
                self.state.links.of_any_kind(&key).into_iter().for_each(|link| self.state.links.remove(link));
                self.advance(&key);
                self.state.records.set(key, None);
            }
            Write::Claim(claim, record) => self.claim(claim, record)?,
            Write::Release(claim, record) => {
                if self.state.claims.get(&claim) == Some(&record) {
                    self.state.claims.set(claim, None);
                }
            }
            Write::Link(link) => self.link(link)?,
            Write::Unlink(link) => {
                if self.state.links.has(&link) {
                    ends(&link).iter().for_each(|end| self.touch(end));
                    self.state.links.remove(link);
                }
            }
            Write::ClearLinks { of, links } => {
                self.state.links.of(&of, links).into_iter().for_each(|link| self.state.links.remove(link));
            }
            Write::Raise(mark) => self.raise(mark),
            Write::SetCounter(key, counter) => {
                self.remember_counter(&key);
                self.state.counters.set(key, Some(counter));
            }
            Write::SetBounds { counter, floor, limit } => {
                self.remember_counter(&counter);
                let is = self.state.counters.get(&counter).copied().unwrap_or_default();
                let Some(after) = is.bounded(floor, limit) else {
                    return Err(Box::new(Refused::Bound { counter, is, by: 0 }));
                };
                self.state.counters.set(counter, Some(after));
            }
            Write::Add { counter, by, on_limit } => {
                self.adds.entry(counter).or_default().push(by, on_limit);
            }
            Write::Append { space, stream, body } => self.append(space, stream, body),
            Write::Trim { space, stream, before } => self.trim(&space, stream, before),
            Write::Amend { space, stream, position, body } => self.amend(space, stream, position, body),
            Write::Schedule { key, at, body } => self.state.schedule(key, Some((at, body))),
            Write::Unschedule(key) => self.state.schedule(key, None),
        }
        Ok(())
    }

    /// Refuses unless the record had this version before the batch.
    fn replaces(&self, key: &RecordKey, replaces: Option<u64>) -> Outcome<()> {
        let before = self.before.get(key).copied().unwrap_or_else(|| self.state.version(key));
        if before == replaces {
            Ok(())
        } else {
            Err(Box::new(Refused::Guard(Guard::Version(key.clone(), replaces))))
        }
    }

    /// The version that the record gets from this batch.
    fn advance(&mut self, key: &RecordKey) -> u64 {
        let now = self.state.version(key);
        self.before.entry(key.clone()).or_insert(now).map_or(1, |version| version + 1)
    }

    fn put(&mut self, record: PutRecord) {
        let version = self.advance(&record.key);
        let (created, modified) = self
            .state
            .records
            .get(&record.key)
            .map_or((self.now, self.now), |row| (row.created, row.modified.max(self.now)));
        let key = record.key.clone();
        self.state.records.set(key, Some(Row { version, created, modified, put: Arc::new(record) }));
    }

    fn touch(&mut self, key: &RecordKey) {
        let version = self.advance(key);
        if let Some(row) = self.state.records.get(key) {
            let row = Row { version, modified: row.modified.max(self.now), ..row.clone() };
            self.state.records.set(key.clone(), Some(row));
        }
    }

    fn claim(&mut self, claim: ClaimKey, record: RecordRef) -> Outcome<()> {
        match self.state.claims.get(&claim) {
            Some(holder) if *holder != record => {
                let holder = holder.clone();
                Err(Box::new(Refused::Claim(claim, holder)))
            }
            _ => {
                self.state.claims.set(claim, Some(record));
                Ok(())
            }
        }
    }

    fn link(&mut self, link: LinkKey) -> Outcome<()> {
        let ends = ends(&link);
        if let Some(missing) = ends.iter().find(|end| self.state.records.get(end).is_none()) {
            return Err(Box::new(Refused::Missing(missing.clone())));
        }
        if !self.state.links.has(&link) {
            ends.iter().for_each(|end| self.touch(end));
            let number = self.state.next();
            self.state.links.add(link, number);
        }
        Ok(())
    }

    fn raise(&mut self, mark: MarkKey) {
        let version = self.state.mark(&mark) + 1;
        self.state.marks.set(mark, Some(version));
    }

    fn append(&mut self, space: Space, stream: Stream, body: serde_json::Value) {
        let position = self.state.next();
        let event = Event { position, time: self.now, body };
        self.state.events.set((space, stream, position), Some(event));
        self.positions.push(position);
    }

    fn trim(&mut self, space: &Space, stream: Stream, before: u64) {
        let first = (space.clone(), stream, 0);
        let gone = self.state.events.from(first).map(|(key, _)| key.clone());
        let gone: Vec<_> = gone.take_while(|key| key < &(space.clone(), stream, before)).collect();
        gone.into_iter().for_each(|key| self.state.events.set(key, None));
    }

    fn amend(&mut self, space: Space, stream: Stream, position: u64, body: serde_json::Value) {
        let key = (space, stream, position);
        if let Some(event) = self.state.events.get(&key) {
            let event = Event { body, ..event.clone() };
            self.state.events.set(key, Some(event));
        }
    }

    fn remember_counter(&mut self, key: &CounterKey) {
        let now = self.state.counters.get(key).copied().unwrap_or_default();
        self.counters_before.entry(key.clone()).or_insert(now);
    }

    fn counters(&mut self) -> Outcome<Vec<CounterChange>> {
        let mut changes = Vec::with_capacity(self.adds.len());
        for (key, adds) in std::mem::take(&mut self.adds) {
            let is = self.state.counters.get(&key).copied().unwrap_or_default();
            let Some(after) = adds.apply(is) else {
                return Err(Box::new(Refused::Bound { counter: key, is, by: adds.sum() }));
            };
            let before = self.counters_before.get(&key).copied().unwrap_or(is);
            self.state.counters.set(key.clone(), Some(after));
            changes.push(CounterChange { key, before, after });
        }
        Ok(changes)
    }
}

/// The records that a link joins.
fn ends(link: &LinkKey) -> [RecordKey; 2] {
    [&link.owner, &link.member].map(|end| RecordKey { space: link.space.clone(), record: end.clone() })
}
