//! Mends what does not agree with the documents, on a connection of its own beside the writer's.
//!
//! Each group of mends is one short transaction, which takes SQLite's write lock as the writer's groups do, and
//! looks again before it changes anything: so a server may be running meanwhile.

mod link;

use std::path::Path;
use std::sync::Arc;
use std::thread;

use rusqlite::{Connection, params};
use scim_engine::check::Expectation;
use scim_engine::store::{Record, RecordKey, RecordRef, SHARDS, StoreError};
use scim_sql::check::{
    Findings, FoldedNames, IndexedKey, Mend, Menders, REPAIR_MARK, disowns, expected, is_listed,
};
use scim_sql::{index_rows, unique_key};
use serde_json::{Map, Value};
use tokio::sync::oneshot;

use crate::check::{beside, check, has_value};
use crate::connection::open_writer;
use crate::error::store_error;
use crate::options::SqliteOptions;
use crate::readers::Readers;
use crate::row::{Bound, execute, object, read_record};

/// A repair of the file that these readers read.
pub(crate) struct Repair<'s> {
    pub(crate) readers: &'s Readers,
    pub(crate) expectation: Arc<dyn Expectation>,
}

impl Menders for Repair<'_> {
    async fn look(&self) -> Result<Findings, StoreError> {
        let expectation = Arc::clone(&self.expectation);
        self.readers.run_long(move |connection| check(connection, &*expectation)).await
    }

    async fn mend(&self, mends: Vec<Mend>, mark: Option<i64>) -> Result<u64, StoreError> {
        let (path, options) = self.readers.file();
        let (path, options) = (path.to_owned(), options.clone());
        let expectation = Arc::clone(&self.expectation);
        let (answer, answered) = oneshot::channel();
        thread::Builder::new()
            .name("scim-sqlite-repair".to_owned())
            .spawn(move || {
                // Whoever does not wait any more needs no answer.
                let _ = answer.send(group(&path, &options, &*expectation, &mends, mark));
            })
            .map_err(|error| StoreError::Unavailable(Box::new(error)))?;
        answered.await.map_err(|_| StoreError::Unavailable("the repair has stopped".into()))?
    }
}

/// Carries mends out in one transaction.
fn group(
    path: &Path,
    options: &SqliteOptions,
    expectation: &dyn Expectation,
    mends: &[Mend],
    mark: Option<i64>,
) -> Result<u64, StoreError> {
    let connection = open_writer(path, options).map_err(|error| StoreError::Unavailable(Box::new(error)))?;
    execute(&connection, "BEGIN IMMEDIATE", [])?;
    // When this fails the connection is dropped, and takes all back.
    let mender = Mender { connection: &connection, expectation };
    let mut changed = 0;
    let is_ours = match mark {
        Some(mark) => mender.raise(mark)?,
        None => true,
    };
    if is_ours {
        for mend in mends {
            changed += u64::from(mender.mend(mend)?);
        }
    }
    execute(&connection, "COMMIT", [])?;
    Ok(changed)
}

struct Mender<'c> {
    connection: &'c Connection,
    expectation: &'c dyn Expectation,
}

impl Mender<'_> {
    /// Raises the mark of repairs; false if another repair has done so.
    fn raise(&self, from: i64) -> Result<bool, StoreError> {
        let [space, name] = REPAIR_MARK;
        let new = "INSERT INTO mark (space, name, version) VALUES (?1, ?2, 0) ON CONFLICT DO NOTHING";
        execute(self.connection, new, [space, name])?;
        let raise = "UPDATE mark SET version = version + 1 WHERE space = ?1 AND name = ?2 AND version = ?3";
        Ok(execute(self.connection, raise, params![space, name, from])? == 1)
    }

    /// Mends one thing; whether that has changed something.
    fn mend(&self, mend: &Mend) -> Result<bool, StoreError> {
        let changed = match mend {
            Mend::Record(key) => self.record(key)?,
            Mend::Claim { row, holder } => {
                let key = RecordKey { space: row.space.clone(), record: holder.clone() };
                let goes = match read_record(self.connection, &key) {
                    Ok(None) => true,
                    Ok(Some(record)) => disowns(self.expectation, &record, row),
                    Err(StoreError::Damaged(_)) => false,
                    Err(error) => return Err(error),
                };
                let sql = "DELETE FROM unique_value WHERE space = ?1 AND name = ?2 AND value = ?3 \
                           AND holder_kind = ?4 AND holder_id = ?5";
                let row = params![row.space.as_str(), row.name, row.value, holder.kind, holder.id];
                if goes { execute(self.connection, sql, row)? } else { 0 }
            }
            Mend::Indexed(key) => {
                if has_value(self.connection, key)? {
                    0
                } else {
                    self.remove(key)?
                }
            }
            Mend::Link(link) => self.link(link)?,
            Mend::Work { space, name } => execute(
                self.connection,
                "UPDATE due SET shard = ?3 WHERE space = ?1 AND name = ?2 AND shard <> ?3",
                params![space.as_str(), name, space.shard(SHARDS)],
            )?,
            Mend::Total { space, kind, by } => execute(
                self.connection,
                "INSERT INTO total (space, kind, visible) VALUES (?1, ?2, ?3) \
                 ON CONFLICT DO UPDATE SET visible = visible + excluded.visible",
                params![space, kind, by],
            )?,
            Mend::Counter { space, name, by, lost } => {
                let lost = lost.unwrap_or_default();
                execute(
                    self.connection,
                    "INSERT INTO counter (space, name, value, floor, \"limit\") VALUES (?1, ?2, ?3, ?4, ?5) \
                     ON CONFLICT DO UPDATE SET value = value + excluded.value, \
                     floor = coalesce(floor, excluded.floor), \"limit\" = coalesce(\"limit\", excluded.\"limit\")",
                    params![space, name, by, lost.floor, lost.limit],
                )?
            }
        };
        Ok(changed > 0)
    }

    /// Makes all again that comes from a record.
    fn record(&self, key: &RecordKey) -> Result<usize, StoreError> {
        let RecordRef { kind, id } = &key.record;
        let mut changed = execute(
            self.connection,
            "UPDATE resource SET version = max(version, 1), modified = max(modified, created) \
             WHERE space = ?1 AND kind = ?2 AND id = ?3 AND (version < 1 OR modified < created)",
            params![key.space.as_str(), kind, id],
        )?;
        let record = match read_record(self.connection, key) {
            Ok(Some(record)) => record,
            // Gone meanwhile, or beyond repair.
            Ok(None) | Err(StoreError::Damaged(_)) => return Ok(changed),
            Err(error) => return Err(error),
        };
        let beside = beside(self.connection, self.expectation, key, &mut None)?;
        let expected = expected(self.expectation, &record, &beside);
        let before = self.form(key)?;
        let form = expected.as_ref().map(|expected| &expected.form).or(before.as_ref());
        let names = FoldedNames::of(record.name.as_deref());
        changed += execute(
            self.connection,
            "UPDATE resource SET name_exact = ?4, name_folded = ?5 WHERE space = ?1 AND kind = ?2 AND id = ?3 \
             AND (name_exact IS NOT ?4 OR name_folded IS NOT ?5)",
            params![key.space.as_str(), kind, id, names.exact, names.folded],
        )?;
        if let Some(form) = form {
            if before.as_ref() != Some(form) {
                changed += execute(
                    self.connection,
                    "UPDATE resource SET form = jsonb(?4) WHERE space = ?1 AND kind = ?2 AND id = ?3",
                    params![key.space.as_str(), kind, id, Value::Object(form.clone()).to_string()],
                )?;
            }
            changed += self.index(&record, before.as_ref(), form)?;
        }
        let Some(expected) = expected else { return Ok(changed) };
        for claim in &expected.claims {
            // Where another record holds the value, the check goes on naming it.
            changed += execute(
                self.connection,
                "INSERT INTO unique_value (space, name, value, holder_kind, holder_id) \
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                params![claim.space.as_str(), claim.name, unique_key(&claim.value), kind, id],
            )?;
        }
        for relation in self.expectation.relations(kind) {
            let wanted = expected.owners.iter().filter(|(by, _)| by == relation).map(|(_, owner)| owner);
            let wanted: Vec<&RecordRef> = wanted.collect();
            let is: Vec<&RecordRef> =
                beside.owners.iter().filter(|(by, _)| by == relation).map(|(_, owner)| owner).collect();
            for owner in wanted.iter().filter(|owner| !is.contains(owner)) {
                changed += self.add_link(key, relation, owner)?;
            }
            for owner in is.iter().filter(|owner| !wanted.contains(owner)) {
                changed += self.remove_link(key, relation, owner)?;
            }
        }
        Ok(changed)
    }

    /// The match form as it stands there, if it can be read.
    fn form(&self, key: &RecordKey) -> Result<Option<Map<String, Value>>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT CASE WHEN json_valid(form, 8) THEN json(form) END FROM resource \
                 WHERE space = ?1 AND kind = ?2 AND id = ?3",
            )
            .map_err(store_error)?;
        let mut rows = statement
            .query(params![key.space.as_str(), key.record.kind, key.record.id])
            .map_err(store_error)?;
        Ok(rows.next().map_err(store_error)?.and_then(|row| object(row, 0).ok()))
    }

    /// Brings the index from one form to another, and adds what it lacks.
    fn index(
        &self,
        record: &Record,
        before: Option<&Map<String, Value>>,
        form: &Map<String, Value>,
    ) -> Result<usize, StoreError> {
        let is_indexed = record.visible && is_listed(&record.key);
        let wanted = if is_indexed { index_rows(form) } else { Vec::new() };
        let mut changed = 0;
        for row in before.map(index_rows).unwrap_or_default() {
            if !wanted.contains(&row) {
                changed += self.remove(&IndexedKey {
                    record: record.key.clone(),
                    path: row.path.to_owned(),
                    rank: row.rank,
                    value: row.value,
                    created: record.created,
                })?;
            }
        }
        let RecordRef { kind, id } = &record.key.record;
        for row in &wanted {
            changed += execute(
                self.connection,
                "INSERT INTO attribute_value (space, kind, path, rank, value, created, id, rest) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
                 ON CONFLICT DO UPDATE SET rest = excluded.rest WHERE rest <> excluded.rest",
                params![
                    record.key.space.as_str(),
                    kind,
                    row.path,
                    row.rank,
                    Bound(&row.value),
                    record.created,
                    id,
                    row.rest
                ],
            )?;
        }
        Ok(changed)
    }

    fn remove(&self, key: &IndexedKey) -> Result<usize, StoreError> {
        let RecordRef { kind, id } = &key.record.record;
        execute(
            self.connection,
            "DELETE FROM attribute_value WHERE space = ?1 AND kind = ?2 AND path = ?3 AND rank = ?4 \
             AND value = ?5 AND created = ?6 AND id = ?7",
            params![key.record.space.as_str(), kind, key.path, key.rank, Bound(&key.value), key.created, id],
        )
    }
}
