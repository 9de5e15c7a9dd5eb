//! Whether what stands beside the documents of a store agrees with them, and mending what does not.
//!
//! Documents and links are what is true. Match forms, unique values, indexes, totals and counters can be made
//! of them again: an application says by an [`Expectation`] what goes with a record, and a store that is
//! [`Checked`] compares.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use scim_core::{Relation, TypeDef};
use serde_json::{Map, Value};

use crate::store::{ClaimKey, Counter, Record, RecordKey, RecordRef, Space, Store, StoreError};
use crate::subject::unique_values;

/// What must go with a record, as the application computes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// The match form; `$shown` is taken from what stands beside the document.
    pub form: Map<String, Value>,
    /// The unique values that the record holds, and no others. They come from the record alone.
    pub claims: Vec<ClaimKey>,
    /// What the record adds to counters of its space; other records add to the same ones.
    pub counted: Vec<(&'static str, i64)>,
    /// The owners that the record is linked to as a member, and no others, by those relations that
    /// [`Expectation::relations`] names.
    pub owners: Vec<(Relation, RecordRef)>,
}

impl Expected {
    /// What goes with a resource: the match form and the unique values of its document.
    #[must_use]
    pub fn of_resource(def: &TypeDef, record: &Record) -> Self {
        let values = unique_values(def, &record.key.space, &record.document);
        Self {
            form: def.match_form(&record.document),
            claims: values.map(|(_, _, claim)| claim).collect(),
            ..Self::default()
        }
    }
}

/// A record, and what it is judged with.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'s> {
    /// The record.
    pub record: &'s Record,
    /// The [guide](Expectation::guide) of its space, if there is one.
    pub guide: Option<&'s Record>,
    /// Its owners by those relations that [`Expectation::relations`] names, in the order of linking.
    pub owners: &'s [(String, RecordRef)],
}

impl<'s> Seen<'s> {
    /// A record by itself.
    #[must_use]
    pub fn alone(record: &'s Record) -> Self {
        Self { record, guide: None, owners: &[] }
    }

    /// Its owners by a relation.
    pub fn owners_by(&self, relation: Relation) -> impl Iterator<Item = &'s RecordRef> {
        self.owners.iter().filter(move |(by, _)| by == relation).map(|(_, owner)| owner)
    }
}

/// What an application knows of its records. A function of the record alone is one, too.
pub trait Expectation: Send + Sync + 'static {
    /// What must go with the record; none where the application knows nothing of it, which is then checked
    /// as far as it tells by itself.
    fn expected(&self, seen: &Seen<'_>) -> Option<Expected>;

    /// The record by which others of its space are judged, such as the catalogue of roles.
    fn guide(&self, space: &Space) -> Option<RecordKey> {
        let _ = space;
        None
    }

    /// The relations by whose owners a record of this kind is judged.
    fn relations(&self, kind: &str) -> &'static [Relation] {
        let _ = kind;
        &[]
    }

    /// A counter that is lost, as it is made again where the records add up to this value. Its floor is what they
    /// have to add up to at least, whether it is lost or not: less is a fault that a person has to see to.
    fn lost_counter(&self, name: &str, value: i64) -> Counter {
        let _ = name;
        Counter { value, ..Counter::default() }
    }
}

impl<F> Expectation for F
where
    F: Fn(&Record) -> Option<Expected> + Send + Sync + 'static,
{
    fn expected(&self, seen: &Seen<'_>) -> Option<Expected> {
        self(seen.record)
    }
}

/// What a fault is about.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum FaultKind {
    /// The files of the database.
    Storage,
    /// A record itself: it cannot be read, or its version or times make no sense.
    Record,
    /// The match form of a record.
    MatchForm,
    /// The folded names of a record.
    Names,
    /// A unique value.
    Claim,
    /// An indexed value.
    Index,
    /// A link.
    Link,
    /// How many records are visible.
    Total,
    /// A counter.
    Counter,
    /// Work that waits for its time.
    Work,
}

impl FaultKind {
    /// The word for it, as scripts read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Storage => "storage",
            Self::Record => "record",
            Self::MatchForm => "match-form",
            Self::Names => "names",
            Self::Claim => "claim",
            Self::Index => "index",
            Self::Link => "link",
            Self::Total => "total",
            Self::Counter => "counter",
            Self::Work => "work",
        }
    }
}

/// Something that does not agree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// What it is about.
    pub what: FaultKind,
    /// The space that it is found in; empty when it is about the whole database.
    pub space: String,
    /// Where in that space, such as the kind and id of a record, or the name of a counter.
    pub place: String,
    /// What should be.
    pub expected: String,
    /// What is.
    pub found: String,
    /// The same as a sentence.
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

/// What came of a repair.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Repaired {
    /// What did not agree before.
    pub found: Vec<Fault>,
    /// How many rows or records were mended.
    pub mended: u64,
    /// What does not agree still.
    pub remaining: Vec<Fault>,
}

/// A store that can be checked and mended, also while others use it.
pub trait Checked: Store {
    /// Checks everything in one snapshot, however long it takes. At most 1,000 faults are named.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the store cannot answer now.
    fn check_all(
        &self,
        expectation: Arc<dyn Expectation>,
    ) -> impl Future<Output = Result<Vec<Fault>, StoreError>> + Send;

    /// Checks everything, mends what can be made again from documents and links, in small transactions that
    /// look again before they change anything, and checks again.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the store cannot answer now; what was mended stays so.
    fn repair(
        &self,
        expectation: Arc<dyn Expectation>,
    ) -> impl Future<Output = Result<Repaired, StoreError>> + Send;
}

impl<S: Checked> Checked for Arc<S> {
    async fn check_all(&self, expectation: Arc<dyn Expectation>) -> Result<Vec<Fault>, StoreError> {
        (**self).check_all(expectation).await
    }

    async fn repair(&self, expectation: Arc<dyn Expectation>) -> Result<Repaired, StoreError> {
        (**self).repair(expectation).await
    }
}
