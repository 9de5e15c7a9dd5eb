//! Random filters and paths, as a client would write them.

use scim_core::TypeDef;
use scim_core::schema::{Attribute, AttributeType};
use serde_json::json;

use super::draw::Draw;
use super::resources::{BINARIES, INSTANTS, INTEGERS, REALS, TYPES, URLS};

const OPERATORS: &[&str] = &["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];

/// What every resource has, beside its own attributes.
const COMMON: &[&str] = &[
    "id",
    "externalId",
    "meta.created",
    "meta.lastModified",
    "meta.version",
    "meta.location",
    "meta.resourceType",
    "schemas",
];

/// A filter of up to four levels. Not each one suits the type.
pub(super) fn filter(def: &TypeDef, draw: &mut Draw) -> String {
    nested(def, draw, 3)
}

fn nested(def: &TypeDef, draw: &mut Draw, depth: usize) -> String {
    match if depth == 0 { 9 } else { draw.below(10) } {
        0 => format!("not ({})", nested(def, draw, depth - 1)),
        1 | 2 => join(" and ", def, draw, depth),
        3 | 4 => join(" or ", def, draw, depth),
        _ => leaf(def, draw),
    }
}

fn join(between: &str, def: &TypeDef, draw: &mut Draw, depth: usize) -> String {
    let parts: Vec<String> =
        (0..2 + draw.below(2)).map(|_| format!("({})", nested(def, draw, depth - 1))).collect();
    parts.join(between)
}

fn leaf(def: &TypeDef, draw: &mut Draw) -> String {
    if draw.chance(1, 8) {
        let path = *draw.pick(COMMON);
        return comparison(path, &common_value(path, draw), draw);
    }
    let (path, attribute) = attribute(def, draw);
    if attribute.multi_valued && draw.chance(1, 3) {
        return format!("{path}[{}]", element(&attribute, draw));
    }
    let (path, leaf) = with_part(path, &attribute, draw);
    comparison(&path, &value(leaf, draw), draw)
}

/// A condition on an element of a list.
fn element(list: &Attribute, draw: &mut Draw) -> String {
    let mut one = || match list.sub_attributes.len() {
        0 => comparison("value", &value(list, draw), draw),
        count => {
            let sub = &list.sub_attributes[draw.below(count)];
            let test = comparison(&sub.name, &value(sub, draw), draw);
            if draw.chance(1, 5) { format!("not ({test})") } else { test }
        }
    };
    let (first, second) = (one(), one());
    match draw.below(4) {
        0 => format!("{first} and {second}"),
        1 => format!("{first} or {second}"),
        _ => first,
    }
}

fn comparison(path: &str, value: &str, draw: &mut Draw) -> String {
    match draw.below(8) {
        0 => format!("{path} pr"),
        1 if draw.chance(1, 3) => format!("{path} {} null", draw.pick(&["eq", "ne"])),
        // Equality is asked most.
        1..=3 => format!("{path} eq {value}"),
        _ => format!("{path} {} {value}", draw.pick(OPERATORS)),
    }
}

/// The path of an attribute or a part of it.
pub(super) fn path(def: &TypeDef, draw: &mut Draw) -> String {
    if draw.chance(1, 6) {
        return (*draw.pick(COMMON)).to_owned();
    }
    let (path, attribute) = attribute(def, draw);
    with_part(path, &attribute, draw).0
}

fn attribute(def: &TypeDef, draw: &mut Draw) -> (String, Attribute) {
    let all: Vec<(Option<&str>, &Attribute)> = def.attributes().collect();
    let linked: Vec<_> = all.iter().filter(|(uri, a)| def.link(*uri, &a.name).is_some()).collect();
    // Links are few among many attributes, and the hardest.
    let (extension, attribute) =
        if draw.chance(1, 4) && !linked.is_empty() { **draw.pick(&linked) } else { *draw.pick(&all) };
    let path = extension.map_or_else(|| attribute.name.clone(), |uri| format!("{uri}:{}", attribute.name));
    (path, attribute.clone())
}

fn with_part<'a>(path: String, attribute: &'a Attribute, draw: &mut Draw) -> (String, &'a Attribute) {
    if attribute.sub_attributes.is_empty() || draw.chance(1, 6) {
        return (path, attribute);
    }
    let sub = draw.pick(&attribute.sub_attributes);
    (format!("{path}.{}", sub.name), sub)
}

/// A value to compare with, as JSON.
fn value(attribute: &Attribute, draw: &mut Draw) -> String {
    let value = match (attribute.name.as_str(), attribute.kind) {
        ("type", _) => json!(draw.pick(&[TYPES, &["direct", "User", "Group"]].concat())),
        ("$ref", _) => json!(location(draw)),
        ("value", AttributeType::String) if draw.chance(1, 2) => json!(id(draw)),
        (_, AttributeType::Boolean) => json!(draw.chance(1, 2)),
        (_, AttributeType::Integer | AttributeType::Decimal) if draw.chance(1, 2) => {
            json!(draw.pick(INTEGERS))
        }
        (_, AttributeType::Integer | AttributeType::Decimal) => json!(draw.pick(REALS)),
        (_, AttributeType::DateTime) => json!(draw.pick(INSTANTS)),
        (_, AttributeType::Binary) => json!(draw.pick(BINARIES)),
        (_, AttributeType::Reference) => json!(draw.pick(URLS)),
        (_, AttributeType::String | AttributeType::Complex) if draw.chance(1, 20) => json!(""),
        (_, AttributeType::String | AttributeType::Complex) => json!(draw.text()),
    };
    value.to_string()
}

fn common_value(path: &str, draw: &mut Draw) -> String {
    let value = match path {
        "id" => json!(id(draw)),
        "meta.created" | "meta.lastModified" => json!(draw.pick(INSTANTS)),
        "meta.version" => json!(format!("W/\"{}", draw.below(5))),
        "meta.location" => json!(location(draw)),
        "meta.resourceType" => json!(draw.pick(&["User", "Group", "user"])),
        "schemas" => json!(draw.pick(&[
            scim_core::schema::urn::USER,
            scim_core::schema::urn::ENTERPRISE_USER,
            "urn:",
            "2.0:User",
        ])),
        _ => json!(draw.text()),
    };
    value.to_string()
}

fn id(draw: &mut Draw) -> String {
    format!("{}-{}", draw.pick(&["u", "g"]), draw.below(12))
}

fn location(draw: &mut Draw) -> String {
    let endpoint = draw.pick(&["Users", "Groups"]);
    format!("https://example.com/scim/v2/{endpoint}/{}", id(draw))
}
