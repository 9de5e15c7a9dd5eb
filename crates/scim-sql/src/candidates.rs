//! Which index finds the resources that a predicate can hold for.

use scim_core::{Check, Field, List, Operand, Part, Predicate, Scalar, Test};

use crate::columns::{Columns, Lookup};
use crate::sql::Sql;

/// How many look-ups are united; more, and all resources are gone through.
const MOST_UNITED: usize = 100;

/// A superset of the resources that satisfy a predicate, found by index.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidates {
    /// A query of one column, the ids.
    pub ids: Sql,
    /// Whether an id may come twice.
    pub repeats: bool,
    /// Whether there may be many: all members of a group, say.
    pub many: bool,
    /// The lower, the fewer.
    cost: u8,
}

/// What the indexes say about a predicate.
enum Found {
    /// They do not help.
    Anything,
    /// It holds for no resource.
    Nothing,
    /// It holds for these at most.
    Of(Candidates),
}

impl Candidates {
    /// The candidates for a predicate, by an equality that it is, or that it needs. None where no index
    /// helps.
    #[must_use]
    pub fn of(predicate: &Predicate, columns: &dyn Columns) -> Option<Self> {
        match find(predicate, columns, None) {
            Found::Of(candidates) => Some(candidates),
            Found::Anything | Found::Nothing => None,
        }
    }
}

/// The candidates for a predicate, on the elements of `list` where there is one.
fn find(predicate: &Predicate, columns: &dyn Columns, list: Option<&List>) -> Found {
    match (predicate, list) {
        (Predicate::Always(true) | Predicate::Not(_), _) => Found::Anything,
        (Predicate::Always(false), _) => Found::Nothing,
        (Predicate::All(all), _) => narrowest(all.iter().map(|one| find(one, columns, list))),
        (Predicate::Any(any), _) => union(any.iter().map(|one| find(one, columns, list))),
        (Predicate::Test(test), None) => of_resource(test, columns),
        (Predicate::Test(test), Some(list)) => of_element(test, list, columns),
        (Predicate::Element { list, predicate }, None) => find(predicate, columns, Some(list)),
        (Predicate::Element { .. }, Some(_)) => Found::Nothing,
    }
}

fn of_resource(test: &Test, columns: &dyn Columns) -> Found {
    let Check::Eq(Scalar::Text(text)) = &test.check else { return Found::Anything };
    match &test.operand {
        Operand::Id => look_up(&Lookup::Id(text), columns),
        Operand::Location(prefix) => match text.strip_prefix(prefix) {
            Some(id) => look_up(&Lookup::Id(id), columns),
            None => Found::Nothing,
        },
        Operand::Field(field) => look_up(&Lookup::Field(field, text), columns),
        Operand::Created | Operand::Modified | Operand::Version | Operand::Names(_) | Operand::Part(_) => {
            Found::Anything
        }
    }
}

fn of_element(test: &Test, list: &List, columns: &dyn Columns) -> Found {
    let (Operand::Part(part), Check::Eq(Scalar::Text(text))) = (&test.operand, &test.check) else {
        return Found::Anything;
    };
    match (list, part) {
        (List::Field(list), Part::Sub(sub)) => {
            let field = Field { sub: Some(sub.clone()), ..list.clone() };
            look_up(&Lookup::Field(&field, text), columns)
        }
        (List::Field(list), Part::Whole) => look_up(&Lookup::Field(list, text), columns),
        (List::Links(links), Part::FarId) => look_up(&Lookup::FarId(*links, text), columns),
        (List::Links(links), Part::FarLocation(prefix)) => match text.strip_prefix(prefix) {
            Some(id) => look_up(&Lookup::FarId(*links, id), columns),
            None => Found::Nothing,
        },
        (List::Links(links), Part::FarName(folding)) => {
            look_up(&Lookup::FarName(*links, *folding, text), columns)
        }
        (List::Links(_), Part::FarType | Part::FarDirect) => Found::Anything,
        (List::Field(_), _) | (List::Links(_), Part::Sub(_) | Part::Whole) => Found::Nothing,
    }
}

fn look_up(lookup: &Lookup<'_>, columns: &dyn Columns) -> Found {
    let Some(ids) = columns.find(lookup) else { return Found::Anything };
    let (cost, many) = match lookup {
        Lookup::Id(_) => (0, false),
        Lookup::Field(..) => (1, false),
        Lookup::FarId(..) => (2, true),
        Lookup::FarName(..) => (3, true),
    };
    // Two far ends of the same name, or of the same id and different kinds, may have the same near end.
    Found::Of(Candidates { ids, repeats: many, many, cost })
}

fn narrowest(all: impl Iterator<Item = Found>) -> Found {
    let mut best: Option<Candidates> = None;
    for found in all {
        match found {
            Found::Nothing => return Found::Nothing,
            Found::Of(one) if best.as_ref().is_none_or(|best| one.cost < best.cost) => best = Some(one),
            Found::Of(_) | Found::Anything => {}
        }
    }
    best.map_or(Found::Anything, Found::Of)
}

fn union(any: impl Iterator<Item = Found>) -> Found {
    let mut all: Vec<Candidates> = Vec::new();
    for found in any {
        match found {
            Found::Anything => return Found::Anything,
            Found::Nothing => {}
            Found::Of(_) if all.len() == MOST_UNITED => return Found::Anything,
            Found::Of(one) => all.push(one),
        }
    }
    let mut rest = all.into_iter();
    let Some(mut united) = rest.next() else { return Found::Nothing };
    for one in rest {
        united.ids.push(" UNION ALL ").append(one.ids);
        united.repeats = true;
        united.many |= one.many;
        united.cost = united.cost.max(one.cost);
    }
    Found::Of(united)
}
