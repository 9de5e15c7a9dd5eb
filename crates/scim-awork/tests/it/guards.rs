//! What changes between a decision and its commit is seen: the decision is made again.

use scim_awork::{Workspace, WorkspaceSetup};
use scim_engine::store::{Guard, OnLimit, Write};
use serde_json::{Value, json};

use crate::world::{EXT, INVALID, LAST_ADMIN, NO_SEAT, World, minimal, refused, setup, with};

fn ext(attribute: &str) -> String {
    format!("{EXT}:{attribute}")
}

/// D-63, A-9, A-15: a name that is another one by then is looked up again.
#[tokio::test]
async fn names_that_change_meanwhile() {
    for (attribute, sent, kind) in
        [("teams", "Ops", "team"), ("absenceRegion", "Bayern", "region"), ("userRole", "User", "role")]
    {
        let world = World::new().await;
        let id = world.person("ada").await;
        let before = world.get("User", &id).await.unwrap()[EXT].clone();
        let rename = |workspace: &mut Workspace| match kind {
            "team" => workspace.teams[2].name = "Other".into(),
            "region" => workspace.regions[0].name = "Other".into(),
            _ => workspace.roles[1].name = "Other".into(),
        };
        for verb in ["update", "create"] {
            world.slip_in(world.workspace_edit(rename).await);
            let result = match verb {
                "update" => world.set(&id, &ext(attribute), json!(sent)).await,
                _ => world.create(with("lea", json!({ EXT: { attribute: sent } }))).await,
            };
            refused(result, INVALID, &[attribute, sent]);
            assert_eq!(world.get("User", &id).await.unwrap()[EXT], before);
            world
                .edit_workspace(|workspace| {
                    workspace.teams[2].name = "Ops".into();
                    workspace.regions[0].name = "Bayern".into();
                    workspace.roles[1].name = "User".into();
                })
                .await;
        }
        assert_eq!(world.find("User", "userName sw \"lea\"").await, [] as [Value; 0]);
    }
}

/// D-71, A-23: the default role is the one of the moment, for new people and for those who fall back.
#[tokio::test]
async fn the_default_role_of_the_moment() {
    let archive = |workspace: &mut Workspace| workspace.roles[2].is_archived = true;
    let world = World::new().await;
    world.slip_in(world.workspace_edit(archive).await);
    assert_eq!(world.create(minimal("lea")).await.unwrap()[EXT]["userRole"], "User");
    let world = World::new().await;
    let (bob, admins) = (world.person("bob").await, world.group("Admin").await);
    world.slip_in(world.workspace_edit(archive).await);
    let remove = json!([{ "op": "remove", "path": format!("members[value eq \"{bob}\"]") }]);
    world.patch("Group", &admins, remove).await.unwrap();
    assert_eq!(world.role_of(&bob).await, "User");
}

/// a role that is archived meanwhile is no group any more.
#[tokio::test]
async fn a_group_that_goes_meanwhile() {
    let world = World::new().await;
    let (cleo, viewers) = (world.person("cleo").await, world.group("Viewer").await);
    world.slip_in(world.workspace_edit(|workspace| workspace.roles[2].is_archived = true).await);
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": cleo }] }]);
    assert_eq!(world.patch("Group", &viewers, add).await.unwrap_err().status, 404);
    assert_eq!(world.role_of(&cleo).await, "User");
}

/// D-69, A-27: whoever is deactivated meanwhile is not counted a second time.
#[tokio::test]
async fn a_person_who_changes_meanwhile() {
    let off = |document: &mut scim_core::Document| document.set(None, "active", Some(json!(false)));
    let counts = |world: &World| {
        let space = world.space();
        vec![
            Write::Add { counter: scim_awork::admins(&space), by: -1, on_limit: OnLimit::Refuse },
            Write::Add { counter: scim_awork::seats(&space), by: -3, on_limit: OnLimit::Refuse },
        ]
    };
    for way in ["role", "group", "delete", "active"] {
        let world = World::new().await;
        let (bob, viewers) = (world.person("bob").await, world.group("Viewer").await);
        let mut writes = world.user_edit(&bob, off).await;
        writes.extend(counts(&world));
        world.slip_in(writes);
        match way {
            "role" => drop(world.set(&bob, &ext("userRole"), json!("User")).await.unwrap()),
            "group" => {
                let add = json!([{ "op": "add", "path": "members", "value": [{ "value": bob }] }]);
                drop(world.patch("Group", &viewers, add).await.unwrap());
            }
            "delete" => world.delete("User", &bob).await.unwrap(),
            _ => drop(world.set(&bob, "active", json!(false)).await.unwrap()),
        }
        assert_eq!((world.admins().await, world.seats().await.0), (1, 10), "{way}");
    }
}

/// D-70, D-33: the last admin is the one of the moment.
#[tokio::test]
async fn the_last_admin_of_the_moment() {
    let world = World::new().await;
    let (ada, bob) = (world.person("ada").await, world.person("bob").await);
    let counter = scim_awork::admins(&world.space());
    let mut writes = world.user_edit(&bob, |document| document.set(None, "active", Some(json!(false)))).await;
    writes.push(Write::Add { counter, by: -1, on_limit: OnLimit::Refuse });
    world.slip_in(writes);
    refused(world.set(&ada, "active", json!(false)).await, LAST_ADMIN, &["active"]);
    // An admin who comes between the refused commit and the next look at the counter makes room.
    let counter = scim_awork::admins(&world.space());
    world.slip_in_after_refusal(vec![Write::Add { counter, by: 1, on_limit: OnLimit::Refuse }]);
    world.set(&ada, "active", json!(false)).await.unwrap();
    assert_eq!(world.admins().await, 1);
}

/// D-24, D-29: a seat that becomes free between the refused commit and the next look is taken.
#[tokio::test]
async fn the_seats_of_the_moment() {
    let world = World::with_seats(5).await;
    let seats = || scim_awork::seats(&world.space());
    for (freed, missing) in [(0, Some("1 more")), (-1, None)] {
        world.slip_in_after_refusal(vec![Write::Add {
            counter: seats(),
            by: freed,
            on_limit: OnLimit::Refuse,
        }]);
        let result = world.create(minimal("lea")).await;
        match missing {
            Some(words) => refused(result, NO_SEAT, &[words]),
            None => drop(result.unwrap()),
        }
    }
    assert_eq!(world.seats().await, (15, 15));
    // An admin more is no loss of admins, so it is the seat that is missing.
    let admin = with("tom", json!({ EXT: { "userRole": "Admin" } }));
    refused(world.create(admin).await, NO_SEAT, &[]);
}

/// D-23, D-25, D-24: the booking switch is the one of the moment, and only where seats are counted.
#[tokio::test]
async fn the_booking_switch_of_the_moment() {
    let world = World::of(&WorkspaceSetup { seats: 5, automatic_booking: true, ..setup() }).await;
    let switch = |to: bool| move |workspace: &mut Workspace| workspace.automatic_booking = to;
    let (dan, cleo) = (world.person("dan").await, world.person("cleo").await);
    world.slip_in(world.workspace_edit(switch(false)).await);
    refused(world.set(&dan, "active", json!(true)).await, NO_SEAT, &[]);
    world.slip_in(world.workspace_edit(switch(true)).await);
    world.set(&dan, "active", json!(true)).await.unwrap();
    assert_eq!(world.seats().await, (16, 18));
    let settings = Workspace::key(&world.space());
    for (path, value, guarded) in [("title", json!("x"), false), ("active", json!(false), true)] {
        world.set(&cleo, path, value).await.unwrap();
        let guards = world.engine.store().last().guards;
        let has = guards.iter().any(|guard| matches!(guard, Guard::Version(key, _) if *key == settings));
        assert_eq!(has, guarded, "{path}");
    }
}

/// D-14, D-59, D-61: an e-mail that somebody takes meanwhile is taken.
#[tokio::test]
async fn an_email_that_goes_meanwhile() {
    let world = World::new().await;
    let ada = world.person("ada").await;
    let (account, _) = world.account_of(&world.person("gus").await).await;
    world.slip_in(vec![scim_awork::write_login("new@w.example", &account)]);
    let taken = (409, Some("uniqueness"), "duplication-violation");
    refused(world.set(&ada, "userName", json!("new@w.example")).await, taken, &["new@w.example"]);
}
