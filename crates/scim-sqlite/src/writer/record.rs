//! Records, with their indexed values and the totals.

use std::sync::LazyLock;

use rusqlite::{Row, params};
use scim_engine::store::{Guard, INDEXED, PutRecord, RecordKey, Refused, StoreError};
use scim_sql::check::{FoldedNames, is_listed};
use scim_sql::{IndexRow, index_rows};
use serde_json::{Map, Value};

use super::batch::{Run, Written, next};
use super::refusal::Step;
use crate::error::{damaged, store_error};
use crate::row::{Bound, execute, one};

/// What stands in a row that is to be replaced, as far as it matters.
struct Stored {
    version: u64,
    visible: bool,
    created: i64,
    name: Option<String>,
    /// The indexed attributes of its match form.
    form: Map<String, Value>,
}

/// The attributes that indexed paths begin with.
fn indexed_attributes() -> impl Iterator<Item = &'static str> {
    INDEXED.iter().map(|path| path.split_once('.').map_or(*path, |(name, _)| name))
}

/// Reads [`Stored`]; of the match form only the indexed attributes.
static STORED: LazyLock<String> = LazyLock::new(|| {
    let attributes: String = indexed_attributes().map(|name| format!(", form -> '$.{name}'")).collect();
    format!(
        "SELECT version, visible, created, name{attributes} \
         FROM resource WHERE space = ?1 AND kind = ?2 AND id = ?3"
    )
});

impl Run<'_> {
    pub(super) fn put(&mut self, record: &PutRecord, replaces: Option<u64>) -> Step<()> {
        let key = &record.key;
        let written = self.written.get(key).copied();
        let before = match written {
            Some(Written::Put { before } | Written::Deleted { before }) => before,
            Some(Written::Touched) => self.stored_version(key)?,
            // An insert will tell whether there is one.
            None if replaces.is_none() => None,
            None => self.stored_version(key)?,
        };
        let refused = || Refused::Guard(Guard::Version(key.clone(), replaces));
        if before != replaces {
            return Err(refused().into());
        }
        let stands = match written {
            None | Some(Written::Deleted { .. }) => before.is_some() && written.is_none(),
            Some(Written::Put { .. } | Written::Touched) => true,
        };
        let version = next(before);
        if stands {
            self.update(record, version)?;
        } else if !self.insert(record, version)? {
            return Err(refused().into());
        }
        self.written.insert(key.clone(), Written::Put { before });
        Ok(())
    }

    pub(super) fn ensure(&mut self, record: &PutRecord) -> Step<()> {
        let key = &record.key;
        let before = match self.written.get(key) {
            Some(Written::Deleted { before }) => *before,
            Some(Written::Put { .. } | Written::Touched) => return Ok(()),
            None => None,
        };
        if self.insert(record, next(before))? {
            self.written.insert(key.clone(), Written::Put { before });
        }
        Ok(())
    }

    pub(super) fn delete(&mut self, key: &RecordKey, replaces: u64) -> Step<()> {
        let stored = self.stored(key)?;
        let before = match self.written.get(key) {
            Some(Written::Put { before } | Written::Deleted { before }) => *before,
            Some(Written::Touched) | None => stored.as_ref().map(|stored| stored.version),
        };
        if before != Some(replaces) {
            return Err(Refused::Guard(Guard::Version(key.clone(), Some(replaces))).into());
        }
        self.written.insert(key.clone(), Written::Deleted { before });
        self.known.remove(key);
        // Deleted twice in one batch: there is nothing left to do.
        let Some(stored) = stored else { return Ok(()) };
        self.clear_all_links(key)?;
        if stored.visible {
            self.count(key, -1);
            for row in rows_if(is_listed(key), &stored.form) {
                self.remove_row(key, stored.created, &row)?;
            }
        }
        execute(
            self.connection,
            "DELETE FROM resource WHERE space = ?1 AND kind = ?2 AND id = ?3",
            params![key.space.as_str(), key.record.kind, key.record.id],
        )?;
        Ok(())
    }

    /// The version of a record as it stands in the row.
    pub(super) fn stored_version(&self, key: &RecordKey) -> Result<Option<u64>, StoreError> {
        let version: Option<i64> = one(
            self.connection,
            "SELECT version FROM resource WHERE space = ?1 AND kind = ?2 AND id = ?3",
            params![key.space.as_str(), key.record.kind, key.record.id],
            |row| row.get(0),
        )?;
        version.map(|version| u64::try_from(version).map_err(damaged)).transpose()
    }

    fn stored(&self, key: &RecordKey) -> Result<Option<Stored>, StoreError> {
        let mut statement = self.connection.prepare_cached(&STORED).map_err(store_error)?;
        let mut rows = statement
            .query(params![key.space.as_str(), key.record.kind, key.record.id])
            .map_err(store_error)?;
        rows.next().map_err(store_error)?.map(stored).transpose()
    }

    /// Writes a new record; false if there is one already.
    fn insert(&mut self, record: &PutRecord, version: u64) -> Result<bool, StoreError> {
        let key = &record.key;
        let names = FoldedNames::of(record.name.as_deref());
        let new = execute(
            self.connection,
            "INSERT INTO resource (space, kind, id, version, visible, created, modified, \
             name, name_exact, name_folded, document, extra, form) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10, ?11, jsonb(?12)) ON CONFLICT DO NOTHING",
            params![
                key.space.as_str(),
                key.record.kind,
                key.record.id,
                number(version),
                record.visible,
                self.now,
                record.name,
                names.exact,
                names.folded,
                text(record.document.as_map())?,
                text(&record.extra)?,
                text(&record.form)?,
            ],
        )?;
        if new == 0 {
            return Ok(false);
        }
        if record.visible {
            self.count(key, 1);
            for row in rows_if(is_listed(key), &record.form) {
                self.add_row(key, self.now, &row)?;
            }
        }
        Ok(true)
    }

    /// Writes a record over the one that is there.
    fn update(&mut self, record: &PutRecord, version: u64) -> Result<(), StoreError> {
        let key = &record.key;
        let Some(stored) = self.stored(key)? else {
            return Err(damaged(format!("{} was there a moment ago", key.record.id)));
        };
        execute(
            self.connection,
            "UPDATE resource SET version = ?4, modified = max(modified, ?5), document = ?6, extra = ?7, \
             form = jsonb(?8) WHERE space = ?1 AND kind = ?2 AND id = ?3",
            params![
                key.space.as_str(),
                key.record.kind,
                key.record.id,
                number(version),
                self.now,
                text(record.document.as_map())?,
                text(&record.extra)?,
                text(&record.form)?,
            ],
        )?;
        // Apart, so that an ordinary write leaves the indexes on these columns alone.
        if stored.visible != record.visible || stored.name != record.name {
            let names = FoldedNames::of(record.name.as_deref());
            execute(
                self.connection,
                "UPDATE resource SET visible = ?4, name = ?5, name_exact = ?6, name_folded = ?7 \
                 WHERE space = ?1 AND kind = ?2 AND id = ?3",
                params![
                    key.space.as_str(),
                    key.record.kind,
                    key.record.id,
                    record.visible,
                    record.name,
                    names.exact,
                    names.folded
                ],
            )?;
        }
        if stored.visible != record.visible {
            self.count(key, if record.visible { 1 } else { -1 });
        }
        let before = rows_if(stored.visible && is_listed(key), &stored.form);
        let after = rows_if(record.visible && is_listed(key), &record.form);
        for row in before.iter().filter(|row| !after.contains(row)) {
            self.remove_row(key, stored.created, row)?;
        }
        for row in after.iter().filter(|row| !before.contains(row)) {
            self.add_row(key, stored.created, row)?;
        }
        Ok(())
    }

    fn count(&mut self, key: &RecordKey, more: i64) {
        *self.totals.entry((key.space.clone(), key.record.kind.clone())).or_default() += more;
    }

    fn add_row(&self, key: &RecordKey, created: i64, row: &IndexRow) -> Result<(), StoreError> {
        execute(
            self.connection,
            "INSERT INTO attribute_value (space, kind, path, rank, value, created, id, rest) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                key.space.as_str(),
                key.record.kind,
                row.path,
                row.rank,
                Bound(&row.value),
                created,
                key.record.id,
                row.rest
            ],
        )?;
        Ok(())
    }

    fn remove_row(&self, key: &RecordKey, created: i64, row: &IndexRow) -> Result<(), StoreError> {
        execute(
            self.connection,
            "DELETE FROM attribute_value WHERE space = ?1 AND kind = ?2 AND path = ?3 AND rank = ?4 \
             AND value = ?5 AND created = ?6 AND id = ?7",
            params![
                key.space.as_str(),
                key.record.kind,
                row.path,
                row.rank,
                Bound(&row.value),
                created,
                key.record.id
            ],
        )?;
        Ok(())
    }
}

fn rows_if(indexed: bool, form: &Map<String, Value>) -> Vec<IndexRow> {
    if indexed { index_rows(form) } else { Vec::new() }
}

fn stored(row: &Row<'_>) -> Result<Stored, StoreError> {
    let mut form = Map::new();
    for (at, name) in indexed_attributes().enumerate() {
        let value: Option<String> = row.get(4 + at).map_err(store_error)?;
        if let Some(value) = value {
            form.insert(name.to_owned(), serde_json::from_str(&value).map_err(damaged)?);
        }
    }
    Ok(Stored {
        version: crate::row::unsigned(row, 0)?,
        visible: row.get(1).map_err(store_error)?,
        created: row.get(2).map_err(store_error)?,
        name: row.get(3).map_err(store_error)?,
        form,
    })
}

fn text(map: &Map<String, Value>) -> Result<String, StoreError> {
    // A map of JSON values always prints; if not, nothing is written.
    serde_json::to_string(map).map_err(|error| StoreError::Unavailable(Box::new(error)))
}

fn number(version: u64) -> i64 {
    i64::try_from(version).unwrap_or(i64::MAX)
}
