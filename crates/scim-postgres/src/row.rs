//! Rows as values, and values as parameters.

use std::error::Error as StdError;

use scim_core::Document;
use scim_engine::store::{Record, RecordKey, StoreError};
use scim_sql::{Param, exact_digits};
use serde_json::{Map, Value};
use tokio_postgres::Row;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::error::{damaged, store_error};

/// The columns of a record that [`record`] reads.
macro_rules! record_columns {
    () => {
        "r.version, r.visible, r.created, r.modified, r.name, r.document, r.extra"
    };
}
pub(crate) use record_columns;

/// A parameter on its way into a statement.
#[derive(Debug)]
pub(crate) struct Bound<'p>(pub(crate) &'p Param);

impl Bound<'_> {
    pub(crate) fn kind(&self) -> Type {
        match self.0 {
            Param::Text(_) | Param::Real(_) => Type::TEXT,
            Param::Int(_) => Type::INT8,
            Param::Bool(_) => Type::BOOL,
        }
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        match self.0 {
            Param::Text(text) => text.as_str().to_sql(ty, out),
            Param::Int(value) => value.to_sql(ty, out),
            Param::Real(value) => exact_digits(*value).to_sql(ty, out),
            Param::Bool(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Each statement is written for the parameters that it gets; the server checks what arrives.
        true
    }

    to_sql_checked!();
}

/// A column.
pub(crate) fn column<'r, T: FromSql<'r>>(row: &'r Row, at: usize) -> Result<T, StoreError> {
    row.try_get(at).map_err(store_error)
}

/// A column that holds a whole number, of whatever width.
pub(crate) fn int(row: &Row, at: usize) -> Result<i64, StoreError> {
    let kind = row.columns().get(at).map(|column| column.type_().clone());
    Ok(match kind {
        Some(Type::INT2) => i64::from(column::<i16>(row, at)?),
        Some(Type::INT4) => i64::from(column::<i32>(row, at)?),
        _ => column(row, at)?,
    })
}

/// A column that holds a number which is never below 0.
pub(crate) fn unsigned(row: &Row, at: usize) -> Result<u64, StoreError> {
    u64::try_from(int(row, at)?).map_err(damaged)
}

/// A record from its columns, the first of which is `at`.
pub(crate) fn record(key: RecordKey, row: &Row, at: usize) -> Result<Record, StoreError> {
    Ok(Record {
        key,
        version: unsigned(row, at)?,
        visible: column(row, at + 1)?,
        created: column(row, at + 2)?,
        modified: column(row, at + 3)?,
        name: column(row, at + 4)?,
        document: Document::from_canonical(object(row, at + 5)?),
        extra: object(row, at + 6)?,
    })
}

/// A column that holds a JSON object as text.
pub(crate) fn object(row: &Row, at: usize) -> Result<Map<String, Value>, StoreError> {
    object_of(column(row, at)?)
}

/// A JSON object from its text.
pub(crate) fn object_of(text: &str) -> Result<Map<String, Value>, StoreError> {
    match text {
        "{}" => Ok(Map::new()),
        text => serde_json::from_str(text).map_err(damaged),
    }
}

/// A value of the index as text; the function makes numbers comparable.
pub(crate) fn index_text(value: Param) -> String {
    match value {
        Param::Text(text) => text,
        Param::Int(value) => value.to_string(),
        Param::Real(value) => exact_digits(value),
        Param::Bool(value) => value.to_string(),
    }
}
