//! Roles as groups.

use scim_core::Problem;
use serde_json::{Value, json};

use crate::world::{EXT, INVALID, NOT_FOUND, World, minimal, refused};

const FORBIDDEN: (u16, Option<&str>, &str) = (403, None, "invalid-operation");

fn members(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}

fn add(ids: &[&str]) -> Value {
    json!({ "op": "add", "path": "members", "value": members(ids) })
}

fn remove(id: &str) -> Value {
    json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") })
}

fn group(attributes: Value) -> Value {
    let mut body = attributes;
    body["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:Group"]);
    body
}

async fn patch(world: &World, name: &str, operations: &[Value]) -> Result<Value, Problem> {
    world.patch("Group", &world.group(name).await, json!(operations)).await
}

/// D-45, A-21, A-22: guest, archived and agent roles are no groups, and who holds one shows none.
#[tokio::test]
async fn listed_roles() {
    let world = World::new().await;
    let names: Vec<_> = world.all("Group").await.iter().map(|group| group["displayName"].clone()).collect();
    assert_eq!(names, ["Admin", "User", "Viewer"]);
    for (name, role) in [("gus", "Guest"), ("olga", "Old")] {
        let user = world.get("User", &world.person(name).await).await.unwrap();
        assert_eq!((user.get("groups"), &user[EXT]["userRole"]), (None, &json!(role)));
    }
    for role in world.workspace().await.0.roles.iter().filter(|role| !role.is_assignable()) {
        refused(world.get("Group", &role.id).await, NOT_FOUND, &["Group", &role.id]);
        let add = json!([add(&[&world.person("cleo").await])]);
        refused(world.patch("Group", &role.id, add).await, NOT_FOUND, &[&role.id]);
    }
}

/// D-74, D-78: a group is a role, its members are who holds it, and users show it.
#[tokio::test]
async fn a_group_is_a_role() {
    let world = World::new().await;
    let (ada, bob, id) = (world.person("ada").await, world.person("bob").await, world.group("Admin").await);
    let admins = world.get("Group", &id).await.unwrap();
    assert_eq!((&admins["id"], &admins["displayName"]), (&json!(id), &json!("Admin")));
    assert_eq!(world.members("Admin").await, [ada.clone(), bob]);
    assert_eq!(admins["members"][0]["display"], "ada Example");
    let groups = &world.get("User", &ada).await.unwrap()["groups"];
    let reference = format!("https://x.example/api/v1/scim/Groups/{id}");
    assert_eq!(*groups, json!([{ "value": id, "display": "Admin", "type": "direct", "$ref": reference }]));
}

/// D-74, A-25: a group changes with the names of its members, and when one goes or comes back.
#[tokio::test]
async fn a_group_changes_with_its_members() {
    let world = World::new().await;
    let (cleo, id) = (world.person("cleo").await, world.group("User").await);
    let mut seen = Vec::new();
    for step in 0..5 {
        match step {
            0 => {}
            1 => drop(world.set(&cleo, "name.familyName", json!("Smith")).await.unwrap()),
            2 => drop(world.set(&cleo, "title", json!("Dr.")).await.unwrap()),
            3 => world.delete("User", &cleo).await.unwrap(),
            _ => drop(world.create(minimal("cleo")).await.unwrap()),
        }
        let group = world.get("Group", &id).await.unwrap();
        seen.push((group["meta"]["version"].clone(), group["members"].to_string().contains("cleo")));
    }
    assert_eq!(seen[1], seen[2]);
    seen.dedup();
    assert_eq!(seen.iter().map(|(_, has_cleo)| *has_cleo).collect::<Vec<_>>(), [true, true, false, true]);
}

/// D-77, D-68, D-8: whoever is added moves in; the old role is gone, and the last word wins.
#[tokio::test]
async fn members_move_in() {
    let world = World::new().await;
    let (cleo, dan, gus) = (world.person("cleo").await, world.person("dan").await, world.person("gus").await);
    patch(&world, "Viewer", &[add(&[&cleo, &dan, &gus])]).await.unwrap();
    assert_eq!(world.members("Viewer").await, [cleo.clone(), dan.clone(), gus.clone()]);
    assert_eq!(world.members("User").await, [] as [&str; 0]);
    patch(&world, "Admin", &[add(&[&cleo])]).await.unwrap();
    patch(&world, "User", &[add(&[&cleo, &dan])]).await.unwrap();
    for (id, role) in [(&cleo, "User"), (&dan, "User"), (&gus, "Viewer")] {
        assert_eq!(world.role_of(id).await, role);
    }
    assert_eq!(world.get("User", &dan).await.unwrap()["active"], false);
    assert_eq!((world.admins().await, world.seats().await.0), (2, 15));
}

/// whoever is removed falls back to the default role, active or not; elsewhere nothing happens.
#[tokio::test]
async fn whoever_is_removed_falls_back() {
    let world = World::new().await;
    let (bob, cleo, dan) = (world.person("bob").await, world.person("cleo").await, world.person("dan").await);
    let listed = json!({ "op": "Remove", "path": "members", "value": members(&[&cleo]) });
    patch(&world, "User", &[listed, remove(&dan)]).await.unwrap();
    patch(&world, "Admin", &[remove(&bob)]).await.unwrap();
    for id in [&bob, &cleo, &dan] {
        assert_eq!(world.role_of(id).await, "Viewer");
    }
    assert_eq!(world.admins().await, 1);
    let before = (world.all("Group").await, world.all("User").await);
    for name in ["Viewer", "User", "Admin"] {
        patch(&world, name, &[remove(&cleo), remove("nobody")]).await.unwrap();
    }
    assert_eq!((world.all("Group").await, world.all("User").await), before);
}

/// A-18, D-77: one request that adds and removes, in both orders: the last word on a member counts.
#[tokio::test]
async fn adding_and_removing_in_one_request() {
    let world = World::new().await;
    let (cleo, dan) = (world.person("cleo").await, world.person("dan").await);
    for (operations, roles) in [
        ([add(&[&cleo]), remove(&cleo)], ["User", "User"]),
        ([remove(&cleo), add(&[&cleo])], ["Admin", "User"]),
        ([remove(&cleo), add(&[&dan])], ["Viewer", "Admin"]),
        ([add(&[&cleo]), remove(&dan)], ["Admin", "Viewer"]),
        ([add(&[&dan]), remove(&cleo)], ["Viewer", "Admin"]),
        ([remove(&dan), add(&[&dan])], ["Viewer", "Admin"]),
    ] {
        patch(&world, "Admin", &operations).await.unwrap();
        assert_eq!([world.role_of(&cleo).await, world.role_of(&dan).await], roles, "{operations:?}");
    }
    // Okta removes from one group and adds to another in any order.
    patch(&world, "User", &[add(&[&dan])]).await.unwrap();
    patch(&world, "Admin", &[remove(&dan)]).await.unwrap();
    assert_eq!(world.role_of(&dan).await, "User");
}

/// a list takes the place of the members; a request without one changes nobody.
#[tokio::test]
async fn replacing_the_members() {
    let world = World::new().await;
    let (ada, bob, cleo) = (world.person("ada").await, world.person("bob").await, world.person("cleo").await);
    let admins = world.group("Admin").await;
    let before = world.all("User").await;
    for body in [json!({ "displayName": "Admin" }), json!({ "displayName": "Boss" }), json!({})] {
        assert_eq!(world.put("Group", &admins, group(body)).await.unwrap()["displayName"], "Admin");
    }
    assert_eq!(world.all("User").await, before);
    let body = group(json!({ "displayName": "Admin", "members": members(&[&bob, &cleo]) }));
    world.put("Group", &admins, body).await.unwrap();
    assert_eq!(world.members("Admin").await, [bob.clone(), cleo.clone()]);
    assert_eq!(world.role_of(&ada).await, "Viewer");
    let replace = json!({ "op": "replace", "path": "members", "value": members(&[&ada]) });
    patch(&world, "Admin", &[replace]).await.unwrap();
    assert_eq!(world.members("Admin").await, std::slice::from_ref(&ada));
    assert_eq!(world.members("Viewer").await, [ada, bob, cleo][1..]);
}

/// an empty list removes everyone; those of the default role have nowhere to fall.
#[tokio::test]
async fn no_members_at_all() {
    let world = World::new().await;
    let (cleo, dan) = (world.person("cleo").await, world.person("dan").await);
    let empty = |value: Value| json!({ "op": "replace", "path": "members", "value": value });
    for operation in [empty(json!([])), empty(json!(null)), json!({ "op": "remove", "path": "members" })] {
        patch(&world, "User", &[add(&[&cleo, &dan])]).await.unwrap();
        patch(&world, "User", &[operation]).await.unwrap();
        assert_eq!(world.members("User").await, [] as [&str; 0]);
        assert_eq!(world.members("Viewer").await, [cleo.clone(), dan.clone()]);
    }
    let viewers = world.group("Viewer").await;
    let before = world.all("User").await;
    for body in [json!({ "members": [] }), json!({ "members": null })] {
        world.put("Group", &viewers, group(body)).await.unwrap();
    }
    assert_eq!(world.all("User").await, before);
}

/// A-20, D-73: the name is ignored where it comes along, and refused where it is what the request is about.
#[tokio::test]
async fn renaming() {
    let world = World::new().await;
    let id = world.group("User").await;
    let before = world.get("Group", &id).await.unwrap();
    for operation in [
        json!({ "op": "replace", "value": { "id": id, "displayName": "Okta users" } }),
        json!({ "op": "replace", "value": { "displayName": "Okta users", "externalId": null } }),
        json!({ "op": "add", "value": { "displayName": "Okta users" } }),
        json!({ "op": "replace", "path": "displayName", "value": "User" }),
    ] {
        assert_eq!(world.patch("Group", &id, json!([operation])).await.unwrap(), before);
    }
    let refusal = (400, Some("mutability"), "invalid-operation");
    for (name, op) in [("Okta users", "replace"), ("user", "Replace"), ("Admin", "add")] {
        let operations = json!([
            add(&[&world.person("ada").await]),
            { "op": op, "path": "displayName", "value": name },
        ]);
        let words = ["displayName", "`User`", name];
        refused(world.patch("Group", &id, operations).await, refusal, &words);
    }
    assert_eq!(world.get("Group", &id).await.unwrap(), before);
}

/// members who are not there: unknown ids, ids of groups, technical and deleted users.
#[tokio::test]
async fn unknown_members() {
    let world = World::new().await;
    let second = world.second_workspace().await;
    let deleted = world.person("dan").await;
    world.delete("User", &deleted).await.unwrap();
    let stranger = second.all("User").await[0]["id"].as_str().unwrap().to_owned();
    let hidden: Vec<String> = (0..100).map(|n| format!("s-{n}")).collect();
    let mut technical = Vec::new();
    for id in hidden {
        use scim_engine::store::RecordKey;
        let record = world.record(RecordKey::new(&world.space(), "User", &id)).await;
        technical.extend(record.filter(|record| !record.visible).map(|_| id));
    }
    assert_eq!(technical.len(), 5, "four technical users and the deleted one");
    let before = (world.all("Group").await, world.all("User").await);
    let group = world.group("Viewer").await;
    let ids = technical.iter().chain([&deleted, &stranger, &group]).map(String::as_str);
    for id in ids.chain(["nobody", ""]) {
        let operations = [add(&[&world.person("cleo").await, id])];
        refused(patch(&world, "User", &operations).await, INVALID, &["members"]);
    }
    assert_eq!((world.all("Group").await, world.all("User").await), before);
}

/// D-73, D-46, A-50: groups are neither created nor deleted; an existing name is a conflict, to be linked.
#[tokio::test]
async fn creating_and_deleting() {
    let world = World::new().await;
    let before = world.all("Group").await;
    for name in ["User", "uSER"] {
        let conflict = (409, Some("uniqueness"), "already-exist-error");
        let body = group(json!({ "displayName": name }));
        refused(world.create_group(body).await, conflict, &["displayName", "the role `User` exists"]);
    }
    for name in ["Boss", "Guest", "Old"] {
        let body = group(json!({ "displayName": name, "members": members(&[&world.person("ada").await]) }));
        let words = ["displayName", &format!("none that SCIM assigns is named `{name}`")];
        refused(world.create_group(body).await, FORBIDDEN, &words);
    }
    for name in ["User", "Admin"] {
        let id = world.group(name).await;
        refused(world.delete("Group", &id).await, FORBIDDEN, &["roles", name]);
    }
    refused(world.delete("Group", "nobody").await, NOT_FOUND, &[]);
    assert_eq!(world.all("Group").await, before);
}

/// D-50, A-49: Entra ID reads groups and writes none, whatever the request.
#[tokio::test]
async fn entra_reads_only() {
    let world = World::new().await.for_provider("entra-id");
    let (id, cleo) = (world.group("Viewer").await, world.person("cleo").await);
    let before = world.get("Group", &id).await.unwrap();
    let words = ["members", "Entra ID", "userRole"];
    refused(world.patch("Group", &id, json!([add(&[&cleo])])).await, FORBIDDEN, &words);
    refused(world.patch("Group", &id, json!([remove(&cleo)])).await, FORBIDDEN, &words);
    refused(world.put("Group", &id, group(json!({}))).await, FORBIDDEN, &words);
    refused(world.create_group(group(json!({ "displayName": "Viewer" }))).await, FORBIDDEN, &words);
    refused(world.delete("Group", &id).await, FORBIDDEN, &words);
    assert_eq!(world.get("Group", &id).await.unwrap(), before);
    let role = world.set(&cleo, &format!("{EXT}:userRole"), json!("Viewer")).await;
    assert_eq!(role.unwrap()[EXT]["userRole"], "Viewer");
    for provider in ["okta", "onelogin", "generic", "unheard-of"] {
        let world = World::new().await.for_provider(provider);
        patch(&world, "Viewer", &[add(&[&world.person("cleo").await])]).await.unwrap();
    }
}

/// D-77, D-69: three hundred members at once, in and out.
#[tokio::test]
async fn many_members() {
    let world = World::with_seats(400).await;
    let mut ids = Vec::new();
    for n in 0..300 {
        let user = world.create(minimal(&format!("p{n}"))).await.unwrap();
        ids.push(user["id"].as_str().unwrap().to_owned());
    }
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    patch(&world, "Admin", &[add(&all)]).await.unwrap();
    assert_eq!((world.members("Admin").await.len(), world.admins().await), (302, 302));
    assert_eq!(world.members("Viewer").await.len(), 0);
    let most = json!({ "op": "replace", "path": "members", "value": members(&all[..10]) });
    patch(&world, "Admin", &[most]).await.unwrap();
    assert_eq!((world.members("Admin").await.len(), world.admins().await), (10, 10));
    assert_eq!(world.members("Viewer").await.len(), 292);
}
