//! Listings.
//!
//! A page takes three round trips at most: the `names` version, with how many candidates there are where
//! that matters; the places of the page with their records, and the total; the links.

use scim_core::{SortKey, SortValue, Subject};
use scim_engine::store::{
    Found, MarkKey, Position, Query, QueryPage, RecordKey, Space, StoreError, TypeQuery,
};
use scim_sql::{Count, Dialect as _, Listing, Param, Postgres, Segment, Sql, sort_value};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::error::damaged;
use crate::read::{far_end, mark, number, texts, version};
use crate::readers::{Question, Read, Snapshot, Stop};
use crate::row::{column, int, object, record, record_columns};

/// From how many candidates on, such as the members of a group, going through all records in order
/// and testing each is taken for faster than sorting them.
const MANY: i64 = 10_000;

/// A record of the page, and of which of the types of the query it is.
struct Place {
    number: usize,
    found: Found,
}

/// The page that a query asks for.
#[derive(Debug)]
pub(crate) struct Page<'q>(pub(crate) &'q Query);

impl Read for Page<'_> {
    type Answer = QueryPage;

    async fn run(&self, snapshot: &mut Snapshot) -> Result<QueryPage, Stop> {
        query(snapshot, self.0).await
    }
}

/// The plan of the statements that would find the page, as PostgreSQL tells it.
#[derive(Debug)]
pub(crate) struct Plan<'q>(pub(crate) &'q Query);

impl Read for Plan<'_> {
    type Answer = Vec<String>;

    async fn run(&self, snapshot: &mut Snapshot) -> Result<Vec<String>, Stop> {
        explain(snapshot, self.0).await
    }
}

async fn query(snapshot: &mut Snapshot, query: &Query) -> Result<QueryPage, Stop> {
    let space = query.tenant.space();
    let (listing, names) = listing(snapshot, &space, query).await?;
    let links = query.types.iter().any(|of| !of.links.is_empty());
    let segments = listing.segments();
    // A page of one segment comes together with its total.
    let at_once = segments.len() <= 1;
    let counts = if query.total { listing.counts() } else { Vec::new() };
    let mut counted: Vec<Question> = counts.iter().map(|count| counted(&space, count)).collect();
    if let Some(most) = query.left {
        counted.extend(segments.iter().map(|segment| Question::lowered(segment.count_up_to(most))));
    }
    let (mut places, answers) = if at_once {
        let mut questions: Vec<Question> =
            segments.iter().map(|segment| page(query, &space, segment, query.limit, query.offset)).collect();
        questions.extend(counted);
        let mut answers = snapshot.ask(&questions, !links).await?;
        let counted = answers.split_off(segments.len().min(answers.len()));
        (placed(query, &space, answers.first().map_or(&[], Vec::as_slice))?, counted)
    } else {
        let places = by_segments(snapshot, query, &space, &segments).await?;
        (places, snapshot.ask(&counted, !links).await?)
    };
    let (totals, left) = answers.split_at(counts.len().min(answers.len()));
    let total = query.total.then(|| summed(totals)).transpose()?;
    let left = query.left.map(|most| summed(left).map(|left| left.min(most))).transpose()?;
    if links {
        read_links(snapshot, query, &mut places).await?;
    }
    let found = places.into_iter().map(|place| place.found).collect();
    Ok(QueryPage { total, left, found, names })
}

async fn explain(snapshot: &mut Snapshot, query: &Query) -> Result<Vec<String>, Stop> {
    let space = query.tenant.space();
    let (listing, _) = listing(snapshot, &space, query).await?;
    let questions: Vec<Question> = listing
        .segments()
        .iter()
        .map(|segment| {
            let mut sql = Sql::raw("EXPLAIN (COSTS OFF) ");
            sql.append(page_sql(query, &space, segment, query.limit, query.offset));
            Question::lowered(sql)
        })
        .collect();
    let answers = snapshot.ask(&questions, true).await?;
    let lines = answers.iter().flatten().map(|row| column(row, 0));
    Ok(lines.collect::<Result<_, StoreError>>()?)
}

async fn listing<'q>(
    snapshot: &mut Snapshot,
    space: &Space,
    query: &'q Query,
) -> Result<(Listing<'q>, u64), Stop> {
    // What may be many, or long, does not depend on names.
    let unnamed = Listing::new(query, 0, &Postgres);
    let probes: Vec<(usize, Sql)> = unnamed.probes(MANY).collect();
    let mut questions = vec![mark(space, MarkKey::names(space).name)];
    questions.extend(probes.iter().map(|(_, probe)| Question::lowered(probe.clone())));
    questions.extend(unnamed.long_values().map(Question::lowered));
    let answers = snapshot.ask(&questions, false).await?;
    let names = answers.first().map_or(Ok(0), |rows| version(rows))?;
    let mut listing = Listing::new(query, names, &Postgres);
    for ((of, _), rows) in probes.iter().zip(answers.iter().skip(1)) {
        if number(rows)? >= MANY.unsigned_abs() {
            listing.scan(*of);
        }
    }
    // Where it was not asked, there is no such answer.
    if number(answers.get(1 + probes.len()).map_or(&[], Vec::as_slice))? > 0 {
        listing.compare_rests();
    }
    Ok((listing, names))
}

/// Runs one segment after the other, until the page is full.
async fn by_segments(
    snapshot: &mut Snapshot,
    query: &Query,
    space: &Space,
    segments: &[Segment],
) -> Result<Vec<Place>, Stop> {
    let mut places = Vec::new();
    let mut offset = query.offset;
    for (at, segment) in segments.iter().enumerate() {
        let left = query.limit - places.len();
        if left == 0 {
            break;
        }
        let answers = snapshot.ask(&[page(query, space, segment, left, offset)], false).await?;
        let more = placed(query, space, answers.first().map_or(&[], Vec::as_slice))?;
        if !more.is_empty() {
            offset = 0;
        } else if offset > 0 && at + 1 < segments.len() {
            let answers = snapshot.ask(&[Question::lowered(segment.count())], false).await?;
            offset = offset.saturating_sub(number(answers.first().map_or(&[], Vec::as_slice))?);
        }
        places.extend(more);
    }
    Ok(places)
}

fn page(query: &Query, space: &Space, segment: &Segment, limit: usize, offset: u64) -> Question {
    Question::lowered(page_sql(query, space, segment, limit, offset))
}

/// The places of a page with their records; the match form where only it tells the kind of a number.
fn page_sql(query: &Query, space: &Space, segment: &Segment, limit: usize, offset: u64) -> Sql {
    let mut kind = Sql::raw("CASE p.type");
    for (number, of) in query.types.iter().enumerate() {
        kind.push(&format!(" WHEN {number} THEN ")).append(Sql::text(&*of.kind));
    }
    kind.push(" END");
    if let [only] = query.types.as_slice() {
        kind = Sql::text(&*only.kind);
    }
    let places = Sql::template(
        "(SELECT s.*, row_number() OVER () AS ordinal FROM ({}) s) p",
        [segment.page(limit as u64, offset)],
    );
    let key =
        Sql::template("r.space = {} AND r.kind = {} AND r.id = p.id", [Sql::text(space.as_str()), kind]);
    Sql::template(
        concat!(
            "SELECT ",
            record_columns!(),
            ", p.type, p.id, p.created, p.rank, p.value, p.rest, CASE WHEN p.rank = 1 THEN r.form::text END \
             FROM {} ORDER BY p.ordinal"
        ),
        [Postgres.look_up(Some(places), "resource", "r", key)],
    )
}

fn placed(query: &Query, space: &Space, rows: &[Row]) -> Result<Vec<Place>, StoreError> {
    rows.iter().map(|row| place(query, space, row)).collect()
}

fn place(query: &Query, space: &Space, row: &Row) -> Result<Place, StoreError> {
    let number = usize::try_from(int(row, 7)?).map_err(damaged)?;
    let of = query.types.get(number).ok_or_else(|| damaged("a row of no type"))?;
    let id: String = column(row, 8)?;
    let value = position_value(of, row)?;
    let record = record(RecordKey::new(space, &of.kind, &id), row, 0)?;
    let position = Position { value, created: column(row, 9)?, id };
    Ok(Place { number, found: Found { record, links: Vec::new(), position } })
}

/// The value that the order has compared.
fn position_value(of: &TypeQuery, row: &Row) -> Result<SortValue, StoreError> {
    let Some(order) = &of.order else { return Ok(SortValue::Absent) };
    let rank = int(row, 10)?;
    if row.columns().get(11).is_some_and(|column| *column.type_() == Type::INT8) {
        return Ok(sort_value(rank, Param::Int(int(row, 11)?), ""));
    }
    if rank == 1 {
        // The text in its place is made to be compared, not to be read.
        let form = object(row, 13)?;
        let no_links = |_| Vec::new();
        let subject = Subject { id: "", created: 0, modified: 0, version: "", form: &form, links: &no_links };
        return Ok(SortKey::value(&order.key, &subject));
    }
    let text: String = column(row, 11)?;
    Ok(match rank {
        0 => SortValue::Bool(text == "true"),
        _ => sort_value(rank, Param::Text(text), column(row, 12)?),
    })
}

fn counted(space: &Space, count: &Count<'_>) -> Question {
    match count {
        Count::Counted(sql) => Question::lowered(sql.clone()),
        Count::Maintained(kind) => Question::kept(
            "SELECT coalesce(sum(visible), 0)::bigint FROM total WHERE space = $1 AND kind = $2",
            texts([space.as_str(), kind]),
        ),
    }
}

fn summed(answers: &[Vec<Row>]) -> Result<u64, StoreError> {
    answers.iter().map(|rows| number(rows)).sum()
}

/// Reads the links of all records of the page in one round trip.
async fn read_links(snapshot: &mut Snapshot, query: &Query, places: &mut [Place]) -> Result<(), Stop> {
    let mut questions = Vec::new();
    for place in &*places {
        let key = &place.found.record.key;
        let near = (key.record.kind.as_str(), key.record.id.as_str());
        for links in query.types.get(place.number).into_iter().flat_map(|of| &of.links) {
            let sql = scim_sql::far_ends(key.space.as_str(), near, *links, None, &Postgres);
            questions.push(Question::lowered(sql));
        }
    }
    let mut answers = snapshot.ask(&questions, true).await?.into_iter();
    for place in places {
        let count = query.types.get(place.number).map_or(0, |of| of.links.len());
        for rows in answers.by_ref().take(count) {
            place.found.links.push(rows.iter().map(far_end).collect::<Result<_, _>>()?);
        }
    }
    Ok(())
}
