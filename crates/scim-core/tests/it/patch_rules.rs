//! Area 15: rules for all operations.

use scim_core::{Document, Leniency, ScimType, Selection};
use serde_json::{Value, json};

use crate::world::{ENTERPRISE, PROBE, USER, patch, patch_of, patched, probe_user, refused, shown, user};

fn emails(list: Value) -> Document {
    user(json!({ "emails": list }))
}

fn one(op: &str, path: &str, value: Value) -> Value {
    json!([{ "op": op, "path": path, "value": value }])
}

/// 7644-3.5.2-09, 7643-7-08: what is immutable is set once; the same value again is no change.
#[test]
fn immutable_attributes() {
    let empty = probe_user(json!({}));
    let set = probe_user(json!({ "immutableText": "a" }));
    for op in ["add", "replace"] {
        assert_eq!(patched(&empty, one(op, "immutableText", json!("a"))), set);
        assert_eq!(patched(&set, one(op, "immutableText", json!("a"))), set);
        for value in [json!("b"), json!(null), json!("")] {
            refused(patch(&set, one(op, "immutableText", value)), ScimType::Mutability, "immutableText");
        }
        let value = json!({ PROBE: { "immutableText": "b" } });
        refused(patch(&set, json!([{ "op": op, "value": value }])), ScimType::Mutability, "immutableText");
    }
    refused(patch(&set, one("remove", "immutableText", json!(null))), ScimType::Mutability, "immutableText");
    refused(patch(&set, one("remove", PROBE, json!(null))), ScimType::Mutability, "immutableText");
    assert_eq!(patched(&empty, one("remove", "immutableText", json!(null))), empty);
}

/// 7644-3.5.2-09: the same of a part of a complex value.
#[test]
fn immutable_parts() {
    let set = probe_user(json!({ "thing": { "serial": "1", "size": 5 } }));
    for (op, path, value) in [
        ("replace", "thing.serial", json!("2")),
        ("replace", "thing.serial", json!(null)),
        ("remove", "thing.serial", json!(null)),
        ("remove", "thing", json!(null)),
        ("replace", "thing", json!(null)),
        ("add", "thing", json!({ "serial": "2" })),
        ("replace", "thing", json!({ "serial": null, "size": 6 })),
        ("remove", PROBE, json!(null)),
    ] {
        refused(patch(&set, one(op, path, value)), ScimType::Mutability, "thing.serial");
    }
    for (op, path, value, size) in [
        ("replace", "thing.serial", json!("1"), 5),
        ("replace", "thing", json!({ "serial": "1" }), 5),
        ("replace", "thing", json!({ "size": 6 }), 6),
        ("add", "thing.size", json!(6), 6),
    ] {
        let expected = probe_user(json!({ "thing": { "serial": "1", "size": size } }));
        assert_eq!(patched(&set, one(op, path, value.clone())), expected, "{op} {path} {value}");
    }
    let strict = patch_of(
        crate::world::users(),
        Leniency::strict(),
        &set,
        one("replace", "thing", json!({ "size": 6 })),
    );
    assert_eq!(strict.unwrap().document, probe_user(json!({ "thing": { "serial": "1", "size": 6 } })));
}

/// 7644-3.5.2-09: elements come and go, but their immutable parts do not change.
#[test]
fn immutable_parts_of_elements() {
    let set = probe_user(json!({ "things": [{ "value": "a", "serial": "1" }] }));
    for (path, value) in [
        ("things[value eq \"a\"].serial", json!("2")),
        ("things[value eq \"a\"]", json!({ "value": "a", "serial": "2" })),
        ("things[value eq \"a\"].serial", json!(null)),
        ("things.serial", json!("2")),
    ] {
        refused(patch(&set, one("replace", path, value)), ScimType::Mutability, "serial");
    }
    let kept = patched(&set, one("replace", "things[value eq \"a\"]", json!({ "value": "b" })));
    assert_eq!(kept, probe_user(json!({ "things": [{ "value": "b", "serial": "1" }] })));
    assert_eq!(patched(&set, one("remove", "things[value eq \"a\"]", json!(null))), user(json!({})));
    assert_eq!(
        patched(&set, one("replace", "things", json!([{ "value": "c", "serial": "3" }]))),
        probe_user(json!({ "things": [{ "value": "c", "serial": "3" }] }))
    );
}

/// 7644-3.5.2-10, 7643-2.3-01: values fit the schema, give or take what clients are known to send.
#[test]
fn values_fit() {
    let start = user(json!({}));
    for (path, value, message) in [
        ("active", json!("maybe"), "`active` takes true or false, not `\"maybe\"`"),
        ("active", json!(1), "`active` takes true or false, not `1`"),
        ("title", json!(7), "`title` takes a string, not `7`"),
        ("title", json!({ "value": "x" }), "`title` takes a string, not"),
        ("title", json!(["a", "b"]), "`title` takes a string, not a list"),
        ("name", json!("x"), "`name` takes an object, not a string"),
        ("name", json!(7), "`name` takes an object, not a number"),
        ("emails", json!([7]), "`emails` takes an object, not a number"),
        ("emails[type eq \"work\"].value", json!(7), "emails.value` takes a string, not `7`"),
        ("count", json!(5.5), "count` takes a whole number without fraction or exponent, not `5.5`"),
        ("at", json!("2026-01-02"), "at` takes a date and time such as \"2026-01-02T03:04:05Z\""),
        ("blob", json!("***"), "blob` takes base64 text"),
        ("title", json!("a\u{0}"), "`title` must not contain the character U+0000"),
    ] {
        refused(patch(&start, one("replace", path, value)), ScimType::InvalidValue, message);
    }
    let set = patched(&start, one("replace", "active", json!([{ "value": "False" }])));
    assert_eq!(set.get(None, "active"), Some(&json!(false)));
}

/// 7644-3.5.2-11, 7644-3.5.2-12, 7644-3.5.2-15: operations see what those before them did; one that fails undoes all.
#[test]
fn in_order_and_all_or_nothing() {
    let start = user(json!({}));
    let operations = json!([
        { "op": "add", "path": "emails", "value": { "type": "work", "value": "a" } },
        { "op": "replace", "path": "emails[value eq \"a\"].value", "value": "b" },
        { "op": "add", "path": "emails[value eq \"b\"].display", "value": "B" },
        { "op": "remove", "path": "emails[value eq \"a\"]" },
    ]);
    assert_eq!(
        patched(&start, operations),
        emails(json!([{ "type": "work", "value": "b", "display": "B" }]))
    );
    let before = start.clone();
    let operations =
        json!([{ "op": "add", "path": "title", "value": "T" }, { "op": "remove", "path": "id" }]);
    refused(patch(&start, operations), ScimType::Mutability, "id");
    assert_eq!(start, before);
    // What is missing in between counts only at the end, for required parts of the whole.
    let swap = json!([{ "op": "replace", "path": "userName", "value": "x" }, { "op": "replace", "path": "userName", "value": "y" }]);
    assert_eq!(patched(&start, swap).text("userName"), Some("y"));
}

/// 7644-3.5.2-13, 7643-3-05: `schemas` follows the data.
#[test]
fn schemas_follow() {
    let schemas = |document: &Document| shown(document, &Selection::Default)["schemas"].clone();
    let with = patched(&user(json!({})), one("add", &format!("{ENTERPRISE}:department"), json!("D")));
    assert_eq!(schemas(&with), json!([USER, ENTERPRISE]));
    let without = patched(&with, one("remove", &format!("{ENTERPRISE}:department"), json!(null)));
    assert_eq!(schemas(&without), json!([USER]));
    let ignored = patched(&with, json!([{ "op": "replace", "value": { "schemas": [USER], "title": "T" } }]));
    assert_eq!(schemas(&ignored), json!([USER, ENTERPRISE]));
}

/// 7644-3.5.2-14: a new primary value takes the mark from the old one, whichever way it came.
#[test]
fn primary_is_handed_over() {
    let start =
        emails(json!([{ "type": "work", "value": "a", "primary": true }, { "type": "home", "value": "b" }]));
    let b_is_primary = json!([{ "type": "work", "value": "a", "primary": false }, { "type": "home", "value": "b", "primary": true }]);
    for operations in [
        one("add", "emails", json!({ "type": "home", "value": "b", "primary": true })),
        one("replace", "emails[type eq \"home\"]", json!({ "type": "home", "value": "b", "primary": true })),
        one("add", "emails[type eq \"home\"]", json!({ "primary": true })),
        one("replace", "emails[type eq \"home\"].primary", json!(true)),
        one("add", "emails[type eq \"home\"].primary", json!("True")),
        one("replace", "emails[primary eq false].primary", json!(true)),
        json!([{ "op": "add", "value": { "emails": [{ "type": "home", "value": "b", "primary": true }] } }]),
        json!([{ "op": "replace", "value": { "emails[type eq \"home\"].primary": true } }]),
    ] {
        assert_eq!(patched(&start, operations.clone()), emails(b_is_primary.clone()), "{operations}");
    }
    let new = patched(&start, one("add", "emails", json!({ "value": "c", "primary": true })));
    assert_eq!(
        new,
        emails(
            json!([{ "type": "work", "value": "a", "primary": false }, { "type": "home", "value": "b" }, { "value": "c", "primary": true }])
        )
    );
    let created =
        patched(&start, one("add", "emails[type eq \"other\" and primary eq true].value", json!("c")));
    assert_eq!(
        created,
        emails(
            json!([{ "type": "work", "value": "a", "primary": false }, { "type": "home", "value": "b" }, { "type": "other", "value": "c", "primary": true }])
        )
    );
    assert_eq!(
        patched(&start, one("replace", "emails[primary eq true].value", json!("z"))),
        emails(json!([{ "type": "work", "value": "z", "primary": true }, { "type": "home", "value": "b" }]))
    );
    assert_eq!(patched(&start, one("replace", "emails[type eq \"work\"].primary", json!(true))), start);
}

/// 7643-2.4-02, 7644-3.5.2-14: values that differed by their mark alone are one value when one loses it.
#[test]
fn what_lost_its_mark_may_be_there_already() {
    let start = emails(json!([{ "primary": false }, { "primary": true }, { "type": "home", "value": "b" }]));
    let expected = json!([{ "primary": false }, { "type": "home", "value": "b", "primary": true }]);
    for operations in [
        one("add", "emails", json!({ "type": "home", "value": "b", "primary": true })),
        one("replace", "emails[type eq \"home\"].primary", json!(true)),
    ] {
        assert_eq!(patched(&start, operations.clone()), emails(expected.clone()), "{operations}");
    }
}

/// 7644-3.5.2-14: two new primary values in one operation contradict each other.
#[test]
fn two_primary_values() {
    let start = emails(json!([{ "type": "work", "value": "a" }, { "type": "home", "value": "b" }]));
    for operations in [
        one("add", "emails", json!([{ "value": "x", "primary": true }, { "value": "y", "primary": true }])),
        one(
            "replace",
            "emails",
            json!([{ "value": "x", "primary": true }, { "value": "y", "primary": true }]),
        ),
        one("replace", "emails.primary", json!(true)),
        one("add", "emails[value pr]", json!({ "primary": true })),
        json!([{ "op": "replace", "value": { "emails": [{ "value": "x", "primary": true }, { "value": "y", "primary": true }] } }]),
    ] {
        refused(patch(&start, operations), ScimType::InvalidValue, "more than one primary");
    }
    let marked =
        emails(json!([{ "type": "work", "value": "a", "primary": true }, { "type": "home", "value": "b" }]));
    refused(
        patch(&marked, one("replace", "emails.primary", json!(true))),
        ScimType::InvalidValue,
        "more than one primary",
    );
    assert_eq!(
        patched(&marked, one("replace", "emails.display", json!("D"))).get(None, "emails").unwrap()[0]["primary"],
        json!(true)
    );
}

/// `idp-behaviour` tolerance 24, 7643-2.5-01: nothing but a value of its own turns a person on or off.
#[test]
fn active() {
    let off = user(json!({ "active": false }));
    for operations in [
        one("replace", "active", json!(null)),
        one("add", "active", json!("")),
        one("remove", "active", json!(null)),
        one("replace", "active", json!([{ "value": null }])),
        json!([{ "op": "replace", "value": { "active": null } }]),
        json!([{ "op": "replace", "value": { "active": "" } }]),
    ] {
        let desired = patch(&off, operations.clone()).unwrap();
        assert_eq!(desired.document, off, "{operations}");
        assert!(desired.asserted.is_empty(), "{operations}");
    }
    for value in [json!(true), json!("True"), json!("TRUE")] {
        assert_eq!(patched(&off, one("add", "active", value)), user(json!({})));
    }
}

/// 7644-3.5.2.2-06, 7643-7-12, 7643-6-03: removing an optional extension removes what is required within it.
#[test]
fn required_within_an_extension() {
    let mut extension = crate::world::probe();
    extension
        .attributes
        .retain(|attribute| ["text", "plain", "readOnlyText"].contains(&attribute.name.as_str()));
    extension.attributes[0].required = true;
    extension.attributes.iter_mut().find(|attribute| attribute.name == "readOnlyText").unwrap().required =
        true;
    let registry = |required| {
        let mut kind = scim_core::ResourceType::new("User", "/Users", USER).with_extension(PROBE);
        kind.schema_extensions[0].required = required;
        scim_core::Registry::builder()
            .schema(scim_core::schema::user())
            .schema(extension.clone())
            .resource_type(kind)
            .build()
            .unwrap()
    };
    let create = |registry: &scim_core::Registry, body: Value| {
        let def = registry.type_named("User").unwrap();
        def.create(crate::world::user_body(body), Leniency::default()).map_err(|error| error.problem())
    };
    let optional = registry(false);
    assert!(create(&optional, json!({})).is_ok());
    refused(
        create(&optional, json!({ PROBE: { "plain": "x" } })),
        ScimType::InvalidValue,
        "text` is required",
    );
    let full = create(&optional, json!({ PROBE: { "plain": "x", "text": "t" } })).unwrap().document;
    let def = optional.type_named("User").unwrap();
    let patch = |operations| patch_of(def, Leniency::default(), &full, operations);
    assert_eq!(patch(one("remove", PROBE, json!(null))).unwrap().document.as_map().get(PROBE), None);
    refused(
        patch(one("remove", &format!("{PROBE}:text"), json!(null))),
        ScimType::Mutability,
        "text` is required",
    );
    refused(
        patch(one("replace", &format!("{PROBE}:text"), json!(""))),
        ScimType::InvalidValue,
        "text` is required",
    );
    let demanded = registry(true);
    refused(create(&demanded, json!({})), ScimType::InvalidValue, PROBE);
    let def = demanded.type_named("User").unwrap();
    refused(
        patch_of(def, Leniency::default(), &full, one("remove", PROBE, json!(null))),
        ScimType::Mutability,
        "required",
    );
}
