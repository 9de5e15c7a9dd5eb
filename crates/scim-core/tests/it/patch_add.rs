//! Area 15: the operation `add`.

use scim_core::{AttrKey, Document, LinkStep, ScimType};
use scim_testkit::data::rfc_example;
use serde_json::{Value, json};

use crate::world::{groups, patch, patch_of, patched, probe_user, refused, user};

fn add(path: &str, value: Value) -> Value {
    json!([{ "op": "add", "path": path, "value": value }])
}

fn emails(list: Value) -> Document {
    user(json!({ "emails": list }))
}

/// 7644-3.5.2.1-02, 7644-3.5.2.1-04: the example of the standard, without a path.
#[test]
fn printed_example() {
    let operations = rfc_example("patch/add-attributes-no-path.json")["Operations"].clone();
    let outcome = patched(&emails(json!([{ "value": "old@x" }])), operations.clone());
    assert_eq!(outcome.text("nickName"), operations[0]["value"]["nickname"].as_str().or(Some("Babs")));
    let added = operations[0]["value"]["emails"][0]["value"].clone();
    let values: Vec<_> =
        outcome.get(None, "emails").unwrap().as_array().unwrap().iter().map(|e| e["value"].clone()).collect();
    assert_eq!(values, [json!("old@x"), added]);
}

/// 7644-3.5.2.1-03: parts are added to a complex value, and a null takes one away.
#[test]
fn complex_values() {
    let start = user(json!({ "name": { "givenName": "A", "familyName": "B" } }));
    for (value, expected) in [
        (json!({ "givenName": "X" }), json!({ "givenName": "X", "familyName": "B" })),
        (json!({ "middleName": "M" }), json!({ "givenName": "A", "familyName": "B", "middleName": "M" })),
        (json!({ "givenName": null, "middleName": "M" }), json!({ "familyName": "B", "middleName": "M" })),
        (json!({}), json!({ "givenName": "A", "familyName": "B" })),
        (json!([{ "givenName": "X" }]), json!({ "givenName": "X", "familyName": "B" })),
    ] {
        assert_eq!(patched(&start, add("name", value.clone())), user(json!({ "name": expected })), "{value}");
    }
}

/// 7644-3.5.2.1-04, 7643-2.3-01: values are appended, one or many, wrapped or bare.
#[test]
fn lists() {
    let start = emails(json!([{ "value": "a" }]));
    for (value, expected) in [
        (json!({ "value": "b" }), json!([{ "value": "a" }, { "value": "b" }])),
        (
            json!([{ "value": "b" }, { "value": "c" }]),
            json!([{ "value": "a" }, { "value": "b" }, { "value": "c" }]),
        ),
        (json!("b"), json!([{ "value": "a" }, { "value": "b" }])),
        (json!([]), json!([{ "value": "a" }])),
        (json!(null), json!([{ "value": "a" }])),
        (json!(""), json!([{ "value": "a" }])),
        (json!([{}]), json!([{ "value": "a" }])),
    ] {
        assert_eq!(patched(&start, add("emails", value.clone())), emails(expected), "{value}");
    }
    assert_eq!(
        patched(&probe_user(json!({ "tags": ["a"] })), add("tags", json!(["b", "a"]))),
        probe_user(json!({ "tags": ["a", "b"] }))
    );
    let labels = probe_user(json!({ "thing": { "labels": ["a", "b"] } }));
    assert_eq!(
        patched(&probe_user(json!({ "thing": { "labels": ["a"] } })), add("thing.labels", json!("b"))),
        labels
    );
    assert_eq!(patched(&labels, add("thing.labels", json!(null))), labels);
}

/// 7644-3.5.2.1-05: a single value is set or replaced.
#[test]
fn single_values() {
    let twice = json!([{ "op": "add", "path": "title", "value": "A" }, { "op": "add", "path": "title", "value": "B" }]);
    assert_eq!(patched(&user(json!({})), twice), user(json!({ "title": "B" })));
    assert_eq!(
        patched(&user(json!({})), add("name.givenName", json!("A"))),
        user(json!({ "name": { "givenName": "A" } }))
    );
}

/// 7644-3.5.2.1-06: adding what is there changes nothing; what it says beyond that is laid over it.
#[test]
fn what_is_there() {
    let start =
        emails(json!([{ "type": "work", "value": "a", "display": "A", "primary": true }, { "value": "b" }]));
    for value in [
        json!({ "type": "work", "value": "a" }),
        json!([{ "value": "b" }]),
        json!({ "value": "a", "type": "work", "primary": true }),
    ] {
        assert_eq!(patched(&start, add("emails", value.clone())), start, "{value}");
    }
    let unnamed = emails(json!([{ "display": "A", "primary": true }]));
    assert_eq!(patched(&unnamed, add("emails", json!({ "display": "A", "primary": true }))), unnamed);
    let relabelled = patched(
        &start,
        add("emails", json!({ "type": "work", "value": "a", "display": "Z", "primary": false })),
    );
    assert_eq!(
        relabelled,
        emails(json!([{ "type": "work", "value": "a", "display": "Z", "primary": false }, { "value": "b" }]))
    );
    let many: Vec<Value> = (0..20).map(|i| json!({ "value": format!("{i}") })).collect();
    let all = patched(&start, add("emails", json!(many)));
    assert_eq!(patched(&all, add("emails", json!(many))), all);
    assert_eq!(all.get(None, "emails").unwrap().as_array().unwrap().len(), 22);
}

/// 7644-3.5.2.1-07: all elements that match are changed.
#[test]
fn matching_elements() {
    let start = emails(
        json!([{ "type": "work", "value": "a" }, { "type": "work", "value": "b" }, { "type": "home", "value": "c" }]),
    );
    let outcome = patched(&start, add("emails[type eq \"WORK\"].display", json!("D")));
    let expected = json!([{ "type": "work", "value": "a", "display": "D" }, { "type": "work", "value": "b", "display": "D" }, { "type": "home", "value": "c" }]);
    assert_eq!(outcome, emails(expected.clone()));
    assert_eq!(
        patched(&start, add("emails[type eq \"work\"]", json!({ "display": "D" }))),
        emails(expected.clone())
    );
    assert_eq!(
        patched(&start, add("emails[type eq \"work\"]", json!([{ "display": "D" }]))),
        emails(expected)
    );
    assert_eq!(patched(&start, add("emails[type eq \"work\"]", json!(null))), start);
}

/// 7644-3.5.2.1-08, A01: what no element is becomes a new one, from terms with `eq` alone.
#[test]
fn new_elements_from_filters() {
    let start = emails(json!([{ "type": "home", "value": "h" }]));
    let with = |element: Value| emails(json!([{ "type": "home", "value": "h" }, element]));
    for (path, value, element) in [
        ("emails[type eq \"work\"].value", json!("a"), json!({ "type": "work", "value": "a" })),
        (
            "emails[type eq \"work\" and display eq \"D\"].value",
            json!("a"),
            json!({ "type": "work", "display": "D", "value": "a" }),
        ),
        ("emails[primary eq \"True\"].value", json!("a"), json!({ "primary": true, "value": "a" })),
        (
            "emails[type eq \"work\"].value",
            json!([{ "value": "a" }]),
            json!({ "type": "work", "value": "a" }),
        ),
        ("emails[type eq \"work\"]", json!({ "value": "a" }), json!({ "type": "work", "value": "a" })),
        ("emails[value eq \"a\"].type", json!("work"), json!({ "type": "work", "value": "a" })),
    ] {
        assert_eq!(patched(&start, add(path, value)), with(element), "{path}");
    }
    for path in [
        "emails[type sw \"work\"].value",
        "emails[type eq \"work\" or type eq \"x\"].value",
        "emails[not (type eq \"home\")].value",
        "emails[type eq \"a\" and type eq \"b\"].value",
        "emails[type eq \"work\" and display pr].value",
        "emails[display ne null].value",
    ] {
        refused(patch(&start, add(path, json!("a"))), ScimType::NoTarget, "nothing to add to");
    }
    for value in [json!(""), json!(null)] {
        assert_eq!(patched(&start, add("emails[type eq \"work\"].value", value)), start);
    }
    refused(
        patch(&probe_user(json!({ "tags": ["b"] })), add("tags[value eq \"a\"]", json!("c"))),
        ScimType::NoTarget,
        "tags",
    );
    refused(
        patch(&start, add("emails[type eq \"work\"].primary", json!("maybe"))),
        ScimType::InvalidValue,
        "maybe",
    );
    assert_eq!(
        patched(&start, add("phoneNumbers.value", json!("1"))),
        user(json!({ "emails": [{ "type": "home", "value": "h" }], "phoneNumbers": [{ "value": "1" }] }))
    );
}

/// 7644-3.5.2.1-04, 7643-4.2-03: members are added by id, however long the list.
#[test]
fn members() {
    let group = Document::new();
    let steps = |operations: Value| {
        let mut named = group.clone();
        named.set(None, "displayName", Some(json!("G")));
        let desired = patch_of(groups(), scim_core::Leniency::default(), &named, operations).unwrap();
        desired.links[&AttrKey::base("members")].steps().to_vec()
    };
    let ids = |ids: &[&str]| LinkStep::Add(ids.iter().map(|&id| id.to_owned()).collect());
    assert_eq!(steps(add("members", json!([{ "$ref": null, "value": "a" }]))), [ids(&["a"])]);
    assert_eq!(steps(add("members", json!("a"))), [ids(&["a"])]);
    assert_eq!(
        steps(json!([{ "op": "add", "value": { "members": [{ "value": "a", "display": "A" }] } }])),
        [ids(&["a"])]
    );
    let many: Vec<_> = (0..5_000).map(|i| json!({ "value": i.to_string() })).collect();
    assert_eq!(steps(add("members", json!(many))).len(), 1);
    let example = rfc_example("patch/add-member.json")["Operations"].clone();
    assert_eq!(steps(example.clone()), [ids(&[example[0]["value"][0]["value"].as_str().unwrap()])]);
}
