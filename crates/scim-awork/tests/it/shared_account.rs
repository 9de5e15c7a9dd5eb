//! Accounts that several workspaces share: what each of them shows.

use scim_awork::command::ChangeLogin;
use scim_awork::{AworkEvent, Operation, account_key};
use scim_engine::store::{DueKey, ReadKey, ReadValue};
use serde_json::json;

use crate::any_store::Place;
use crate::world::{INVALID, SEVERAL, TAKEN, World, minimal, refused, setup, user, with};

/// A-8, D-53, A-30: the zone of a shared account reaches what other workspaces show, once; names there stay, and
/// so does the spelling of the login, which each was sent its own way.
#[tokio::test(flavor = "multi_thread")]
async fn other_workspaces_follow() {
    for place in Place::all() {
        let world = World::at(place, &setup()).await;
        let second = world.second_workspace().await;
        let ada = world.person("ada").await;
        let there = second.create(with("ada", json!({ "timezone": "Europe/Rome" }))).await.unwrap();
        let id = there["id"].as_str().unwrap();
        let mut worker = world.worker();
        world.work(&mut worker).await;
        assert_eq!(world.get("User", &ada).await.unwrap()["timezone"], "Europe/Rome");
        let before = second.user_record(id).await;
        let body = json!({
            "userName": "ADA@w.example",
            "name": { "givenName": "Ada", "familyName": "King" },
            "timezone": "Asia/Tokyo",
        });
        world.put("User", &ada, user(body)).await.unwrap();
        assert_eq!(second.user_record(id).await, before, "not by the commit");
        let world = world.restarted().await;
        let mut worker = world.worker();
        world.work(&mut worker).await;
        let after = second.get("User", id).await.unwrap();
        assert_eq!(after["timezone"], "Asia/Tokyo");
        for attribute in ["userName", "emails", "name"] {
            assert_eq!(after[attribute], there[attribute]);
        }
        assert_eq!(world.get("User", &ada).await.unwrap()["userName"], "ADA@w.example");
        let found = second.find("User", "userName eq \"ada@w.example\" and timezone eq \"Asia/Tokyo\"").await;
        assert_eq!(found, [after]);
        let copied = second.user_record(id).await;
        world.work(&mut worker).await;
        let same = json!({ "userName": "Ada@w.example", "timezone": "Asia/Tokyo", "title": "x" });
        world.put("User", &ada, user(same)).await.unwrap();
        world.work(&mut worker).await;
        assert_eq!(second.user_record(id).await, copied, "and nothing is written again");
        let told = second.outbox().await;
        let copies = told.iter().filter(
            |event| matches!(event, AworkEvent::Changed(one) if one.operation == Operation::Copy && one.people == [id]),
        );
        assert_eq!(copies.count(), 1, "{told:?}");
    }
}

/// work is left for the other workspaces of an account where there are any, and they show what was changed.
#[tokio::test]
async fn only_what_others_show_is_told() {
    let world = World::new().await;
    let second = world.second_workspace().await;
    let (ada, dan) = (world.person("ada").await, world.person("dan").await);
    second.create(with("ada", json!({ "timezone": "Europe/Rome" }))).await.unwrap();
    let mut worker = world.worker();
    let is_told = async |id: &str| {
        let space = account_key(&world.account_of(id).await.0).space;
        match world.read(ReadKey::Due(DueKey { space, name: "copy".to_owned() })).await {
            ReadValue::Due(work) => work.is_some(),
            other => panic!("{other:?}"),
        }
    };
    world.work(&mut worker).await;
    assert!(!is_told(&ada).await);
    for (id, path, value, expected) in [
        (&ada, "name.givenName", "Augusta", false),
        (&ada, "userName", "ADA@w.example", false),
        (&ada, "timezone", "Asia/Tokyo", true),
        (&dan, "userName", "daniel@w.example", false),
        (&dan, "timezone", "Asia/Tokyo", false),
    ] {
        world.set(id, path, json!(value)).await.unwrap();
        assert_eq!(is_told(id).await, expected, "{path}");
        world.work(&mut worker).await;
    }
    let change = ChangeLogin { user: "ada@w.example".into(), email: "ada@new.example".into() };
    world.command(change).await.unwrap();
    assert!(is_told(&ada).await);
}

/// a user whom SCIM has deleted follows, too, and comes back as what the account is.
#[tokio::test]
async fn hidden_users_follow() {
    let world = World::new().await;
    let second = world.second_workspace().await;
    let ada = world.person("ada").await;
    let there = second.create(minimal("ada")).await.unwrap();
    second.delete("User", there["id"].as_str().unwrap()).await.unwrap();
    world.set(&ada, "timezone", json!("Asia/Tokyo")).await.unwrap();
    world.work(&mut world.worker()).await;
    let back = second.create(minimal("ada")).await.unwrap();
    assert_eq!((&back["id"], &back["timezone"]), (&there["id"], &json!("Asia/Tokyo")));
}

/// D-15, D-60, A-33: a login that the person has changed in the profile is what all their users are found
/// by, in whatever workspace, and the old one is free there.
#[tokio::test]
async fn a_login_changed_in_the_profile() {
    let world = World::new().await;
    let second = world.second_workspace().await;
    let ada = world.person("ada").await;
    let there = second.create(minimal("ada")).await.unwrap();
    let change = |email: &str| ChangeLogin { user: "ada@w.example".into(), email: email.into() };
    for (email, place) in [("bob@w.example", TAKEN), ("vera@v.example", TAKEN), ("ada", INVALID)] {
        refused(second.command(change(email)).await, place, &["userName"]);
    }
    refused(world.set(&ada, "userName", json!("ada@new.example")).await, SEVERAL, &["profile"]);
    assert_eq!(world.command(change("ada@new.example")).await.unwrap().id, ada);
    world.work(&mut world.worker()).await;
    for (world, id) in [(&world, ada.as_str()), (&second, there["id"].as_str().unwrap())] {
        let found = world.find("User", "userName eq \"ada@new.example\"").await;
        assert_eq!(found[0]["id"], id);
        assert_eq!(found[0]["emails"][0]["value"], "ada@new.example");
        assert_eq!(world.find("User", "userName eq \"ada@w.example\"").await, [] as [serde_json::Value; 0]);
    }
    world.create(minimal("ada")).await.unwrap();
}

/// D-19: two workspaces create the same new person at the same moment: one account, two users, on every store.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_account_per_email() {
    for place in Place::all() {
        let world = World::at(place, &setup()).await;
        let second = world.second_workspace().await;
        for n in 0..10 {
            let name = format!("p{n}");
            let zones = ["Europe/Rome", "Asia/Tokyo"];
            let create = |world: &World, zone: &str| {
                let (world, body) = (world.clone(), with(&name, json!({ "timezone": zone })));
                tokio::spawn(
                    async move { world.create(body).await.unwrap()["id"].as_str().unwrap().to_owned() },
                )
            };
            let (here, there) = tokio::join!(create(&world, zones[0]), create(&second, zones[1]));
            let (here, there) = (here.unwrap(), there.unwrap());
            let (_, account) = world.account_of(&here).await;
            assert_eq!(world.account_of(&here).await, second.account_of(&there).await);
            assert_eq!(account.memberships.len(), 2);
            world.work(&mut world.worker()).await;
            let zone = account.time_zone.unwrap();
            assert!(zones.contains(&zone.as_str()));
            for (world, id) in [(&world, &here), (&second, &there)] {
                assert_eq!(world.get("User", id).await.unwrap()["timezone"], zone.as_str());
            }
        }
    }
}
