//! Acceptance scenario 10 of the domain specification: guests, photos, and errors that can be found again.

use scim_testkit::http::Response;
use serde_json::{Value, json};

use crate::client::{
    Client, EXTENSION, INVALID, LAST_ADMIN, NO_SEAT, NOT_FOUND, Place, body, path, person, refused, trace_id,
    with,
};
use crate::command::Shell;
use crate::scenarios::{World, on_both};

on_both!(guests_stay_guests photos_are_ignored errors_are_found_again);

/// Scenario 10 (D-79, D-80, D-13, A-16, A-22, A-53): a guest is found and synced like anybody and keeps the role
/// unless another one is sent; nobody becomes a guest.
async fn guests_stay_guests(world: World) {
    let acme = world.acme("okta");
    let shell = &world.admin;
    let names = ["--given-name", "Gus", "--family-name", "Old", "--role", "Guest"];
    shell.done(&[&["user", "create", "acme", "gus@acme.example"], &names[..]].concat());
    let shown = || shell.done(&["user", "show", "acme", "gus@acme.example"]);
    let gus = acme.user("GUS@acme.example").await;
    let user = acme.get(&gus).await;
    assert_eq!((&user[EXTENSION]["userRole"], &user["groups"]), (&json!("Guest"), &Value::Null));
    let named = body(&acme.put(&gus, json!({ "name": { "familyName": "New" }, "title": "Dr" })).await, 200);
    assert_eq!((&named["name"]["familyName"], &named["title"]), (&json!("New"), &json!("Dr")));
    assert_eq!(acme.change(&gus, "name.givenName", json!("August")).await["name"]["givenName"], "August");
    acme.change(&gus, "active", json!(false)).await;
    acme.change(&gus, "active", json!(true)).await;
    // To say again what the role is is no assignment.
    acme.change(&gus, &format!("{EXTENSION}:userRole"), json!("Guest")).await;
    assert_eq!(
        (&shown()["role"], &shown()["given_name"], &shown()["family_name"]),
        (&json!("Guest"), &json!("August"), &json!("New"))
    );
    let lea = path("/Users", &acme.create(person("Lea")).await);
    let guest = json!({ EXTENSION: { "userRole": "Guest" } });
    refused(&acme.set(&lea, &format!("{EXTENSION}:userRole"), json!("Guest")).await, INVALID, &["Guest"]);
    refused(&acme.put(&lea, guest.clone()).await, INVALID, &["userRole", "Guest"]);
    refused(&acme.post(with("New", guest)).await, INVALID, &["userRole", "Guest"]);
    let groups = acme.find("/Groups", "displayName eq \"Guest\"").await;
    assert_eq!(groups, [] as [Value; 0], "the guest role is no group");
    let roles = shell.done(&["role", "list", "acme"]);
    let role = roles.as_array().unwrap().iter().find(|role| role["name"] == "Guest").unwrap();
    refused(&acme.send("GET", &path("/Groups", role), None).await, NOT_FOUND, &[]);
    // Another role, explicitly, takes the whole seat.
    let thirds = || shell.done(&["seats", "show", "acme"])["used_thirds"].as_i64().unwrap();
    let before = thirds();
    let users = acme.group("User").await;
    let id = gus.rsplit('/').next().unwrap();
    let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
    assert_eq!(acme.patch(&users, add).await.status, 204);
    assert_eq!(shown()["role"], "User");
    assert_eq!(thirds(), before + 2);
}

/// Scenario 10 (D-81): photos are in no schema and are ignored in requests.
async fn photos_are_ignored(world: World) {
    let acme = world.acme("entra-id");
    let schemas = acme.get("/Schemas").await.to_string();
    assert!(schemas.contains("phoneNumbers") && !schemas.contains("photos"), "{schemas}");
    let photos = json!([{ "value": "https://acme.example/lea.png", "type": "photo", "primary": true }]);
    let created = acme.create(with("Lea", json!({ "photos": photos }))).await;
    let lea = path("/Users", &created);
    assert_eq!(created["photos"], Value::Null);
    let before = acme.snapshot().await;
    body(&acme.put(&lea, json!({ "photos": photos })).await, 200);
    let operations = json!([
        { "op": "add", "path": "photos", "value": photos },
        { "op": "replace", "path": "photos[type eq \"photo\"].value", "value": "https://acme.example/2.png" },
        { "op": "remove", "path": "photos" },
    ]);
    for operation in operations.as_array().unwrap() {
        body(&acme.patch(&lea, json!([operation])).await, 200);
    }
    assert_eq!(acme.snapshot().await, before);
}

/// Finds a refusal by its trace id, as awork's support does when an admin sends one (D-83): in the log of its
/// workspace, or among requests of which no workspace is known; and without saying which.
async fn find_in_log(shell: &Shell, workspace: Option<&str>, trace_id: &str, status: u16) {
    for words in [vec!["--trace", trace_id], workspace.into_iter().chain(["--trace", trace_id]).collect()] {
        let found = shell.logged(&words).await;
        assert_eq!(found.len(), 1, "{found:?}");
        let entry = &found[0];
        assert_eq!(
            (&entry["traceId"], &entry["refusal"]["status"], entry["workspace"].as_str()),
            (&json!(trace_id), &json!(status), workspace),
            "{entry}"
        );
    }
}

/// Scenario 10 (D-82, D-83, D-84, A-56, section 5): every row of the table of error answers, and every error of
/// the protocol, has a trace id that the log finds; no two have the same.
async fn errors_are_found_again(world: World) {
    let acme = world.acme("okta");
    let errors = every_error(&world, &acme).await;
    let mut trace_ids = Vec::new();
    for (row, answer, expected) in &errors {
        match expected {
            Expected::Row(place, words) => drop(refused(answer, *place, words)),
            Expected::Status(status) => assert_eq!(answer.status, *status, "{row}: {}", answer.text()),
        }
        trace_ids.push(trace_id(answer));
    }
    trace_ids.sort_unstable();
    trace_ids.dedup();
    assert_eq!(trace_ids.len(), errors.len());
    // Who brings a trace of its own gets that one.
    let traced = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{traced}-00f067aa0ba902b7-01");
    let answer = acme.sent(&acme.request("GET", "/Users/none").with_header("traceparent", parent)).await;
    assert_eq!(refused(&answer, NOT_FOUND, &[]), traced);
    for (row, answer, _) in &errors {
        let workspace = match *row {
            "wrong token" => None,
            "plan" => Some("poor"),
            "sign-on" => Some("saml"),
            "group of Entra" => Some("entra"),
            _ => Some("acme"),
        };
        find_in_log(&world.admin, workspace, &trace_id(answer), answer.status).await;
    }
    find_in_log(&world.admin, Some("acme"), traced, 404).await;
}

/// What an error is to be.
enum Expected {
    Row(Place, &'static [&'static str]),
    Status(u16),
}

/// One answer for each row of section 5, and for each way to get the protocol wrong.
async fn every_error(world: &World, acme: &Client) -> Vec<(&'static str, Response, Expected)> {
    use Expected::{Row, Status};
    let shell = &world.admin;
    shell.workspace("other");
    let other = world.client(&shell.set_up("other", "okta"));
    shell.workspace("entra");
    let entra = world.client(&shell.set_up("entra", "entra-id"));
    shell.workspace("poor");
    let poor = world.client(&shell.set_up("poor", "okta"));
    shell.done(&["workspace", "plan", "poor", "--enterprise", "false"]);
    shell.workspace("saml");
    let saml = world.client(&shell.set_up("saml", "okta"));
    shell.done(&["workspace", "plan", "saml", "--openid-connect", "false"]);
    let there = path("/Users", &other.create(person("Lea")).await);
    let (lea, ada) = (path("/Users", &acme.create(person("Lea")).await), acme.user("ada@acme.example").await);
    let ida = path("/Users", &acme.create(with("Ida", json!({ "active": false }))).await);
    shell.done(&["seats", "book", "acme", "2"]);
    let (users, entra_users) = (acme.group("User").await, entra.group("User").await);
    let group = |name: &str| json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name });
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "Staff" }]);
    let no_one = json!([{ "op": "add", "path": "members", "value": [{ "value": "no-one" }] }]);
    let raw = async |method: &str, path: &str, media: &str, body: &str| {
        acme.sent(&acme.request(method, path).with_header("Content-Type", media).with_body(body)).await
    };
    let role = format!("{EXTENSION}:userRole");
    let conflict = |code| (409, Some("uniqueness"), code);
    let mutability = |code| (400, Some("mutability"), code);
    vec![
        (
            "wrong token",
            world.client("awork_scim_x").send("GET", "/Users", None).await,
            Row((401, None, "unauthorized"), &[]),
        ),
        (
            "plan",
            poor.send("GET", "/Users", None).await,
            Row((403, None, "insufficient-subscription-level"), &[]),
        ),
        ("sign-on", saml.send("GET", "/Users", None).await, Row((403, None, "invalid-operation"), &[])),
        ("seat", acme.set(&ida, "active", json!(true)).await, Row(NO_SEAT, &["1 more"])),
        (
            "no login",
            acme.post(json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"] })).await,
            Row(INVALID, &["userName"]),
        ),
        ("no e-mail", acme.set(&lea, "userName", json!("lea")).await, Row(INVALID, &["userName", "`lea`"])),
        ("no name", acme.set(&lea, "name.familyName", json!("")).await, Row(INVALID, &["name.familyName"])),
        ("zone", acme.set(&lea, "timezone", json!("Mars")).await, Row(INVALID, &["timezone", "`Mars`"])),
        (
            "team",
            acme.set(&lea, &format!("{EXTENSION}:teams"), json!("Gone")).await,
            Row(INVALID, &["teams", "`Gone`"]),
        ),
        (
            "region",
            acme.set(&lea, &format!("{EXTENSION}:absenceRegion"), json!("x")).await,
            Row(INVALID, &["absenceRegion", "`x`"]),
        ),
        (
            "role",
            acme.set(&lea, &role, json!("admin")).await,
            Row(INVALID, &["userRole", "did you mean `Admin`"]),
        ),
        ("guest role", acme.set(&lea, &role, json!("Guest")).await, Row(INVALID, &["userRole", "`Guest`"])),
        ("title", acme.set(&lea, "title", json!("x".repeat(101))).await, Row(INVALID, &["title", "100"])),
        ("member", acme.patch(&users, no_one).await, Row(INVALID, &["members", "no-one"])),
        (
            "there already",
            acme.post(person("LEA")).await,
            Row(conflict("already-exist-error"), &["userName"]),
        ),
        (
            "taken",
            acme.set(&ida, "userName", json!("ada@acme.example")).await,
            Row(conflict("duplication-violation"), &["ada@acme.example"]),
        ),
        (
            "several",
            acme.set(&lea, "userName", json!("eva@acme.example")).await,
            Row(mutability("illegal-property-transition"), &["eva@acme.example"]),
        ),
        ("last admin", acme.send("DELETE", &ada, None).await, Row(LAST_ADMIN, &["admin"])),
        (
            "new group",
            acme.send("POST", "/Groups", Some(group("New"))).await,
            Row((403, None, "invalid-operation"), &["New"]),
        ),
        (
            "known group",
            acme.send("POST", "/Groups", Some(group("User"))).await,
            Row(conflict("already-exist-error"), &["User"]),
        ),
        ("delete group", acme.send("DELETE", &users, None).await, Row((403, None, "invalid-operation"), &[])),
        (
            "rename group",
            acme.patch(&users, rename.clone()).await,
            Row(mutability("invalid-operation"), &["Staff"]),
        ),
        (
            "group of Entra",
            entra.patch(&entra_users, rename).await,
            Row((403, None, "invalid-operation"), &["userRole"]),
        ),
        ("unknown id", acme.send("GET", "/Users/none", None).await, Row(NOT_FOUND, &["none"])),
        ("foreign id", acme.send("GET", &there, None).await, Row(NOT_FOUND, &[])),
        ("no filter", acme.send("GET", "/Users?filter=userName%20is%201", None).await, Status(400)),
        ("no JSON", raw("POST", "/Users", "application/scim+json", "{").await, Status(400)),
        ("no object", raw("POST", "/Users", "application/scim+json", "[]").await, Status(400)),
        ("no schema", raw("POST", "/Users", "application/scim+json", "{}").await, Status(400)),
        ("other media", raw("POST", "/Users", "text/xml", "<a/>").await, Status(415)),
        ("no path", acme.send("GET", "/Nothing", None).await, Status(404)),
        ("no method", acme.send("PUT", "/Users", Some(json!({}))).await, Status(405)),
        ("no me", acme.send("GET", "/Me", None).await, Status(501)),
        (
            "old version",
            acme.sent(&acme.request("DELETE", &lea).with_header("If-Match", "W/\"0\"")).await,
            Status(412),
        ),
    ]
}
