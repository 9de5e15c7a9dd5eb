//! PUT, and what it leaves alone.

use serde_json::{Value, json};

use crate::world::{EXT, World, user, with};

/// Everything that a user can have.
fn everything() -> Value {
    with(
        "lea",
        json!({
            "externalId": "ext-1",
            "displayName": "Lea N.",
            "name": { "formatted": "Lea New", "givenName": "Lea", "familyName": "New" },
            "title": "Dr.",
            "userType": "Designer",
            "preferredLanguage": "en-GB",
            "timezone": "Europe/Rome",
            "emails": [{ "value": "l@w.example", "type": "work", "primary": true }],
            "phoneNumbers": [{ "value": "1", "type": "mobile" }],
            "addresses": [{ "type": "home", "locality": "Ulm" }],
            "ims": [{ "value": "lea", "type": "skype" }],
            EXT: { "teams": "Sales, Design", "absenceRegion": "Bayern", "userRole": "User" },
        }),
    )
}

/// A-37, D-6, D-42: any one attribute alone: it is changed, and all others stay.
#[tokio::test]
async fn what_is_not_sent_stays() {
    for (attribute, value) in [
        ("userName", json!("eva@w.example")),
        ("externalId", json!("ext-2")),
        ("displayName", json!("L")),
        ("title", json!("x")),
        ("userType", json!("x")),
        ("preferredLanguage", json!("de-DE")),
        ("timezone", json!("Asia/Tokyo")),
        ("active", json!(false)),
        ("emails", json!([{ "value": "n@w.example", "type": "home" }])),
        ("phoneNumbers", json!([{ "value": "2", "type": "work" }])),
        ("addresses", json!([{ "type": "work", "locality": "Bonn" }])),
        ("ims", json!([{ "value": "x", "type": "other" }])),
    ] {
        let world = World::new().await.for_provider("okta");
        let mut expected = world.create(everything()).await.unwrap();
        let id = expected["id"].as_str().unwrap().to_owned();
        let after = world.put("User", &id, user(json!({ attribute: value }))).await.unwrap();
        expected[attribute] = value;
        expected["meta"] = after["meta"].clone();
        assert_eq!(after, expected, "{attribute}");
    }
}

/// A-37, D-6: the same for the parts of the name and of the extension.
#[tokio::test]
async fn parts_that_are_not_sent_stay() {
    for (whole, part, value) in [
        ("name", "givenName", "Eva"),
        ("name", "familyName", "Old"),
        ("name", "formatted", "L"),
        (EXT, "teams", "Ops"),
        (EXT, "absenceRegion", "Berlin"),
        (EXT, "userRole", "Viewer"),
    ] {
        let world = World::new().await;
        let mut expected = world.create(everything()).await.unwrap();
        let id = expected["id"].as_str().unwrap().to_owned();
        let after = world.put("User", &id, user(json!({ whole: { part: value } }))).await.unwrap();
        expected[whole][part] = json!(value);
        expected["meta"] = after["meta"].clone();
        expected["groups"] = after["groups"].clone();
        assert_eq!(after, expected, "{part}");
    }
}

/// A-37, D-65: null and an empty list clear what can be cleared, in a PUT of everything at once.
#[tokio::test]
async fn nulls_clear() {
    let world = World::new().await;
    let before = world.create(everything()).await.unwrap();
    let id = before["id"].as_str().unwrap();
    let cleared =
        ["externalId", "displayName", "title", "userType", "emails", "phoneNumbers", "addresses", "ims"];
    let mut body = json!({ "preferredLanguage": null, "timezone": null, "active": null, EXT: null });
    for (at, attribute) in cleared.into_iter().enumerate() {
        body[attribute] = if at < 6 { json!(null) } else { json!([]) };
    }
    let after = world.put("User", id, user(body)).await.unwrap();
    for attribute in cleared {
        assert_eq!(after.get(attribute), None, "{attribute}");
    }
    for attribute in ["userName", "name", "preferredLanguage", "timezone", "active", "groups"] {
        assert_eq!(after[attribute], before[attribute], "{attribute}");
    }
    assert_eq!(after[EXT], json!({ "absenceRegion": "Bayern", "userRole": "User" }));
}

/// D-5, D-2: what was changed by hand stays until a request names it.
#[tokio::test]
async fn changes_by_hand() {
    let world = World::new().await;
    let id = world.create(everything()).await.unwrap()["id"].as_str().unwrap().to_owned();
    world.edit_user(&id, |document| document.set(None, "title", Some(json!("by hand")))).await;
    let after = world.put("User", &id, user(json!({ "userType": "x" }))).await.unwrap();
    assert_eq!(after["title"], "by hand");
    let after = world.put("User", &id, user(json!({ "title": "Dr." }))).await.unwrap();
    assert_eq!(after["title"], "Dr.");
}

/// D-42, D-8: one PUT of all fields, each another one: role, region, teams and account together.
#[tokio::test]
async fn everything_at_once() {
    let world = World::new().await;
    let id = world.create(everything()).await.unwrap()["id"].as_str().unwrap().to_owned();
    let body = json!({
        "userName": "eva@w.example",
        "name": { "givenName": "Eva", "familyName": "Old" },
        "timezone": "Asia/Tokyo",
        "active": false,
        EXT: { "teams": "Ops", "absenceRegion": "Berlin", "userRole": "Admin" },
    });
    let after = world.put("User", &id, user(body.clone())).await.unwrap();
    for (key, value) in body.as_object().unwrap() {
        if key != "name" {
            assert_eq!(&after[key], value, "{key}");
        }
    }
    let (_, account) = world.account_of(&id).await;
    assert_eq!((account.email.as_str(), account.given_name.as_str()), ("eva@w.example", "Eva"));
    // The same while the seats are full, so that the counter has to be read as well.
    let full = World::with_seats(5).await;
    let dan = full.person("dan").await;
    let mut body = body;
    body["active"] = json!(true);
    crate::world::refused(full.put("User", &dan, user(body)).await, crate::world::NO_SEAT, &[]);
}
