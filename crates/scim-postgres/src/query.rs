//! Listings.
//!
//! A page takes one round trip: its records with their links, the total and the `names` version. Another one
//! comes first where the statements depend on what only the database knows: how many candidates there are,
//! whether values are longer than an index holds, or the `names` version.

use scim_core::{FarEnd, SortKey, SortValue, Subject};
use scim_engine::store::{
    Found, MarkKey, Position, Query, QueryPage, RecordKey, Space, StoreError, TypeQuery,
};
use scim_sql::{Count, Dialect as _, Listing, Param, Postgres, Segment, Sql, sort_value};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::error::damaged;
use crate::read::{mark, number, texts, version};
use crate::readers::{Question, Read, Snapshot, Stop};
use crate::row::{column, int, object, record, record_columns};

/// From how many candidates on, such as the members of a group, going through all records in order
/// and testing each is taken for faster than sorting them.
const MANY: i64 = 10_000;

/// The first column that holds links: those of the first type of the query, then those of the second.
const LINKS: usize = 14;

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
    let segments = listing.segments();
    let at_once = segments.len() <= 1;
    let mut places =
        if at_once { Vec::new() } else { by_segments(snapshot, query, &space, &segments).await? };
    // All that is still to be asked comes together.
    let mut questions = Vec::new();
    if names.is_none() {
        questions.push(mark(&space, MarkKey::names(&space).name));
    }
    if at_once {
        questions.extend(segments.iter().map(|one| page(query, &space, one, query.limit, query.offset)));
    }
    let counts = if query.total { listing.counts() } else { Vec::new() };
    questions.extend(counts.iter().map(|count| counted(&space, count)));
    if let Some(most) = query.left {
        questions.extend(segments.iter().map(|segment| Question::lowered(segment.count_up_to(most))));
    }
    let mut answers = snapshot.ask(&questions, true).await?.into_iter();
    let names = match names {
        Some(names) => names,
        None => version(&answers.next().unwrap_or_default())?,
    };
    if at_once && !segments.is_empty() {
        places = placed(query, &space, &answers.next().unwrap_or_default())?;
    }
    let totals: Vec<_> = answers.by_ref().take(counts.len()).collect();
    let total = query.total.then(|| summed(&totals)).transpose()?;
    let left: Vec<_> = answers.collect();
    let left = query.left.map(|most| summed(&left).map(|left| left.min(most))).transpose()?;
    Ok(QueryPage { total, left, found: places, names })
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

/// The statements of a query, and the `names` version if it had to be asked.
async fn listing<'q>(
    snapshot: &mut Snapshot,
    space: &Space,
    query: &'q Query,
) -> Result<(Listing<'q>, Option<u64>), Stop> {
    // What may be many, or long, does not depend on names.
    let unnamed = Listing::new(query, 0, &Postgres);
    let probes: Vec<(usize, Sql)> = unnamed.probes(MANY).collect();
    let long = unnamed.long_values();
    if probes.is_empty() && long.is_none() && !unnamed.depends_on_names() {
        return Ok((unnamed, None));
    }
    let mut questions = vec![mark(space, MarkKey::names(space).name)];
    questions.extend(probes.iter().map(|(_, probe)| Question::lowered(probe.clone())));
    questions.extend(long.map(Question::lowered));
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
    Ok((listing, Some(names)))
}

/// Runs one segment after the other, until the page is full.
async fn by_segments(
    snapshot: &mut Snapshot,
    query: &Query,
    space: &Space,
    segments: &[Segment],
) -> Result<Vec<Found>, Stop> {
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

/// The places of a page with their records; the match form where only it tells the kind of a number; from
/// the column [`LINKS`] on the links.
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
    let mut sql = Sql::raw(concat!(
        "SELECT ",
        record_columns!(),
        ", p.type, p.id, p.created, p.rank, p.value, p.rest, CASE WHEN p.rank = 1 THEN r.form::text END"
    ));
    for (number, of) in query.types.iter().enumerate() {
        for links in links_sql(space, number, of) {
            sql.append(links);
        }
    }
    let from = Postgres.look_up(Some(places), "resource", "r", key);
    sql.append(Sql::template(" FROM {} ORDER BY p.ordinal", [from]));
    sql
}

/// The links of a type's records as [`page_sql`] gives them: lists of far ends, each a list of its parts.
fn links_sql(space: &Space, number: usize, of: &TypeQuery) -> impl Iterator<Item = Sql> {
    of.links.iter().map(move |links| {
        let ends =
            scim_sql::far_ends_at(space.as_str(), (&of.kind, Sql::raw("p.id")), *links, None, &Postgres);
        Sql::template(
            &format!(
                ", CASE WHEN p.type = {number} THEN (SELECT coalesce(json_agg(json_build_array(e.kind, e.id, \
                 e.name, e.visible, e.direct))::text, '[]') FROM ({{}}) e(kind, id, name, visible, direct)) END"
            ),
            [ends],
        )
    })
}

fn placed(query: &Query, space: &Space, rows: &[Row]) -> Result<Vec<Found>, StoreError> {
    rows.iter().map(|row| place(query, space, row)).collect()
}

fn place(query: &Query, space: &Space, row: &Row) -> Result<Found, StoreError> {
    let number = usize::try_from(int(row, 7)?).map_err(damaged)?;
    let of = query.types.get(number).ok_or_else(|| damaged("a row of no type"))?;
    let id: String = column(row, 8)?;
    let value = position_value(of, row)?;
    let record = record(RecordKey::new(space, &of.kind, &id), row, 0)?;
    let position = Position { value, created: column(row, 9)?, id };
    let before: usize = query.types.iter().take(number).map(|of| of.links.len()).sum();
    let links = (0..of.links.len()).map(|at| far_ends(row, LINKS + before + at));
    Ok(Found { record, links: links.collect::<Result<_, _>>()?, position })
}

/// A column of [`links_sql`].
fn far_ends(row: &Row, at: usize) -> Result<Vec<FarEnd>, StoreError> {
    let text: &str = column(row, at)?;
    let ends: Vec<(String, String, Option<String>, bool, bool)> =
        serde_json::from_str(text).map_err(damaged)?;
    let end =
        |(resource_type, id, name, visible, direct)| FarEnd { resource_type, id, name, visible, direct };
    Ok(ends.into_iter().map(end).collect())
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

fn summed(answers: &[Vec<Row>]) -> Result<u64, StoreError> {
    answers.iter().map(|rows| number(rows)).sum()
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
