//! Many requests at the same moment.

use scim_awork::WorkspaceSetup;
use serde_json::json;
use tokio::task::JoinSet;

use crate::any_store::Place;
use crate::world::{EXT, LAST_ADMIN, NO_SEAT, World, minimal, refused, setup, with};

/// D-70, D-33, A-27: sixteen at once take the last two admins away, each in its own way; one stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_admins() {
    let rounds = (0..10).map(|_| Place::memory()).chain(Place::all());
    for (round, place) in rounds.enumerate() {
        let world = World::at(place, &setup()).await;
        let (ada, bob, admins) =
            (world.person("ada").await, world.person("bob").await, world.group("Admin").await);
        let viewers = world.group("Viewer").await;
        let mut tasks = JoinSet::new();
        for n in 0..16 {
            let (world, admins, viewers) = (world.clone(), admins.clone(), viewers.clone());
            let id = if (n + round) % 2 == 0 { ada.clone() } else { bob.clone() };
            tasks.spawn(async move {
                match n / 2 % 5 {
                    0 => world.set(&id, "active", json!(false)).await.map(drop),
                    1 => world.set(&id, &format!("{EXT}:userRole"), json!("User")).await.map(drop),
                    2 => {
                        let path = format!("members[value eq \"{id}\"]");
                        world
                            .patch("Group", &admins, json!([{ "op": "remove", "path": path }]))
                            .await
                            .map(drop)
                    }
                    3 => {
                        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
                        world.patch("Group", &viewers, add).await.map(drop)
                    }
                    _ => world.delete("User", &id).await,
                }
            });
        }
        while let Some(result) = tasks.join_next().await {
            match result.unwrap() {
                // Whoever comes after a deletion finds nobody.
                Err(problem) if problem.status == 404 || problem.detail.contains("is the id of no user") => {}
                Err(problem) => refused(Err::<(), _>(problem), LAST_ADMIN, &["last active admin"]),
                Ok(()) => {}
            }
        }
        let active = world.find("User", &format!("active eq true and {EXT}:userRole eq \"Admin\"")).await;
        assert_eq!((active.len(), world.admins().await), (1, 1), "round {round}");
        let all = world.all("User").await;
        let thirds: i64 = all
            .iter()
            .filter(|user| user["active"] == true)
            .map(|user| if user[EXT]["userRole"] == "Guest" { 1 } else { 3 })
            .sum();
        assert_eq!(world.seats().await.0, thirds);
    }
}

/// D-69, D-77: a role change and a deactivation at the same moment; nobody is counted twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counted_once() {
    for _ in 0..50 {
        let world = World::new().await;
        let bob = world.person("bob").await;
        let path = format!("{EXT}:userRole");
        let (off, demoted) = tokio::join!(
            tokio::spawn({
                let (world, id) = (world.clone(), bob.clone());
                async move { world.set(&id, "active", json!(false)).await }
            }),
            tokio::spawn({
                let (world, id) = (world.clone(), bob.clone());
                async move { world.set(&id, &path, json!("User")).await }
            }),
        );
        off.unwrap().unwrap();
        demoted.unwrap().unwrap();
        assert_eq!((world.admins().await, world.seats().await.0), (1, 10));
    }
}

/// D-69, D-77: one person is added to two groups and given a role by name, all at once: one role is left.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_role_per_person() {
    let world = World::new().await;
    let id = world.person("cleo").await;
    let groups = [world.group("Admin").await, world.group("Viewer").await, world.group("User").await];
    for _ in 0..20 {
        let mut tasks = JoinSet::new();
        for group in groups.clone() {
            let (world, id) = (world.clone(), id.clone());
            tasks.spawn(async move {
                let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
                world.patch("Group", &group, add).await
            });
        }
        let (named, same) = (world.clone(), id.clone());
        tasks.spawn(async move { named.set(&same, &format!("{EXT}:userRole"), json!("Admin")).await });
        while let Some(result) = tasks.join_next().await {
            result.unwrap().unwrap();
        }
        let mut holders = Vec::new();
        for name in ["Admin", "Viewer", "User"] {
            holders.extend(world.members(name).await.contains(&id).then_some(name));
        }
        assert_eq!(holders.len(), 1, "{holders:?}");
        assert_eq!(world.role_of(&id).await, holders[0]);
        let admin = i64::from(holders == ["Admin"]);
        assert_eq!((world.admins().await, world.seats().await.0), (2 + admin, 13));
    }
}

/// D-29, D-24: twenty creates at once for the last five seats: five take them, the others are refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_seats() {
    // Four users and a guest are there: ten seats leave five, and two thirds that fit nobody.
    for place in Place::all() {
        let world = World::at(place, &WorkspaceSetup { seats: 10, ..setup() }).await;
        let mut tasks = JoinSet::new();
        for n in 0..20 {
            let world = world.clone();
            tasks.spawn(async move { world.create(minimal(&format!("p{n}"))).await });
        }
        let mut created = 0;
        while let Some(result) = tasks.join_next().await {
            match result.unwrap() {
                Ok(_) => created += 1,
                problem => refused(problem, NO_SEAT, &["1 more needed"]),
            }
        }
        assert_eq!((created, world.seats().await), (5, (28, 30)));
        assert_eq!(world.all("User").await.len(), 11);
    }
}

/// D-16, A-28, A-25: the same person sixteen times at once is created once, and comes back once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_user_per_name() {
    for place in Place::all() {
        let world = World::at(place, &setup()).await;
        for round in 0..2 {
            let mut tasks = JoinSet::new();
            for n in 0..16 {
                let world = world.clone();
                let name = if n % 2 == 0 { "lea@w.example" } else { " LEA@w.example" };
                tasks.spawn(async move { world.create(with("x", json!({ "userName": name }))).await });
            }
            let mut created = Vec::new();
            while let Some(result) = tasks.join_next().await {
                match result.unwrap() {
                    Ok(user) => created.push(user["id"].as_str().unwrap().to_owned()),
                    problem => refused(problem, (409, Some("uniqueness"), "already-exist-error"), &[]),
                }
            }
            assert_eq!(created.len(), 1, "round {round}");
            assert_eq!(world.person("lea").await, created[0]);
            assert_eq!(world.seats().await.0, 16);
            world.delete("User", &created[0]).await.unwrap();
        }
    }
}
