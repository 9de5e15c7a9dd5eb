//! Area 15: the operation `remove`.

use scim_core::{AttrKey, Document, Leniency, LinkStep, ScimType, Tolerance};
use scim_testkit::data::rfc_example;
use serde_json::{Value, json};

use crate::world::{ENTERPRISE, groups, patch, patch_of, patched, probe_user, refused, user};

fn remove(path: &str) -> Value {
    json!([{ "op": "remove", "path": path }])
}

fn remove_listed(path: &str, value: Value) -> Value {
    json!([{ "op": "Remove", "path": path, "value": value }])
}

fn emails(list: Value) -> Document {
    user(json!({ "emails": list }))
}

fn group() -> Document {
    let mut group = Document::new();
    group.set(None, "displayName", Some(json!("G")));
    group
}

#[track_caller]
fn member_steps(operations: Value) -> Vec<LinkStep> {
    let desired = patch_of(groups(), Leniency::default(), &group(), operations).unwrap();
    desired.links[&AttrKey::base("members")].steps().to_vec()
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|&id| id.to_owned()).collect()
}

/// 7644-3.5.2.2-02: a single value, or a part of it, is unassigned.
#[test]
fn single_values() {
    let start = user(json!({ "title": "T", "name": { "givenName": "A", "familyName": "B" } }));
    assert_eq!(
        patched(&start, remove("title")),
        user(json!({ "name": { "givenName": "A", "familyName": "B" } }))
    );
    assert_eq!(
        patched(&start, remove("name.givenName")),
        user(json!({ "title": "T", "name": { "familyName": "B" } }))
    );
    assert_eq!(patched(&start, remove("name")), user(json!({ "title": "T" })));
    let both =
        json!([{ "op": "remove", "path": "name.givenName" }, { "op": "remove", "path": "name.familyName" }]);
    assert_eq!(patched(&start, both), user(json!({ "title": "T" })));
    let managed = user(json!({ ENTERPRISE: { "manager": "7" } }));
    assert_eq!(patched(&managed, remove("manager")), user(json!({})));
    assert_eq!(patched(&managed, remove("manager.value")), user(json!({})));
}

/// 7644-3.5.2.2-03, 7644-3.5.2.2-04: all values go, or those that match.
#[test]
fn lists() {
    let start = emails(json!([{ "type": "work", "value": "a" }, { "type": "home", "value": "b" }]));
    assert_eq!(patched(&start, remove("emails")), user(json!({})));
    assert_eq!(
        patched(&start, remove("emails[type eq \"Work\"]")),
        emails(json!([{ "type": "home", "value": "b" }]))
    );
    assert_eq!(patched(&start, remove("emails[value pr]")), user(json!({})));
    let example = rfc_example("patch/remove-email-by-filter.json")["Operations"].clone();
    let printed = emails(
        json!([{ "type": "work", "value": "x@example.com" }, { "type": "work", "value": "x@example.org" }]),
    );
    assert_eq!(patched(&printed, example).get(None, "emails").unwrap().as_array().unwrap().len(), 1);
}

/// 7644-3.5.2.2-05: only the part of what matches goes, and with the last part the element.
#[test]
fn parts_of_elements() {
    let start = emails(
        json!([{ "type": "work", "value": "a", "display": "A" }, { "type": "home", "value": "b", "display": "B" }, { "display": "C" }]),
    );
    let expected = emails(
        json!([{ "type": "work", "value": "a" }, { "type": "home", "value": "b", "display": "B" }, { "display": "C" }]),
    );
    assert_eq!(patched(&start, remove("emails[type eq \"work\"].display")), expected);
    let expected = emails(json!([{ "type": "work", "value": "a" }, { "type": "home", "value": "b" }]));
    assert_eq!(patched(&start, remove("emails.display")), expected);
}

/// 7644-3.5.2.2-06: what is required stays.
#[test]
fn required_attributes() {
    for path in ["userName", "urn:ietf:params:scim:schemas:core:2.0:User:userName"] {
        refused(
            patch(&user(json!({})), remove(path)),
            ScimType::Mutability,
            "is required and cannot be removed",
        );
    }
    let nameless = patch_of(groups(), Leniency::default(), &group(), remove("displayName"));
    refused(nameless, ScimType::Mutability, "`displayName` is required");
}

/// 7644-3.5.2.2-07, A03: nothing to remove is no failure.
#[test]
fn nothing_to_remove() {
    let start = emails(json!([{ "type": "home", "value": "b" }]));
    for path in [
        "title",
        "name",
        "name.givenName",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\"].value",
        "emails[type co \"x\"].value",
        "emails.display",
        "phoneNumbers",
        "phoneNumbers[type eq \"x\"]",
        "manager",
        ENTERPRISE,
        "tags",
        "thing.size",
    ] {
        assert_eq!(patched(&start, remove(path)), start, "{path}");
    }
}

/// 7644-3.5.2.2-08, A02: exactly the listed elements go, never the whole list.
#[test]
fn listed_elements() {
    let start = emails(
        json!([{ "type": "work", "value": "A@x", "primary": true }, { "type": "home", "value": "b@x" }, { "value": "b@x" }]),
    );
    for (value, left) in [
        (json!([{ "value": "a@X" }]), vec![1, 2]),
        (json!({ "value": "A@x", "type": "WORK" }), vec![1, 2]),
        (json!([{ "value": "a@x", "type": "home" }]), vec![0, 1, 2]),
        (json!("b@x"), vec![0]),
        (json!([{ "value": "b@x", "type": "home", "primary": false }]), vec![0, 2]),
        (json!([{ "value": "A@x", "primary": false }]), vec![0, 1, 2]),
        (json!([{ "value": "A@x" }, { "type": "home" }]), vec![2]),
        (json!([{ "value": "nobody" }]), vec![0, 1, 2]),
        (json!([]), vec![0, 1, 2]),
        (json!([{}]), vec![0, 1, 2]),
        (json!([null]), vec![0, 1, 2]),
        (json!(""), vec![0, 1, 2]),
        (json!(null), vec![0, 1, 2]),
    ] {
        let all = start.get(None, "emails").unwrap().as_array().unwrap();
        let expected: Vec<Value> = left.iter().map(|&at: &usize| all[at].clone()).collect();
        assert_eq!(
            patched(&start, remove_listed("emails", value.clone())),
            emails(json!(expected)),
            "{value}"
        );
    }
    let tags = probe_user(json!({ "tags": ["a", "B"] }));
    assert_eq!(
        patched(&tags, remove_listed("tags", json!(["b", "c"]))),
        probe_user(json!({ "tags": ["a"] }))
    );
    let strict = patch_of(
        crate::world::users(),
        Leniency::default().with(Tolerance::RemoveListed, false),
        &start,
        remove_listed("emails", json!([])),
    );
    refused(strict, ScimType::InvalidValue, "in brackets");
}

/// 7644-3.5.2.2-09: one value of a list of simple values.
#[test]
fn simple_lists() {
    let start = probe_user(json!({ "tags": ["a", "b", "c"] }));
    for path in [
        "tags[value eq \"A\"]",
        "tags eq \"a\"",
        "urn:ietf:params:scim:schemas:extension:probe:2.0:User:tags[value eq \"a\"]",
    ] {
        assert_eq!(patched(&start, remove(path)), probe_user(json!({ "tags": ["b", "c"] })), "{path}");
    }
    assert_eq!(patched(&start, remove("tags[value gt \"a\"]")), probe_user(json!({ "tags": ["a"] })));
}

/// 7644-3.5.2.2-03, 7644-3.5.2.2-04, 7644-3.5.2.2-08: members go all, by id, by list or by a filter that must be run.
#[test]
fn members() {
    assert_eq!(member_steps(remove("members")), [LinkStep::Clear]);
    for operations in [
        remove("members[value eq \"a\"]"),
        remove("members eq \"a\""),
        remove_listed("members", json!([{ "$ref": null, "value": "a" }])),
        remove_listed("members", json!("a")),
        remove_listed("members", json!({ "value": "a", "display": "A" })),
    ] {
        assert_eq!(member_steps(operations.clone()), [LinkStep::Remove(ids(&["a"]))], "{operations}");
    }
    assert_eq!(
        member_steps(remove("members[value eq \"a\" or value eq \"b\"]")),
        [LinkStep::Remove(ids(&["a", "b"]))]
    );
    // An empty list removes nothing, and null is an empty list (7643-2.5-01).
    for value in [json!([]), json!([null]), json!(""), json!(null)] {
        assert_eq!(member_steps(remove_listed("members", value)), [LinkStep::Remove(vec![])]);
    }
    assert!(matches!(member_steps(remove("members[type eq \"User\"]"))[..], [LinkStep::RemoveWhere(_)]));
    assert!(matches!(member_steps(remove("members[value ne \"a\"]"))[..], [LinkStep::RemoveWhere(_)]));
    for value in [json!([{ "display": "A" }]), json!([{ "value": "" }])] {
        let result = patch_of(groups(), Leniency::default(), &group(), remove_listed("members", value));
        refused(result, ScimType::InvalidValue, "members.value");
    }
    let example = rfc_example("patch/remove-one-member.json")["Operations"].clone();
    assert!(matches!(member_steps(example)[..], [LinkStep::Remove(_)]));
    assert_eq!(
        member_steps(rfc_example("patch/remove-all-members.json")["Operations"].clone()),
        [LinkStep::Clear]
    );
    let swap = member_steps(rfc_example("patch/remove-and-add-member.json")["Operations"].clone());
    assert!(matches!(swap[..], [LinkStep::Remove(_), LinkStep::Add(_)]));
}
