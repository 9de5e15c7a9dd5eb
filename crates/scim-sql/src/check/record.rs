//! A record and what its own row says of it.

use scim_engine::check::{Expectation, Expected, FaultKind, Seen};
use scim_engine::store::{ClaimKey, Record, RecordKey, RecordRef};
use serde_json::{Map, Value};

use super::mend::Mend;
use super::{Check, FoldedNames, Place, is_listed};
use crate::index_row::{IndexRow, index_rows};

/// A row of `resource`.
#[derive(Clone, Debug)]
pub struct StoredRecord {
    /// The record.
    pub record: Record,
    /// The column `name_exact`.
    pub name_exact: Option<String>,
    /// The column `name_folded`.
    pub name_folded: Option<String>,
    /// The match form; none where it cannot be read.
    pub form: Option<Map<String, Value>>,
}

/// What stands beside a record and it is judged with.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// The guide of its space.
    pub guide: Option<Record>,
    /// Its owners, by relation, in the order of linking.
    pub owners: Vec<(String, RecordRef)>,
}

impl Beside {
    /// The record as an application judges it.
    #[must_use]
    pub fn seen<'s>(&'s self, record: &'s Record) -> Seen<'s> {
        Seen { record, guide: self.guide.as_ref(), owners: &self.owners }
    }
}

/// What must stand elsewhere for a record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// The unique values whose holder it must be.
    pub claims: Vec<ClaimKey>,
    /// Its rows of the index.
    pub rows: Vec<IndexRow>,
}

/// What must go with a record, its form as it stands in the row; none where the application knows nothing.
#[must_use]
pub fn expected(expectation: &dyn Expectation, record: &Record, beside: &Beside) -> Option<Expected> {
    let mut expected = expectation.expected(&beside.seen(record))?;
    if let Some(shown) = record.extra.get("$shown") {
        expected.form.insert("$shown".to_owned(), shown.clone());
    }
    Some(expected)
}

impl Check<'_> {
    /// A record whose row cannot be understood.
    pub fn unreadable(&mut self, key: &RecordKey, error: &dyn std::fmt::Display) {
        self.is_blind = true;
        self.damaged(key, error);
    }

    fn damaged(&mut self, key: &RecordKey, error: &dyn std::fmt::Display) {
        let RecordRef { kind, id } = &key.record;
        let place =
            Place { what: FaultKind::Record, space: key.space.as_str(), place: format!("{kind} {id}") };
        let message = format!("{kind} {id} cannot be read: {error}");
        self.fault(place, "a record", &error.to_string(), message);
        self.mend(Mend::Record(key.clone()));
    }

    /// Looks at the row of a record; what must stand for it elsewhere.
    pub fn record(&mut self, stored: &StoredRecord, beside: &Beside) -> Wanted {
        let StoredRecord { record, name_exact, name_folded, form } = stored;
        let (space, RecordRef { kind, id }) = (record.key.space.as_str(), &record.key.record);
        let Some(form) = form else {
            self.damaged(&record.key, &"its match form is damaged");
            let claims = self.count(record, beside).map(|expected| expected.claims).unwrap_or_default();
            return Wanted { claims, ..Wanted::default() };
        };
        let place = |what| Place { what, space, place: format!("{kind} {id}") };
        let names = FoldedNames::of(record.name.as_deref());
        if (name_exact.as_deref(), name_folded.as_deref())
            != (names.exact.as_deref(), names.folded.as_deref())
        {
            let message = format!("the folded names of {kind} {id} are not those of its name");
            let (expected, found) = (format!("{:?}", names.folded), format!("{name_folded:?}"));
            self.fault(place(FaultKind::Names), &expected, &found, message);
            self.mend(Mend::Record(record.key.clone()));
        }
        if record.modified < record.created {
            let message = format!("{kind} {id} was modified before it was created");
            let (expected, found) = (format!("not before {}", record.created), record.modified.to_string());
            self.fault(place(FaultKind::Record), &expected, &found, message);
            self.mend(Mend::Record(record.key.clone()));
        }
        if record.version == 0 {
            let message = format!("{kind} {id} has the version 0");
            self.fault(place(FaultKind::Record), "a version from 1", "0", message);
            self.mend(Mend::Record(record.key.clone()));
        }
        let mut wanted = Wanted::default();
        if let Some(expected) = self.count(record, beside) {
            if expected.form != *form {
                let message = format!("the match form of {kind} {id} is not that of its document");
                let (expected, found) = difference(&expected.form, form);
                self.fault(place(FaultKind::MatchForm), &expected, &found, message);
                self.mend(Mend::Record(record.key.clone()));
            }
            wanted.claims = expected.claims;
        }
        if record.visible && is_listed(&record.key) {
            wanted.rows = index_rows(form);
            self.index_rows += i64::try_from(wanted.rows.len()).unwrap_or(i64::MAX);
        }
        wanted
    }

    /// Adds the record to the sums, and compares its links; what must go with it.
    fn count(&mut self, record: &Record, beside: &Beside) -> Option<Expected> {
        let (space, kind) = (record.key.space.as_str(), &record.key.record.kind);
        if record.visible {
            *self.visible.entry((space.to_owned(), kind.clone())).or_default() += 1;
        }
        let expected = expected(self.expectation, record, beside)?;
        for (name, by) in &expected.counted {
            *self.counters.entry((space.to_owned(), (*name).to_owned())).or_default() += by;
            self.counter_names.insert(name);
        }
        for relation in self.expectation.relations(kind) {
            let is = owners(beside.owners.iter().filter(|(by, _)| by == relation).map(|(_, owner)| owner));
            let wanted = expected.owners.iter().filter(|(by, _)| by == relation).map(|(_, owner)| owner);
            let wanted = owners(wanted);
            if is != wanted {
                let id = record.id();
                let place =
                    Place { what: FaultKind::Link, space, place: format!("{relation} of {kind} {id}") };
                let message =
                    format!("the {relation} link of {kind} {id} leads to {is}, and should to {wanted}");
                self.fault(place, &wanted, &is, message);
                self.mend(Mend::Record(record.key.clone()));
            }
        }
        Some(expected)
    }
}

/// Owners as a message names them, in the order of their keys.
fn owners<'o>(all: impl Iterator<Item = &'o RecordRef>) -> String {
    let mut all: Vec<String> = all.map(|owner| format!("{} {}", owner.kind, owner.id)).collect();
    all.sort_unstable();
    if all.is_empty() { "nobody".to_owned() } else { all.join(", ") }
}

/// The first attribute in which two match forms differ, as each has it.
fn difference(expected: &Map<String, Value>, found: &Map<String, Value>) -> (String, String) {
    let name = expected.keys().chain(found.keys()).find(|name| expected.get(*name) != found.get(*name));
    let shown = |form: &Map<String, Value>| match name.and_then(|name| Some((name, form.get(name)?))) {
        Some((name, value)) => format!("{name}: {}", cut(&value.to_string())),
        None => name.map_or_else(String::new, |name| format!("no {name}")),
    };
    (shown(expected), shown(found))
}

/// As much of a value as a line bears.
fn cut(text: &str) -> String {
    match text.char_indices().nth(200) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
