//! What clients write in their own ways, and requests that change nothing.

use serde_json::{Value, json};

use crate::world::{EXT, World, minimal, user, with};

/// A-57, D-51, D-44: keys of the extension nested, flattened, in other case, and as paths.
#[tokio::test]
async fn flattened_keys() {
    let key = |name: &str| format!("{EXT}:{name}");
    let flat = json!({ key("userRole"): "User", key("teams"): "Sales, Ops", key("absenceRegion"): "Bayern" });
    let shouted: Value = serde_json::from_str(
        &flat.to_string().replace("urn:ietf", "URN:IETF").replace("userRole", "USERROLE"),
    )
    .unwrap();
    let nested = json!({ EXT: { "userRole": "User", "teams": "Sales, Ops", "absenceRegion": "Bayern" } });
    let other_case = json!({ EXT.to_uppercase(): { "USERROLE": "User", "Teams": "Sales, Ops", "absenceregion": "Bayern" } });
    let expected = &nested[EXT];
    for (at, more) in [&flat, &shouted, &nested, &other_case].into_iter().enumerate() {
        let world = World::new().await;
        let created = world.create(with("lea", more.clone())).await.unwrap();
        assert_eq!(&created[EXT], expected, "POST {at}");
        let cleo = world.person("cleo").await;
        assert_eq!(&world.put("User", &cleo, user(more.clone())).await.unwrap()[EXT], expected, "PUT {at}");
        for op in ["replace", "Add"] {
            let world = World::new().await;
            let id = world.person("cleo").await;
            let patch = json!([{ "op": op, "value": more }]);
            assert_eq!(&world.patch("User", &id, patch).await.unwrap()[EXT], expected, "{op} {at}");
        }
    }
    let world = World::new().await;
    let id = world.person("cleo").await;
    let by_path: Vec<Value> = flat
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, value)| json!({ "op": "Replace", "path": path, "value": value }))
        .collect();
    assert_eq!(&world.patch("User", &id, json!(by_path)).await.unwrap()[EXT], expected);
}

/// D-51, D-32, A-38: the operations of Entra ID, all in one request.
#[tokio::test]
async fn entra_operations() {
    let world = World::new().await.for_provider("entra-id");
    let id = world.person("cleo").await;
    let changed = world
        .patch(
            "User",
            &id,
            json!([
                { "op": "Replace", "path": "name.givenName", "value": "Cleopatra" },
                { "op": "Add", "path": "userType", "value": "Queen" },
                { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "c@x.example" },
                { "op": "Replace", "path": "preferredLanguage", "value": "en-US" },
                { "op": "Add", "path": format!("{EXT}:absenceRegion"), "value": "Bayern" },
                { "op": "Add", "path": format!("{EXT}:teams"), "value": "Design" },
                { "op": "Replace", "path": "active", "value": "False" },
                { "op": "Add", "path": "nickName", "value": "Cleo" },
            ]),
        )
        .await
        .unwrap();
    assert_eq!((&changed["name"]["givenName"], &changed["userType"]), (&json!("Cleopatra"), &json!("Queen")));
    assert_eq!((&changed["preferredLanguage"], &changed["active"]), (&json!("en-GB"), &json!(false)));
    assert_eq!(changed["emails"][0]["value"], "c@x.example");
    assert_eq!(changed[EXT], json!({ "absenceRegion": "Bayern", "teams": "Design", "userRole": "User" }));
}

/// D-5, D-6, D-64: the same request again changes nothing: not the version, not the time, no record.
#[tokio::test]
async fn a_repeat_changes_nothing() {
    let path = |name: &str| format!("{EXT}:{name}");
    for attributes in [
        json!({ "userName": "Lea@W.example" }),
        json!({ "userName": " eva@w.example " }),
        json!({ "name": { "givenName": "L", "familyName": "N", "formatted": "L N" } }),
        json!({ "displayName": "L", "externalId": "x" }),
        json!({ "title": "Dr.", "userType": "" }),
        json!({ "title": " " }),
        json!({ "preferredLanguage": "en-US" }),
        json!({ "preferredLanguage": "fr-FR" }),
        json!({ "timezone": "W. Europe Standard Time" }),
        json!({ "timezone": "europe/rome" }),
        json!({ "timezone": "" }),
        json!({ "active": "False" }),
        json!({ "active": true }),
        json!({ "emails": [{ "value": "a@x.example" }, { "value": "b@x.example", "primary": true }, { "value": "" }] }),
        json!({ "emails": [] }),
        json!({ "phoneNumbers": [{ "value": "1" }, { "value": "1", "type": "work" }] }),
        json!({ "addresses": [{ "country": "germany", "streetAddress": "a\nb" }] }),
        json!({ "ims": [{ "value": "x" }] }),
        json!({ path("teams"): "Sales , Design," }),
        json!({ path("teams"): "Design,Sales" }),
        json!({ path("teams"): "Design, UX" }),
        json!({ path("teams"): "" }),
        json!({ path("absenceRegion"): "Bayern" }),
        json!({ path("absenceRegion"): "" }),
        json!({ path("userRole"): "User" }),
        json!({ path("userRole"): null }),
        json!({ path("userRole"): "Admin", path("teams"): "Ops", path("absenceRegion"): "Bayern", "title": "x" }),
        json!({ "photos": [{ "value": "https://x.example/p" }], "nickName": "x" }),
    ] {
        let world = World::new().await;
        let id = world.create(minimal("lea")).await.unwrap()["id"].as_str().unwrap().to_owned();
        let by_path: Vec<Value> = attributes
            .as_object()
            .unwrap()
            .iter()
            .map(|(path, value)| json!({ "op": "Replace", "path": path, "value": value }))
            .collect();
        let first = world.put("User", &id, user(attributes.clone())).await.unwrap();
        let record = world.user_record(&id).await;
        let account = world.account_of(&id).await;
        let events = world.events(scim_engine::store::Stream::Log).await.len();
        for again in [
            world.put("User", &id, user(attributes.clone())).await,
            world.patch("User", &id, json!([{ "op": "replace", "value": attributes }])).await,
            world.patch("User", &id, json!(by_path)).await,
            world.put("User", &id, first.clone()).await,
        ] {
            assert_eq!(again.unwrap(), first, "{attributes}");
        }
        assert_eq!(world.user_record(&id).await, record, "{attributes}");
        assert_eq!(world.account_of(&id).await, account);
        assert_eq!(world.events(scim_engine::store::Stream::Log).await.len(), events);
    }
}

/// D-75, A-18, A-19: the same for groups.
#[tokio::test]
async fn a_repeat_on_a_group_changes_nothing() {
    let world = World::new().await;
    let (cleo, ada, viewers) =
        (world.person("cleo").await, world.person("ada").await, world.group("Viewer").await);
    let list = json!([{ "value": cleo }, { "value": ada }]);
    for operation in [
        json!({ "op": "add", "path": "members", "value": list }),
        json!({ "op": "replace", "path": "members", "value": list }),
        json!({ "op": "replace", "value": { "displayName": "V", "members": list } }),
        json!({ "op": "remove", "path": "members", "value": [{ "value": cleo }] }),
        json!({ "op": "remove", "path": "members" }),
    ] {
        world.patch("Group", &viewers, json!([operation])).await.unwrap();
        let before = (world.all("Group").await, world.all("User").await);
        world.patch("Group", &viewers, json!([operation])).await.unwrap();
        let whole = before.0.iter().find(|group| group["id"] == viewers.as_str()).unwrap().clone();
        world.put("Group", &viewers, whole).await.unwrap();
        assert_eq!((world.all("Group").await, world.all("User").await), before, "{operation}");
    }
}
