//! Nobody but the person a request is about is changed, and no other workspace is seen.

use std::collections::BTreeMap;

use scim_awork::account_key;
use scim_core::{End, Links};
use scim_engine::store::{LinksKey, ReadKey, ReadValue, RecordKey};
use serde_json::{Value, json};

use crate::world::{EXT, INVALID, NOT_FOUND, World, minimal, refused, user, with};

/// All there is to know of a user, byte for byte: record, links, account, and what clients see of it.
async fn snapshot(world: &World, id: &str) -> String {
    let record = world.user_record(id).await;
    let account = record.extra["account"].as_str().unwrap();
    let mut all = format!("{record:?}\n{:?}", world.record(account_key(account)).await);
    for relation in ["role", "team", "region"] {
        let links = Links { relation, end: End::Member, shows_hidden: true, nested: false };
        let of = RecordKey::new(&world.space(), "User", id);
        let key = LinksKey { of, links, only: None, limit: 100 };
        let ReadValue::FarEnds(ends) = world.read(ReadKey::Links(key)).await else { unreachable!() };
        all.push_str(&format!("\n{relation} {:?}", ends.iter().map(|end| &end.id).collect::<Vec<_>>()));
    }
    if let Ok(shown) = world.get("User", id).await {
        all.push_str(&format!("\n{shown}"));
    }
    all
}

async fn everyone(world: &World) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for n in 0..400 {
        for id in [format!("s-{n}"), format!("n-{n}")] {
            if world.record(RecordKey::new(&world.space(), "User", &id)).await.is_some() {
                all.insert(id.clone(), snapshot(world, &id).await);
            }
        }
    }
    all
}

/// D-7: every kind of write changes the one it addresses and no other, be it taken or refused.
#[tokio::test]
async fn others_stay_byte_for_byte() {
    let world = World::new().await;
    let cleo = world.person("cleo").await;
    let (users, viewers, admins) =
        (world.group("User").await, world.group("Viewer").await, world.group("Admin").await);
    world.set(&world.person("ada").await, &format!("{EXT}:teams"), json!("Ops, Design")).await.unwrap();
    let member = json!([{ "value": cleo }]);
    let patch =
        |kind: &'static str, id: &str, operation: Value| ("PATCH", kind, id.to_owned(), json!([operation]));
    let writes = [
        (
            "PUT",
            "User",
            cleo.clone(),
            user(json!({ "name": { "givenName": "C", "familyName": "S" }, "title": "x" })),
        ),
        (
            "PUT",
            "User",
            cleo.clone(),
            user(json!({ "timezone": "Asia/Tokyo", "emails": [], "preferredLanguage": "en" })),
        ),
        patch(
            "User",
            &cleo,
            json!({ "op": "replace", "path": format!("{EXT}:teams"), "value": "Ops, Design" }),
        ),
        patch(
            "User",
            &cleo,
            json!({ "op": "replace", "path": format!("{EXT}:absenceRegion"), "value": "Bayern" }),
        ),
        patch("User", &cleo, json!({ "op": "replace", "path": format!("{EXT}:userRole"), "value": "Admin" })),
        patch("User", &cleo, json!({ "op": "replace", "path": "active", "value": false })),
        patch("User", &cleo, json!({ "op": "replace", "path": "active", "value": "True" })),
        patch("User", &cleo, json!({ "op": "replace", "path": "userName", "value": "CLEO@w.example" })),
        patch("User", &cleo, json!({ "op": "replace", "path": "userName", "value": "ada@w.example" })),
        patch("User", &cleo, json!({ "op": "replace", "path": format!("{EXT}:teams"), "value": "Gone" })),
        patch("Group", &viewers, json!({ "op": "add", "path": "members", "value": member })),
        patch("Group", &viewers, json!({ "op": "remove", "path": "members", "value": member })),
        patch("Group", &users, json!({ "op": "replace", "path": "members", "value": member })),
        patch("Group", &admins, json!({ "op": "add", "path": "members", "value": member })),
        patch("Group", &admins, json!({ "op": "remove", "path": "members", "value": member })),
        ("DELETE", "User", cleo.clone(), Value::Null),
        ("POST", "User", String::new(), minimal("cleo")),
        ("POST", "User", String::new(), with("lea", json!({ EXT: { "teams": "Ops", "userRole": "Admin" } }))),
        ("POST", "User", String::new(), minimal("ada")),
        (
            "POST",
            "Group",
            String::new(),
            json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "User" }),
        ),
        ("DELETE", "Group", users.clone(), Value::Null),
    ];
    // Those who hold the same role as cleo move with the members of a group; none of them is here.
    world.delete("User", &world.person("dan").await).await.unwrap();
    for (verb, kind, id, body) in writes {
        let before = everyone(&world).await;
        let answered = match verb {
            "PUT" => world.put(kind, &id, body.clone()).await.is_ok(),
            "PATCH" => world.patch(kind, &id, body.clone()).await.is_ok(),
            "DELETE" => world.delete(kind, &id).await.is_ok(),
            _ if kind == "User" => world.create(body.clone()).await.is_ok(),
            _ => world.create_group(body.clone()).await.is_ok(),
        };
        let mut after = everyone(&world).await;
        after.retain(|id, _| before.contains_key(id));
        let changed: Vec<_> =
            before.iter().filter(|(id, was)| after.get(*id) != Some(was)).map(|(id, _)| id).collect();
        assert!(changed.is_empty() || (answered && changed == [&cleo]), "{verb} {kind} {body}: {changed:?}");
    }
}

/// D-41, D-7: another workspace is not read, found, counted or changed, though the ids are known.
#[tokio::test]
async fn workspaces_are_apart() {
    let world = World::new().await;
    let second = world.second_workspace().await;
    let (ada, admins) = (world.person("ada").await, world.group("Admin").await);
    let before = everyone(&world).await;
    for id in [&ada, &world.person("gus").await] {
        refused(second.get("User", id).await, NOT_FOUND, &["User"]);
        refused(second.put("User", id, minimal("ada")).await, NOT_FOUND, &["User"]);
        refused(second.set(id, "active", json!(false)).await, NOT_FOUND, &["User"]);
        refused(second.delete("User", id).await, NOT_FOUND, &["User"]);
        for filter in
            [format!("id eq \"{id}\""), "userName co \"w.example\"".to_owned(), "active eq false".to_owned()]
        {
            assert_eq!(second.find("User", &filter).await, [] as [Value; 0], "{filter}");
        }
        let group = second.group("Viewer").await;
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
        refused(second.patch("Group", &group, add).await, INVALID, &["members"]);
    }
    refused(second.get("Group", &admins).await, NOT_FOUND, &["Group"]);
    assert_eq!(second.all("User").await.len(), 1);
    let lea = second.create(minimal("lea")).await.unwrap();
    refused(world.get("User", lea["id"].as_str().unwrap()).await, NOT_FOUND, &[]);
    assert_eq!((second.seats().await, second.admins().await), ((6, 300), 1));
    assert_eq!(everyone(&world).await, before);
}
