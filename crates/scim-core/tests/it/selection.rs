//! Area 12: which attributes an answer holds.

use scim_core::{Document, Linked, ScimType, Selection};
use serde_json::{Value, json};

use crate::world::{ENTERPRISE, PROBE, USER, groups, refused, shown, shown_with, user};

fn lea() -> Document {
    user(json!({ "title": "T", "externalId": "e", "name": { "givenName": "A", "familyName": "B" },
        "emails": [{ "value": "a@x", "type": "work" }, { "type": "home" }],
        ENTERPRISE: { "department": "D", "manager": "7" },
        PROBE: { "alwaysText": "al", "requestText": "rq", "neverText": "nv", "writeOnlyText": "wo", "defaultText": "df",
            "thing": { "value": "v", "extra": "x", "fixed": "f", "secret": "s" } } }))
}

/// The names of what is shown, those of extensions behind a colon.
fn names(attributes: Option<&str>, excluded: Option<&str>) -> String {
    let selection = Selection::new(attributes, excluded).unwrap();
    let mut names = Vec::new();
    for (key, value) in shown(&lea(), &selection) {
        match (key.strip_prefix("urn:"), value) {
            (Some(_), Value::Object(parts)) => names.extend(parts.keys().map(|name| format!(":{name}"))),
            _ => names.push(key),
        }
    }
    names.join(" ")
}

/// 7644-3.9-01: what is always shown, and exactly what is named.
#[test]
fn named_attributes() {
    assert_eq!(names(Some("userName"), None), "id schemas :alwaysText userName");
    assert_eq!(names(Some("title, meta"), None), "id meta schemas title :alwaysText");
    assert_eq!(names(Some("id"), None), "id schemas :alwaysText");
    assert_eq!(names(Some("meta.created"), None), "id meta schemas :alwaysText");
    let meta = shown(&lea(), &Selection::new(Some("meta.created"), None).unwrap())["meta"].clone();
    assert_eq!(meta, json!({ "created": "1970-01-01T00:00:00.000Z" }));
}

/// 7644-3.9-02, 7643-3.1-04: the default set without what is named; what is always shown stays.
#[test]
fn excluded_attributes() {
    let all = "active emails externalId id meta name schemas title :department :manager :alwaysText :defaultText :thing userName";
    assert_eq!(names(None, None), all);
    assert_eq!(names(None, Some("emails,id,schemas,alwaysText,shoeSize")), all.replace("emails ", ""));
    assert_eq!(names(None, Some("meta,manager")), all.replace("meta ", "").replace(":manager ", ""));
}

/// 7644-3.9-04, A18: the two exclude each other; one without a name says nothing.
#[test]
fn both() {
    refused(Selection::new(Some("title"), Some("name")), ScimType::InvalidValue, "exclude each other");
    assert_eq!(Selection::new(Some(""), None), Ok(Selection::Default));
    assert_eq!(Selection::new(Some(" , "), Some("name")), Ok(Selection::Except(vec!["name".into()])));
    assert!(!Selection::new(None, Some("")).unwrap().is_explicit());
    assert!(Selection::new(None, Some("x")).unwrap().is_explicit());
}

/// 7644-3.9-05: parts may be named, of each element.
#[test]
fn parts() {
    let only = |names: &str| shown(&lea(), &Selection::new(Some(names), None).unwrap());
    let without = |names: &str| shown(&lea(), &Selection::new(None, Some(names)).unwrap());
    assert_eq!(only("name.givenName")["name"], json!({ "givenName": "A" }));
    assert_eq!(only("emails.value")["emails"], json!([{ "value": "a@x" }]));
    assert_eq!(
        only("emails.value,emails")["emails"],
        json!([{ "value": "a@x", "type": "work" }, { "type": "home" }])
    );
    assert_eq!(only("emails.display").get("emails"), None);
    assert_eq!(without("name.familyName")["name"], json!({ "givenName": "A" }));
    assert_eq!(without("emails.type")["emails"], json!([{ "value": "a@x" }]));
    assert_eq!(without("name.familyName,name.givenName").get("name"), None);
}

/// 7644-3.10-01: names may carry the URI, or be one; those of extensions may stand alone.
#[test]
fn qualified_names() {
    let upper = format!("{}:USERNAME", USER.to_uppercase());
    assert_eq!(names(Some(&upper), None), "id schemas :alwaysText userName");
    for name in [
        format!("{ENTERPRISE}:department"),
        "department".into(),
        "DEPARTMENT".into(),
        format!("{ENTERPRISE}.department"),
    ] {
        assert_eq!(names(Some(&name), None), "id schemas :department :alwaysText", "{name}");
    }
    assert_eq!(names(Some(ENTERPRISE), None), "id schemas :department :manager :alwaysText");
    assert_eq!(names(Some(USER), None), "active emails id name schemas title :alwaysText userName");
    assert!(!names(None, Some(ENTERPRISE)).contains(":department"));
    assert_eq!(
        names(None, Some(USER)),
        "externalId id meta schemas :department :manager :alwaysText :defaultText :thing"
    );
}

/// 7644-3.10-02: names that nobody knows are ignored.
#[test]
fn unknown_names() {
    assert_eq!(
        names(Some("userName,shoeSize, name.x ,a b,emails[type eq 1]"), None),
        "id schemas :alwaysText userName"
    );
    assert_eq!(names(Some("shoeSize"), None), "id schemas :alwaysText");
}

/// 7643-7-10, 7643-7-09: each value of `returned`; what is write-only or never shown is not, asked for or not.
#[test]
fn returned() {
    assert_eq!(names(Some("requestText"), None), "id schemas :alwaysText :requestText");
    assert_eq!(names(Some("neverText,writeOnlyText,password"), None), "id schemas :alwaysText");
    assert!(names(Some(PROBE), None).contains(":requestText"));
    let thing = |attributes, excluded| {
        shown(&lea(), &Selection::new(attributes, excluded).unwrap())[PROBE]["thing"].clone()
    };
    assert_eq!(thing(None, None), json!({ "value": "v", "fixed": "f" }));
    assert_eq!(thing(Some("thing"), None), json!({ "value": "v", "fixed": "f" }));
    assert_eq!(thing(Some("thing.secret"), None), json!({ "fixed": "f" }));
    assert_eq!(thing(Some("thing.extra"), None), json!({ "extra": "x", "fixed": "f" }));
    assert_eq!(thing(None, Some("thing.value,thing.fixed")), json!({ "fixed": "f" }));
    assert_eq!(thing(None, Some("thing")), json!(null));
}

/// 7643-7-10: what must be asked for is shown to who has just written it.
#[test]
fn supplied() {
    use crate::world::{LOCATIONS, users};
    let head = scim_core::Head { id: "1", created: 0, modified: 0, version: "" };
    let (document, linked, none) = (lea(), Linked::new(), serde_json::Map::new());
    let whole = scim_core::Whole { head: &head, document: &document, linked: &linked, shown: &none };
    let answer = |selection: Selection| {
        let selected = users().select(&selection);
        users().represent(&whole, &selected, &LOCATIONS, &|key| {
            key.name == "requestText" || key.name == "neverText"
        })
    };
    assert_eq!(answer(Selection::Default)[PROBE]["requestText"], json!("rq"));
    assert_eq!(answer(Selection::Default)[PROBE].get("neverText"), None);
    assert_eq!(answer(Selection::Only(vec!["title".into()]))[PROBE].get("requestText"), None);
    assert_eq!(answer(Selection::Except(vec!["requestText".into()]))[PROBE].get("requestText"), None);
}

/// 7644-3.9-02: members may be left out, so that they need not be read.
#[test]
fn members() {
    let mut group = Document::new();
    group.set(None, "displayName", Some(json!("G")));
    let selection = Selection::new(None, Some("members")).unwrap();
    let members = groups().base_attribute("members").unwrap();
    assert!(!groups().select(&selection).shows(None, members));
    assert!(groups().select(&Selection::Default).shows(None, members));
    assert!(groups().select(&Selection::new(Some("members.value"), None).unwrap()).shows(None, members));
    assert_eq!(shown_with(groups(), &group, &Linked::new(), &selection).get("members"), None);
}
