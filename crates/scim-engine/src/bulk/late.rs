//! Takes references out of a POST that can only be set once the resource is there, and makes a PATCH of
//! them (7644-3.7.1-01).

use scim_core::schema::{Mutability, urn};
use scim_core::{Registry, Target, TypeDef};
use serde_json::{Map, Value, json};

use super::mention::Mention;
use super::places::{attributes, in_value};

/// Whether a resource cannot be created without the attribute, or not be given it afterwards.
pub(crate) fn is_firm(target: &Target<'_>) -> bool {
    let attribute = target.attribute;
    let set_once = attribute.multi_valued && attribute.mutability == Mutability::Immutable;
    attribute.required || set_once || target.sub.is_some_and(|sub| sub.required)
}

/// Takes out what names one of the bulkIds for which `is_late` holds: elements of lists, and whole values
/// of the rest. Gives the operations of a PATCH that adds them, still with their bulkIds.
pub(crate) fn take_late(
    def: &TypeDef,
    registry: &Registry,
    body: &mut Map<String, Value>,
    is_late: &dyn Fn(&str) -> bool,
) -> Vec<Value> {
    let mut operations = Vec::new();
    attributes(def, body, &mut |target, value| {
        let names_late = |value: &mut Value| {
            let mut found = false;
            in_value(target, value, &mut |text, holds| {
                found |= Mention::find(text, holds, registry).is_some_and(|mention| is_late(mention.name));
            });
            found
        };
        let late = if target.attribute.multi_valued
            && target.sub.is_none()
            && let Value::Array(elements) = value
        {
            let taken: Vec<Value> = elements.extract_if(.., |element| names_late(element)).collect();
            if taken.is_empty() {
                return true;
            }
            Value::Array(taken)
        } else if names_late(value) {
            std::mem::take(value)
        } else {
            return true;
        };
        operations.push(json!({ "op": "add", "path": target.path(), "value": late }));
        // What has nothing left says nothing.
        !(value.is_null() || value.as_array().is_some_and(Vec::is_empty))
    });
    operations
}

/// The body of a PATCH with these operations.
pub(crate) fn patch(operations: Vec<Value>) -> Map<String, Value> {
    Map::from_iter([
        ("schemas".to_owned(), json!([urn::PATCH_OP])),
        ("Operations".to_owned(), Value::Array(operations)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plain::plain_registry;

    /// 7644-3.7.1-01: only what must wait is taken out.
    #[test]
    fn only_late_references_are_taken_out() {
        let registry = plain_registry().unwrap();
        let enterprise = urn::ENTERPRISE_USER;
        let manager = format!("{enterprise}:manager");
        let add = |path: &str, value: Value| json!([{ "op": "add", "path": path, "value": value }]);
        for (kind, body, left, operations) in [
            (
                "Group",
                json!({ "displayName": "bulkId:a", "Members": [{ "value": "bulkId:a" }, { "value": "bulkId:b" }, "bulkId:a", { "value": "1" }] }),
                json!({ "displayName": "bulkId:a", "Members": [{ "value": "bulkId:b" }, { "value": "1" }] }),
                add("members", json!([{ "value": "bulkId:a" }, "bulkId:a"])),
            ),
            (
                "Group",
                json!({ "members": { "$ref": "../Groups/bulkId:a", "value": "bulkId:a" } }),
                json!({}),
                add("members", json!({ "$ref": "../Groups/bulkId:a", "value": "bulkId:a" })),
            ),
            ("Group", json!({ "members": [] }), json!({ "members": [] }), json!([])),
            ("Group", json!({ "members": null }), json!({ "members": null }), json!([])),
            (
                "User",
                json!({ enterprise: { "manager": { "value": "bulkId:a" }, "department": "bulkId:a" } }),
                json!({ enterprise: { "department": "bulkId:a" } }),
                add(&manager, json!({ "value": "bulkId:a" })),
            ),
            (
                "User",
                json!({ format!("{manager}.value"): "bulkId:a" }),
                json!({}),
                add(&format!("{manager}.value"), json!("bulkId:a")),
            ),
            (
                "User",
                json!({ enterprise: { "manager": "bulkId:b" } }),
                json!({ enterprise: { "manager": "bulkId:b" } }),
                json!([]),
            ),
        ] {
            let mut body = body.as_object().unwrap().clone();
            let def = registry.type_named(kind).unwrap();
            let taken = take_late(def, &registry, &mut body, &|name| name == "a");
            assert_eq!((Value::Object(body), Value::Array(taken)), (left, operations));
        }
    }
}
