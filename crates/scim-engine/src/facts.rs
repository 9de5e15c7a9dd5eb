//! What rules know when they decide, and what they still need to know.

use std::collections::HashMap;

use scim_core::{FarEnd, Links};

use crate::store::{
    ClaimKey, Counter, CounterKey, LinkKey, LinksKey, MarkKey, ReadKey, ReadValue, Record, RecordKey,
};

/// A question that rules may ask.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum FactKey {
    /// A record, visible or not.
    Record(RecordKey),
    /// The record that holds a value, visible or not.
    Holder(ClaimKey),
    /// The far ends of a record's links, as many as one commit may change and one more.
    Links(RecordKey, Links),
    /// Whether there is such a link.
    Link(LinkKey),
    /// A counter.
    Counter(CounterKey),
    /// A version that stands for many records.
    Mark(MarkKey),
}

/// What is known, absence included. Each fact was read in one snapshot with those asked along with it.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    known: HashMap<FactKey, ReadValue>,
}

impl Facts {
    pub(crate) fn insert(&mut self, key: FactKey, value: ReadValue) {
        self.known.insert(key, value);
    }

    pub(crate) fn knows(&self, key: &FactKey) -> bool {
        self.known.contains_key(key)
    }

    /// Starts to look facts up; what is not known yet is collected.
    #[must_use]
    pub fn lookup(&self) -> Lookup<'_> {
        Lookup { facts: self, needed: Vec::new() }
    }
}

/// Looks facts up. A look-up of something unknown answers as if it were absent and notes the need, so
/// that a rule can ask for all it wants to know before it looks whether [`needed`](Lookup::needed) is
/// empty.
#[derive(Debug)]
pub struct Lookup<'f> {
    facts: &'f Facts,
    needed: Vec<FactKey>,
}

impl<'f> Lookup<'f> {
    /// The facts that were asked for and are not known yet.
    #[must_use]
    pub fn needed(self) -> Vec<FactKey> {
        self.needed
    }

    /// Whether everything asked for so far is known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.needed.is_empty()
    }

    fn find(&mut self, key: FactKey) -> Option<&'f ReadValue> {
        let found = self.facts.known.get(&key);
        if found.is_none() && !self.needed.contains(&key) {
            self.needed.push(key);
        }
        found
    }

    /// The record, if there is one.
    pub fn record(&mut self, key: RecordKey) -> Option<&'f Record> {
        match self.find(FactKey::Record(key)) {
            Some(ReadValue::Record(record)) => record.as_deref(),
            _ => None,
        }
    }

    /// The record that holds the value, if one does.
    pub fn holder(&mut self, key: ClaimKey) -> Option<&'f Record> {
        match self.find(FactKey::Holder(key)) {
            Some(ReadValue::Record(record)) => record.as_deref(),
            _ => None,
        }
    }

    /// The far ends of a record's links.
    pub fn links(&mut self, of: RecordKey, links: Links) -> &'f [FarEnd] {
        match self.find(FactKey::Links(of, links)) {
            Some(ReadValue::FarEnds(ends)) => ends,
            _ => &[],
        }
    }

    /// Whether there is such a link.
    pub fn is_linked(&mut self, key: LinkKey) -> bool {
        matches!(self.find(FactKey::Link(key)), Some(ReadValue::Linked(true)))
    }

    /// The counter, if there is one.
    pub fn counter(&mut self, key: CounterKey) -> Option<Counter> {
        match self.find(FactKey::Counter(key)) {
            Some(ReadValue::Counter(counter)) => *counter,
            _ => None,
        }
    }

    /// The version of a mark.
    pub fn mark(&mut self, key: MarkKey) -> u64 {
        match self.find(FactKey::Mark(key)) {
            Some(ReadValue::Mark(version)) => *version,
            _ => 0,
        }
    }
}

impl FactKey {
    /// The question as the store is asked it.
    pub(crate) fn read_key(&self, most_links: usize) -> ReadKey {
        match self.clone() {
            Self::Record(key) => ReadKey::Record(key),
            Self::Holder(key) => ReadKey::Holder(key),
            Self::Links(of, links) => {
                ReadKey::Links(LinksKey { of, links, only: None, limit: most_links.saturating_add(1) })
            }
            Self::Link(key) => ReadKey::Link(key),
            Self::Counter(key) => ReadKey::Counter(key),
            Self::Mark(key) => ReadKey::Mark(key),
        }
    }
}
