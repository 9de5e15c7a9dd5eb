//! Far ends that links lead to through other far ends, walked by the database.
//!
//! Both ways are recursive queries whose `UNION` keeps each row once: so circles end, and no walk is longer
//! than there are records to reach.

use scim_core::{End, Links};

use crate::dialect::Dialect;
use crate::index_key::INDEX_CHARS;
use crate::layout::{ends, linked, shown as counts};
use crate::sql::Sql;

/// What near ends are looked for by.
pub(crate) enum Far<'f> {
    /// The id of a far end.
    Id(&'f str),
    /// The beginning of the folded name of a far end that owns links, as the index has it.
    Name(&'f str),
}

/// The far ends that are reached from the near ends of `start`, which has the columns `i.key` and `i.value`,
/// their number and id, as the rows `l`: `number`, `near_id`, kind and id of the far end as in `link`, and
/// `position`, null where no link leads there directly. `near` gives space and kind of the near ends.
pub(crate) fn reached(links: Links, start: Sql, [space, _, kind]: &[Sql; 3], dialect: &dyn Dialect) -> Sql {
    let (near, far) = ends(links);
    let from_start = [space.clone(), Sql::raw("i.value"), kind.clone()];
    let from_far = [space.clone(), Sql::raw("w.id"), Sql::raw("w.kind")];
    let first = dialect.look_up(Some(start), "link", "l", linked(links, &from_start));
    let counted = Sql::template("f.space = {} AND f.kind = w.kind AND f.id = w.id", [space.clone()]);
    let through = dialect.look_up(Some(Sql::raw("w")), "resource", "f", counted);
    let next = dialect.look_up(Some(through), "link", "l", linked(links, &from_far));
    let itself = [space.clone(), Sql::raw("w.near_id"), kind.clone()];
    let direct = Sql::template(
        &format!("{{}} AND l.{far}_id = w.id AND l.{far}_kind = w.kind"),
        [linked(links, &itself)],
    );
    Sql::template(
        &format!(
            "(WITH RECURSIVE w(number, near_id, kind, id) AS (\
             SELECT i.key, i.value, l.{far}_kind, l.{far}_id FROM {{}} \
             UNION SELECT w.number, w.near_id, l.{far}_kind, l.{far}_id FROM {{}} WHERE {}) \
             SELECT w.number, w.near_id, {{}} AS {near}_kind, w.kind AS {far}_kind, w.id AS {far}_id, \
             (SELECT l.position FROM link l WHERE {{}}) AS position FROM w) l",
            counts(links)
        ),
        [first, next, kind.clone(), direct],
    )
}

/// Which of the [`reached`] far ends, with their resource as `f`, are shown: none is indirect to itself.
pub(crate) fn shown(links: Links, dialect: &dyn Dialect) -> Sql {
    let (near, far) = ends(links);
    let column = |name: String| dialect.bytewise(Sql::raw(name));
    Sql::template(
        &format!(
            "{} AND (l.position IS NOT NULL OR {{}} <> l.near_id OR {{}} <> l.{near}_kind)",
            counts(links)
        ),
        [column(format!("l.{far}_id")), column(format!("l.{far}_kind"))],
    )
}

/// The ids of all records of a kind from which a far end is reached, and perhaps of others: hidden ones in
/// between are not asked about.
pub(crate) fn near_ids(
    links: Links,
    far_end: &Far<'_>,
    space: &str,
    kind: &str,
    dialect: &dyn Dialect,
) -> Sql {
    let (near, far) = ends(links);
    let back = Links { end: links.end.other(), ..links };
    let space = Sql::text(space);
    let (first, condition) = match far_end {
        Far::Id(id) => (
            Sql::raw("link l"),
            Sql::template(
                &format!("l.space = {{}} AND l.relation = {{}} AND l.{far}_id = {{}}"),
                [space.clone(), Sql::text(links.relation), Sql::text(*id)],
            ),
        ),
        Far::Name(name) => {
            debug_assert_eq!(links.end, End::Member, "only owners are found by name");
            let named = [space.clone(), Sql::raw("f.id"), Sql::raw("f.kind")];
            (
                dialect.look_up(Some(Sql::raw("resource f")), "link", "l", linked(back, &named)),
                Sql::template(
                    &format!("f.space = {{}} AND f.owner AND substr(f.name_folded, 1, {INDEX_CHARS}) = {{}}"),
                    [space.clone(), Sql::text(*name)],
                ),
            )
        }
    };
    let of_near = [space, Sql::raw("w.id"), Sql::raw("w.kind")];
    let next = dialect.look_up(Some(Sql::raw("w")), "link", "l", linked(back, &of_near));
    Sql::template(
        &format!(
            "SELECT n.id FROM (WITH RECURSIVE w(kind, id) AS (\
             SELECT l.{near}_kind, l.{near}_id FROM {{}} WHERE {{}} \
             UNION SELECT l.{near}_kind, l.{near}_id FROM {{}}) \
             SELECT w.id FROM w WHERE w.kind = {{}}) n"
        ),
        [first, condition, next, Sql::text(kind)],
    )
}
