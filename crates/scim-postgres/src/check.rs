//! Whether everything beside the documents agrees with them: the tables of PostgreSQL, told to the shared check.
//!
//! All is read in one snapshot, piece by piece, so that memory does not grow with the number of records.

use std::collections::BTreeMap;

use scim_engine::store::{ClaimKey, Record, RecordKey, RecordRef, Space, StoreError};
use scim_sql::check::{Check, Expected, Fault, StoredRecord};
use scim_sql::{IndexRow, Param, Sql, unique_key};
use serde_json::json;
use tokio_postgres::Row;

use crate::error::damaged;
use crate::read::texts;
use crate::readers::{Question, Read, Snapshot, Stop};
use crate::row::{column, index_text, int, object, record, record_columns};

/// How many rows are read at once.
const PIECE: i64 = 500;

/// It may take long.
const SETTINGS: &str = "SELECT set_config('statement_timeout', '0', true), \
     set_config('idle_in_transaction_session_timeout', '0', true)";

const RECORDS: &str = concat!(
    "SELECT ",
    record_columns!(),
    ", r.space, r.kind, r.id, r.name_exact, r.name_folded, r.form::text, r.indexed::text FROM resource r \
     WHERE (r.space, r.kind, r.id) > ($1, $2, $3) ORDER BY r.space, r.kind, r.id LIMIT $4"
);

// A subquery with an OFFSET is planned by itself: each row is looked up by its whole key, whatever the statistics
// say.

const HOLDERS: &str = "SELECT u.holder_kind, u.holder_id \
     FROM jsonb_array_elements($1::text::jsonb) WITH ORDINALITY i(claim, at) LEFT JOIN LATERAL \
     (SELECT * FROM unique_value u WHERE u.space = i.claim ->> 0 AND u.name = i.claim ->> 1 \
     AND u.value = i.claim ->> 2 OFFSET 0) u ON TRUE ORDER BY i.at";

/// The rests of rows of the index.
const INDEXED: &str = "SELECT a.rest FROM jsonb_array_elements($1::text::jsonb) WITH ORDINALITY i(key, at) \
     LEFT JOIN LATERAL (SELECT * FROM attribute_value a WHERE a.space = i.key ->> 0 AND a.kind = i.key ->> 1 \
     AND a.path = i.key -> 4 ->> 0 AND a.rank = (i.key -> 4 ->> 1)::smallint \
     AND a.value = scim_index_key(i.key -> 4) AND a.created = (i.key ->> 3)::bigint AND a.id = i.key ->> 2 \
     OFFSET 0) a ON TRUE ORDER BY i.at";

const CLAIMS: &str = concat!(
    "SELECT ",
    record_columns!(),
    ", u.space, u.name, u.value, u.holder_kind, u.holder_id, r.id IS NOT NULL FROM \
     (SELECT * FROM unique_value u WHERE (u.space, u.name, u.value) > ($1, $2, $3) \
     ORDER BY u.space, u.name, u.value LIMIT $4) u LEFT JOIN LATERAL \
     (SELECT * FROM resource r WHERE r.space = u.space AND r.kind = u.holder_kind AND r.id = u.holder_id OFFSET 0) r \
     ON TRUE ORDER BY u.space, u.name, u.value"
);

const LINKS: &str = "SELECT l.space, l.member_id, l.relation, l.member_kind, l.owner_id, l.owner_kind, \
     coalesce(o.owner, FALSE) AND m.id IS NOT NULL AND l.position <= \
     (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM link_position) \
     FROM (SELECT * FROM link l WHERE (l.space, l.member_id, l.relation, l.member_kind, l.owner_id, l.owner_kind) \
     > ($1, $2, $3, $4, $5, $6) ORDER BY l.space, l.member_id, l.relation, l.member_kind, l.owner_id, l.owner_kind \
     LIMIT $7) l LEFT JOIN LATERAL (SELECT * FROM resource o \
     WHERE o.space = l.space AND o.kind = l.owner_kind AND o.id = l.owner_id OFFSET 0) o ON TRUE \
     LEFT JOIN LATERAL (SELECT * FROM resource m \
     WHERE m.space = l.space AND m.kind = l.member_kind AND m.id = l.member_id OFFSET 0) m ON TRUE \
     ORDER BY l.space, l.member_id, l.relation, l.member_kind, l.owner_id, l.owner_kind";

const WORK: &str =
    "SELECT space, name, shard FROM due WHERE (space, name) > ($1, $2) ORDER BY space, name LIMIT $3";

type Expecting<'e> = &'e (dyn Fn(&Record) -> Option<Expected> + Send + Sync);

/// All faults of the whole database.
pub(crate) struct Whole<'e>(pub(crate) Expecting<'e>);

impl Read for Whole<'_> {
    type Answer = Vec<Fault>;

    async fn run(&self, snapshot: &mut Snapshot) -> Result<Vec<Fault>, Stop> {
        let mut tables = Tables { snapshot, check: Check::new(self.0) };
        tables.ask(Question::kept(SETTINGS, Vec::new())).await?;
        tables.records().await?;
        tables.claims().await?;
        tables.work().await?;
        tables.links().await?;
        tables.sums().await?;
        let Tables { snapshot, check } = tables;
        snapshot.ask(&[], true).await?;
        Ok(check.into_faults())
    }
}

/// A row that a record must have in the index: its path and its rest, and its key as [`INDEXED`] takes it.
type IndexedRow = (RecordKey, &'static str, String, serde_json::Value);

/// What must stand elsewhere for the records of a piece.
#[derive(Default)]
struct Wanted {
    claims: Vec<(RecordKey, ClaimKey)>,
    rows: Vec<IndexedRow>,
}

struct Tables<'s, 'e> {
    snapshot: &'s mut Snapshot,
    check: Check<'e>,
}

impl Tables<'_, '_> {
    async fn ask(&mut self, question: Question) -> Result<Vec<Row>, Stop> {
        Ok(self.snapshot.ask(&[question], false).await?.pop().unwrap_or_default())
    }

    async fn records(&mut self) -> Result<(), Stop> {
        let mut after = [String::new(), String::new(), String::new()];
        loop {
            let rows = self.ask(Question::kept(RECORDS, piece(&after))).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = [column(last, 7)?, column(last, 8)?, column(last, 9)?];
            let mut wanted = Wanted::default();
            for row in &rows {
                self.record(row, &mut wanted)?;
            }
            self.holders(&wanted.claims).await?;
            self.index(wanted.rows).await?;
        }
    }

    /// Looks at a record, and adds what must stand elsewhere.
    fn record(&mut self, row: &Row, all: &mut Wanted) -> Result<(), StoreError> {
        let space = Space::from_stored(column::<&str>(row, 7)?);
        let key = RecordKey::new(&space, column(row, 8)?, column(row, 9)?);
        let stored = record(key.clone(), row, 0).and_then(|record| Ok((record, object(row, 12)?)));
        let (record, form) = match stored {
            Ok(stored) => stored,
            Err(error) => {
                self.check.unreadable(&key, &error);
                return Ok(());
            }
        };
        let (created, name_exact, name_folded) = (record.created, column(row, 10)?, column(row, 11)?);
        let wanted = self.check.record(&StoredRecord { record, name_exact, name_folded, form });
        // What the function keeps beside the record is what it takes out of the index later.
        let kept: Vec<[serde_json::Value; 4]> = serde_json::from_str(column(row, 13)?).unwrap_or_default();
        for IndexRow { path, rank, value, rest } in wanted.rows {
            let sent = [json!(path), json!(rank), json!(index_text(value)), json!(&rest)];
            if !kept.contains(&sent) {
                self.check.lacks(&key, path);
            }
            let RecordRef { kind, id } = &key.record;
            all.rows.push((key.clone(), path, rest, json!([space.as_str(), kind, id, created, sent])));
        }
        all.claims.extend(wanted.claims.into_iter().map(|claim| (key.clone(), claim)));
        Ok(())
    }

    async fn holders(&mut self, claims: &[(RecordKey, ClaimKey)]) -> Result<(), Stop> {
        let keys: Vec<_> = claims
            .iter()
            .map(|(_, claim)| json!([claim.space.as_str(), claim.name, unique_key(&claim.value)]))
            .collect();
        let keys = Param::Text(serde_json::Value::from(keys).to_string());
        let rows = self.ask(Question::kept(HOLDERS, vec![keys])).await?;
        for ((record, claim), row) in claims.iter().zip(&rows) {
            let kind: Option<String> = column(row, 0)?;
            let holder = kind.map(|kind| Ok::<_, StoreError>(RecordRef { kind, id: column(row, 1)? }));
            self.check.held(record, claim, holder.transpose()?.as_ref());
        }
        Ok(())
    }

    async fn index(&mut self, wanted: Vec<IndexedRow>) -> Result<(), Stop> {
        let keys = wanted.iter().map(|(.., key)| key.clone()).collect::<serde_json::Value>().to_string();
        let rows = self.ask(Question::kept(INDEXED, vec![Param::Text(keys)])).await?;
        for ((record, path, rest, _), row) in wanted.iter().zip(&rows) {
            if column::<Option<&str>>(row, 0)? != Some(rest) {
                self.check.lacks(record, path);
            }
        }
        Ok(())
    }

    /// Claims whose holder does not have the value, or is not there.
    async fn claims(&mut self) -> Result<(), Stop> {
        let mut after = [String::new(), String::new(), String::new()];
        loop {
            let rows = self.ask(Question::kept(CLAIMS, piece(&after))).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = [column(last, 7)?, column(last, 8)?, column(last, 9)?];
            for row in &rows {
                let space = Space::from_stored(column::<&str>(row, 7)?);
                let claim = ClaimKey { space: space.clone(), name: column(row, 8)?, value: column(row, 9)? };
                let holder = RecordRef { kind: column(row, 10)?, id: column(row, 11)? };
                if !column::<bool>(row, 12)? {
                    self.check.claim(&claim, &holder, None);
                // One that cannot be read has been named already.
                } else if let Ok(record) = record(RecordKey { space, record: holder.clone() }, row, 0) {
                    self.check.claim(&claim, &holder, Some(&record));
                }
            }
        }
    }

    async fn links(&mut self) -> Result<(), Stop> {
        let mut after: [String; 6] = Default::default();
        loop {
            let mut params: Vec<Param> = after.iter().cloned().map(Param::Text).collect();
            params.push(Param::Int(PIECE));
            let rows = self.ask(Question::kept(LINKS, params)).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            for row in &rows {
                if !column::<bool>(row, 6)? {
                    let member = RecordRef { kind: column(row, 3)?, id: column(row, 1)? };
                    let owner = RecordRef { kind: column(row, 5)?, id: column(row, 4)? };
                    self.check.loose_link(column(row, 0)?, column(row, 2)?, &owner, &member);
                }
            }
            for (at, part) in after.iter_mut().enumerate() {
                *part = column(last, at)?;
            }
        }
    }

    async fn work(&mut self) -> Result<(), Stop> {
        let mut after = [String::new(), String::new()];
        loop {
            let mut params = texts([&after[0], &after[1]]);
            params.push(Param::Int(PIECE));
            let rows = self.ask(Question::kept(WORK, params)).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = [column(last, 0)?, column(last, 1)?];
            for row in &rows {
                self.check.work(&Space::from_stored(column::<&str>(row, 0)?), column(row, 1)?, int(row, 2)?);
            }
        }
    }

    async fn sums(&mut self) -> Result<(), Stop> {
        let questions = [
            "SELECT count(*) FROM attribute_value",
            "SELECT space, kind, sum(visible)::bigint FROM total GROUP BY space, kind",
            "SELECT space, name, value FROM counter",
        ]
        .map(|sql| Question::lowered(Sql::raw(sql)));
        let answers = self.snapshot.ask(&questions, false).await?;
        let [rows, totals, counters] = answers.as_slice() else { return Err(damaged("no sums").into()) };
        let rows = rows.first().map_or(Ok(0), |row| int(row, 0))?;
        self.check.sums(rows, &numbers(totals)?, &numbers(counters)?);
        Ok(())
    }
}

fn numbers(rows: &[Row]) -> Result<BTreeMap<(String, String), i64>, StoreError> {
    rows.iter().map(|row| Ok(((column(row, 0)?, column(row, 1)?), column(row, 2)?))).collect()
}

/// The next rows behind a key.
fn piece(after: &[String; 3]) -> Vec<Param> {
    let mut params = texts([&after[0], &after[1], &after[2]]);
    params.push(Param::Int(PIECE));
    params
}
