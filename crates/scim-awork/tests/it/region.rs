//! The absence region of a person: at most one, by exact name, never taken away.

use scim_awork::WorkspaceSetup;
use serde_json::{Value, json};

use crate::world::{EXT, INVALID, World, minimal, refused, setup, user, with};

async fn set_region(world: &World, id: &str, region: Value) -> Result<Value, scim_core::Problem> {
    world.set(id, &format!("{EXT}:absenceRegion"), region).await
}

/// D-65, D-8: the region takes the place of the one before.
#[tokio::test]
async fn assigned_by_name() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    for name in ["Bayern", "Berlin", "Bayern"] {
        assert_eq!(set_region(&world, &id, json!(name)).await.unwrap()[EXT]["absenceRegion"], name);
        let filter = format!("userName sw \"cleo\" and {EXT}:absenceRegion eq {}", json!(name));
        assert_eq!(world.find("User", &filter).await.len(), 1);
    }
}

/// D-63: exact names only, on create and on update.
#[tokio::test]
async fn exact_names_only() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    let before = world.all("User").await;
    for (sent, word) in [("bayern", "`Bayern`"), ("Bayern ", "`Bayern`"), ("Hessen", "`Hessen`")] {
        let words = ["absenceRegion", word];
        refused(set_region(&world, &id, json!(sent)).await, INVALID, &words);
        refused(world.create(with("lea", json!({ EXT: { "absenceRegion": sent } }))).await, INVALID, &words);
    }
    assert_eq!(world.all("User").await, before);
}

/// D-65, A-17: null, empty text and a removal change nothing, and say so.
#[tokio::test]
async fn a_region_is_not_removed() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    let before = world.get("User", &id).await.unwrap();
    let path = format!("{EXT}:absenceRegion");
    for operation in [
        json!({ "op": "replace", "path": path, "value": "" }),
        json!({ "op": "add", "path": path, "value": null }),
        json!({ "op": "remove", "path": path }),
    ] {
        let answer = world.patch_answer("User", &id, json!([operation])).await.unwrap();
        assert_eq!(answer.warnings, ["absenceRegion: cannot be removed, the value stays"]);
        assert_eq!(Value::Object(answer.resource), before);
    }
    let answer =
        world.put_answer("User", &id, user(json!({ EXT: { "absenceRegion": null } }))).await.unwrap();
    assert_eq!((answer.warnings.len(), Value::Object(answer.resource)), (1, before));
}

/// D-21: without a default region a new user has none, and gets one when it is sent.
#[tokio::test]
async fn no_default_region() {
    let world = World::of(&WorkspaceSetup { default_absence_region: None, ..setup() }).await;
    let lea = world.create(minimal("lea")).await.unwrap();
    assert_eq!(lea[EXT].get("absenceRegion"), None);
    let id = lea["id"].as_str().unwrap();
    assert_eq!(set_region(&world, id, json!("Bayern")).await.unwrap()[EXT]["absenceRegion"], "Bayern");
    let tom = world.create(with("tom", json!({ EXT: { "absenceRegion": "Berlin" } }))).await.unwrap();
    assert_eq!(tom[EXT]["absenceRegion"], "Berlin");
}
