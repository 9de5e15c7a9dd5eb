//! Large and hostile requests: an answer in bounded time and memory, and never a panic.

use scim_core::{Leniency, ScimType};
use serde_json::{Map, Value, json};

use crate::world::{create, groups, patch, patch_of, patched, probe_user, refused, user};

/// A list holds a thousand values; more are refused at once.
#[test]
fn long_lists() {
    let emails = |range: std::ops::Range<usize>| {
        range.map(|i| json!({ "value": format!("{i}@x") })).collect::<Vec<_>>()
    };
    let full = user(json!({ "emails": emails(0..1_000) }));
    assert_eq!(full.get(None, "emails").unwrap().as_array().unwrap().len(), 1_000);
    refused(create(json!({ "emails": emails(0..1_001) })), ScimType::InvalidValue, "at most 1000 values");
    for (op, path, value) in [
        ("add", "emails", json!({ "value": "new" })),
        ("add", "emails[type eq \"new\"].value", json!("new")),
        ("replace", "emails", json!(emails(0..1_001))),
    ] {
        let operations = json!([{ "op": op, "path": path, "value": value }]);
        refused(patch(&full, operations), ScimType::InvalidValue, "at most 1000 values");
    }
    let again = json!([{ "op": "add", "path": "emails", "value": emails(0..1_000) }]);
    assert_eq!(patched(&full, again), full);
    let away = json!([{ "op": "remove", "path": "emails", "value": emails(1..1_000) }]);
    assert_eq!(patched(&full, away).get(None, "emails"), Some(&json!([{ "value": "0@x" }])));
}

/// Ten thousand operations are applied; ones that go through too many values together are refused.
#[test]
fn many_operations() {
    let operations: Vec<Value> =
        (0..10_000).map(|i| json!({ "op": "replace", "path": "title", "value": i.to_string() })).collect();
    assert_eq!(patched(&user(json!({})), json!(operations)).text("title"), Some("9999"));
    let tags: Vec<String> = (0..1_000).map(|i| i.to_string()).collect();
    let start = probe_user(json!({ "tags": tags }));
    let removals: Vec<Value> =
        (0..10_000).map(|i| json!({ "op": "add", "path": "tags", "value": (i % 10).to_string() })).collect();
    refused(patch(&start, json!(removals)), ScimType::TooMany, "in several requests");
    let members: Vec<Value> =
        (0..10_000).map(|i| json!({ "op": "add", "path": "members", "value": i.to_string() })).collect();
    let mut group = scim_core::Document::new();
    group.set(None, "displayName", Some(json!("G")));
    let desired = patch_of(groups(), Leniency::default(), &group, json!(members)).unwrap();
    assert_eq!(desired.links.values().map(scim_core::LinkProgram::size).sum::<usize>(), 10_000);
    let filters = |count: usize| {
        let filter = |i| json!({ "op": "remove", "path": format!("members[display eq \"{i}\"]") });
        let operations: Vec<Value> = (0..count).map(filter).collect();
        patch_of(groups(), Leniency::default(), &group, json!(operations))
    };
    assert!(filters(99).is_ok());
    refused(filters(100), ScimType::TooMany, "in several requests");
}

/// 7644-3.4.2.2-28: each comparison of a filter looks at each value, and long values take longer.
#[test]
fn long_filters() {
    let tags: Vec<String> = (0..1_000).map(|i| i.to_string()).collect();
    let start = probe_user(json!({ "tags": tags }));
    let filter = |terms: usize| vec!["value eq \"x\""; terms].join(" or ");
    let removals = |terms: usize, count: usize| {
        let operation = json!({ "op": "remove", "path": format!("tags[{}]", filter(terms)) });
        patch(&start, json!(vec![operation; count]))
    };
    assert!(removals(100, 9).is_ok());
    refused(removals(100, 11), ScimType::TooMany, "in several requests");
    let start = user(json!({ "emails": [{ "value": "x".repeat(500_000) }] }));
    let operation = json!({ "op": "remove", "path": "emails[value co \"y\"]" });
    assert!(patch(&start, json!(vec![operation.clone(); 100])).is_ok());
    refused(patch(&start, json!(vec![operation; 300])), ScimType::TooMany, "in several requests");
}

/// Bodies of a mebibyte: one long text, many keys, many findings.
#[test]
fn large_bodies() {
    let text = "ä".repeat(512 * 1024);
    assert_eq!(user(json!({ "title": text })).text("title"), Some(text.as_str()));
    let keys: Map<String, Value> = (0..60_000).map(|i| (format!("key{i}"), json!(i))).collect();
    assert_eq!(user(Value::Object(keys.clone())), user(json!({})));
    let strict = crate::world::create_with(Leniency::strict(), Value::Object(keys)).unwrap_err();
    assert!(strict.detail.len() < 1_000);
    let values: Vec<Value> = (0..100_000).map(|i| json!(i)).collect();
    refused(create(json!({ "emails": values })), ScimType::InvalidValue, "at most 1000 values");
}

/// JSON as deep as the parser lets it through is as deep as the schema, and no deeper.
#[test]
fn deep_values() {
    let deep = (0..120).fold(json!("x"), |inner, _| json!([inner]));
    let deep_object = (0..120).fold(json!("x"), |inner, _| json!({ "value": inner }));
    for value in [deep, deep_object] {
        assert_eq!(user(json!({ "unknown": value, "name": { "unknown": value } })), user(json!({})));
        for name in ["title", "emails", "active", "profileUrl"] {
            assert!(create(json!({ name: value })).is_err(), "{name}");
            let operations = json!([{ "op": "add", "path": name, "value": value }]);
            assert!(patch(&user(json!({})), operations).is_err(), "{name}");
        }
    }
}
