//! References: one resource, however its URI is written.

use scim_core::{Leniency, ScimType, Selection};
use serde_json::json;

use crate::world::{
    BASE, ENTERPRISE, far_end, groups, map, patched, put, refused, select, select_linked, selects, shown,
    user,
};

/// 7643-2.3.7-01, 7643-2.4-04: a member's `$ref` is found with, without and with another version, absolute or not.
#[test]
fn references_of_members() {
    let body = map(json!({ "schemas": [crate::world::GROUP], "displayName": "G" }));
    let group = groups().create(body, Leniency::default()).unwrap().document;
    let ends = [far_end("User", "u1", "Lea"), far_end("Group", "g2", "Sales")];
    for (filter, expected) in [
        ("members.$ref eq \"https://scim.example/scim/v2/Users/u1\"", true),
        ("members.$ref eq \"https://scim.example/scim/Users/u1\"", true),
        ("members.$ref eq \"https://scim.example/scim/v1/Users/u1\"", true),
        ("members.$ref eq \"Users/u1\"", true),
        ("members.$ref eq \"../Users/u1\"", true),
        ("members.$ref eq \"../Groups/u1\"", false),
        ("members.$ref eq \"../Groups/g2\"", true),
        ("members.$ref eq \"https://other.example/Users/u1\"", false),
        ("members[$ref eq \"Users/u1\" and type eq \"User\"]", true),
        ("members[$ref ne \"Users/u1\" and type eq \"User\"]", false),
        ("members.$ref ne \"Users/u1\"", true),
        ("members.$ref sw \"https://scim.example/scim/v2/G\"", true),
        ("members.$ref co \"/Groups/u1\"", false),
        ("members.$ref ew \"/u1\"", true),
        ("members.$ref pr", true),
        ("members.$ref eq null", false),
    ] {
        assert_eq!(select_linked(groups(), filter, &group, &ends), Ok(expected), "{filter}");
    }
}

/// 7643-2.3.7-01: a relative `$ref` alone names the manager as its id does, and is printed in full.
#[test]
fn relative_reference_to_a_manager() {
    for reference in ["../Users/m1", "Users/m1", "/scim/v2/Users/m1"] {
        let managed = user(json!({ ENTERPRISE: { "manager": { "$ref": reference } } }));
        let manager = &shown(&managed, &Selection::default())[ENTERPRISE]["manager"];
        assert_eq!(*manager, json!({ "value": "m1", "$ref": format!("{BASE}/Users/m1") }), "{reference}");
    }
    // The id beside it counts, and what leads elsewhere or nowhere stays what it is.
    let both = user(json!({ ENTERPRISE: { "manager": { "value": "m1", "$ref": "../Users/m2" } } }));
    assert_eq!(shown(&both, &Selection::default())[ENTERPRISE]["manager"]["value"], "m1");
    for reference in ["https://elsewhere.example/Users/m1", "../Users/", "m1", "../Users/m1?x"] {
        let managed = user(json!({ ENTERPRISE: { "manager": { "$ref": reference } } }));
        let manager = &shown(&managed, &Selection::default())[ENTERPRISE]["manager"];
        assert_eq!(*manager, json!({ "$ref": reference }));
    }
}

/// 7643-4.3-01, 7643-7-05, 7643-2.4-04: a manager's `$ref` is printed, asked for and sorted by, and never stored.
#[test]
fn reference_to_a_manager() {
    let managed = user(json!({ ENTERPRISE: { "manager": { "value": "m1", "$ref": "whatever" } } }));
    let all = shown(&managed, &Selection::Default);
    assert_eq!(all[ENTERPRISE]["manager"], json!({ "value": "m1", "$ref": format!("{BASE}/Users/m1") }));
    let only = shown(&managed, &Selection::new(Some("manager.$ref"), None).unwrap());
    assert_eq!(only[ENTERPRISE]["manager"], json!({ "$ref": format!("{BASE}/Users/m1") }));
    let path = format!("{ENTERPRISE}:manager.$ref");
    selects(
        &managed,
        &[
            (&format!("{path} eq \"{BASE}/Users/m1\""), true),
            ("manager.$ref eq \"../Users/m1\"", true),
            ("manager.$ref eq \"../Groups/m1\"", false),
            ("manager.$ref ne \"../Users/m1\"", false),
            ("manager.$ref ne \"../Users/m2\"", true),
            ("manager.$ref pr", true),
            ("manager.$ref eq null", false),
            ("manager.$ref co \"Users/m\"", true),
            ("manager.$ref co \"Users/n\"", false),
            ("manager.$ref co \"scim.example\"", true),
            ("manager.$ref sw \"https://\"", true),
            ("manager.$ref sw \"m1\"", false),
            ("manager.$ref ew \"s/m1\"", true),
            ("manager.$ref ew \"1\"", true),
            ("manager.$ref gt \"https://scim.example/scim/v2/Users/m0\"", true),
            ("manager.$ref lt \"https://scim.example/scim/v2/Users/m0\"", false),
            ("manager.$ref gt \"a\"", true),
            ("manager.$ref le \"a\"", false),
        ],
    );
    let free = user(json!({}));
    selects(
        &free,
        &[
            ("manager.$ref pr", false),
            ("manager.$ref eq null", true),
            ("manager.$ref ne \"x\"", true),
            ("manager.$ref eq \"x\"", false),
            ("manager.$ref co \"scim.example\"", false),
            ("manager.$ref gt \"a\"", false),
        ],
    );
    refused(select("manager.$ref eq 5", &free), ScimType::InvalidFilter, "manager.$ref");
}

/// 7644-3.5.1-08, 7643-4.3-01: what a client read and writes back, with our `$ref` in it, changes nothing.
#[test]
fn written_back() {
    let managed = user(json!({ "title": "T", ENTERPRISE: { "manager": "m1", "department": "D" } }));
    let read = shown(&managed, &Selection::Default);
    assert_eq!(put(&managed, json!(read)).unwrap().document, managed);
    let value = json!({ "manager": read[ENTERPRISE]["manager"] });
    assert_eq!(patched(&managed, json!([{ "op": "replace", "path": ENTERPRISE, "value": value }])), managed);
    let path = format!("{ENTERPRISE}:manager.$ref");
    assert_eq!(
        patched(&managed, json!([{ "op": "replace", "path": path, "value": "../Users/m9" }])),
        managed
    );
    let other = patched(&managed, json!([{ "op": "replace", "path": "manager", "value": "m2" }]));
    assert_eq!(other.get(Some(ENTERPRISE), "manager"), Some(&json!({ "value": "m2" })));
}

/// 7643-3.1-10, 7643-2.4-04: `meta.location` is the URI of the resource.
#[test]
fn location() {
    selects(
        &user(json!({})),
        &[
            ("meta.location eq \"Users/1\"", true),
            ("meta.location eq \"https://scim.example/scim/Users/1\"", true),
            ("meta.location ne \"Users/1\"", false),
            ("meta.location eq \"Users/2\"", false),
            ("meta.location eq \"Groups/1\"", false),
            ("meta.location sw \"https://scim.example/scim/v2/Users/\"", true),
            ("meta.location eq null", false),
            ("meta.location pr", true),
        ],
    );
    refused(select("meta.location eq 5", &user(json!({}))), ScimType::InvalidFilter, "meta.location");
}
