//! Rows as values, and values as parameters.

use rusqlite::types::{ToSqlOutput, Value as SqlValue, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Statement, ToSql, params, params_from_iter};
use scim_core::Document;
use scim_engine::store::{Record, RecordKey, StoreError};
use scim_sql::{Param, Sql, Sqlite};
use serde_json::{Map, Value};

use crate::error::{damaged, store_error};

/// The columns of a record that [`record`] reads.
macro_rules! record_columns {
    ($alias:literal) => {
        concat!(
            $alias,
            "version, ",
            $alias,
            "visible, ",
            $alias,
            "created, ",
            $alias,
            "modified, ",
            $alias,
            "name, ",
            $alias,
            "document, ",
            $alias,
            "extra"
        )
    };
}
pub(crate) use record_columns;

/// A parameter on its way into a statement.
pub(crate) struct Bound<'p>(pub(crate) &'p Param);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Int(value) => ValueRef::Integer(*value),
            Param::Real(value) => ValueRef::Real(*value),
            Param::Bool(value) => ValueRef::Integer(i64::from(*value)),
        }))
    }
}

/// Runs a lowered statement and takes each row.
pub(crate) fn for_each(
    connection: &Connection,
    sql: Sql,
    mut take: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let (text, params) = sql.finish(&Sqlite);
    let mut statement = connection.prepare_cached(&text).map_err(store_error)?;
    rows_of(&mut statement, &params, &mut take)
}

/// Runs a prepared statement and takes each row.
pub(crate) fn rows_of(
    statement: &mut Statement<'_>,
    params: &[Param],
    mut take: impl FnMut(&Row<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut rows = statement.query(params_from_iter(params.iter().map(Bound))).map_err(store_error)?;
    while let Some(row) = rows.next().map_err(store_error)? {
        take(row)?;
    }
    Ok(())
}

/// The only number that a lowered statement gives.
pub(crate) fn number(connection: &Connection, sql: Sql) -> Result<u64, StoreError> {
    let mut number = 0;
    for_each(connection, sql, |row| {
        number = unsigned(row, 0)?;
        Ok(())
    })?;
    Ok(number)
}

/// A column that holds a number which is never below 0.
pub(crate) fn unsigned(row: &Row<'_>, column: usize) -> Result<u64, StoreError> {
    let number: i64 = row.get(column).map_err(store_error)?;
    u64::try_from(number).map_err(damaged)
}

/// A column of any kind, as the parameter that would compare with it.
pub(crate) fn param(row: &Row<'_>, column: usize) -> Result<Param, StoreError> {
    Ok(match row.get(column).map_err(store_error)? {
        SqlValue::Integer(value) => Param::Int(value),
        SqlValue::Real(value) => Param::Real(value),
        SqlValue::Text(text) => Param::Text(text),
        SqlValue::Null | SqlValue::Blob(_) => return Err(damaged("a value of no kind that is ever stored")),
    })
}

/// The record under a key, if there is one.
pub(crate) fn read_record(connection: &Connection, key: &RecordKey) -> Result<Option<Record>, StoreError> {
    let mut statement = connection
        .prepare_cached(concat!(
            "SELECT ",
            record_columns!(""),
            " FROM resource WHERE space = ?1 AND kind = ?2 AND id = ?3"
        ))
        .map_err(store_error)?;
    let mut rows =
        statement.query(params![key.space.as_str(), key.record.kind, key.record.id]).map_err(store_error)?;
    match rows.next().map_err(store_error)? {
        Some(row) => record(key.clone(), row, 0).map(Some),
        None => Ok(None),
    }
}

/// A record from its columns, the first of which is `at`.
pub(crate) fn record(key: RecordKey, row: &Row<'_>, at: usize) -> Result<Record, StoreError> {
    Ok(Record {
        key,
        version: unsigned(row, at)?,
        visible: row.get(at + 1).map_err(store_error)?,
        created: row.get(at + 2).map_err(store_error)?,
        modified: row.get(at + 3).map_err(store_error)?,
        name: row.get(at + 4).map_err(store_error)?,
        document: Document::from_canonical(object(row, at + 5)?),
        extra: object(row, at + 6)?,
    })
}

/// A column that holds a JSON object as text.
pub(crate) fn object(row: &Row<'_>, column: usize) -> Result<Map<String, Value>, StoreError> {
    match text(row, column)? {
        "{}" => Ok(Map::new()),
        text => serde_json::from_str(text).map_err(damaged),
    }
}

/// A column that holds JSON as text.
pub(crate) fn json(row: &Row<'_>, column: usize) -> Result<Value, StoreError> {
    serde_json::from_str(text(row, column)?).map_err(damaged)
}

fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r str, StoreError> {
    row.get_ref(column).map_err(store_error)?.as_str().map_err(damaged)
}

/// What a cached statement gives in its only row, if it gives one.
pub(crate) fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StoreError> {
    let mut statement = connection.prepare_cached(sql).map_err(store_error)?;
    statement.query_row(params, read).optional().map_err(store_error)
}

/// Runs a cached statement; how many rows it changed.
pub(crate) fn execute(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
) -> Result<usize, StoreError> {
    connection.prepare_cached(sql).map_err(store_error)?.execute(params).map_err(store_error)
}
