//! What a store is asked by filter.

use std::cmp::Ordering;

use scim_core::{FarEnd, Links, Order, Predicate, SortValue};

use super::key::TenantId;
use super::record::Record;

/// A listing of the visible records of a tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The tenant; no query can be written without one.
    pub tenant: TenantId,
    /// Which records, for each resource type that is asked; at least one, each type once.
    pub types: Vec<TypeQuery>,
    /// How many records to pass over from the start, or from `after`.
    pub offset: u64,
    /// Only records that come after this position in the order.
    pub after: Option<Position>,
    /// How many records at most.
    pub limit: usize,
    /// Whether to count all matches, wherever the page begins.
    pub total: bool,
    /// Whether to count the matches that come after `after`, or all without one, and how far.
    pub left: Option<u64>,
}

/// Which records of one resource type.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeQuery {
    /// The resource type.
    pub kind: String,
    /// The condition.
    pub predicate: Predicate,
    /// The order; without one, by creation and then id. Among several types either all have an order
    /// in the same direction, or none has.
    pub order: Option<Order>,
    /// The links to read along with each record.
    pub links: Vec<Links>,
}

/// A place in an order, behind a record.
#[derive(Clone, Debug, PartialEq)]
pub struct Position {
    /// The value that the order compares; [`SortValue::Absent`] without an order.
    pub value: SortValue,
    /// When the record was created.
    pub created: i64,
    /// Its id. Where several types are listed together, ids must differ across them.
    pub id: String,
}

impl Position {
    /// Which of two positions comes first in an order of this direction.
    #[must_use]
    pub fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let by_value = self.value.compare(&other.value);
        let by_value = if descending { by_value.reverse() } else { by_value };
        by_value.then_with(|| self.created.cmp(&other.created)).then_with(|| self.id.cmp(&other.id))
    }
}

/// The answer to a [`Query`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryPage {
    /// How many records match, if it was asked.
    pub total: Option<u64>,
    /// How many records come after the position, if it was asked, and no more than was asked.
    pub left: Option<u64>,
    /// The records, in order.
    pub found: Vec<Found>,
    /// The `names` version of the tenant in the same snapshot.
    pub names: u64,
}

/// A record of a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The record.
    pub record: Record,
    /// The far ends of its links, one list for each entry of [`TypeQuery::links`].
    pub links: Vec<Vec<FarEnd>>,
    /// Where the record stands in the order.
    pub position: Position,
}
