//! The tolerance rules of `idp-behaviour` section 9 that pure functions can show, by number.

use scim_core::{AttrKey, Document, Leniency, LinkStep, ScimType, Tolerance};
use serde_json::{Value, json};

use crate::world::{
    ENTERPRISE, PROBE, USER, groups, map, patch, patch_of, patched, put, refused, select, user, users,
};

fn group() -> Document {
    let mut group = Document::new();
    group.set(None, "displayName", Some(json!("G")));
    group
}

#[track_caller]
fn member_steps(operations: Value) -> Vec<LinkStep> {
    let desired = patch_of(groups(), Leniency::default(), &group(), operations).unwrap();
    desired.links.get(&AttrKey::base("members")).map_or_else(Vec::new, |program| program.steps().to_vec())
}

/// 1: a remove with a list of members removes those.
#[test]
fn t01_remove_with_a_list() {
    let operations =
        json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "u" }] }]);
    assert_eq!(member_steps(operations), [LinkStep::Remove(vec!["u".into()])]);
    let operations = json!([{ "op": "Remove", "path": "members" }]);
    assert_eq!(member_steps(operations), [LinkStep::Clear]);
}

/// 2: the path-less operation of Entra, with dotted and qualified keys.
#[test]
fn t02_path_less_with_paths_as_keys() {
    let operations = json!([
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "lea.b@contoso.com" },
        { "op": "replace", "value": { "displayName": "Lea B.", "name.givenName": "Lea", "name.familyName": "Bergmann",
            format!("{ENTERPRISE}:department"): "Ops", PROBE: { "text": "x" } } },
    ]);
    let expected = json!({ "displayName": "Lea B.", "name": { "givenName": "Lea", "familyName": "Bergmann" },
        "emails": [{ "type": "work", "value": "lea.b@contoso.com" }], ENTERPRISE: { "department": "Ops" }, PROBE: { "text": "x" } });
    assert_eq!(patched(&user(json!({})), operations), user(expected));
}

/// 3, 4: the PATCH of Entra without its flag: capital operations, booleans as strings.
#[test]
fn t03_t04_entra_legacy() {
    let operations = json!([
        { "op": "Replace", "path": "displayName", "value": "Lea B." },
        { "op": "Replace", "path": "name.givenName", "value": "Lea" },
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "lea.b@contoso.com" },
        { "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+49 170 1" },
        { "op": "Add", "path": format!("{PROBE}:text"), "value": "Design" },
        { "op": "Replace", "path": "active", "value": "False" },
    ]);
    let desired = patch(&user(json!({})), operations).unwrap();
    let expected = json!({ "displayName": "Lea B.", "name": { "givenName": "Lea" }, "active": false,
        "emails": [{ "type": "work", "value": "lea.b@contoso.com" }],
        "phoneNumbers": [{ "type": "mobile", "value": "+49 170 1" }], PROBE: { "text": "Design" } });
    assert_eq!(desired.document, user(expected));
    assert_eq!(desired.fired.to_string(), "string-boolean,op-case,create-from-filter");
    for active in ["true", "TRUE", "True"] {
        let on = patched(
            &user(json!({ "active": false })),
            json!([{ "op": "replace", "path": "active", "value": active }]),
        );
        assert_eq!(on, user(json!({})));
    }
}

/// 5, 6: a path with brackets that match nothing makes the element; `"True"` in brackets is true.
#[test]
fn t05_t06_filtered_paths() {
    let path = "roles[primary eq \"True\"].value";
    for op in ["Add", "Replace"] {
        let operations = json!([{ "op": op, "path": path, "value": "Admin" }]);
        let created = patched(&user(json!({})), operations.clone());
        assert_eq!(created, user(json!({ "roles": [{ "primary": true, "value": "Admin" }] })));
        let start =
            user(json!({ "roles": [{ "value": "x" }, { "primary": true, "type": "W", "value": "User" }] }));
        let changed =
            user(json!({ "roles": [{ "value": "x" }, { "primary": true, "type": "W", "value": "Admin" }] }));
        assert_eq!(patched(&start, operations), changed);
    }
    let json_in_text = "{\"id\":\"…\",\"value\":\"25\",\"displayName\":\"Role1\"}";
    let operations = json!([{ "op": "Add", "path": "roles", "value": [{ "value": json_in_text }] }]);
    assert_eq!(patched(&user(json!({})), operations), user(json!({ "roles": [{ "value": json_in_text }] })));
}

/// 7: a manager as Entra sends it, set and cleared.
#[test]
fn t07_manager() {
    for (value, expected) in [
        (json!("7"), Some(json!({ "value": "7" }))),
        (json!([{ "$ref": "https://x.example/Users/7", "value": "7" }]), Some(json!({ "value": "7" }))),
        (json!(""), None),
        (json!(null), None),
    ] {
        for path in ["manager", &format!("{ENTERPRISE}:manager")] {
            let operations = json!([{ "op": "Add", "path": path, "value": value }]);
            let outcome = patched(&user(json!({ ENTERPRISE: { "manager": "1" } })), operations);
            assert_eq!(outcome.get(Some(ENTERPRISE), "manager"), expected.as_ref(), "{value}");
        }
    }
}

/// 8: extensions count by their keys, whatever `schemas` says.
#[test]
fn t08_schemas() {
    for schemas in [
        json!([USER]),
        json!(["urn:scim:schemas:core:2.0", "urn:scim:schemas:extension:enterprise:2.0"]),
        json!(["urn:scim:schemas:core:1.0", USER]),
    ] {
        let document = user(json!({ "schemas": schemas, PROBE: { "text": "Design" } }));
        assert_eq!(document.get(Some(PROBE), "text"), Some(&json!("Design")));
    }
}

/// 9, 10: qualified paths, in filters too; dots in a URI part nothing.
#[test]
fn t09_t10_qualified_paths() {
    let operations = json!([{ "op": "Replace", "path": format!("{USER}:name.familyName"), "value": "B" },
        { "op": "Replace", "path": format!("{}:TEXT", PROBE.to_uppercase()), "value": "x" }]);
    let document = patched(&user(json!({})), operations);
    assert_eq!(document, user(json!({ "name": { "familyName": "B" }, PROBE: { "text": "x" } })));
    assert_eq!(
        select(&format!("{USER}:name.familyName eq \"b\" and {PROBE}:text eq \"X\""), &document),
        Ok(true)
    );
}

/// 11: see `patch_paths::attributes_that_are_not_kept`; keys that nobody knows are ignored likewise.
#[test]
fn t11_unsupported_beside_active() {
    let operations = json!([{ "op": "replace", "value": { "active": false, "shoeSize": 42 } }]);
    let desired = patch(&user(json!({})), operations).unwrap();
    assert_eq!(desired.document, user(json!({ "active": false })));
    assert_eq!(desired.fired.iter().collect::<Vec<_>>(), [Tolerance::UnknownAttribute, Tolerance::NoPath]);
}

/// 12, 13: the same again changes nothing, and neither does removing what is not there.
#[test]
fn t12_t13_repeats() {
    let start = user(json!({ "emails": [{ "type": "work", "value": "a" }], "title": "T" }));
    let operations = json!([{ "op": "Add", "path": "emails", "value": [{ "type": "work", "value": "a" }] }, { "op": "Add", "path": "title", "value": "T" },
        { "op": "Remove", "path": "nickName" }, { "op": "Remove", "path": "phoneNumbers[type eq \"x\"]" },
        { "op": "Replace", "path": "phoneNumbers", "value": [] }]);
    assert_eq!(patched(&start, operations), start);
}

/// 14: one object, or a bare id, for a list.
#[test]
fn t14_lone_values() {
    for value in [json!({ "value": "u" }), json!("u"), json!(["u"]), json!([{ "value": "u", "name": "x" }])] {
        let operations = json!([{ "op": "add", "path": "members", "value": value, "id": "1", "name": "x" }]);
        assert_eq!(member_steps(operations), [LinkStep::Add(vec!["u".into()])]);
    }
    let document = user(json!({ "emails": { "value": "lea@example.com" }, "title": "" }));
    assert_eq!(document, user(json!({ "emails": [{ "value": "lea@example.com" }] })));
}

/// 16, 17: a group is renamed with its id in the value, and emptied by an empty list.
#[test]
fn t16_t17_groups() {
    let value = json!({ "schemas": [crate::world::GROUP], "id": "G", "displayName": "H", "externalId": "e" });
    let operations = json!([{ "op": "replace", "value": value }]);
    assert_eq!(member_steps(operations.clone()), []);
    let renamed = patch_of(groups(), Leniency::default(), &group(), operations).unwrap().document;
    assert_eq!(json!(renamed), json!({ "displayName": "H", "externalId": "e" }));
    let operations = json!([{ "op": "replace", "path": "members", "value": [] }]);
    assert_eq!(member_steps(operations), [LinkStep::Clear, LinkStep::Add(vec![])]);
}

/// 18, 22, 23: members come as steps on the list, in order, never as a list computed from an old one.
#[test]
fn t18_t22_t23_members_are_steps() {
    let operations = json!([{ "op": "remove", "path": "members[value eq \"a\"]" },
        { "op": "add", "path": "members", "value": [{ "value": "b", "display": "B" }] }]);
    assert_eq!(
        member_steps(operations),
        [LinkStep::Remove(vec!["a".into()]), LinkStep::Add(vec!["b".into()])]
    );
    let operations = json!([{ "op": "add", "path": "members", "value": "a" }, { "op": "add", "path": "shoeSize", "value": 1 }]);
    refused(patch_of(groups(), Leniency::default(), &group(), operations), ScimType::InvalidPath, "shoeSize");
}

/// 19: a PUT with all that was read, and a password, which is in no document.
#[test]
fn t19_put_with_everything() {
    let current = user(json!({ "title": "T" }));
    let body = json!({ "id": "1", "meta": { "created": "x" }, "groups": [{ "value": "g" }], "title": "T", "password": "p", "active": true });
    let desired = put(&current, body).unwrap();
    assert_eq!(desired.document, current);
    assert!(!json!(desired.document).to_string().contains("password"));
}

/// 20: a PATCH that does not say it is one.
#[test]
fn t20_patch_without_schemas() {
    let body = map(
        json!({ "Operations": [{ "op": "replace", "value": { "schemas": [USER], "id": "x", "displayName": "D" } }] }),
    );
    let request = scim_core::PatchRequest::read(body, Leniency::default()).unwrap();
    let desired =
        users().patch(&user(json!({})), request, Leniency::default(), &crate::world::context()).unwrap();
    assert_eq!(desired.document, user(json!({ "displayName": "D" })));
    assert!(desired.fired.iter().any(|tolerance| tolerance == Tolerance::PatchWithoutSchemas));
}

/// 24: an empty text or a null clears each optional attribute, path by path and all in one.
#[test]
fn t24_clearing() {
    let full = user(
        json!({ "title": "T", "displayName": "D", "name": { "givenName": "A" }, "preferredLanguage": "de",
        "emails": [{ "type": "work", "value": "a" }], ENTERPRISE: { "department": "D", "manager": "7" }, PROBE: { "count": 1, "at": "2026-01-01T00:00:00Z" } }),
    );
    let paths = [
        "title",
        "displayName",
        "name.givenName",
        "preferredLanguage",
        "emails[type eq \"work\"].value",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        "manager",
        "count",
        "at",
    ];
    for nothing in [json!(""), json!(null)] {
        let one_by_one: Vec<Value> =
            paths.iter().map(|path| json!({ "op": "replace", "path": path, "value": nothing })).collect();
        let all_in_one: serde_json::Map<_, _> =
            paths.iter().map(|&path| (path.to_owned(), nothing.clone())).collect();
        for operations in [json!(one_by_one), json!([{ "op": "replace", "value": all_in_one }])] {
            let outcome = patched(&full, operations);
            assert_eq!(outcome, user(json!({ "emails": [{ "type": "work" }] })));
        }
        let off = user(json!({ "active": false }));
        assert_eq!(patched(&off, json!([{ "op": "replace", "path": "active", "value": nothing }])), off);
        assert_eq!(put(&off, json!({ "active": nothing })).unwrap().document, off);
    }
}

/// 26, 7644-3.3-05, A14: what a refusal says is for the provider's admin.
#[test]
fn t26_details() {
    let problem = scim_core::Problem::taken("a User with the userName `lea` exists already");
    assert_eq!((problem.status, problem.scim_type), (409, Some(ScimType::Uniqueness)));
    let body = scim_core::message::error_body(&problem, "0af7");
    assert_eq!(body["status"], json!("409"));
    assert_eq!(body["detail"], json!("a User with the userName `lea` exists already (trace id 0af7)"));
}
