//! Reads by key: the keys of a read are parts of one statement.
//!
//! A look-up by key costs the database far less than the statement around it. All parts give rows of one shape:
//! the place of the key among those of the statement, and its columns as texts.

use std::str::FromStr;

use scim_core::{Document, FarEnd};
use scim_engine::store::{
    Counter, Event, LinksKey, ReadKey, ReadValue, Record, RecordKey, Space, StoreError, Stream, Waiting,
};
use scim_sql::{Postgres, Sql, unique_key};

use crate::error::damaged;
use crate::read::{bounded, position};
use crate::readers::{Ask, Question, Readers};
use crate::row::{column, int, object_of};

/// How many keys share a statement at most. A statement leaves all partitions but one out of each part before it
/// begins. Each text is kept prepared, and reads of so few keys have few texts.
const PARTS: usize = 8;

const RECORD: &[&str] =
    &["r.version", "r.visible", "r.created", "r.modified", "r.name", "r.document", "r.extra"];
const HOLDER: &[&str] = &["u.holder_kind", "u.holder_id"];
const EVENT: &[&str] = &["position", "time", "body"];

/// The value of a key, or why it cannot be read.
pub(crate) type Found = Result<ReadValue, StoreError>;

/// The value of each key, all from one snapshot.
pub(crate) async fn read(readers: &Readers, keys: &[ReadKey]) -> Result<Vec<Found>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let (questions, places): (Vec<Question>, Vec<Vec<usize>>) = statements(keys).into_iter().unzip();
    let answers = readers.run(Ask(&questions)).await?;
    let mut rows: Vec<Vec<Cells<'_>>> = keys.iter().map(|_| Vec::new()).collect();
    for (answer, places) in answers.iter().zip(&places) {
        for row in answer {
            let place = usize::try_from(int(row, 0)?).map_err(damaged)?;
            let rows = places.get(place).and_then(|&of| rows.get_mut(of));
            rows.ok_or_else(|| damaged("a row of no key"))?.push(Cells(column(row, 1)?));
        }
    }
    Ok(keys.iter().zip(&rows).map(|(key, rows)| value(key, rows)).collect())
}

/// The statements that ask for the keys, each with the numbers of those that it asks for.
fn statements(keys: &[ReadKey]) -> Vec<(Question, Vec<usize>)> {
    let records = keys.iter().filter(|key| matches!(key, ReadKey::Record(_))).count();
    let (mut listed, mut numbers, mut shared, mut statements) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (number, key) in keys.iter().enumerate() {
        match key {
            ReadKey::Record(key) if records > PARTS => {
                listed.push([key.space.as_str(), &key.record.kind, &key.record.id]);
                numbers.push(number);
            }
            // The shapes of links are few; what a request asks for is not.
            ReadKey::Links(LinksKey { only: Some(_), .. }) => {
                statements.push((Question::lowered(union(&[key])), vec![number]));
            }
            _ => shared.push(number),
        }
    }
    if !listed.is_empty() {
        statements.push((list(&listed), numbers));
    }
    for numbers in shared.chunks(PARTS) {
        let parts: Vec<&ReadKey> = numbers.iter().filter_map(|&number| keys.get(number)).collect();
        statements.push((Question::kept_sql(union(&parts)), numbers.to_vec()));
    }
    statements
}

/// One statement for few keys.
fn union(keys: &[&ReadKey]) -> Sql {
    let mut sql = Sql::default();
    for (place, key) in keys.iter().enumerate() {
        sql.push(if place == 0 { "(" } else { " UNION ALL (" });
        sql.push(&format!("SELECT {place}, ")).append(part(key)).push(")");
    }
    sql
}

/// One statement for many records.
fn list(keys: &[[&str; 3]]) -> Question {
    let keys = serde_json::json!(keys).to_string();
    Question::kept_sql(Sql::template(
        &format!(
            "SELECT (k.number - 1)::integer, {} FROM jsonb_array_elements({{}}::jsonb) WITH ORDINALITY k(key, number) \
             CROSS JOIN LATERAL (SELECT * FROM resource r WHERE r.space = k.key ->> 0 AND r.kind = k.key ->> 1 \
             AND r.id = k.key ->> 2 LIMIT 1) r",
            cells(RECORD)
        ),
        [Sql::text(keys)],
    ))
}

/// The columns as one.
fn cells(columns: &[&str]) -> String {
    let texts: Vec<String> = columns.iter().map(|column| format!("{column}::text")).collect();
    format!("ARRAY[{}]", texts.join(", "))
}

/// The columns that tell the value of a key, as one, and where they come from.
fn part(key: &ReadKey) -> Sql {
    match key {
        ReadKey::Record(key) => columns_of(
            RECORD,
            "resource r WHERE r.space = {} AND r.kind = {} AND r.id = {}",
            [key.space.as_str(), &key.record.kind, &key.record.id].map(Sql::text),
        ),
        ReadKey::Holder(claim) => {
            let (space, value) = (claim.space.as_str(), unique_key(&claim.value));
            columns_of(
                &[RECORD, HOLDER].concat(),
                "unique_value u JOIN resource r \
                 ON r.space = u.space AND r.kind = u.holder_kind AND r.id = u.holder_id \
                 WHERE u.space = {} AND u.name = {} AND u.value = {} AND r.space = {}",
                [space, &claim.name, &value, space].map(Sql::text),
            )
        }
        ReadKey::Links(LinksKey { of, links, only, limit }) => {
            let near = (of.record.kind.as_str(), of.record.id.as_str());
            let ends = scim_sql::far_ends(of.space.as_str(), near, *links, only.as_ref(), &Postgres);
            columns_of(
                &["e.kind", "e.id", "e.name", "e.visible", "e.direct"],
                "({} LIMIT {}) e(kind, id, name, visible, direct)",
                [ends, Sql::int(bounded(*limit))],
            )
        }
        ReadKey::Link(key) => {
            let (owner, member) = (&key.owner, &key.member);
            columns_of(
                &["member_id"],
                "link WHERE space = {} AND relation = {} AND member_id = {} AND member_kind = {} \
                 AND owner_id = {} AND owner_kind = {}",
                [key.space.as_str(), key.relation, &member.id, &member.kind, &owner.id, &owner.kind]
                    .map(Sql::text),
            )
        }
        ReadKey::Counter(key) => columns_of(
            &["value", "floor", "\"limit\""],
            "counter WHERE space = {} AND name = {}",
            [key.space.as_str(), key.name].map(Sql::text),
        ),
        ReadKey::Mark(key) => columns_of(
            &["version"],
            "mark WHERE space = {} AND name = {}",
            [key.space.as_str(), key.name].map(Sql::text),
        ),
        // Only what is settled: an open transaction may still append below what comes after.
        ReadKey::Events { space, stream, after, limit } => columns_of(
            EVENT,
            "event WHERE space = {} AND stream = {} AND position > {} \
             AND position < scim_positions_below() ORDER BY position LIMIT {}",
            events(space, *stream, *after, *limit),
        ),
        ReadKey::EventsBefore { space, stream, before, limit } => columns_of(
            EVENT,
            "event WHERE space = {} AND stream = {} AND position < {} ORDER BY position DESC LIMIT {}",
            events(space, *stream, *before, *limit),
        ),
        ReadKey::Due(key) => columns_of(
            &["at", "body"],
            "due WHERE space = {} AND name = {}",
            [key.space.as_str(), &key.name].map(Sql::text),
        ),
        ReadKey::Waiting { space, after, limit } => columns_of(
            &["name", "at", "body"],
            "due WHERE space = {} AND name > {} ORDER BY name LIMIT {}",
            [Sql::text(space.as_str()), Sql::text(after), Sql::int(bounded(*limit))],
        ),
    }
}

/// The columns of these rows; each `{}` of the rows stands for a value.
fn columns_of<const N: usize>(columns: &[&str], rows: &str, values: [Sql; N]) -> Sql {
    Sql::template(&format!("{} FROM {rows}", cells(columns)), values)
}

fn events(space: &Space, stream: Stream, at: u64, limit: usize) -> [Sql; 4] {
    [Sql::text(space.as_str()), Sql::text(stream.as_str()), Sql::int(position(at)), Sql::int(bounded(limit))]
}

/// The value of a key, from the rows of its part.
fn value(key: &ReadKey, rows: &[Cells<'_>]) -> Found {
    let first = rows.first();
    Ok(match key {
        ReadKey::Record(key) => {
            ReadValue::Record(first.map(|row| row.record(key.clone())).transpose()?.map(Box::new))
        }
        ReadKey::Holder(claim) => {
            let holder =
                |row: &Cells<'_>| row.record(RecordKey::new(&claim.space, row.text(7)?, row.text(8)?));
            ReadValue::Record(first.map(holder).transpose()?.map(Box::new))
        }
        ReadKey::Links(_) => ReadValue::FarEnds(rows.iter().map(Cells::far_end).collect::<Result<_, _>>()?),
        ReadKey::Link(_) => ReadValue::Linked(first.is_some()),
        ReadKey::Counter(_) => {
            let counter = |row: &Cells<'_>| {
                let (value, floor, limit) = (row.parsed(0)?, row.parsed_if_any(1)?, row.parsed_if_any(2)?);
                Ok::<_, StoreError>(Counter { value, floor, limit })
            };
            ReadValue::Counter(first.map(counter).transpose()?)
        }
        ReadKey::Mark(_) => ReadValue::Mark(first.map_or(Ok(0), |row| row.parsed(0))?),
        ReadKey::Events { .. } | ReadKey::EventsBefore { .. } => {
            let event = |row: &Cells<'_>| {
                let (position, time, body) = (row.parsed(0)?, row.parsed(1)?, row.parsed(2)?);
                Ok::<_, StoreError>(Event { position, time, body })
            };
            ReadValue::Events(rows.iter().map(event).collect::<Result<_, _>>()?)
        }
        ReadKey::Due(_) => {
            let work = |row: &Cells<'_>| Ok::<_, StoreError>((row.parsed(0)?, row.parsed(1)?));
            ReadValue::Due(first.map(work).transpose()?)
        }
        ReadKey::Waiting { .. } => {
            let work = |row: &Cells<'_>| {
                let (name, at, body) = (row.text(0)?.to_owned(), row.parsed(1)?, row.parsed(2)?);
                Ok::<_, StoreError>(Waiting { name, at, body })
            };
            ReadValue::Waiting(rows.iter().map(work).collect::<Result<_, _>>()?)
        }
    })
}

/// The columns of a part's row, as texts.
#[derive(Debug)]
struct Cells<'r>(Vec<Option<&'r str>>);

impl<'r> Cells<'r> {
    fn text_if_any(&self, at: usize) -> Option<&'r str> {
        self.0.get(at).copied().flatten()
    }

    fn text(&self, at: usize) -> Result<&'r str, StoreError> {
        self.text_if_any(at).ok_or_else(|| damaged("a column without a value"))
    }

    fn parsed<T: FromStr>(&self, at: usize) -> Result<T, StoreError>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        self.text(at)?.parse().map_err(damaged)
    }

    fn parsed_if_any<T: FromStr>(&self, at: usize) -> Result<Option<T>, StoreError>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        self.text_if_any(at).map(|text| text.parse().map_err(damaged)).transpose()
    }

    /// Begins with [`RECORD`].
    fn record(&self, key: RecordKey) -> Result<Record, StoreError> {
        Ok(Record {
            key,
            version: self.parsed(0)?,
            visible: self.parsed(1)?,
            created: self.parsed(2)?,
            modified: self.parsed(3)?,
            name: self.text_if_any(4).map(str::to_owned),
            document: Document::from_canonical(object_of(self.text(5)?)?),
            extra: object_of(self.text(6)?)?,
        })
    }

    fn far_end(&self) -> Result<FarEnd, StoreError> {
        Ok(FarEnd {
            resource_type: self.text(0)?.to_owned(),
            id: self.text(1)?.to_owned(),
            name: self.text_if_any(2).map(str::to_owned),
            visible: self.parsed(3)?,
            direct: self.parsed(4)?,
        })
    }
}
