//! Conditions on one element of a list.

use scim_core::{Operand, Part, Predicate, Test};

use super::{Condition, check};
use crate::columns::{Rows, Value};
use crate::dialect::Dialect;
use crate::sql::Sql;

/// Whether one of the rows satisfies the predicate.
pub(super) fn some_row(rows: Option<Rows>, of_row: &Predicate, dialect: &dyn Dialect) -> Condition {
    let Some(rows) = rows else { return Condition::Always(false) };
    let holds = match predicate(of_row, &*rows.part, dialect) {
        Condition::Always(false) => return Condition::Always(false),
        Condition::Always(true) => rows.condition,
        Condition::When(holds) => Sql::template("{} AND {}", [rows.condition, holds]),
    };
    Condition::When(dialect.exists(rows.from, holds))
}

pub(super) fn predicate(
    of_row: &Predicate,
    part: &dyn Fn(&Part) -> Value,
    dialect: &dyn Dialect,
) -> Condition {
    match of_row {
        Predicate::Always(holds) => Condition::Always(*holds),
        Predicate::All(all) => Condition::all(all.iter().map(|one| predicate(one, part, dialect))),
        Predicate::Any(any) => Condition::any(any.iter().map(|one| predicate(one, part, dialect))),
        Predicate::Not(not) => predicate(not, part, dialect).not(),
        Predicate::Test(Test { operand: Operand::Part(Part::FarLocation(prefix)), check }) => {
            check::behind_prefix(prefix, &part(&Part::FarId), check, dialect)
        }
        Predicate::Test(Test { operand: Operand::Part(which), check }) => {
            check::check(&part(which), check, dialect)
        }
        // Binding puts nothing else into an element; the matcher says the same.
        Predicate::Test(_) | Predicate::Element { .. } => Condition::Always(false),
    }
}
