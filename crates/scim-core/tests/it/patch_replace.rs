//! Area 15: the operation `replace`.

use scim_core::{AttrKey, Document, Leniency, LinkStep, ScimType};
use scim_testkit::data::rfc_example;
use serde_json::{Value, json};

use crate::world::{ENTERPRISE, groups, patch, patch_of, patched, probe_user, refused, user};

fn replace(path: &str, value: Value) -> Value {
    json!([{ "op": "replace", "path": path, "value": value }])
}

fn emails(list: Value) -> Document {
    user(json!({ "emails": list }))
}

/// 7644-3.5.2.3-01: without a path, what is named is replaced and the rest stays.
#[test]
fn without_a_path() {
    let start = user(
        json!({ "title": "T", "name": { "givenName": "A", "familyName": "B" }, "emails": [{ "value": "a" }, { "value": "b" }] }),
    );
    let value = json!({ "name": { "givenName": "X" }, "emails": [{ "value": "c" }], "active": false });
    let expected = json!({ "title": "T", "name": { "givenName": "X", "familyName": "B" }, "emails": [{ "value": "c" }], "active": false });
    assert_eq!(patched(&start, json!([{ "op": "replace", "value": value }])), user(expected));
    let example = rfc_example("patch/replace-attributes-no-path.json")["Operations"].clone();
    let outcome = patched(&start, example.clone());
    assert_eq!(outcome.get(None, "emails").unwrap(), &example[0]["value"]["emails"]);
    assert_eq!(outcome.text("title"), Some("T"));
    // A group that is renamed keeps its members.
    let mut group = Document::new();
    group.set(None, "displayName", Some(json!("G")));
    let renamed = patch_of(
        groups(),
        Leniency::default(),
        &group,
        json!([{ "op": "replace", "value": { "id": "1", "displayName": "H" } }]),
    )
    .unwrap();
    assert_eq!(renamed.document.text("displayName"), Some("H"));
    assert!(renamed.links.is_empty());
}

/// 7644-3.5.2.3-02: a single value is replaced, or set where there is none.
#[test]
fn single_values() {
    for start in [user(json!({})), user(json!({ "title": "T" }))] {
        assert_eq!(patched(&start, replace("title", json!("U"))), user(json!({ "title": "U" })));
        assert_eq!(
            patched(&start, replace("title", json!([{ "value": "U" }]))),
            user(json!({ "title": "U" }))
        );
    }
}

/// 7644-3.5.2.3-03: the whole list, by a list, a lone value, or nothing.
#[test]
fn whole_lists() {
    let start = emails(json!([{ "value": "a" }, { "value": "b" }]));
    assert_eq!(
        patched(&start, replace("emails", json!([{ "value": "c" }]))),
        emails(json!([{ "value": "c" }]))
    );
    assert_eq!(
        patched(&start, replace("emails", json!({ "value": "c" }))),
        emails(json!([{ "value": "c" }]))
    );
    for nothing in [json!([]), json!(null), json!("")] {
        assert_eq!(patched(&start, replace("emails", nothing)), user(json!({})));
    }
    let mut group = Document::new();
    group.set(None, "displayName", Some(json!("G")));
    let steps = |operations| {
        let desired = patch_of(groups(), Leniency::default(), &group, operations).unwrap();
        desired.links[&AttrKey::base("members")].steps().to_vec()
    };
    assert_eq!(steps(replace("members", json!([]))), [LinkStep::Clear, LinkStep::Add(vec![])]);
    let all = steps(rfc_example("patch/replace-all-members.json")["Operations"].clone());
    assert!(matches!(&all[..], [LinkStep::Clear, LinkStep::Add(ids)] if ids.len() == 2));
    let all = steps(rfc_example("patch/replace-all-members-two-ops.json")["Operations"].clone());
    assert!(matches!(&all[..], [LinkStep::Clear, LinkStep::Add(_)]), "{all:?}");
    assert_eq!(
        steps(json!([{ "op": "replace", "value": { "members": [{ "value": "a" }] } }])),
        [LinkStep::Clear, LinkStep::Add(vec!["a".into()])]
    );
}

/// 7644-3.5.2.3-04, A04, 7643-2.5-01: the parts that are given are replaced, nulls unassigned, the others left alone.
#[test]
fn complex_values() {
    let start = user(json!({ "name": { "givenName": "A", "familyName": "B" } }));
    for (value, expected) in [
        (json!({ "givenName": "X" }), json!({ "givenName": "X", "familyName": "B" })),
        (json!({ "givenName": null }), json!({ "familyName": "B" })),
        (json!({ "givenName": "" }), json!({ "familyName": "B" })),
        (json!({ "givenName": null, "familyName": "" }), json!(null)),
        (json!({}), json!({ "givenName": "A", "familyName": "B" })),
        (json!({ "unknown": "x" }), json!({ "givenName": "A", "familyName": "B" })),
        (json!(null), json!(null)),
        (json!(""), json!(null)),
    ] {
        assert_eq!(
            patched(&start, replace("name", value.clone())),
            user(json!({ "name": expected })),
            "{value}"
        );
    }
    assert_eq!(
        patched(&start, replace("name.givenName", json!("X"))),
        user(json!({ "name": { "givenName": "X", "familyName": "B" } }))
    );
}

/// 7644-3.5.2.3-04, A04: strict settings replace the whole.
#[test]
fn complex_values_in_strict_settings() {
    let start = user(json!({ "name": { "givenName": "A", "familyName": "B" } }));
    let strict = |operations| {
        patch_of(crate::world::users(), Leniency::strict(), &start, operations).unwrap().document
    };
    assert_eq!(
        strict(replace("name", json!({ "givenName": "X" }))),
        user(json!({ "name": { "givenName": "X" } }))
    );
    assert_eq!(strict(replace("name", json!({}))), user(json!({})));
    let add = json!([{ "op": "add", "path": "name", "value": { "givenName": "X" } }]);
    assert_eq!(strict(add), user(json!({ "name": { "givenName": "X", "familyName": "B" } })));
}

/// 7644-3.5.2.3-05, 7644-3.5.2.3-06, 7643-2.4-05: what matches is replaced, whole or in one part.
#[test]
fn matching_elements() {
    let start = user(
        json!({ "addresses": [{ "type": "work", "streetAddress": "S", "locality": "L" }, { "type": "home", "locality": "H" }] }),
    );
    let whole = rfc_example("patch/replace-work-address.json")["Operations"].clone();
    let expected = json!([whole[0]["value"], { "type": "home", "locality": "H" }]);
    assert_eq!(patched(&start, whole), user(json!({ "addresses": expected })));
    let part = rfc_example("patch/replace-street-address.json")["Operations"].clone();
    let expected = json!([{ "type": "work", "streetAddress": part[0]["value"], "locality": "L" }, { "type": "home", "locality": "H" }]);
    assert_eq!(patched(&start, part), user(json!({ "addresses": expected })));
    let every = replace("addresses[type pr].locality", json!("Z"));
    let expected = json!([{ "type": "work", "streetAddress": "S", "locality": "Z" }, { "type": "home", "locality": "Z" }]);
    assert_eq!(patched(&start, every), user(json!({ "addresses": expected })));
    let nothing = replace("addresses[type eq \"work\"]", json!(null));
    assert_eq!(patched(&start, nothing), user(json!({ "addresses": [{ "type": "home", "locality": "H" }] })));
    assert_eq!(
        patched(&probe_user(json!({ "tags": ["a", "b"] })), replace("tags[value eq \"a\"]", json!("c"))),
        probe_user(json!({ "tags": ["c", "b"] }))
    );
}

/// 7643-2.4-02: elements that become the same become one.
#[test]
fn elements_that_become_the_same() {
    let start = emails(
        json!([{ "type": "work", "value": "a", "display": "A" }, { "type": "home", "value": "a", "primary": true }]),
    );
    let expected = emails(json!([{ "type": "work", "value": "a", "display": "A", "primary": true }]));
    assert_eq!(patched(&start, replace("emails[type eq \"home\"].type", json!("work"))), expected);
    let both = patched(&start, replace("emails[value eq \"a\"]", json!({ "value": "z", "primary": true })));
    assert_eq!(both, emails(json!([{ "value": "z", "primary": true }])));
    let tags =
        patched(&probe_user(json!({ "tags": ["a", "b"] })), replace("tags[value eq \"a\"]", json!("b")));
    assert_eq!(tags, probe_user(json!({ "tags": ["b"] })));
}

/// 7644-3.5.2.3-07, A01: what no element is becomes a new one if a part of it is given; all else has no target.
#[test]
fn no_match() {
    let start = emails(json!([{ "type": "home", "value": "h" }]));
    let created = emails(json!([{ "type": "home", "value": "h" }, { "type": "work", "value": "a" }]));
    assert_eq!(patched(&start, replace("emails[type eq \"work\"].value", json!("a"))), created);
    for path in [
        "emails[value co \"zzz\"].display",
        "emails[type eq \"zzz\"]",
        "phoneNumbers[type pr]",
        "tags[value eq \"a\"]",
    ] {
        refused(patch(&start, replace(path, json!("x"))), ScimType::NoTarget, "there is nothing to replace");
    }
    let strict = |operations| patch_of(crate::world::users(), Leniency::strict(), &start, operations);
    refused(strict(replace("emails[type eq \"work\"].value", json!("a"))), ScimType::NoTarget, "emails");
    assert_eq!(
        strict(json!([{ "op": "add", "path": "emails[type eq \"work\"].value", "value": "a" }]))
            .unwrap()
            .document,
        created
    );
}

/// 7644-3.5.2.3-08, A22, 7643-4.1.1-01: nothing takes the place of an optional value, but not of a required one.
#[test]
fn nothing() {
    let start = user(json!({ "title": "T", ENTERPRISE: { "manager": "7", "department": "D" } }));
    for nothing in [json!(null), json!("")] {
        assert_eq!(
            patched(&start, replace("title", nothing.clone())),
            user(json!({ ENTERPRISE: { "manager": "7", "department": "D" } }))
        );
        assert_eq!(
            patched(&start, replace("manager", nothing.clone())),
            user(json!({ "title": "T", ENTERPRISE: { "department": "D" } }))
        );
        refused(
            patch(&start, replace("userName", nothing.clone())),
            ScimType::InvalidValue,
            "`userName` is required",
        );
        refused(
            patch(&start, json!([{ "op": "replace", "value": { "userName": nothing } }])),
            ScimType::InvalidValue,
            "`userName` is required",
        );
    }
}

/// 7643-4.3-01, 7643-7-13: a manager in each of its forms, on a user with one and without.
#[test]
fn managers() {
    let managed = user(json!({ ENTERPRISE: { "manager": "2" } }));
    for start in [user(json!({})), user(json!({ ENTERPRISE: { "manager": "1" } }))] {
        for value in
            [json!("2"), json!({ "value": "2" }), json!([{ "value": "2", "$ref": "x" }]), json!(["2"])]
        {
            for path in ["manager", &format!("{ENTERPRISE}:manager")] {
                assert_eq!(patched(&start, replace(path, value.clone())), managed, "{path} {value}");
            }
            assert_eq!(
                patched(&start, json!([{ "op": "add", "value": { ENTERPRISE: { "manager": value } } }])),
                managed
            );
        }
        for value in [json!(""), json!(null), json!([]), json!({ "value": "" })] {
            assert_eq!(patched(&start, replace("manager", value.clone())), user(json!({})), "{value}");
        }
    }
    refused(
        patch(&managed, replace("manager", json!([{ "value": "1" }, { "value": "2" }]))),
        ScimType::InvalidValue,
        "manager",
    );
}

/// 7643-4.2-02: a member comes and goes whole. Whether there is one to replace, only the store knows.
#[test]
fn parts_of_members() {
    let mut group = Document::new();
    group.set(None, "displayName", Some(json!("G")));
    for path in ["members[value eq \"a\"].value", "members.value", "members.type"] {
        let result = patch_of(groups(), Leniency::default(), &group, replace(path, json!("b")));
        refused(result, ScimType::Mutability, "members");
    }
}
