//! Whether everything beside the documents agrees with them: what is decided, whatever the database.
//!
//! A backend goes through its tables in one snapshot and tells a [`Check`] what it finds. What can be made
//! again comes out as [`Mend`]s, which the backend carries out in small transactions.

mod mend;
mod record;
mod sums;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use scim_core::text::Folding;
use scim_engine::store::{ClaimKey, Record, RecordKey, RecordRef, SHARDS, Space};

pub use mend::{IndexedKey, LinkRow, MEND_AT_ONCE, Mend, Menders, REPAIR_MARK, repair};
pub use record::{Beside, StoredRecord, Wanted, expected};
pub use scim_engine::check::{Expectation, Expected, Fault, FaultKind, Seen};

use crate::index_key::unique_key;
use crate::sql::Param;

/// How many faults a check names.
const MOST_FAULTS: usize = 1_000;

/// How many mends it remembers; a repair looks again when it has carried them out.
const MOST_MENDS: usize = 100_000;

/// Whether records of the space are ever listed; those of shared things are reached by key only.
#[must_use]
pub fn is_listed(key: &RecordKey) -> bool {
    key.space.as_str().starts_with("tenant/")
}

/// What a record is called, in the foldings that links are compared by.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoldedNames<'n> {
    /// As it is.
    pub exact: Option<Cow<'n, str>>,
    /// Without case.
    pub folded: Option<Cow<'n, str>>,
}

impl<'n> FoldedNames<'n> {
    /// Folds a name.
    #[must_use]
    pub fn of(name: Option<&'n str>) -> Self {
        Self {
            exact: name.map(|name| Folding::Exact.fold(name)),
            folded: name.map(|name| Folding::CaseFolded.fold(name)),
        }
    }
}

/// What a check has come to.
#[derive(Debug, Default)]
pub struct Findings {
    /// What does not agree.
    pub faults: Vec<Fault>,
    /// What mends records, claims, links and work.
    pub mends: Vec<Mend>,
    /// What mends sums, which are right only when there is nothing else to mend. None as long as a record
    /// cannot be read.
    pub sums: Vec<Mend>,
    /// The version of the [`REPAIR_MARK`] in the same snapshot.
    pub mark: i64,
}

/// The faults that were found, and what the records add up to.
pub struct Check<'e> {
    expectation: &'e dyn Expectation,
    findings: Findings,
    visible: BTreeMap<(String, String), i64>,
    index_rows: i64,
    index_is_faulty: bool,
    /// Whether a record could not be read, so that nobody knows what all add up to.
    is_blind: bool,
    counters: BTreeMap<(String, String), i64>,
    counter_names: BTreeSet<&'static str>,
}

/// A fault in the making: where it is, and what should and what is.
struct Place<'p> {
    what: FaultKind,
    space: &'p str,
    place: String,
}

impl<'e> Check<'e> {
    /// Nothing was looked at yet.
    #[must_use]
    pub fn new(expectation: &'e dyn Expectation) -> Self {
        Self {
            expectation,
            findings: Findings::default(),
            visible: BTreeMap::new(),
            index_rows: 0,
            index_is_faulty: false,
            is_blind: false,
            counters: BTreeMap::new(),
            counter_names: BTreeSet::new(),
        }
    }

    /// What the application says of its records.
    #[must_use]
    pub fn expectation(&self) -> &'e dyn Expectation {
        self.expectation
    }

    /// All that was found; `mark` is the version of the [`REPAIR_MARK`].
    #[must_use]
    pub fn into_findings(self, mark: i64) -> Findings {
        let sums = if self.is_blind { Vec::new() } else { self.findings.sums };
        Findings { mark, sums, ..self.findings }
    }

    /// What the database says of its own files.
    pub fn storage(&mut self, message: &str) {
        let place = Place { what: FaultKind::Storage, space: "", place: "the database file".to_owned() };
        self.fault(place, "whole", message, message.to_owned());
    }

    fn fault(&mut self, place: Place<'_>, expected: &str, found: &str, message: String) {
        if self.findings.faults.len() < MOST_FAULTS {
            self.findings.faults.push(Fault {
                what: place.what,
                space: place.space.to_owned(),
                place: place.place,
                expected: expected.to_owned(),
                found: found.to_owned(),
                message,
            });
        }
    }

    fn mend(&mut self, mend: Mend) {
        let mends = &mut self.findings.mends;
        if mends.len() < MOST_MENDS && mends.last() != Some(&mend) {
            mends.push(mend);
        }
    }

    /// A value whose holder the record must be, and who holds it.
    pub fn held(&mut self, record: &RecordKey, claim: &ClaimKey, holder: Option<&RecordRef>) {
        let RecordRef { kind, id } = &record.record;
        if holder != Some(&record.record) {
            let place = Place {
                what: FaultKind::Claim,
                space: record.space.as_str(),
                place: format!("{} {}", claim.name, claim.value),
            };
            let found = holder.map_or("nobody".to_owned(), |holder| format!("{} {}", holder.kind, holder.id));
            let message = format!("{kind} {id} does not hold its {} {}", claim.name, claim.value);
            self.fault(place, &format!("{kind} {id}"), &found, message);
            self.mend(Mend::Record(record.clone()));
        }
    }

    /// A row of the index that is missing.
    pub fn lacks(&mut self, record: &RecordKey, path: &str) {
        let RecordRef { kind, id } = &record.record;
        let place = Place {
            what: FaultKind::Index,
            space: record.space.as_str(),
            place: format!("{kind} {id} {path}"),
        };
        let message = format!("the index lacks the {path} of {kind} {id}");
        self.fault(place, "as the match form says", "missing", message);
        self.index_is_faulty = true;
        self.mend(Mend::Record(record.clone()));
    }

    /// A row of `unique_value`, whose value is what [stands for](unique_key) it, and the record that holds it.
    pub fn claim(&mut self, row: &ClaimKey, holder: &RecordRef, record: Option<&Record>) {
        let (space, RecordRef { kind, id }) = (row.space.as_str(), holder);
        let place = || Place { what: FaultKind::Claim, space, place: format!("{} {}", row.name, row.value) };
        let found = format!("{kind} {id}");
        match record {
            None => {
                let message =
                    format!("{} {} is held by {kind} {id}, which is not there", row.name, row.value);
                self.fault(place(), "nobody", &format!("{found}, which is not there"), message);
            }
            Some(record) if self.disowns(record, row) => {
                let message = format!("{kind} {id} holds {} {} and does not have it", row.name, row.value);
                self.fault(place(), "somebody else, or nobody", &found, message);
            }
            Some(_) => return,
        }
        self.mend(Mend::Claim { row: row.clone(), holder: holder.clone() });
    }

    fn disowns(&self, record: &Record, row: &ClaimKey) -> bool {
        disowns(self.expectation, record, row)
    }

    /// A link of which an end is missing, or that was never counted.
    pub fn loose_link(&mut self, space: &str, relation: &str, owner: &RecordRef, member: &RecordRef) {
        let (of, to) = (format!("{} {}", owner.kind, owner.id), format!("{} {}", member.kind, member.id));
        let place = Place { what: FaultKind::Link, space, place: format!("{relation} of {of} and {to}") };
        let message = format!("the {relation} link of {of} and {to} hangs in the air");
        self.fault(place, "two ends that know of it", "an end that is missing or does not", message);
        self.mend(Mend::Link(LinkRow {
            space: space.to_owned(),
            relation: relation.to_owned(),
            owner: owner.clone(),
            member: member.clone(),
        }));
    }

    /// A row of `due`.
    pub fn work(&mut self, space: &Space, name: &str, shard: i64) {
        let own = i64::from(space.shard(SHARDS));
        if shard != own {
            let place = Place { what: FaultKind::Work, space: space.as_str(), place: name.to_owned() };
            let message = format!("the work {name} is in the shard {shard}");
            self.fault(place, &format!("shard {own}"), &format!("shard {shard}"), message);
            self.mend(Mend::Work { space: space.clone(), name: name.to_owned() });
        }
    }

    /// After all records: how many rows the index has. Whether there may be some too many, which must be
    /// looked for and told as [`surplus`](Self::surplus).
    pub fn index_size(&mut self, index_rows: i64) -> bool {
        if index_rows != self.index_rows {
            let place = Place { what: FaultKind::Index, space: "", place: "all values".to_owned() };
            let (expected, found) = (self.index_rows.to_string(), index_rows.to_string());
            let message = format!("the index has {found} values and not {expected}");
            self.fault(place, &expected, &found, message);
            self.index_is_faulty = true;
        }
        self.index_is_faulty
    }

    /// A row of the index that no record has.
    pub fn surplus(&mut self, key: IndexedKey) {
        let RecordRef { kind, id } = &key.record.record;
        let shown = match &key.value {
            Param::Text(text) => text.clone(),
            Param::Int(value) => value.to_string(),
            Param::Real(value) => value.to_string(),
            Param::Bool(value) => value.to_string(),
        };
        let place = Place {
            what: FaultKind::Index,
            space: key.record.space.as_str(),
            place: format!("{kind} {id} {}", key.path),
        };
        let message = format!("the index has a {} of {kind} {id} that it does not have: {shown}", key.path);
        self.fault(place, "no such value", &shown, message);
        self.mend(Mend::Indexed(key));
    }
}

/// Whether the record does not have the value of a row of `unique_value`.
#[must_use]
pub fn disowns(expectation: &dyn Expectation, record: &Record, row: &ClaimKey) -> bool {
    let is_row = |one: &ClaimKey| {
        (&one.space, &one.name) == (&row.space, &row.name) && unique_key(&one.value) == row.value
    };
    expectation.expected(&Seen::alone(record)).is_some_and(|expected| !expected.claims.iter().any(is_row))
}

impl fmt::Debug for Check<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").field("findings", &self.findings).finish_non_exhaustive()
    }
}
