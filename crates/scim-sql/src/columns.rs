//! Where the values of a resource are: what an application says about its own tables.

use scim_core::text::Folding;
use scim_core::{Field, Links, Names, Part, SortKey};

use crate::dialect::JsonPlace;
use crate::sql::Sql;

/// Says where the values are that a predicate compares.
///
/// Texts must stand there in the folded form that [`scim_core::TypeDef::match_form`] gives them, since
/// they are compared byte by byte. What is not overridden has no value.
///
/// ```
/// use scim_core::Field;
/// use scim_sql::{Columns, Sql, Value};
///
/// /// The table `people (id, email, email_folded, active)` of an application.
/// struct People;
///
/// impl Columns for People {
///     fn id(&self) -> Value {
///         Value::RequiredText(Sql::raw("people.id"))
///     }
///
///     fn field(&self, field: &Field) -> Value {
///         match field.path().as_str() {
///             "userName" => Value::Text(Sql::raw("people.email_folded")),
///             "active" => Value::Bool(Sql::raw("people.active")),
///             _ => Value::Absent,
///         }
///     }
/// }
/// ```
pub trait Columns {
    /// The id, a text.
    fn id(&self) -> Value;

    /// When the resource was created, in milliseconds since 1970.
    fn created(&self) -> Value {
        Value::Absent
    }

    /// When the resource was last modified, in milliseconds since 1970.
    fn modified(&self) -> Value {
        Value::Absent
    }

    /// `meta.version` as it is shown, a text.
    fn version(&self) -> Value {
        Value::Absent
    }

    /// A field that is no list.
    fn field(&self, _field: &Field) -> Value {
        Value::Absent
    }

    /// The elements of a list of the resource; the field has no part. None where it never has any.
    fn elements(&self, _list: &Field) -> Option<Rows> {
        None
    }

    /// The far ends of links, as parts of the kinds `Far…`. None where there never are any.
    ///
    /// With an id only far ends of that id matter, and others may be left out.
    fn far_ends(&self, _links: Links, _id: Option<&str>) -> Option<Rows> {
        None
    }

    /// The joined names of far ends, a text.
    fn names(&self, _names: &Names) -> Value {
        Value::Absent
    }

    /// The value that an order compares. Of a list it is that of the first element, which is the primary
    /// one if any is; of far ends that of the first by folded name, then id.
    fn sort_value(&self, key: &SortKey) -> Value {
        match key {
            SortKey::Id => self.id(),
            SortKey::Created => self.created(),
            SortKey::Modified => self.modified(),
            SortKey::Version => self.version(),
            SortKey::Field(field) if !field.multi_valued => self.field(field),
            SortKey::Names(names) => self.names(names),
            SortKey::Field(_) | SortKey::FarName(..) | SortKey::FarId(_) | SortKey::Nothing => Value::Absent,
        }
    }

    /// A query of one column `id`, the ids of all resources that satisfy the look-up and perhaps of some
    /// others, by index. None where no index helps. Those found by id or field come once each.
    fn find(&self, _lookup: &Lookup<'_>) -> Option<Sql> {
        None
    }
}

/// A value of a resource or of an element; SQL that gives null where there is none.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// There never is one.
    Absent,
    /// A text.
    Text(Sql),
    /// A text that is always there, so that an index on it serves.
    RequiredText(Sql),
    /// A boolean.
    Bool(Sql),
    /// A number.
    Number(Sql),
    /// A number that is always there, so that an index on it serves.
    RequiredNumber(Sql),
    /// A value within a JSON document, of whatever kind.
    Json(JsonPlace),
    /// Likewise, or a list of such values, of which one is enough.
    JsonOrList(JsonPlace),
}

/// Elements as rows, one for each.
pub struct Rows {
    /// What stands behind `FROM`.
    pub from: Sql,
    /// What ties the rows to the resource.
    pub condition: Sql,
    /// The parts of a row.
    pub part: Box<dyn Fn(&Part) -> Value>,
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("from", &self.from).field("condition", &self.condition).finish()
    }
}

/// An equality that an index may answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lookup<'p> {
    /// The id is this.
    Id(&'p str),
    /// The field, or one of its values, is this folded text. Of a list, `sub` is the part.
    Field(&'p Field, &'p str),
    /// One of the far ends has this id.
    FarId(Links, &'p str),
    /// One of the far ends is called this, folded this way.
    FarName(Links, Folding, &'p str),
}
