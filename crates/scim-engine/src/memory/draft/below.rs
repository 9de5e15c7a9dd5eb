//! What stands in the store below a draft, as far as it was looked at.

use std::collections::{BTreeMap, BTreeSet};

use crate::store::{
    ClaimKey, Counter, CounterKey, Guard, LinkKey, MarkKey, ReadKey, ReadValue, RecordKey, RecordRef, Refused,
};

/// What was read below.
#[derive(Default)]
pub(super) struct Below {
    /// The versions of records; none where there is no such record.
    pub(super) records: BTreeMap<RecordKey, Option<u64>>,
    pub(super) holders: BTreeMap<ClaimKey, Option<RecordRef>>,
    pub(super) links: BTreeMap<LinkKey, bool>,
    pub(super) counters: BTreeMap<CounterKey, Option<Counter>>,
    pub(super) marks: BTreeMap<MarkKey, u64>,
    /// Records whose lists of links were read.
    pub(super) lists: BTreeSet<RecordKey>,
}

impl Below {
    pub(super) fn version(&self, key: &RecordKey) -> Option<u64> {
        self.records.get(key).copied().flatten()
    }

    /// Whether the record is known not to be there.
    pub(super) fn lacks(&self, key: &RecordKey) -> bool {
        self.records.get(key) == Some(&None)
    }

    /// Everything that was read, to be read again. Names count only where they stand for a list.
    pub(super) fn all(&self) -> Wanted {
        let listed: BTreeSet<MarkKey> = self.lists.iter().map(|of| MarkKey::names(&of.space)).collect();
        let counts = |mark: &&MarkKey| !is_names(mark) || listed.contains(*mark);
        Wanted {
            records: self.records.keys().cloned().collect(),
            holders: self.holders.keys().cloned().collect(),
            links: self.links.keys().cloned().collect(),
            counters: self.counters.keys().cloned().collect(),
            marks: self.marks.keys().filter(counts).cloned().collect(),
            passed: Vec::new(),
        }
    }

    /// The refusal that a value means which is no longer what was read; none while it is the same.
    pub(super) fn refutes(&self, key: &ReadKey, value: &ReadValue) -> Option<Refused> {
        match (key, value) {
            (ReadKey::Record(key), ReadValue::Record(record)) => {
                let was = *self.records.get(key)?;
                let is = record.as_ref().map(|record| record.version);
                (was != is).then(|| Refused::Guard(Guard::Version(key.clone(), was)))
            }
            (ReadKey::Holder(claim), ReadValue::Record(record)) => {
                let was = self.holders.get(claim)?;
                let is = record.as_ref().map(|record| &record.key.record);
                (was.as_ref() != is).then(|| Refused::Guard(Guard::Holder(claim.clone(), was.clone())))
            }
            (ReadKey::Link(link), ReadValue::Linked(is)) => {
                let was = *self.links.get(link)?;
                (was != *is).then(|| Refused::Guard(Guard::Link(link.clone(), was)))
            }
            (ReadKey::Mark(mark), ReadValue::Mark(is)) => {
                let was = *self.marks.get(mark)?;
                (was != *is).then(|| Refused::Guard(Guard::Mark(mark.clone(), was)))
            }
            (ReadKey::Counter(counter), ReadValue::Counter(is)) => {
                let was = *self.counters.get(counter)?;
                let refused =
                    || Refused::Bound { counter: counter.clone(), is: is.unwrap_or_default(), by: 0 };
                (was != *is).then(refused)
            }
            _ => None,
        }
    }
}

/// Whether the mark is the one that entity tags show.
pub(super) fn is_names(mark: &MarkKey) -> bool {
    *mark == MarkKey::names(&mark.space)
}

/// What has to be read below.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) records: BTreeSet<RecordKey>,
    pub(super) holders: BTreeSet<ClaimKey>,
    pub(super) links: BTreeSet<LinkKey>,
    pub(super) counters: BTreeSet<CounterKey>,
    pub(super) marks: BTreeSet<MarkKey>,
    /// What is read each time, with the numbers of the questions it belongs to, in order.
    pub(super) passed: Vec<(usize, ReadKey)>,
}

impl Wanted {
    /// The questions; those at the end belong to the questions of these numbers.
    pub(super) fn keys(self) -> (Vec<ReadKey>, Vec<usize>) {
        let Self { records, holders, links, counters, marks, passed } = self;
        let mut keys: Vec<ReadKey> = records.into_iter().map(ReadKey::Record).collect();
        keys.extend(holders.into_iter().map(ReadKey::Holder));
        keys.extend(links.into_iter().map(ReadKey::Link));
        keys.extend(counters.into_iter().map(ReadKey::Counter));
        keys.extend(marks.into_iter().map(ReadKey::Mark));
        let (numbers, rest): (Vec<usize>, Vec<ReadKey>) = passed.into_iter().unzip();
        keys.extend(rest);
        (keys, numbers)
    }
}
