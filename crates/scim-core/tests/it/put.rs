//! Area 14: what a PUT wants.

use scim_core::{AttrKey, Document, Leniency, LinkStep, Omitted, ScimType, Selection};
use serde_json::{Value, json};

use crate::world::{
    ENTERPRISE, GROUP, PROBE, USER, groups, map, probe_user, put, put_with, refused, shown, user, users,
};

#[track_caller]
fn replaced(current: &Document, body: Value) -> Document {
    put(current, body.clone()).unwrap_or_else(|problem| panic!("{body}: {problem}")).document
}

/// 7644-3.5.1-02, 7644-3.5.1-03: what is named is replaced whole, what is not named is cleared.
#[test]
fn named_and_omitted() {
    let current = user(
        json!({ "title": "T", "nickName": "N", "emails": [{ "value": "a" }, { "value": "b" }], "name": { "givenName": "A", "familyName": "B" } }),
    );
    let outcome = replaced(
        &current,
        json!({ "title": "U", "emails": [{ "value": "c" }], "name": { "givenName": "X" } }),
    );
    assert_eq!(
        outcome,
        user(json!({ "title": "U", "emails": [{ "value": "c" }], "name": { "givenName": "X" } }))
    );
    for nothing in [
        json!({ "title": null }),
        json!({ "emails": [] }),
        json!({ "name": {} }),
        json!({ "title": "" }),
        json!({}),
    ] {
        assert_eq!(replaced(&current, nothing.clone()), user(json!({})), "{nothing}");
    }
}

/// 7644-3.5.1-03, A12: `active`, write-only values, whole extensions and members stay when they are not named.
#[test]
fn kept_when_omitted() {
    let current = user(
        json!({ "active": false, "title": "T", ENTERPRISE: { "department": "D", "manager": "7" }, PROBE: { "writeOnlyText": "w", "text": "x" } }),
    );
    let kept = user(
        json!({ "active": false, ENTERPRISE: { "department": "D", "manager": "7" }, PROBE: { "writeOnlyText": "w", "text": "x" } }),
    );
    for body in [json!({}), json!({ "active": null }), json!({ "schemas": [USER, ENTERPRISE] })] {
        assert_eq!(replaced(&current, body.clone()), kept, "{body}");
    }
    let partial = replaced(&current, json!({ ENTERPRISE: { "department": "E" }, PROBE: { "flag": true } }));
    assert_eq!(
        partial,
        user(
            json!({ "active": false, ENTERPRISE: { "department": "E" }, PROBE: { "writeOnlyText": "w", "flag": true } })
        )
    );
    let mut group = Document::new();
    group.set(None, "displayName", Some(json!("G")));
    let put = |body: Value| {
        let mut body = map(body);
        body.insert("schemas".into(), json!([GROUP]));
        groups().replace(&group, body, Leniency::default(), Omitted::Cleared).unwrap().links
    };
    assert!(put(json!({ "displayName": "H" })).is_empty());
    for (members, ids) in
        [(json!([]), vec![]), (json!(null), vec![]), (json!([{ "value": "a" }]), vec!["a".to_owned()])]
    {
        let links = put(json!({ "displayName": "H", "members": members }));
        assert_eq!(links[&AttrKey::base("members")].steps(), [LinkStep::Clear, LinkStep::Add(ids)]);
    }
}

/// 7644-3.5.1-03, 7643-2.5-01: an extension that is named as nothing, or as empty, is cleared.
#[test]
fn extensions_named_as_nothing() {
    let current = user(json!({ ENTERPRISE: { "department": "D", "manager": "7" } }));
    for nothing in [json!(null), json!(""), json!({}), json!({ "department": null }), json!({ "unknown": 1 })]
    {
        assert_eq!(replaced(&current, json!({ ENTERPRISE: nothing })), user(json!({})), "{nothing}");
    }
    // Where omission keeps, nothing is cleared but what is named (A-37).
    for (body, expected) in [
        (json!(null), user(json!({}))),
        (json!({}), current.clone()),
        (json!({ "department": null }), user(json!({ ENTERPRISE: { "manager": "7" } }))),
    ] {
        let outcome = put_with(&current, Omitted::Kept, json!({ ENTERPRISE: body })).unwrap();
        assert_eq!(outcome.document, expected, "{body}");
    }
}

/// A-37: where omission keeps, attributes and parts that are not named stay; a null clears.
#[test]
fn omission_that_keeps() {
    let current = user(
        json!({ "title": "T", "nickName": "N", "name": { "givenName": "A", "familyName": "B" }, "emails": [{ "value": "a" }] }),
    );
    for (body, expected) in [
        (
            json!({}),
            json!({ "title": "T", "nickName": "N", "name": { "givenName": "A", "familyName": "B" }, "emails": [{ "value": "a" }] }),
        ),
        (
            json!({ "title": null, "emails": [] }),
            json!({ "nickName": "N", "name": { "givenName": "A", "familyName": "B" } }),
        ),
        (
            json!({ "name": { "givenName": "X" } }),
            json!({ "title": "T", "nickName": "N", "name": { "givenName": "X", "familyName": "B" }, "emails": [{ "value": "a" }] }),
        ),
        (
            json!({ "name": { "givenName": "X", "familyName": "" } }),
            json!({ "title": "T", "nickName": "N", "name": { "givenName": "X" }, "emails": [{ "value": "a" }] }),
        ),
        (
            json!({ "emails": [{ "value": "b" }] }),
            json!({ "title": "T", "nickName": "N", "name": { "givenName": "A", "familyName": "B" }, "emails": [{ "value": "b" }] }),
        ),
    ] {
        let desired = put_with(&current, Omitted::Kept, body.clone()).unwrap();
        assert_eq!(desired.document, user(expected), "{body}");
    }
    let desired = put_with(&current, Omitted::Kept, json!({ "name": { "givenName": "X" } })).unwrap();
    assert_eq!(
        desired.asserted[&AttrKey::base("name")],
        Some(json!({ "givenName": "X", "familyName": "B" }))
    );
    assert!(!desired.asserted.contains_key(&AttrKey::base("title")));
}

/// 7644-3.5.1-05, 7643-3.1-07: what only the server writes is ignored.
#[test]
fn read_only_attributes() {
    let current = user(json!({ "title": "T" }));
    let body = json!({ "id": "other", "meta": { "version": "x" }, "groups": [{ "value": "g" }], "title": "T", PROBE: { "readOnlyText": "x" } });
    assert_eq!(replaced(&current, body), current);
}

/// 7644-3.5.1-06, 7643-7-08: an immutable value stays: the same is fine, another is not, none is kept.
#[test]
fn immutable_attributes() {
    let current = probe_user(json!({ "immutableText": "a", "text": "t" }));
    for body in [json!({ "immutableText": "a" }), json!({ "text": null })] {
        assert_eq!(replaced(&current, json!({ PROBE: body })), probe_user(json!({ "immutableText": "a" })));
    }
    for body in [
        json!({ "immutableText": "b" }),
        json!({ "immutableText": null }),
        json!({ "immutableText": "" }),
        json!(null),
    ] {
        refused(
            put(&current, json!({ PROBE: body })),
            ScimType::Mutability,
            "immutableText` cannot be changed",
        );
    }
    let unset = probe_user(json!({ "text": "t" }));
    assert_eq!(
        replaced(&unset, json!({ PROBE: { "immutableText": "a" } })),
        probe_user(json!({ "immutableText": "a" }))
    );
}

/// 7644-3.5.1-06: the same of a part of a complex value.
#[test]
fn immutable_parts() {
    let current = probe_user(json!({ "thing": { "serial": "1", "size": 5 } }));
    for (body, expected) in [
        (json!({ "thing": { "serial": "1" } }), json!({ "serial": "1" })),
        (json!({ "thing": { "size": 6 } }), json!({ "serial": "1", "size": 6 })),
        (json!({ "thing": {} }), json!({ "serial": "1" })),
        (json!({ "text": null }), json!({ "serial": "1" })),
    ] {
        assert_eq!(
            replaced(&current, json!({ PROBE: body })),
            probe_user(json!({ "thing": expected })),
            "{body}"
        );
    }
    for thing in [json!({ "serial": "2" }), json!({ "serial": null }), json!(null)] {
        refused(put(&current, json!({ PROBE: { "thing": thing } })), ScimType::Mutability, "thing.serial");
        let kept = put_with(&current, Omitted::Kept, json!({ PROBE: { "thing": thing } }));
        refused(kept, ScimType::Mutability, "thing.serial");
    }
}

/// 7644-3.5.1-07, 7643-4.1.1-01: required attributes are in the body.
#[test]
fn required_attributes() {
    let current = user(json!({}));
    for body in [
        json!({ "schemas": [USER] }),
        json!({ "schemas": [USER], "userName": null }),
        json!({ "schemas": [USER], "userName": "" }),
    ] {
        let result = users().replace(&current, map(body.clone()), Leniency::default(), Omitted::Cleared);
        refused(result.map_err(|error| error.problem()), ScimType::InvalidValue, "`userName` is required");
    }
    let kept =
        users().replace(&current, map(json!({ "schemas": [USER] })), Leniency::default(), Omitted::Kept);
    assert_eq!(kept.unwrap().document, current);
}

/// 7644-3.5.1-08: what was read and is written back changes nothing.
#[test]
fn written_back() {
    let current = user(
        json!({ "title": "T", "emails": [{ "value": "a", "primary": true }], "active": false, "name": { "givenName": "A" },
        ENTERPRISE: { "manager": "7" }, PROBE: { "tags": ["a"], "ratio": 0.1, "at": "2026-01-02T03:04:05+02:00", "blob": "-_8", "requestText": "r" } }),
    );
    let mut read = shown(&current, &Selection::Default);
    read.insert("password".into(), json!("new"));
    read[PROBE]["requestText"] = json!("r");
    let desired = put(&current, json!(read)).unwrap();
    assert_eq!(desired.document, current);
    assert_eq!(desired.asserted[&AttrKey::base("password")], Some(json!("new")));
}

/// 7644-3.5.1-09: every fault is told, and the first gives the keyword.
#[test]
fn all_faults() {
    let problem = put(&user(json!({})), json!({ "active": "maybe", "title": 7, "emails": 5 })).unwrap_err();
    assert_eq!(problem.scim_type, Some(ScimType::InvalidValue));
    for path in ["`active`", "`title`", "`emails`"] {
        assert!(problem.detail.contains(path), "{problem}");
    }
}
