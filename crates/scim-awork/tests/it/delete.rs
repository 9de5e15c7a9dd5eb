//! Deleting people, and people who come back.

use serde_json::{Value, json};

use crate::world::{EXT, NO_SEAT, NOT_FOUND, World, minimal, refused, with};

/// a deleted user is deactivated and hidden, and nothing is lost.
#[tokio::test]
async fn a_deleted_user_is_hidden() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    let (used, booked) = world.seats().await;
    let record = world.user_record(&id).await;
    world.delete("User", &id).await.unwrap();
    refused(world.get("User", &id).await, NOT_FOUND, &["User", &id]);
    refused(world.set(&id, "title", json!("x")).await, NOT_FOUND, &[&id]);
    refused(world.put("User", &id, minimal("cleo")).await, NOT_FOUND, &[&id]);
    refused(world.delete("User", &id).await, NOT_FOUND, &[&id]);
    assert_eq!(world.find("User", "userName eq \"cleo@w.example\"").await, [] as [Value; 0]);
    assert!(!world.members("User").await.contains(&id));
    assert_eq!(world.seats().await, (used - 3, booked));
    let after = world.user_record(&id).await;
    let mut document = record.document.clone();
    document.set(None, "active", Some(json!(false)));
    assert_eq!((after.visible, after.document), (false, document));
}

/// a create with that user name brings the same user back, with what was not sent.
#[tokio::test]
async fn a_deleted_user_comes_back() {
    let world = World::new().await;
    let body = with(
        "lea",
        json!({
            "title": "Dr.",
            "timezone": "Europe/Rome",
            "phoneNumbers": [{ "value": "1", "type": "work" }],
            "externalId": "old",
            EXT: { "userRole": "User", "teams": "Sales, Ops", "absenceRegion": "Bayern" },
        }),
    );
    let first = world.create(body).await.unwrap();
    let id = first["id"].as_str().unwrap();
    let seats = world.seats().await;
    world.delete("User", id).await.unwrap();
    let sent = json!({
        "userName": " LEA@w.example",
        "name": { "givenName": "Lea", "familyName": "Berg" },
        "title": null,
        "externalId": "new",
        EXT: { "absenceRegion": "" },
    });
    let again = world.create(with("lea", sent)).await.unwrap();
    assert_eq!(again["id"], first["id"]);
    assert_eq!(again["userName"], "LEA@w.example");
    assert_eq!(again["name"], json!({ "givenName": "Lea", "familyName": "Berg" }));
    assert_eq!(
        (&again["active"], &again["externalId"], again.get("title")),
        (&json!(true), &json!("new"), None)
    );
    for kept in ["timezone", "phoneNumbers", EXT, "groups"] {
        assert_eq!(again[kept], first[kept], "{kept}");
    }
    assert_eq!(world.seats().await, seats);
    assert_eq!(world.account_of(id).await.1.email, "LEA@w.example");
    refused(world.create(minimal("lea")).await, (409, Some("uniqueness"), "already-exist-error"), &[]);
}

/// A-25, D-22: coming back takes a seat like any activation; without one the user stays hidden.
#[tokio::test]
async fn coming_back_needs_a_seat() {
    let world = World::with_seats(5).await;
    let (cleo, dan) = (world.person("cleo").await, world.person("dan").await);
    world.delete("User", &cleo).await.unwrap();
    world.set(&dan, "active", json!(true)).await.unwrap();
    refused(world.create(minimal("cleo")).await, NO_SEAT, &[]);
    refused(world.get("User", &cleo).await, NOT_FOUND, &[]);
    let idle = world.create(with("cleo", json!({ "active": false }))).await.unwrap();
    assert_eq!((&idle["id"], &idle["active"]), (&json!(cleo), &json!(false)));
    assert_eq!(world.seats().await, (13, 15));
}

/// whoever comes back needs a name like anyone who is created.
#[tokio::test]
async fn coming_back_needs_a_name() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    world.delete("User", &id).await.unwrap();
    let body = with("cleo", json!({ "name": { "familyName": "Example" } }));
    refused(world.create(body).await, crate::world::INVALID, &["name.givenName"]);
    refused(world.get("User", &id).await, NOT_FOUND, &[]);
}

/// A-25, D-72: who was admin is admin again; who was a guest is a guest.
#[tokio::test]
async fn coming_back_with_the_role() {
    let world = World::new().await;
    for (name, role) in [("ada", "Admin"), ("gus", "Guest"), ("olga", "Old")] {
        let counts = (world.admins().await, world.seats().await);
        let id = world.person(name).await;
        world.delete("User", &id).await.unwrap();
        let back = world.create(minimal(name)).await.unwrap();
        assert_eq!((&back["id"], &back[EXT]["userRole"]), (&json!(id), &json!(role)));
        assert_eq!((world.admins().await, world.seats().await), counts, "{name}");
    }
    let id = world.person("cleo").await;
    world.delete("User", &id).await.unwrap();
    let back =
        world.create(with("cleo", json!({ EXT: { "userRole": "Viewer", "teams": "Ops" } }))).await.unwrap();
    assert_eq!((&back[EXT]["userRole"], &back[EXT]["teams"]), (&json!("Viewer"), &json!("Ops")));
}

/// D-61, A-25: the e-mail of a user deleted by SCIM is not free for others; only awork can free it.
#[tokio::test]
async fn a_deleted_user_keeps_the_account() {
    let world = World::new().await;
    world.delete("User", &world.person("dan").await).await.unwrap();
    let taken = world.set(&world.person("ada").await, "userName", json!("dan@w.example")).await;
    refused(
        taken,
        (409, Some("uniqueness"), "duplication-violation"),
        &["userName", "dan@w.example", "in awork"],
    );
}
