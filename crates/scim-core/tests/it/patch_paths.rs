//! Area 15: what a path or a key stands for.

use scim_core::{AttrKey, Leniency, Registry, ResourceType, ScimType, Tolerance, schema};
use serde_json::{Value, json};

use crate::world::{ENTERPRISE, PROBE, USER, patch, patch_of, patched, probe_user, refused, user};

fn replace(path: &str, value: Value) -> Value {
    json!([{ "op": "replace", "path": path, "value": value }])
}

/// 7644-3.5.2-06: a path may carry the URI of a schema, in any letter case, or be nothing but that.
#[test]
fn qualified_paths() {
    let start = user(json!({}));
    let upper = USER.to_uppercase();
    for path in
        ["title", "TITLE", &format!("{USER}:title"), &format!("{upper}:Title"), &format!("{USER}.title")]
    {
        assert_eq!(patched(&start, replace(path, json!("T"))), user(json!({ "title": "T" })), "{path}");
    }
    let department = user(json!({ ENTERPRISE: { "department": "D" } }));
    for path in [
        format!("{ENTERPRISE}:department"),
        format!("{ENTERPRISE}.department"),
        "department".into(),
        ENTERPRISE.to_uppercase() + ":DEPARTMENT",
    ] {
        assert_eq!(patched(&start, replace(&path, json!("D"))), department, "{path}");
    }
    for op in ["add", "replace"] {
        let whole = json!([{ "op": op, "path": ENTERPRISE, "value": { "department": "D" } }]);
        assert_eq!(patched(&start, whole), department);
    }
    assert_eq!(patched(&start, replace(USER, json!({ "title": "T" }))), user(json!({ "title": "T" })));
    let manager = user(json!({ ENTERPRISE: { "manager": "7" } }));
    for path in [format!("{ENTERPRISE}:manager.value"), "manager.value".into(), "manager".into()] {
        assert_eq!(patched(&start, replace(&path, json!("7"))), manager, "{path}");
    }
}

/// 7644-3.5.2-06, 7643-2.5-01: removing an extension removes all of it, and nothing else.
#[test]
fn whole_extensions() {
    let full = user(json!({ ENTERPRISE: { "department": "D", "manager": "7" }, PROBE: { "text": "x" } }));
    let probe_only = probe_user(json!({ "text": "x" }));
    for operation in [
        json!({ "op": "remove", "path": ENTERPRISE }),
        json!({ "op": "replace", "path": ENTERPRISE, "value": null }),
        json!({ "op": "replace", "path": ENTERPRISE, "value": "" }),
        json!({ "op": "replace", "value": { ENTERPRISE: null } }),
    ] {
        assert_eq!(patched(&full, json!([operation])), probe_only, "{operation}");
    }
    for operation in [
        json!({ "op": "add", "path": ENTERPRISE, "value": null }),
        json!({ "op": "replace", "path": ENTERPRISE, "value": {} }),
        json!({ "op": "replace", "value": { ENTERPRISE: {} } }),
    ] {
        assert_eq!(patched(&full, json!([operation])), full, "{operation}");
    }
    for path in [
        format!("{ENTERPRISE}[department eq \"D\"]"),
        format!("{USER}[title pr]"),
        format!("{USER}[title pr].x"),
    ] {
        refused(
            patch(&full, json!([{ "op": "remove", "path": path }])),
            ScimType::InvalidPath,
            "names no attribute",
        );
    }
    refused(patch(&full, json!([{ "op": "remove", "path": USER }])), ScimType::Mutability, USER);
    refused(patch(&full, replace(ENTERPRISE, json!(7))), ScimType::InvalidValue, "an object of attributes");
}

/// 7644-3.5.2-07, A16: a path to an unknown attribute is wrong, an unknown key of a value is not.
#[test]
fn unknown_attributes() {
    let start = user(json!({}));
    for path in [
        "shoeSize",
        "name.x",
        "emails[type eq \"work\"].x",
        "title.x",
        "urn:x:y:z",
        &format!("{ENTERPRISE}:x"),
        &format!("{USER}:department"),
        "manager.x",
        "meta.x",
    ] {
        refused(
            patch(&start, replace(path, json!("x"))),
            ScimType::InvalidPath,
            "names no attribute of User",
        );
    }
    let keys = json!([{ "op": "add", "value": { "shoeSize": 1, "name.x": 1, "a b": 1, "urn:x:y": { "a": 1 }, "urn:x:y:z": 1,
        ENTERPRISE: { "x": 1, "a b": 1, "manager.x": 1, "urn:x:y": 1 }, "name": { "x": 1 }, "title": "T" } }]);
    assert_eq!(patched(&start, keys), user(json!({ "title": "T" })));
}

/// 7644-3.5.2-07: what the standard has and this server does not keep is ignored, down to its parts.
#[test]
fn attributes_that_are_not_kept() {
    let mut small = schema::user();
    small
        .attributes
        .retain(|attribute| ["userName", "name", "active", "emails"].contains(&attribute.name.as_str()));
    for attribute in &mut small.attributes {
        attribute.sub_attributes.retain(|sub| ["givenName", "value", "type"].contains(&sub.name.as_str()));
    }
    let registry = Registry::builder()
        .schema(small)
        .resource_type(ResourceType::new("User", "/Users", USER))
        .build()
        .unwrap();
    let users = registry.type_named("User").unwrap();
    let body = json!({ "schemas": [USER], "userName": "lea" });
    let start = users.create(crate::world::map(body), Leniency::default()).unwrap().document;
    let not_kept = [
        "title",
        "name.familyName",
        "addresses[type eq \"work\"].streetAddress",
        "emails[type eq \"work\"].display",
        "phoneNumbers",
        "urn:ietf:params:scim:schemas:core:2.0:User:nickName",
        ENTERPRISE,
        &format!("{ENTERPRISE}:department"),
        &format!("{ENTERPRISE}.department"),
        &format!("{ENTERPRISE}:manager.value"),
        "department",
        "manager",
    ];
    for path in not_kept {
        let operations = json!([{ "op": "Add", "path": path, "value": "x" }, { "op": "Replace", "path": "active", "value": "False" }]);
        let desired = patch_of(users, Leniency::default(), &start, operations).unwrap();
        assert_eq!(json!(desired.document), json!({ "userName": "lea", "active": false }), "{path}");
        assert!(desired.fired.iter().any(|tolerance| tolerance == Tolerance::NotKept), "{path}");
        let strict = patch_of(users, Leniency::strict(), &start, json!([{ "op": "remove", "path": path }]));
        refused(strict, ScimType::InvalidPath, "names no attribute");
        let key = json!([{ "op": "replace", "value": { path: "x", "active": false } }]);
        let desired = patch_of(users, Leniency::default(), &start, key).unwrap();
        assert_eq!(json!(desired.document), json!({ "userName": "lea", "active": false }), "{path} as a key");
    }
    for path in ["shoeSize", "addresses.x", "title.x", &format!("{ENTERPRISE}:shoeSize")] {
        let operations = json!([{ "op": "remove", "path": path }]);
        let result = patch_of(users, Leniency::default(), &start, operations);
        refused(result, ScimType::InvalidPath, "names no attribute");
    }
}

/// 7644-3.5.2-08, 7643-7-07, A05: what only the server writes cannot be named, but may stand in a value.
#[test]
fn read_only_targets() {
    let start = user(json!({ ENTERPRISE: { "manager": "7" } }));
    for path in [
        "id",
        "meta",
        "meta.created",
        "schemas",
        "groups",
        "groups.value",
        "groups[value eq \"1\"]",
        "groups[value eq \"1\"].display",
        "manager.displayName",
        "readOnlyText",
        "thing.stamp",
    ] {
        for op in ["add", "replace", "remove"] {
            let operations = json!([{ "op": op, "path": path, "value": "x" }]);
            refused(patch(&start, operations), ScimType::Mutability, "is read-only");
        }
    }
    let value = json!({ "id": "9", "meta": {}, "schemas": ["x"], "groups": [], "groups.value": "x", "title": "T",
        "manager.displayName": "x", ENTERPRISE: { "manager": { "displayName": "x" }, "manager.displayName": "x" },
        PROBE: { "readOnlyText": "x", "thing": { "stamp": "x" } } });
    let expected = user(json!({ "title": "T", ENTERPRISE: { "manager": "7" } }));
    assert_eq!(patched(&start, json!([{ "op": "replace", "value": value }])), expected);
    assert_eq!(patched(&start, replace("manager", json!({ "displayName": "x" }))), start);
}

/// 7644-3.5.2.1-02: keys of a value may be paths, dotted, qualified, or nested under a URI.
#[test]
fn paths_as_keys() {
    let start = user(
        json!({ "name": { "givenName": "A", "familyName": "B" }, "emails": [{ "type": "work", "value": "a" }] }),
    );
    for (value, expected) in [
        (json!({ "name.givenName": "X" }), json!({ "name": { "givenName": "X", "familyName": "B" } })),
        (
            json!({ format!("{USER}:name.givenName"): "X" }),
            json!({ "name": { "givenName": "X", "familyName": "B" } }),
        ),
        (
            json!({ USER: { "name.givenName": "X" } }),
            json!({ "name": { "givenName": "X", "familyName": "B" } }),
        ),
        (
            json!({ "name": { "givenName": "X" }, "name.familyName": "Y" }),
            json!({ "name": { "givenName": "X", "familyName": "Y" } }),
        ),
        (json!({ format!("{ENTERPRISE}:department"): "D" }), json!({ ENTERPRISE: { "department": "D" } })),
        (json!({ format!("{ENTERPRISE}.department"): "D" }), json!({ ENTERPRISE: { "department": "D" } })),
        (
            json!({ ENTERPRISE: { "department": "D", "manager.value": "7" } }),
            json!({ ENTERPRISE: { "department": "D", "manager": "7" } }),
        ),
        (json!({ "department": "D" }), json!({ ENTERPRISE: { "department": "D" } })),
        (
            json!({ "emails[type eq \"work\"].value": "z" }),
            json!({ "emails": [{ "type": "work", "value": "z" }] }),
        ),
    ] {
        for op in ["add", "replace"] {
            let mut body = json!({ "name": { "givenName": "A", "familyName": "B" }, "emails": [{ "type": "work", "value": "a" }] });
            body.as_object_mut().unwrap().extend(crate::world::map(expected.clone()));
            let outcome = patched(&start, json!([{ "op": op, "value": value }]));
            assert_eq!(outcome, user(body), "{op} {value}");
        }
    }
    let keys = json!([{ "op": "replace", "value": { "title": "a", "TITLE": "b" } }]);
    refused(patch(&start, keys), ScimType::InvalidSyntax, "twice");
    let keys =
        json!([{ "op": "replace", "value": { ENTERPRISE: { "department": "a", "Department": "b" } } }]);
    refused(patch(&start, keys), ScimType::InvalidSyntax, "twice");
    for value in [json!("x"), json!(null), json!([{ "title": "x" }]), json!(7)] {
        refused(
            patch(&start, json!([{ "op": "replace", "value": value }])),
            ScimType::InvalidValue,
            "an object of attributes",
        );
    }
}

/// 7644-3.4.2.2-17: brackets stand behind lists only, and ask for parts that are there.
#[test]
fn brackets() {
    let start = user(json!({ "name": { "givenName": "A" }, "emails": [{ "value": "a" }] }));
    for path in [
        "name[givenName eq \"A\"]",
        "title[value eq \"x\"]",
        "password[value eq \"x\"]",
        "active[value eq true]",
    ] {
        refused(patch(&start, replace(path, json!("x"))), ScimType::InvalidPath, "takes no brackets");
    }
    refused(patch(&start, replace("emails[x eq 1]", json!("x"))), ScimType::InvalidFilter, "emails.x");
    refused(
        patch(&start, replace("emails[primary gt true].value", json!("x"))),
        ScimType::InvalidFilter,
        "`gt`",
    );
    refused(patch(&start, replace("emails[value eq 5].value", json!("x"))), ScimType::InvalidFilter, "`5`");
}

/// 7644-3.5.2-11: what a request says of an attribute is the outcome of all its operations.
#[test]
fn assertions() {
    let start = user(json!({ "title": "T" }));
    let operations = json!([{ "op": "add", "path": "title", "value": "U" }, { "op": "remove", "path": "title" },
        { "op": "add", "path": "emails", "value": "a" }, { "op": "add", "path": "emails", "value": "b" },
        { "op": "remove", "path": "nickName" }, { "op": "replace", "value": { "active": null, "password": "w" } }, { "op": "replace", "path": "password", "value": "x" }]);
    let desired = patch(&start, operations).unwrap();
    let said = |name: &str| desired.asserted.get(&AttrKey::base(name)).cloned();
    assert_eq!(said("title"), Some(None));
    assert_eq!(said("emails"), Some(Some(json!([{ "value": "a" }, { "value": "b" }]))));
    assert_eq!(said("nickName"), Some(None));
    assert_eq!(said("active"), None);
    assert_eq!(said("userName"), None);
    assert_eq!(said("password"), Some(Some(json!("x"))));
    // A password is told once.
    assert_eq!(desired.said_before, [(AttrKey::base("title"), vec![json!("U")])].into());
}
