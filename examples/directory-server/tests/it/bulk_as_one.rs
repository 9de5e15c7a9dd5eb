//! Bulk requests that are done all or not at all, on every store.

use scim_testkit::http::send;
use scim_testkit::postgres::Cluster;
use serde_json::{Value, json};

use crate::client::{Directory, patch_op};

/// Makes a test of each function with each store.
macro_rules! on_every_store {
    ($($test:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(super::started(&["--memory"])).await;
            })*
        }
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(super::started(&[])).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                let database = super::Cluster::shared().database().unwrap();
                super::$test(super::started(&["--database-url", &database])).await;
            })*
        }
    };
}

on_every_store!(one_failure_and_nothing_is_done, everything_at_once, two_at_once_want_the_same);

fn started(storage: &[&str]) -> Directory {
    Directory::start(&[storage, &["--all-or-nothing", "always"]].concat())
}

fn user(name: &str) -> Value {
    let data = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name });
    json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": data })
}

fn group(name: &str, members: &[String]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    let data = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": name,
        "members": members,
    });
    json!({ "method": "POST", "path": "/Groups", "bulkId": name, "data": data })
}

fn patch(path: &str, operation: Value) -> Value {
    json!({ "method": "PATCH", "path": path, "data": patch_op(&Value::Array(vec![operation])) })
}

async fn bulk(directory: &Directory, operations: &Value) -> Vec<Value> {
    let request = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": operations,
    });
    let response =
        send(directory.address, &directory.request("POST", "/Bulk", Some(&request))).await.unwrap();
    assert_eq!(response.status, 200, "{}", response.text());
    let answer: Value = response.json().unwrap();
    answer["Operations"].as_array().unwrap().clone()
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| result["status"].as_str().unwrap()).collect()
}

fn path(result: &Value) -> &str {
    result["location"].as_str().unwrap().split_once("/scim/v2").unwrap().1
}

fn id(result: &Value) -> String {
    path(result).rsplit_once('/').unwrap().1.to_owned()
}

/// 7644-3.7-08, 7644-3.7-10: the last of many operations fails, and nothing has happened.
async fn one_failure_and_nothing_is_done(directory: Directory) {
    let lea = directory.create_user("lea").await;
    let lea_path = format!("/Users/{}", lea["id"].as_str().unwrap());
    let team = directory.create_group("team", &[&lea]).await;
    let team_path = format!("/Groups/{}", team["id"].as_str().unwrap());
    let rename = json!({ "op": "replace", "path": "displayName", "value": "Lea" });
    let operations = json!([
        user("tom"),
        patch(&team_path, json!({ "op": "add", "path": "members", "value": [{ "value": "bulkId:tom" }] })),
        patch(&lea_path, rename),
        { "method": "DELETE", "path": team_path },
        user("LEA"),
    ]);
    let results = bulk(&directory, &operations).await;
    assert_eq!(statuses(&results), ["409"; 5], "{results:?}");
    assert_eq!(results[4]["response"]["scimType"], "uniqueness");
    assert_eq!(directory.get("/Users").await["totalResults"], 1);
    assert_eq!(directory.get(&team_path).await, team);
    assert_eq!(directory.get(&lea_path).await["meta"]["version"], json!("W/\"2.0\""));
}

/// 7644-3.7.1-01, 7644-3.7-08: creates, circles, renames, swapped unique values, clears, deletions, and what is
/// created and deleted at once; in one commit, whose versions are told.
async fn everything_at_once(directory: Directory) {
    let (a, b) = (directory.create_user("a").await, directory.create_user("b").await);
    let [a, b] = [&a, &b].map(|user| format!("/Users/{}", user["id"].as_str().unwrap()));
    let ids = [&a, &b].map(|path| path.rsplit_once('/').unwrap().1.to_owned());
    let full = directory.create_group("full", &[]).await;
    let full = format!("/Groups/{}", full["id"].as_str().unwrap());
    let call = |name: &str| json!({ "op": "replace", "path": "userName", "value": name });
    let member = |id: &str| json!({ "op": "add", "path": "members", "value": [{ "value": id }] });
    let operations = json!([
        group("one", &["bulkId:two".to_owned(), ids[0].clone()]),
        group("two", &["bulkId:one".to_owned(), "bulkId:brief".to_owned()]),
        user("brief"),
        user("stays"),
        patch(&a, call("free")),
        patch(&b, call("a")),
        patch(&a, call("b")),
        patch(&full, member("bulkId:stays")),
        patch(&full, member(&ids[1])),
        patch(&full, json!({ "op": "remove", "path": "members" })),
        patch(&full, member(&ids[0])),
        { "method": "DELETE", "path": "/Users/bulkId:brief" },
    ]);
    let results = bulk(&directory, &operations).await;
    let mut expected = vec!["201"; 4];
    expected.extend(["200"; 7]);
    expected.push("204");
    assert_eq!(statuses(&results), expected, "{results:?}");
    assert_eq!(directory.get("/Users").await["totalResults"], 3);
    assert_eq!(directory.get(&a).await["userName"], "b");
    assert_eq!(directory.get(&b).await["userName"], "a");
    let members = |group: &Value| -> Vec<String> {
        let members = group["members"].as_array().cloned().unwrap_or_default();
        let mut ids: Vec<String> =
            members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    let sorted = |mut ids: Vec<String>| {
        ids.sort();
        ids
    };
    let [one, two] = [id(&results[0]), id(&results[1])];
    assert_eq!(members(&directory.get(path(&results[0])).await), sorted(vec![two, ids[0].clone()]));
    assert_eq!(members(&directory.get(path(&results[1])).await), [one]);
    assert_eq!(members(&directory.get(&full).await), [ids[0].clone()]);
    for result in results.iter().filter(|result| result["bulkId"] != "brief" && result["status"] != "204") {
        assert_eq!(directory.get(path(result)).await["meta"]["version"], result["version"], "{result}");
    }
    assert_eq!(directory.send("GET", path(&results[2]), None).await.status, 404);
    // The name is free again.
    directory.create_user("brief").await;
}

/// 7644-3.3-05 under concurrency: of many requests that want the same name one is done, whole; of the others
/// nothing is. Requests that add to one group stand in nobody's way.
async fn two_at_once_want_the_same(directory: Directory) {
    let group = directory.create_group("team", &[]).await;
    let path = format!("/Groups/{}", group["id"].as_str().unwrap());
    let member = |id: &str| json!({ "op": "add", "path": "members", "value": [{ "value": id }] });
    let requests = (0..8).map(|number| {
        let own = format!("own-{number}");
        let joins = [patch(&path, member(&format!("bulkId:{own}"))), patch(&path, member("bulkId:same"))];
        let [first, second] = joins;
        let same = if number % 2 == 0 { user("same") } else { user(&format!("other-{number}")) };
        let second = if number % 2 == 0 {
            second
        } else {
            json!({ "method": "DELETE", "path": format!("/Users/bulkId:other-{number}") })
        };
        json!([user(&own), first, same, second])
    });
    let requests: Vec<Value> = requests.collect();
    let all = futures_util::future::join_all(requests.iter().map(|request| bulk(&directory, request))).await;
    let done: Vec<bool> =
        all.iter().map(|results| results.iter().all(|result| result["response"].is_null())).collect();
    let winners = done.iter().step_by(2).filter(|done| **done).count();
    assert_eq!(winners, 1, "{all:?}");
    assert!(done.iter().skip(1).step_by(2).all(|done| *done), "{all:?}");
    for results in all.iter().zip(&done).filter(|(_, done)| !**done).map(|(results, _)| results) {
        assert_eq!(statuses(results), ["409"; 4], "{results:?}");
    }
    // Its own and the same of the winner, and the own ones of the four that want nothing of the others.
    assert_eq!(directory.get("/Users").await["totalResults"], 6);
    assert_eq!(directory.get(&path).await["members"].as_array().unwrap().len(), 6);
}

/// Promise 1: whenever the process is killed, afterwards all of a request is there or nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_all_or_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap().to_owned();
    for round in 0..6_u64 {
        let directory = started(&["--data", &data]);
        let operations: Vec<Value> = (0..200).map(|number| user(&format!("u{round}-{number}"))).collect();
        let request = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": operations,
        });
        let address = directory.address;
        let request = directory.request("POST", "/Bulk", Some(&request));
        let asking =
            tokio::spawn(async move { send(address, &request).await.map(|answer| answer.status).ok() });
        tokio::time::sleep(std::time::Duration::from_millis(30 * round)).await;
        // The process is killed as its value goes.
        drop(directory);
        let answered = asking.await.unwrap() == Some(200);
        let directory = started(&["--data", &data]);
        let filter = format!("/Users?count=0&filter=userName%20sw%20%22u{round}-%22");
        let there = directory.get(&filter).await["totalResults"].as_u64().unwrap();
        assert!(there == 200 || (there == 0 && !answered), "{there} of 200, answered: {answered}");
    }
}
