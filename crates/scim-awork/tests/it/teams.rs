//! The teams of a person: a list of names in one text.

use serde_json::{Value, json};

use crate::world::{EXT, INVALID, World, refused, user, with};

async fn set_teams(world: &World, id: &str, teams: Value) -> Result<Value, scim_core::Problem> {
    world.set(id, &format!("{EXT}:teams"), teams).await
}

/// What the person's teams are, whatever text was sent.
async fn real_teams(world: &World, id: &str) -> Vec<String> {
    let mut names = Vec::new();
    for team in world.workspace().await.0.teams {
        use scim_engine::store::{LinkKey, ReadKey, ReadValue, RecordRef};
        let (owner, member) = (RecordRef::new("Team", &team.id), RecordRef::new("User", id));
        let key = LinkKey { space: world.space(), relation: "team", owner, member };
        if world.read(ReadKey::Link(key)).await == ReadValue::Linked(true) {
            names.push(team.name);
        }
    }
    names
}

/// D-64, A-12, A-11: the list is the whole set, and comes back as it was sent.
#[tokio::test]
async fn the_whole_set_as_it_was_sent() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    for (sent, teams) in [
        ("Design", &["Design"][..]),
        ("Sales, Design", &["Design", "Sales"]),
        (" Design,,Sales ,Design", &["Design", "Sales"]),
        ("Ops", &["Ops"]),
        ("Ops,Design,Sales", &["Design", "Sales", "Ops"]),
    ] {
        assert_eq!(set_teams(&world, &id, json!(sent)).await.unwrap()[EXT]["teams"], sent);
        assert_eq!(real_teams(&world, &id).await, teams, "{sent}");
        let filter = format!("{EXT}:teams eq {}", json!(sent));
        assert_eq!(world.find("User", &filter).await.len(), 1, "{filter}");
    }
}

/// null, empty text and a removal leave all teams; a request without the list leaves them alone.
#[tokio::test]
async fn no_teams() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    let path = format!("{EXT}:teams");
    let patch = |operation: Value| ("patch", json!([operation]));
    for (verb, body) in [
        patch(json!({ "op": "replace", "path": path, "value": "" })),
        patch(json!({ "op": "replace", "path": path, "value": " , " })),
        patch(json!({ "op": "replace", "path": path, "value": null })),
        patch(json!({ "op": "remove", "path": path })),
        patch(json!({ "op": "replace", "value": { EXT: { "teams": "" } } })),
        ("put", user(json!({ EXT: { "teams": null } }))),
        ("put", user(json!({ EXT: { "teams": "" } }))),
    ] {
        set_teams(&world, &id, json!("Design, Ops")).await.unwrap();
        world
            .put("User", &id, user(json!({ "title": "x", EXT: { "absenceRegion": "Bayern" } })))
            .await
            .unwrap();
        assert_eq!(world.teams_of(&id).await, "Design, Ops");
        let answer = match verb {
            "put" => world.put("User", &id, body.clone()).await,
            _ => world.patch("User", &id, body.clone()).await,
        };
        assert_eq!(answer.unwrap()[EXT].get("teams"), None, "{body}");
        assert_eq!(real_teams(&world, &id).await, [] as [&str; 0]);
        assert_eq!(world.user_record(&id).await.extra.get("$shown"), None);
    }
}

/// D-63, A-9: exact names; every unknown one is listed, and nothing of the request happens.
#[tokio::test]
async fn unknown_teams() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    set_teams(&world, &id, json!("Ops")).await.unwrap();
    let before = world.all("User").await;
    let body = json!({ "title": "x", EXT: { "teams": "Design,sales,Gone" } });
    refused(world.put("User", &id, user(body.clone())).await, INVALID, &["teams", "`sales`", "`Gone`"]);
    refused(world.create(with("lea", body)).await, INVALID, &["teams", "`sales`", "`Gone`"]);
    assert_eq!(world.all("User").await, before);
}

/// A-10, D-64: a name with a comma, quoted or not, comes back as it was sent; else it is quoted.
#[tokio::test]
async fn names_with_a_comma() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    for sent in ["\"Design, UX\",Ops", "Design, UX, Ops", "Ops,Design, UX"] {
        assert_eq!(set_teams(&world, &id, json!(sent)).await.unwrap()[EXT]["teams"], sent);
        assert_eq!(real_teams(&world, &id).await, ["Ops", "Design, UX"], "{sent}");
    }
    world.join_team(&id, "Design").await;
    assert_eq!(world.teams_of(&id).await, "Design,\"Design, UX\",Ops");
}

/// D-64, A-10: whatever quotes are sent, and whatever the names, they come back as long as they are true.
#[tokio::test]
async fn quoted_names_come_back() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    let odd = ["The \"A\" team", "\"Q\"", "Sales,Ops", " Edge ", "\""];
    let teams = odd.map(|name| scim_awork::Team { name: name.into(), id: format!("t-{name}") });
    world.edit_workspace(|workspace| workspace.teams.extend(teams)).await;
    for (sent, teams) in [
        ("\"Ops\"", &["Ops"][..]),
        ("\"Sales\",\"Ops\"", &["Sales", "Ops"]),
        ("\"Ops\" , Design", &["Design", "Ops"]),
        ("\"The \"\"A\"\" team\",Ops", &["Ops", "The \"A\" team"]),
        ("The \"A\" team", &["The \"A\" team"]),
        ("\"\"\"Q\"\"\"", &["\"Q\""]),
        ("\"Sales,Ops\"", &["Sales,Ops"]),
        ("Sales,Ops", &["Sales,Ops"]),
        ("\" Edge \",Ops", &["Ops", " Edge "]),
        ("\"\"\"\"", &["\""]),
    ] {
        assert_eq!(set_teams(&world, &id, json!(sent)).await.unwrap()[EXT]["teams"], sent);
        assert_eq!(world.teams_of(&id).await, sent);
        assert_eq!(real_teams(&world, &id).await, teams, "{sent}");
        let again = world.user_record(&id).await.version;
        set_teams(&world, &id, json!(sent)).await.unwrap();
        assert_eq!(world.user_record(&id).await.version, again, "{sent} again is no change");
    }
}

/// two teams of one name are ambiguous.
#[tokio::test]
async fn two_teams_of_one_name() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    world.edit_workspace(|workspace| workspace.teams[1].name = "Design".into()).await;
    refused(set_teams(&world, &id, json!("Ops,Design")).await, INVALID, &["teams", "ambiguous", "`Design`"]);
}

/// D-64, D-5: when awork changes the teams, the real ones are shown, until the next write by SCIM.
#[tokio::test]
async fn teams_changed_by_hand() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    set_teams(&world, &id, json!("Sales, Design")).await.unwrap();
    world.join_team(&id, "Ops").await;
    assert_eq!(world.teams_of(&id).await, "Design,Ops,Sales");
    assert_eq!(set_teams(&world, &id, json!("Sales, Design")).await.unwrap()[EXT]["teams"], "Sales, Design");
    assert_eq!(real_teams(&world, &id).await, ["Design", "Sales"]);
}

/// D-64, A-10: what is shown is read back as the same teams, whatever teams come later.
#[tokio::test]
async fn what_is_shown_reads_back() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    set_teams(&world, &id, json!("Sales,Ops")).await.unwrap();
    for name in ["Sales,Ops", "Ops,Sales", "Sales, Ops"] {
        let team = scim_awork::Team { name: name.into(), id: format!("t-{name}") };
        world.edit_workspace(|workspace| workspace.teams.push(team)).await;
        let shown = world.teams_of(&id).await;
        assert_eq!(shown, "\"Ops\",\"Sales\"", "{name}");
        assert_eq!(set_teams(&world, &id, shown.clone()).await.unwrap()[EXT]["teams"], shown);
        assert_eq!(real_teams(&world, &id).await, ["Sales", "Ops"]);
        set_teams(&world, &id, json!(name)).await.unwrap();
        assert_eq!(real_teams(&world, &id).await, [name]);
        world.edit_workspace(|workspace| workspace.teams.retain(|team| !team.id.starts_with("t-"))).await;
        set_teams(&world, &id, json!("Sales,Ops")).await.unwrap();
    }
}
