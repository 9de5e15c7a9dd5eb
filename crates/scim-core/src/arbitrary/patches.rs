//! PATCHes and bodies, good and bad.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::pools::{any_json, kinds_of_elements, values};
use super::resources::attribute_values;
use super::{Leaf, leaves};
use crate::TypeDef;
use crate::schema::{AttributeType, urn};

/// Lists of operations, most of which suit the type.
pub fn operations(def: &TypeDef) -> impl Strategy<Value = Value> + use<> {
    prop::collection::vec(operation(def), 1..5).prop_map(Value::Array)
}

/// Bodies of a PATCH of which anything may be wrong.
pub fn any_patch(def: &TypeDef) -> impl Strategy<Value = Map<String, Value>> + use<> {
    let schemas = select(vec![json!([urn::PATCH_OP]), json!([urn::USER]), Value::Null]);
    let operations = prop_oneof![
        9 => operations(def).boxed(),
        1 => any_json().boxed(),
    ];
    (schemas, operations).prop_map(|(schemas, operations)| {
        Map::from_iter([("schemas".to_owned(), schemas), ("Operations".to_owned(), operations)])
    })
}

/// Bodies of a POST or PUT of which anything may be wrong.
pub fn any_body(def: &TypeDef) -> impl Strategy<Value = Map<String, Value>> + use<> {
    let keys: Vec<String> = keys(def);
    let broken = prop::collection::vec((select(keys), any_json()), 0..3);
    (super::bodies(def), broken).prop_map(|(mut body, broken)| {
        body.extend(broken);
        body
    })
}

/// Names, paths and URIs of the type, and some that it does not have.
fn keys(def: &TypeDef) -> Vec<String> {
    let mut keys: Vec<String> = leaves(def).iter().map(Leaf::path).collect();
    keys.extend(std::iter::once(def.base()).chain(def.extensions()).map(|schema| schema.id.clone()));
    let others = [
        "id",
        "meta",
        "schemas",
        "password",
        "shoeSize",
        "USERNAME",
        "name.givenName",
        "urn:x:y",
        "urn:x:y:z",
        "a b",
    ];
    keys.extend(others.map(str::to_owned));
    keys
}

fn operation(def: &TypeDef) -> BoxedStrategy<Value> {
    let op = || select(vec!["add", "replace", "remove", "Add", "Replace", "Remove"]);
    let at_path: Vec<BoxedStrategy<Value>> = leaves(def)
        .into_iter()
        .filter(|leaf| leaf.writable)
        .map(|leaf| {
            let fitting = fitting_values(def, &leaf);
            let value =
                prop_oneof![6 => fitting, 1 => any_json(), 1 => Just(Value::Null), 1 => Just(json!(""))];
            (op(), paths(&leaf), value)
                .prop_map(|(op, path, value)| json!({ "op": op, "path": path, "value": value }))
                .boxed()
        })
        .collect();
    let removal = select(leaves(def))
        .prop_flat_map(|leaf| paths(&leaf))
        .prop_map(|path| json!({ "op": "remove", "path": path }));
    let several = prop::collection::vec((select(keys(def)), any_json()), 0..4);
    let without_path = (op(), super::bodies(def), several).prop_map(|(op, mut value, more)| {
        value.extend(more);
        json!({ "op": op, "value": value })
    });
    let strange = (op(), select(keys(def)), any_json())
        .prop_map(|(op, path, value)| json!({ "op": op, "path": path, "value": value }));
    prop_oneof![
        8 => proptest::strategy::Union::new(at_path),
        2 => removal,
        2 => without_path,
        1 => strange,
    ]
    .boxed()
}

/// The path of the leaf; of a list often with brackets.
fn paths(leaf: &Leaf) -> BoxedStrategy<String> {
    let plain = leaf.path();
    if !leaf.list {
        return Just(plain).boxed();
    }
    let (list, sub) = (leaf.list_path(), leaf.sub.as_ref().map_or_else(String::new, |sub| format!(".{sub}")));
    let filter = prop_oneof![
        4 => kinds_of_elements().prop_map(|kind| format!("type eq \"{kind}\"")),
        2 => values(AttributeType::String).prop_map(|value| format!("value eq {value}")),
        1 => select(vec!["primary eq true", "primary eq \"False\"", "value pr", "not (type eq \"work\")",
            "type eq \"work\" and primary eq true", "value co \"a\" or type eq \"home\"", "display eq \"D\""])
            .prop_map(str::to_owned),
    ];
    prop_oneof![
        2 => Just(plain),
        3 => filter.prop_map(move |filter| format!("{list}[{filter}]{sub}")),
    ]
    .boxed()
}

fn fitting_values(def: &TypeDef, leaf: &Leaf) -> BoxedStrategy<Value> {
    let target = def.target(leaf.extension.as_deref(), &leaf.name);
    match (target, &leaf.sub) {
        (Some(target), None) => attribute_values(target.attribute),
        (Some(target), Some(sub)) => {
            target.attribute.sub_attribute(sub).map_or_else(|| any_json().boxed(), attribute_values)
        }
        (None, _) => any_json().boxed(),
    }
}
