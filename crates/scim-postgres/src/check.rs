//! Whether everything beside the documents agrees with them: the tables of PostgreSQL, told to the shared check.
//!
//! All is read in one snapshot, piece by piece, so that memory does not grow with the number of records.

use std::collections::BTreeMap;

use scim_engine::store::{ClaimKey, Record, RecordKey, RecordRef, Space, StoreError};
use scim_sql::check::{Check, Expected, Fault, MOST_FAULTS, StoredRecord};
use scim_sql::{IndexRow, Param, Sql, unique_key};
use serde_json::json;
use tokio_postgres::Row;

use crate::error::damaged;
use crate::read::texts;
use crate::readers::{Question, Read, Snapshot, Stop};
use crate::row::{column, index_text, int, object, record, record_columns};

/// How many rows are read at once.
const PIECE: i64 = 500;

/// It may take long, and goes through all there is, which a listing never does.
const SETTINGS: &str = "SELECT set_config('statement_timeout', '0', true), \
     set_config('idle_in_transaction_session_timeout', '0', true), set_config('enable_seqscan', 'on', true), \
     set_config('enable_sort', 'on', true)";

const RECORDS: &str = concat!(
    "SELECT ",
    record_columns!(),
    ", r.space, r.kind, r.id, r.name_exact, r.name_folded, r.form::text, r.indexed::text FROM resource r \
     WHERE (r.space, r.kind, r.id) > ($1, $2, $3) ORDER BY r.space, r.kind, r.id LIMIT $4"
);

const HOLDERS: &str = "SELECT u.holder_kind, u.holder_id \
     FROM json_array_elements($1::text::json) WITH ORDINALITY i(claim, at) LEFT JOIN unique_value u \
     ON u.space = i.claim ->> 0 AND u.name = i.claim ->> 1 AND u.value = i.claim ->> 2 ORDER BY i.at";

const CLAIMS: &str = concat!(
    "SELECT ",
    record_columns!(),
    ", u.space, u.name, u.value, u.holder_kind, u.holder_id, r.id IS NOT NULL FROM unique_value u \
     LEFT JOIN resource r ON r.space = u.space AND r.kind = u.holder_kind AND r.id = u.holder_id \
     WHERE (u.space, u.name, u.value) > ($1, $2, $3) ORDER BY u.space, u.name, u.value LIMIT $4"
);

/// What the rows beside the record say it has in the index, and the index lacks.
const LACKING: &str = "SELECT r.space, r.kind, r.id, n.entry ->> 0 FROM resource r CROSS JOIN LATERAL \
     jsonb_array_elements(CASE WHEN jsonb_typeof(r.indexed) = 'array' THEN r.indexed ELSE '[]' END) n(entry) \
     LEFT JOIN attribute_value a ON a.space = r.space AND a.kind = r.kind AND a.path = n.entry ->> 0 \
     AND a.rank = (n.entry ->> 1)::smallint AND a.value = scim_index_key(n.entry) AND a.created = r.created \
     AND a.id = r.id WHERE r.visible AND a.rest IS DISTINCT FROM n.entry ->> 3 LIMIT $1";

const LOOSE_LINKS: &str = "SELECT l.space, l.relation, l.owner_kind, l.owner_id, l.member_kind, l.member_id FROM link l \
     LEFT JOIN resource o ON o.space = l.space AND o.kind = l.owner_kind AND o.id = l.owner_id \
     LEFT JOIN resource m ON m.space = l.space AND m.kind = l.member_kind AND m.id = l.member_id \
     WHERE o.owner IS NOT TRUE OR m.id IS NULL \
     OR l.position > (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM link_position) LIMIT $1";

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
        tables.index().await?;
        tables.claims().await?;
        tables.links().await?;
        tables.work().await?;
        tables.sums().await?;
        let Tables { snapshot, check } = tables;
        snapshot.ask(&[], true).await?;
        Ok(check.into_faults())
    }
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
            let mut claims = Vec::new();
            for row in &rows {
                self.record(row, &mut claims)?;
            }
            self.holders(&claims).await?;
        }
    }

    /// Looks at a record and adds the claims that it must hold.
    fn record(&mut self, row: &Row, claims: &mut Vec<(RecordKey, ClaimKey)>) -> Result<(), StoreError> {
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
        let (name_exact, name_folded) = (column(row, 10)?, column(row, 11)?);
        let wanted = self.check.record(&StoredRecord { record, name_exact, name_folded, form });
        // What the function keeps beside the record is what it takes out of the index later.
        let kept: Vec<[serde_json::Value; 4]> = serde_json::from_str(column(row, 13)?).unwrap_or_default();
        for IndexRow { path, rank, value, rest } in wanted.rows {
            let sent = [json!(path), json!(rank), json!(index_text(value)), json!(rest)];
            if !kept.contains(&sent) {
                self.check.lacks(&key, path);
            }
        }
        claims.extend(wanted.claims.into_iter().map(|claim| (key.clone(), claim)));
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

    async fn index(&mut self) -> Result<(), Stop> {
        for row in self.ask(Question::kept(LACKING, vec![most()])).await? {
            let space = Space::from_stored(column::<&str>(&row, 0)?);
            let key = RecordKey::new(&space, column(&row, 1)?, column(&row, 2)?);
            self.check.lacks(&key, column(&row, 3)?);
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
        for row in self.ask(Question::kept(LOOSE_LINKS, vec![most()])).await? {
            let owner = RecordRef { kind: column(&row, 2)?, id: column(&row, 3)? };
            let member = RecordRef { kind: column(&row, 4)?, id: column(&row, 5)? };
            self.check.loose_link(column(&row, 0)?, column(&row, 1)?, &owner, &member);
        }
        Ok(())
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

/// No more faults than are named.
fn most() -> Param {
    Param::Int(i64::try_from(MOST_FAULTS).unwrap_or(i64::MAX))
}
