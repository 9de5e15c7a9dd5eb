//! Requests that race, over HTTP: nothing is lost and nobody is refused for bad luck.

use std::sync::Arc;

use serde_json::json;
use tokio::task::JoinSet;

use crate::client::{Directory, patch_op, path_of};

on_each_store!(parallel_members, one_writer_wins, creates_and_changes);

/// Bursts of single member changes to one group lose none of them (`idp-behaviour` tolerance 18).
async fn parallel_members(directory: Directory) {
    let directory = Arc::new(directory);
    let group = path_of(&directory.create_group("Staff", &[]).await);
    let mut tasks = JoinSet::new();
    for n in 0..16 {
        let (directory, group) = (Arc::clone(&directory), group.clone());
        tasks.spawn(async move {
            for round in 0..4 {
                let user = directory.create_user(&format!("user-{n}-{round}")).await;
                let add = json!([{ "op": "add", "path": "members", "value": [{ "value": user["id"] }] }]);
                assert_eq!(directory.patch(&group, add).await.status, 204);
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(directory.get(&group).await["members"].as_array().unwrap().len(), 64);
}

/// 7644-3.14-06: of writers with the same version in If-Match, one wins and the others are told.
async fn one_writer_wins(directory: Directory) {
    let directory = Arc::new(directory);
    let user = directory.create_user("lea").await;
    let tag = user["meta"]["version"].as_str().unwrap().to_owned();
    let mut tasks = JoinSet::new();
    for n in 0..16 {
        let (directory, path, tag) = (Arc::clone(&directory), path_of(&user), tag.clone());
        tasks.spawn(async move {
            let body = patch_op(&json!([{ "op": "replace", "path": "title", "value": format!("t{n}") }]));
            directory.send_if("PATCH", &path, Some(body), Some(&tag)).await.status
        });
    }
    let statuses = tasks.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 15, "{statuses:?}");
}

/// 7644-3.3-05: of parallel creates of one user name, one succeeds; parallel changes of different
/// attributes of one user all do.
async fn creates_and_changes(directory: Directory) {
    let directory = Arc::new(directory);
    let mut tasks = JoinSet::new();
    for n in 0..16 {
        let directory = Arc::clone(&directory);
        tasks.spawn(async move {
            let name = if n % 2 == 0 { "lea" } else { "LEA" };
            let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name });
            directory.send("POST", "/Users", Some(body)).await.status
        });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (201, &[409; 15][..]));
    let found = directory.get("/Users?filter=userName%20eq%20%22lea%22").await;
    let path = path_of(&found["Resources"][0]);
    let attributes = ["title", "nickName", "displayName", "userType", "locale", "timezone"];
    let mut tasks = JoinSet::new();
    for attribute in attributes {
        let (directory, path) = (Arc::clone(&directory), path.clone());
        tasks.spawn(async move {
            for round in 0..8 {
                let value = format!("{attribute}-{round}");
                let operations = json!([{ "op": "replace", "path": attribute, "value": value }]);
                assert_eq!(directory.patch(&path, operations).await.status, 200);
            }
        });
    }
    tasks.join_all().await;
    let user = directory.get(&path).await;
    for attribute in attributes {
        assert_eq!(user[attribute], format!("{attribute}-7"));
    }
}
