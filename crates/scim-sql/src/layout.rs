//! The tables that both databases have, as columns for the lowering.
//!
//! Aliases: `r` is the resource, `l` one of its links, `f` the far end of it, `e` an element of one of
//! its lists, `a` one of its indexed values. Every primary key starts with `space`.
//!
//! | Table | Key | Holds |
//! | --- | --- | --- |
//! | `resource` | space, kind, id | version, visible, owner, created, modified, name, name_exact, name_folded, document, extra, form |
//! | `attribute_value` | space, kind, path, rank, value, created, id | of visible records of tenants: the indexed values, and the `rest` of those that the index holds the beginning of |
//! | `unique_value` | space, name, value | the holder of the value, or of what [stands for](crate::unique_key) a long one |
//! | `link` | space, relation, member, owner | position: the order of linking |
//! | `counter`, `mark` | space, name | numbers |
//! | `event` | space, stream, position | log and outbox |
//! | `due` | space, name | work that waits |
//! | `total` | space, kind | how many records are visible |
//!
//! The rank in `attribute_value` says what the value is to the record: 0 to 2 it orders, by its kind, and 3
//! none does; 4 it is another text of a list; 5 it is a mark that the text which orders has a `rest`. An
//! index holds [so many characters](crate::INDEX_CHARS) of a text. So equality finds by the beginning, and
//! the condition tests what was found; an order compares `rest` too, where there is a mark.
//!
//! `owner` says that the record was once the owner of a link: only those are found by name.

use scim_core::text::Folding;
use scim_core::{End, Field, Links, Names, Part, Predicate, SortKey};
use scim_engine::store::{INDEXED, version_tag};

use crate::columns::{Columns, Lookup, Rows, Value};
use crate::dialect::{Dialect, JsonPlace, JsonStep, JsonView};
use crate::index_key::{INDEX_CHARS, index_key};
use crate::lower::{lower_far_end, only_far_id};
use crate::nested;
use crate::sql::Sql;

/// The columns of one kind of record in one space.
#[derive(Clone, Copy, Debug)]
pub struct Layout<'l> {
    /// The space.
    pub space: &'l str,
    /// The kind.
    pub kind: &'l str,
    /// The `names` version of the space.
    pub names: u64,
    /// The database.
    pub dialect: &'l dyn Dialect,
}

impl Layout<'_> {
    /// Space, id and kind of the resource itself, for [`joined_ends`].
    fn near_columns(&self) -> [Sql; 3] {
        // Space and kind are known: so the database knows at once which partition it is about.
        [Sql::text(self.space), Sql::raw("r.id"), Sql::text(self.kind)]
    }

    /// A column of the far end that comes first by folded name, then id; one without a name comes last.
    fn first_far(&self, links: Links, column: &Value) -> Sql {
        let (Value::Text(column) | Value::RequiredText(column)) = column else { return Sql::raw("NULL") };
        let (from, condition) = joined_ends(links, &self.near_columns(), None, self.dialect);
        Sql::template(
            "(SELECT {} FROM {} WHERE {} ORDER BY f.name_folded IS NULL, f.name_folded, f.id LIMIT 1)",
            [column.clone(), from, condition],
        )
    }
}

impl Columns for Layout<'_> {
    fn id(&self) -> Value {
        Value::RequiredText(Sql::raw("r.id"))
    }

    fn created(&self) -> Value {
        Value::RequiredNumber(Sql::raw("r.created"))
    }

    fn modified(&self) -> Value {
        Value::RequiredNumber(Sql::raw("r.modified"))
    }

    fn version(&self) -> Value {
        // The tag of the version 0, torn apart where the version stands.
        let tag = version_tag(0, self.names);
        let (before, after) = tag.split_once('0').unwrap_or((&tag, ""));
        Value::RequiredText(Sql::template("({} || r.version || {})", [Sql::text(before), Sql::text(after)]))
    }

    fn field(&self, field: &Field) -> Value {
        let place = place(field, false);
        // The part of a complex attribute may have several values.
        if field.sub.is_some() { Value::JsonOrList(place) } else { Value::Json(place) }
    }

    fn elements(&self, list: &Field) -> Option<Rows> {
        Some(Rows {
            from: self.dialect.elements(&place(list, false), "e"),
            condition: Sql::raw("TRUE"),
            part: Box::new(|part| match part {
                Part::Whole => Value::Json(JsonPlace::Element { alias: "e".into(), sub: None }),
                Part::Sub(sub) => {
                    Value::JsonOrList(JsonPlace::Element { alias: "e".into(), sub: Some(sub.clone()) })
                }
                Part::FarId | Part::FarType | Part::FarDirect | Part::FarName(_) | Part::FarLocation(_) => {
                    Value::Absent
                }
            }),
        })
    }

    fn far_ends(&self, links: Links, id: Option<&str>) -> Option<Rows> {
        let (from, condition) = joined_ends(links, &self.near_columns(), id, self.dialect);
        Some(Rows { from, condition, part: Box::new(move |part| far_part(links, part)) })
    }

    fn names(&self, names: &Names) -> Value {
        let (from, condition) = joined_ends(names.links, &self.near_columns(), None, self.dialect);
        let joined = Sql::template(
            "SELECT {} AS n FROM {} WHERE {}",
            [self.dialect.joined_names("f.name"), from, condition],
        );
        let shown = |key: &str| JsonPlace::Column {
            column: "r.form".into(),
            path: ["$shown", &names.shown, key].map(|key| JsonStep::Key(key.to_owned())).to_vec(),
        };
        let (of, text) = (shown("of"), shown("text"));
        let json = |place, view| self.dialect.json(place, view);
        // What was sent counts while the names it stood for are still the names (D-64).
        Value::Text(Sql::template(
            "(SELECT CASE WHEN {} AND {} THEN CASE WHEN {} = j.n THEN {} ELSE j.n END ELSE j.n END FROM ({}) j)",
            [
                json(&of, JsonView::IsText),
                json(&text, JsonView::IsText),
                json(&of, JsonView::Text),
                json(&text, JsonView::Text),
                joined,
            ],
        ))
    }

    fn sort_value(&self, key: &SortKey) -> Value {
        match key {
            SortKey::Id => self.id(),
            SortKey::Created => self.created(),
            SortKey::Modified => self.modified(),
            SortKey::Version => self.version(),
            SortKey::Field(field) => Value::Json(place(field, true)),
            SortKey::FarName(links, folding) => {
                Value::Text(self.first_far(*links, &far_part(*links, &Part::FarName(*folding))))
            }
            SortKey::FarId(links) => Value::Text(self.first_far(*links, &far_part(*links, &Part::FarId))),
            SortKey::Names(names) => self.names(names),
            SortKey::Nothing => Value::Absent,
        }
    }

    fn find(&self, lookup: &Lookup<'_>) -> Option<Sql> {
        let (space, kind) = (Sql::text(self.space), Sql::text(self.kind));
        match lookup {
            Lookup::Id(id) => Some(Sql::template("SELECT {} AS id", [Sql::text(*id)])),
            Lookup::Field(field, text) => {
                let path = indexed_path(field)?;
                // Only a list has others beside the value that orders.
                let ranks = if path.contains('.') { "IN (2, 4)" } else { "= 2" };
                Some(Sql::template(
                    &format!(
                        "SELECT a.id FROM attribute_value a \
                         WHERE a.space = {{}} AND a.kind = {{}} AND a.path = {{}} AND a.rank {ranks} AND a.value = {{}}"
                    ),
                    [space, kind, Sql::text(path), Sql::text(index_key(text).0)],
                ))
            }
            Lookup::FarId(links, id) if links.nested => {
                let far = nested::Far::Id(id);
                Some(nested::near_ids(*links, &far, self.space, self.kind, self.dialect))
            }
            Lookup::FarId(links, id) => {
                let (near, far) = ends(*links);
                Some(Sql::template(
                    &format!(
                        "SELECT l.{near}_id AS id FROM link l \
                         WHERE l.space = {{}} AND l.relation = {{}} AND l.{far}_id = {{}} AND l.{near}_kind = {{}}"
                    ),
                    [space, Sql::text(links.relation), Sql::text(*id), kind],
                ))
            }
            Lookup::FarName(links, folding, name) => {
                // Only owners of links are found by name.
                let (End::Member, Folding::Exact | Folding::CaseFolded) = (links.end, folding) else {
                    return None;
                };
                // A name that is the same exactly is the same folded.
                let folded = Folding::CaseFolded.fold(name);
                if links.nested {
                    let far = nested::Far::Name(index_key(&folded).0);
                    return Some(nested::near_ids(*links, &far, self.space, self.kind, self.dialect));
                }
                let linked = Sql::template(
                    "l.space = {} AND l.relation = {} AND l.owner_id = f.id AND l.owner_kind = f.kind \
                     AND l.member_kind = {}",
                    [space.clone(), Sql::text(links.relation), kind],
                );
                let from = self.dialect.look_up(Some(Sql::raw("resource f")), "link", "l", linked);
                let key = Sql::text(index_key(&folded).0);
                Some(Sql::template(
                    &format!(
                        "SELECT l.member_id AS id FROM {{}} WHERE f.space = {{}} AND f.owner \
                         AND substr(f.name_folded, 1, {INDEX_CHARS}) = {{}}"
                    ),
                    [from, space, key],
                ))
            }
        }
    }
}

/// The far ends of a record's links, in the order of linking: kind, id, name,
/// visible, and whether a link leads there.
///
/// A condition on them may be given; it selects as [`Predicate::matches_far_end`] does.
#[must_use]
pub fn far_ends(
    space: &str,
    (kind, id): (&str, &str),
    links: Links,
    only: Option<&Predicate>,
    dialect: &dyn Dialect,
) -> Sql {
    far_ends_at(space, (kind, Sql::text(id)), links, only, dialect)
}

/// As [`far_ends`], of the record whose id is this piece of SQL, such as a column of a query around it.
#[must_use]
pub fn far_ends_at(
    space: &str,
    (kind, id): (&str, Sql),
    links: Links,
    only: Option<&Predicate>,
    dialect: &dyn Dialect,
) -> Sql {
    let near = [Sql::text(space), id, Sql::text(kind)];
    let (_, far) = ends(links);
    let (from, condition) = joined_ends(links, &near, only.and_then(only_far_id), dialect);
    let mut sql = Sql::template(
        &format!(
            "SELECT l.{far}_kind, l.{far}_id, f.name, f.visible, {} FROM {{}} WHERE {{}}",
            direct(links)
        ),
        [from, condition],
    );
    if let Some(only) = only {
        sql.push(" AND ").append(lower_far_end(only, &|part| far_part(links, part), dialect).into_sql());
    }
    sql.push(" ORDER BY ").append(order(links, dialect));
    sql
}

/// The far ends of the links of several records of one kind, record by record, each in the order of
/// linking: number of the record, then as [`far_ends`].
#[must_use]
pub fn far_ends_of_all(
    space: &str,
    (kind, ids): (&str, &[&str]),
    links: Links,
    dialect: &dyn Dialect,
) -> Sql {
    let near = [Sql::text(space), Sql::raw("i.value"), Sql::text(kind)];
    let (_, far) = ends(links);
    let ids = dialect.numbered(ids, "i");
    let (from, number, condition) = if links.nested {
        (nested::reached(links, ids, &near, dialect), "l.number", nested::shown(links, dialect))
    } else {
        (dialect.look_up(Some(ids), "link", "l", linked(links, &near)), "i.key", Sql::raw(shown(links)))
    };
    Sql::template(
        &format!(
            "SELECT {number}, l.{far}_kind, l.{far}_id, f.name, f.visible, {} \
             FROM {{}} WHERE {{}} ORDER BY {number}, {{}}",
            direct(links)
        ),
        [far_end(from, links, &near[0], dialect), condition, order(links, dialect)],
    )
}

/// The path under which the field stands in `attribute_value`.
#[must_use]
pub fn indexed_path(field: &Field) -> Option<&'static str> {
    if field.extension.is_some() {
        return None;
    }
    INDEXED.iter().copied().find(|path| *path == field.path())
}

/// Where the field is in the match form; of a list, its first element if an order asks.
fn place(field: &Field, first: bool) -> JsonPlace {
    let key = |name: &String| JsonStep::Key(name.clone());
    let mut path: Vec<JsonStep> = field.extension.iter().map(key).collect();
    path.push(key(&field.name));
    if first && field.multi_valued {
        path.push(JsonStep::First);
    }
    path.extend(field.sub.iter().map(key));
    JsonPlace::Column { column: "r.form".into(), path }
}

/// The names of the near and of the far end in `link`.
pub(crate) fn ends(links: Links) -> (&'static str, &'static str) {
    match links.end {
        End::Owner => ("owner", "member"),
        End::Member => ("member", "owner"),
    }
}

/// The links of a near end, of which space, id and kind are given, as `l`, and their far ends as `f`: what
/// stands behind `FROM`, and the condition. With the id of the far end only those that lead there.
fn joined_ends(links: Links, near: &[Sql; 3], id: Option<&str>, dialect: &dyn Dialect) -> (Sql, Sql) {
    if links.nested {
        let [space, near_id, _] = near.clone();
        let start = Sql::template("(SELECT 0 AS key, {} AS value) i", [near_id]);
        let rows = nested::reached(links, start, near, dialect);
        return (far_end(rows, links, &space, dialect), nested::shown(links, dialect));
    }
    let mut condition = Sql::raw(shown(links));
    let linked = match (links.end, id) {
        // Found among the few owners of the member, not among the many members of the owner.
        (End::Owner, Some(id)) => {
            let [space, near_id, near_kind] = near.clone();
            let owner = Sql::template("l.owner_id = {} AND l.owner_kind = {}", [near_id, near_kind]);
            condition.push(" AND ").append(owner);
            Sql::template(
                "l.space = {} AND l.relation = {} AND l.member_id = {}",
                [space, Sql::text(links.relation), Sql::text(id)],
            )
        }
        (End::Owner, None) | (End::Member, _) => linked(links, near),
    };
    let links_of_near = dialect.look_up(None, "link", "l", linked);
    (far_end(links_of_near, links, &near[0], dialect), condition)
}

/// What ties `l` to the near end.
pub(crate) fn linked(links: Links, [space, id, kind]: &[Sql; 3]) -> Sql {
    let (near, _) = ends(links);
    Sql::template(
        &format!("l.space = {{}} AND l.relation = {{}} AND l.{near}_id = {{}} AND l.{near}_kind = {{}}"),
        [space.clone(), Sql::text(links.relation), id.clone(), kind.clone()],
    )
}

/// Ties `f` to the `l` of the rows.
fn far_end(rows: Sql, links: Links, space: &Sql, dialect: &dyn Dialect) -> Sql {
    let (_, far) = ends(links);
    // Whether it is visible is not asked here: it would call for the index of visible records by creation.
    let on = format!("f.space = {{}} AND f.kind = l.{far}_kind AND f.id = l.{far}_id");
    dialect.look_up(Some(rows), "resource", "f", Sql::template(&on, [space.clone()]))
}

/// Whether a link leads to a far end itself.
fn direct(links: Links) -> &'static str {
    if links.nested { "(l.position IS NOT NULL)" } else { "TRUE" }
}

/// The order of far ends: that of linking, then what is reached through others, by id.
fn order(links: Links, dialect: &dyn Dialect) -> Sql {
    if !links.nested {
        return Sql::raw("l.position");
    }
    let (_, far) = ends(links);
    let column = |name: &str| dialect.bytewise(Sql::raw(format!("l.{far}_{name}")));
    Sql::template("l.position IS NULL, l.position, {}, {}", [column("id"), column("kind")])
}

/// Which far ends are shown.
pub(crate) fn shown(links: Links) -> &'static str {
    if links.shows_hidden { "TRUE" } else { "f.visible" }
}

fn far_part(links: Links, part: &Part) -> Value {
    let (_, far) = ends(links);
    match part {
        Part::FarId => Value::RequiredText(Sql::raw(format!("l.{far}_id"))),
        Part::FarDirect => Value::Bool(Sql::raw(direct(links))),
        Part::FarType => Value::RequiredText(Sql::raw(format!("l.{far}_kind"))),
        Part::FarName(Folding::Exact) => Value::Text(Sql::raw("f.name_exact")),
        // Binding never asks for the folding of user names here: `userName` shows no links.
        Part::FarName(Folding::CaseFolded | Folding::UserName) => Value::Text(Sql::raw("f.name_folded")),
        Part::FarLocation(_) | Part::Sub(_) | Part::Whole => Value::Absent,
    }
}
