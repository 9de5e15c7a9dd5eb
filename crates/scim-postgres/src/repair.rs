//! Mends what does not agree with the documents, beside everybody else.
//!
//! Each group of mends is one short transaction that locks each record before it looks at it again.

mod link;

use deadpool_postgres::{Object, Pool};
use scim_engine::check::Expectation;
use scim_engine::store::{Record, RecordKey, RecordRef, SHARDS, StoreError};
use scim_sql::check::{
    Beside, Findings, FoldedNames, IndexedKey, Mend, Menders, REPAIR_MARK, disowns, expected, is_listed,
};
use scim_sql::{Param, index_rows, unique_key};
use serde_json::{Map, Value, json};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use crate::check::{Whole, owner, owners};
use crate::connection::Lease;
use crate::error::{Fault, store_error, unreachable};
use crate::readers::{Readers, Stop};
use crate::row::{Bound, column, index_text, object, record, record_columns};
use crate::writer::exact_json;

/// How often a group that clashes with others is run.
const CLASHES: u32 = 10;

const RECORD: &str = concat!(
    "SELECT ",
    record_columns!(),
    ", r.form::text, r.indexed::text FROM resource r \
     WHERE r.space = $1 AND r.kind = $2 AND r.id = $3 FOR UPDATE"
);

/// Brings the index from what the record had to what it has, and adds what it lacks: the former and the latter
/// as in the column `indexed`.
const INDEX: [&str; 2] = [
    "DELETE FROM attribute_value a USING jsonb_array_elements($5::text::jsonb) o(entry) \
     WHERE a.space = $1 AND a.kind = $2 AND a.id = $3 AND a.created = $4 AND a.path = o.entry ->> 0 \
     AND a.rank = (o.entry ->> 1)::smallint AND a.value = scim_index_key(o.entry) \
     AND NOT EXISTS (SELECT FROM jsonb_array_elements($6::text::jsonb) n(entry) WHERE n.entry ->> 0 = a.path \
     AND (n.entry ->> 1)::smallint = a.rank AND scim_index_key(n.entry) = a.value)",
    "INSERT INTO attribute_value AS a (space, kind, id, created, path, rank, value, rest) \
     SELECT $1::text, $2::text, $3::text, $4::bigint, n.entry ->> 0, (n.entry ->> 1)::smallint, scim_index_key(n.entry), n.entry ->> 3 \
     FROM jsonb_array_elements($5::text::jsonb) n(entry) ON CONFLICT (space, kind, path, rank, value, created, id) \
     DO UPDATE SET rest = excluded.rest WHERE a.rest <> excluded.rest",
];

/// A repair of the database.
pub(crate) struct Repair<'s> {
    pub(crate) readers: &'s Readers,
    pub(crate) pool: &'s Pool,
    pub(crate) expectation: &'s dyn Expectation,
}

impl Menders for Repair<'_> {
    async fn look(&self) -> Result<Findings, StoreError> {
        self.readers.run(Whole(self.expectation)).await
    }

    async fn mend(&self, mends: Vec<Mend>, mark: Option<i64>) -> Result<u64, StoreError> {
        let mut clashes = 0;
        loop {
            let lease = Lease::of(self.pool).await.map_err(unreachable)?;
            // When this fails the connection is closed, and takes all back.
            match self.group(&lease, &mends, mark).await {
                Ok(changed) => {
                    lease.give_back();
                    return Ok(changed);
                }
                Err(Stop::Sql(error)) if clashes < CLASHES && Fault::of(&error) == Fault::Clash => {
                    clashes += 1;
                    tracing::debug!(error = &error as &dyn std::error::Error, "mends are run again");
                }
                Err(Stop::Sql(error)) => return Err(store_error(error)),
                Err(Stop::Store(error)) => return Err(error),
            }
        }
    }
}

impl Repair<'_> {
    /// Carries mends out in one transaction.
    async fn group(&self, lease: &Lease, mends: &[Mend], mark: Option<i64>) -> Result<u64, Stop> {
        let Some(client) = lease.client() else { return Ok(0) };
        let mender = Mender { client, expectation: self.expectation };
        client.batch_execute("BEGIN").await?;
        let is_ours = match mark {
            Some(mark) => mender.raise(mark).await?,
            None => true,
        };
        let mut changed = 0;
        if is_ours {
            for mend in mends {
                changed += u64::from(mender.mend(mend).await? > 0);
            }
        }
        client.batch_execute("COMMIT").await?;
        Ok(changed)
    }
}

type Params<'p> = &'p [&'p (dyn ToSql + Sync)];

struct Mender<'c> {
    client: &'c Object,
    expectation: &'c dyn Expectation,
}

impl Mender<'_> {
    async fn execute(&self, sql: &str, params: Params<'_>) -> Result<u64, Error> {
        let statement = self.client.prepare_cached(sql).await?;
        self.client.execute(&statement, params).await
    }

    async fn rows(&self, sql: &str, params: Params<'_>) -> Result<Vec<Row>, Error> {
        let statement = self.client.prepare_cached(sql).await?;
        self.client.query(&statement, params).await
    }

    /// Raises the mark of repairs; false if another repair has done so.
    async fn raise(&self, from: i64) -> Result<bool, Error> {
        let [space, name] = REPAIR_MARK;
        let new = "INSERT INTO mark (space, name, version) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING";
        self.execute(new, &[&space, &name]).await?;
        let raise = "UPDATE mark SET version = version + 1 WHERE space = $1 AND name = $2 AND version = $3";
        Ok(self.execute(raise, &[&space, &name, &from]).await? == 1)
    }

    /// Mends one thing; how many rows that has changed.
    async fn mend(&self, mend: &Mend) -> Result<u64, Stop> {
        Ok(match mend {
            Mend::Record(key) => self.record(key).await?,
            Mend::Claim { row, holder } => {
                let key = RecordKey { space: row.space.clone(), record: holder.clone() };
                let found = self.locked(&key).await?;
                let goes = match found.as_ref().map(|found| record(key, found, 0)) {
                    None => true,
                    Some(Ok(record)) => disowns(self.expectation, &record, row),
                    Some(Err(_)) => false,
                };
                if !goes {
                    return Ok(0);
                }
                self.execute(
                    "DELETE FROM unique_value WHERE space = $1 AND name = $2 AND value = $3 \
                     AND holder_kind = $4 AND holder_id = $5",
                    &[&row.space.as_str(), &row.name, &row.value, &holder.kind, &holder.id],
                )
                .await?
            }
            Mend::Indexed(key) => self.surplus(key).await?,
            Mend::Link(link) => self.link(link).await?,
            Mend::Work { space, name } => {
                let shard = i64::from(space.shard(SHARDS));
                self.execute(
                    "UPDATE due SET shard = ($3::bigint)::smallint WHERE space = $1 AND name = $2 \
                     AND shard <> $3::bigint",
                    &[&space.as_str(), name, &shard],
                )
                .await?
            }
            Mend::Total { space, kind, by } => {
                self.execute(
                    "INSERT INTO total AS t (space, kind, slot, visible) VALUES ($1, $2, 0, $3) \
                     ON CONFLICT (space, kind, slot) DO UPDATE SET visible = t.visible + excluded.visible",
                    &[space, kind, by],
                )
                .await?
            }
            Mend::Counter { space, name, by, lost } => {
                let lost = lost.unwrap_or_default();
                self.execute(
                    "INSERT INTO counter AS c (space, name, value, floor, \"limit\") VALUES ($1, $2, $3, $4, $5) \
                     ON CONFLICT (space, name) DO UPDATE SET value = c.value + excluded.value, \
                     floor = coalesce(c.floor, excluded.floor), \"limit\" = coalesce(c.\"limit\", excluded.\"limit\")",
                    &[space, name, by, &lost.floor, &lost.limit],
                )
                .await?
            }
        })
    }

    async fn locked(&self, key: &RecordKey) -> Result<Option<Row>, Error> {
        let RecordRef { kind, id } = &key.record;
        Ok(self.rows(RECORD, &[&key.space.as_str(), kind, id]).await?.pop())
    }

    /// Makes all again that comes from a record.
    async fn record(&self, key: &RecordKey) -> Result<u64, Stop> {
        let (space, RecordRef { kind, id }) = (key.space.as_str(), &key.record);
        let mut changed = self
            .execute(
                "UPDATE resource SET version = greatest(version, 1), modified = greatest(modified, created) \
                 WHERE space = $1 AND kind = $2 AND id = $3 AND (version < 1 OR modified < created)",
                &[&space, kind, id],
            )
            .await?;
        let Some(row) = self.locked(key).await? else { return Ok(changed) };
        // Beyond repair.
        let Ok(record) = record(key.clone(), &row, 0) else { return Ok(changed) };
        let beside = self.beside(key).await?;
        let expected = expected(self.expectation, &record, &beside);
        let before = object(&row, 7).ok();
        if let Some(form) = expected.as_ref().map(|expected| &expected.form).or(before.as_ref()) {
            changed += self.derived(&record, &row, form).await?;
        }
        let Some(expected) = expected else { return Ok(changed) };
        for claim in &expected.claims {
            // Where another record holds the value, the check goes on naming it.
            changed += self
                .execute(
                    "INSERT INTO unique_value (space, name, value, holder_kind, holder_id) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
                    &[&claim.space.as_str(), &claim.name, &&*unique_key(&claim.value), kind, id],
                )
                .await?;
        }
        for relation in self.expectation.relations(kind) {
            let is = |owners: &[(String, RecordRef)], owner: &RecordRef| {
                owners.iter().any(|(by, other)| by == relation && other == owner)
            };
            for (_, owner) in expected.owners.iter().filter(|(by, _)| by == relation) {
                if !is(&beside.owners, owner) {
                    changed += self.add_link(key, relation, owner).await?;
                }
            }
            for (_, owner) in beside.owners.iter().filter(|(by, _)| by == relation) {
                if !expected.owners.iter().any(|(by, other)| by == relation && other == owner) {
                    changed += self.remove_link(key, relation, owner).await?;
                }
            }
        }
        Ok(changed)
    }

    async fn beside(&self, key: &RecordKey) -> Result<Beside, Stop> {
        let mut beside = Beside::default();
        if let Some(key) = self.expectation.guide(&key.space) {
            let RecordRef { kind, id } = &key.record;
            let sql = concat!(
                "SELECT ",
                record_columns!(),
                " FROM resource r WHERE r.space = $1 AND r.kind = $2 AND r.id = $3"
            );
            let rows = self.rows(sql, &[&key.space.as_str(), kind, id]).await?;
            beside.guide = rows.first().and_then(|row| record(key.clone(), row, 0).ok());
        }
        if let Some((question, _)) = owners(self.expectation, std::slice::from_ref(key)) {
            let params: Vec<Bound<'_>> = question.params().iter().map(Bound).collect();
            let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|bound| bound as _).collect();
            for row in self.rows(question.text(), &params).await? {
                let (_, relation, owner) = owner(&row)?;
                beside.owners.push((relation, owner));
            }
        }
        Ok(beside)
    }

    /// Writes names, match form and index of a record, where they are others.
    async fn derived(&self, record: &Record, row: &Row, form: &Map<String, Value>) -> Result<u64, Stop> {
        let (space, RecordRef { kind, id }) = (record.key.space.as_str(), &record.key.record);
        let names = FoldedNames::of(record.name.as_deref());
        let entries = |form: &Map<String, Value>| -> Vec<Value> {
            let rows = index_rows(form).into_iter();
            rows.map(|row| json!([row.path, row.rank, index_text(row.value), row.rest])).collect()
        };
        let indexed = if is_listed(&record.key) { entries(form) } else { Vec::new() };
        let is: Value = serde_json::from_str(column(row, 8)?).unwrap_or_default();
        let mut had = match is {
            Value::Array(entries) => entries,
            _ => Vec::new(),
        };
        // What cannot be an entry is none.
        had.retain(|entry| {
            entry.get(0).is_some_and(Value::is_string) && entry.get(1).is_some_and(Value::is_i64)
        });
        if let Ok(before) = object(row, 7) {
            had.extend(entries(&before));
        }
        let shown = if record.visible { indexed.clone() } else { Vec::new() };
        let (had, shown) = (Value::from(had).to_string(), Value::from(shown).to_string());
        let (form, indexed) = (exact_json(form)?, Value::from(indexed).to_string());
        let mut changed = self
            .execute(
                "UPDATE resource SET name_exact = $4, name_folded = $5, form = $6::text::jsonb, \
                 indexed = $7::text::jsonb WHERE space = $1 AND kind = $2 AND id = $3 \
                 AND (name_exact, name_folded, form, indexed) IS DISTINCT FROM ($4, $5, $6::text::jsonb, $7::text::jsonb)",
                &[&space, kind, id, &names.exact.as_deref(), &names.folded.as_deref(), &form, &indexed],
            )
            .await?;
        let [remove, add] = INDEX;
        changed += self.execute(remove, &[&space, kind, id, &record.created, &had, &shown]).await?;
        changed += self.execute(add, &[&space, kind, id, &record.created, &shown]).await?;
        Ok(changed)
    }

    /// A row of the index goes unless its record has the value.
    async fn surplus(&self, key: &IndexedKey) -> Result<u64, Stop> {
        let Param::Text(value) = &key.value else { return Ok(0) };
        self.locked(&key.record).await?;
        let RecordRef { kind, id } = &key.record.record;
        let changed = self
            .execute(
                "DELETE FROM attribute_value a WHERE a.space = $1 AND a.kind = $2 AND a.id = $3 AND a.path = $4 \
                 AND a.rank = ($5::bigint)::smallint AND a.value = $6 AND a.created = $7 AND NOT EXISTS \
                 (SELECT FROM resource r, jsonb_array_elements(CASE WHEN jsonb_typeof(r.indexed) = 'array' \
                 THEN r.indexed ELSE '[]' END) e(entry) WHERE r.space = $1 AND r.kind = $2 AND r.id = $3 \
                 AND r.visible AND r.created = $7 AND e.entry ->> 0 = a.path \
                 AND (e.entry ->> 1)::smallint = a.rank AND scim_index_key(e.entry) = a.value)",
                &[&key.record.space.as_str(), kind, id, &key.path, &key.rank, value, &key.created],
            )
            .await?;
        Ok(changed)
    }
}
