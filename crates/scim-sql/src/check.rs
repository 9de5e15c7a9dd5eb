//! Whether everything beside the documents agrees with them: what is decided, whatever the database.
//!
//! A backend goes through its tables in one snapshot and tells a [`Check`] what it finds.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use scim_core::text::Folding;
use scim_engine::store::{ClaimKey, Record, RecordKey, RecordRef, SHARDS, Space};
use serde_json::{Map, Value};

use crate::index_key::unique_key;
use crate::index_row::{IndexRow, index_rows};

/// After how many faults a check ends.
const MOST_FAULTS: usize = 1_000;

/// What a record must have brought along, as the application computes it from the document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// The match form; `$shown` is taken from what stands beside the document.
    pub form: Map<String, Value>,
    /// The unique values that the record holds, and no others.
    pub claims: Vec<ClaimKey>,
    /// What the record adds to counters of its space; other records add to the same ones.
    pub counted: Vec<(&'static str, i64)>,
}

/// Something that does not agree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The space that it is found in; empty when it is about the whole database.
    pub space: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.space.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.space, self.message)
        }
    }
}

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

/// A row of `resource`.
#[derive(Clone, Debug)]
pub struct StoredRecord {
    /// The record.
    pub record: Record,
    /// The column `name_exact`.
    pub name_exact: Option<String>,
    /// The column `name_folded`.
    pub name_folded: Option<String>,
    /// The match form.
    pub form: Map<String, Value>,
}

/// What must stand elsewhere for a record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// The unique values whose holder it must be.
    pub claims: Vec<ClaimKey>,
    /// Its rows of the index.
    pub rows: Vec<IndexRow>,
}

/// The faults that were found, and what the records add up to.
pub struct Check<'e> {
    expected: &'e (dyn Fn(&Record) -> Option<Expected> + Send + Sync),
    faults: Vec<Fault>,
    visible: BTreeMap<(String, String), i64>,
    index_rows: i64,
    counters: BTreeMap<(String, String), i64>,
    counter_names: BTreeSet<&'static str>,
}

impl<'e> Check<'e> {
    /// Nothing was looked at yet.
    #[must_use]
    pub fn new(expected: &'e (dyn Fn(&Record) -> Option<Expected> + Send + Sync)) -> Self {
        Self {
            expected,
            faults: Vec::new(),
            visible: BTreeMap::new(),
            index_rows: 0,
            counters: BTreeMap::new(),
            counter_names: BTreeSet::new(),
        }
    }

    /// All faults that were found.
    #[must_use]
    pub fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    /// Notes a fault, unless there are too many already.
    pub fn fault(&mut self, space: &str, message: impl Into<String>) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(Fault { space: space.to_owned(), message: message.into() });
        }
    }

    /// A record whose row cannot be understood.
    pub fn unreadable(&mut self, key: &RecordKey, error: &dyn fmt::Display) {
        let RecordRef { kind, id } = &key.record;
        self.fault(key.space.as_str(), format!("{kind} {id} cannot be read: {error}"));
    }

    /// Looks at the row of a record; what must stand for it elsewhere.
    pub fn record(&mut self, stored: &StoredRecord) -> Wanted {
        let StoredRecord { record, name_exact, name_folded, form } = stored;
        let space = record.key.space.as_str();
        let RecordRef { kind, id } = &record.key.record;
        let names = FoldedNames::of(record.name.as_deref());
        if (name_exact.as_deref(), name_folded.as_deref())
            != (names.exact.as_deref(), names.folded.as_deref())
        {
            self.fault(space, format!("the folded names of {kind} {id} are not those of its name"));
        }
        if record.modified < record.created {
            self.fault(space, format!("{kind} {id} was modified before it was created"));
        }
        let mut wanted = Wanted::default();
        if let Some(mut expected) = (self.expected)(record) {
            if let Some(shown) = record.extra.get("$shown") {
                expected.form.insert("$shown".to_owned(), shown.clone());
            }
            if expected.form != *form {
                self.fault(space, format!("the match form of {kind} {id} is not that of its document"));
            }
            for (name, by) in expected.counted {
                *self.counters.entry((space.to_owned(), name.to_owned())).or_default() += by;
                self.counter_names.insert(name);
            }
            wanted.claims = expected.claims;
        }
        if record.visible {
            *self.visible.entry((space.to_owned(), kind.clone())).or_default() += 1;
            if is_listed(&record.key) {
                wanted.rows = index_rows(form);
                self.index_rows += i64::try_from(wanted.rows.len()).unwrap_or(i64::MAX);
            }
        }
        wanted
    }

    /// A value whose holder the record must be, and who holds it.
    pub fn held(&mut self, record: &RecordKey, claim: &ClaimKey, holder: Option<&RecordRef>) {
        let RecordRef { kind, id } = &record.record;
        if holder != Some(&record.record) {
            let message = format!("{kind} {id} does not hold its {} {}", claim.name, claim.value);
            self.fault(record.space.as_str(), message);
        }
    }

    /// A row of the index that is missing.
    pub fn lacks(&mut self, record: &RecordKey, path: &str) {
        let RecordRef { kind, id } = &record.record;
        self.fault(record.space.as_str(), format!("the index lacks the {path} of {kind} {id}"));
    }

    /// A row of `unique_value`, whose value is what [stands for](unique_key) it, and the record that holds it.
    pub fn claim(&mut self, row: &ClaimKey, holder: &RecordRef, record: Option<&Record>) {
        let (space, RecordRef { kind, id }) = (row.space.as_str(), holder);
        let Some(record) = record else {
            let message = format!("{} {} is held by {kind} {id}, which is not there", row.name, row.value);
            return self.fault(space, message);
        };
        let is_row = |one: &ClaimKey| {
            (&one.space, &one.name) == (&row.space, &row.name) && unique_key(&one.value) == row.value
        };
        if (self.expected)(record).is_some_and(|expected| !expected.claims.iter().any(is_row)) {
            let message = format!("{kind} {id} holds {} {} and does not have it", row.name, row.value);
            self.fault(space, message);
        }
    }

    /// A link of which an end is missing, or that was never counted.
    pub fn loose_link(&mut self, space: &str, relation: &str, owner: &RecordRef, member: &RecordRef) {
        let (of, to) = (format!("{} {}", owner.kind, owner.id), format!("{} {}", member.kind, member.id));
        self.fault(space, format!("the {relation} link of {of} and {to} hangs in the air"));
    }

    /// A row of `due`.
    pub fn work(&mut self, space: &Space, name: &str, shard: i64) {
        if shard != i64::from(space.shard(SHARDS)) {
            self.fault(space.as_str(), format!("the work {name} is in the shard {shard}"));
        }
    }

    /// After all records: how many rows the index has, the totals by space and kind, and the counters by space
    /// and name.
    pub fn sums(
        &mut self,
        index_rows: i64,
        totals: &BTreeMap<(String, String), i64>,
        counters: &BTreeMap<(String, String), i64>,
    ) {
        if index_rows != self.index_rows {
            self.fault("", format!("the index has {index_rows} values and not {}", self.index_rows));
        }
        let seen = std::mem::take(&mut self.visible);
        for key in seen.keys().chain(totals.keys()).collect::<BTreeSet<_>>() {
            let (is, counted) = (totals.get(key).copied(), seen.get(key).copied());
            if is.unwrap_or(0) != counted.unwrap_or(0) {
                let (space, kind) = key;
                self.fault(space, format!("the total of {kind} is {is:?}, and {counted:?} are visible"));
            }
        }
        let counted = std::mem::take(&mut self.counters);
        for (key @ (space, name), value) in counters {
            let sum = counted.get(key).copied().unwrap_or(0);
            if self.counter_names.contains(name.as_str()) && *value != sum {
                self.fault(space, format!("the counter {name} is {value}, and the records count {sum}"));
            }
        }
        for (space, name) in counted.keys().filter(|key| !counters.contains_key(*key)) {
            self.fault(space, format!("there is no counter {name}"));
        }
    }
}

impl fmt::Debug for Check<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check").field("faults", &self.faults).finish_non_exhaustive()
    }
}
