//! Reading what is not written as the types have it: other letter case, nulls.

use serde_json::{Map, Value};

use crate::schema::{Attribute, Schema};
use crate::type_def::is_common;

/// The map with the names of the schema as the schema spells them, and without nulls.
pub(super) fn canonical(map: Map<String, Value>, schema: &Schema) -> Map<String, Value> {
    renamed(map, |name| {
        let common = ["schemas", "id", "externalId", "meta"];
        match common.iter().find(|common| is_common(name) && common.eq_ignore_ascii_case(name)) {
            Some(common) => Some(((*common).to_owned(), &[] as &[Attribute])),
            None => schema.attribute(name).map(|known| (known.name.clone(), known.sub_attributes.as_slice())),
        }
    })
}

fn renamed<'s>(
    map: Map<String, Value>,
    spell: impl Fn(&str) -> Option<(String, &'s [Attribute])>,
) -> Map<String, Value> {
    let mut renamed_map = Map::new();
    for (name, value) in map.into_iter().filter(|(_, value)| !value.is_null()) {
        match spell(&name) {
            None => renamed_map.insert(name, value),
            Some((name, parts)) => renamed_map.insert(name, with_parts(value, parts)),
        };
    }
    renamed_map
}

fn with_parts(value: Value, parts: &[Attribute]) -> Value {
    let spell = |name: &str| {
        let known = parts.iter().find(|part| part.name.eq_ignore_ascii_case(name))?;
        Some((known.name.clone(), known.sub_attributes.as_slice()))
    };
    match value {
        Value::Object(map) => Value::Object(renamed(map, spell)),
        Value::Array(elements) => {
            Value::Array(elements.into_iter().map(|element| with_parts(element, parts)).collect())
        }
        other => other,
    }
}

/// A list, or nothing where null stands for one.
pub(super) fn list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de>,
{
    serde::Deserialize::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// Implements the way through maps and values of JSON for a type and its schema.
macro_rules! through_json {
    ($name:ident, $schema:expr) => {
        impl TryFrom<Map<String, Value>> for $name {
            type Error = serde_json::Error;

            /// Takes attribute names in any letter case.
            fn try_from(map: Map<String, Value>) -> Result<Self, Self::Error> {
                serde_json::from_value(Value::Object(names::canonical(map, &$schema)))
            }
        }

        impl TryFrom<Value> for $name {
            type Error = serde_json::Error;

            fn try_from(value: Value) -> Result<Self, Self::Error> {
                match value {
                    Value::Object(map) => Self::try_from(map),
                    other => serde_json::from_value(other),
                }
            }
        }

        impl From<$name> for Map<String, Value> {
            fn from(resource: $name) -> Self {
                match serde_json::to_value(resource) {
                    Ok(Value::Object(map)) => map,
                    // A struct with string keys always prints as an object.
                    _ => Map::new(),
                }
            }
        }

        impl From<$name> for Value {
            fn from(resource: $name) -> Self {
                Value::Object(resource.into())
            }
        }
    };
}
pub(super) use through_json;
