//! Reads by key.

use rusqlite::{Connection, Statement, params};
use scim_core::FarEnd;
use scim_engine::store::{
    ClaimKey, Counter, CounterKey, DueKey, Event, LinkKey, LinksKey, MarkKey, ReadKey, ReadValue, Record,
    RecordKey, Space, StoreError, Stream, Waiting,
};
use scim_sql::{Sql, Sqlite, unique_key};

use crate::error::store_error;
use crate::row::{for_each, json, one, read_record, record, record_columns, unsigned};

/// The value of a key.
pub(crate) fn read(connection: &Connection, key: &ReadKey) -> Result<ReadValue, StoreError> {
    Ok(match key {
        ReadKey::Record(key) => ReadValue::Record(read_record(connection, key)?.map(Box::new)),
        ReadKey::Holder(claim) => ReadValue::Record(holder(connection, claim)?.map(Box::new)),
        ReadKey::Links(key) => ReadValue::FarEnds(links(connection, key)?),
        ReadKey::Link(key) => ReadValue::Linked(is_linked(connection, key)?),
        ReadKey::Counter(key) => ReadValue::Counter(counter(connection, key)?),
        ReadKey::Mark(key) => ReadValue::Mark(mark(connection, key)?),
        ReadKey::Events { space, stream, after, limit } => {
            ReadValue::Events(events(connection, space, *stream, *after, *limit)?)
        }
        ReadKey::EventsBefore { space, stream, before, limit } => {
            ReadValue::Events(events_before(connection, space, *stream, *before, *limit)?)
        }
        ReadKey::Due(key) => ReadValue::Due(work(connection, key)?),
        ReadKey::Waiting { space, after, limit } => {
            ReadValue::Waiting(waiting(connection, space, after, *limit)?)
        }
    })
}

fn holder(connection: &Connection, claim: &ClaimKey) -> Result<Option<Record>, StoreError> {
    let mut statement = connection
        .prepare_cached(concat!(
            "SELECT u.holder_kind, u.holder_id, ",
            record_columns!("r."),
            " FROM unique_value u CROSS JOIN resource r \
             WHERE u.space = ?1 AND u.name = ?2 AND u.value = ?3 \
             AND r.space = u.space AND r.kind = u.holder_kind AND r.id = u.holder_id"
        ))
        .map_err(store_error)?;
    let mut rows = statement
        .query(params![claim.space.as_str(), claim.name, unique_key(&claim.value)])
        .map_err(store_error)?;
    let Some(row) = rows.next().map_err(store_error)? else { return Ok(None) };
    let kind: String = row.get(0).map_err(store_error)?;
    let id: String = row.get(1).map_err(store_error)?;
    record(RecordKey::new(&claim.space, &kind, &id), row, 2).map(Some)
}

fn links(connection: &Connection, key: &LinksKey) -> Result<Vec<FarEnd>, StoreError> {
    let of = &key.of;
    let near = (of.record.kind.as_str(), of.record.id.as_str());
    let mut sql = scim_sql::far_ends(of.space.as_str(), near, key.links, key.only.as_ref(), &Sqlite);
    sql.push(" LIMIT ").append(Sql::int(bounded(key.limit)));
    let mut ends = Vec::new();
    for_each(connection, sql, |row| {
        ends.push(far_end(row, 0).map_err(store_error)?);
        Ok(())
    })?;
    Ok(ends)
}

/// A far end from its columns, the first of which is `at`.
pub(crate) fn far_end(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<FarEnd> {
    Ok(FarEnd {
        resource_type: row.get(at)?,
        id: row.get(at + 1)?,
        name: row.get(at + 2)?,
        visible: row.get(at + 3)?,
        direct: row.get(at + 4)?,
    })
}

pub(crate) fn is_linked(connection: &Connection, key: &LinkKey) -> Result<bool, StoreError> {
    let found = one(
        connection,
        "SELECT 1 FROM link WHERE space = ?1 AND relation = ?2 AND member_id = ?3 AND member_kind = ?4 \
         AND owner_id = ?5 AND owner_kind = ?6",
        params![
            key.space.as_str(),
            key.relation,
            key.member.id,
            key.member.kind,
            key.owner.id,
            key.owner.kind
        ],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

pub(crate) fn counter(connection: &Connection, key: &CounterKey) -> Result<Option<Counter>, StoreError> {
    one(
        connection,
        "SELECT value, floor, \"limit\" FROM counter WHERE space = ?1 AND name = ?2",
        params![key.space.as_str(), key.name],
        |row| Ok(Counter { value: row.get(0)?, floor: row.get(1)?, limit: row.get(2)? }),
    )
}

pub(crate) fn mark(connection: &Connection, key: &MarkKey) -> Result<u64, StoreError> {
    let version: Option<i64> = one(
        connection,
        "SELECT version FROM mark WHERE space = ?1 AND name = ?2",
        params![key.space.as_str(), key.name],
        |row| row.get(0),
    )?;
    u64::try_from(version.unwrap_or(0)).map_err(crate::error::damaged)
}

fn events(
    connection: &Connection,
    space: &Space,
    stream: Stream,
    after: u64,
    limit: usize,
) -> Result<Vec<Event>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT position, time, body FROM event \
             WHERE space = ?1 AND stream = ?2 AND position > ?3 ORDER BY position LIMIT ?4",
        )
        .map_err(store_error)?;
    event_rows(&mut statement, space, stream, after, limit)
}

fn events_before(
    connection: &Connection,
    space: &Space,
    stream: Stream,
    before: u64,
    limit: usize,
) -> Result<Vec<Event>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT position, time, body FROM event \
             WHERE space = ?1 AND stream = ?2 AND position < ?3 ORDER BY position DESC LIMIT ?4",
        )
        .map_err(store_error)?;
    event_rows(&mut statement, space, stream, before, limit)
}

fn event_rows(
    statement: &mut Statement<'_>,
    space: &Space,
    stream: Stream,
    from: u64,
    limit: usize,
) -> Result<Vec<Event>, StoreError> {
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let mut rows = statement
        .query(params![space.as_str(), stream.as_str(), from, bounded(limit)])
        .map_err(store_error)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        let time = row.get(1).map_err(store_error)?;
        events.push(Event { position: unsigned(row, 0)?, time, body: json(row, 2)? });
    }
    Ok(events)
}

fn work(connection: &Connection, key: &DueKey) -> Result<Option<(i64, serde_json::Value)>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT at, body FROM due WHERE space = ?1 AND name = ?2")
        .map_err(store_error)?;
    let mut rows = statement.query(params![key.space.as_str(), key.name]).map_err(store_error)?;
    match rows.next().map_err(store_error)? {
        Some(row) => Ok(Some((row.get(0).map_err(store_error)?, json(row, 1)?))),
        None => Ok(None),
    }
}

fn waiting(
    connection: &Connection,
    space: &Space,
    after: &str,
    limit: usize,
) -> Result<Vec<Waiting>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT name, at, body FROM due WHERE space = ?1 AND name > ?2 ORDER BY name LIMIT ?3",
        )
        .map_err(store_error)?;
    let mut rows = statement.query(params![space.as_str(), after, bounded(limit)]).map_err(store_error)?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next().map_err(store_error)? {
        let (name, at) = (row.get(0).map_err(store_error)?, row.get(1).map_err(store_error)?);
        waiting.push(Waiting { name, at, body: json(row, 2)? });
    }
    Ok(waiting)
}

/// Work of a shard that is due before a time, oldest first.
pub(crate) fn due(
    connection: &Connection,
    shard: u16,
    before: i64,
    limit: usize,
) -> Result<Vec<DueKey>, StoreError> {
    let mut statement = connection
        .prepare_cached(
            "SELECT space, name FROM due WHERE shard = ?1 AND at < ?2 ORDER BY at, space, name LIMIT ?3",
        )
        .map_err(store_error)?;
    let keys = statement
        .query_map(params![shard, before, bounded(limit)], |row| {
            let space: String = row.get(0)?;
            Ok(DueKey { space: Space::from_stored(&space), name: row.get(1)? })
        })
        .map_err(store_error)?;
    keys.collect::<Result<_, _>>().map_err(store_error)
}

fn bounded(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
