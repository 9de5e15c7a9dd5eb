//! What a store is asked by key.

use scim_core::{FarEnd, Links, Predicate};
use serde_json::Value;

use super::key::{ClaimKey, CounterKey, DueKey, LinkKey, MarkKey, RecordKey, Space, Stream};
use super::record::Record;

/// A question about one key.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadKey {
    /// The record: [`ReadValue::Record`], visible or not.
    Record(RecordKey),
    /// The record that holds the value: [`ReadValue::Record`], visible or not.
    Holder(ClaimKey),
    /// The far ends of links: [`ReadValue::FarEnds`], in the order in which they were linked.
    Links(LinksKey),
    /// Whether there is such a link: [`ReadValue::Linked`].
    Link(LinkKey),
    /// The counter: [`ReadValue::Counter`].
    Counter(CounterKey),
    /// The version that stands for many records, 0 if never raised: [`ReadValue::Mark`].
    Mark(MarkKey),
    /// Events: [`ReadValue::Events`], in order of position.
    Events {
        /// The space.
        space: Space,
        /// The sequence.
        stream: Stream,
        /// Only events after this position; 0 for all.
        after: u64,
        /// How many at most.
        limit: usize,
    },
    /// The newest events: [`ReadValue::Events`], the newest first. What was committed when the read begins is
    /// found; unlike a reader of [`Events`](Self::Events), one that goes on from page to page backwards may
    /// miss what is committed meanwhile.
    EventsBefore {
        /// The space.
        space: Space,
        /// The sequence.
        stream: Stream,
        /// Only events before this position; `u64::MAX` for all.
        before: u64,
        /// How many at most.
        limit: usize,
    },
    /// Work that waits: [`ReadValue::Due`].
    Due(DueKey),
}

/// Which far ends to read.
#[derive(Clone, Debug, PartialEq)]
pub struct LinksKey {
    /// The record whose links they are.
    pub of: RecordKey,
    /// The kind of link, and which end the record is. Hidden far ends are read if it shows them.
    pub links: Links,
    /// Which far ends: a condition on [`scim_core::Part`]s of far ends.
    pub only: Option<Predicate>,
    /// How many at most.
    pub limit: usize,
}

/// The answer to a [`ReadKey`].
#[derive(Clone, Debug, PartialEq)]
pub enum ReadValue {
    /// The record, if there is one.
    Record(Option<Box<Record>>),
    /// The far ends.
    FarEnds(Vec<FarEnd>),
    /// Whether there is such a link.
    Linked(bool),
    /// The counter, if there is one.
    Counter(Option<Counter>),
    /// The version.
    Mark(u64),
    /// The events.
    Events(Vec<Event>),
    /// When the work is due and what it is.
    Due(Option<(i64, Value)>),
}

/// A number that is only ever added to, with its bounds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counter {
    /// The number.
    pub value: i64,
    /// What it may not fall below by adding.
    pub floor: Option<i64>,
    /// What it may not rise above by adding.
    pub limit: Option<i64>,
}

impl Counter {
    /// The counter with these bounds; none where its value is outside of them.
    #[must_use]
    pub fn bounded(self, floor: Option<i64>, limit: Option<i64>) -> Option<Self> {
        let within =
            floor.is_none_or(|floor| floor <= self.value) && limit.is_none_or(|limit| self.value <= limit);
        within.then_some(Self { floor, limit, ..self })
    }
}

/// An event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its position: greater than that of every event committed before.
    pub position: u64,
    /// When it was committed, in milliseconds since 1970.
    pub time: i64,
    /// What happened.
    pub body: Value,
}
