//! The role of a person: exactly one, by exact name.

use scim_awork::{RoleKind, WorkspaceSetup};
use serde_json::{Value, json};

use crate::world::{EXT, INVALID, World, minimal, person, refused, role, setup, user, with};

async fn set_role(world: &World, id: &str, role: Value) -> Result<Value, scim_core::Problem> {
    world.set(id, &format!("{EXT}:userRole"), role).await
}

/// D-66, D-8, D-69: the role is assigned by name, and takes the place of the one before.
#[tokio::test]
async fn assigned_by_name() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    for name in ["Viewer", "Admin", "User"] {
        let changed = set_role(&world, &id, json!(name)).await.unwrap();
        assert_eq!(changed[EXT]["userRole"], name);
        let groups = changed["groups"].as_array().unwrap();
        assert_eq!((groups.len(), &groups[0]["display"]), (1, &json!(name)));
        for other in ["Viewer", "Admin", "User"] {
            assert_eq!(world.members(other).await.contains(&id), other == name, "{other}");
        }
    }
    let lea = world.create(with("lea", json!({ EXT: { "userRole": "Admin" } }))).await.unwrap();
    assert_eq!(lea[EXT]["userRole"], "Admin");
    assert_eq!(world.admins().await, 3);
}

/// D-63, A-15: another case, blanks or no such name: refused, on create and on update.
#[tokio::test]
async fn exact_names_only() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    let before = world.all("User").await;
    for (sent, word) in [("admin", "`Admin`"), ("Admin ", "`Admin`"), ("Boss", "`Boss`")] {
        refused(set_role(&world, &id, json!(sent)).await, INVALID, &["userRole", word]);
        refused(
            world.create(with("lea", json!({ EXT: { "userRole": sent } }))).await,
            INVALID,
            &["userRole", word],
        );
    }
    assert_eq!(world.all("User").await, before);
}

/// D-67, D-79, A-21: guest, archived and agent roles are never assigned.
#[tokio::test]
async fn some_roles_are_never_assigned() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    let before = world.all("User").await;
    for sent in ["Guest", "Old", "Agent"] {
        let words = ["userRole", sent];
        refused(set_role(&world, &id, json!(sent)).await, INVALID, &words);
        refused(world.put("User", &id, user(json!({ EXT: { "userRole": sent } }))).await, INVALID, &words);
        refused(world.create(with("lea", json!({ EXT: { "userRole": sent } }))).await, INVALID, &words);
    }
    assert_eq!(world.all("User").await, before);
}

/// A-16, D-80: guests are synced and stay guests, unless another role is sent.
#[tokio::test]
async fn guests_are_synced() {
    let world = World::new().await;
    for (name, role) in [("gus", "Guest"), ("olga", "Old")] {
        let id = world.person(name).await;
        for body in [
            json!({ "name": { "familyName": "Grissom" } }),
            json!({ "title": "x", EXT: { "userRole": role } }),
        ] {
            assert_eq!(world.put("User", &id, user(body)).await.unwrap()[EXT]["userRole"], role);
        }
        assert_eq!(world.get("User", &id).await.unwrap()["name"]["familyName"], "Grissom");
        assert_eq!(set_role(&world, &id, json!("User")).await.unwrap()[EXT]["userRole"], "User");
        refused(set_role(&world, &id, json!(role)).await, INVALID, &[role]);
    }
}

/// D-66, A-17: a role is not removed; null, empty text and a removal change nothing, and say so.
#[tokio::test]
async fn a_role_is_not_removed() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    let before = world.get("User", &id).await.unwrap();
    let path = format!("{EXT}:userRole");
    for operation in [
        json!({ "op": "replace", "path": path, "value": "" }),
        json!({ "op": "replace", "path": path, "value": " " }),
        json!({ "op": "replace", "path": path, "value": null }),
        json!({ "op": "remove", "path": path }),
    ] {
        let answer = world.patch_answer("User", &id, json!([operation])).await.unwrap();
        assert_eq!(answer.warnings, ["userRole: cannot be removed, the value stays"]);
        assert_eq!(Value::Object(answer.resource), before);
    }
    for sent in [json!(null), json!("")] {
        let answer = world.put_answer("User", &id, user(json!({ EXT: { "userRole": sent } }))).await.unwrap();
        assert_eq!((answer.warnings.len(), Value::Object(answer.resource)), (1, before.clone()));
        let lea = world.create(with("lea", json!({ EXT: { "userRole": sent } }))).await.unwrap();
        assert_eq!(lea[EXT]["userRole"], "Viewer");
        world.delete("User", lea["id"].as_str().unwrap()).await.unwrap();
    }
}

/// operations follow one another, so what a later one cannot remove is what an earlier one has set.
#[tokio::test]
async fn a_removal_keeps_what_was_set_before() {
    for (attribute, set, was) in [("userRole", "Viewer", "User"), ("absenceRegion", "Bayern", "Berlin")] {
        let path = format!("{EXT}:{attribute}");
        let replace = |value: &str| json!({ "op": "replace", "path": path, "value": value });
        let remove = json!({ "op": "remove", "path": path });
        for (operations, now, warnings) in [
            (json!([replace(set), remove]), set, 1),
            (json!([replace(set), replace("")]), set, 1),
            (json!([replace(set), replace(" "), remove]), set, 1),
            (json!([replace("Nobody"), replace(set), remove, remove]), set, 1),
            // The other of the two is not removed either, and says so too.
            (json!([replace(set), { "op": "remove", "path": EXT }]), set, 2),
            (json!([remove, replace(set)]), set, 0),
            (json!([replace(set), remove, replace(was)]), was, 0),
            (json!([remove, replace(" ")]), was, 1),
        ] {
            let world = World::new().await;
            let id = world.person("cleo").await;
            let answer = world.patch_answer("User", &id, operations.clone()).await.unwrap();
            assert_eq!(answer.resource[EXT][attribute], now, "{operations}");
            assert_eq!(answer.warnings.len(), warnings, "{operations}");
        }
        let world = World::new().await;
        let id = world.person("cleo").await;
        let wrong = world.patch("User", &id, json!([replace("Nobody"), remove])).await;
        refused(wrong, INVALID, &[attribute, "`Nobody`"]);
    }
}

/// D-72: nothing but a role or a group changes the role of somebody who is there.
#[tokio::test]
async fn the_role_stays() {
    let world = World::new().await;
    for name in ["ada", "cleo", "gus"] {
        let id = world.person(name).await;
        let before = world.role_of(&id).await;
        world.set(&id, "name.familyName", json!("Other")).await.unwrap();
        let body =
            json!({ "name": { "givenName": "A" }, EXT: { "teams": "Ops", "absenceRegion": "Bayern" } });
        world.put("User", &id, user(body)).await.unwrap();
        assert_eq!(world.role_of(&id).await, before, "{name}");
    }
}

/// D-71, A-23: without a role a new user gets the one with the fewest permissions, never admin.
#[tokio::test]
async fn the_default_role() {
    let world = World::of(&WorkspaceSetup {
        roles: vec![
            role("Admin", RoleKind::Admin, 0, 0),
            role("Reader", RoleKind::Ordinary, 0, 50),
            role("Writer", RoleKind::Ordinary, 1, 0),
            role("Guest", RoleKind::Guest, 0, 0),
            role("Old", RoleKind::Archived, 0, 0),
        ],
        people: vec![person("ada", "Admin", true)],
        ..setup()
    })
    .await;
    assert_eq!(world.create(minimal("lea")).await.unwrap()[EXT]["userRole"], "Reader");
    let alike = World::of(&WorkspaceSetup {
        roles: vec![
            role("Admin", RoleKind::Admin, 9, 9),
            role("Older", RoleKind::Ordinary, 1, 1),
            role("Newer", RoleKind::Ordinary, 1, 1),
        ],
        people: vec![person("ada", "Admin", true)],
        ..setup()
    })
    .await;
    assert_eq!(alike.create(minimal("lea")).await.unwrap()[EXT]["userRole"], "Older");
    let lone = World::of(&WorkspaceSetup {
        roles: vec![role("Admin", RoleKind::Admin, 9, 9), role("Guest", RoleKind::Guest, 0, 0)],
        people: vec![person("ada", "Admin", true)],
        ..setup()
    })
    .await;
    refused(lone.create(minimal("lea")).await, INVALID, &["userRole", "never given by default"]);
    lone.create(with("lea", json!({ EXT: { "userRole": "Admin" } }))).await.unwrap();
}

/// A-24, D-78: `groups` of a user is read-only: it is ignored, `userRole` counts.
#[tokio::test]
async fn groups_of_a_user_are_ignored() {
    let world = World::new().await;
    let admins = world.group("Admin").await;
    let groups = json!([{ "value": admins }]);
    let body = with("lea", json!({ "groups": groups, EXT: { "userRole": "User" } }));
    let lea = world.create(body).await.unwrap();
    let id = lea["id"].as_str().unwrap();
    assert_eq!(lea["groups"][0]["display"], "User");
    assert_eq!(lea["groups"][0]["value"], world.group("User").await);
    assert_eq!(world.put("User", id, user(json!({ "groups": groups }))).await.unwrap(), lea);
    let patch = json!([{ "op": "replace", "value": { "groups": groups } }]);
    assert_eq!(world.patch("User", id, patch).await.unwrap(), lea);
    let mutability = (400, Some("mutability"), "validation-failed");
    refused(world.set(id, "groups", groups).await, mutability, &["groups"]);
}
