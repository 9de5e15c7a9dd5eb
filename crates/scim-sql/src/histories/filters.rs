//! Random filters and paths, as text.

use scim_core::schema::{Attribute, AttributeType};
use serde_json::Value;

use super::directory::{Directory, TEXTS, literal};
use super::random::Random;

const OPERATORS: &[&str] = &["eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];

/// Attributes that no schema lists.
const COMMON: &[&str] = &[
    "id",
    "externalId",
    "schemas",
    "meta.created",
    "meta.lastModified",
    "meta.version",
    "meta.location",
    "meta.resourceType",
];

/// Attributes that an index helps with, and linked ones, which chance alone would rarely find.
const SPECIAL: &[&str] = &[
    "userName",
    "externalId",
    "displayName",
    "emails.value",
    "emails",
    "groups.value",
    "groups.display",
    "groups.$ref",
    "groups.type",
    "groups",
    "members.value",
    "members.display",
    "members.type",
    "members.$ref",
    "members",
    "urn:example:params:scim:schemas:extension:histories:2.0:User:allGroups",
    "urn:example:params:scim:schemas:extension:histories:2.0:User:allGroups.value",
    "urn:example:params:scim:schemas:extension:histories:2.0:User:allGroups.type",
    "urn:example:params:scim:schemas:extension:histories:2.0:User:allGroups.display",
    "urn:example:params:scim:schemas:extension:histories:2.0:User:role",
    "urn:example:params:scim:schemas:extension:histories:2.0:User:teams",
];

/// A filter on resources, nested so deep at most; it need not suit the type.
pub(super) fn filter(directory: &Directory, kind: &str, depth: usize, random: &mut Random) -> String {
    let inner = |random: &mut Random| filter(directory, kind, depth - 1, random);
    match random.below(if depth == 0 { 4 } else { 8 }) {
        0..3 => {
            let path = path(directory, kind, random);
            comparison(directory, &path, leaf_kind(directory, kind, &path), random)
        }
        3 => match value_path(directory, kind, random) {
            Some(filter) => filter,
            None => "id pr".to_owned(),
        },
        4 | 5 => format!("({}) and ({})", inner(random), inner(random)),
        6 => format!("({}) or ({})", inner(random), inner(random)),
        _ => format!("not ({})", inner(random)),
    }
}

/// The path of an attribute, or of a part of one.
pub(super) fn path(directory: &Directory, kind: &str, random: &mut Random) -> String {
    match random.below(10) {
        0..2 => return random.pick(COMMON).to_owned(),
        2..5 => return random.pick(SPECIAL).to_owned(),
        _ => {}
    }
    let attributes: Vec<_> = directory.def(kind).attributes().collect();
    let (extension, attribute) = random.pick(&attributes);
    let mut path = extension.map_or_else(String::new, |uri| format!("{uri}:"));
    path.push_str(&attribute.name);
    if !attribute.sub_attributes.is_empty() && random.chance(90) {
        path.push('.');
        path.push_str(&random.pick(&attribute.sub_attributes).name);
    }
    path
}

fn leaf_kind(directory: &Directory, kind: &str, path: &str) -> AttributeType {
    let resolved = scim_core::syntax::parse_attr_path(path).ok().and_then(|path| {
        match directory.def(kind).resolve(&path) {
            scim_core::Resolved::Attribute(target) => Some(target.leaf().kind),
            _ => None,
        }
    });
    resolved.unwrap_or(AttributeType::String)
}

fn value_path(directory: &Directory, kind: &str, random: &mut Random) -> Option<String> {
    let lists: Vec<_> =
        directory.def(kind).attributes().filter(|(_, attribute)| attribute.multi_valued).collect();
    if lists.is_empty() {
        return None;
    }
    let (extension, list) = random.pick(&lists);
    let uri = extension.map_or_else(String::new, |uri| format!("{uri}:"));
    let inside = element(directory, list, 2, random);
    if list.sub_attributes.is_empty() || random.chance(70) {
        return Some(format!("{uri}{}[{inside}]", list.name));
    }
    let sub = random.pick(&list.sub_attributes);
    let tail = comparison(directory, &sub.name, sub.kind, random);
    Some(format!("{uri}{}[{inside}].{tail}", list.name))
}

/// A filter on the elements of a list.
pub(super) fn element(directory: &Directory, list: &Attribute, depth: usize, random: &mut Random) -> String {
    let inner = |random: &mut Random| element(directory, list, depth - 1, random);
    match random.below(if depth == 0 { 3 } else { 7 }) {
        0..3 => match list.sub_attributes.as_slice() {
            [] => comparison(directory, "value", list.kind, random),
            parts => {
                let part = random.pick(parts);
                comparison(directory, &part.name, part.kind, random)
            }
        },
        3 | 4 => format!("({}) and ({})", inner(random), inner(random)),
        5 => format!("({}) or ({})", inner(random), inner(random)),
        _ => format!("not ({})", inner(random)),
    }
}

fn comparison(directory: &Directory, path: &str, kind: AttributeType, random: &mut Random) -> String {
    if random.chance(15) {
        return format!("{path} pr");
    }
    let operator = random.pick(OPERATORS);
    let value = match random.below(20) {
        0 => "null".to_owned(),
        // Something of another kind.
        1 => literal(
            random.pick(&[AttributeType::String, AttributeType::Boolean, AttributeType::Decimal]),
            random,
        ),
        2..6 if kind == AttributeType::String || kind == AttributeType::Reference => text(directory, random),
        _ => literal(kind, random),
    };
    format!("{path} {operator} {value}")
}

/// A text that is an id, a location, a version, a type, or some of those joined.
fn text(directory: &Directory, random: &mut Random) -> String {
    let ids = directory.ids();
    let id = if ids.is_empty() { "a1" } else { random.pick(&ids) };
    let text = match random.below(8) {
        0..3 => id.to_owned(),
        3 => format!("https://example.com/v2/{}/{id}", random.pick(&["Users", "Groups"])),
        4 => format!("W/\"{}.{}\"", 1 + random.below(4), random.below(4)),
        5 => random
            .pick(&[
                "User",
                "Group",
                "user",
                "direct",
                "indirect",
                "urn:ietf:params:scim:schemas:core:2.0:User",
            ])
            .to_owned(),
        6 => format!("{},{}", random.pick(TEXTS), random.pick(TEXTS)),
        _ => String::new(),
    };
    Value::from(text).to_string()
}
