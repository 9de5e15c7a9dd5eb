//! Whether awork's data agree with their documents, after anything that happens, and after a repair.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use scim_awork::command::{
    ActivateUser, BookSeats, CreateTeam, CreateUser, DeleteRole, DeleteUser, EditUser, RenameRole,
    RenameTeam, UserFields,
};
use scim_awork::{AworkExpectation, WorkspaceSetup};
use scim_engine::check::{Checked, Fault, FaultKind, Repaired};
use scim_engine::store::{ClaimKey, Counter, LinkKey, RecordRef, Write};
use serde_json::json;

use crate::any_store::{AnyStore, Place};
use crate::world::{EXT, World, minimal, person, setup, with};

async fn check(place: &Place) -> Vec<Fault> {
    let expectation = Arc::new(AworkExpectation::new().unwrap());
    match place.open().await {
        AnyStore::Memory(store) => store.check_all(expectation).await.unwrap(),
        AnyStore::Sqlite { store, .. } => store.check_all(expectation).await.unwrap(),
        AnyStore::Postgres(store) => store.check_all(expectation).await.unwrap(),
    }
}

async fn repair(place: &Place) -> Repaired {
    let expectation = Arc::new(AworkExpectation::new().unwrap());
    match place.open().await {
        AnyStore::Memory(store) => store.repair(expectation).await.unwrap(),
        AnyStore::Sqlite { store, .. } => store.repair(expectation).await.unwrap(),
        AnyStore::Postgres(store) => store.repair(expectation).await.unwrap(),
    }
}

/// Something that happens to one of a few people: by SCIM, or by hand.
async fn happen(world: &World, what: u8, who: usize) {
    let name = ["ada", "bob", "cleo", "dan", "gus", "eve", "fay"][who % 7];
    let email = format!("{name}@w.example");
    let found = world.find("User", &format!("userName eq \"{email}\"")).await;
    let id = found.first().and_then(|user| user["id"].as_str()).unwrap_or("nobody").to_owned();
    // Whether it is allowed does not matter: what is refused changes nothing.
    match what % 18 {
        0 => drop(world.create(minimal(name)).await),
        1 => drop(world.create(with(name, json!({ EXT: { "userRole": "Admin", "teams": "Sales" } }))).await),
        2 => drop(world.create(with(name, json!({ "active": false }))).await),
        3 => drop(world.set(&id, "active", json!(false)).await),
        4 => drop(world.set(&id, "active", json!(true)).await),
        5 => drop(world.set(&id, &format!("{EXT}:userRole"), json!("Viewer")).await),
        6 => drop(world.set(&id, &format!("{EXT}:userRole"), json!("Admin")).await),
        7 => drop(world.set(&id, "userName", json!(format!("{name}@W.example"))).await),
        8 => drop(world.delete("User", &id).await),
        9 => drop(world.set(&id, &format!("{EXT}:absenceRegion"), json!("Bayern")).await),
        10 => drop(world.command(DeleteUser { user: email }).await),
        11 => drop(world.command(ActivateUser { user: email, active: true }).await),
        12 => {
            let fields = UserFields {
                given_name: Some(name.into()),
                family_name: Some("Hand".into()),
                role: Some("Guest".into()),
                ..UserFields::default()
            };
            drop(world.command(CreateUser { email, fields }).await);
        }
        13 => {
            let fields = UserFields { title: Some("Dr.".into()), ..UserFields::default() };
            drop(world.command(EditUser { user: email, fields }).await);
        }
        14 => drop(world.command(RenameRole { role: "Viewer".into(), name: "Looker".into() }).await),
        15 => {
            drop(world.command(DeleteRole { role: "Viewer".into(), target: Some("User".into()) }).await);
        }
        16 => {
            drop(world.command(CreateTeam { name: "New, Team".into() }).await);
            drop(world.command(RenameTeam { team: "Sales".into(), name: "Revenue".into() }).await);
        }
        _ => drop(world.command(BookSeats { seats: 5 }).await),
    }
}

/// D-29, D-69, D-70: whatever happens, all agrees with the documents.
#[test]
fn sound_after_anything() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for (place, cases) in [(Place::memory as fn() -> Place, 24), (Place::folder, 24), (Place::database, 4)] {
        let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
        let history = proptest::collection::vec((any::<u8>(), 0_usize..7), 1..40);
        let told = runner.run(&history, |history| {
            let place = place();
            let faults = runtime.block_on(async {
                let world = World::at(place.clone(), &setup()).await;
                for (what, who) in history {
                    happen(&world, what, who).await;
                }
                check(&place).await
            });
            prop_assert_eq!(faults, []);
            Ok(())
        });
        told.unwrap();
    }
}

/// What does not agree is named, mended while the engine is in use, and then agrees.
async fn mended(place: Place) {
    let world = World::at(place.clone(), &setup()).await;
    let (space, cleo, ada) = (world.space(), world.person("cleo").await, world.person("ada").await);
    let (role, admin) = (world.group("User").await, world.group("Admin").await);
    let (seats, admins) = (world.seats().await, world.admins().await);
    let claim =
        |value: &str| ClaimKey { space: space.clone(), name: "User:userName".into(), value: value.into() };
    let link = |owner: &str, member: &str| LinkKey {
        space: space.clone(),
        relation: "role",
        owner: RecordRef::new("Group", owner),
        member: RecordRef::new("User", member),
    };
    let wrong = Counter { value: seats.0 + 4, floor: None, limit: Some(seats.1) };
    world
        .commit(vec![
            Write::SetCounter(scim_awork::seats(&space), wrong),
            Write::SetCounter(scim_awork::admins(&space), Counter { value: 0, floor: Some(1), limit: None }),
            Write::Release(claim("cleo@w.example"), RecordRef::new("User", &cleo)),
            Write::Claim(claim("ghost@w.example"), RecordRef::new("User", "ghost")),
            Write::Claim(claim("other@w.example"), RecordRef::new("User", &ada)),
            Write::Unlink(link(&role, &cleo)),
            Write::Link(link(&role, &ada)),
        ])
        .await;
    assert!(world.set(&cleo, &format!("{EXT}:userRole"), json!("Viewer")).await.is_err());
    let faults = check(&place).await;
    let count = |what| faults.iter().filter(|fault| fault.what == what).count();
    let counts = [FaultKind::Counter, FaultKind::Claim, FaultKind::Link].map(count);
    assert_eq!(counts, [2, 3, 2], "{faults:#?}");
    assert_eq!(faults.len(), 7, "{faults:#?}");
    let of_seats = faults.iter().find(|fault| fault.place == "seats").unwrap();
    let said = (of_seats.expected.clone(), of_seats.found.clone(), of_seats.space.as_str());
    assert_eq!(said, (seats.0.to_string(), (seats.0 + 4).to_string(), "tenant/w"));
    let lost = faults.iter().find(|fault| fault.what == FaultKind::Link && fault.place.contains(&cleo));
    assert!(["nobody", "[]"].contains(&lost.unwrap().found.as_str()), "{lost:?}");
    let repaired = repair(&place).await;
    assert_eq!((repaired.found, repaired.remaining), (faults, vec![]));
    assert_eq!(check(&place).await, []);
    assert_eq!((world.seats().await, world.admins().await), (seats, admins));
    // D-69, D-71: who had no role has the default one, with the fewest permissions.
    assert_eq!((world.role_of(&cleo).await, world.role_of(&ada).await), (json!("Viewer"), json!("Admin")));
    assert!(world.members("Admin").await.contains(&ada) && !world.members("User").await.contains(&ada));
    assert!(admin != role && world.create(minimal("cleo")).await.is_err(), "the user name is taken again");
    world.set(&cleo, &format!("{EXT}:userRole"), json!("User")).await.unwrap();
    world.create(minimal("ghost")).await.unwrap();
    assert_eq!(check(&place).await, []);
    let again = repair(&place).await;
    assert_eq!(again, Repaired::default(), "there is nothing to mend");
}

#[tokio::test(flavor = "multi_thread")]
async fn mended_in_memory() {
    mended(Place::memory()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mended_on_sqlite() {
    mended(Place::folder()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mended_on_postgres() {
    mended(Place::database()).await;
}

/// D-70: whoever was the only admin is not known any more; that nobody is one is named until an admin is made.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_admin_is_named() {
    for place in Place::all() {
        let setup = WorkspaceSetup { people: vec![person("ada", "Admin", true)], ..setup() };
        let world = World::at(place.clone(), &setup).await;
        let ends = [("Group", world.group("Admin").await), ("User", world.person("ada").await)];
        let [owner, member] = ends.map(|(kind, id)| RecordRef { kind: kind.into(), id });
        world
            .commit(vec![Write::Unlink(LinkKey { space: world.space(), relation: "role", owner, member })])
            .await;
        let left = repair(&place).await.remaining;
        let said: Vec<_> =
            left.iter().map(|fault| (fault.what, fault.place.as_str(), fault.expected.as_str())).collect();
        assert_eq!(said, [(FaultKind::Counter, "admins", "at least 1")]);
        let fields = UserFields { role: Some("Admin".into()), ..UserFields::default() };
        world.command(EditUser { user: "ada@w.example".into(), fields }).await.unwrap();
        assert_eq!(check(&place).await, []);
    }
}
