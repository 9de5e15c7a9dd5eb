//! Creating, finding and changing people.

use serde_json::json;

use crate::world::{EXT, World, minimal};

/// D-3, D-21, D-71: first name, last name and e-mail are enough; the rest has a default.
#[tokio::test]
async fn the_minimal_person() {
    let world = World::new().await;
    let user = world.create(minimal("lea")).await.unwrap();
    assert_eq!(user["active"], true);
    assert_eq!(user["preferredLanguage"], "de-DE");
    assert_eq!(user["emails"], json!([{ "value": "lea@w.example", "type": "work", "primary": true }]));
    assert_eq!(user[EXT], json!({ "absenceRegion": "Berlin", "userRole": "Viewer" }));
    assert_eq!(user["groups"][0]["display"], "Viewer");
    assert_eq!(user["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User", EXT]));
    assert_eq!(world.find("User", "userName eq \"LEA@w.example\"").await, [user]);
}

/// D-13, A-44: everyone is found, deactivated people and guests too.
#[tokio::test]
async fn everyone_is_visible() {
    let world = World::new().await;
    let names: Vec<_> =
        world.all("User").await.iter().map(|user| user["name"]["givenName"].clone()).collect();
    assert_eq!(names, ["ada", "bob", "cleo", "dan", "gus"]);
    assert_eq!(world.find("User", "active eq false").await[0]["name"]["givenName"], "dan");
}

/// D-45, A-21, A-22: guest and archived roles are no groups, and a guest shows none.
#[tokio::test]
async fn listed_roles() {
    let world = World::new().await;
    let names: Vec<_> = world.all("Group").await.iter().map(|group| group["displayName"].clone()).collect();
    assert_eq!(names, ["Admin", "User", "Viewer"]);
    let gus = world.get("User", &world.person("gus").await).await.unwrap();
    assert_eq!(gus.get("groups"), None);
    assert_eq!(gus[EXT]["userRole"], "Guest");
}
