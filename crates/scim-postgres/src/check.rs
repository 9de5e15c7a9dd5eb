//! Whether everything beside the documents agrees with them: the tables of PostgreSQL, told to the shared check.
//!
//! All is read in one snapshot, piece by piece, so that memory does not grow with the number of records.

use std::collections::BTreeMap;

use scim_engine::check::Expectation;
use scim_engine::store::{ClaimKey, Record, RecordKey, RecordRef, Space, StoreError};
use scim_sql::check::{Beside, Check, Findings, IndexedKey, REPAIR_MARK, StoredRecord};
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

const MARK: &str = "SELECT version FROM mark WHERE space = $1 AND name = $2";

const OWNERS: &str = "SELECT i.at, l.relation, l.owner_kind, l.owner_id \
     FROM jsonb_array_elements($1::text::jsonb) WITH ORDINALITY i(key, at) JOIN LATERAL \
     (SELECT * FROM link l WHERE l.space = i.key ->> 0 AND l.member_id = i.key ->> 1 \
     AND l.relation = i.key ->> 2 AND l.member_kind = i.key ->> 3 OFFSET 0) l ON TRUE ORDER BY i.at, l.position";

const GUIDES: &str = concat!(
    "SELECT ",
    record_columns!(),
    ", r.space, r.kind, r.id FROM jsonb_array_elements($1::text::jsonb) i(key) JOIN LATERAL \
     (SELECT * FROM resource r WHERE r.space = i.key ->> 0 AND r.kind = i.key ->> 1 AND r.id = i.key ->> 2 \
     OFFSET 0) r ON TRUE"
);

/// Rows of the index that no record has. It looks at each of them, so it is asked only where there may be some.
const SURPLUS: &str = "SELECT a.space, a.kind, a.id, a.path, a.rank, a.value, a.created FROM attribute_value a \
     LEFT JOIN LATERAL (SELECT * FROM resource r WHERE r.space = a.space AND r.kind = a.kind AND r.id = a.id \
     OFFSET 0) r ON TRUE WHERE NOT coalesce(r.visible AND r.created = a.created AND EXISTS \
     (SELECT FROM jsonb_array_elements(CASE WHEN jsonb_typeof(r.indexed) = 'array' THEN r.indexed ELSE '[]' END) \
     e(entry) WHERE e.entry ->> 0 = a.path AND (e.entry ->> 1)::smallint = a.rank \
     AND scim_index_key(e.entry) = a.value), FALSE) LIMIT $1";

/// How many rows of the index that no record has are told of at once.
const MOST_SURPLUS: i64 = 10_000;

/// All that is found in the whole database.
pub(crate) struct Whole<'e>(pub(crate) &'e dyn Expectation);

impl Read for Whole<'_> {
    type Answer = Findings;

    async fn run(&self, snapshot: &mut Snapshot) -> Result<Findings, Stop> {
        let mut tables = Tables { snapshot, check: Check::new(self.0), guide: None };
        tables.ask(Question::kept(SETTINGS, Vec::new())).await?;
        let mark = tables.ask(Question::kept(MARK, texts(REPAIR_MARK))).await?;
        let mark = mark.first().map_or(Ok(0), |row| int(row, 0))?;
        tables.records().await?;
        tables.claims().await?;
        tables.work().await?;
        tables.links().await?;
        tables.sums().await?;
        let Tables { snapshot, check, .. } = tables;
        snapshot.ask(&[], true).await?;
        Ok(check.into_findings(mark))
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
    /// The guide of the last space that has one.
    guide: Option<Record>,
}

/// The question for the owners of records by the relations by which they are judged, and whose each number is.
pub(crate) fn owners(expectation: &dyn Expectation, keys: &[RecordKey]) -> Option<(Question, Vec<usize>)> {
    let (mut asked, mut of) = (Vec::new(), Vec::new());
    for (at, RecordKey { space, record }) in keys.iter().enumerate() {
        for relation in expectation.relations(&record.kind) {
            asked.push(json!([space.as_str(), record.id, relation, record.kind]));
            of.push(at);
        }
    }
    let asked = serde_json::Value::from(asked).to_string();
    (!of.is_empty()).then(|| (Question::kept(OWNERS, vec![Param::Text(asked)]), of))
}

/// An owner, and the number of the question that it answers.
pub(crate) fn owner(row: &Row) -> Result<(usize, String, RecordRef), StoreError> {
    let at = usize::try_from(int(row, 0)? - 1).map_err(damaged)?;
    Ok((at, column(row, 1)?, RecordRef { kind: column(row, 2)?, id: column(row, 3)? }))
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
            let keys = rows.iter().map(key).collect::<Result<Vec<_>, _>>()?;
            let beside = self.beside(&keys).await?;
            for ((row, key), beside) in rows.iter().zip(&keys).zip(&beside) {
                self.record(row, key, beside, &mut wanted)?;
            }
            self.holders(&wanted.claims).await?;
            self.index(wanted.rows).await?;
        }
    }

    /// What stands beside records, which are in the order of their spaces.
    async fn beside(&mut self, keys: &[RecordKey]) -> Result<Vec<Beside>, Stop> {
        let expectation = self.check.expectation();
        let mut guided: Vec<Option<RecordKey>> =
            keys.iter().map(|key| expectation.guide(&key.space)).collect();
        let mut asked: Vec<&RecordKey> = guided.iter().flatten().collect();
        asked.dedup();
        asked.retain(|key| self.guide.as_ref().is_none_or(|guide| guide.key != **key));
        let mut known: BTreeMap<RecordKey, Record> =
            self.guide.take().into_iter().map(|guide| (guide.key.clone(), guide)).collect();
        if !asked.is_empty() {
            let asked: Vec<_> = asked
                .iter()
                .map(|RecordKey { space, record }| json!([space.as_str(), record.kind, record.id]))
                .collect();
            let asked = serde_json::Value::from(asked).to_string();
            for row in self.ask(Question::kept(GUIDES, vec![Param::Text(asked)])).await? {
                // One that cannot be read is named when it is looked at itself.
                if let Ok(record) = record(key(&row)?, &row, 0) {
                    known.insert(record.key.clone(), record);
                }
            }
        }
        let mut beside: Vec<Beside> = guided
            .iter()
            .map(|key| Beside {
                guide: key.as_ref().and_then(|key| known.get(key)).cloned(),
                owners: Vec::new(),
            })
            .collect();
        self.guide = guided.pop().flatten().and_then(|key| known.remove(&key));
        if let Some((question, of)) = owners(expectation, keys) {
            for row in self.ask(question).await? {
                let (at, relation, owner) = owner(&row)?;
                if let Some(beside) = of.get(at).and_then(|at| beside.get_mut(*at)) {
                    beside.owners.push((relation, owner));
                }
            }
        }
        Ok(beside)
    }

    /// Looks at a record, and adds what must stand elsewhere.
    fn record(
        &mut self,
        row: &Row,
        key: &RecordKey,
        beside: &Beside,
        all: &mut Wanted,
    ) -> Result<(), StoreError> {
        let record = match record(key.clone(), row, 0) {
            Ok(record) => record,
            Err(error) => {
                self.check.unreadable(key, &error);
                return Ok(());
            }
        };
        let form = object(row, 12).ok();
        let (created, name_exact, name_folded) = (record.created, column(row, 10)?, column(row, 11)?);
        let wanted = self.check.record(&StoredRecord { record, name_exact, name_folded, form }, beside);
        // What the function keeps beside the record is what it takes out of the index later.
        let kept: Vec<[serde_json::Value; 4]> = serde_json::from_str(column(row, 13)?).unwrap_or_default();
        for IndexRow { path, rank, value, rest } in wanted.rows {
            let sent = [json!(path), json!(rank), json!(index_text(value)), json!(&rest)];
            if !kept.contains(&sent) {
                self.check.lacks(key, path);
            }
            let RecordRef { kind, id } = &key.record;
            all.rows.push((key.clone(), path, rest, json!([key.space.as_str(), kind, id, created, sent])));
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
        if self.check.index_size(rows) {
            for row in self.ask(Question::kept(SURPLUS, vec![Param::Int(MOST_SURPLUS)])).await? {
                self.check.surplus(IndexedKey {
                    record: RecordKey::new(
                        &Space::from_stored(column(&row, 0)?),
                        column(&row, 1)?,
                        column(&row, 2)?,
                    ),
                    path: column(&row, 3)?,
                    rank: int(&row, 4)?,
                    value: Param::Text(column(&row, 5)?),
                    created: column(&row, 6)?,
                });
            }
        }
        self.check.sums(&numbers(totals)?, &numbers(counters)?);
        Ok(())
    }
}

fn numbers(rows: &[Row]) -> Result<BTreeMap<(String, String), i64>, StoreError> {
    rows.iter().map(|row| Ok(((column(row, 0)?, column(row, 1)?), column(row, 2)?))).collect()
}

/// The key of a record, behind its columns.
fn key(row: &Row) -> Result<RecordKey, StoreError> {
    Ok(RecordKey::new(&Space::from_stored(column(row, 7)?), column(row, 8)?, column(row, 9)?))
}

/// The next rows behind a key.
fn piece(after: &[String; 3]) -> Vec<Param> {
    let mut params = texts([&after[0], &after[1], &after[2]]);
    params.push(Param::Int(PIECE));
    params
}
