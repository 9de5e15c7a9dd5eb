//! Setting a workspace up.

use chrono::DateTime;
use scim_awork::{
    AworkRefusal, PersonKind, PersonSetup, RoleKind, SetupError, WorkspaceSetup, awork_registry, login_key,
};
use serde_json::json;

use crate::world::{World, person, role, setup};

#[track_caller]
fn cannot(setup: &WorkspaceSetup, error: &SetupError) {
    let registry = awork_registry().unwrap();
    let batch = setup.batch(&registry, DateTime::UNIX_EPOCH, || "id".into());
    assert_eq!(batch.unwrap_err(), *error);
}

fn twice(what: &'static str, name: &str) -> SetupError {
    SetupError::Twice { what, name: name.into() }
}

fn unknown(what: &'static str, name: &str) -> SetupError {
    SetupError::Unknown { what, name: name.into() }
}

/// D-28: technical users hold roles and accounts, but are seen, counted and led by nobody.
#[tokio::test]
async fn technical_users() {
    let world = World::new().await;
    assert_eq!((world.seats().await, world.admins().await), ((13, 300), 2));
    assert_eq!(world.members("Admin").await.len(), 2);
    for name in ["api", "robot", "partner", "past"] {
        assert!(world.record(login_key(&format!("{name}@w.example"))).await.is_some(), "{name}");
    }
    let alone = WorkspaceSetup {
        people: vec![PersonSetup { kind: PersonKind::Api, ..person("api", "Admin", true) }],
        ..setup()
    };
    cannot(&alone, &SetupError::NoAdmin);
}

/// D-69, D-70, A-13: what contradicts itself is refused, and said.
#[test]
fn contradictions() {
    let people = |people: Vec<PersonSetup>| WorkspaceSetup { people, ..setup() };
    let ada = || person("ada", "Admin", true);
    cannot(&WorkspaceSetup { name: "a/b".into(), ..setup() }, &SetupError::Name("a/b".into()));
    cannot(&people(vec![]), &SetupError::NoAdmin);
    cannot(&people(vec![person("ada", "Admin", false), person("bob", "User", true)]), &SetupError::NoAdmin);
    cannot(&people(vec![ada(), person("bob", "admin", true)]), &unknown("the role", "admin"));
    let shouted = PersonSetup { email: "ADA@w.example".into(), ..person("x", "User", true) };
    cannot(&people(vec![ada(), shouted]), &twice("the person", "ADA@w.example"));
    for (roles, error) in [
        (vec![role("User", RoleKind::Ordinary, 0, 0)], SetupError::NoAdmin),
        (vec![role("A", RoleKind::Admin, 0, 0), role("B", RoleKind::Admin, 0, 0)], SetupError::NoAdmin),
        (vec![role("A", RoleKind::Admin, 0, 0), role("A", RoleKind::Ordinary, 0, 0)], twice("the role", "A")),
        (
            vec![
                role("A", RoleKind::Admin, 0, 0),
                role("G", RoleKind::Guest, 0, 0),
                role("H", RoleKind::Guest, 0, 0),
            ],
            SetupError::SeveralGuestRoles,
        ),
    ] {
        cannot(&WorkspaceSetup { roles, ..setup() }, &error);
    }
    let teams = vec!["Ops".to_owned(), "Ops".to_owned()];
    cannot(&WorkspaceSetup { teams, ..setup() }, &twice("the team", "Ops"));
    let absence_regions = vec!["Ulm".to_owned(), "Ulm".to_owned()];
    cannot(&WorkspaceSetup { absence_regions, ..setup() }, &twice("the absence region", "Ulm"));
    let default_absence_region = Some("Ulm".to_owned());
    cannot(&WorkspaceSetup { default_absence_region, ..setup() }, &unknown("the absence region", "Ulm"));
}

/// people of a description fit awork like those who come by SCIM.
#[test]
fn people_who_do_not_fit() {
    let ada = || person("ada", "Admin", true);
    for (unfit, starts) in [
        (PersonSetup { email: "ada".into(), ..ada() }, "userName: "),
        (PersonSetup { given_name: " ".into(), ..ada() }, "name.givenName: "),
        (PersonSetup { family_name: String::new(), ..ada() }, "name.familyName: "),
    ] {
        let setup = WorkspaceSetup { people: vec![unfit.clone()], ..setup() };
        let error =
            setup.batch(&awork_registry().unwrap(), DateTime::UNIX_EPOCH, || "id".into()).unwrap_err();
        let SetupError::Person { email, refusal } = &error else { panic!("{error}") };
        assert_eq!(*email, unfit.email);
        assert!(refusal.to_string().starts_with(starts), "{refusal}");
    }
    let refusal = AworkRefusal::UserNameMissing;
    let error = SetupError::Person { email: String::new(), refusal };
    assert!(error.to_string().contains("a value is missing"), "{error}");
}

/// D-23, A-1: a file says only what differs from the ordinary.
#[test]
fn a_file() {
    let setup: WorkspaceSetup = serde_json::from_value(json!({
        "name": "w",
        "seats": 3,
        "roles": [{ "name": "Admin", "kind": "admin" }, { "name": "User" }],
        "people": [{ "email": "a@b.c", "given_name": "A", "family_name": "B", "role": "Admin" }],
    }))
    .unwrap();
    assert_eq!((setup.language.as_str(), setup.automatic_booking), ("de-DE", false));
    assert_eq!((setup.people[0].active, setup.people[0].kind), (true, PersonKind::Person));
    assert_eq!(setup.roles[1].kind, RoleKind::Ordinary);
    assert!(setup.batch(&awork_registry().unwrap(), DateTime::UNIX_EPOCH, || "id".into()).is_ok());
    assert!(serde_json::from_value::<WorkspaceSetup>(json!({ "name": "w", "seat": 3 })).is_err());
}
