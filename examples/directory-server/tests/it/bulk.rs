//! Bulk requests as large as they may be, with references in all directions.

use serde_json::{Value, json};

use crate::client::Directory;

on_each_store!(a_thousand_forward_references, circles);

fn group(name: &str, members: &[String]) -> Value {
    let members: Vec<Value> =
        members.iter().map(|name| json!({ "value": format!("bulkId:{name}") })).collect();
    let data = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": name,
        "members": members,
    });
    json!({ "method": "POST", "path": "/Groups", "bulkId": name, "data": data })
}

fn user(name: &str) -> Value {
    let data = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name });
    json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": data })
}

/// The results, each of which is a success.
async fn all_created(directory: &Directory, operations: Vec<Value>) -> Vec<Value> {
    let count = operations.len();
    let request = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": operations,
    });
    let response = directory.send("POST", "/Bulk", Some(request)).await;
    assert_eq!(response.status, 200, "{}", response.text());
    let answer: Value = response.json().unwrap();
    let results = answer["Operations"].as_array().unwrap().clone();
    assert_eq!(results.len(), count);
    for result in &results {
        assert_eq!(result["status"], "201", "{result}");
    }
    results
}

fn path(result: &Value) -> &str {
    result["location"].as_str().unwrap().split_once("/scim/v2").unwrap().1
}

async fn members(directory: &Directory, result: &Value) -> Vec<String> {
    let group = directory.get(path(result)).await;
    assert_eq!(result["version"], group["meta"]["version"], "{result}");
    let members = group["members"].as_array().cloned().unwrap_or_default();
    members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

fn id(result: &Value) -> &str {
    path(result).rsplit_once('/').unwrap().1
}

/// 7644-3.7.2-03, 7644-3.7-08, 7643-5-02: as many operations as are announced, each of which needs the next.
async fn a_thousand_forward_references(directory: Directory) {
    let announced = directory.get("/ServiceProviderConfig").await;
    assert_eq!(announced["bulk"]["maxOperations"], 1_000);
    let mut operations: Vec<Value> =
        (0..999).map(|at| group(&format!("g{at}"), &[format!("g{}", at + 1), "u".to_owned()])).collect();
    operations[998] = group("g998", &["u".to_owned()]);
    operations.push(user("u"));
    let results = all_created(&directory, operations).await;
    let user = directory.get(path(&results[999])).await;
    assert_eq!(user["groups"].as_array().unwrap().len(), 999);
    assert_eq!(results[999]["version"], user["meta"]["version"]);
    for at in [0, 500, 997] {
        let mut found = members(&directory, &results[at]).await;
        let mut wanted = [id(&results[at + 1]), id(&results[999])];
        found.sort();
        wanted.sort_unstable();
        assert_eq!(found, wanted);
    }
    assert_eq!(directory.get("/Groups?count=0").await["totalResults"], 999);
}

/// 7644-3.7.1-01: circles of 2, 3 and 50 in one request.
async fn circles(directory: Directory) {
    let circle = |length: usize| {
        (0..length)
            .map(move |at| group(&format!("{length}-{at}"), &[format!("{length}-{}", (at + 1) % length)]))
    };
    let lengths = [2, 3, 50];
    let results = all_created(&directory, lengths.into_iter().flat_map(circle).collect()).await;
    let mut rest = results.as_slice();
    for length in lengths {
        let (circle, after) = rest.split_at(length);
        rest = after;
        for (at, result) in circle.iter().enumerate() {
            assert_eq!(members(&directory, result).await, [id(&circle[(at + 1) % length])]);
        }
    }
}
