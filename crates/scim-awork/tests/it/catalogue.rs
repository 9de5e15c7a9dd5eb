//! Roles, teams and regions that change in awork while a provider knows them.

use serde_json::json;

use crate::world::{EXT, INVALID, World, minimal, refused};

/// D-75, D-76: a role is known by its id; its new name shows in groups and users, and is found.
#[tokio::test]
async fn a_renamed_role() {
    let world = World::new().await;
    let (cleo, users) = (world.person("cleo").await, world.group("User").await);
    let before = world.get("User", &cleo).await.unwrap();
    world.edit_workspace(|workspace| workspace.roles[1].name = "Staff".into()).await;
    let after = world.get("User", &cleo).await.unwrap();
    assert_eq!((&after[EXT]["userRole"], &after["groups"][0]["display"]), (&json!("Staff"), &json!("Staff")));
    assert_eq!(after["groups"][0]["value"], users);
    assert_ne!(after["meta"]["version"], before["meta"]["version"]);
    assert_eq!(world.group("Staff").await, users);
    assert_eq!(world.find("User", &format!("{EXT}:userRole eq \"Staff\"")).await.len(), 2);
    let ada = world.person("ada").await;
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": ada }] }]);
    let group = world.patch("Group", &users, add).await.unwrap();
    assert_eq!((&group["displayName"], world.role_of(&ada).await), (&json!("Staff"), json!("Staff")));
    let path = format!("{EXT}:userRole");
    refused(world.set(&cleo, &path, json!("User")).await, INVALID, &["`User`"]);
    world.set(&ada, &path, json!("Admin")).await.unwrap();
    world.set(&ada, &path, json!("Staff")).await.unwrap();
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "User" }]);
    refused(
        world.patch("Group", &users, rename).await,
        (400, Some("mutability"), "invalid-operation"),
        &["`Staff`"],
    );
}

/// D-76, A-21: a new role is there at the next fetch, an archived one gone; who holds it keeps it.
#[tokio::test]
async fn new_and_archived_roles() {
    let world = World::new().await;
    let (cleo, users) = (world.person("cleo").await, world.group("User").await);
    world
        .edit_workspace(|workspace| {
            let lead =
                scim_awork::Role { id: "lead".into(), name: "Lead".into(), ..workspace.roles[1].clone() };
            workspace.roles[1].is_archived = true;
            workspace.roles.push(lead);
        })
        .await;
    let names: Vec<_> = world.all("Group").await.iter().map(|group| group["displayName"].clone()).collect();
    assert_eq!(names, ["Admin", "Viewer", "Lead"]);
    let user = world.get("User", &cleo).await.unwrap();
    assert_eq!((user.get("groups"), &user[EXT]["userRole"]), (None, &json!("User")));
    let path = format!("{EXT}:userRole");
    world.set(&cleo, &path, json!("User")).await.unwrap();
    refused(world.set(&world.person("ada").await, &path, json!("User")).await, INVALID, &["archived"]);
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": cleo }] }]);
    assert_eq!(world.patch("Group", &users, add.clone()).await.unwrap_err().status, 404);
    world.patch("Group", "lead", add).await.unwrap();
    assert_eq!(world.role_of(&cleo).await, "Lead");
}

/// D-64, D-65: renamed teams and regions show at once, and only the new name is taken.
#[tokio::test]
async fn renamed_teams_and_regions() {
    let world = World::new().await;
    let id = world.create(minimal("lea")).await.unwrap()["id"].as_str().unwrap().to_owned();
    let (teams, region) = (format!("{EXT}:teams"), format!("{EXT}:absenceRegion"));
    world.set(&id, &teams, json!("Sales, Design")).await.unwrap();
    world
        .edit_workspace(|workspace| {
            workspace.teams[1].name = "Vertrieb".into();
            workspace.regions[1].name = "Berlin-Mitte".into();
        })
        .await;
    let after = world.get("User", &id).await.unwrap();
    assert_eq!(after[EXT]["teams"], "Design,Vertrieb");
    assert_eq!(after[EXT]["absenceRegion"], "Berlin-Mitte");
    refused(world.set(&id, &teams, json!("Sales")).await, INVALID, &["`Sales`"]);
    refused(world.set(&id, &region, json!("Berlin")).await, INVALID, &["`Berlin`"]);
    world.set(&id, &teams, json!("Vertrieb, Design")).await.unwrap();
    world.set(&id, &region, json!("Berlin-Mitte")).await.unwrap();
}
