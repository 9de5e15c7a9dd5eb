//! The tables that both databases have, as columns for the lowering.
//!
//! Aliases: `r` is the resource, `l` one of its links, `f` the far end of it, `e` an element of one of
//! its lists, `a` one of its indexed values. Every primary key starts with `space`.
//!
//! | Table | Key | Holds |
//! | --- | --- | --- |
//! | `resource` | space, kind, id | version, visible, owner, created, modified, name, name_exact, name_folded, document, extra, form |
//! | `attribute_value` | space, kind, path, rank, value, created, id | of visible records of tenants: the indexed values, `first` where it is the one that orders, and rank 3 where none orders |
//! | `unique_value` | space, name, value | the holder |
//! | `link` | space, relation, member, owner | position: the order of linking |
//! | `counter`, `mark` | space, name | numbers |
//! | `event` | space, stream, position | log and outbox |
//! | `due` | space, name | work that waits |
//! | `total` | space, kind | how many records are visible |
//!
//! `owner` says that the record was once the owner of a link: only those are found by name.

use scim_core::text::Folding;
use scim_core::{End, Field, Links, Names, Part, Predicate, SortKey};
use scim_engine::store::{INDEXED, version_tag};

use crate::columns::{Columns, Lookup, Rows, Value};
use crate::dialect::{Dialect, JsonPlace, JsonStep, JsonView};
use crate::lower::lower_far_end;
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
                Part::FarId | Part::FarType | Part::FarName(_) | Part::FarLocation(_) => Value::Absent,
            }),
        })
    }

    fn far_ends(&self, links: Links) -> Option<Rows> {
        Some(Rows {
            from: Sql::raw("link l CROSS JOIN resource f"),
            condition: joined_ends(links, &near_columns()),
            part: Box::new(move |part| far_part(links, part)),
        })
    }

    fn names(&self, names: &Names) -> Value {
        let joined = Sql::template(
            "SELECT {} AS n FROM link l CROSS JOIN resource f WHERE {}",
            [self.dialect.joined_names("f.name"), joined_ends(names.links, &near_columns())],
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
                Value::Text(first_far(*links, &far_part(*links, &Part::FarName(*folding))))
            }
            SortKey::FarId(links) => Value::Text(first_far(*links, &far_part(*links, &Part::FarId))),
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
                Some(Sql::template(
                    "SELECT a.id FROM attribute_value a \
                     WHERE a.space = {} AND a.kind = {} AND a.path = {} AND a.rank = 2 AND a.value = {}",
                    [space, kind, Sql::text(path), Sql::text(*text)],
                ))
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
                Some(Sql::template(
                    "SELECT l.member_id AS id FROM resource f CROSS JOIN link l \
                     WHERE f.space = {} AND f.owner AND f.name_folded = {} AND l.space = f.space \
                     AND l.relation = {} AND l.owner_id = f.id AND l.owner_kind = f.kind AND l.member_kind = {}",
                    [space, Sql::text(folded), Sql::text(links.relation), kind],
                ))
            }
        }
    }
}

/// The far ends of a record's links, in the order of linking: kind, id, name and visible.
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
    let near = [Sql::text(space), Sql::text(id), Sql::text(kind)];
    let (_, far) = ends(links);
    let mut sql = Sql::raw(format!(
        "SELECT l.{far}_kind, l.{far}_id, f.name, f.visible FROM link l CROSS JOIN resource f WHERE "
    ));
    sql.append(joined_ends(links, &near));
    if let Some(only) = only {
        sql.push(" AND ").append(lower_far_end(only, &|part| far_part(links, part), dialect).into_sql());
    }
    sql.push(" ORDER BY l.position");
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
    Sql::template(
        &format!(
            "SELECT i.key, l.{far}_kind, l.{far}_id, f.name, f.visible \
             FROM {{}} CROSS JOIN link l CROSS JOIN resource f WHERE {{}} ORDER BY i.key, l.position"
        ),
        [dialect.numbered(ids, "i"), joined_ends(links, &near)],
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
fn ends(links: Links) -> (&'static str, &'static str) {
    match links.end {
        End::Owner => ("owner", "member"),
        End::Member => ("member", "owner"),
    }
}

/// Space, id and kind of the resource itself, for [`joined_ends`].
fn near_columns() -> [Sql; 3] {
    ["r.space", "r.id", "r.kind"].map(Sql::raw)
}

/// What ties `l` to the near end, and `f` to `l`.
fn joined_ends(links: Links, near: &[Sql; 3]) -> Sql {
    let (near_end, far) = ends(links);
    let [space, id, kind] = near.clone();
    let visible = if links.shows_hidden { "" } else { " AND f.visible" };
    Sql::template(
        &format!(
            "l.space = {{}} AND l.relation = {{}} AND l.{near_end}_id = {{}} AND l.{near_end}_kind = {{}} \
             AND f.space = l.space AND f.kind = l.{far}_kind AND f.id = l.{far}_id{visible}"
        ),
        [space, Sql::text(links.relation), id, kind],
    )
}

fn far_part(links: Links, part: &Part) -> Value {
    let (_, far) = ends(links);
    match part {
        Part::FarId => Value::RequiredText(Sql::raw(format!("l.{far}_id"))),
        Part::FarType => Value::RequiredText(Sql::raw(format!("l.{far}_kind"))),
        Part::FarName(Folding::Exact) => Value::Text(Sql::raw("f.name_exact")),
        // Binding never asks for the folding of user names here: `userName` shows no links.
        Part::FarName(Folding::CaseFolded | Folding::UserName) => Value::Text(Sql::raw("f.name_folded")),
        Part::FarLocation(_) | Part::Sub(_) | Part::Whole => Value::Absent,
    }
}

/// A column of the far end that comes first by folded name, then id; one without a name comes last.
fn first_far(links: Links, column: &Value) -> Sql {
    let (Value::Text(column) | Value::RequiredText(column)) = column else { return Sql::raw("NULL") };
    Sql::template(
        "(SELECT {} FROM link l CROSS JOIN resource f WHERE {} \
         ORDER BY f.name_folded IS NULL, f.name_folded, f.id LIMIT 1)",
        [column.clone(), joined_ends(links, &near_columns())],
    )
}
