//! What a refusal says: which attribute, which value, what to do.

use serde_json::{Value, json};

use crate::world::{PROBE, create, patch, user};

/// 7644-3.12-03, 7644-3.12-05, D-84: the details of refused bodies.
#[test]
fn bodies() {
    for (body, detail) in [
        (json!({ "active": "maybe" }), "`active` takes true or false, not `\"maybe\"`"),
        (json!({ "title": 7 }), "`title` takes a string, not `7`"),
        (json!({ "emails": 7 }), "`emails` takes an object, not a number"),
        (json!({ "emails": [{ "value": 7 }] }), "`emails.value` takes a string, not `7`"),
        (
            json!({ PROBE: { "count": 1.5 } }),
            "`urn:ietf:params:scim:schemas:extension:probe:2.0:User:count` takes a whole number without fraction or exponent, not `1.5`",
        ),
        (
            json!({ PROBE: [] }),
            "`urn:ietf:params:scim:schemas:extension:probe:2.0:User` takes an object of attributes, not a list",
        ),
        (json!({ "userName": null }), "`userName` is required and must not be empty"),
        (json!({ "title": "a\u{0}" }), "`title` must not contain the character U+0000"),
        (json!({ "schemas": [] }), "`schemas` must list the URI of at least one schema"),
        (
            json!({ "emails": [{ "value": "a", "primary": true }, { "value": "b", "primary": true }] }),
            "`emails` has more than one primary value; mark one at most",
        ),
    ] {
        assert_eq!(create(body).unwrap_err().detail, detail);
    }
}

/// 7644-3.12-03, D-84: the details of refused operations.
#[test]
fn operations() {
    let start = user(json!({ PROBE: { "immutableText": "a" } }));
    for (operation, detail) in [
        (
            json!({ "op": "move", "path": "title" }),
            "`op` of operation 1 must be `add`, `remove` or `replace`, not `move`",
        ),
        (json!({ "op": "remove" }), "operation 1 removes something and needs a `path` that says what"),
        (json!({ "op": "remove", "path": "userName" }), "`userName` is required and cannot be removed"),
        (json!({ "op": "remove", "path": "id" }), "`id` is read-only"),
        (json!({ "op": "remove", "path": "shoeSize" }), "the path `shoeSize` names no attribute of User"),
        (
            json!({ "op": "replace", "path": "immutableText", "value": "b" }),
            "`urn:ietf:params:scim:schemas:extension:probe:2.0:User:immutableText` cannot be changed once it is set",
        ),
        (
            json!({ "op": "replace", "path": "emails[type eq \"x\"]", "value": {} }),
            "no value of `emails` matches `type eq \"x\"`, so there is nothing to replace",
        ),
        (
            json!({ "op": "replace", "path": "title[value eq \"x\"]", "value": "y" }),
            "`title` takes no brackets: it is no list of values",
        ),
    ] {
        assert_eq!(patch(&start, json!([operation])).unwrap_err().detail, detail);
    }
}

/// 7644-3.12-03: a detail stays short, however long what was sent, and however much is wrong.
#[test]
fn short_details() {
    let long = "x".repeat(100_000);
    let problem = create(json!({ "active": long })).unwrap_err();
    assert!(problem.detail.len() < 200, "{}", problem.detail.len());
    let wrong: serde_json::Map<String, Value> = [
        "title",
        "nickName",
        "locale",
        "timezone",
        "userType",
        "profileUrl",
        "displayName",
        "preferredLanguage",
        "name",
        "active",
    ]
    .into_iter()
    .map(|name| (name.to_owned(), json!(7)))
    .collect();
    let detail = create(Value::Object(wrong)).unwrap_err().detail;
    assert!(detail.ends_with("; and 2 more"), "{detail}");
}
