//! Questions about one thing, beside those that a read asks by key.

use scim_engine::store::{DueKey, ReadKey, Space, StoreError};
use scim_sql::Param;
use tokio_postgres::Row;

use crate::error::damaged;
use crate::readers::Question;
use crate::row::{column, int, unsigned};

/// Whether events stand behind a position that are not settled yet.
pub(crate) fn unsettled(key: &ReadKey) -> Option<Question> {
    let ReadKey::Events { space, stream, after, .. } = key else { return None };
    let mut params = texts([space.as_str(), stream.as_str()]);
    params.push(Param::Int(position(*after)));
    Some(Question::kept(
        "SELECT 1 FROM event WHERE space = $1 AND stream = $2 AND position > $3 LIMIT 1",
        params,
    ))
}

/// The version of a mark.
pub(crate) fn mark(space: &Space, name: &str) -> Question {
    Question::kept("SELECT version FROM mark WHERE space = $1 AND name = $2", texts([space.as_str(), name]))
}

/// The answer to [`mark`].
pub(crate) fn version(rows: &[Row]) -> Result<u64, StoreError> {
    rows.first().map_or(Ok(0), |row| unsigned(row, 0))
}

/// Work of a shard that is due before a time, oldest first.
pub(crate) fn due(shard: u16, before: i64, limit: usize) -> Question {
    Question::kept(
        "SELECT space, name FROM due WHERE shard = $1::bigint AND at < $2 ORDER BY at, space, name LIMIT $3",
        vec![Param::Int(i64::from(shard)), Param::Int(before), Param::Int(bounded(limit))],
    )
}

/// The answer to [`due`].
pub(crate) fn due_keys(rows: &[Row]) -> Result<Vec<DueKey>, StoreError> {
    let key = |row| Ok(DueKey { space: Space::from_stored(column(row, 0)?), name: column(row, 1)? });
    rows.iter().map(key).collect()
}

/// The only number that a question gives; 0 if it gives none.
pub(crate) fn number(rows: &[Row]) -> Result<u64, StoreError> {
    rows.first().map_or(Ok(0), |row| u64::try_from(int(row, 0)?).map_err(damaged))
}

pub(crate) fn texts<const N: usize>(texts: [&str; N]) -> Vec<Param> {
    texts.iter().map(|text| Param::Text((*text).to_owned())).collect()
}

/// How many rows at most.
pub(crate) fn bounded(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// A position of events.
pub(crate) fn position(position: u64) -> i64 {
    i64::try_from(position).unwrap_or(i64::MAX)
}
