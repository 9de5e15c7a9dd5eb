//! Areas 3 and 8: users, groups, and what a POST wants.

use scim_core::{AttrKey, Leniency, LinkStep, Problem, ScimType};
use serde_json::{Value, json};

use crate::world::{ENTERPRISE, GROUP, PROBE, USER, create, groups, map, refused, select, user, users};

fn group(body: Value) -> Result<scim_core::Desired, Problem> {
    let mut body = map(body);
    body.insert("schemas".into(), json!([GROUP]));
    body.entry("displayName").or_insert_with(|| json!("G"));
    groups().create(body, Leniency::default()).map_err(|error| error.problem())
}

fn members(body: Value) -> Vec<LinkStep> {
    group(json!({ "members": body })).unwrap().links[&AttrKey::base("members")].steps().to_vec()
}

/// 7643-4.1.1-01, 7643-7-12: what is required must be there, and not empty.
#[test]
fn required_attributes() {
    for name in [json!(null), json!("")] {
        refused(create(json!({ "userName": name })), ScimType::InvalidValue, "`userName` is required");
    }
    let bare = users().create(map(json!({ "schemas": [USER] })), Leniency::default());
    refused(bare.map_err(|error| error.problem()), ScimType::InvalidValue, "`userName` is required");
}

/// 7643-4.1.1-03, 7643-4.1.1-04: a password is handed on and kept nowhere.
#[test]
fn passwords() {
    let desired = create(json!({ "password": "t0p!" })).unwrap();
    assert_eq!(desired.asserted[&AttrKey::base("password")], Some(json!("t0p!")));
    assert_eq!(desired.document, user(json!({})));
}

/// 7643-4.1.1-03: not even a refusal repeats what was sent as a secret.
#[test]
fn secrets_in_refusals() {
    for body in [
        json!({ "password": 271828 }),
        json!({ "password": ["271828", "271828"] }),
        json!({ "password": [{ "value": true }] }),
        json!({ PROBE: { "writeOnlyText": 271828 } }),
        json!({ PROBE: { "neverText": 271828 } }),
        json!({ PROBE: { "thing": { "secret": 271828 } } }),
    ] {
        let problem = create(body).unwrap_err();
        assert!(!problem.detail.contains("271828"), "{problem}");
    }
}

/// 7643-4.1.1-07, 7644-3.3-04: a new user is active unless the client says otherwise; a null says nothing.
#[test]
fn active_by_default() {
    for (body, active) in [
        (json!({}), true),
        (json!({ "active": null }), true),
        (json!({ "active": true }), true),
        (json!({ "active": "True" }), true),
        (json!({ "active": false }), false),
        (json!({ "active": "FALSE" }), false),
    ] {
        let desired = create(body.clone()).unwrap();
        assert_eq!(desired.document.get(None, "active"), Some(&json!(active)), "{body}");
        let said = body.get("active").is_some_and(|active| !active.is_null());
        assert_eq!(desired.asserted.contains_key(&AttrKey::base("active")), said, "{body}");
    }
}

/// 7643-4.1.1-08, 7643-4.1.2-01, 7643-4.1.2-02: locales, zones, phone numbers and countries are kept as sent.
#[test]
fn values_that_are_not_judged() {
    let body = json!({ "locale": "en_US", "timezone": "Moon/Crater", "preferredLanguage": "xx-yy",
        "phoneNumbers": [{ "value": "555-555-8377" }], "addresses": [{ "country": "USA" }] });
    let document = user(body.clone());
    for (name, value) in map(body) {
        assert_eq!(document.get(None, &name), Some(&value), "{name}");
    }
}

/// 7643-4.1.2-03, 7644-3.3-03: what only the server writes is ignored.
#[test]
fn read_only_attributes() {
    let body = json!({ "groups": [], PROBE: { "readOnlyText": "x", "thing": { "stamp": "x" } },
        ENTERPRISE: { "manager": { "displayName": "x" } } });
    let desired = create(body).unwrap();
    assert_eq!(desired.document, user(json!({})));
    assert!(desired.links.is_empty());
    assert!(!desired.asserted.contains_key(&AttrKey::base("groups")));
}

/// 7643-4.1.2-05: a certificate is base64.
#[test]
fn certificates() {
    let document = user(json!({ "x509Certificates": [{ "value": "TWE" }] }));
    assert_eq!(document.get(None, "x509Certificates"), Some(&json!([{ "value": "TWE=" }])));
    refused(create(json!({ "x509Certificates": [{ "value": "***" }] })), ScimType::InvalidValue, "base64");
}

/// 7643-4.2-01: a group has a display name.
#[test]
fn groups_have_a_name() {
    refused(group(json!({ "displayName": "" })), ScimType::InvalidValue, "`displayName` is required");
    assert_eq!(json!(group(json!({})).unwrap().document), json!({ "displayName": "G" }));
}

/// 7643-4.2-03: a member is the id of a resource; the rest is the server's.
#[test]
fn members_are_ids() {
    let add =
        |ids: &[&str]| vec![LinkStep::Clear, LinkStep::Add(ids.iter().map(|&id| id.to_owned()).collect())];
    assert_eq!(members(json!([{ "value": "a" }])), add(&["a"]));
    assert_eq!(
        members(
            json!([{ "$ref": null, "value": "a" }, { "value": "b", "$ref": "x", "type": "Cat", "display": "B" }])
        ),
        add(&["a", "b"])
    );
    assert_eq!(members(json!(["a", "b"])), add(&["a", "b"]));
    assert_eq!(members(json!("a")), add(&["a"]));
    assert_eq!(members(json!({ "value": "a" })), add(&["a"]));
    for nobody in [json!([]), json!(null), json!(""), json!([null])] {
        assert_eq!(members(nobody.clone()), add(&[]), "{nobody}");
    }
    for bad in [
        json!([{ "display": "A" }]),
        json!([{}]),
        json!([{ "value": "" }]),
        json!([""]),
        json!([{ "value": null }]),
    ] {
        refused(group(json!({ "members": bad })), ScimType::InvalidValue, "members.value");
    }
    refused(group(json!({ "members": [{ "value": 7 }] })), ScimType::InvalidValue, "members.value");
}

/// 7643-4.3-01, 7643-4.3-02: a manager is an id, in whatever it is wrapped; display name and `$ref` are ours.
#[test]
fn managers() {
    let manager = |sent: Value| {
        user(json!({ ENTERPRISE: { "manager": sent } })).get(Some(ENTERPRISE), "manager").cloned()
    };
    for sent in [
        json!({ "value": "7" }),
        json!({ "value": "7", "$ref": "../Users/7", "displayName": "x" }),
        json!("7"),
        json!([{ "value": "7" }]),
        json!([{ "$ref": null, "value": "7" }]),
        json!(["7"]),
    ] {
        assert_eq!(manager(sent.clone()), Some(json!({ "value": "7" })), "{sent}");
    }
    for sent in [json!(""), json!(null), json!([]), json!({}), json!({ "value": "" }), json!([""])] {
        assert_eq!(manager(sent.clone()), None, "{sent}");
    }
    refused(create(json!({ ENTERPRISE: { "manager": 7 } })), ScimType::InvalidValue, "manager");
    refused(
        create(json!({ ENTERPRISE: { "manager": [{ "value": "7" }, { "value": "8" }] } })),
        ScimType::InvalidValue,
        "manager",
    );
}

/// 7643-7-08, 7643-7-09: at creation, immutable and write-only attributes are taken.
#[test]
fn set_at_creation() {
    let document = user(json!({ PROBE: { "immutableText": "i", "writeOnlyText": "w" } }));
    assert_eq!(document.get(Some(PROBE), "immutableText"), Some(&json!("i")));
    assert_eq!(document.get(Some(PROBE), "writeOnlyText"), Some(&json!("w")));
}

/// 7644-3.3-08: attributes that the schema does not know are not stored.
#[test]
fn unknown_attributes() {
    let body = json!({ "shoeSize": 42, "name": { "nick": "x" }, PROBE: { "shoeSize": 1 }, "urn:x:y": { "a": 1 },
        "urn:x:y:z": 1, "emails.value": "x" });
    assert_eq!(user(body), user(json!({})));
}

/// keys of an extension may stand at top level behind its URI.
#[test]
fn flattened_keys() {
    let key = |name: &str| format!("{}:{name}", ENTERPRISE.to_uppercase());
    let document =
        user(json!({ key("Department"): "D", key("manager.value"): "7", format!("{USER}:title"): "T",
        format!("{USER}:name.givenName"): "Lea", format!("{USER}:emails.value"): "x" }));
    assert_eq!(document.as_map()[ENTERPRISE], json!({ "department": "D", "manager": { "value": "7" } }));
    assert_eq!(document.text("title"), Some("T"));
    assert_eq!(document.get(None, "name"), Some(&json!({ "givenName": "Lea" })));
    assert_eq!(document.get(None, "emails"), None);
    let twice = json!({ key("department"): "D", ENTERPRISE: { "department": "E" } });
    refused(create(twice), ScimType::InvalidSyntax, "twice");
}

/// 7643-4.1.1-02, 7644-5-01, 7644-7.8-01: names are compared without case, width and composition.
#[test]
fn comparison_of_names() {
    let document = user(json!({ "userName": "José", "title": "José" }));
    for name in ["JOSÉ", "Jose\u{301}", "ｊｏｓé"] {
        assert_eq!(select(&format!("userName eq \"{name}\""), &document), Ok(true), "{name}");
    }
    assert_eq!(select("title eq \"Jose\u{301}\"", &document), Ok(true));
    assert_eq!(select("title eq \"ｊｏｓé\"", &document), Ok(false));
    assert_eq!(select("userName eq \"Jose\"", &document), Ok(false));
    assert_eq!(select("userName eq \"José \"", &document), Ok(false));
}
