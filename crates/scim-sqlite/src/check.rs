//! Whether everything beside the documents agrees with them: the tables of SQLite, told to the shared check.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, params};
use scim_engine::store::{ClaimKey, Record, RecordKey, RecordRef, Space, StoreError};
use scim_sql::check::{Check, Expected, Fault, StoredRecord};
use scim_sql::{IndexRow, unique_key};

use crate::error::store_error;
use crate::row::{Bound, object, one, read_record, record, record_columns};

/// Checks the whole file in one snapshot.
pub(crate) fn check(
    connection: &Connection,
    expected: &(dyn Fn(&Record) -> Option<Expected> + Send + Sync),
) -> Result<Vec<Fault>, StoreError> {
    let mut tables = Tables { connection, check: Check::new(expected) };
    tables.file()?;
    tables.records()?;
    tables.claims()?;
    tables.links()?;
    tables.sums()?;
    tables.work()?;
    Ok(tables.check.into_faults())
}

struct Tables<'c> {
    connection: &'c Connection,
    check: Check<'c>,
}

impl Tables<'_> {
    /// What SQLite itself finds.
    fn file(&mut self) -> Result<(), StoreError> {
        self.for_each("PRAGMA integrity_check(100)", |check, row| {
            let line = text(row, 0)?;
            if line != "ok" {
                check.fault("", line);
            }
            Ok(())
        })
    }

    fn records(&mut self) -> Result<(), StoreError> {
        let connection = self.connection;
        let sql = concat!(
            "SELECT space, kind, id, name_exact, name_folded, CASE WHEN json_valid(form, 8) THEN json(form) END, ",
            record_columns!(""),
            " FROM resource"
        );
        self.for_each(sql, |check, row| {
            let key = RecordKey::new(&Space::from_stored(&text(row, 0)?), &text(row, 1)?, &text(row, 2)?);
            let stored = record(key.clone(), row, 6).and_then(|record| Ok((record, object(row, 5)?)));
            let (record, form) = match stored {
                Ok(stored) => stored,
                Err(error) => {
                    check.unreadable(&key, &error);
                    return Ok(());
                }
            };
            let created = record.created;
            let (name_exact, name_folded) =
                (row.get(3).map_err(store_error)?, row.get(4).map_err(store_error)?);
            let wanted = check.record(&StoredRecord { record, name_exact, name_folded, form });
            for claim in &wanted.claims {
                check.held(&key, claim, holder(connection, claim)?.as_ref());
            }
            for row in &wanted.rows {
                if !is_indexed(connection, &key, created, row)? {
                    check.lacks(&key, row.path);
                }
            }
            Ok(())
        })
    }

    /// Claims whose holder does not have the value, or is not there.
    fn claims(&mut self) -> Result<(), StoreError> {
        let connection = self.connection;
        let sql = "SELECT space, name, value, holder_kind, holder_id FROM unique_value";
        self.for_each(sql, |check, row| {
            let space = Space::from_stored(&text(row, 0)?);
            let claim = ClaimKey { space: space.clone(), name: text(row, 1)?, value: text(row, 2)? };
            let holder = RecordRef { kind: text(row, 3)?, id: text(row, 4)? };
            match read_record(connection, &RecordKey { space, record: holder.clone() }) {
                Ok(record) => check.claim(&claim, &holder, record.as_ref()),
                // It has been named already.
                Err(StoreError::Damaged(_)) => {}
                Err(error) => return Err(error),
            }
            Ok(())
        })
    }

    /// Links of which an end is missing, or that were never counted.
    fn links(&mut self) -> Result<(), StoreError> {
        let sql = "SELECT l.space, l.relation, l.owner_kind, l.owner_id, l.member_kind, l.member_id \
             FROM link l \
             LEFT JOIN resource o ON o.space = l.space AND o.kind = l.owner_kind AND o.id = l.owner_id \
             LEFT JOIN resource m ON m.space = l.space AND m.kind = l.member_kind AND m.id = l.member_id \
             LEFT JOIN link_order n ON n.space = l.space AND n.relation = l.relation \
             WHERE o.owner IS NOT 1 OR m.id IS NULL OR n.last IS NULL OR n.last < l.position";
        self.for_each(sql, |check, row| {
            let owner = RecordRef { kind: text(row, 2)?, id: text(row, 3)? };
            let member = RecordRef { kind: text(row, 4)?, id: text(row, 5)? };
            check.loose_link(&text(row, 0)?, &text(row, 1)?, &owner, &member);
            Ok(())
        })
    }

    /// Totals, counters and the size of the index.
    fn sums(&mut self) -> Result<(), StoreError> {
        let rows: Option<i64> =
            one(self.connection, "SELECT count(*) FROM attribute_value", [], |row| row.get(0))?;
        let totals = self.numbers("SELECT space, kind, visible FROM total")?;
        let counters = self.numbers("SELECT space, name, value FROM counter")?;
        self.check.sums(rows.unwrap_or(0), &totals, &counters);
        Ok(())
    }

    fn numbers(&self, sql: &str) -> Result<BTreeMap<(String, String), i64>, StoreError> {
        let mut statement = self.connection.prepare(sql).map_err(store_error)?;
        let rows = statement
            .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))
            .map_err(store_error)?;
        rows.collect::<Result<_, _>>().map_err(store_error)
    }

    /// Work that stands in another shard than its space falls into.
    fn work(&mut self) -> Result<(), StoreError> {
        self.for_each("SELECT space, name, shard FROM due", |check, row| {
            check.work(&Space::from_stored(&text(row, 0)?), &text(row, 1)?, row.get(2).map_err(store_error)?);
            Ok(())
        })
    }

    fn for_each(
        &mut self,
        sql: &str,
        mut tell: impl FnMut(&mut Check<'_>, &Row<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare(sql).map_err(store_error)?;
        let mut rows = statement.query([]).map_err(store_error)?;
        while let Some(row) = rows.next().map_err(store_error)? {
            tell(&mut self.check, row)?;
        }
        Ok(())
    }
}

fn text(row: &Row<'_>, column: usize) -> Result<String, StoreError> {
    row.get(column).map_err(store_error)
}

fn holder(connection: &Connection, claim: &ClaimKey) -> Result<Option<RecordRef>, StoreError> {
    one(
        connection,
        "SELECT holder_kind, holder_id FROM unique_value WHERE space = ?1 AND name = ?2 AND value = ?3",
        params![claim.space.as_str(), claim.name, unique_key(&claim.value)],
        |row| Ok(RecordRef { kind: row.get(0)?, id: row.get(1)? }),
    )
}

fn is_indexed(
    connection: &Connection,
    key: &RecordKey,
    created: i64,
    row: &IndexRow,
) -> Result<bool, StoreError> {
    let RecordRef { kind, id } = &key.record;
    let rest = one(
        connection,
        "SELECT rest FROM attribute_value WHERE space = ?1 AND kind = ?2 AND path = ?3 \
         AND rank = ?4 AND value = ?5 AND created = ?6 AND id = ?7",
        params![key.space.as_str(), kind, row.path, row.rank, Bound(&row.value), created, id],
        |row| row.get::<_, String>(0),
    )?;
    Ok(rest.as_deref() == Some(row.rest.as_str()))
}
