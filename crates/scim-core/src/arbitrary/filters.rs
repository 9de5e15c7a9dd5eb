//! Filters and orders that suit a resource type.

use proptest::prelude::*;
use proptest::sample::select;
use scim_syntax::Filter;
use serde_json::Value;

use super::pools::{ids, kinds_of_elements, values};
use super::{Leaf, leaves};
use crate::TypeDef;
use crate::schema::AttributeType;

/// Filters that can be bound to the type: every operator, value paths, extensions with and without
/// their URI, linked attributes, `id`, `schemas` and `meta`.
///
/// # Panics
///
/// Panics when a generated filter does not parse, which would be a fault of the generator.
pub fn filters(def: &TypeDef) -> impl Strategy<Value = Filter<'static>> + use<> {
    let outside = prop_oneof![5 => comparisons(def), 2 => value_paths(def), 1 => common(def)];
    let text = outside.prop_recursive(3, 10, 3, |inner| {
        let several = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            inner.prop_map(|filter| format!("not ({filter})")),
            several.clone().prop_map(|filters| format!("({})", filters.join(" and "))),
            several.prop_map(|filters| format!("({})", filters.join(" or "))),
        ]
    });
    text.prop_map(|text| text.parse().unwrap_or_else(|error| panic!("{text}: {error}")))
}

/// What `sortBy` may name, and whether the greatest comes first.
pub fn orders(def: &TypeDef) -> impl Strategy<Value = (String, bool)> + use<> {
    let mut paths: Vec<String> = leaves(def)
        .iter()
        .filter(|leaf| leaf.kind != AttributeType::Complex || leaf.sub.is_some())
        .map(Leaf::path)
        .collect();
    paths.extend(["id", "meta.created", "meta.lastModified", "meta.version", "emails"].map(str::to_owned));
    paths.retain(|path| def.order(path, None).is_ok());
    (select(paths), any::<bool>())
}

/// An operator that suits the type, with an operand; `pr` and comparisons with null among them.
fn tests(kind: AttributeType, operand: BoxedStrategy<Value>) -> BoxedStrategy<String> {
    let any_text = matches!(kind, AttributeType::String | AttributeType::Reference);
    let mut operators = vec!["eq", "ne", "eq", "EQ"];
    if any_text {
        operators.extend(["co", "sw", "ew"]);
    }
    if !matches!(kind, AttributeType::Boolean | AttributeType::Binary) {
        operators.extend(["gt", "ge", "lt", "le"]);
    }
    prop_oneof![
        8 => (select(operators), operand).prop_map(|(operator, value)| format!("{operator} {value}")),
        1 => Just("pr".to_owned()),
        1 => select(vec!["eq null", "ne null"]).prop_map(str::to_owned),
    ]
    .boxed()
}

fn operands(leaf: &Leaf) -> BoxedStrategy<Value> {
    match leaf.sub.as_deref() {
        Some("type") if leaf.linked => select(vec!["User", "group", "direct"]).prop_map(Value::from).boxed(),
        Some("type") => kinds_of_elements().prop_map(Value::String).boxed(),
        Some("value") if leaf.linked || leaf.name == "manager" => ids().prop_map(Value::String).boxed(),
        _ if leaf.kind == AttributeType::String => {
            prop_oneof![9 => values(leaf.kind), 1 => Just(Value::from(""))].boxed()
        }
        _ => values(leaf.kind),
    }
}

fn comparisons(def: &TypeDef) -> BoxedStrategy<String> {
    let tested: Vec<BoxedStrategy<String>> = leaves(def)
        .into_iter()
        .map(|leaf| {
            let path = leaf.path();
            if leaf.kind == AttributeType::Complex {
                return Just(format!("{path} pr")).boxed();
            }
            // The name alone is enough where no other attribute has it.
            let short =
                leaf.sub.as_ref().map_or_else(|| leaf.name.clone(), |sub| format!("{}.{sub}", leaf.name));
            let short = if def.base_attribute(&leaf.name).is_some() { path.clone() } else { short };
            (select(vec![path.clone(), path.to_ascii_uppercase(), short]), tests(leaf.kind, operands(&leaf)))
                .prop_map(|(path, test)| format!("{path} {test}"))
                .boxed()
        })
        .collect();
    any_of(tested)
}

fn value_paths(def: &TypeDef) -> BoxedStrategy<String> {
    let lists: Vec<Leaf> = leaves(def).into_iter().filter(|leaf| leaf.list).collect();
    let paths: Vec<BoxedStrategy<String>> = lists
        .iter()
        .filter(|list| list.sub.is_none())
        .map(|list| {
            let parts = lists.iter().filter(|part| part.sub.is_some() && part.list_path() == list.path());
            let mut parts: Vec<BoxedStrategy<String>> =
                parts.map(|part| element_tests(part, part.sub.as_deref().unwrap_or("value"))).collect();
            if parts.is_empty() {
                parts.push(element_tests(list, "value"));
            }
            let inside = any_of(parts).prop_recursive(2, 6, 3, |inner| {
                let several = prop::collection::vec(inner.clone(), 2..4);
                prop_oneof![
                    inner.prop_map(|filter| format!("not ({filter})")),
                    several.clone().prop_map(|filters| format!("({})", filters.join(" and "))),
                    several.prop_map(|filters| format!("({})", filters.join(" or "))),
                ]
            });
            let path = list.path();
            inside.prop_map(move |inside| format!("{path}[{inside}]")).boxed()
        })
        .collect();
    any_of(paths)
}

fn element_tests(leaf: &Leaf, name: &str) -> BoxedStrategy<String> {
    let name = name.to_owned();
    tests(leaf.kind, operands(leaf)).prop_map(move |test| format!("{name} {test}")).boxed()
}

/// Filters on what every resource has.
fn common(def: &TypeDef) -> BoxedStrategy<String> {
    let texts = |path: &'static str, pool: Vec<String>| {
        tests(AttributeType::String, select(pool).prop_map(Value::String).boxed())
            .prop_map(move |test| format!("{path} {test}"))
    };
    let schemas = std::iter::once(def.base()).chain(def.extensions()).map(|schema| schema.id.clone());
    let instants = |path: &'static str| {
        tests(AttributeType::DateTime, values(AttributeType::DateTime))
            .prop_map(move |test| format!("{path} {test}"))
    };
    prop_oneof![
        texts("id", vec!["u1".into(), "u2".into(), "U1".into()]),
        texts("schemas", schemas.chain(["enterprise".into()]).collect()),
        texts("meta.resourceType", vec!["User".into(), "user".into(), "Group".into()]),
        texts("meta.version", vec!["W/\"1.0\"".into(), "W/".into()]),
        instants("meta.created"),
        instants("meta.lastModified"),
        tests(AttributeType::Reference, values(AttributeType::Reference))
            .prop_map(|test| format!("meta.location {test}")),
    ]
    .boxed()
}

fn any_of(strategies: Vec<BoxedStrategy<String>>) -> BoxedStrategy<String> {
    if strategies.is_empty() {
        return Just("id pr".to_owned()).boxed();
    }
    proptest::strategy::Union::new(strategies).boxed()
}
