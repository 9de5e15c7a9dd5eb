//! Whether everything beside the documents agrees with them: the tables of SQLite, told to the shared check.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row, params};
use scim_engine::check::Expectation;
use scim_engine::store::{ClaimKey, Record, RecordKey, RecordRef, Space, StoreError};
use scim_sql::check::{Beside, Check, Findings, IndexedKey, REPAIR_MARK, StoredRecord};
use scim_sql::{IndexRow, Param, index_rows, unique_key};

use crate::error::store_error;
use crate::row::{Bound, object, one, param, read_record, record, record_columns};

/// Checks the whole file in one snapshot.
pub(crate) fn check(connection: &Connection, expectation: &dyn Expectation) -> Result<Findings, StoreError> {
    let mut tables = Tables { connection, check: Check::new(expectation) };
    let mark = "SELECT version FROM mark WHERE space = ?1 AND name = ?2";
    let mark = one(connection, mark, REPAIR_MARK, |row| row.get(0))?.unwrap_or(0);
    tables.file()?;
    tables.records()?;
    tables.claims()?;
    tables.links()?;
    tables.sums()?;
    tables.work()?;
    Ok(tables.check.into_findings(mark))
}

/// What stands beside a record; the guide is read once for all records of a space that follow one another.
pub(crate) fn beside(
    connection: &Connection,
    expectation: &dyn Expectation,
    key: &RecordKey,
    guide: &mut Option<(Space, Option<Record>)>,
) -> Result<Beside, StoreError> {
    if guide.as_ref().is_none_or(|(space, _)| *space != key.space) {
        let record = match expectation.guide(&key.space) {
            // One that cannot be read is named when it is looked at itself.
            Some(key) => match read_record(connection, &key) {
                Err(StoreError::Damaged(_)) => None,
                record => record?,
            },
            None => None,
        };
        *guide = Some((key.space.clone(), record));
    }
    let record = guide.as_ref().and_then(|(_, record)| record.clone());
    let mut owners = Vec::new();
    for relation in expectation.relations(&key.record.kind) {
        let mut statement = connection
            .prepare_cached(
                "SELECT owner_kind, owner_id FROM link WHERE space = ?1 AND relation = ?2 \
                 AND member_id = ?3 AND member_kind = ?4 ORDER BY position",
            )
            .map_err(store_error)?;
        let found = statement
            .query_map(params![key.space.as_str(), relation, key.record.id, key.record.kind], |row| {
                Ok(((*relation).to_owned(), RecordRef { kind: row.get(0)?, id: row.get(1)? }))
            })
            .map_err(store_error)?;
        for owner in found {
            owners.push(owner.map_err(store_error)?);
        }
    }
    Ok(Beside { guide: record, owners })
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
                check.storage(&line);
            }
            Ok(())
        })
    }

    fn records(&mut self) -> Result<(), StoreError> {
        let connection = self.connection;
        let sql = concat!(
            "SELECT space, kind, id, name_exact, name_folded, CASE WHEN json_valid(form, 8) THEN json(form) END, ",
            record_columns!(""),
            " FROM resource ORDER BY space, kind, id"
        );
        let mut guide = None;
        self.for_each(sql, |check, row| {
            let key = RecordKey::new(&Space::from_stored(&text(row, 0)?), &text(row, 1)?, &text(row, 2)?);
            let record = match record(key.clone(), row, 6) {
                Ok(record) => record,
                Err(error) => {
                    check.unreadable(&key, &error);
                    return Ok(());
                }
            };
            let form = object(row, 5).ok();
            let created = record.created;
            let (name_exact, name_folded) =
                (row.get(3).map_err(store_error)?, row.get(4).map_err(store_error)?);
            let beside = beside(connection, check.expectation(), &key, &mut guide)?;
            let wanted = check.record(&StoredRecord { record, name_exact, name_folded, form }, &beside);
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
        if self.check.index_size(rows.unwrap_or(0)) {
            self.surplus()?;
        }
        let totals = self.numbers("SELECT space, kind, visible FROM total")?;
        let counters = self.numbers("SELECT space, name, value FROM counter")?;
        self.check.sums(&totals, &counters);
        Ok(())
    }

    /// Rows of the index that no record has: looked for only where there may be some.
    fn surplus(&mut self) -> Result<(), StoreError> {
        let connection = self.connection;
        let sql = "SELECT space, kind, id, path, rank, value, created FROM attribute_value";
        self.for_each(sql, |check, row| {
            let key = IndexedKey {
                record: RecordKey::new(&Space::from_stored(&text(row, 0)?), &text(row, 1)?, &text(row, 2)?),
                path: text(row, 3)?,
                rank: row.get(4).map_err(store_error)?,
                value: param(row, 5)?,
                created: row.get(6).map_err(store_error)?,
            };
            if !has_value(connection, &key)? {
                check.surplus(key);
            }
            Ok(())
        })
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

/// Whether the record of a row of the index has its value.
pub(crate) fn has_value(connection: &Connection, key: &IndexedKey) -> Result<bool, StoreError> {
    let RecordRef { kind, id } = &key.record.record;
    let mut statement = connection
        .prepare_cached(
            "SELECT CASE WHEN json_valid(form, 8) THEN json(form) END FROM resource \
             WHERE space = ?1 AND kind = ?2 AND id = ?3 AND visible AND created = ?4",
        )
        .map_err(store_error)?;
    let mut rows =
        statement.query(params![key.record.space.as_str(), kind, id, key.created]).map_err(store_error)?;
    let Some(row) = rows.next().map_err(store_error)? else { return Ok(false) };
    // What a damaged form had stays until the form is made again.
    let Ok(form) = object(row, 0) else { return Ok(true) };
    let is_value = |value: &Param| match (value, &key.value) {
        // As which SQLite keeps it.
        (Param::Bool(value), Param::Int(is)) => i64::from(*value) == *is,
        (value, is) => value == is,
    };
    let rows = index_rows(&form);
    Ok(rows.iter().any(|row| row.path == key.path && row.rank == key.rank && is_value(&row.value)))
}
