//! Groups: members, nesting, renames.

use serde_json::json;

use crate::client::{Directory, path_of};

on_each_store!(members_and_groups, deletion_of_either_end, nesting, renames);

/// 7643-4.1.2-04, 7643-4.2-03: both ends show the link, with references that lead somewhere.
async fn members_and_groups(directory: Directory) {
    let (lea, bob) = (directory.create_user("lea").await, directory.create_user("bob").await);
    let group = directory.create_group("Staff", &[&lea, &bob]).await;
    let member = |user: &serde_json::Value| {
        json!({
            "value": user["id"],
            "$ref": user["meta"]["location"],
            "type": "User",
            "display": user["userName"],
        })
    };
    assert_eq!(group["members"], json!([member(&lea), member(&bob)]));
    let shown = directory.get(&path_of(&lea)).await;
    assert_eq!(shown["groups"][0]["value"], group["id"]);
    assert_eq!(shown["groups"][0]["type"], "direct");
    let filter =
        format!("/Groups?filter=members%20eq%20%22{}%22&attributes=displayName", lea["id"].as_str().unwrap());
    assert_eq!(directory.get(&filter).await["Resources"][0]["displayName"], "Staff");
}

/// 7644-3.6-05: a deleted user is no longer a member, a deleted group no longer a group.
async fn deletion_of_either_end(directory: Directory) {
    let (lea, bob) = (directory.create_user("lea").await, directory.create_user("bob").await);
    let group = directory.create_group("Staff", &[&lea, &bob]).await;
    directory.send("DELETE", &path_of(&lea), None).await;
    let left = directory.get(&path_of(&group)).await;
    assert_eq!(left["members"].as_array().unwrap().len(), 1);
    assert_ne!(left["meta"]["version"], group["meta"]["version"]);
    assert!(left["meta"]["lastModified"].as_str() > group["meta"]["lastModified"].as_str());
    directory.send("DELETE", &path_of(&group), None).await;
    assert_eq!(directory.get(&path_of(&bob)).await.get("groups"), None);
}

/// 7643-4.2-04: groups nest, also in a circle; none is a member of itself.
async fn nesting(directory: Directory) {
    let inner = directory.create_group("Inner", &[]).await;
    let outer = directory.create_group("Outer", &[&inner]).await;
    assert_eq!(outer["members"][0]["type"], "Group");
    let add =
        |id: &serde_json::Value| json!([{ "op": "add", "path": "members", "value": [{ "value": id }] }]);
    assert_eq!(directory.patch(&path_of(&inner), add(&outer["id"])).await.status, 204);
    assert_eq!(directory.patch(&path_of(&inner), add(&inner["id"])).await.status, 400);
    assert_eq!(directory.get("/Groups").await["totalResults"], 2);
}

/// 7644-3.5.2-18: a rename shows at the other end, and raises its entity tag.
async fn renames(directory: Directory) {
    let lea = directory.create_user("lea").await;
    let group = directory.create_group("Staff", &[&lea]).await;
    let before = directory.get(&path_of(&lea)).await;
    let rename = json!([{ "op": "replace", "value": { "id": group["id"], "displayName": "Crew" } }]);
    let answer = directory.patch(&format!("{}?attributes=displayName", path_of(&group)), rename).await;
    assert_eq!((answer.status, answer.json().unwrap()["displayName"].clone()), (200, json!("Crew")));
    let after = directory.get(&path_of(&lea)).await;
    assert_eq!(after["groups"][0]["display"], "Crew");
    assert_ne!(after["meta"]["version"], before["meta"]["version"]);
    assert_eq!(directory.get("/Users?filter=groups.display%20eq%20%22crew%22").await["totalResults"], 1);
}

/// 7643-4.1.2-04: with the switch, users show the groups of their groups on every store; filters, orders,
/// answers to writes and entity tags go by what is shown.
#[tokio::test(flavor = "multi_thread")]
async fn indirect_groups() {
    let database = scim_testkit::postgres::Cluster::shared().database().unwrap();
    for storage in [&["--memory"][..], &[], &["--database-url", &database]] {
        let directory = Directory::start(&[storage, &["--indirect-groups"]].concat());
        let (lea, bob) = (directory.create_user("lea").await, directory.create_user("bob").await);
        let team = directory.create_group("Team", &[&lea]).await;
        directory.create_group("Everyone", &[&bob]).await;
        let staff = directory.create_group("Company", &[]).await;
        let before = directory.get(&path_of(&lea)).await;
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": team["id"] }] }]);
        assert_eq!(directory.patch(&path_of(&staff), add).await.status, 204);
        let group = |group: &serde_json::Value, kind: &str| {
            json!({
                "value": group["id"],
                "$ref": group["meta"]["location"],
                "type": kind,
                "display": group["displayName"],
            })
        };
        let expected = json!([group(&team, "direct"), group(&staff, "indirect")]);
        let shown = directory.get(&path_of(&lea)).await;
        assert_eq!(shown["groups"], expected, "{storage:?}");
        assert_ne!(shown["meta"]["version"], before["meta"]["version"], "{storage:?}");
        let retitle = json!([{ "op": "replace", "path": "title", "value": "Lead" }]);
        let patched = directory.patch(&format!("{}?attributes=groups", path_of(&lea)), retitle).await;
        assert_eq!(patched.json().unwrap()["groups"], expected, "{storage:?}");
        let put = json!({ "schemas": lea["schemas"], "userName": "lea", "groups": [] });
        let put = directory.send("PUT", &path_of(&lea), Some(put)).await;
        assert_eq!(put.json().unwrap()["groups"], expected, "{storage:?}");
        for (filter, found) in [
            (format!("groups.value eq \"{}\"", staff["id"].as_str().unwrap()), &["lea"][..]),
            ("groups.display eq \"company\"".to_owned(), &["lea"]),
            ("groups.type eq \"Indirect\"".to_owned(), &["lea"]),
            ("not (groups.type eq \"indirect\")".to_owned(), &["bob"]),
            ("groups[type eq \"direct\" and display eq \"company\"]".to_owned(), &[]),
            // The first group by name is the one that is indirect.
            ("userName pr".to_owned(), &["lea", "bob"]),
        ] {
            let search = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
                "filter": filter,
                "sortBy": "groups.display",
            });
            let list = directory.send("POST", "/Users/.search", Some(search)).await.json().unwrap();
            let users = list["Resources"].as_array().cloned().unwrap_or_default();
            let names: Vec<_> = users.iter().filter_map(|user| user["userName"].as_str()).collect();
            assert_eq!(names, found, "{storage:?}: {filter}");
            for user in users.iter().filter(|user| user["userName"] == "lea") {
                assert_eq!(user["groups"], expected, "{storage:?}: {filter}");
            }
        }
    }
}
