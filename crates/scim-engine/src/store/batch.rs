//! What a store is asked to change, all or nothing.

use std::fmt;

use scim_core::{Document, Links};
use serde_json::{Map, Value};

use super::key::{ClaimKey, CounterKey, DueKey, LinkKey, MarkKey, RecordKey, RecordRef, Space, Stream};
use super::read::Counter;

/// Changes that happen as a whole, if all guards hold at that moment.
///
/// Guards and `replaces` are about the versions before the batch, wherever in the batch they stand. A
/// record that the batch writes, however often and in whatever ways, gets the version one above that, or
/// 1 where there was none. Its time of modification becomes `now`, unless it is later already.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// The time of the commit, in milliseconds since 1970.
    pub now: i64,
    /// What must still be true.
    pub guards: Vec<Guard>,
    /// What changes, in order.
    pub writes: Vec<Write>,
}

/// Something that was read and must still be so.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Guard {
    /// The record has this version; none means that there is no such record.
    Version(RecordKey, Option<u64>),
    /// The value is held by this record; none means by nobody.
    Holder(ClaimKey, Option<RecordRef>),
    /// There is such a link, or there is none.
    Link(LinkKey, bool),
    /// The mark has this version.
    Mark(MarkKey, u64),
}

/// A change.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Writes a record. `replaces` is the version that it takes the place of, none to create it; any
    /// other version in the store refuses the batch.
    Put {
        /// The record.
        record: Box<PutRecord>,
        /// The version before.
        replaces: Option<u64>,
    },
    /// Creates a record unless there is one already.
    Ensure(Box<PutRecord>),
    /// Deletes a record of this version, with all its links; far ends are not touched.
    Delete {
        /// The record.
        key: RecordKey,
        /// The version before.
        replaces: u64,
    },
    /// Takes a value for a record; refused while another record holds it.
    Claim(ClaimKey, RecordRef),
    /// Gives a value up; nothing happens unless the record holds it.
    Release(ClaimKey, RecordRef),
    /// Links two records; refused unless both are there. Where there was no such link, both ends are
    /// touched: version and time of modification advance.
    Link(LinkKey),
    /// Removes a link; where there was one, both ends are touched.
    Unlink(LinkKey),
    /// Removes all links of a record; neither end is touched.
    ClearLinks {
        /// The record.
        of: RecordKey,
        /// The kind of link, and which end the record is.
        links: Links,
    },
    /// Raises a mark.
    Raise(MarkKey),
    /// Sets a counter, or its bounds, whatever it was before.
    SetCounter(CounterKey, Counter),
    /// Sets the bounds of a counter and leaves its value, whatever others add at the same time; refused while
    /// the value is outside of them. A counter that is not there starts at 0.
    SetBounds {
        /// The counter.
        counter: CounterKey,
        /// What it may not fall below by adding.
        floor: Option<i64>,
        /// What it may not rise above by adding.
        limit: Option<i64>,
    },
    /// Adds to a counter; one that is not there starts at 0 without bounds. All adds of a batch to one
    /// counter are summed up and checked once, after all that sets it: a sum above 0 against the limit,
    /// below 0 against the floor. [`Adds`](super::Adds) does the sum.
    Add {
        /// The counter.
        counter: CounterKey,
        /// How much.
        by: i64,
        /// What happens above the limit.
        on_limit: OnLimit,
    },
    /// Appends an event.
    Append {
        /// The space.
        space: Space,
        /// The sequence.
        stream: Stream,
        /// What happened.
        body: Value,
    },
    /// Removes the events before a position. Later events get later positions all the same, even where none
    /// is left.
    Trim {
        /// The space.
        space: Space,
        /// The sequence.
        stream: Stream,
        /// The first position that stays.
        before: u64,
    },
    /// Writes what an event says anew, such as without what must not be kept; place and time stay. Nothing
    /// happens where there is no such event.
    Amend {
        /// The space.
        space: Space,
        /// The sequence.
        stream: Stream,
        /// The place of the event.
        position: u64,
        /// What happened.
        body: Value,
    },
    /// Puts work into the queue, or moves it.
    Schedule {
        /// The work.
        key: DueKey,
        /// When it is due, in milliseconds since 1970.
        at: i64,
        /// What to do.
        body: Value,
    },
    /// Takes work out of the queue.
    Unschedule(DueKey),
}

/// A record to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct PutRecord {
    /// Its key.
    pub key: RecordKey,
    /// Whether the protocol shows it.
    pub visible: bool,
    /// What it is called where links show it.
    pub name: Option<String>,
    /// Its attributes.
    pub document: Document,
    /// What the application keeps beside the attributes.
    pub extra: Map<String, Value>,
    /// The match form of the document; `$shown` as in `extra`.
    pub form: Map<String, Value>,
    /// Paths and folded values that equality finds by index, such as `emails.value`.
    pub indexed: Vec<(String, String)>,
}

/// What an add does that would take a counter above its limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OnLimit {
    /// It refuses the batch.
    Refuse,
    /// It raises the limit by as many of these steps as it takes.
    Raise {
        /// The size of a step, above 0.
        step: i64,
    },
}

/// What came of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Committed {
    /// The new version of each record that was put, created or touched and is still there, each once, in
    /// any order.
    pub versions: Vec<(RecordKey, u64)>,
    /// The counters that were added to, each once, in any order.
    pub counters: Vec<CounterChange>,
    /// The positions of appended events, in order.
    pub positions: Vec<u64>,
}

/// A counter before and after a batch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CounterChange {
    /// The counter.
    pub key: CounterKey,
    /// What it was before the batch.
    pub before: Counter,
    /// What it is.
    pub after: Counter,
}

/// What refused a batch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refused {
    /// A guard did not hold; also the version of a record that was to be put or deleted.
    Guard(Guard),
    /// Another record holds the value.
    Claim(ClaimKey, RecordRef),
    /// One end of a link is not there.
    Missing(RecordKey),
    /// A counter would leave its bounds.
    Bound {
        /// The counter.
        counter: CounterKey,
        /// What it is.
        is: Counter,
        /// What was to be added, in sum.
        by: i64,
    },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guard(Guard::Version(key, _)) => {
                write!(f, "{} {} has changed", key.record.kind, key.record.id)
            }
            Self::Guard(Guard::Holder(claim, _)) => write!(f, "the holder of {} has changed", claim.name),
            Self::Guard(Guard::Link(link, _)) => write!(f, "a {} link has changed", link.relation),
            Self::Guard(Guard::Mark(mark, _)) => write!(f, "{} have changed", mark.name),
            Self::Claim(claim, _) => write!(f, "{} is taken", claim.name),
            Self::Missing(key) => write!(f, "there is no {} {}", key.record.kind, key.record.id),
            Self::Bound { counter, .. } => write!(f, "{} would leave its bounds", counter.name),
        }
    }
}
