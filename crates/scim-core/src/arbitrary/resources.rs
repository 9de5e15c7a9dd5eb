//! Resources that fit their schema.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::pools::{ids, kinds_of_elements, texts, values};
use crate::schema::{Attribute, AttributeType, Mutability};
use crate::{Document, FarEnd, Leniency, TypeDef};

/// Bodies of a POST that are accepted, with few or many of the attributes of the type.
pub fn bodies(def: &TypeDef) -> impl Strategy<Value = Map<String, Value>> + use<> {
    let schemas = std::iter::once(def.base()).chain(def.extensions()).map(|schema| schema.id.clone());
    let schemas: Vec<String> = schemas.collect();
    let base = def.base().id.clone();
    let attributes: Vec<_> = def
        .attributes()
        .filter(|(_, attribute)| attribute.mutability != Mutability::ReadOnly)
        .map(|(extension, attribute)| {
            let linked = def.link(extension, &attribute.name).is_some();
            let value =
                if linked && attribute.multi_valued { members() } else { attribute_values(attribute) };
            // A few attributes of many: enough to meet, and small enough to be read in a report.
            let value = sometimes(attribute.required, 0.25, value);
            let (extension, name) = (extension.map(str::to_owned), attribute.name.clone());
            value.prop_map(move |value| (extension.clone(), name.clone(), value))
        })
        .collect();
    (attributes, prop::sample::subsequence(schemas.clone(), 0..=schemas.len())).prop_map(
        move |(attributes, mut listed)| {
            if listed.is_empty() {
                listed.push(base.clone());
            }
            let mut body = Map::new();
            body.insert("schemas".to_owned(), json!(listed));
            for (extension, name, value) in attributes {
                let Some(value) = value else { continue };
                let holder = match extension {
                    None => &mut body,
                    Some(uri) => match body.entry(uri).or_insert_with(|| json!({})) {
                        Value::Object(parts) => parts,
                        _ => continue,
                    },
                };
                holder.insert(name, value);
            }
            body
        },
    )
}

/// Documents as stores keep them.
///
/// # Panics
///
/// Panics when a generated body is refused, which would be a fault of the generator.
pub fn documents(def: &TypeDef) -> impl Strategy<Value = Document> + use<> {
    let owned = def.clone();
    bodies(def).prop_map(move |body| {
        let desired = owned.create(body.clone(), Leniency::default());
        desired.unwrap_or_else(|error| panic!("{body:?} is refused: {error}")).document
    })
}

/// Far ends of links: users and groups, some hidden, some without a name.
pub fn far_ends() -> impl Strategy<Value = Vec<FarEnd>> {
    let kind = select(vec!["User", "Group", "Team"]);
    let end = (kind, ids(), prop::option::weighted(0.8, texts()), prop::bool::weighted(0.8)).prop_map(
        |(kind, id, name, visible)| FarEnd {
            resource_type: kind.to_owned(),
            id,
            name,
            visible,
            direct: true,
        },
    );
    prop::collection::vec(end, 0..4).prop_map(|mut ends| {
        ends.sort_by(|one, other| (&one.resource_type, &one.id).cmp(&(&other.resource_type, &other.id)));
        ends.dedup_by(|one, other| (&one.resource_type, &one.id) == (&other.resource_type, &other.id));
        ends
    })
}

/// A value with some probability; always where it is required.
fn sometimes(required: bool, weight: f64, values: BoxedStrategy<Value>) -> BoxedStrategy<Option<Value>> {
    if required { values.prop_map(Some).boxed() } else { prop::option::weighted(weight, values).boxed() }
}

fn members() -> BoxedStrategy<Value> {
    prop::collection::vec(ids().prop_map(|id| json!({ "value": id })), 0..4).prop_map(Value::Array).boxed()
}

/// Values that fit an attribute, whole.
pub(super) fn attribute_values(attribute: &Attribute) -> BoxedStrategy<Value> {
    if !attribute.multi_valued {
        return single_values(attribute);
    }
    let elements = prop::collection::vec(single_values(attribute), 0..4);
    elements
        .prop_map(|mut elements| {
            // Two primary values would be refused.
            let mut seen = false;
            for parts in elements.iter_mut().filter_map(Value::as_object_mut) {
                if parts
                    .get("primary")
                    .is_some_and(|primary| *primary != json!(false) && *primary != json!("false"))
                {
                    let primary = json!(!seen);
                    parts.insert("primary".to_owned(), primary);
                    seen = true;
                }
            }
            Value::Array(elements)
        })
        .boxed()
}

fn single_values(attribute: &Attribute) -> BoxedStrategy<Value> {
    if attribute.kind != AttributeType::Complex {
        // What is required must not be empty.
        let required = attribute.required;
        return values(attribute.kind)
            .prop_filter("empty", move |value| !required || *value != json!(""))
            .boxed();
    }
    let parts: Vec<_> = attribute
        .sub_attributes
        .iter()
        .map(|sub| {
            let values = match sub.name.as_str() {
                "type" => kinds_of_elements().prop_map(Value::String).boxed(),
                _ if sub.multi_valued => attribute_values(sub),
                _ => values(sub.kind),
            };
            (Just(sub.name.clone()), sometimes(sub.required, 0.5, values))
        })
        .collect();
    parts
        .prop_map(|parts| {
            let parts = parts.into_iter().filter_map(|(name, value)| Some((name, value?)));
            Value::Object(Map::from_iter(parts))
        })
        .boxed()
}
