//! An order as SQL.
//!
//! A value is ordered by two columns: its *rank* among kinds, 3 where there is none, and then the
//! value. So what has no value comes last, and first when descending, whatever the database thinks of
//! nulls.

use scim_core::{Order, SortKey, SortValue};

use crate::columns::{Columns, Value};
use crate::dialect::{Dialect, JsonView};
use crate::sql::{Param, Sql};

/// The rank of texts.
pub(crate) const RANK_TEXT: i64 = 2;

/// The rank of no value.
pub const RANK_ABSENT: i64 = 3;

/// The columns that an order compares.
#[derive(Clone, Debug, PartialEq)]
pub struct SortColumns {
    /// The rank.
    pub rank: Sql,
    /// The value; never null.
    pub value: Sql,
    /// The rank that all values have, if they have one.
    pub fixed: Option<i64>,
}

impl SortColumns {
    /// The columns for a key.
    #[must_use]
    pub fn of(key: &SortKey, columns: &dyn Columns, dialect: &dyn Dialect) -> Self {
        let nullable = |rank: i64, value: Sql, absent: &str| Self {
            rank: Sql::template(
                &format!("CASE WHEN {{}} IS NULL THEN {RANK_ABSENT} ELSE {rank} END"),
                [value.clone()],
            ),
            value: Sql::template(&format!("coalesce({{}}, {absent})"), [value]),
            fixed: None,
        };
        let fixed =
            |rank: i64, value: Sql| Self { rank: Sql::raw(rank.to_string()), value, fixed: Some(rank) };
        match columns.sort_value(key) {
            Value::Absent => fixed(RANK_ABSENT, Sql::raw("''")),
            Value::Bool(value) => nullable(0, value, "FALSE"),
            Value::Number(value) => nullable(1, value, "0"),
            Value::RequiredNumber(value) => fixed(1, value),
            Value::Text(value) => nullable(2, dialect.bytewise(value), "''"),
            Value::RequiredText(value) => fixed(2, dialect.bytewise(value)),
            Value::Json(place) | Value::JsonOrList(place) => Self {
                rank: dialect.json(&place, JsonView::Rank),
                value: dialect.json(&place, JsonView::SortValue),
                fixed: None,
            },
        }
    }
}

/// What stands behind `ORDER BY` for an order on the columns; ties go by creation, then id.
#[must_use]
pub fn lower_order(order: Option<&Order>, columns: &dyn Columns, dialect: &dyn Dialect) -> Sql {
    let mut sql = Sql::default();
    if let Some(order) = order {
        let by = SortColumns::of(&order.key, columns, dialect);
        let direction = if order.descending { " DESC, " } else { ", " };
        if by.fixed.is_none() {
            sql.append(by.rank).push(direction);
        }
        // PostgreSQL takes no constant text here, and where nothing has a value there is nothing to say.
        if by.fixed != Some(RANK_ABSENT) {
            sql.append(by.value).push(direction);
        }
    }
    if let Value::Number(created) | Value::RequiredNumber(created) = columns.created() {
        sql.append(created).push(", ");
    }
    if let Value::Text(id) | Value::RequiredText(id) = columns.id() {
        sql.append(dialect.bytewise(id));
    }
    sql
}

/// The rank and the value of a position.
#[must_use]
pub fn sort_params(value: &SortValue) -> (i64, Param) {
    match value {
        SortValue::Bool(value) => (0, Param::Bool(*value)),
        SortValue::Int(value) => (1, Param::Int(*value)),
        SortValue::Real(value) => (1, Param::Real(*value)),
        SortValue::Text(text) => (RANK_TEXT, Param::Text(text.clone())),
        SortValue::Absent => (RANK_ABSENT, Param::Text(String::new())),
    }
}
