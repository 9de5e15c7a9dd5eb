//! What stands on a draft: all that is known, as the batches that were committed to it leave it.

use std::collections::BTreeSet;
use std::sync::Arc;

use scim_core::{End, FarEnd, Relation};
use serde_json::Map;

use super::below::{Below, Wanted};
use crate::memory::state::{Row, State};
use crate::store::{
    Batch, Committed, DueKey, Guard, LinkKey, LinksKey, MarkKey, PutRecord, ReadKey, ReadValue, Record,
    RecordKey, RecordRef, Refused, Write,
};

#[derive(Default)]
pub(super) struct Sheet {
    /// What is known, as the draft leaves it.
    pub(super) state: State,
    pub(super) below: Below,
    /// All that was committed, in order.
    pub(super) batch: Batch,
    /// Records that were read for their own sake, and not only because a batch names them.
    pub(super) asked: BTreeSet<RecordKey>,
    /// Marks likewise.
    pub(super) asked_marks: BTreeSet<MarkKey>,
    /// Records that are guarded even if they are merely linked.
    pub(super) pinned: BTreeSet<RecordKey>,
    /// Lists of links that were cleared, so that nothing of them counts that stands below.
    cleared: BTreeSet<(RecordKey, Relation, End)>,
    /// Records that were deleted, likewise.
    deleted: BTreeSet<RecordKey>,
    /// Records whose name or visibility is perhaps another one than below.
    renamed: BTreeSet<RecordKey>,
    /// Work that was put into the queue, moved or taken out.
    scheduled: BTreeSet<DueKey>,
}

impl Sheet {
    pub(super) fn pin(&mut self, key: RecordKey) {
        self.pinned.insert(key);
    }

    /// How many links the batches add or remove.
    pub(super) fn links(&self) -> usize {
        let is_link = |write: &&Write| matches!(write, Write::Link(_) | Write::Unlink(_));
        self.batch.writes.iter().filter(is_link).count()
    }

    /// What must be read below to answer the questions.
    pub(super) fn asked(&mut self, keys: &[ReadKey]) -> Wanted {
        let mut wanted = Wanted::default();
        for (number, key) in keys.iter().enumerate() {
            match key {
                ReadKey::Record(key) => {
                    self.asked.insert(key.clone());
                    self.want_record(key.clone(), &mut wanted);
                }
                ReadKey::Holder(claim) => {
                    if !self.below.holders.contains_key(claim) {
                        wanted.holders.insert(claim.clone());
                    }
                }
                ReadKey::Link(link) => self.want_link(link, &mut wanted),
                ReadKey::Counter(counter) => {
                    if !self.below.counters.contains_key(counter) {
                        wanted.counters.insert(counter.clone());
                    }
                }
                ReadKey::Mark(mark) => {
                    self.asked_marks.insert(mark.clone());
                    self.want_mark(mark.clone(), &mut wanted);
                }
                ReadKey::Links(list) => self.want_list(number, list, &mut wanted),
                ReadKey::Due(due) if self.scheduled.contains(due) => {}
                ReadKey::Due(_)
                | ReadKey::Events { .. }
                | ReadKey::EventsBefore { .. }
                | ReadKey::Waiting { .. } => {
                    wanted.passed.push((number, key.clone()));
                }
            }
        }
        wanted
    }

    /// What must be read below to carry out a batch.
    pub(super) fn touched(&self, batch: &Batch) -> Wanted {
        let mut wanted = Wanted::default();
        for guard in &batch.guards {
            match guard {
                Guard::Version(key, _) => self.want_record(key.clone(), &mut wanted),
                Guard::Holder(claim, _) => drop(wanted.holders.insert(claim.clone())),
                Guard::Link(link, _) => self.want_link(link, &mut wanted),
                Guard::Mark(mark, _) => self.want_mark(mark.clone(), &mut wanted),
            }
        }
        for write in &batch.writes {
            match write {
                Write::Put { record, .. } | Write::Ensure(record) => {
                    self.want_record(record.key.clone(), &mut wanted);
                }
                Write::Delete { key, .. } => self.want_record(key.clone(), &mut wanted),
                Write::Claim(claim, _) | Write::Release(claim, _) => {
                    wanted.holders.insert(claim.clone());
                }
                Write::Link(link) | Write::Unlink(link) => {
                    ends(link).into_iter().for_each(|end| self.want_record(end, &mut wanted));
                    self.want_link(link, &mut wanted);
                }
                Write::Raise(mark) => self.want_mark(mark.clone(), &mut wanted),
                Write::SetCounter(counter, _)
                | Write::SetBounds { counter, .. }
                | Write::Add { counter, .. } => {
                    if !self.below.counters.contains_key(counter) {
                        wanted.counters.insert(counter.clone());
                    }
                }
                Write::ClearLinks { .. }
                | Write::Append { .. }
                | Write::Trim { .. }
                | Write::Amend { .. }
                | Write::Schedule { .. }
                | Write::Unschedule(_) => {}
            }
        }
        wanted.holders.retain(|claim| !self.below.holders.contains_key(claim));
        wanted
    }

    fn want_record(&self, key: RecordKey, wanted: &mut Wanted) {
        if !self.below.records.contains_key(&key) {
            wanted.records.insert(key);
        }
    }

    fn want_mark(&self, mark: MarkKey, wanted: &mut Wanted) {
        if !self.below.marks.contains_key(&mark) {
            wanted.marks.insert(mark);
        }
    }

    /// A link comes with its ends, for it is shown by their names.
    fn want_link(&self, link: &LinkKey, wanted: &mut Wanted) {
        if !self.below.links.contains_key(link) && !self.is_masked(link) {
            wanted.links.insert(link.clone());
            ends(link).into_iter().for_each(|end| self.want_record(end, wanted));
        }
    }

    fn want_list(&mut self, number: usize, list: &LinksKey, wanted: &mut Wanted) {
        let LinksKey { of, links, .. } = list;
        self.below.lists.insert(of.clone());
        self.asked.insert(of.clone());
        self.want_record(of.clone(), wanted);
        // A clear from the other end leaves the record as it is, and raises this mark.
        self.want_mark(MarkKey::names(&of.space), wanted);
        if self.has_none_below(of, links.relation, links.end) {
            return;
        }
        // The condition is about names and visibility as they stand below.
        for far in self.renamed.iter().filter(|far| far.space == of.space) {
            let link = LinkKey::between(&of.space, *links, of.record.clone(), far.record.clone());
            self.want_link(&link, wanted);
        }
        let joins =
            |link: &&LinkKey| link.space == of.space && (link.owner == of.record || link.member == of.record);
        let known = self.below.links.keys().filter(joins).count();
        let mut below = list.clone();
        below.limit =
            below.limit.saturating_add(known + wanted.links.len() + self.deleted.len() + self.cleared.len());
        wanted.passed.push((number, ReadKey::Links(below)));
    }

    /// Remembers what was read below; what was known before stays.
    pub(super) fn learn(&mut self, key: ReadKey, value: ReadValue) {
        match (key, value) {
            (ReadKey::Record(key), ReadValue::Record(record)) => self.learn_record(key, record),
            (ReadKey::Holder(claim), ReadValue::Record(record)) => {
                let holder = record.as_ref().map(|record| record.key.record.clone());
                if let Some(record) = record {
                    self.learn_record(record.key.clone(), Some(record));
                }
                if !self.below.holders.contains_key(&claim) {
                    if holder.is_some() {
                        self.state.claims.set(claim.clone(), holder.clone());
                    }
                    self.below.holders.insert(claim, holder);
                }
            }
            (ReadKey::Link(link), ReadValue::Linked(linked)) if !self.below.links.contains_key(&link) => {
                if linked {
                    let number = self.state.next();
                    self.state.links.add(link.clone(), number);
                }
                self.below.links.insert(link, linked);
            }
            (ReadKey::Counter(key), ReadValue::Counter(counter)) => {
                self.below.counters.entry(key.clone()).or_insert_with(|| {
                    self.state.counters.set(key, counter);
                    counter
                });
            }
            (ReadKey::Mark(key), ReadValue::Mark(version)) => {
                self.below.marks.entry(key.clone()).or_insert_with(|| {
                    self.state.marks.set(key, Some(version));
                    version
                });
            }
            _ => {}
        }
    }

    fn learn_record(&mut self, key: RecordKey, record: Option<Box<Record>>) {
        if self.below.records.contains_key(&key) {
            return;
        }
        self.below.records.insert(key.clone(), record.as_ref().map(|record| record.version));
        if let Some(record) = record {
            self.state.records.set(key, Some(row(*record)));
        }
    }

    /// The answer to a question, whose part below may have come along.
    pub(super) fn read(&self, key: &ReadKey, below: Option<ReadValue>) -> ReadValue {
        match (key, below) {
            (ReadKey::Links(list), below) => {
                let below = match below {
                    Some(ReadValue::FarEnds(ends)) => ends,
                    _ => Vec::new(),
                };
                ReadValue::FarEnds(self.list(list, below))
            }
            (ReadKey::Due(_) | ReadKey::Events { .. } | ReadKey::EventsBefore { .. }, Some(value)) => value,
            (key, _) => self.state.read(key),
        }
    }

    fn list(&self, list: &LinksKey, below: Vec<FarEnd>) -> Vec<FarEnd> {
        let LinksKey { of, links, only, limit } = list;
        let stays = |end: FarEnd| {
            let far = RecordRef::new(&end.resource_type, &end.id);
            let link = LinkKey::between(&of.space, *links, of.record.clone(), far.clone());
            if self.below.links.contains_key(&link) || self.is_masked(&link) {
                return None;
            }
            let far = RecordKey { space: of.space.clone(), record: far };
            if !self.below.records.contains_key(&far) {
                return Some(end);
            }
            let put = &self.state.records.get(&far)?.put;
            Some(FarEnd { name: put.name.clone(), visible: put.visible, ..end })
        };
        below
            .into_iter()
            .filter_map(stays)
            .chain(self.state.far_ends(of, *links))
            .filter(|end| end.visible || links.shows_hidden)
            .filter(|end| only.as_ref().is_none_or(|only| only.matches_far_end(end)))
            .take(*limit)
            .collect()
    }

    /// Whether nothing counts that stands below about this link.
    fn is_masked(&self, link: &LinkKey) -> bool {
        let [owner, member] = ends(link);
        self.has_none_below(&owner, link.relation, End::Owner)
            || self.has_none_below(&member, link.relation, End::Member)
    }

    /// Whether the record has no links of that kind but those of the draft.
    fn has_none_below(&self, of: &RecordKey, relation: Relation, end: End) -> bool {
        self.below.lacks(of)
            || self.deleted.contains(of)
            || self.cleared.contains(&(of.clone(), relation, end))
    }

    /// Carries a batch out on what is known, which must be all that it [touches](Self::touched).
    pub(super) fn commit(&mut self, batch: Batch) -> Result<Committed, Box<Refused>> {
        let renamed: Vec<RecordKey> = batch.writes.iter().filter_map(|write| self.renames(write)).collect();
        let committed = self.state.commit(batch.clone())?;
        self.renamed.extend(renamed);
        for guard in batch.guards {
            match guard {
                Guard::Version(key, _) => drop(self.pinned.insert(key)),
                Guard::Mark(mark, _) => drop(self.asked_marks.insert(mark)),
                // These are guarded in any case.
                Guard::Holder(..) | Guard::Link(..) => {}
            }
        }
        for write in &batch.writes {
            match write {
                Write::Delete { key, .. } => drop(self.deleted.insert(key.clone())),
                Write::ClearLinks { of, links } => {
                    self.cleared.insert((of.clone(), links.relation, links.end));
                }
                Write::Schedule { key, .. } | Write::Unschedule(key) => {
                    self.scheduled.insert(key.clone());
                }
                _ => {}
            }
        }
        self.batch.now = self.batch.now.max(batch.now);
        self.batch.writes.extend(batch.writes);
        Ok(committed)
    }

    /// The record that stands below, and is called or shown differently by this write.
    fn renames(&self, write: &Write) -> Option<RecordKey> {
        let Write::Put { record, .. } = write else { return None };
        let was = &self.state.records.get(&record.key)?.put;
        let same = was.name == record.name && was.visible == record.visible;
        (!same && !self.below.lacks(&record.key)).then(|| record.key.clone())
    }
}

/// A record as the in-memory state holds it. What only listings look at is left out.
fn row(record: Record) -> Row {
    let Record { key, version, visible, created, modified, name, document, extra } = record;
    let put = PutRecord { key, visible, name, document, extra, form: Map::new(), indexed: Vec::new() };
    Row { version, created, modified, put: Arc::new(put) }
}

/// The records that a link joins.
pub(super) fn ends(link: &LinkKey) -> [RecordKey; 2] {
    [&link.owner, &link.member].map(|end| RecordKey { space: link.space.clone(), record: end.clone() })
}
