//! Users by hand, and what SCIM makes of them.

use scim_awork::command::{ActivateUser, CreateUser, DeleteUser, EditUser, ShowUser, UserFields};
use scim_engine::store::Stream;
use serde_json::{Value, json};

use crate::world::{EXT, INVALID, LAST_ADMIN, NO_SEAT, NOT_FOUND, World, minimal, refused, user};

fn fields(given_name: &str, role: Option<&str>) -> UserFields {
    UserFields {
        given_name: Some(given_name.into()),
        family_name: Some("Hand".into()),
        role: role.map(Into::into),
        ..UserFields::default()
    }
}

fn create(email: &str, role: Option<&str>) -> CreateUser {
    CreateUser { email: email.into(), fields: fields("Lea", role) }
}

fn activate(user: &str, active: bool) -> ActivateUser {
    ActivateUser { user: user.into(), active }
}

async fn mails(world: &World) -> usize {
    let outbox = world.events(Stream::Outbox).await;
    outbox.iter().filter(|event| event.body["event"]["type"] == "mail").count()
}

/// D-18, D-67, D-80: whom an admin creates is invited and may be a guest; SCIM syncs them all the same.
#[tokio::test]
async fn invited_by_hand() {
    let world = World::new().await;
    let done = world.command(create("lea@w.example", Some("Guest"))).await.unwrap();
    let shown = world.command(ShowUser { user: "LEA@w.example".into() }).await.unwrap();
    assert_eq!((shown.id.as_str(), shown.role.as_deref(), shown.invited), (&*done.id, Some("Guest"), true));
    assert_eq!(shown.absence_region.as_deref(), Some("Berlin"));
    let imported = world.create(minimal("max")).await.unwrap();
    let imported = world.command(ShowUser { user: imported["id"].as_str().unwrap().into() }).await.unwrap();
    assert!(!imported.invited);
    world.set(&done.id, "title", json!("Dr.")).await.unwrap();
    assert_eq!(world.role_of(&done.id).await, "Guest");
    refused(
        world.command(create("lea@w.example", None)).await,
        (409, Some("uniqueness"), "already-exist-error"),
        &[],
    );
    refused(world.command(create("lea", None)).await, INVALID, &["`lea`"]);
    let nameless = CreateUser { email: "n@w.example".into(), fields: UserFields::default() };
    refused(world.command(nameless).await, INVALID, &["name"]);
    refused(world.command(create("o@w.example", Some("Old"))).await, INVALID, &["archived"]);
}

/// D-67: an admin makes a guest of a user, once: who is one stays as they are.
#[tokio::test]
async fn guests_by_hand() {
    let world = World::new().await;
    let cleo = world.person("cleo").await;
    let fields = UserFields { role: Some("Guest".into()), ..UserFields::default() };
    let edit = EditUser { user: "cleo@w.example".into(), fields };
    world.command(edit.clone()).await.unwrap();
    assert_eq!(world.role_of(&cleo).await, "Guest");
    let guest = world.user_record(&cleo).await;
    world.command(edit).await.unwrap();
    assert_eq!((world.role_of(&cleo).await, world.user_record(&cleo).await), (json!("Guest"), guest));
}

/// D-5, D-7, D-15: what is changed by hand stays until SCIM names it; nobody else is touched, and the login
/// is nothing that an admin edits.
#[tokio::test]
async fn edited_by_hand() {
    let world = World::new().await;
    let (cleo, ada) = (world.person("cleo").await, world.person("ada").await);
    let others = world.user_record(&ada).await;
    let edit = EditUser {
        user: "cleo@w.example".into(),
        fields: UserFields {
            given_name: Some("Cleopatra".into()),
            title: Some("Queen".into()),
            teams: Some("Ops".into()),
            role: Some("Viewer".into()),
            ..UserFields::default()
        },
    };
    world.command(edit).await.unwrap();
    let shown = world.get("User", &cleo).await.unwrap();
    assert_eq!((&shown["title"], &shown["name"]["givenName"]), (&json!("Queen"), &json!("Cleopatra")));
    assert_eq!((&shown[EXT]["teams"], &shown[EXT]["userRole"]), (&json!("Ops"), &json!("Viewer")));
    assert_eq!(
        (&shown["name"]["familyName"], &shown["userName"]),
        (&json!("Example"), &json!("cleo@w.example"))
    );
    let put = user(json!({ "name": { "givenName": "Cleo", "familyName": "Smith" } }));
    let after = world.put("User", &cleo, put).await.unwrap();
    assert_eq!((&after["title"], &after["name"]["givenName"]), (&json!("Queen"), &json!("Cleo")));
    assert_eq!(world.user_record(&ada).await, others);
    let clear = EditUser {
        user: cleo.clone(),
        fields: UserFields { title: Some(String::new()), ..Default::default() },
    };
    world.command(clear).await.unwrap();
    assert_eq!(world.get("User", &cleo).await.unwrap().get("title"), None);
    let unfit =
        EditUser { user: cleo, fields: UserFields { teams: Some("Gone".into()), ..Default::default() } };
    refused(world.command(unfit).await, INVALID, &["`Gone`"]);
    let title = Some("a\0b".into());
    let unfit = EditUser { user: ada.clone(), fields: UserFields { title, ..Default::default() } };
    refused(world.command(unfit).await, INVALID, &["title"]);
    assert_eq!(world.user_record(&ada).await, others);
    let unknown = EditUser { user: "nobody@w.example".into(), fields: UserFields::default() };
    refused(world.command(unknown).await, NOT_FOUND, &["nobody@w.example"]);
    for technical in ["api", "robot", "partner", "past"] {
        let edit = EditUser { user: format!("{technical}@w.example"), fields: UserFields::default() };
        refused(world.command(edit).await, INVALID, &[technical]);
    }
}

/// D-33, A-14, D-22: a deactivation by hand frees the seat, coming back needs one and brings a mail.
#[tokio::test]
async fn deactivated_by_hand() {
    let world = World::with_seats(5).await;
    let cleo = world.person("cleo").await;
    world.command(activate(&cleo, false)).await.unwrap();
    assert_eq!(world.seats().await, (10, 15));
    world.create(minimal("lea")).await.unwrap();
    refused(world.command(activate(&cleo, true)).await, NO_SEAT, &["1 more"]);
    world.command(activate("lea@w.example", false)).await.unwrap();
    assert_eq!(mails(&world).await, 0);
    world.command(activate(&cleo, true)).await.unwrap();
    assert_eq!((mails(&world).await, world.seats().await), (1, (13, 15)));
    world.command(activate("ada@w.example", false)).await.unwrap();
    refused(world.command(activate("bob@w.example", false)).await, LAST_ADMIN, &["last active admin"]);
    let bob = DeleteUser { user: "bob@w.example".into() };
    refused(world.command(bob).await, LAST_ADMIN, &["cannot be deleted"]);
}

/// whom SCIM has deleted, an admin brings back, and SCIM sees them again under their id.
#[tokio::test]
async fn brought_back_by_hand() {
    let world = World::new().await;
    let cleo = world.person("cleo").await;
    world.delete("User", &cleo).await.unwrap();
    let shown = world.command(ShowUser { user: "cleo@w.example".into() }).await.unwrap();
    assert_eq!((shown.visible, shown.active), (false, false));
    let fields = UserFields { title: Some("Queen".into()), ..UserFields::default() };
    world.command(EditUser { user: "cleo@w.example".into(), fields }).await.unwrap();
    let shown = world.command(ShowUser { user: "cleo@w.example".into() }).await.unwrap();
    assert_eq!((shown.visible, shown.active), (false, false), "an edit brings nobody back");
    world.command(activate("cleo@w.example", true)).await.unwrap();
    let back = world.get("User", &cleo).await.unwrap();
    assert_eq!((&back["active"], &back["userName"]), (&json!(true), &json!("cleo@w.example")));
    assert!(world.members("User").await.contains(&cleo));
    assert_eq!(mails(&world).await, 1);
}

/// D-61, A-26: a real deletion frees the e-mail with the account's last user, and only then; SCIM sees
/// nothing of it, and a create makes somebody new.
#[tokio::test]
async fn deleted_for_good() {
    let world = World::new().await;
    let (dan, gus) = (world.person("dan").await, world.person("gus").await);
    let taken = (409, Some("uniqueness"), "duplication-violation");
    world.second_workspace().await.create(minimal("free")).await.unwrap();
    refused(world.set(&dan, "userName", json!("free@w.example")).await, taken, &["free@w.example"]);
    let seats = world.seats().await.0;
    world.command(DeleteUser { user: "gus@w.example".into() }).await.unwrap();
    refused(world.get("User", &gus).await, NOT_FOUND, &[]);
    assert_eq!(world.seats().await.0, seats - 1);
    let new = world.create(minimal("gus")).await.unwrap();
    assert_ne!(new["id"], *gus);
    world.command(DeleteUser { user: new["id"].as_str().unwrap().into() }).await.unwrap();
    let renamed = world.set(&dan, "userName", json!("gus@w.example")).await.unwrap();
    assert_eq!(renamed["userName"], "gus@w.example");
    // Cleo is in another workspace too, so the account and its e-mail stay.
    let cleo = world.person("cleo").await;
    world.command(DeleteUser { user: cleo }).await.unwrap();
    refused(world.set(&dan, "userName", json!("cleo@w.example")).await, taken, &["cleo@w.example"]);
    let outbox = world.events(Stream::Outbox).await;
    let purged: Vec<&Value> = outbox
        .iter()
        .map(|event| &event.body["event"])
        .filter(|event| event["operation"] == "purge")
        .collect();
    assert_eq!(purged.len(), 3);
}

/// A-26, D-7: a user whom SCIM has deleted, and a technical one, can be deleted for good without a trace in
/// the counters.
#[tokio::test]
async fn hidden_users_are_deleted_for_good() {
    let world = World::new().await;
    world.delete("User", &world.person("cleo").await).await.unwrap();
    let (seats, admins) = (world.seats().await, world.admins().await);
    for user in ["cleo", "api"] {
        world.command(DeleteUser { user: format!("{user}@w.example") }).await.unwrap();
        refused(world.command(ShowUser { user: format!("{user}@w.example") }).await, NOT_FOUND, &[user]);
    }
    assert_eq!((world.seats().await, world.admins().await), (seats, admins));
}
