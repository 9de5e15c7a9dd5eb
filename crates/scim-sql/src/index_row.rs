//! The rows of `attribute_value` that belong to a record.

use scim_core::{Field, SortKey, SortValue, Subject};
use scim_engine::store::{INDEXED, indexed_values};
use serde_json::{Map, Value};

use crate::index_key::index_key;
use crate::order::{RANK_TEXT, sort_params};
use crate::sql::Param;

/// The rank of a text that does not order its record: another one of its list.
pub const RANK_OTHER: i64 = 4;

/// The rank of the mark that the text which orders a record is longer than its key.
pub const RANK_LONG: i64 = 5;

/// An indexed value of a record.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexRow {
    /// Its path, one of [`INDEXED`].
    pub path: &'static str,
    /// Its rank among kinds; [`RANK_OTHER`] and [`RANK_LONG`] come behind those that order.
    pub rank: i64,
    /// The value, of a text [what the index holds](index_key); an empty text for none.
    pub value: Param,
    /// The rest of a text that orders.
    pub rest: String,
}

/// The rows for a match form: for each indexed path the value that orders, be it none, and the keys of all
/// other texts.
///
/// They come from the form alone, so that what an index finds is what the form says. No two have the same
/// path and key, so that a look-up finds a record once.
#[must_use]
pub fn index_rows(form: &Map<String, Value>) -> Vec<IndexRow> {
    let no_links = |_| Vec::new();
    let subject = Subject { id: "", created: 0, modified: 0, version: "", form, links: &no_links };
    let mut rows = Vec::with_capacity(INDEXED.len());
    for path in INDEXED {
        let value = SortKey::Field(field(path)).value(&subject);
        let (key, rest) = match &value {
            SortValue::Text(text) => index_key(text),
            _ => ("", ""),
        };
        let (rank, value) = match &value {
            SortValue::Text(_) => (RANK_TEXT, Param::Text(key.to_owned())),
            other => sort_params(other),
        };
        if !rest.is_empty() {
            let value = Param::Text(String::new());
            rows.push(IndexRow { path, rank: RANK_LONG, value, rest: String::new() });
        }
        rows.push(IndexRow { path, rank, value, rest: rest.to_owned() });
    }
    for (path, text) in indexed_values(form) {
        let Some(path) = INDEXED.iter().find(|known| **known == path) else { continue };
        let value = Param::Text(index_key(&text).0.to_owned());
        let known = |row: &IndexRow| {
            row.path == *path && matches!(row.rank, RANK_TEXT | RANK_OTHER) && row.value == value
        };
        if !rows.iter().any(known) {
            rows.push(IndexRow { path, rank: RANK_OTHER, value, rest: String::new() });
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

    fn shown(form: &Value) -> Vec<(&'static str, i64, usize)> {
        let rows = index_rows(form.as_object().unwrap());
        rows.iter().map(|row| (row.path, row.rank, row.rest.len())).collect()
    }

    #[test]
    fn every_path_has_one_value_that_orders() {
        let form = serde_json::json!({
            "userName": "lea",
            "emails": [{ "type": "work" }, { "value": "a@x" }, { "value": "b@x" }, { "value": "a@x" }],
        });
        assert_eq!(
            shown(&form),
            [
                ("userName", 2, 0),
                ("externalId", 3, 0),
                ("displayName", 3, 0),
                ("emails.value", 3, 0),
                ("emails.value", 4, 0),
                ("emails.value", 4, 0),
            ]
        );
    }

    #[test]
    fn long_texts_are_parted_and_marked() {
        let long = "x".repeat(300);
        let others = ["", "y", "z"].map(|end| serde_json::json!({ "value": format!("{long}{end}") }));
        let form = serde_json::json!({ "userName": long, "emails": others });
        assert_eq!(
            shown(&form),
            [
                ("userName", 5, 0),
                ("userName", 2, 44),
                ("externalId", 3, 0),
                ("displayName", 3, 0),
                ("emails.value", 5, 0),
                ("emails.value", 2, 44),
            ]
        );
    }
}
