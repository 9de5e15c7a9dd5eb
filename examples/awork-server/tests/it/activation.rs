//! Acceptance scenario 5 of the domain specification: users go and come back, and an admin stays; and who
//! listens hears of it.

use serde_json::{Value, json};

use crate::client::{EXTENSION, LAST_ADMIN, body, path, person, refused, with};
use crate::log::{lines, mails};
use crate::scenarios::{World, on_both};

on_both!(away_and_back the_last_admin deactivations_are_heard_of);

/// Scenario 5 (D-30, D-31, D-32, D-28, A-14): deactivated by the string "False", a user keeps role and teams
/// and frees the seat; reactivated, it gets one mail.
async fn away_and_back(world: World) {
    let acme = world.acme("entra-id");
    let shell = &world.admin;
    shell.done(&["team", "create", "acme", "Design"]);
    shell.done(&["role", "create", "acme", "Lead", "--write-grants", "20"]);
    let extension = json!({ "teams": "Design", "userRole": "Lead" });
    let lea = path("/Users", &acme.create(with("Lea", json!({ EXTENSION: extension }))).await);
    let used = || shell.done(&["seats", "show", "acme"])["used"].clone();
    let with_lea = used();
    for (off, on) in [("False", "True"), ("FALSE", "true")] {
        let gone = acme.change(&lea, "active", json!(off)).await;
        assert_eq!((&gone["active"], &gone[EXTENSION]), (&json!(false), &acme.get(&lea).await[EXTENSION]));
        assert_eq!(
            (&gone[EXTENSION]["teams"], &gone[EXTENSION]["userRole"]),
            (&json!("Design"), &json!("Lead"))
        );
        assert_eq!(shell.done(&["user", "show", "acme", "lea@acme.example"])["active"], false);
        assert_ne!(used(), with_lea);
        // A second time it is no news.
        assert_eq!(acme.change(&lea, "active", json!(off)).await, gone);
        let back = acme.change(&lea, "active", json!(on)).await;
        assert_eq!((&back["active"], used()), (&json!(true), with_lea.clone()));
        assert_eq!(acme.change(&lea, "active", json!(on)).await, back);
    }
    assert_eq!(acme.set(&lea, "active", json!("perhaps")).await.status, 400);
    // Whoever was never active gets none the first time.
    let ida = path("/Users", &acme.create(with("Ida", json!({ "active": "false" }))).await);
    acme.change(&ida, "active", json!("true")).await;
    acme.change(&ida, "active", json!("false")).await;
    acme.change(&ida, "active", json!("true")).await;
    world.mails(3).await;
    let (_, log) = world.server.terminate().unwrap();
    let sent = mails(&log);
    let of = |name: &str| sent.iter().filter(|mail| mail.contains(name)).count();
    assert_eq!((sent.len(), of("lea@acme.example"), of("ida@acme.example")), (3, 2, 1), "{log}");
}

/// Scenario 5 (D-33, D-70, A-18, A-19, A-27): the last active admin is refused in each of six ways, and nothing
/// of the request is applied.
async fn the_last_admin(world: World) {
    let acme = world.acme("okta");
    let (ada, admins) = (acme.user("ada@acme.example").await, acme.group("Admin").await);
    // A deactivated admin is no active one.
    let admin = json!({ EXTENSION: { "userRole": "Admin" } });
    let bob = path("/Users", &acme.create(with("Bob", admin)).await);
    let lea = path("/Users", &acme.create(person("Lea")).await);
    acme.change(&bob, "active", json!(false)).await;
    let id = |user: &str| user.rsplit('/').next().unwrap().to_owned();
    let member = |user: &str| json!([{ "value": id(user) }]);
    let before = acme.snapshot().await;
    let deactivate = json!([
        { "op": "replace", "path": "title", "value": "Dr" },
        { "op": "replace", "path": "active", "value": "False" },
    ]);
    let demote = json!([
        { "op": "replace", "path": "title", "value": "Dr" },
        { "op": "replace", "path": format!("{EXTENSION}:userRole"), "value": "User" },
    ]);
    let leave = json!([
        { "op": "remove", "path": format!("members[value eq \"{}\"]", id(&ada)) },
        { "op": "add", "path": "members", "value": member(&lea) },
        { "op": "remove", "path": format!("members[value eq \"{}\"]", id(&lea)) },
    ]);
    let empty = json!([{ "op": "replace", "path": "members", "value": member(&bob) }]);
    for (way, answer) in [
        ("PATCH", acme.patch(&ada, deactivate).await),
        ("PUT", acme.put(&ada, json!({ "title": "Dr", "active": false })).await),
        ("DELETE", acme.send("DELETE", &ada, None).await),
        ("userRole", acme.patch(&ada, demote).await),
        ("group remove", acme.patch(&admins, leave).await),
        ("group replace", acme.patch(&admins, empty.clone()).await),
        ("group PUT", acme.put(&admins, json!({ "displayName": "Admin", "members": member(&bob) })).await),
        ("bulk", acme.send("POST", "/Bulk", Some(bulk("DELETE", &ada, None))).await),
    ] {
        if way == "bulk" {
            let answer = body(&answer, 200);
            let one = &answer["Operations"][0];
            assert_eq!((&one["status"], &one["response"]["scimType"]), (&json!("400"), &json!("mutability")));
        } else {
            refused(&answer, LAST_ADMIN, &["admin"]);
        }
        assert_eq!(acme.snapshot().await, before, "{way}");
    }
    // With another active admin each of them may go.
    acme.change(&bob, "active", json!(true)).await;
    assert_eq!(acme.patch(&admins, empty).await.status, 204);
    assert_eq!(acme.get(&ada).await[EXTENSION]["userRole"], "User");
    refused(&acme.send("DELETE", &bob, None).await, LAST_ADMIN, &["cannot be deleted"]);
}

/// D-30, D-7, D-83: whoever listens to changes hears once of each that was made, in order, with its trace id
/// and who may no longer sign in; never of one that was refused.
async fn deactivations_are_heard_of(world: World) {
    let acme = world.acme("okta");
    let created = acme.post(person("Lea")).await;
    let lea = path("/Users", &body(&created, 201));
    let gone = acme.set(&lea, "active", json!(false)).await;
    refused(&acme.set(&acme.user("ada@acme.example").await, "active", json!(false)).await, LAST_ADMIN, &[]);
    let deleted = acme.send("DELETE", &lea, None).await;
    assert_eq!((gone.status, deleted.status), (200, 204));
    let id = lea.rsplit('/').next().unwrap();
    world.logged(3, &["people have changed", id]).await;
    let (_, log) = world.server.terminate().unwrap();
    let heard = lines(&log, &["people have changed"]);
    assert_eq!(heard.len(), 3, "{log}");
    for (line, answer, words) in [
        (heard[0], &created, &["operation=\"create\"", "activation=Activated"][..]),
        (heard[1], &gone, &["operation=\"update\"", "activation=Deactivated"]),
        (heard[2], &deleted, &["operation=\"delete\""]),
    ] {
        for word in words.iter().copied().chain(["workspace=acme", id, answer.header("Trace-Id").unwrap()]) {
            assert!(line.contains(word), "{word} in {line}");
        }
    }
}

fn bulk(method: &str, path: &str, data: Option<Value>) -> Value {
    let mut operation = json!({ "method": method, "path": path });
    if let Some(data) = data {
        operation["data"] = data;
    }
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [operation] })
}
