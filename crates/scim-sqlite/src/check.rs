//! Whether everything beside the documents agrees with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use rusqlite::{Connection, params};
use scim_engine::store::{ClaimKey, Record, RecordKey, RecordRef, SHARDS, Space, StoreError};
use scim_sql::{index_rows, unique_key};
use serde_json::{Map, Value};

use crate::error::store_error;
use crate::names::Names;
use crate::row::{Bound, object, one, read_record, record, record_columns};
use crate::writer::is_listed;

/// After how many faults a check ends.
const MOST_FAULTS: usize = 1_000;

/// What a record must have brought along, as the application computes it from the document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// The match form; `$shown` is taken from what stands beside the document.
    pub form: Map<String, Value>,
    /// The unique values that the record holds, and no others.
    pub claims: Vec<ClaimKey>,
    /// What the record adds to counters of its space; other records add to the same ones.
    pub counted: Vec<(&'static str, i64)>,
}

/// Something that does not agree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The space that it is found in; empty when it is about the whole file.
    pub space: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.space.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.space, self.message)
        }
    }
}

/// Checks the whole file in one snapshot.
pub(crate) fn check(
    connection: &Connection,
    expected: &dyn Fn(&Record) -> Option<Expected>,
) -> Result<Vec<Fault>, StoreError> {
    let mut check = Check { connection, expected, faults: Vec::new(), seen: Seen::default() };
    check.file()?;
    check.records()?;
    check.claims()?;
    check.links()?;
    check.sums()?;
    check.work()?;
    Ok(check.faults)
}

struct Check<'c> {
    connection: &'c Connection,
    expected: &'c dyn Fn(&Record) -> Option<Expected>,
    faults: Vec<Fault>,
    seen: Seen,
}

/// What the records add up to.
#[derive(Default)]
struct Seen {
    visible: BTreeMap<(String, String), i64>,
    index_rows: i64,
    counters: BTreeMap<(String, &'static str), i64>,
    counter_names: BTreeSet<&'static str>,
}

impl Check<'_> {
    fn fault(&mut self, space: &str, message: impl Into<String>) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(Fault { space: space.to_owned(), message: message.into() });
        }
    }

    /// What SQLite itself finds.
    fn file(&mut self) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check(100)").map_err(store_error)?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0)).map_err(store_error)?;
        for line in lines {
            let line = line.map_err(store_error)?;
            if line != "ok" {
                self.fault("", line);
            }
        }
        Ok(())
    }

    fn records(&mut self) -> Result<(), StoreError> {
        let connection = self.connection;
        let mut statement = connection
            .prepare(concat!(
                "SELECT space, kind, id, name_exact, name_folded, CASE WHEN json_valid(form, 8) THEN json(form) END, ",
                record_columns!(""),
                " FROM resource"
            ))
            .map_err(store_error)?;
        let mut rows = statement.query([]).map_err(store_error)?;
        while let Some(row) = rows.next().map_err(store_error)? {
            let text = |column| row.get::<_, String>(column).map_err(store_error);
            let (space, kind, id) = (text(0)?, text(1)?, text(2)?);
            let key = RecordKey::new(&Space::from_stored(&space), &kind, &id);
            let stored = record(key, row, 6).and_then(|record| Ok((record, object(row, 5)?)));
            let (record, form) = match stored {
                Ok(stored) => stored,
                Err(error) => {
                    self.fault(&space, format!("{kind} {id} cannot be read: {error}"));
                    continue;
                }
            };
            let names = Names::of(record.name.as_deref());
            let stored: (Option<String>, Option<String>) =
                (row.get(3).map_err(store_error)?, row.get(4).map_err(store_error)?);
            if (stored.0.as_deref(), stored.1.as_deref()) != (names.exact.as_deref(), names.folded.as_deref())
            {
                self.fault(&space, format!("the folded names of {kind} {id} are not those of its name"));
            }
            if record.modified < record.created {
                self.fault(&space, format!("{kind} {id} was modified before it was created"));
            }
            self.record(&record, &form)?;
        }
        Ok(())
    }

    fn record(&mut self, record: &Record, form: &Map<String, Value>) -> Result<(), StoreError> {
        let space = record.key.space.as_str();
        let RecordRef { kind, id } = &record.key.record;
        if let Some(mut expected) = (self.expected)(record) {
            if let Some(shown) = record.extra.get("$shown") {
                expected.form.insert("$shown".to_owned(), shown.clone());
            }
            if expected.form != *form {
                self.fault(space, format!("the match form of {kind} {id} is not that of its document"));
            }
            for claim in &expected.claims {
                if holder(self.connection, claim)?.as_ref() != Some(&record.key.record) {
                    self.fault(
                        space,
                        format!("{kind} {id} does not hold its {} {}", claim.name, claim.value),
                    );
                }
            }
            for (name, by) in expected.counted {
                *self.seen.counters.entry((space.to_owned(), name)).or_default() += by;
                self.seen.counter_names.insert(name);
            }
        }
        if !record.visible {
            return Ok(());
        }
        *self.seen.visible.entry((space.to_owned(), kind.clone())).or_default() += 1;
        if !is_listed(&record.key) {
            return Ok(());
        }
        for row in index_rows(form) {
            self.seen.index_rows += 1;
            let found = one(
                self.connection,
                "SELECT rest FROM attribute_value WHERE space = ?1 AND kind = ?2 AND path = ?3 \
                 AND rank = ?4 AND value = ?5 AND created = ?6 AND id = ?7",
                params![space, kind, row.path, row.rank, Bound(&row.value), record.created, id],
                |row| row.get::<_, String>(0),
            )?;
            if found != Some(row.rest) {
                self.fault(space, format!("the index lacks the {} of {kind} {id}", row.path));
            }
        }
        Ok(())
    }

    /// Claims whose holder does not have the value, or is not there.
    fn claims(&mut self) -> Result<(), StoreError> {
        let connection = self.connection;
        let mut statement = connection
            .prepare("SELECT space, name, value, holder_kind, holder_id FROM unique_value")
            .map_err(store_error)?;
        let mut rows = statement.query([]).map_err(store_error)?;
        while let Some(row) = rows.next().map_err(store_error)? {
            let text = |column| row.get::<_, String>(column).map_err(store_error);
            let space = Space::from_stored(&text(0)?);
            let claim = ClaimKey { space: space.clone(), name: text(1)?, value: text(2)? };
            let (kind, id) = (text(3)?, text(4)?);
            let (space, key) = (claim.space.as_str(), RecordKey::new(&space, &kind, &id));
            match read_record(connection, &key) {
                Ok(Some(record)) => {
                    // What stands in the row is what stands for the value.
                    let is_claim = |one: &ClaimKey| {
                        (&one.space, &one.name) == (&claim.space, &claim.name)
                            && unique_key(&one.value) == claim.value
                    };
                    let has = |expected: Expected| expected.claims.iter().any(is_claim);
                    if (self.expected)(&record).is_some_and(|expected| !has(expected)) {
                        self.fault(
                            space,
                            format!("{kind} {id} holds {} {} and does not have it", claim.name, claim.value),
                        );
                    }
                }
                Ok(None) => {
                    self.fault(
                        space,
                        format!("{} {} is held by {kind} {id}, which is not there", claim.name, claim.value),
                    );
                }
                // It has been named already.
                Err(StoreError::Damaged(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Links of which an end is missing, or that were never counted.
    fn links(&mut self) -> Result<(), StoreError> {
        let mut statement = self
            .connection
            .prepare(
                "SELECT l.space, l.relation, l.owner_kind, l.owner_id, l.member_kind, l.member_id \
                 FROM link l \
                 LEFT JOIN resource o ON o.space = l.space AND o.kind = l.owner_kind AND o.id = l.owner_id \
                 LEFT JOIN resource m ON m.space = l.space AND m.kind = l.member_kind AND m.id = l.member_id \
                 LEFT JOIN link_order n ON n.space = l.space AND n.relation = l.relation \
                 WHERE o.owner IS NOT 1 OR m.id IS NULL OR n.last IS NULL OR n.last < l.position",
            )
            .map_err(store_error)?;
        let mut rows = statement.query([]).map_err(store_error)?;
        while let Some(row) = rows.next().map_err(store_error)? {
            let text = |column| row.get::<_, String>(column).map_err(store_error);
            let message = format!(
                "the {} link of {} {} and {} {} hangs in the air",
                text(1)?,
                text(2)?,
                text(3)?,
                text(4)?,
                text(5)?
            );
            self.fault(&text(0)?, message);
        }
        Ok(())
    }

    /// Totals, counters and the size of the index.
    fn sums(&mut self) -> Result<(), StoreError> {
        let seen = std::mem::take(&mut self.seen);
        let rows: Option<i64> =
            one(self.connection, "SELECT count(*) FROM attribute_value", [], |row| row.get(0))?;
        if rows != Some(seen.index_rows) {
            self.fault("", format!("the index has {rows:?} values and not {}", seen.index_rows));
        }
        let totals = self.numbers("SELECT space, kind, visible FROM total")?;
        for (space, kind) in seen.visible.keys().chain(totals.keys()).collect::<BTreeSet<_>>() {
            let key = (space.clone(), kind.clone());
            let (is, counted) = (totals.get(&key).copied(), seen.visible.get(&key).copied());
            if is.unwrap_or(0) != counted.unwrap_or(0) {
                self.fault(space, format!("the total of {kind} is {is:?}, and {counted:?} are visible"));
            }
        }
        let counters = self.numbers("SELECT space, name, value FROM counter")?;
        for ((space, name), value) in &counters {
            if let Some(name) = seen.counter_names.get(name.as_str()) {
                let counted = seen.counters.get(&(space.clone(), *name)).copied().unwrap_or(0);
                if *value != counted {
                    self.fault(
                        space,
                        format!("the counter {name} is {value}, and the records count {counted}"),
                    );
                }
            }
        }
        for (space, name) in seen.counters.keys() {
            if !counters.contains_key(&(space.clone(), (*name).to_owned())) {
                self.fault(space, format!("there is no counter {name}"));
            }
        }
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
        let connection = self.connection;
        let mut statement = connection.prepare("SELECT space, name, shard FROM due").map_err(store_error)?;
        let mut rows = statement.query([]).map_err(store_error)?;
        while let Some(row) = rows.next().map_err(store_error)? {
            let (space, name): (String, String) =
                (row.get(0).map_err(store_error)?, row.get(1).map_err(store_error)?);
            let shard: i64 = row.get(2).map_err(store_error)?;
            if shard != i64::from(Space::from_stored(&space).shard(SHARDS)) {
                self.fault(&space, format!("the work {name} is in the shard {shard}"));
            }
        }
        Ok(())
    }
}

fn holder(connection: &Connection, claim: &ClaimKey) -> Result<Option<RecordRef>, StoreError> {
    one(
        connection,
        "SELECT holder_kind, holder_id FROM unique_value WHERE space = ?1 AND name = ?2 AND value = ?3",
        params![claim.space.as_str(), claim.name, unique_key(&claim.value)],
        |row| Ok(RecordRef { kind: row.get(0)?, id: row.get(1)? }),
    )
}
