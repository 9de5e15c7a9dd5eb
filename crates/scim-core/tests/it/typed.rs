//! Users and groups as Rust types: nothing is lost on the way through.

use proptest::prelude::*;
use scim_core::typed::{EnterpriseUser, Entry, Group, Manager, User};
use scim_core::{Leniency, Linked, Selection, arbitrary};
use scim_testkit::data::rfc_example;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::world::{ENTERPRISE, PROBE, USER, map, shown_with, users};

/// 7643-4.1.1-01, 7643-4.2-01, 7643-4.3-01: the resources that the standard prints come back as they went in.
#[test]
fn printed_resources() {
    for file in ["user-minimal", "user-full", "user-enterprise"] {
        let printed = rfc_example(&format!("resources/{file}.json"));
        let user = User::try_from(printed.clone()).unwrap();
        assert!(user.rest.is_empty(), "{file}: {:?}", user.rest);
        assert_eq!(Value::from(user), printed, "{file}");
    }
    let printed = rfc_example("resources/group.json");
    let group = Group::try_from(printed.clone()).unwrap();
    assert!(group.rest.is_empty());
    assert_eq!(Value::from(group), printed);
}

/// What is read can be spoken of in types.
#[test]
fn fields() {
    let user = User::try_from(rfc_example("resources/user-enterprise.json")).unwrap();
    assert_eq!(user.name.unwrap().family_name.as_deref(), Some("Jensen"));
    assert_eq!(user.emails[0].kind.as_deref(), Some("work"));
    assert_eq!(user.active, Some(true));
    let enterprise = user.enterprise.unwrap();
    assert_eq!(enterprise.employee_number.as_deref(), Some("701984"));
    assert_eq!(enterprise.manager.unwrap().value.as_deref(), Some("26118915-6090-4610-87e4-49d8ca9f808d"));
}

/// Extensions and unknown attributes stay where they are, at each level.
#[test]
fn the_rest() {
    let body = json!({ "userName": "lea", "shoeSize": 42, PROBE: { "text": "x", "tags": ["a"] },
        "name": { "givenName": "A", "nick": "N" }, "emails": [{ "value": "a", "verified": true }],
        "addresses": [{ "country": "DE", "geo": [1, 2] }], "meta": { "etag": 1 },
        ENTERPRISE: { "department": "D", "badge": 7, "manager": { "value": "1", "since": 2020 } } });
    assert_eq!(Value::from(User::try_from(body.clone()).unwrap()), body);
    let group =
        json!({ "displayName": "G", "urn:x:y": { "a": 1 }, "members": [{ "value": "1", "since": 2020 }] });
    assert_eq!(Value::from(Group::try_from(group.clone()).unwrap()), group);
}

/// 7643-2.1-01, 7643-2.5-01: names have no letter case, and null is nothing.
#[test]
fn letter_case_and_nulls() {
    let body = json!({ "SCHEMAS": [USER], "USERNAME": "lea", "ExternalID": "e", "emails": null, "title": null,
        "Name": { "GIVENNAME": "A", "familyName": null }, "ROLES": [{ "VALUE": "r" }], "X509certificates": [] });
    let mut expected = User::new("lea");
    expected.external_id = Some("e".into());
    expected.name = Some(scim_core::typed::Name { given_name: Some("A".into()), ..Default::default() });
    expected.roles = vec![Entry::new("r")];
    assert_eq!(User::try_from(body).unwrap(), expected);
    let direct: User =
        serde_json::from_value(json!({ "userName": "lea", "emails": null, "name": null })).unwrap();
    assert_eq!(direct, User { schemas: vec![], ..User::new("lea") });
    for wrong in [
        json!({ "userName": 7 }),
        json!({ "emails": "x" }),
        json!({ "active": "maybe" }),
        json!([]),
        json!(7),
    ] {
        assert!(User::try_from(wrong).is_err());
    }
}

/// 7643-4.3-01: a manager may be a bare id.
#[test]
fn managers() {
    let read = |manager: Value| EnterpriseUser::try_from(json!({ "manager": manager })).unwrap().manager;
    assert_eq!(read(json!("7")), Some(Manager::new("7")));
    assert_eq!(read(json!({ "value": "7" })), Some(Manager::new("7")));
    assert_eq!(read(json!(null)), None);
    assert_eq!(serde_json::to_value(Manager::new("7")).unwrap(), json!({ "value": "7" }));
}

/// Extensions of one's own are read and written as types of one's own.
#[test]
fn extensions() {
    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Desk {
        floor: u8,
    }
    let mut user = User::new("lea");
    assert_eq!(user.extension::<Desk>("urn:x:desk").unwrap(), None);
    user.set_extension("urn:x:desk", &Desk { floor: 3 }).unwrap();
    user.set_extension("urn:x:desk", &Desk { floor: 4 }).unwrap();
    assert_eq!(user.extension("URN:X:Desk").unwrap(), Some(Desk { floor: 4 }));
    assert_eq!(user.schemas, [USER, "urn:x:desk"]);
    assert!(user.extension::<Vec<u8>>("urn:x:desk").is_err());
}

/// A typed user is a body like any other.
#[test]
fn bodies() {
    let mut lea = User::new("lea");
    lea.emails.push(Entry {
        kind: Some("work".into()),
        primary: Some(true),
        ..Entry::new("lea@example.com")
    });
    lea.enterprise = Some(EnterpriseUser { manager: Some(Manager::new("7")), ..EnterpriseUser::default() });
    let desired = users().create(Map::from(lea), Leniency::default()).unwrap();
    assert_eq!(desired.document.text("userName"), Some("lea"));
    assert_eq!(desired.document.get(Some(ENTERPRISE), "manager"), Some(&json!({ "value": "7" })));
    let group = Group { members: vec![Entry::new("1")], ..Group::new("G") };
    assert!(crate::world::groups().create(group.into(), Leniency::default()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a server shows of a user is read, and printed as it was.
    #[test]
    fn answers_come_back(document in arbitrary::documents(users())) {
        let answer = shown_with(users(), &document, &Linked::new(), &Selection::Default);
        let user = User::try_from(answer.clone()).unwrap();
        prop_assert_eq!(Map::from(user), map(Value::Object(answer)));
    }
}
