//! Acceptance scenarios 2, 3 and 8 of the domain specification: users come, are found and change their login.

use serde_json::{Value, json};

use crate::client::{EXTENSION, INVALID, Place, body, path, person, refused, with};
use crate::log::mails;
use crate::scenarios::{World, on_both};

on_both!(the_template_of_onelogin found_by_account_email a_new_login);

/// Scenario 2 (D-43, D-3, D-17, D-18, D-21, D-55, D-71, D-64): the template of OneLogin makes an active user,
/// with the default role and the default region, who can sign in at once and gets no mail.
async fn the_template_of_onelogin(world: World) {
    let acme = world.acme("onelogin");
    let shell = &world.admin;
    shell.done(&["role", "create", "acme", "Viewer", "--read-grants", "3"]);
    shell.done(&["region", "create", "acme", "Bayern"]);
    shell.done(&["region", "create", "acme", "Berlin", "--default"]);
    let template = |first: &str, last: &str, email: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": email,
            "name": { "givenName": first, "familyName": last },
            "emails": [{ "value": email, "type": "work", "primary": true }],
        })
    };
    let answer = acme.post(template("Lea", "Berg", "lea@acme.example")).await;
    let created = body(&answer, 201);
    let lea = path("/Users", &created);
    assert_eq!(answer.header("Location"), Some(format!("{}{lea}", world.server.ready().base_url).as_str()));
    assert_eq!(created["active"], true);
    assert_eq!(created["userName"], "lea@acme.example");
    assert_eq!(created["name"]["givenName"], "Lea");
    assert_eq!(created["name"]["familyName"], "Berg");
    assert_eq!(created["emails"], json!([{ "value": "lea@acme.example", "type": "work", "primary": true }]));
    assert_eq!(created[EXTENSION]["userRole"], "Viewer", "the fewest permissions");
    assert_eq!(created["groups"][0]["display"], "Viewer");
    assert_eq!(created[EXTENSION]["absenceRegion"], "Berlin");
    assert_eq!(acme.get(&lea).await, created, "it round-trips");
    // What OneLogin sends at the next sync changes nothing, not even the version.
    let again = acme.put(&lea, template("Lea", "Berg", "lea@acme.example")).await;
    assert_eq!(body(&again, 200), created);
    // In awork: complete at once, where an invitation by hand is open.
    let shown = shell.done(&["user", "show", "acme", "lea@acme.example"]);
    assert_eq!((&shown["invited"], &shown["active"]), (&json!(false), &json!(true)), "{shown}");
    assert_eq!((&shown["role"], &shown["absence_region"]), (&json!("Viewer"), &json!("Berlin")));
    shell.done(&["user", "create", "acme", "eva@acme.example", "--given-name", "E", "--family-name", "B"]);
    assert_eq!(shell.done(&["user", "show", "acme", "eva@acme.example"])["invited"], true);
    // The first mail of all is that of somebody who comes back.
    acme.change(&lea, "active", json!(false)).await;
    acme.change(&lea, "active", json!(true)).await;
    world.mails(1).await;
    let (status, log) = world.server.terminate().unwrap();
    assert!(status.success(), "{log}");
    assert_eq!(mails(&log).len(), 1, "{log}");
}

/// Scenario 3 (D-13, D-14, D-16, D-7, D-2): an existing user is found by the account e-mail in any case, not
/// by the work e-mail, and updated in place; the others stay byte for byte.
async fn found_by_account_email(world: World) {
    let acme = world.acme("entra-id");
    let shell = &world.admin;
    shell.done(&["team", "create", "acme", "Design"]);
    let names = ["--given-name", "M", "--family-name", "Old"];
    let by_hand = |email: &str, more: &[&str]| {
        shell.done(&[&["user", "create", "acme", email], &names[..], more].concat())["id"].clone()
    };
    let mia = by_hand("mia@acme.example", &[]);
    by_hand("gus@acme.example", &["--role", "Guest"]);
    by_hand("dan@acme.example", &["--title", "Dr"]);
    shell.done(&["user", "deactivate", "acme", "dan@acme.example"]);
    let mia = format!("/Users/{}", mia.as_str().unwrap());
    let contact = json!([{ "value": "desk@acme.example", "type": "work" }]);
    acme.change(&mia, "emails", contact).await;
    // Whoever was never touched by SCIM is there too: deactivated ones, guests, admins.
    let everyone = acme.find("/Users", "userName pr").await;
    let mut logins: Vec<_> = everyone.iter().map(|user| user["userName"].as_str().unwrap()).collect();
    logins.sort_unstable();
    assert_eq!(logins, ["ada@acme.example", "dan@acme.example", "gus@acme.example", "mia@acme.example"]);
    for email in ["mia@acme.example", "MIA@acme.example", "Mia@ACME.Example"] {
        let found = acme.find("/Users", &format!("userName eq \"{email}\"")).await;
        assert_eq!(
            found.iter().map(|user| path("/Users", user)).collect::<Vec<_>>(),
            vec![mia.clone()],
            "{email}"
        );
    }
    assert_eq!(acme.find("/Users", "userName eq \"desk@acme.example\"").await, [] as [Value; 0]);
    assert_eq!(acme.find("/Users", "emails.value eq \"desk@acme.example\"").await.len(), 1);
    let before = acme.others(&mia).await;
    assert_eq!(before.len(), 3);
    let seen_in_awork = || {
        ["ada", "dan", "gus"]
            .map(|name| shell.done(&["user", "show", "acme", &format!("{name}@acme.example")]))
    };
    let in_awork = seen_in_awork();
    let operations = json!([
        { "op": "Replace", "path": "name.familyName", "value": "New" },
        { "op": "Replace", "path": "userType", "value": "Head of Desk" },
        { "op": "Replace", "path": "timezone", "value": "Europe/Rome" },
        { "op": "Replace", "path": format!("{EXTENSION}:teams"), "value": "Design" },
        { "op": "Replace", "path": format!("{EXTENSION}:userRole"), "value": "Admin" },
    ]);
    let changed = body(&acme.patch(&mia, operations).await, 200);
    assert_eq!((path("/Users", &changed), &changed["name"]["familyName"]), (mia.clone(), &json!("New")));
    let shown = shell.done(&["user", "show", "acme", "mia@acme.example"]);
    let expected = json!(["New", "Head of Desk", "Europe/Rome", ["Design"], "Admin"]);
    assert_eq!(
        json!([shown["family_name"], shown["position"], shown["time_zone"], shown["teams"], shown["role"],]),
        expected
    );
    acme.change(&mia, "active", json!("False")).await;
    acme.change(&mia, "active", json!("True")).await;
    body(&acme.put(&mia, json!({ "userName": "MIA@acme.example", "title": "Dr" })).await, 200);
    assert_eq!(acme.others(&mia).await, before);
    // Somebody unknown is imported, and nobody else is changed by that either.
    let lea = path("/Users", &acme.create(person("Lea")).await);
    let mut after = acme.others(&lea).await;
    assert!(after.remove(&mia).is_some());
    assert_eq!(after, before);
    // A second one of the same e-mail in another case is refused.
    let twice = acme.post(with("x", json!({ "userName": "MIA@ACME.example" }))).await;
    refused(&twice, (409, Some("uniqueness"), "already-exist-error"), &["userName", "MIA@ACME.example"]);
    assert_eq!(acme.send("DELETE", &lea, None).await.status, 204);
    let mut after = acme.others(&lea).await;
    assert!(after.remove(&mia).is_some());
    assert_eq!((after, seen_in_awork()), (before, in_awork));
}

const TAKEN: Place = (409, Some("uniqueness"), "duplication-violation");
const SEVERAL: Place = (400, Some("mutability"), "illegal-property-transition");

/// Scenario 8 (D-59, D-60, D-61, A-30, A-31, A-32, A-33): the user name is the login. It can change, but to no
/// taken one, and not for a person in several workspaces; a deletion in awork frees it.
async fn a_new_login(world: World) {
    let acme = world.acme("okta");
    let shell = &world.admin;
    shell.workspace("other");
    let other = world.client(&shell.set_up("other", "okta"));
    let lea = path("/Users", &acme.create(person("Lea")).await);
    let changed = acme.change(&lea, "userName", json!("eva@acme.example")).await;
    assert_eq!((path("/Users", &changed), &changed["userName"]), (lea.clone(), &json!("eva@acme.example")));
    assert_eq!(changed["emails"][0]["value"], "eva@acme.example", "the contact that equalled it follows");
    assert_eq!(acme.find("/Users", "userName eq \"lea@acme.example\"").await, [] as [Value; 0]);
    assert_eq!(shell.done(&["user", "show", "acme", "eva@acme.example"])["email"], "eva@acme.example");
    // Taken in this workspace, and in another one.
    other.create(with("Tom", json!({ "userName": "tom@other.example" }))).await;
    let before = (acme.snapshot().await, other.snapshot().await);
    for taken in ["ada@acme.example", "ADA@acme.example", "tom@other.example"] {
        refused(&acme.set(&lea, "userName", json!(taken)).await, TAKEN, &["userName", taken]);
        let put = acme.put(&lea, json!({ "userName": taken, "title": "Dr" })).await;
        refused(&put, TAKEN, &["userName", taken]);
    }
    for unfit in ["eva", "eva@acme", "", "@acme.example"] {
        refused(&acme.set(&lea, "userName", json!(unfit)).await, INVALID, &["userName"]);
    }
    assert_eq!((acme.snapshot().await, other.snapshot().await), before);
    // One account in two workspaces, though not active in one of them.
    let joined = with("Eva", json!({ "userName": "eva@acme.example", "active": false }));
    let there = path("/Users", &other.create(joined).await);
    assert_eq!(shell.done(&["user", "show", "acme", "eva@acme.example"])["workspaces"], 2);
    let before = (acme.snapshot().await, other.snapshot().await);
    for (client, user) in [(&acme, &lea), (&other, &there)] {
        let free = client.set(user, "userName", json!("free@acme.example")).await;
        refused(&free, SEVERAL, &["userName", "free@acme.example", "profile"]);
        let taken = client.set(user, "userName", json!("ada@acme.example")).await;
        refused(&taken, TAKEN, &["ada@acme.example"]);
    }
    assert_eq!((acme.snapshot().await, other.snapshot().await), before);
    // Another spelling is no change of the login, though the person is in both.
    let shouted = acme.change(&lea, "userName", json!("EVA@acme.example")).await;
    assert_eq!(shouted["userName"], "EVA@acme.example");
    // In the profile the person may, and both follow (D-15).
    shell.done(&["user", "change-login", "acme", "eva@acme.example", "ewa@acme.example"]);
    assert_eq!(acme.get(&lea).await["userName"], "ewa@acme.example");
    other.shows(&there, "userName", "ewa@acme.example").await;
    shell.done(&["user", "change-login", "other", "ewa@acme.example", "eva@acme.example"]);
    // After a deletion on the side of awork there is one workspace again, and then none: the e-mail is free.
    shell.done(&["user", "delete", "other", "eva@acme.example"]);
    assert_eq!(other.send("GET", &there, None).await.status, 404);
    acme.change(&lea, "userName", json!("free@acme.example")).await;
    let ida = path("/Users", &acme.create(person("Ida")).await);
    refused(&acme.set(&ida, "userName", json!("free@acme.example")).await, TAKEN, &[]);
    shell.done(&["user", "delete", "acme", "free@acme.example"]);
    assert_eq!(acme.send("GET", &lea, None).await.status, 404);
    acme.change(&ida, "userName", json!("free@acme.example")).await;
    let new = path("/Users", &acme.create(person("Eva")).await);
    assert!(new != lea && new != ida);
}
