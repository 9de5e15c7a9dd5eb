//! The account behind a person: login e-mail, names and time zone, shared by workspaces.

use serde_json::json;

use crate::world::{INVALID, SEVERAL, TAKEN, World, minimal, refused, user, with};

/// D-59, D-58, A-33: the user name is the login, and the contact e-mail that equals it follows.
#[tokio::test]
async fn a_new_login() {
    let world = World::new().await;
    let lea = world.create(minimal("lea")).await.unwrap();
    let id = lea["id"].as_str().unwrap();
    let changed = world.set(id, "userName", json!("eva@w.example")).await.unwrap();
    assert_eq!(changed["userName"], "eva@w.example");
    assert_eq!(changed["emails"], json!([{ "value": "eva@w.example", "type": "work", "primary": true }]));
    let (_, account) = world.account_of(id).await;
    assert_eq!((account.email.as_str(), account.memberships.len()), ("eva@w.example", 1));
    // The old e-mail is free, the new one is not.
    world.create(minimal("lea")).await.unwrap();
    refused(world.create(minimal("eva")).await, (409, Some("uniqueness"), "already-exist-error"), &["eva@"]);
}

/// A-33, D-56: contact e-mails are what `emails` says when the request has it, and never change the login.
#[tokio::test]
async fn contact_emails_are_another_thing() {
    let world = World::new().await;
    let emails = |value: &str| json!([{ "value": value, "type": "work", "primary": true }]);
    let lea = world.create(with("lea", json!({ "emails": emails("L@w.example") }))).await.unwrap();
    let id = lea["id"].as_str().unwrap();
    let renamed = world.set(id, "userName", json!("eva@w.example")).await.unwrap();
    assert_eq!(renamed["emails"], emails("L@w.example"));
    let body = json!({ "userName": "ida@w.example", "emails": emails("eva@w.example") });
    assert_eq!(world.put("User", id, user(body)).await.unwrap()["emails"], emails("eva@w.example"));
    let contact = world.set(id, "emails[type eq \"work\"].value", json!("z@w.example")).await.unwrap();
    assert_eq!((&contact["userName"], &contact["emails"]), (&json!("ida@w.example"), &emails("z@w.example")));
    assert_eq!(world.account_of(id).await.1.email, "ida@w.example");
}

/// the same e-mail in another spelling is never refused, and the last spelling is shown.
#[tokio::test]
async fn another_spelling() {
    let world = World::new().await;
    let (cleo, ada) = (world.person("cleo").await, world.person("ada").await);
    for id in [&cleo, &ada] {
        let email = world.get("User", id).await.unwrap()["userName"].as_str().unwrap().to_uppercase();
        let changed = world.set(id, "userName", json!(format!(" {email} "))).await.unwrap();
        assert_eq!(changed["userName"], email.as_str());
        assert_eq!(changed["emails"][0]["value"], email.as_str());
        assert_eq!(world.account_of(id).await.1.email, email);
        assert_eq!(world.find("User", &format!("userName eq \"{}\"", email.to_lowercase())).await, [changed]);
    }
}

/// D-61, A-32, D-60: no change, then taken, then several workspaces.
#[tokio::test]
async fn refused_logins() {
    let world = World::new().await;
    let second = world.second_workspace().await;
    let (ada, cleo) = (world.person("ada").await, world.person("cleo").await);
    let before = (world.all("User").await, world.account_of(&ada).await, world.account_of(&cleo).await);
    // Taken within the workspace, by a technical user, and by somebody of another workspace.
    for email in ["bob@w.example", "BOB@w.example", " bob@w.example", "api@w.example", "vera@v.example"] {
        refused(world.set(&ada, "userName", json!(email)).await, TAKEN, &["userName", email.trim()]);
        refused(world.set(&cleo, "userName", json!(email)).await, TAKEN, &["userName"]);
    }
    let free = world.put("User", &cleo, user(json!({ "userName": "new@w.example", "title": "x" }))).await;
    refused(free, SEVERAL, &["userName", "new@w.example", "profile"]);
    refused(world.set(&ada, "userName", json!("ada")).await, INVALID, &["`ada`"]);
    assert_eq!(
        (world.all("User").await, world.account_of(&ada).await, world.account_of(&cleo).await),
        before
    );
    assert_eq!(second.all("User").await.len(), 1);
}

/// D-19, A-31: a person of another workspace is linked to their account, which then is in two, active
/// or not.
#[tokio::test]
async fn one_account_in_two_workspaces() {
    let world = World::new().await;
    let second = world.second_workspace().await;
    let (ada, dan) = (world.person("ada").await, world.person("dan").await);
    world.set(&ada, "timezone", json!("Europe/Rome")).await.unwrap();
    let there = second.create(with("ada", json!({ "active": false }))).await.unwrap();
    let id = there["id"].as_str().unwrap();
    assert_ne!(id, ada);
    assert_eq!(there["timezone"], "Europe/Rome");
    assert_eq!(world.account_of(&ada).await, second.account_of(id).await);
    let workspaces: Vec<_> =
        world.account_of(&ada).await.1.memberships.into_iter().map(|one| (one.workspace, one.user)).collect();
    assert_eq!(workspaces, [("w".to_owned(), ada.clone()), ("v".to_owned(), id.to_owned())]);
    refused(world.set(&ada, "userName", json!("new@w.example")).await, SEVERAL, &[]);
    refused(second.set(id, "userName", json!("new@w.example")).await, SEVERAL, &[]);
    // A membership that SCIM deleted is one in awork all the same.
    second.delete("User", id).await.unwrap();
    refused(world.set(&ada, "userName", json!("new@w.example")).await, SEVERAL, &[]);
    world.set(&dan, "userName", json!("new@w.example")).await.unwrap();
}

/// A-8, D-53: names and time zone go to the shared account; users elsewhere keep their names.
#[tokio::test]
async fn names_and_zone_are_the_accounts() {
    let world = World::new().await;
    let second = world.second_workspace().await;
    let ada = world.person("ada").await;
    let there = second.create(minimal("ada")).await.unwrap();
    let body = json!({ "name": { "givenName": "Ada", "familyName": "King" }, "timezone": "Asia/Tokyo" });
    world.put("User", &ada, user(body)).await.unwrap();
    let (_, account) = world.account_of(&ada).await;
    assert_eq!((account.given_name.as_str(), account.family_name.as_str()), ("Ada", "King"));
    assert_eq!(account.time_zone.as_deref(), Some("Asia/Tokyo"));
    assert_eq!(second.get("User", there["id"].as_str().unwrap()).await.unwrap(), there);
}

/// D-6, D-5: what a request does not name of the account stays, though this user's copy is older; what
/// it names is written.
#[tokio::test]
async fn an_older_copy_is_not_written_back() {
    let world = World::new().await;
    let id = world.person("ada").await;
    world.set(&id, "timezone", json!("Europe/Rome")).await.unwrap();
    let edit = |account: &mut scim_awork::Account| {
        account.time_zone = Some("Asia/Tokyo".into());
        account.family_name = "Elsewhere".into();
    };
    world.edit_account(&id, edit).await;
    for body in [json!({ "title": "x" }), json!({ "userName": "ada@w.example" }), json!({ "timezone": "" })] {
        world.put("User", &id, user(body)).await.unwrap();
    }
    let (_, account) = world.account_of(&id).await;
    assert_eq!(
        (account.time_zone.as_deref(), account.family_name.as_str()),
        (Some("Asia/Tokyo"), "Elsewhere")
    );
    world.put("User", &id, user(json!({ "timezone": "Europe/Rome" }))).await.unwrap();
    let (_, account) = world.account_of(&id).await;
    assert_eq!(
        (account.time_zone.as_deref(), account.family_name.as_str()),
        (Some("Europe/Rome"), "Elsewhere")
    );
    world.set(&id, "name.givenName", json!("ada")).await.unwrap();
    assert_eq!(world.account_of(&id).await.1.family_name, "Example");
}

/// D-14, D-15, A-28: the account e-mail counts, also where a user's copy of it is older than a change in
/// the profile.
#[tokio::test]
async fn an_older_copy_of_the_login() {
    let world = World::new().await;
    let ada = world.person("ada").await;
    let (account, _) = world.account_of(&ada).await;
    world.edit_account(&ada, |account| account.email = "ada@new.example".into()).await;
    let old = scim_awork::login_key("ada@w.example");
    world
        .commit(vec![
            scim_engine::store::Write::Delete { key: old, replaces: 1 },
            scim_awork::write_login("ada@new.example", &account),
        ])
        .await;
    world.put("User", &ada, user(json!({ "title": "x", "name": { "givenName": "A" } }))).await.unwrap();
    assert_eq!(world.account_of(&ada).await.1.email, "ada@new.example");
    let exists = (409, Some("uniqueness"), "already-exist-error");
    refused(world.create(with("x", json!({ "userName": "ada@new.example" }))).await, exists, &[]);
    refused(world.create(minimal("ada")).await, exists, &[]);
    // Nobody signs in with the old e-mail, yet it is still what the user is found by.
    let bob = world.person("bob").await;
    refused(world.set(&bob, "userName", json!("ada@w.example")).await, TAKEN, &[]);
    // Nor does the account's own e-mail help while somebody else is found by it.
    world.edit_user(&bob, |document| document.set(None, "userName", Some(json!("ada@new.example")))).await;
    refused(world.set(&ada, "userName", json!("ada@new.example")).await, TAKEN, &[]);
    world.edit_user(&bob, |document| document.set(None, "userName", Some(json!("bob@w.example")))).await;
    // The next write that names the login brings the copy up to date (D-5).
    let back = world.set(&ada, "userName", json!("ada@new.example")).await.unwrap();
    assert_eq!(back["userName"], "ada@new.example");
    world.set(&bob, "userName", json!("ada@w.example")).await.unwrap();
}
