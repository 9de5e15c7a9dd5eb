//! Workspaces, roles, teams and regions by command, and what SCIM shows of it.

use chrono::{DateTime, Utc};
use scim_awork::command::{
    Actor, ArchiveRole, BookSeats, ChangePlan, ChangeSettings, CreateRegion, CreateRole, CreateTeam,
    CreateWorkspace, DeleteRegion, DeleteRole, DeleteTeam, NewWorkspace, RenameRegion, RenameRole,
    RenameTeam, SetDefaultRegion, SetGrants, ShowWorkspace,
};
use scim_awork::{AworkEvent, Grants, WorkspaceSetup};
use scim_engine::store::Stream;
use serde_json::json;

use crate::any_store::Place;
use crate::world::{
    EXT, INVALID, LAST_ADMIN, MINUTE, NO_SEAT, NOT_FOUND, START, TAKEN, World, minimal, refused, setup,
};

const EXISTS: (u16, Option<&str>, &str) = (409, Some("uniqueness"), "already-exist-error");
const FIXED: (u16, Option<&str>, &str) = (400, Some("mutability"), "invalid-operation");

fn create_role(name: &str) -> CreateRole {
    CreateRole { name: name.into(), grants: Grants { write: 1, read: 1 } }
}

fn rename_role(role: &str, name: &str) -> RenameRole {
    RenameRole { role: role.into(), name: name.into() }
}

fn delete_role(role: &str, target: Option<&str>) -> DeleteRole {
    DeleteRole { role: role.into(), target: target.map(Into::into) }
}

/// D-75, D-76: a new role is there at the next fetch; a new name is one row and shows everywhere.
#[tokio::test]
async fn roles_are_made_and_renamed() {
    let world = World::new().await;
    let cleo = world.person("cleo").await;
    let before = world.user_record(&cleo).await;
    let role = world.command(create_role(" Lead ")).await.unwrap();
    assert_eq!(world.group("Lead").await, role.id);
    world.set(&cleo, &format!("{EXT}:userRole"), json!("Lead")).await.unwrap();
    let moved = world.user_record(&cleo).await;
    let shown = world.get("User", &cleo).await.unwrap();
    world.command(rename_role("Lead", "Head")).await.unwrap();
    assert_eq!(world.user_record(&cleo).await, moved, "no user is written");
    let after = world.get("User", &cleo).await.unwrap();
    assert_eq!((&after[EXT]["userRole"], &after["groups"][0]["display"]), (&json!("Head"), &json!("Head")));
    assert_eq!(after["groups"][0]["value"], *role.id);
    assert_ne!(after["meta"]["version"], shown["meta"]["version"]);
    assert_ne!(moved.version, before.version);
    // Clients look groups up without regard to case, so names differ by more.
    refused(world.command(create_role("head")).await, TAKEN, &["`head`"]);
    refused(world.command(rename_role("Viewer", "HEAD")).await, TAKEN, &["`HEAD`"]);
    world.command(rename_role(&role.id, "HEAD")).await.unwrap();
    for name in ["", " ", "a\nb", &"x".repeat(256)] {
        refused(world.command(create_role(name)).await, INVALID, &["name"]);
    }
    refused(world.command(rename_role("viewer", "V")).await, NOT_FOUND, &["did you mean `Viewer`?"]);
}

/// D-70, D-69: the admin and the guest role stay, and whoever holds a role that goes gets the target.
#[tokio::test]
async fn roles_that_go() {
    let world = World::new().await;
    for role in ["Admin", "Guest"] {
        refused(world.command(rename_role(role, "X")).await, FIXED, &[role]);
        refused(world.command(delete_role(role, Some("User"))).await, FIXED, &[role]);
        let archive = ArchiveRole { role: role.into(), archived: true };
        refused(world.command(archive).await, FIXED, &[role]);
        let grants = SetGrants { role: role.into(), write: Some(0), read: None };
        refused(world.command(grants).await, FIXED, &[role]);
    }
    refused(world.command(delete_role("User", None)).await, INVALID, &["2 users"]);
    for target in ["User", "Guest", "Old", "Agent"] {
        refused(world.command(delete_role("User", Some(target))).await, INVALID, &[target]);
    }
    let (cleo, dan) = (world.person("cleo").await, world.person("dan").await);
    world.command(delete_role("User", Some("Viewer"))).await.unwrap();
    assert_eq!((world.role_of(&cleo).await, world.role_of(&dan).await), (json!("Viewer"), json!("Viewer")));
    assert_eq!(world.find("Group", "displayName eq \"User\"").await.len(), 0);
    assert_eq!(world.members("Viewer").await.len(), 2);
    let seats = world.seats().await;
    // Of the two only one is active, and so one more admin there is.
    world.command(delete_role("Viewer", Some("Admin"))).await.unwrap();
    assert_eq!((world.admins().await, world.seats().await), (3, seats));
    let changed = world.events(Stream::Outbox).await;
    let last = &changed.last().unwrap().body["event"];
    assert_eq!((&last["operation"], last["people"].as_array().unwrap().len()), (&json!("assign"), 2));
    world.set(&cleo, "active", json!(false)).await.unwrap();
    assert_eq!(world.admins().await, 2);
}

/// an archived role is kept by its people and given to nobody; grants decide about the default.
#[tokio::test]
async fn archived_roles_and_grants() {
    let world = World::new().await;
    let cleo = world.person("cleo").await;
    let archive = |archived| ArchiveRole { role: "User".into(), archived };
    world.command(archive(true)).await.unwrap();
    assert_eq!(world.role_of(&cleo).await, "User");
    assert_eq!(world.find("Group", "displayName eq \"User\"").await.len(), 0);
    let path = format!("{EXT}:userRole");
    refused(world.set(&world.person("ada").await, &path, json!("User")).await, INVALID, &["archived"]);
    world.command(archive(false)).await.unwrap();
    assert_eq!(world.members("User").await.len(), 2);
    let lea = world.create(minimal("lea")).await.unwrap();
    assert_eq!(lea[EXT]["userRole"], "Viewer");
    world.command(SetGrants { role: "Viewer".into(), write: Some(50), read: None }).await.unwrap();
    let max = world.create(minimal("max")).await.unwrap();
    assert_eq!(max[EXT]["userRole"], "User");
}

/// A-13, D-64, A-10: names of teams are unique; a new one shows in every list, and is quoted where it must be.
#[tokio::test]
async fn teams() {
    let world = World::new().await;
    let cleo = world.person("cleo").await;
    let path = format!("{EXT}:teams");
    world.set(&cleo, &path, json!("Ops,Design")).await.unwrap();
    let create = |name: &str| CreateTeam { name: name.into() };
    refused(world.command(create("Design")).await, TAKEN, &["`Design`"]);
    world.command(create("design")).await.unwrap();
    world.command(create("UX")).await.unwrap();
    let rename = RenameTeam { team: "Ops".into(), name: "Operations".into() };
    world.command(rename.clone()).await.unwrap();
    // There are `Design`, `UX` and `Design, UX` now.
    assert_eq!(world.teams_of(&cleo).await, "\"Design\",Operations");
    refused(world.command(rename).await, NOT_FOUND, &["`Ops`"]);
    world.set(&cleo, &path, json!("\"Design\",\"UX\"")).await.unwrap();
    let shown = world.get("User", &cleo).await.unwrap();
    world.command(DeleteTeam { team: "UX".into() }).await.unwrap();
    assert_eq!(world.teams_of(&cleo).await, "Design");
    assert_ne!(world.get("User", &cleo).await.unwrap()["meta"]["version"], shown["meta"]["version"]);
    refused(world.set(&cleo, &path, json!("UX")).await, INVALID, &["`UX`"]);
}

/// D-64, D-76: who is in a team or region has a new version when what is shown of it changes, and only then.
#[tokio::test]
async fn versions_follow_what_is_shown() {
    let world = World::new().await;
    let cleo = world.person("cleo").await;
    world.set(&cleo, &format!("{EXT}:teams"), json!("Sales")).await.unwrap();
    let version = async || world.get("User", &cleo).await.unwrap()["meta"]["version"].clone();
    let first = version().await;
    world.command(CreateTeam { name: "Support".into() }).await.unwrap();
    world.command(CreateRegion { name: "England".into(), is_default: true }).await.unwrap();
    world.command(create_role("Lead")).await.unwrap();
    let nobody_has_it = DeleteRegion { region: "England".into(), target: None };
    world.command(nobody_has_it).await.unwrap();
    assert_eq!(version().await, first, "nothing of it is shown");
    world.command(DeleteTeam { team: "Sales".into() }).await.unwrap();
    let second = version().await;
    assert!(second != first && world.teams_of(&cleo).await.is_null());
    world.command(RenameRegion { region: "Berlin".into(), name: "Brandenburg".into() }).await.unwrap();
    let third = version().await;
    assert_ne!(third, second);
    let other = DeleteRegion { region: "Brandenburg".into(), target: Some("Bayern".into()) };
    world.command(other).await.unwrap();
    assert_ne!(version().await, third);
}

/// D-21, D-65: the default region, and the one that people get whose own is deleted.
#[tokio::test]
async fn regions() {
    let world = World::new().await;
    let region_of = async |name: &str| {
        let id = world.person(name).await;
        world.get("User", &id).await.unwrap()[EXT]["absenceRegion"].clone()
    };
    let delete = |region: &str, target: Option<&str>| DeleteRegion {
        region: region.into(),
        target: target.map(Into::into),
    };
    refused(world.command(delete("Berlin", None)).await, INVALID, &["absence region `Berlin` has 10 users"]);
    refused(world.command(delete("Berlin", Some("Berlin"))).await, INVALID, &["`Berlin`"]);
    world.command(delete("Berlin", Some("Bayern"))).await.unwrap();
    assert_eq!(region_of("cleo").await, "Bayern");
    world.create(minimal("lea")).await.unwrap();
    assert_eq!(region_of("lea").await, json!(null));
    world.command(CreateRegion { name: "England".into(), is_default: true }).await.unwrap();
    world.create(minimal("max")).await.unwrap();
    assert_eq!(region_of("max").await, "England");
    world.command(RenameRegion { region: "England".into(), name: "UK".into() }).await.unwrap();
    assert_eq!(region_of("max").await, "UK");
    world.command(SetDefaultRegion { region: Some("Bayern".into()) }).await.unwrap();
    world.create(minimal("kim")).await.unwrap();
    assert_eq!(region_of("kim").await, "Bayern");
    let create = CreateRegion { name: "UK".into(), is_default: false };
    refused(world.command(create).await, TAKEN, &["`UK`"]);
}

/// D-23: only an admin may let SCIM book seats, and the rest of the settings is theirs too.
#[tokio::test]
async fn settings_are_for_admins() {
    let world = World::with_seats(5).await;
    let allow = ChangeSettings { automatic_booking: Some(true), ..ChangeSettings::default() };
    for user in ["cleo@w.example", "dan@w.example", "api@w.example", "nobody@w.example"] {
        let by = Actor::User(user.into());
        refused(world.command_by(by, allow.clone()).await, (403, None, "unauthorized"), &[user]);
    }
    refused(world.create(minimal("lea")).await, NO_SEAT, &[]);
    world.command_by(Actor::User("ADA@w.example".into()), allow).await.unwrap();
    world.create(minimal("lea")).await.unwrap();
    let settings = ChangeSettings {
        language: Some("en".into()),
        subdomain: Some("https://acme.awork.com/".into()),
        german_variants_as_german: Some(true),
        ..ChangeSettings::default()
    };
    world.command(settings).await.unwrap();
    let shown = world.command(ShowWorkspace).await.unwrap();
    assert_eq!((shown.language.as_str(), shown.subdomain.as_deref()), ("en-GB", Some("acme")));
    assert!(shown.german_variants_as_german && shown.automatic_booking);
    let unfit = |language: Option<&str>, subdomain: Option<&str>| ChangeSettings {
        language: language.map(Into::into),
        subdomain: subdomain.map(Into::into),
        ..ChangeSettings::default()
    };
    refused(world.command(unfit(Some("fr"), None)).await, INVALID, &["`fr`"]);
    refused(world.command(unfit(None, Some("a b"))).await, INVALID, &["`a b`"]);
    let log = world.events(Stream::Log).await;
    let by: Vec<_> = log.iter().filter_map(|event| event.body.get("by")).collect();
    assert_eq!(by, [&json!(world.person("ada").await), &json!("operator")]);
}

/// A-48, D-10, D-11: what the plan says decides at once, and again when it is back.
#[tokio::test]
async fn plans() {
    let world = World::new().await;
    let plan = ChangePlan { enterprise: Some(false), openid_connect: None };
    let after = world.command(plan).await.unwrap();
    assert_eq!((after.enterprise, after.openid_connect), (false, true));
    let admit = async || {
        let context = world.context();
        scim_engine::ProvisioningEngine::admit(&*world.engine, &context).await.map_err(|e| e.problem().status)
    };
    assert_eq!(admit().await, Err(403));
    world.command(ChangePlan { enterprise: Some(true), openid_connect: None }).await.unwrap();
    assert_eq!(admit().await, Ok(()));
}

/// D-28, A-51: seats are booked by hand in whole ones, and never fewer than are in use.
#[tokio::test]
async fn seats_by_hand() {
    let world = World::with_seats(5).await;
    refused(world.create(minimal("lea")).await, NO_SEAT, &[]);
    let done = world.command(BookSeats { seats: 6 }).await.unwrap();
    assert_eq!((done.before, done.now.booked, done.now.used, done.now.used_thirds), (5, 6, 5, 13));
    world.create(minimal("lea")).await.unwrap();
    refused(world.command(BookSeats { seats: 5 }).await, INVALID, &["6 are in use"]);
    assert_eq!(world.seats().await, (16, 18));
}

/// D-26, D-27: what provisioning has booked is shown until its invoice is made out; what is booked by hand is
/// on none.
#[tokio::test]
async fn seats_to_be_invoiced() {
    let world = World::with_seats(5).await;
    let booking = ChangeSettings { automatic_booking: Some(true), ..ChangeSettings::default() };
    world.command(booking).await.unwrap();
    let shown = async |minute| {
        let shown = world.after(minute).command(ShowWorkspace).await.unwrap().seats.to_invoice;
        shown.map(|next| {
            let minute = |at: DateTime<Utc>| (at.timestamp_millis() - START) / MINUTE;
            (next.seats, minute(next.since), minute(next.due))
        })
    };
    assert_eq!(shown(0).await, None);
    world.after(1).create(minimal("lea")).await.unwrap();
    world.after(2).create(minimal("eva")).await.unwrap();
    assert_eq!(shown(3).await, Some((2, 1, 31)));
    let done = world.after(4).command(BookSeats { seats: 10 }).await.unwrap();
    assert_eq!((done.before, done.now.to_invoice.map(|next| next.seats)), (7, Some(2)));
    let mut worker = world.worker();
    world.after(31).work(&mut worker).await;
    assert_eq!(shown(32).await, None);
}

/// D-29, A-51: seats that are booked by hand while people come in are neither lost nor oversold.
#[tokio::test(flavor = "multi_thread")]
async fn seats_by_hand_amid_creates() {
    let world = World::with_seats(5).await;
    let booking = {
        let world = world.clone();
        tokio::spawn(async move {
            for seats in 6..=15 {
                world.command(BookSeats { seats }).await.unwrap();
            }
        })
    };
    let creating: Vec<_> = (0..30)
        .map(|number| {
            let world = world.clone();
            tokio::spawn(async move { world.create(minimal(&format!("new-{number}"))).await.is_ok() })
        })
        .collect();
    booking.await.unwrap();
    let mut created = 0;
    for one in creating {
        created += i64::from(one.await.unwrap());
    }
    let (thirds, limit) = world.seats().await;
    assert_eq!((thirds, limit), (13 + 3 * created, 45));
    assert!(thirds <= limit);
}

/// D-26, D-27, D-29: seats that are booked by hand amid automatic bookings are on no invoice, and each of the
/// others is on one, also when the window is billed in between.
#[tokio::test(flavor = "multi_thread")]
async fn seats_by_hand_amid_bookings() {
    for place in Place::all() {
        let world = World::at(place, &WorkspaceSetup { automatic_booking: true, ..setup() }).await;
        world.command(BookSeats { seats: 5 }).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..30 {
            // Some come when the window of the others is over.
            let world = world.after(if number % 3 == 0 { 31 } else { 0 });
            tasks.spawn(async move {
                world.create(minimal(&format!("new-{number}"))).await.unwrap();
                0
            });
        }
        for seats in [50, 51, 52, 53] {
            let world = world.after(31);
            tasks.spawn(async move {
                let done = world.command(BookSeats { seats }).await.unwrap();
                i64::from(seats) - done.before
            });
        }
        let mut worker = world.worker();
        let mut by_hand = 0;
        while let Some(booked) = tasks.join_next().await {
            by_hand += booked.unwrap();
            world.after(31).work(&mut worker).await;
        }
        world.after(70).work(&mut worker).await;
        let (thirds, limit) = world.seats().await;
        assert_eq!(thirds, 13 + 3 * 30);
        let billed = world.outbox().await.into_iter().filter_map(|event| match event {
            AworkEvent::Invoice(invoice) => i64::try_from(invoice.seats).ok(),
            _ => None,
        });
        assert_eq!(billed.sum::<i64>() + by_hand + 5, limit / 3);
        assert_eq!(world.after(80).command(ShowWorkspace).await.unwrap().seats.to_invoice, None);
    }
}

/// D-19, D-70: a new workspace has an admin, whose account may be that of another workspace.
#[tokio::test]
async fn new_workspaces() {
    let world = World::new().await;
    let new = |name: &str, email: &str| NewWorkspace {
        name: name.into(),
        language: "de".into(),
        subdomain: None,
        seats: 3,
        automatic_booking: false,
        enterprise: true,
        openid_connect: true,
        admin_email: email.into(),
        admin_given_name: "Ada".into(),
        admin_family_name: "L".into(),
    };
    let create = |name: &str, email: &str| {
        let mut number = 0;
        CreateWorkspace::new(new(name, email).setup().unwrap(), || {
            number += 1;
            format!("{name}-{number}")
        })
    };
    let second = world.of_tenant("w2");
    second.command(create("w2", "ADA@w.example")).await.unwrap();
    refused(second.command(create("w2", "x@y.example")).await, EXISTS, &["`w2`"]);
    let ada = world.person("ada").await;
    assert_eq!(world.account_of(&ada).await.1.memberships.len(), 2);
    let shown = second.command(ShowWorkspace).await.unwrap();
    assert_eq!((shown.seats.booked, shown.seats.used, shown.language.as_str()), (3, 1, "de-DE"));
    assert_eq!(second.all("User").await.len(), 1);
    let admin = second.all("User").await[0]["id"].as_str().unwrap().to_owned();
    refused(second.set(&admin, "active", json!(false)).await, LAST_ADMIN, &["last active admin"]);
    let third = world.of_tenant("w3");
    refused(third.command(create("w3", "nobody")).await, INVALID, &["nobody"]);
    refused(third.command(create("_workspaces", "x@y.example")).await, INVALID, &["_workspaces"]);
    refused(third.command(ShowWorkspace).await, NOT_FOUND, &["`w3`"]);
    let page = scim_awork::command::workspace_page(0, 10).unwrap();
    let listed = scim_engine::store::Store::query(world.engine.store(), page).await.unwrap();
    let names: Vec<_> = listed.found.iter().map(|found| found.record.id()).collect();
    assert_eq!((listed.total, names), (Some(2), vec!["w", "w2"]));
}
