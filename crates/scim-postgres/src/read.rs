//! Reads by key.

use scim_core::FarEnd;
use scim_engine::store::{
    Counter, DueKey, Event, ReadKey, ReadValue, Record, RecordKey, Space, StoreError, Waiting,
};
use scim_sql::{Param, Postgres, Sql, unique_key};
use tokio_postgres::Row;

use crate::error::damaged;
use crate::readers::Question;
use crate::row::{column, int, json, record, record_columns, unsigned};

/// Up to how many records are looked up by a part of the statement each: the planner leaves all partitions but
/// one out of such a part before it begins, which costs less than to begin with all of them.
const PARTS: usize = 8;

/// What to ask for records at once; each row ends with the place of its record among the keys.
pub(crate) fn records(keys: &[RecordKey]) -> Question {
    if keys.len() <= PARTS {
        let parts = (0..keys.len()).map(|place| {
            let [space, kind, id] = [1, 2, 3].map(|part| place * 3 + part);
            format!(
                concat!(
                    "SELECT ",
                    record_columns!(),
                    ", {}::bigint FROM resource r WHERE r.space = ${} AND r.kind = ${} AND r.id = ${}"
                ),
                place, space, kind, id
            )
        });
        let text = parts.collect::<Vec<_>>().join(" UNION ALL ");
        return Question::kept(text, keys.iter().flat_map(|key| texts(key_texts(key))).collect());
    }
    let keys: Vec<[&str; 3]> = keys.iter().map(key_texts).collect();
    Question::kept(
        concat!(
            "SELECT ",
            record_columns!(),
            ", k.number - 1 FROM jsonb_array_elements($1::text::jsonb) WITH ORDINALITY k(key, number) \
             CROSS JOIN LATERAL (SELECT * FROM resource r WHERE r.space = k.key ->> 0 AND r.kind = k.key ->> 1 \
             AND r.id = k.key ->> 2 LIMIT 1) r"
        ),
        vec![Param::Text(serde_json::json!(keys).to_string())],
    )
}

fn key_texts(key: &RecordKey) -> [&str; 3] {
    [key.space.as_str(), &*key.record.kind, &*key.record.id]
}

/// What to ask for a key.
pub(crate) fn question(key: &ReadKey) -> Question {
    match key {
        ReadKey::Record(key) => records(std::slice::from_ref(key)),
        ReadKey::Holder(claim) => Question::kept(
            concat!(
                "SELECT ",
                record_columns!(),
                ", u.holder_kind, u.holder_id FROM unique_value u JOIN resource r \
                 ON r.space = u.space AND r.kind = u.holder_kind AND r.id = u.holder_id \
                 WHERE u.space = $1 AND u.name = $2 AND u.value = $3 AND r.space = $1"
            ),
            texts([claim.space.as_str(), &claim.name, &unique_key(&claim.value)]),
        ),
        ReadKey::Links(key) => {
            let of = &key.of;
            let near = (of.record.kind.as_str(), of.record.id.as_str());
            let mut sql =
                scim_sql::far_ends(of.space.as_str(), near, key.links, key.only.as_ref(), &Postgres);
            sql.push(" LIMIT ").append(Sql::int(bounded(key.limit)));
            match &key.only {
                // The shapes of links are few; what a request asks for is not.
                None => Question::kept_sql(sql),
                Some(_) => Question::lowered(sql),
            }
        }
        ReadKey::Link(key) => Question::kept(
            "SELECT 1 FROM link WHERE space = $1 AND relation = $2 AND member_id = $3 AND member_kind = $4 \
             AND owner_id = $5 AND owner_kind = $6",
            texts([
                key.space.as_str(),
                key.relation,
                &key.member.id,
                &key.member.kind,
                &key.owner.id,
                &key.owner.kind,
            ]),
        ),
        ReadKey::Counter(key) => Question::kept(
            "SELECT value, floor, \"limit\" FROM counter WHERE space = $1 AND name = $2",
            texts([key.space.as_str(), key.name]),
        ),
        ReadKey::Mark(key) => mark(&key.space, key.name),
        ReadKey::Events { space, stream, after, limit } => {
            let after = i64::try_from(*after).unwrap_or(i64::MAX);
            let mut params = texts([space.as_str(), stream.as_str()]);
            params.extend([Param::Int(after), Param::Int(bounded(*limit))]);
            // Only what is settled: an open transaction may still append below what comes after.
            Question::kept(
                "SELECT position, time, body FROM event WHERE space = $1 AND stream = $2 AND position > $3 \
                 AND position < scim_positions_below() ORDER BY position LIMIT $4",
                params,
            )
        }
        ReadKey::EventsBefore { space, stream, before, limit } => {
            let before = i64::try_from(*before).unwrap_or(i64::MAX);
            let mut params = texts([space.as_str(), stream.as_str()]);
            params.extend([Param::Int(before), Param::Int(bounded(*limit))]);
            Question::kept(
                "SELECT position, time, body FROM event WHERE space = $1 AND stream = $2 AND position < $3 \
                 ORDER BY position DESC LIMIT $4",
                params,
            )
        }
        ReadKey::Due(key) => Question::kept(
            "SELECT at, body FROM due WHERE space = $1 AND name = $2",
            texts([key.space.as_str(), &key.name]),
        ),
        ReadKey::Waiting { space, after, limit } => {
            let mut params = texts([space.as_str(), after]);
            params.push(Param::Int(bounded(*limit)));
            Question::kept(
                "SELECT name, at, body FROM due WHERE space = $1 AND name > $2 ORDER BY name LIMIT $3",
                params,
            )
        }
    }
}

/// Whether events stand behind a position that are not settled yet.
pub(crate) fn unsettled(key: &ReadKey) -> Option<Question> {
    let ReadKey::Events { space, stream, after, .. } = key else { return None };
    let mut params = texts([space.as_str(), stream.as_str()]);
    params.push(Param::Int(i64::try_from(*after).unwrap_or(i64::MAX)));
    Some(Question::kept(
        "SELECT 1 FROM event WHERE space = $1 AND stream = $2 AND position > $3 LIMIT 1",
        params,
    ))
}

/// The version of a mark.
pub(crate) fn mark(space: &Space, name: &str) -> Question {
    Question::kept("SELECT version FROM mark WHERE space = $1 AND name = $2", texts([space.as_str(), name]))
}

/// Work of a shard that is due before a time, oldest first.
pub(crate) fn due(shard: u16, before: i64, limit: usize) -> Question {
    Question::kept(
        "SELECT space, name FROM due WHERE shard = $1::bigint AND at < $2 ORDER BY at, space, name LIMIT $3",
        vec![Param::Int(i64::from(shard)), Param::Int(before), Param::Int(bounded(limit))],
    )
}

/// The key of a record, if that is what is asked for.
pub(crate) fn record_key(key: &ReadKey) -> Option<&RecordKey> {
    match key {
        ReadKey::Record(key) => Some(key),
        _ => None,
    }
}

/// A record if it is there, or why it cannot be read.
pub(crate) type Found = Result<Option<Box<Record>>, StoreError>;

/// The record of each key, or why it cannot be read, from the rows of [`records`].
pub(crate) fn found(keys: &[RecordKey], rows: &[Row]) -> Result<Vec<Found>, StoreError> {
    let mut found: Vec<_> = keys.iter().map(|_| Ok(None)).collect();
    for row in rows {
        let at = usize::try_from(int(row, 7)?).map_err(damaged)?;
        let (key, place) = keys.get(at).zip(found.get_mut(at)).ok_or_else(|| damaged("a row of no key"))?;
        *place = record(key.clone(), row, 0).map(Box::new).map(Some);
    }
    Ok(found)
}

/// The value of a key, from the rows of its question.
pub(crate) fn value(key: &ReadKey, rows: &[Row]) -> Result<ReadValue, StoreError> {
    let first = rows.first();
    Ok(match key {
        ReadKey::Record(key) => {
            let found = first.map(|row| record(key.clone(), row, 0)).transpose()?;
            ReadValue::Record(found.map(Box::new))
        }
        ReadKey::Holder(claim) => {
            let found = first.map(|row| {
                let key = RecordKey::new(&claim.space, column(row, 7)?, column(row, 8)?);
                record(key, row, 0)
            });
            ReadValue::Record(found.transpose()?.map(Box::new))
        }
        ReadKey::Links(_) => ReadValue::FarEnds(rows.iter().map(far_end).collect::<Result<_, _>>()?),
        ReadKey::Link(_) => ReadValue::Linked(first.is_some()),
        ReadKey::Counter(_) => {
            let counter = |row| {
                Ok::<_, StoreError>(Counter {
                    value: column(row, 0)?,
                    floor: column(row, 1)?,
                    limit: column(row, 2)?,
                })
            };
            ReadValue::Counter(first.map(counter).transpose()?)
        }
        ReadKey::Mark(_) => ReadValue::Mark(version(rows)?),
        ReadKey::Events { .. } | ReadKey::EventsBefore { .. } => {
            let event = |row| {
                Ok::<_, StoreError>(Event {
                    position: unsigned(row, 0)?,
                    time: column(row, 1)?,
                    body: json(row, 2)?,
                })
            };
            ReadValue::Events(rows.iter().map(event).collect::<Result<_, _>>()?)
        }
        ReadKey::Due(_) => {
            let work = |row| Ok::<_, StoreError>((column(row, 0)?, json(row, 1)?));
            ReadValue::Due(first.map(work).transpose()?)
        }
        ReadKey::Waiting { .. } => {
            let work = |row| {
                Ok::<_, StoreError>(Waiting {
                    name: column(row, 0)?,
                    at: column(row, 1)?,
                    body: json(row, 2)?,
                })
            };
            ReadValue::Waiting(rows.iter().map(work).collect::<Result<_, _>>()?)
        }
    })
}

/// The answer to [`mark`].
pub(crate) fn version(rows: &[Row]) -> Result<u64, StoreError> {
    rows.first().map_or(Ok(0), |row| unsigned(row, 0))
}

/// The answer to [`due`].
pub(crate) fn due_keys(rows: &[Row]) -> Result<Vec<DueKey>, StoreError> {
    let key = |row| Ok(DueKey { space: Space::from_stored(column(row, 0)?), name: column(row, 1)? });
    rows.iter().map(key).collect()
}

/// A row of [`scim_sql::far_ends`].
fn far_end(row: &Row) -> Result<FarEnd, StoreError> {
    Ok(FarEnd {
        resource_type: column(row, 0)?,
        id: column(row, 1)?,
        name: column(row, 2)?,
        visible: column(row, 3)?,
        direct: column(row, 4)?,
    })
}

/// The only number that a question gives; 0 if it gives none.
pub(crate) fn number(rows: &[Row]) -> Result<u64, StoreError> {
    rows.first().map_or(Ok(0), |row| u64::try_from(int(row, 0)?).map_err(damaged))
}

pub(crate) fn texts<const N: usize>(texts: [&str; N]) -> Vec<Param> {
    texts.iter().map(|text| Param::Text((*text).to_owned())).collect()
}

fn bounded(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
