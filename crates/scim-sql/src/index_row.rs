//! The rows of `attribute_value` that belong to a record.

use scim_core::{Field, SortKey, Subject};
use scim_engine::store::{INDEXED, indexed_values};
use serde_json::{Map, Value};

use crate::order::sort_params;
use crate::sql::Param;

/// An indexed value of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexRow {
    /// Its path, one of [`INDEXED`].
    pub path: &'static str,
    /// Its rank among kinds.
    pub rank: i64,
    /// The value; an empty text for none.
    pub value: Param,
    /// Whether an order by the path compares this value.
    pub first: bool,
}

/// The rows for a match form: for each indexed path the value that orders, be it none, and all other
/// texts.
///
/// They come from the form alone, so that what an index finds is what the form says.
#[must_use]
pub fn index_rows(form: &Map<String, Value>) -> Vec<IndexRow> {
    let no_links = |_| Vec::new();
    let subject = Subject { id: "", created: 0, modified: 0, version: "", form, links: &no_links };
    let mut rows: Vec<IndexRow> = INDEXED
        .iter()
        .map(|path| {
            let (rank, value) = sort_params(&SortKey::Field(field(path)).value(&subject));
            IndexRow { path, rank, value, first: true }
        })
        .collect();
    for (path, text) in indexed_values(form) {
        let Some(path) = INDEXED.iter().find(|known| **known == path) else { continue };
        let row = IndexRow { path, rank: 2, value: Param::Text(text), first: false };
        let known =
            |other: &IndexRow| other.path == row.path && other.rank == row.rank && other.value == row.value;
        if !rows.iter().any(known) {
            rows.push(row);
        }
    }
    rows
}

fn field(path: &str) -> Field {
    let (name, sub) = path.split_once('.').map_or((path, None), |(name, sub)| (name, Some(sub.to_owned())));
    Field { extension: None, name: name.to_owned(), sub, multi_valued: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_one_value_that_orders() {
        let form = serde_json::json!({
            "userName": "lea",
            "emails": [{ "type": "work" }, { "value": "a@x" }, { "value": "b@x" }, { "value": "a@x" }],
        });
        let rows = index_rows(form.as_object().unwrap());
        let shown: Vec<(&str, i64, bool)> = rows.iter().map(|row| (row.path, row.rank, row.first)).collect();
        assert_eq!(
            shown,
            [
                ("userName", 2, true),
                ("externalId", 3, true),
                ("displayName", 3, true),
                ("emails.value", 3, true),
                ("emails.value", 2, false),
                ("emails.value", 2, false),
            ]
        );
    }
}
