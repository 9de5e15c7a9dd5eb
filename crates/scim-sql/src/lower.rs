//! A bound filter as SQL.
//!
//! Logic has two values, as in the matcher: every comparison is true or false and never null, so that
//! `NOT` means what it says.

mod check;
mod element;

use scim_core::{Check, Field, List, Operand, Part, Predicate, Scalar, Test};

use crate::columns::{Columns, Value};
use crate::dialect::Dialect;
use crate::sql::Sql;

/// What a predicate comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// The same for every resource.
    Always(bool),
    /// What this says; never null.
    When(Sql),
}

/// Lowers a predicate to a condition on the columns.
///
/// It holds for exactly the resources for which [`Predicate::matches`] does, provided that the columns
/// hold what the matcher would see.
///
/// ```
/// use scim_core::{Check, Field, Operand, Predicate, Scalar, Test};
/// use scim_sql::{Columns, Condition, Sql, Sqlite, Value, lower};
///
/// struct People;
/// impl Columns for People {
///     fn id(&self) -> Value {
///         Value::RequiredText(Sql::raw("id"))
///     }
///     fn field(&self, field: &Field) -> Value {
///         if field.path() == "userName" { Value::Text(Sql::raw("email_folded")) } else { Value::Absent }
///     }
/// }
///
/// let field = Field { extension: None, name: "userName".into(), sub: None, multi_valued: false };
/// let check = Check::Eq(Scalar::Text("lea@example.org".into()));
/// let predicate = Predicate::Test(Test { operand: Operand::Field(field), check });
/// let Condition::When(sql) = lower(&predicate, &People, &Sqlite) else { unreachable!() };
/// let (text, params) = sql.finish(&Sqlite);
/// assert_eq!(text, "coalesce(email_folded = ?1, FALSE)");
/// assert_eq!(params, [scim_sql::Param::Text("lea@example.org".into())]);
/// ```
#[must_use]
pub fn lower(predicate: &Predicate, columns: &dyn Columns, dialect: &dyn Dialect) -> Condition {
    Lowering { columns, dialect }.predicate(predicate)
}

/// Lowers a condition on far ends, such as `members[value eq "…"]`, to a condition on their columns.
///
/// `part` says where each part of a far end is.
#[must_use]
pub fn lower_far_end(
    predicate: &Predicate,
    part: &dyn Fn(&Part) -> Value,
    dialect: &dyn Dialect,
) -> Condition {
    element::predicate(predicate, part, dialect)
}

impl Condition {
    /// The condition as SQL in any case.
    #[must_use]
    pub fn into_sql(self) -> Sql {
        match self {
            Self::Always(true) => Sql::raw("TRUE"),
            Self::Always(false) => Sql::raw("FALSE"),
            Self::When(sql) => sql,
        }
    }

    fn not(self) -> Self {
        match self {
            Self::Always(holds) => Self::Always(!holds),
            Self::When(sql) => Self::When(Sql::template("NOT ({})", [sql])),
        }
    }

    fn all(conditions: impl Iterator<Item = Self>) -> Self {
        Self::join(conditions, true, " AND ")
    }

    fn any(conditions: impl Iterator<Item = Self>) -> Self {
        Self::join(conditions, false, " OR ")
    }

    /// Joins conditions of which `neutral` says nothing and its opposite decides.
    fn join(conditions: impl Iterator<Item = Self>, neutral: bool, operator: &str) -> Self {
        let mut open = Vec::new();
        for condition in conditions {
            match condition {
                Self::Always(holds) if holds == neutral => {}
                Self::Always(holds) => return Self::Always(holds),
                Self::When(sql) => open.push(sql),
            }
        }
        if open.is_empty() { Self::Always(neutral) } else { Self::When(Sql::joined(open, operator)) }
    }
}

/// The id without which no far end satisfies the predicate.
pub(crate) fn only_far_id(predicate: &Predicate) -> Option<&str> {
    match predicate {
        Predicate::All(all) => all.iter().find_map(only_far_id),
        Predicate::Test(Test { operand: Operand::Part(part), check: Check::Eq(Scalar::Text(text)) }) => {
            match part {
                Part::FarId => Some(text),
                Part::FarLocation(prefix) => text.strip_prefix(prefix.as_str()),
                _ => None,
            }
        }
        _ => None,
    }
}

struct Lowering<'l> {
    columns: &'l dyn Columns,
    dialect: &'l dyn Dialect,
}

impl Lowering<'_> {
    fn predicate(&self, predicate: &Predicate) -> Condition {
        match predicate {
            Predicate::Always(holds) => Condition::Always(*holds),
            Predicate::All(all) => Condition::all(all.iter().map(|one| self.predicate(one))),
            Predicate::Any(any) => Condition::any(any.iter().map(|one| self.predicate(one))),
            Predicate::Not(not) => self.predicate(not).not(),
            Predicate::Test(test) => self.test(test),
            Predicate::Element { list, predicate } => {
                let rows = match list {
                    List::Field(field) => self.columns.elements(field),
                    List::Links(links) => self.columns.far_ends(*links, only_far_id(predicate)),
                };
                element::some_row(rows, predicate, self.dialect)
            }
        }
    }

    fn test(&self, test: &Test) -> Condition {
        let check = &test.check;
        let value = match &test.operand {
            Operand::Id => self.columns.id(),
            Operand::Created => self.columns.created(),
            Operand::Modified => self.columns.modified(),
            Operand::Version => self.columns.version(),
            Operand::Location(prefix) => {
                return check::behind_prefix(prefix, &self.columns.id(), check, self.dialect);
            }
            Operand::Names(names) => self.columns.names(names),
            Operand::Field(field) if field.multi_valued => return self.list_test(field, test),
            Operand::Field(field) => self.columns.field(field),
            // Binding puts parts into elements only; the matcher says the same.
            Operand::Part(_) => Value::Absent,
        };
        check::check(&value, check, self.dialect)
    }

    /// A test of a list holds if it holds for one of the values.
    fn list_test(&self, field: &Field, test: &Test) -> Condition {
        let part = field.sub.as_ref().map_or(Part::Whole, |sub| Part::Sub(sub.clone()));
        let whole_list = field.sub.is_none() && test.check == Check::Present;
        let predicate = if whole_list {
            Predicate::Always(true)
        } else {
            Predicate::Test(Test { operand: Operand::Part(part), check: test.check.clone() })
        };
        let list = Field { sub: None, ..field.clone() };
        element::some_row(self.columns.elements(&list), &predicate, self.dialect)
    }
}
