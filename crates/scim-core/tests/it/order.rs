//! Area 11: the order of a listing.

use scim_core::{Document, FarEnd, ScimType, SortKey, Subject, TypeDef, default_order, orders};
use serde_json::{Value, json};

use crate::world::{ENTERPRISE, PROBE, far_end, groups, probe_user, refused, user, users};

/// The places of documents in the order, as `0 1 2`; ties keep the order of the list, which is that of creation.
fn sorted_linked(documents: &[Document], ends: &[Vec<FarEnd>], by: &str, order: Option<&str>) -> String {
    let order = users().order(by, order).unwrap();
    let forms: Vec<_> = documents.iter().map(|document| users().match_form(document)).collect();
    let ids: Vec<String> = (0..documents.len()).map(|i| format!("{i}")).collect();
    let links: Vec<_> =
        (0..documents.len()).map(|i| move |_| ends.get(i).cloned().unwrap_or_default()).collect();
    let subject = |i: usize| Subject {
        id: &ids[i],
        created: i as i64,
        modified: -(i as i64),
        version: "",
        form: &forms[i],
        links: &links[i],
    };
    let mut places: Vec<usize> = (0..documents.len()).collect();
    // The worst start for an order that breaks no ties.
    places.reverse();
    places.sort_by(|&a, &b| match &order {
        Some(order) => order.compare(&subject(a), &subject(b)),
        None => default_order(&subject(a), &subject(b)),
    });
    places.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn sorted(documents: &[Document], by: &str, order: Option<&str>) -> String {
    sorted_linked(documents, &[], by, order)
}

fn named(names: &[&str]) -> Vec<Document> {
    names.iter().map(|name| user(json!({ "userName": name }))).collect()
}

fn probes(attribute: &str, values: &[Value]) -> Vec<Document> {
    values.iter().map(|value| probe_user(json!({ attribute: value }))).collect()
}

/// 7644-3.4.2.3-01, 7644-3.4.2.3-02: by an attribute, upwards unless asked otherwise.
#[test]
fn by_an_attribute() {
    let documents = named(&["b", "A", "C"]);
    for (order, expected) in [
        (None, "1 0 2"),
        (Some(""), "1 0 2"),
        (Some("ascending"), "1 0 2"),
        (Some("Ascending"), "1 0 2"),
        (Some("descending"), "2 0 1"),
        (Some("DESCENDING"), "2 0 1"),
    ] {
        assert_eq!(sorted(&documents, "userName", order), expected, "{order:?}");
    }
    refused(users().order("userName", Some("up")), ScimType::InvalidValue, "`up`");
}

/// 7644-3.4.2.3-02: a word that is no direction is refused with and without anything to sort by.
#[test]
fn a_direction_alone() {
    for by in [None, Some(""), Some(" "), Some("userName")] {
        refused(orders(&[users().as_ref()], by, Some("up")), ScimType::InvalidValue, "`up`");
    }
    assert_eq!(orders(&[users().as_ref()], None, Some("descending")), Ok(None));
}

/// 7644-3.4.2.1-03, 7644-3.4.2.3-05: a type without the attribute has no value there; one at least must
/// have it.
#[test]
fn of_several_types() {
    let types = [users().as_ref(), groups().as_ref()];
    let keys = |by| {
        let orders = orders(&types, Some(by), Some("descending")).unwrap();
        orders.map(|orders| {
            assert!(orders.iter().all(|order| order.descending), "{by}");
            orders.into_iter().map(|order| order.key).collect::<Vec<_>>()
        })
    };
    let of = |def: &TypeDef, by| def.order(by, None).unwrap().unwrap().key;
    assert_eq!(keys("userName"), Some(vec![of(users(), "userName"), SortKey::Nothing]));
    assert_eq!(keys("members.display"), Some(vec![SortKey::Nothing, of(groups(), "members.display")]));
    assert_eq!(keys("id"), Some(vec![SortKey::Id, SortKey::Id]));
    // Where it says nothing of the one that has it, it says nothing at all.
    assert_eq!(keys("members.type"), None);
    refused(orders(&types, Some("shoeSize"), None), ScimType::InvalidValue, "User or Group");
    refused(orders(&types, Some("name"), None), ScimType::InvalidValue, "complex");
}

/// 7644-3.4.2.3-03: of a list the primary value counts, or else the first.
#[test]
fn by_a_list() {
    let emails = |list: Value| user(json!({ "emails": list }));
    let documents = [
        emails(json!([{ "value": "c" }, { "value": "a" }])),
        emails(json!([{ "value": "z" }, { "value": "b", "primary": true }])),
        emails(json!([{ "value": "a", "primary": false }])),
    ];
    assert_eq!(sorted(&documents, "emails.value", None), "2 1 0");
    assert_eq!(sorted(&documents, "emails", None), "2 1 0");
    assert_eq!(sorted(&probes("tags", &[json!(["b", "a"]), json!(["A"])]), "tags", None), "1 0");
}

/// 7644-3.4.2.3-04: a complex attribute needs a part; what is unknown or secret is refused.
#[test]
fn what_cannot_be_sorted_by() {
    let documents =
        [user(json!({ "name": { "familyName": "B" } })), user(json!({ "name": { "familyName": "a" } }))];
    assert_eq!(sorted(&documents, "name.familyName", None), "1 0");
    for by in [
        "name",
        "meta",
        "addresses",
        "shoeSize",
        "name.x",
        "password",
        "writeOnlyText",
        "neverText",
        "",
        "a b",
        "thing.secret",
        ENTERPRISE,
    ] {
        let problem = users().order(by, None).unwrap_err();
        assert_eq!(
            (problem.status, problem.scim_type),
            (400, Some(ScimType::InvalidValue)),
            "{by}: {problem}"
        );
    }
}

/// 7644-3.4.2.3-05: without a value it comes last upwards, first downwards.
#[test]
fn absent_values() {
    let documents = [
        user(json!({})),
        user(json!({ "title": "a" })),
        user(json!({ "title": "" })),
        user(json!({ "title": "b" })),
    ];
    assert_eq!(sorted(&documents, "title", None), "1 3 0 2");
    assert_eq!(sorted(&documents, "title", Some("descending")), "0 2 3 1");
}

/// 7644-3.4.2.3-06: values order by their type.
#[test]
fn by_type() {
    for (attribute, values, expected) in [
        ("text", vec![json!("a"), json!("B"), json!("c")], "0 1 2"),
        (
            "text",
            vec![json!("\u{1F600}"), json!("\u{FF5E}"), json!("é"), json!("e\u{301}"), json!("z")],
            "4 2 3 1 0",
        ),
        ("exactText", vec![json!("a"), json!("B"), json!("c")], "1 0 2"),
        ("count", vec![json!(10), json!(9), json!(-1)], "2 1 0"),
        ("ratio", vec![json!(10), json!(9.5), json!(-0.0), json!(0), json!(1e300)], "2 3 1 0 4"),
        ("flag", vec![json!(true), json!(false)], "1 0"),
        (
            "at",
            vec![
                json!("2026-01-02T00:00:00Z"),
                json!("2026-01-02T00:30:00+01:00"),
                json!("2026-01-01T00:00:00.5Z"),
                json!("2026-01-01T00:00:00Z"),
            ],
            "3 2 1 0",
        ),
    ] {
        assert_eq!(sorted(&probes(attribute, &values), attribute, None), expected, "{attribute} {values:?}");
    }
    let qualified = format!("{PROBE}:count");
    assert_eq!(sorted(&probes("count", &[json!(2), json!(1)]), &qualified, None), "1 0");
}

/// 7644-3.4.2.3-06, 7644-3.4.2.4-09: ties go by creation, then id, in either direction.
#[test]
fn ties() {
    let documents = named(&["x", "X", "ｘ"]);
    assert_eq!(sorted(&documents, "userName", None), "0 1 2");
    assert_eq!(sorted(&documents, "userName", Some("descending")), "0 1 2");
    let form = users().match_form(&documents[0]);
    let subject = |id| Subject { id, created: 5, modified: 5, version: "", form: &form, links: &|_| vec![] };
    assert!(default_order(&subject("a"), &subject("b")).is_lt());
}

/// 7644-3.4.2.3-01: by `id` and `meta`; what is the same for all says nothing.
#[test]
fn by_common_attributes() {
    let documents = named(&["a", "b"]);
    assert_eq!(sorted(&documents, "id", Some("descending")), "1 0");
    assert_eq!(sorted(&documents, "meta.created", Some("descending")), "1 0");
    assert_eq!(sorted(&documents, "meta.lastModified", None), "1 0");
    assert_eq!(sorted(&documents, "meta.location", None), "0 1");
    for by in ["meta.resourceType", "schemas"] {
        assert_eq!(users().order(by, None), Ok(None), "{by}");
    }
}

/// 7644-3.4.2.3-03: by groups, in which the first by name counts; and by a reference.
#[test]
fn by_links() {
    let documents = named(&["a", "b", "c"]);
    let ends = [
        vec![far_end("Group", "1", "x"), far_end("Group", "9", "B")],
        vec![],
        vec![far_end("Group", "5", "a")],
    ];
    assert_eq!(sorted_linked(&documents, &ends, "groups.display", None), "2 0 1");
    assert_eq!(sorted_linked(&documents, &ends, "groups", None), "2 0 1");
    assert_eq!(sorted_linked(&documents, &ends, "groups", Some("descending")), "1 0 2");
    assert_eq!(sorted_linked(&documents, &ends, "groups.$ref", None), "2 0 1");
    assert_eq!(users().order("groups.type", None), Ok(None));
    let managed: Vec<_> =
        ["2", "1"].iter().map(|id| user(json!({ ENTERPRISE: { "manager": id } }))).collect();
    assert_eq!(sorted(&managed, "manager.$ref", None), "1 0");
    assert_eq!(sorted(&managed, "manager", Some("descending")), "0 1");
}
