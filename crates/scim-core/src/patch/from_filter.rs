//! A new element from a value filter that matched nothing (A01).

use scim_syntax::{CompareOp, Filter, Literal};
use serde_json::{Map, Number, Value};

use crate::schema::Attribute;

/// The parts that an element must have to match the filter; none unless it is `eq` terms joined by `and`.
pub(super) fn parts(attribute: &Attribute, filter: &Filter<'_>) -> Option<Map<String, Value>> {
    let mut parts = Map::new();
    collect(attribute, filter, &mut parts).then_some(parts)
}

fn collect(attribute: &Attribute, filter: &Filter<'_>, parts: &mut Map<String, Value>) -> bool {
    match filter {
        Filter::And(all) => all.iter().all(|one| collect(attribute, one, parts)),
        Filter::Compare { path, op: CompareOp::Eq, value }
            if path.sub().is_none() && path.schema().is_none() =>
        {
            let Some(sub) = attribute.sub_attribute(path.name().as_str()) else { return false };
            let value = match value {
                Literal::Null => return false,
                Literal::Bool(value) => Value::Bool(*value),
                Literal::String(text) => Value::String(text.clone().into_owned()),
                Literal::Number(number) => {
                    match (number.as_i64(), number.as_f64().and_then(Number::from_f64)) {
                        (Some(int), _) => Value::from(int),
                        (None, Some(real)) => Value::Number(real),
                        (None, None) => return false,
                    }
                }
            };
            // Two different values for one part match no element at all.
            parts.insert(sub.name.clone(), value.clone()).is_none_or(|known| known == value)
        }
        _ => false,
    }
}
