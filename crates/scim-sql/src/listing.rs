//! A [`Query`] as statements on the tables of the layout.
//!
//! A page is found in two steps: first where its records stand (type, id, created, rank, value), then
//! the records by key. So sorting and skipping move keys, not documents.

use scim_core::{Operand, Order, Predicate, SortKey, SortValue};
use scim_engine::store::{Position, Query, TypeQuery};

use crate::candidates::Candidates;
use crate::dialect::Dialect;
use crate::index_key::index_key;
use crate::index_row::RANK_LONG;
use crate::layout::{Layout, indexed_path};
use crate::lower::{Condition, lower};
use crate::order::{RANK_ABSENT, SortColumns, sort_params};
use crate::sql::{Param, Sql};

/// The statements for a query.
#[derive(Debug)]
pub struct Listing<'q> {
    query: &'q Query,
    space: String,
    dialect: &'q dyn Dialect,
    types: Vec<Listed<'q>>,
    /// Whether values in the order may be longer than their keys in the index.
    long: bool,
}

#[derive(Debug)]
struct Listed<'q> {
    /// Which of the types of the query it is.
    number: usize,
    query: &'q TypeQuery,
    layout: Names,
    condition: Condition,
    candidates: Option<Candidates>,
    /// Whether to go by the candidates when a page is listed.
    narrow: bool,
}

/// What a layout needs beside the query.
#[derive(Clone, Copy, Debug)]
struct Names(u64);

/// Statements that together, one after the other, give a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    rows: Sql,
    order: Sql,
}

/// How the matches of a resource type are counted.
#[derive(Clone, Debug, PartialEq)]
pub enum Count<'q> {
    /// All visible records of this type: the number is maintained in `total`.
    Maintained(&'q str),
    /// By this statement.
    Counted(Sql),
}

impl Segment {
    /// The rows in order: number of the type, id, created, rank, value, and the rest of a long value.
    #[must_use]
    pub fn page(&self, limit: u64, offset: u64) -> Sql {
        let number = |n: u64| Sql::int(i64::try_from(n).unwrap_or(i64::MAX));
        Sql::template(
            "{} ORDER BY {} LIMIT {} OFFSET {}",
            [self.rows.clone(), self.order.clone(), number(limit), number(offset)],
        )
    }

    /// How many rows there are, counted no further than `most`.
    #[must_use]
    pub fn count_up_to(&self, most: u64) -> Sql {
        let most = Sql::int(i64::try_from(most).unwrap_or(i64::MAX));
        Sql::template("SELECT count(*) FROM ({} LIMIT {}) s", [self.rows.clone(), most])
    }

    /// How many rows there are.
    #[must_use]
    pub fn count(&self) -> Sql {
        Sql::template("SELECT count(*) FROM ({}) s", [self.rows.clone()])
    }
}

impl<'q> Listing<'q> {
    /// Lowers a query; `names` is the `names` version of the tenant in the same snapshot.
    #[must_use]
    pub fn new(query: &'q Query, names: u64, dialect: &'q dyn Dialect) -> Self {
        let space = query.tenant.space().as_str().to_owned();
        let long = query.after.as_ref().is_some_and(|after| !parts(&after.value).1.is_empty());
        let mut listing = Self { query, space, dialect, types: Vec::new(), long };
        for (number, of_type) in query.types.iter().enumerate() {
            let layout = Names(names);
            let columns = listing.columns(of_type, layout);
            let condition = lower(&of_type.predicate, &columns, dialect);
            if condition == Condition::Always(false) {
                continue;
            }
            let candidates = Candidates::of(&of_type.predicate, &columns);
            listing.types.push(Listed {
                number,
                query: of_type,
                layout,
                condition,
                narrow: candidates.is_some(),
                candidates,
            });
        }
        listing
    }

    /// Whether a statement holds the `names` version: it is part of what a filter or an order by
    /// `meta.version` compares.
    #[must_use]
    pub fn depends_on_names(&self) -> bool {
        let by_version =
            |of: &TypeQuery| of.order.as_ref().is_some_and(|order| order.key == SortKey::Version);
        self.query.types.iter().any(|of| by_version(of) || tests_version(&of.predicate))
    }

    /// For each type whose candidates may be many, a statement that counts them, but no further than
    /// `most`.
    pub fn probes(&self, most: i64) -> impl Iterator<Item = (usize, Sql)> + '_ {
        self.types.iter().filter(|listed| listed.narrow).filter_map(move |listed| {
            let many = listed.candidates.as_ref().filter(|candidates| candidates.many)?;
            let count = Sql::template(
                "SELECT count(*) FROM (SELECT 1 FROM ({}) c LIMIT {}) n",
                [many.ids.clone(), Sql::int(most)],
            );
            Some((listed.number, count))
        })
    }

    /// A statement that counts the types of which values in the order are longer than their keys in the index.
    /// None where no index gives the order.
    #[must_use]
    pub fn long_values(&self) -> Option<Sql> {
        let mut marks = Vec::new();
        for of_type in self.types.iter().map(|listed| listed.query) {
            let path = indexed_order(of_type)?;
            marks.push(Sql::template(
                &format!(
                    "(SELECT count(*) FROM (SELECT 1 FROM attribute_value a WHERE a.space = {{}} AND a.kind = {{}} \
                     AND a.path = {{}} AND a.rank = {RANK_LONG} LIMIT 1) m)"
                ),
                [Sql::text(&*self.space), Sql::text(&*of_type.kind), Sql::text(path)],
            ));
        }
        let mut sql = Sql::raw("SELECT 0");
        for mark in marks {
            sql.push(" + ").append(mark);
        }
        Some(sql)
    }

    /// Compares the rests of long values too, at the price of sorting those that begin alike.
    pub fn compare_rests(&mut self) {
        self.long = true;
    }

    /// Goes through a type in its order, testing each record, instead of sorting its many candidates.
    pub fn scan(&mut self, number: usize) {
        for listed in self.types.iter_mut().filter(|listed| listed.number == number) {
            listed.narrow = false;
        }
    }

    /// What gives the page; nothing if no record can match.
    #[must_use]
    pub fn segments(&self) -> Vec<Segment> {
        match self.types.as_slice() {
            [] => Vec::new(),
            [one] => self.of_one(one),
            many => {
                let mut rows = Sql::default();
                for (at, listed) in many.iter().enumerate() {
                    if at > 0 {
                        rows.push(" UNION ALL ");
                    }
                    rows.append(self.rows(listed, Start::After));
                }
                let order = match &many[0].query.order {
                    None => "created, id",
                    Some(Order { descending: false, .. }) => "rank, value, created, id",
                    Some(Order { descending: true, .. }) => "rank DESC, value DESC, created, id",
                };
                vec![Segment { rows, order: Sql::raw(order) }]
            }
        }
    }

    /// How all matches are counted, wherever the page begins.
    #[must_use]
    pub fn counts(&self) -> Vec<Count<'q>> {
        self.types
            .iter()
            .map(|listed| match &listed.condition {
                Condition::Always(_) => Count::Maintained(&listed.query.kind),
                Condition::When(_) => {
                    let (from, condition) = self.source(listed, listed.candidates.as_ref(), None);
                    Count::Counted(Sql::template("SELECT count(*) FROM {} WHERE {}", [from, condition]))
                }
            })
            .collect()
    }

    fn of_one(&self, listed: &Listed<'q>) -> Vec<Segment> {
        let Some(order) = &listed.query.order else {
            return vec![Segment { rows: self.rows(listed, Start::After), order: Sql::raw("created, id") }];
        };
        if self.driving_path(listed).is_none() {
            let order = match (&order.key, order.descending) {
                // No two have the same id.
                (SortKey::Id, false) => "value",
                (SortKey::Id, true) => "value DESC",
                (SortKey::Created | SortKey::Modified | SortKey::Version, false) => "value, created, id",
                (SortKey::Created | SortKey::Modified | SortKey::Version, true) => "value DESC, created, id",
                (_, false) => "rank, value, created, id",
                (_, true) => "rank DESC, value DESC, created, id",
            };
            return vec![Segment { rows: self.rows(listed, Start::After), order: Sql::raw(order) }];
        }
        let (up, down) = if self.long {
            ("rank, value, rest, created, id", "rank DESC, value DESC, rest DESC, created, id")
        } else {
            ("rank, value, created, id", "rank DESC, value DESC, created, id")
        };
        if !order.descending {
            return vec![Segment { rows: self.rows(listed, Start::After), order: Sql::raw(up) }];
        }
        // Descending, equal values stay in ascending order of creation, which the index gives for one
        // value at a time. Only absence may be a long run: it is listed by itself, and so is the run that
        // the page begins in.
        vec![
            Segment { rows: self.rows(listed, Start::SameValue), order: Sql::raw("created, id") },
            Segment { rows: self.rows(listed, Start::NextValue), order: Sql::raw(down) },
        ]
    }

    fn columns<'l>(&'l self, of_type: &'l TypeQuery, names: Names) -> Layout<'l> {
        Layout { space: &self.space, kind: &of_type.kind, names: names.0, dialect: self.dialect }
    }

    /// The indexed path whose order the index gives, when that is how the type is gone through.
    fn driving_path(&self, listed: &Listed<'q>) -> Option<&'static str> {
        // What comes from several types is compared by whole values.
        let compares = self.types.len() == 1 || !self.long;
        indexed_order(listed.query).filter(|_| compares && !listed.narrow)
    }

    /// `FROM` and `WHERE` of a type.
    fn source(
        &self,
        listed: &Listed<'q>,
        candidates: Option<&Candidates>,
        driving_path: Option<&'static str>,
    ) -> (Sql, Sql) {
        let (space, kind) = (Sql::text(&*self.space), Sql::text(&*listed.query.kind));
        // Whether it is visible is not asked here: it would call for the index of visible records by creation.
        let record = |rows, id: &str| {
            let on = format!("r.space = {{}} AND r.kind = {{}} AND r.id = {id}");
            self.dialect.look_up(
                Some(rows),
                "resource",
                "r",
                Sql::template(&on, [space.clone(), kind.clone()]),
            )
        };
        let (from, mut condition) = match (driving_path, candidates) {
            (Some(path), _) => {
                let rows = Sql::raw("attribute_value a");
                // The index has all there is to a place; only a condition needs the record.
                let tested = matches!(listed.condition, Condition::When(_));
                (
                    if tested { record(rows, "a.id") } else { rows },
                    Sql::template(
                        "a.space = {} AND a.kind = {} AND a.path = {} AND a.rank <= {}",
                        [space, kind, Sql::text(path), Sql::int(RANK_ABSENT)],
                    ),
                )
            }
            (None, Some(candidates)) => {
                let distinct =
                    if candidates.repeats { "(SELECT DISTINCT id FROM ({}) d) c" } else { "({}) c" };
                (record(Sql::template(distinct, [candidates.ids.clone()]), "c.id"), Sql::raw("r.visible"))
            }
            (None, None) => (
                Sql::raw("resource r"),
                Sql::template("r.space = {} AND r.kind = {} AND r.visible", [space, kind]),
            ),
        };
        if let Condition::When(sql) = &listed.condition {
            condition.push(" AND ").append(sql.clone());
        }
        (from, condition)
    }

    /// The rows of a type, without their order.
    fn rows(&self, listed: &Listed<'q>, start: Start) -> Sql {
        let path = self.driving_path(listed);
        let candidates = listed.candidates.as_ref().filter(|_| listed.narrow);
        let (from, mut condition) = self.source(listed, candidates, path);
        let descending = listed.query.order.as_ref().is_some_and(|order| order.descending);
        let columns = self.columns(listed.query, listed.layout);
        let by = match (&listed.query.order, path) {
            (None, _) => None,
            (Some(_), Some(_)) => {
                Some(SortColumns { rank: Sql::raw("a.rank"), value: Sql::raw("a.value"), fixed: None })
            }
            (Some(order), None) => Some(SortColumns::of(&order.key, &columns, self.dialect)),
        };
        let tie = if path.is_some() { ["a.created", "a.id"] } else { ["r.created", "r.id"] };
        let parted = path.is_some() && self.long;
        let after = self.query.after.as_ref();
        if let Some(bound) = bound(start, after, by.as_ref(), (tie, parted), descending, self.dialect) {
            condition.push(" AND ").append(bound);
        }
        let (rank, value) = match by {
            Some(by) => (by.rank, by.value),
            None => (Sql::raw(RANK_ABSENT.to_string()), Sql::raw("''")),
        };
        Sql::template(
            &format!(
                "SELECT {} AS type, {} AS id, {} AS created, {{}} AS rank, {{}} AS value, {} AS rest \
                 FROM {{}} WHERE {{}}",
                listed.number,
                tie[1],
                tie[0],
                if parted { "a.rest" } else { "''" },
            ),
            [rank, value, from, condition],
        )
    }
}

fn tests_version(predicate: &Predicate) -> bool {
    match predicate {
        Predicate::Always(_) => false,
        Predicate::All(all) | Predicate::Any(all) => all.iter().any(tests_version),
        Predicate::Not(predicate) | Predicate::Element { predicate, .. } => tests_version(predicate),
        Predicate::Test(test) => test.operand == Operand::Version,
    }
}

/// The indexed path by which a type is ordered.
fn indexed_order(of_type: &TypeQuery) -> Option<&'static str> {
    match &of_type.order {
        Some(Order { key: SortKey::Field(field), .. }) => indexed_path(field),
        _ => None,
    }
}

/// What an index holds of a value, if it is a text, and the rest.
fn parts(value: &SortValue) -> (&str, &str) {
    if let SortValue::Text(text) = value { index_key(text) } else { ("", "") }
}

/// Which part of an order is listed.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Start {
    /// What comes after the position, or everything.
    After,
    /// What has the value of the position and comes after it; without a position, what has no value.
    SameValue,
    /// What has a value that comes after that of the position; without a position, what has any.
    NextValue,
}

/// The condition for the part of an order. `parted` says that the rests of values stand in a column of
/// their own.
fn bound(
    start: Start,
    after: Option<&Position>,
    by: Option<&SortColumns>,
    ([created, id], parted): ([&str; 2], bool),
    descending: bool,
    dialect: &dyn Dialect,
) -> Option<Sql> {
    let absent = SortValue::Absent;
    let sort_value = after.map_or(&absent, |position| &position.value);
    let (rank, mut value) = sort_params(sort_value);
    if let (Some(_), Some(SortColumns { fixed: Some(fixed), .. })) = (after, by)
        && *fixed != rank
    {
        // The position is in another order, before or behind all values of this one.
        let all_beyond = (*fixed > rank) != descending;
        return (!all_beyond).then(|| Sql::raw("FALSE"));
    }
    let varies = by.is_some_and(|by| by.fixed.is_none());
    let (key, rest) = parts(sort_value);
    if parted && let Param::Text(text) = &mut value {
        key.clone_into(text);
    }
    let value = if varies { dialect.sort_param(value) } else { Sql::param(value) };
    let place = after.map(|position| {
        let place = [Sql::int(position.created), Sql::text(&*position.id)];
        (Sql::raw(format!("{created}, {id}")), Sql::template("{}, {}", place))
    });
    let Some(by) = by else { return place.map(|(columns, place)| compared(&columns, ">", &place)) };
    let pair = |one: &Sql, other: &Sql| Sql::template("{}, {}", [one.clone(), other.clone()]);
    // What the index is bounded by, and with the rest all that the order compares before the place.
    let (reach, at) = if varies {
        (pair(&by.rank, &by.value), pair(&Sql::int(rank), &value))
    } else {
        (by.value.clone(), value)
    };
    let (columns, values) = if parted {
        (pair(&reach, &Sql::raw("a.rest")), pair(&at, &Sql::text(rest)))
    } else {
        (reach.clone(), at.clone())
    };
    let bounded =
        |operator: &str, exact: Sql| Sql::template("{} AND ({})", [compared(&reach, operator, &at), exact]);
    match (start, place) {
        (Start::SameValue, place) => {
            let mut same = compared(&columns, "=", &values);
            if let Some((columns, place)) = place {
                same.push(" AND ").append(compared(&columns, ">", &place));
            }
            Some(same)
        }
        (Start::NextValue, _) => {
            let (reaches, beyond) = if descending { ("<=", "<") } else { (">=", ">") };
            let exact = compared(&columns, beyond, &values);
            Some(if parted { bounded(reaches, exact) } else { exact })
        }
        (Start::After, None) => None,
        (Start::After, Some((place, place_values))) if descending => {
            let tie = compared(&place, ">", &place_values);
            Some(bounded("<=", Sql::template("{} OR {}", [compared(&columns, "<", &values), tie])))
        }
        (Start::After, Some((place, place_values))) => {
            // One comparison enters an index at the very place, however many have the same value.
            let exact = compared(&pair(&columns, &place), ">", &pair(&values, &place_values));
            Some(if parted { bounded(">=", exact) } else { exact })
        }
    }
}

/// Lists of values compared as the order compares them: the first that differ decide.
fn compared(columns: &Sql, operator: &str, values: &Sql) -> Sql {
    Sql::template(&format!("({{}}) {operator} ({{}})"), [columns.clone(), values.clone()])
}

/// The value of a rank, as [`Segment::page`] gives it and its rest.
#[must_use]
pub fn sort_value(rank: i64, value: Param, rest: &str) -> SortValue {
    match (rank, value) {
        (0, Param::Bool(value)) => SortValue::Bool(value),
        (0, Param::Int(value)) => SortValue::Bool(value != 0),
        (1, Param::Int(value)) => SortValue::Int(value),
        // Zero has one sign.
        (1, Param::Real(value)) => SortValue::Real(value + 0.0),
        (2, Param::Text(text)) => SortValue::Text(text + rest),
        _ => SortValue::Absent,
    }
}
