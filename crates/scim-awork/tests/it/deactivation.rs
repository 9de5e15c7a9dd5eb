//! Deactivating and reactivating people, and the last admin.

use serde_json::{Value, json};

use crate::world::{EXT, INVALID, LAST_ADMIN, World, refused, user, with};

/// D-30, D-22: no longer active, the seat is free, all else stays; and back again.
#[tokio::test]
async fn there_and_back() {
    let world = World::new().await;
    let id = world.create(with("lea", json!({ EXT: { "userRole": "User", "teams": "Ops" } }))).await.unwrap()
        ["id"]
        .clone();
    let id = id.as_str().unwrap();
    let before = world.get("User", id).await.unwrap();
    let (used, booked) = world.seats().await;
    let off = world.set(id, "active", json!(false)).await.unwrap();
    assert_eq!(off["active"], false);
    for kept in ["name", "emails", "groups", EXT] {
        assert_eq!(off[kept], before[kept], "{kept}");
    }
    assert_eq!(world.seats().await, (used - 3, booked));
    let on = world.set(id, "active", json!(true)).await.unwrap();
    assert_eq!(on["active"], true);
    assert_eq!(world.seats().await, (used, booked));
}

/// D-32: booleans as strings, in any case; anything else is refused.
#[tokio::test]
async fn booleans_as_strings() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    for (sent, active) in [
        (json!("False"), false),
        (json!("True"), true),
        (json!("fALSE"), false),
        (json!("true"), true),
        (json!(false), false),
        (json!(true), true),
    ] {
        assert_eq!(world.set(&id, "active", sent.clone()).await.unwrap()["active"], active, "{sent}");
    }
    for sent in [json!("no"), json!(0), json!("1"), json!({})] {
        refused(world.set(&id, "active", sent).await, INVALID, &["active"]);
    }
}

/// no word about `active` is no opinion.
#[tokio::test]
async fn no_word_about_active() {
    let world = World::new().await;
    let (dan, cleo) = (world.person("dan").await, world.person("cleo").await);
    for (id, active) in [(&dan, false), (&cleo, true)] {
        for body in [json!({ "title": "x" }), json!({ "active": null }), json!({ "active": "" })] {
            assert_eq!(world.put("User", id, user(body)).await.unwrap()["active"], active);
        }
        let removed = world.patch("User", id, json!([{ "op": "remove", "path": "active" }])).await;
        assert_eq!(removed.unwrap()["active"], active);
    }
    for (name, active) in [("lea", json!(null)), ("tom", json!(""))] {
        assert_eq!(world.create(with(name, json!({ "active": active }))).await.unwrap()["active"], true);
    }
    assert_eq!(world.create(with("max", json!({ "active": "False" }))).await.unwrap()["active"], false);
}

/// a deactivation goes through whatever optional value does not fit, and says so.
#[tokio::test]
async fn deactivation_wins() {
    for (attributes, words) in [
        (json!({ EXT: { "teams": "Design,Gone" } }), &["teams", "`Gone`"][..]),
        (json!({ EXT: { "absenceRegion": "bayern" } }), &["absenceRegion", "`bayern`"]),
        (json!({ EXT: { "userRole": "Nobody" } }), &["userRole", "`Nobody`"]),
        (json!({ EXT: { "userRole": "Guest" } }), &["userRole", "`Guest`"]),
        (json!({ EXT: { "userRole": "Old" } }), &["userRole", "`Old`"]),
        (json!({ "timezone": "Mars/Base" }), &["timezone", "`Mars/Base`"]),
        (json!({ "title": "x".repeat(101) }), &["title", "100"]),
        (json!({ "userType": "x".repeat(1001) }), &["userType"]),
        (json!({ "addresses": [{ "country": "Entenhausen" }] }), &["country", "`Entenhausen`"]),
        (json!({ "emails": [{ "value": format!("{}@w.example", "x".repeat(254)) }] }), &["emails"]),
    ] {
        let world = World::new().await;
        let id = world
            .create(with(
                "lea",
                json!({
                    "title": "T", "userType": "P", "timezone": "Europe/Rome",
                    "addresses": [{ "type": "work", "country": "DE" }],
                    EXT: { "teams": "Ops", "userRole": "User", "absenceRegion": "Bayern" },
                }),
            ))
            .await
            .unwrap()["id"]
            .clone();
        let id = id.as_str().unwrap();
        let mut expected = world.get("User", id).await.unwrap();
        let active = refused_alone(&world, id, &attributes).await;
        let mut body = attributes.clone();
        body["active"] = json!(false);
        let answer = world.put_answer("User", id, user(body)).await.unwrap();
        assert_eq!(answer.warnings.len(), 1, "{attributes}");
        for word in words {
            assert!(answer.warnings[0].contains(word), "{word} in {}", answer.warnings[0]);
        }
        expected["active"] = json!(false);
        expected["meta"] = answer.resource["meta"].clone();
        assert_eq!(Value::Object(answer.resource), expected, "{attributes}: the rest stays ({active})");
    }
}

/// Without the deactivation the same request is refused.
async fn refused_alone(world: &World, id: &str, attributes: &Value) -> bool {
    refused(world.put("User", id, user(attributes.clone())).await, INVALID, &[]);
    world.get("User", id).await.unwrap()["active"] == true
}

/// what is required is required of a deactivation too, and what fits is applied.
#[tokio::test]
async fn deactivation_with_other_values() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    for attributes in [json!({ "userName": "cleo" }), json!({ "name": { "givenName": "" } })] {
        let mut body = attributes;
        body["active"] = json!(false);
        refused(world.put("User", &id, user(body)).await, INVALID, &[]);
    }
    let body = json!({ "active": false, "title": "Gone", EXT: { "userRole": "Viewer" } });
    let off = world.put("User", &id, user(body)).await.unwrap();
    assert_eq!((&off["title"], &off[EXT]["userRole"]), (&json!("Gone"), &json!("Viewer")));
    // Nothing but a deactivation outranks, be the person active or not.
    for (name, body) in [
        ("ada", json!({ "active": true, EXT: { "teams": "Gone" } })),
        ("ada", json!({ EXT: { "teams": "Gone" } })),
        ("dan", json!({ EXT: { "teams": "Gone" } })),
        ("dan", json!({ "active": true, EXT: { "teams": "Gone" } })),
    ] {
        refused(world.put("User", &world.person(name).await, user(body)).await, INVALID, &["`Gone`"]);
    }
    let create = with("lea", json!({ "active": false, EXT: { "userRole": "Nobody" } }));
    refused(world.create(create).await, INVALID, &["`Nobody`"]);
}

/// D-70, A-27, D-33: the last active admin stays, however the request would end that.
#[tokio::test]
async fn the_last_admin_stays() {
    let world = World::new().await;
    let (ada, bob, admins) =
        (world.person("ada").await, world.person("bob").await, world.group("Admin").await);
    world.set(&bob, "active", json!(false)).await.unwrap();
    assert_eq!(world.admins().await, 1);
    let before = (world.all("User").await, world.seats().await);
    let path = format!("{EXT}:userRole");
    let title = |active: bool| user(json!({ "active": active, "title": "x" }));
    refused(world.set(&ada, "active", json!("False")).await, LAST_ADMIN, &["active", "last active admin"]);
    refused(world.put("User", &ada, title(false)).await, LAST_ADMIN, &["active"]);
    refused(world.set(&ada, &path, json!("User")).await, LAST_ADMIN, &["userRole"]);
    refused(world.delete("User", &ada).await, LAST_ADMIN, &["deleted"]);
    for operation in [
        json!({ "op": "remove", "path": format!("members[value eq \"{ada}\"]") }),
        json!({ "op": "remove", "path": "members" }),
        json!({ "op": "replace", "path": "members", "value": [] }),
        json!({ "op": "replace", "path": "members", "value": [{ "value": bob }] }),
    ] {
        refused(world.patch("Group", &admins, json!([operation])).await, LAST_ADMIN, &["members: "]);
    }
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "members": [] });
    refused(world.put("Group", &admins, group).await, LAST_ADMIN, &["members: "]);
    let viewer = world.group("Viewer").await;
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": ada }] }]);
    refused(world.patch("Group", &viewer, add).await, LAST_ADMIN, &["members: "]);
    assert_eq!((world.all("User").await, world.seats().await), before);
    // What takes no admin away is no concern of the rule.
    world.put("User", &ada, title(true)).await.unwrap();
    world.set(&bob, &path, json!("User")).await.unwrap();
}

/// D-70: one request hands over from the last admin to another.
#[tokio::test]
async fn a_hand_over() {
    let world = World::new().await;
    let (ada, bob, admins) =
        (world.person("ada").await, world.person("bob").await, world.group("Admin").await);
    world.set(&bob, &format!("{EXT}:userRole"), json!("User")).await.unwrap();
    let swap = json!([{ "op": "replace", "path": "members", "value": [{ "value": bob }] }]);
    world.patch("Group", &admins, swap).await.unwrap();
    assert_eq!((world.role_of(&ada).await, world.role_of(&bob).await), (json!("Viewer"), json!("Admin")));
    assert_eq!(world.admins().await, 1);
}

/// A-42, D-60, D-61: nor does a login that the person cannot have stop a deactivation; it stays as it was.
#[tokio::test]
async fn deactivation_with_another_login() {
    for (name, email, words) in [
        ("dan", "ada@w.example", &["userName", "`ada@w.example`", "(duplication-violation)"][..]),
        ("bob", "cleo@w.example", &["userName", "`cleo@w.example`", "(duplication-violation)"]),
        ("cleo", "new@w.example", &["userName", "`new@w.example`", "(illegal-property-transition)"]),
    ] {
        for emails in [None, Some(json!([{ "type": "work", "value": "x@w.example", "primary": true }]))] {
            let world = World::new().await;
            let id = world.person(name).await;
            let (before, account) = (world.get("User", &id).await.unwrap(), world.account_of(&id).await);
            let mut body = json!({ "userName": email, "active": false, "title": "Gone" });
            if let Some(emails) = &emails {
                body["emails"] = emails.clone();
            }
            let off = world.put_answer("User", &id, user(body)).await.unwrap();
            assert_eq!(off.warnings.len(), 1, "{:?}", off.warnings);
            for word in words {
                assert!(off.warnings[0].contains(word), "{word} in {}", off.warnings[0]);
            }
            let off = off.resource;
            assert_eq!((&off["active"], &off["title"]), (&json!(false), &json!("Gone")));
            assert_eq!(off["userName"], before["userName"]);
            assert_eq!(off["emails"], emails.unwrap_or(before["emails"].clone()));
            assert_eq!(world.account_of(&id).await, account);
        }
    }
    let world = World::new().await;
    let bob = world.person("bob").await;
    world.set(&bob, "active", json!(false)).await.unwrap();
    let body = json!({ "userName": "cleo@w.example", "active": false });
    refused(world.put("User", &world.person("ada").await, user(body)).await, LAST_ADMIN, &["active"]);
}
