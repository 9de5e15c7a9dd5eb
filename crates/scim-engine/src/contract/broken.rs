//! Stores that break one promise each, so that the suite itself can be tested.
//!
//! [`Broken`] is the in-memory store with one [`Fault`]. The suite must fail on it, in the tests that are
//! about the fault; a suite that does not proves nothing about the stores that pass it.

mod commits;
mod events;
mod listings;
mod reads;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::MemoryStore;
use crate::store::{
    Batch, CommitError, Committed, DueKey, Note, NoteKey, Query, QueryPage, ReadKey, ReadValue, RecordKey,
    Space, Store, StoreError, Write,
};
use events::Events;

/// How a [`Broken`] store breaks its promises. Each is a fault that real stores have had.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// A put takes the place of any version, whichever it names.
    LostUpdate,
    /// Guards on what was found there are not checked.
    WriteSkew,
    /// Guards on what was not found there are not checked.
    Phantom,
    /// Guards on marks are not checked.
    StaleMark,
    /// What a refused batch did before it was refused stays.
    TornBatch,
    /// Readers see a batch while half of it is done.
    HalfSeen,
    /// The keys of one read are not read in one snapshot.
    TornRead,
    /// An ensure overwrites what is there.
    EnsureOverwrites,
    /// A listing shows the records of other tenants.
    ListingLeak,
    /// A key that is not found is looked up among the others' keys.
    KeyLeak,
    /// Ties go by id alone.
    WrongTies,
    /// What is absent comes last in either direction.
    AbsentLast,
    /// Text is ordered as people would, not by code points.
    Collation,
    /// `not` of a comparison with something absent is not true, as in SQL.
    ThreeValuedLogic,
    /// `%` and `_` in a filter are wild cards.
    WildCards,
    /// A page begins with the record that it should begin behind.
    RepeatedRecord,
    /// A total counts the records of the page.
    PageTotal,
    /// What is left is counted from the beginning.
    LeftOfAll,
    /// A note that is there already stays.
    StaleNote,
    /// A note is found in every space.
    NoteLeak,
    /// Adding passes the bounds of a counter.
    SwallowedBound,
    /// A claim takes a value from its holder.
    StolenClaim,
    /// Positions are given out before the commit, so that one may be seen after a later one.
    SkippedEvent,
    /// Old events are not trimmed.
    IgnoredTrim,
    /// An amended event says what it said before.
    IgnoredAmend,
    /// The newest events come oldest first.
    OldestFirst,
    /// A listing of all records shows hidden ones.
    HiddenListed,
    /// Links show hidden far ends to everyone.
    HiddenFarEnds,
}

/// An in-memory store with a fault.
#[derive(Debug)]
pub struct Broken {
    store: MemoryStore,
    fault: Fault,
    seen: Mutex<Seen>,
    events: Events,
}

/// What was ever written, for the faults that mix it up.
#[derive(Debug, Default)]
struct Seen {
    spaces: BTreeSet<Space>,
    records: BTreeSet<RecordKey>,
}

impl Broken {
    /// An empty store with that fault.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self { store: MemoryStore::new(), fault, seen: Mutex::default(), events: Events::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn noted_under(&self, key: NoteKey) -> NoteKey {
        match self.fault {
            Fault::NoteLeak => NoteKey { space: Space::shared("note", "all"), ..key },
            _ => key,
        }
    }

    fn notice(&self, batch: &Batch) {
        let mut seen = self.seen();
        for write in &batch.writes {
            if let Write::Put { record, .. } | Write::Ensure(record) = write {
                seen.spaces.insert(record.key.space.clone());
                seen.records.insert(record.key.clone());
            }
        }
    }
}

impl Store for Broken {
    async fn read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        match self.fault {
            Fault::TornRead => self.torn_read(keys).await,
            Fault::KeyLeak => self.leaking_read(keys).await,
            Fault::HiddenFarEnds => self.read_with_hidden_far_ends(keys).await,
            Fault::SkippedEvent => self.read_with_own_events(keys).await,
            Fault::OldestFirst => self.read_oldest_first(keys).await,
            _ => self.store.read(keys).await,
        }
    }

    async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        match self.fault {
            Fault::ListingLeak => self.leaking_query(query).await,
            Fault::WrongTies | Fault::AbsentLast | Fault::Collation => self.disordered_query(query).await,
            Fault::ThreeValuedLogic | Fault::WildCards => self.misread_query(query).await,
            Fault::RepeatedRecord => self.repeating_query(query).await,
            Fault::LeftOfAll => self.query_with_all_left(query).await,
            Fault::PageTotal => self.query_with_page_total(query).await,
            Fault::HiddenListed => self.query_with_hidden(query).await,
            _ => self.store.query(query).await,
        }
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        self.notice(&batch);
        match self.fault {
            Fault::LostUpdate | Fault::EnsureOverwrites => self.overwriting_commit(batch).await,
            Fault::WriteSkew | Fault::Phantom | Fault::StaleMark => self.unguarded_commit(batch).await,
            Fault::TornBatch => self.torn_commit(batch).await,
            Fault::HalfSeen => self.commit_in_halves(batch).await,
            Fault::SwallowedBound => self.boundless_commit(batch).await,
            Fault::StolenClaim => self.stealing_commit(batch).await,
            Fault::SkippedEvent => self.commit_with_early_positions(batch).await,
            Fault::IgnoredTrim | Fault::IgnoredAmend => self.forgetful_commit(batch).await,
            _ => self.store.commit(batch).await,
        }
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        self.store.due(shard, before, limit).await
    }

    async fn note(&self, key: NoteKey, note: Note) -> Result<(), StoreError> {
        let key = self.noted_under(key);
        if self.fault == Fault::StaleNote && self.store.noted(key.clone()).await?.is_some() {
            return Ok(());
        }
        self.store.note(key, note).await
    }

    async fn noted(&self, key: NoteKey) -> Result<Option<Note>, StoreError> {
        self.store.noted(self.noted_under(key)).await
    }
}
