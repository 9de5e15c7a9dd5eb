//! What one workspace can tell of another: all there is.

use serde_json::{Value, json};

use crate::client::{EXTENSION, Place, body, path, person, refused, with};
use crate::isolation::Apart;
use crate::scenarios::{World, on_both};

on_both!(what_a_shared_account_tells);

const TAKEN: Place = (409, Some("uniqueness"), "duplication-violation");
const SEVERAL: Place = (400, Some("mutability"), "illegal-property-transition");

/// What one workspace can tell of another, all of it: that an e-mail is an account's, that the person is
/// in several workspaces, and the time zone of an account that both have (A-8, D-19). Names of the user and
/// the spelling of the login stay each workspace's own.
async fn what_a_shared_account_tells(world: World) {
    let Apart { acme, other, own_user, secrets, .. } = Apart::new(&world).await;
    let login = &secrets[2].1;
    let theirs = acme.user(login).await;
    let before = acme.get(&theirs).await;
    // the e-mail is taken, which is all that is said.
    let taken = other.set(&own_user, "userName", json!(login)).await;
    refused(&taken, TAKEN, &[login]);
    assert!(!taken.text().contains("Tokyo") && !taken.text().contains(&secrets[0].1), "{}", taken.text());
    // whoever joins brings the time zone of the account along, and nothing else. A-30: the login is spelled
    // as each of them has sent it.
    let spelled = login.to_uppercase();
    let joined = other.create(with("Joined", json!({ "userName": spelled }))).await;
    assert_eq!(joined["userName"], json!(spelled));
    let here = path("/Users", &joined);
    assert_eq!((&joined["timezone"], &joined["name"]["givenName"]), (&json!("Asia/Tokyo"), &json!("Joined")));
    assert_eq!(joined["emails"], json!([{ "value": spelled, "type": "work", "primary": true }]));
    for unseen in ["title", "userType", "displayName", "phoneNumbers", "addresses", "externalId"] {
        assert_eq!(joined[unseen], Value::Null, "{unseen}");
    }
    assert_eq!(joined[EXTENSION], json!({ "userRole": "User" }));
    assert_eq!(acme.get(&theirs).await, before, "in the other workspace nothing is seen of it");
    // the login of somebody in several workspaces stays, on both sides.
    let free = json!("free@other.example");
    refused(&other.set(&here, "userName", free.clone()).await, SEVERAL, &["free@other.example"]);
    refused(&acme.set(&theirs, "userName", free).await, SEVERAL, &["free@other.example"]);
    // a time zone that one writes reaches the other; names, title and the rest do not.
    let operations = json!([
        { "op": "replace", "path": "timezone", "value": "Europe/Rome" },
        { "op": "replace", "path": "name.givenName", "value": "Renamed" },
        { "op": "replace", "path": "title", "value": "Dr" },
    ]);
    body(&other.patch(&here, operations).await, 200);
    let after = acme.shows(&theirs, "timezone", "Europe/Rome").await;
    let mut expected = before;
    expected["timezone"] = json!("Europe/Rome");
    expected["meta"] = after["meta"].clone();
    assert_eq!(after, expected);
    // Deactivated or deleted here, the person stays there.
    assert_eq!(other.send("DELETE", &here, None).await.status, 204);
    assert_eq!(acme.get(&theirs).await, after);
    assert_eq!(acme.create(person("Lea")).await["active"], true);
}
