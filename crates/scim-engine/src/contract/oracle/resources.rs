//! Random resources, in the shape of `directory.json`.

use scim_core::schema::{Attribute, AttributeType, Mutability};
use scim_core::{Leniency, TypeDef};
use serde_json::{Map, Value, json};

use super::draw::Draw;
use crate::contract::directory::registry;

const USERS: usize = 30;
const GROUPS: usize = 8;

const CREATED: &[i64] = &[0, 1, -1, 1_767_315_845_678, 1_767_315_845_679, 1_767_315_900_000];
pub(super) const INSTANTS: &[&str] = &[
    "2026-01-02T03:04:05+02:00",
    "2026-01-02T01:04:05Z",
    "2026-01-02T01:04:05.000000001Z",
    "2026-01-02T01:04:05.678Z",
    "1969-12-31T23:59:59.999Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
];
pub(super) const URLS: &[&str] =
    &["https://example.com/a", "https://example.com/A", "https://Example.com/a", "https://example.com/b"];
pub(super) const BINARIES: &[&str] = &["AQID", "AQIE", "aqid"];
pub(super) const TYPES: &[&str] = &["work", "Work", "home", "other"];

/// Numbers as JSON: whole ones and others, close to each other and far out.
pub(super) const INTEGERS: &[i64] =
    &[0, 1, -1, 5, 9, 10, 1 << 53, (1 << 53) + 1, i64::MAX, i64::MAX - 1, i64::MIN];
pub(super) const REALS: &[f64] =
    &[0.0, -0.0, 0.1, 0.5, -0.5, 5.0, 5.5, 9_007_199_254_740_992.0, 1e300, -1e300, 9.3e18, -9.3e18, 5e-324];

/// Users and groups, offices and teams, and links between them.
pub(super) fn resources(draw: &mut Draw) -> Vec<Map<String, Value>> {
    let registry = registry();
    let mut all = Vec::new();
    let mut push = |value: Value| {
        if let Value::Object(raw) = value {
            all.push(raw);
        }
    };
    for number in 0..3 {
        push(json!({ "kind": "Office", "id": format!("o-{number}"), "created": 0, "name": draw.text() }));
        let (name, visible) = (draw.text(), draw.chance(3, 4));
        push(
            json!({ "kind": "Team", "id": format!("t-{number}"), "created": 0, "name": name, "visible": visible }),
        );
    }
    for number in 0..USERS {
        let office = draw.chance(1, 2).then(|| format!("o-{}", draw.below(3)));
        let teams: Vec<String> =
            (0..3).filter(|_| draw.chance(1, 3)).map(|team| format!("t-{team}")).collect();
        push(json!({
            "kind": "User", "id": format!("u-{number}"), "created": draw.pick(CREATED),
            "visible": draw.chance(9, 10), "resource": resource(&registry, "User", draw),
            "office": office, "teams": teams,
        }));
    }
    for number in 0..GROUPS {
        let mut members: Vec<String> =
            (0..USERS).filter(|_| draw.chance(1, 8)).map(|user| format!("u-{user}")).collect();
        members.extend((0..number).filter(|_| draw.chance(1, 6)).map(|group| format!("g-{group}")));
        push(json!({
            "kind": "Group", "id": format!("g-{number}"), "created": draw.pick(CREATED),
            "visible": draw.chance(9, 10), "resource": resource(&registry, "Group", draw), "members": members,
        }));
    }
    all
}

/// The body of a resource that the schema accepts.
fn resource(registry: &scim_core::Registry, kind: &str, draw: &mut Draw) -> Map<String, Value> {
    let def = registry.type_named(kind).expect("a registered type");
    loop {
        let body = body(def, draw);
        // What the schema does not like, such as two primary values, is drawn again.
        if def.create(body.clone(), Leniency::default()).is_ok() {
            return body;
        }
    }
}

fn body(def: &TypeDef, draw: &mut Draw) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([def.base().id]));
    for (extension, attribute) in def.attributes() {
        let skipped = attribute.mutability == Mutability::ReadOnly
            || attribute.is_secret()
            || def.link(extension, &attribute.name).is_some();
        if skipped || !(attribute.required || draw.chance(1, 3)) {
            continue;
        }
        let holder = match extension {
            None => &mut body,
            Some(uri) => {
                let parts = body.entry(uri).or_insert_with(|| json!({}));
                let Value::Object(parts) = parts else { continue };
                parts
            }
        };
        holder.insert(attribute.name.clone(), value(attribute, draw));
    }
    body
}

fn value(attribute: &Attribute, draw: &mut Draw) -> Value {
    if !attribute.multi_valued {
        return element(attribute, draw);
    }
    let count = 1 + draw.below(3);
    (0..count).map(|_| element(attribute, draw)).collect()
}

fn element(attribute: &Attribute, draw: &mut Draw) -> Value {
    match attribute.kind {
        AttributeType::Complex => {
            let mut drawn = Map::new();
            for sub in attribute.sub_attributes.iter().filter(|sub| sub.mutability != Mutability::ReadOnly) {
                if draw.chance(1, 2) {
                    drawn.insert(sub.name.clone(), value(sub, draw));
                }
            }
            if let Some(kind) = drawn.get_mut("type") {
                *kind = json!(draw.pick(TYPES));
            }
            Value::Object(drawn)
        }
        AttributeType::Boolean => json!(draw.chance(1, 2)),
        AttributeType::Integer => json!(draw.pick(INTEGERS)),
        AttributeType::Decimal if draw.chance(1, 2) => json!(draw.pick(INTEGERS)),
        AttributeType::Decimal => json!(draw.pick(REALS)),
        AttributeType::DateTime => json!(draw.pick(INSTANTS)),
        AttributeType::Binary => json!(draw.pick(BINARIES)),
        AttributeType::Reference => json!(draw.pick(URLS)),
        AttributeType::String => json!(draw.text()),
    }
}
