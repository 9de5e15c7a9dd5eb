//! What differs between the databases.

mod postgres;
mod sqlite;

use std::fmt;

pub use postgres::{Postgres, exact_digits};
pub use sqlite::Sqlite;

use crate::sql::{Param, Sql};

/// How a database writes what the lowering needs.
///
/// Booleans are written `TRUE` and `FALSE`, and compared as such.
pub trait Dialect: fmt::Debug + Sync {
    /// Writes the parameter of that number, counted from 1.
    fn placeholder(&self, number: usize, value: &Param, into: &mut String);

    /// The text, so that comparing and ordering go byte by byte.
    fn bytewise(&self, text: Sql) -> Sql;

    /// Whether the text contains the part, byte by byte; null where the text is null.
    fn contains(&self, text: Sql, part: &str) -> Sql;

    /// Whether the text starts with the part, byte by byte; null where the text is null.
    fn starts_with(&self, text: Sql, part: &str) -> Sql;

    /// Whether the text ends with the part, byte by byte; null where the text is null.
    fn ends_with(&self, text: Sql, part: &str) -> Sql;

    /// A view of a JSON value.
    fn json(&self, place: &JsonPlace, view: JsonView) -> Sql;

    /// The elements of the JSON list at that place as rows, for use behind `FROM`.
    fn elements(&self, list: &JsonPlace, alias: &str) -> Sql;

    /// The rows of a table for which the condition holds, for each row of `from` if there is one, for use
    /// behind `FROM`.
    ///
    /// They are looked up in this order and by this condition, whatever the database believes about the
    /// sizes of its tables.
    fn look_up(&self, from: Option<Sql>, table: &str, alias: &str, on: Sql) -> Sql;

    /// Whether there is a row for which the condition holds, looked up anew for each row that asks.
    fn exists(&self, from: Sql, condition: Sql) -> Sql {
        Sql::template("EXISTS (SELECT 1 FROM {} WHERE {})", [from, condition])
    }

    /// Texts as rows, for use behind `FROM`: `key` is the number of the text, counted from anywhere, and
    /// `value` the text.
    fn numbered(&self, texts: &[&str], alias: &str) -> Sql;

    /// An aggregate of the column `name`: its values that are not null, ordered byte by byte and joined
    /// as [`scim_core::join_names`] does; null when there are none.
    fn joined_names(&self, name: &str) -> Sql;

    /// A value as it compares with [`JsonView::SortValue`] and with the values of the index.
    fn sort_param(&self, value: Param) -> Sql {
        Sql::param(value)
    }
}

/// Where a JSON value is.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonPlace {
    /// In a column, behind these steps.
    Column {
        /// The column.
        column: String,
        /// The way from the top of the document.
        path: Vec<JsonStep>,
    },
    /// In a row of [`Dialect::elements`].
    Element {
        /// The alias of the rows.
        alias: String,
        /// The part of the element; none for all of it.
        sub: Option<String>,
    },
}

/// A step into a JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonStep {
    /// To the value under a key.
    Key(String),
    /// To the first element of a list.
    First,
}

/// What is asked of a JSON value. The values themselves are only asked where the kind is right.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum JsonView {
    /// Whether it is a text; null or false if not.
    IsText,
    /// The text.
    Text,
    /// Whether it is a boolean; null or false if not.
    IsBool,
    /// The boolean.
    Bool,
    /// Whether it is a number; null or false if not.
    IsNumber,
    /// The number.
    Number,
    /// Whether it is a list; null or false if not.
    IsList,
    /// Whether it is there, and neither null nor an empty list or object; never null.
    IsPresent,
    /// Its place among kinds: 0 boolean, 1 number, 2 text, 3 anything else or nothing; never null.
    Rank,
    /// What values of its kind are ordered by; something constant of rank 3; never null.
    SortValue,
}
