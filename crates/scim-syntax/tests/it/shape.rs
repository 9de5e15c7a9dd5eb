//! Trees in a form that shows how they nest, for tables.

use scim_syntax::{Filter, Literal};

/// A filter with the operator of each node in front and parentheses around every node.
pub(crate) fn shape(filter: &Filter<'_>) -> String {
    let all = |terms: &[Filter<'_>]| terms.iter().map(shape).collect::<Vec<_>>().join(" ");
    match filter {
        Filter::Present(path) => format!("(pr {path})"),
        Filter::Compare { path, op, value } => format!("({op} {path} {})", literal(value)),
        Filter::ValuePath { path, filter } => format!("([] {path} {})", shape(filter)),
        Filter::Not(inner) => format!("(not {})", shape(inner)),
        Filter::And(terms) => format!("(and {})", all(terms)),
        Filter::Or(terms) => format!("(or {})", all(terms)),
    }
}

fn literal(value: &Literal<'_>) -> String {
    match value {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Number(number) => number.as_str().to_owned(),
        Literal::String(text) => format!("{text:?}"),
    }
}
