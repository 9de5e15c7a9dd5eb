//! Area 10: filters on lists, and on what comes from links.

use scim_core::{Document, FarEnd, ScimType};
use serde_json::json;

use crate::world::{far_end, groups, map, probe_user, refused, select, select_linked, selects, user, users};

fn two_emails() -> Document {
    user(
        json!({ "emails": [{ "type": "work", "value": "a@x", "primary": true }, { "type": "home", "value": "b@y" }] }),
    )
}

/// 7644-3.4.2.2-17, 7644-3.4.2.2-18, A11: brackets ask for one element that is all of it.
#[test]
fn value_filters() {
    selects(
        &two_emails(),
        &[
            ("emails[type eq \"work\" and value co \"@x\"]", true),
            ("emails[type eq \"work\" and value co \"@y\"]", false),
            ("emails.type eq \"work\" and emails.value co \"@y\"", true),
            ("emails[type eq \"work\"].value eq \"a@x\"", true),
            ("emails[type eq \"work\"].value eq \"b@y\"", false),
            ("emails[type eq \"WORK\"]", true),
            ("emails[not (type eq \"work\")]", true),
            ("emails[type eq \"work\" or type eq \"other\"]", true),
            ("emails[(type eq \"home\" or type eq \"other\") and not (value sw \"b\")]", false),
            ("emails[display pr]", false),
            ("emails[display eq null]", true),
            ("emails[display ne \"x\"]", true),
            ("emails[type eq \"work\"] and emails[type eq \"home\"]", true),
            ("not (emails[type eq \"other\"])", true),
            ("phoneNumbers[type eq \"work\"]", false),
            ("not (phoneNumbers[type ne \"work\"])", true),
        ],
    );
    refused(select("emails[emails.type eq \"x\"]", &two_emails()), ScimType::InvalidFilter, "emails.type");
    refused(select("emails[type gt true]", &two_emails()), ScimType::InvalidFilter, "emails.type");
}

/// 7644-3.4.2.2-19, 7644-3.4.2.2-05, A09: one value is enough; of no value at all, `ne` holds.
#[test]
fn any_value() {
    selects(
        &two_emails(),
        &[
            ("emails.value eq \"b@y\"", true),
            ("emails co \"@y\"", true),
            ("emails eq \"a@x\"", true),
            ("emails.value ne \"a@x\"", true),
            ("emails.display ne \"a\"", true),
            ("not (emails.value eq \"a@x\")", false),
        ],
    );
    selects(&user(json!({ "emails": [{ "value": "a@x" }] })), &[("emails.value ne \"a@x\"", false)]);
    selects(&user(json!({})), &[("emails.value ne \"a@x\"", true), ("emails ne \"a@x\"", true)]);
}

/// 7643-2.4-01: an element that does not say so is not primary.
#[test]
fn primary() {
    selects(
        &two_emails(),
        &[
            ("emails[primary eq true]", true),
            ("emails[primary eq \"True\"].value eq \"a@x\"", true),
            ("emails[primary eq false]", true),
            ("emails[primary eq false and type eq \"home\"]", true),
            ("emails[primary eq false and type eq \"work\"]", false),
            ("emails[primary ne false]", true),
            ("emails[primary ne false and type eq \"home\"]", false),
            ("emails[primary ne true and type eq \"home\"]", true),
            ("emails[primary pr and type eq \"home\"]", false),
            ("emails[primary eq null and type eq \"home\"]", true),
            ("emails.primary eq true", true),
            ("emails.primary eq false", true),
            ("emails.primary ne true", true),
            ("emails.primary pr", true),
            ("emails.primary eq null", false),
        ],
    );
    let one = user(json!({ "emails": [{ "value": "a", "primary": true }] }));
    selects(
        &one,
        &[
            ("emails.primary eq false", false),
            ("emails.primary ne true", false),
            ("emails.primary ne false", true),
        ],
    );
    let unsaid = user(json!({ "emails": [{ "value": "a" }] }));
    selects(
        &unsaid,
        &[
            ("emails.primary eq true", false),
            ("emails.primary ne false", false),
            ("emails.primary ne true", true),
        ],
    );
    let none = user(json!({}));
    selects(
        &none,
        &[
            ("emails.primary eq true", false),
            ("emails.primary eq false", false),
            ("emails.primary ne true", true),
            ("emails.primary ne false", true),
        ],
    );
}

/// 7644-3.4.2.2-17, 7644-3.5.2.2-09: in a list of simple values, `value` is the element itself.
#[test]
fn simple_lists() {
    selects(
        &probe_user(json!({ "tags": ["a", "Bc"] })),
        &[
            ("tags eq \"A\"", true),
            ("tags co \"c\"", true),
            ("tags ne \"a\"", true),
            ("tags pr", true),
            ("tags[value eq \"bc\"]", true),
            ("tags[value sw \"b\" and value ew \"a\"]", false),
            ("tags[not (value eq \"a\")]", true),
        ],
    );
    selects(
        &probe_user(json!({})),
        &[("tags ne \"a\"", true), ("tags pr", false), ("tags[value ne \"a\"]", false)],
    );
    refused(select("tags[type eq \"a\"]", &user(json!({}))), ScimType::InvalidFilter, "tags.type");
}

/// 7644-3.4.2.2-19: a part may itself be a list.
#[test]
fn lists_within_a_value() {
    let document = probe_user(json!({ "thing": { "labels": ["a", "b"] } }));
    selects(
        &document,
        &[
            ("thing.labels eq \"B\"", true),
            ("thing.labels eq \"c\"", false),
            ("thing.labels ne \"a\"", true),
            ("thing.labels pr", true),
            ("thing.labels eq null", false),
        ],
    );
}

/// 7644-3.4.2.2-10, 7644-3.4.2.2-09: the parts of an element compare by their types.
#[test]
fn types_of_parts() {
    let things = json!([{ "value": "A", "size": 9, "at": "2026-01-02T00:00:00+01:00" }, { "value": "b", "ratio": 0.5 }]);
    selects(
        &probe_user(json!({ "things": things })),
        &[
            ("things[value eq \"A\" and size lt 10]", true),
            ("things[value eq \"a\"]", false),
            ("things[at eq \"2026-01-01T23:00:00Z\"]", true),
            ("things.ratio le 0.5", true),
            ("things[ratio gt 0 and size gt 0]", false),
        ],
    );
}

fn teams() -> Vec<FarEnd> {
    vec![far_end("Group", "g1", "Design"), far_end("Group", "g2", "Sales")]
}

/// 7643-4.1.2-04, 7644-3.4.2.2-19: groups of a user are asked for like any list.
#[test]
fn groups_of_a_user() {
    for (filter, expected) in [
        ("groups pr", true),
        ("groups eq \"g1\"", true),
        ("groups.value eq \"G1\"", false),
        ("groups.display eq \"SALES\"", true),
        ("groups[display eq \"sales\" and value eq \"g1\"]", false),
        ("groups[display eq \"sales\"].value eq \"g2\"", true),
        ("groups.type eq \"direct\"", true),
        ("groups.type eq \"indirect\"", false),
        ("groups.type ne \"direct\"", false),
        ("groups[type ne \"indirect\"]", true),
        ("groups.value ne \"g1\"", true),
        ("groups[value ne \"g1\" and value ne \"g2\"]", false),
        ("groups.display pr", true),
        ("groups.display eq null", false),
        ("groups.value gt \"g1\"", true),
    ] {
        assert_eq!(select_linked(users(), filter, &user(json!({})), &teams()), Ok(expected), "{filter}");
    }
    for (filter, expected) in [
        ("groups pr", false),
        ("groups eq null", true),
        ("groups.value ne \"g1\"", true),
        ("groups.type ne \"direct\"", true),
        ("groups[value ne \"g1\"]", false),
    ] {
        assert_eq!(select_linked(users(), filter, &user(json!({})), &[]), Ok(expected), "{filter} of none");
    }
}

/// 7643-4.2-04, 7644-3.4.2.2-20: members of a group, users and groups, hidden ones left out.
#[test]
fn members_of_a_group() {
    let mut ends =
        vec![far_end("User", "u1", "Lea"), far_end("Group", "g2", "Sales"), far_end("User", "u9", "Max")];
    ends[2].visible = false;
    ends[1].name = None;
    let body = map(json!({ "schemas": [crate::world::GROUP], "displayName": "G" }));
    let group = groups().create(body, scim_core::Leniency::default()).unwrap().document;
    for (filter, expected) in [
        ("members eq \"u1\"", true),
        ("displayName eq \"g\" and members eq \"u1\"", true),
        ("members eq \"u9\"", false),
        ("members.type eq \"Group\"", true),
        ("members[type eq \"group\" and value eq \"u1\"]", false),
        ("members[type ne \"User\"]", true),
        ("members.type ne \"User\"", true),
        ("members.display eq \"lea\"", true),
        ("members[display eq null]", true),
        ("members[display ne \"lea\"]", true),
        ("members.type co \"rou\"", true),
    ] {
        assert_eq!(select_linked(groups(), filter, &group, &ends), Ok(expected), "{filter}");
    }
}
