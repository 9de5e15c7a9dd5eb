//! What a refusal says, and what the log keeps.

use scim_core::Problem;
use serde_json::{Value, json};

use crate::world::{EXT, World, minimal, refused, user, with};

/// A row of the table: who refuses, what is answered, and the attribute and value that are named.
type Row = (
    &'static str,
    Result<Value, Problem>,
    (u16, Option<&'static str>, &'static str),
    &'static [&'static str],
);

/// D-84, D-82: each refusal names attribute, value and what to do, and ends with the code of the table,
/// after which the trace id follows.
#[tokio::test]
async fn the_table_of_error_answers() {
    let world = World::with_seats(5).await;
    let (ada, bob, cleo) = (world.person("ada").await, world.person("bob").await, world.person("cleo").await);
    world.set(&bob, &format!("{EXT}:userRole"), json!("User")).await.unwrap();
    let invalid = (400, Some("invalidValue"), "validation-failed");
    let role = |name: &str| user(json!({ EXT: { "userRole": name } }));
    let group = |name: &str| json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name });
    let users = world.group("User").await;
    let entra = world.clone().for_provider("entra-id");
    let rename = json!([{ "op": "replace", "path": "displayName", "value": "Staff" }]);
    let rows: Vec<Row> = vec![
        (
            "no seat",
            world.create(minimal("lea")).await,
            (400, None, "insufficient-seats"),
            &["active", "1 more", "book seats"],
        ),
        (
            "no user name",
            world.create(user(json!({ "name": { "givenName": "L", "familyName": "N" } }))).await,
            invalid,
            &["userName", "required"],
        ),
        (
            "no e-mail",
            world.set(&ada, "userName", json!("ada")).await,
            invalid,
            &["userName", "`ada`", "map userName"],
        ),
        (
            "no name",
            world.create(with("lea", json!({ "name": { "givenName": "L" } }))).await,
            invalid,
            &["name.familyName", "missing"],
        ),
        (
            "zone",
            world.set(&ada, "timezone", json!("Mars")).await,
            invalid,
            &["timezone", "`Mars`", "Europe/Berlin"],
        ),
        (
            "team",
            world.put("User", &ada, user(json!({ EXT: { "teams": "Gone" } }))).await,
            invalid,
            &["teams", "`Gone`", "create it"],
        ),
        (
            "region",
            world.put("User", &ada, user(json!({ EXT: { "absenceRegion": "x" } }))).await,
            invalid,
            &["absenceRegion", "`x`", "existing"],
        ),
        (
            "role",
            world.put("User", &ada, role("admin")).await,
            invalid,
            &["userRole", "`admin`", "did you mean `Admin`"],
        ),
        (
            "guest role",
            world.put("User", &ada, role("Guest")).await,
            invalid,
            &["userRole", "`Guest`", "another role"],
        ),
        (
            "archived role",
            world.put("User", &ada, role("Old")).await,
            invalid,
            &["userRole", "`Old`", "another role"],
        ),
        (
            "there already",
            world.create(minimal("ada")).await,
            (409, Some("uniqueness"), "already-exist-error"),
            &["userName", "`ada@w.example`", "look it up"],
        ),
        (
            "taken",
            world.set(&ada, "userName", json!("gus@w.example")).await,
            (409, Some("uniqueness"), "duplication-violation"),
            &["userName", "`gus@w.example`", "another"],
        ),
        (
            "several workspaces",
            world.set(&cleo, "userName", json!("c@w.example")).await,
            (400, Some("mutability"), "illegal-property-transition"),
            &["userName", "`c@w.example`", "themselves"],
        ),
        (
            "last admin off",
            world.set(&ada, "active", json!(false)).await,
            (400, Some("mutability"), "invalid-operation"),
            &["active", "another user admin"],
        ),
        (
            "last admin demoted",
            world.put("User", &ada, role("User")).await,
            (400, Some("mutability"), "invalid-operation"),
            &["userRole", "another user admin"],
        ),
        (
            "last admin deleted",
            world.delete("User", &ada).await.map(|()| Value::Null),
            (400, Some("mutability"), "invalid-operation"),
            &["deleted", "another user admin"],
        ),
        (
            "create group",
            world.create_group(group("Boss")).await,
            (403, None, "invalid-operation"),
            &["displayName", "`Boss`", "create one"],
        ),
        (
            "group there",
            world.create_group(group("User")).await,
            (409, Some("uniqueness"), "already-exist-error"),
            &["displayName", "`User`", "look it up"],
        ),
        (
            "delete group",
            world.delete("Group", &users).await.map(|()| Value::Null),
            (403, None, "invalid-operation"),
            &["`User`", "delete it in"],
        ),
        (
            "rename group",
            world.patch("Group", &users, rename.clone()).await,
            (400, Some("mutability"), "invalid-operation"),
            &["displayName", "`Staff`", "rename it in"],
        ),
        (
            "Entra",
            entra.patch("Group", &users, rename).await,
            (403, None, "invalid-operation"),
            &["members", "userRole instead"],
        ),
        (
            "unknown id",
            world.get("User", "nobody").await,
            (404, None, "not-found"),
            &["User", "`nobody`", "look it up"],
        ),
        (
            "unknown group",
            world.get("Group", "nobody").await,
            (404, None, "not-found"),
            &["Group", "`nobody`", "read them again"],
        ),
        ("wrong type", world.set(&ada, "active", json!([])).await, invalid, &["active"]),
        (
            "bad path",
            world.set(&ada, "emails[", json!("x")).await,
            (400, Some("invalidPath"), "validation-failed"),
            &["emails["],
        ),
        (
            "no operations",
            world.patch("User", &ada, json!([])).await,
            (400, Some("invalidSyntax"), "validation-failed"),
            &["Operations"],
        ),
        (
            "read-only",
            world.set(&ada, "groups", json!([])).await,
            (400, Some("mutability"), "validation-failed"),
            &["groups"],
        ),
    ];
    for (row, result, answer, words) in rows {
        if result.is_ok() {
            panic!("{row} went through");
        }
        refused(result, answer, words);
    }
    for filter in ["userName eq", "unheardOf eq 1", "active gt true"] {
        let problem = world.try_find("User", filter).await.unwrap_err().problem();
        refused(Err::<(), _>(problem), (400, Some("invalidFilter"), "validation-failed"), &[]);
    }
}
