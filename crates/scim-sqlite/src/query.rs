//! Listings.

use rusqlite::Connection;
use scim_core::Links;
use scim_engine::store::{Found, MarkKey, Position, Query, QueryPage, RecordKey, Space, StoreError};
use scim_sql::{Count, Listing, Sql, Sqlite, sort_value};

use crate::error::{damaged, store_error};
use crate::read::{far_end, mark};
use crate::row::{for_each, number, one, param, read_record, unsigned};

/// From how many candidates on, such as the members of a group, going through all records in order
/// and testing each is taken for faster than sorting them.
const MANY: i64 = 10_000;

/// Where a record of the page stands, and of which of the types of the query it is.
struct Place {
    number: usize,
    position: Position,
}

/// The page that the query asks for.
pub(crate) fn query(connection: &Connection, query: &Query) -> Result<QueryPage, StoreError> {
    let space = query.tenant.space();
    let names = mark(connection, &MarkKey::names(&space))?;
    let listing = listing(connection, query, names)?;
    let places = places(connection, query, &listing)?;
    let found = load(connection, query, &space, places)?;
    let total = match query.total {
        false => None,
        // A page that is not full, from the start, is all there is.
        true if query.offset == 0 && query.after.is_none() && found.len() < query.limit => {
            Some(found.len() as u64)
        }
        true => Some(total(connection, &space, &listing)?),
    };
    let left = query.left.map(|most| left(connection, &listing, most)).transpose()?;
    Ok(QueryPage { total, left, found, names })
}

/// How many records come after the position, counted no further than `most`.
fn left(connection: &Connection, listing: &Listing<'_>, most: u64) -> Result<u64, StoreError> {
    let mut left = 0;
    for segment in listing.segments() {
        if left < most {
            left += number(connection, segment.count_up_to(most - left))?;
        }
    }
    Ok(left)
}

/// The plan of the statements that would find the page, as SQLite tells it.
pub(crate) fn explain(connection: &Connection, query: &Query) -> Result<Vec<String>, StoreError> {
    let space = query.tenant.space();
    let names = mark(connection, &MarkKey::names(&space))?;
    let listing = listing(connection, query, names)?;
    let mut lines = Vec::new();
    for segment in listing.segments() {
        let mut sql = Sql::raw("EXPLAIN QUERY PLAN ");
        sql.append(segment.page(query.limit as u64, query.offset));
        for_each(connection, sql, |row| {
            lines.push(row.get(3).map_err(store_error)?);
            Ok(())
        })?;
    }
    Ok(lines)
}

fn listing<'q>(connection: &Connection, query: &'q Query, names: u64) -> Result<Listing<'q>, StoreError> {
    let mut listing = Listing::new(query, names, &Sqlite);
    let probes: Vec<(usize, Sql)> = listing.probes(MANY).collect();
    for (of, probe) in probes {
        if number(connection, probe)? >= MANY.unsigned_abs() {
            listing.scan(of);
        }
    }
    if let Some(long) = listing.long_values()
        && number(connection, long)? > 0
    {
        listing.compare_rests();
    }
    Ok(listing)
}

/// Runs one segment after the other, until the page is full.
fn places(connection: &Connection, query: &Query, listing: &Listing<'_>) -> Result<Vec<Place>, StoreError> {
    let mut places = Vec::new();
    let mut offset = query.offset;
    let segments = listing.segments();
    for (at, segment) in segments.iter().enumerate() {
        let left = query.limit - places.len();
        if left == 0 {
            break;
        }
        let before = places.len();
        for_each(connection, segment.page(left as u64, offset), |row| {
            let number = usize::try_from(unsigned(row, 0)?).map_err(damaged)?;
            let rest: String = row.get(5).map_err(store_error)?;
            let value = sort_value(row.get(3).map_err(store_error)?, param(row, 4)?, &rest);
            let of = query.types.get(number).ok_or_else(|| damaged("a row of no type"))?;
            let position = Position {
                value: if of.order.is_some() { value } else { scim_core::SortValue::Absent },
                created: row.get(2).map_err(store_error)?,
                id: row.get(1).map_err(store_error)?,
            };
            places.push(Place { number, position });
            Ok(())
        })?;
        if places.len() > before {
            offset = 0;
        } else if offset > 0 && at + 1 < segments.len() {
            offset = offset.saturating_sub(number(connection, segment.count())?);
        }
    }
    Ok(places)
}

/// The records of the page, with their links.
fn load(
    connection: &Connection,
    query: &Query,
    space: &Space,
    places: Vec<Place>,
) -> Result<Vec<Found>, StoreError> {
    let mut found = Vec::with_capacity(places.len());
    let mut numbers = Vec::with_capacity(places.len());
    for Place { number, position } in places {
        let of = query.types.get(number).ok_or_else(|| damaged("a row of no type"))?;
        let key = RecordKey::new(space, &of.kind, &position.id);
        let record = read_record(connection, &key)?
            .ok_or_else(|| damaged(format!("{} is only in an index", key.record.id)))?;
        found.push(Found { record, links: vec![Vec::new(); of.links.len()], position });
        numbers.push(number);
    }
    for (number, of) in query.types.iter().enumerate() {
        let of_type: Vec<usize> = (0..found.len()).filter(|at| numbers[*at] == number).collect();
        for (view, links) in of.links.iter().enumerate() {
            link(connection, space, &of.kind, (view, *links), &of_type, &mut found)?;
        }
    }
    Ok(found)
}

/// Reads the far ends for one view of the records that `of_type` lists: one statement for all of them.
fn link(
    connection: &Connection,
    space: &Space,
    kind: &str,
    (view, links): (usize, Links),
    of_type: &[usize],
    found: &mut [Found],
) -> Result<(), StoreError> {
    if of_type.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = of_type.iter().map(|at| found[*at].record.id()).collect();
    let sql = scim_sql::far_ends_of_all(space.as_str(), (kind, &ids), links, &Sqlite);
    for_each(connection, sql, |row| {
        let at = usize::try_from(unsigned(row, 0)?).map_err(damaged)?;
        let at = of_type.get(at).ok_or_else(|| damaged("a link of no record"))?;
        found[*at].links[view].push(far_end(row, 1).map_err(store_error)?);
        Ok(())
    })
}

fn total(connection: &Connection, space: &Space, listing: &Listing<'_>) -> Result<u64, StoreError> {
    let mut total = 0;
    for count in listing.counts() {
        total += match count {
            Count::Counted(sql) => number(connection, sql)?,
            Count::Maintained(kind) => {
                let visible: Option<i64> = one(
                    connection,
                    "SELECT visible FROM total WHERE space = ?1 AND kind = ?2",
                    [space.as_str(), kind],
                    |row| row.get(0),
                )?;
                u64::try_from(visible.unwrap_or(0)).map_err(damaged)?
            }
        };
    }
    Ok(total)
}
