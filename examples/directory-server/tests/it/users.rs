//! Users: unique names, versions, deletion.

use serde_json::json;

use crate::client::{Directory, patch_op, path_of};

on_each_store!(user_names_are_unique, versions, deletion, managers);

/// 7643-4.1.1-02, 7644-5-01: one user name, whatever its letter case and width.
async fn user_names_are_unique(directory: Directory) {
    directory.create_user("bob").await;
    let lea = directory.create_user("lea").await;
    for name in ["BOB", "ｂｏｂ"] {
        let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name });
        let post = directory.send("POST", "/Users", Some(body.clone())).await;
        let put = directory.send("PUT", &path_of(&lea), Some(body)).await;
        let patch = directory
            .patch(&path_of(&lea), json!([{ "op": "replace", "path": "userName", "value": name }]))
            .await;
        for answer in [post, put, patch] {
            let error = answer.json().unwrap();
            assert_eq!((answer.status, &error["scimType"]), (409, &json!("uniqueness")), "{error}");
            assert!(error["detail"].as_str().unwrap().contains(name), "{error}");
        }
    }
}

/// 7644-3.14-02, 7644-3.14-04: a stale version is 412, and a change that changes nothing keeps it.
async fn versions(directory: Directory) {
    let user = directory.create_user("lea").await;
    let (path, first) = (path_of(&user), user["meta"]["version"].as_str().unwrap().to_owned());
    let title = |title: &str| patch_op(&json!([{ "op": "replace", "path": "title", "value": title }]));
    let changed = directory.send_if("PATCH", &path, Some(title("CTO")), Some(&first)).await;
    assert_eq!(changed.status, 200);
    let second = changed.header("etag").unwrap().to_owned();
    assert_ne!(first, second);
    let stale = directory.send_if("PATCH", &path, Some(title("CEO")), Some(&first)).await;
    assert_eq!(stale.status, 412);
    let same = directory.send_if("PATCH", &path, Some(title("CTO")), Some("*")).await;
    assert_eq!(same.header("etag"), Some(second.as_str()));
    assert_eq!(directory.get(&path).await["title"], "CTO");
}

/// 7644-3.6-01 to 7644-3.6-04: gone, nowhere to be found, and the name is free.
async fn deletion(directory: Directory) {
    let user = directory.create_user("lea").await;
    let path = path_of(&user);
    assert_eq!(directory.send("DELETE", &path, None).await.status, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(directory.send(method, &path, None).await.status, 404);
    }
    assert_eq!(directory.get("/Users?filter=userName%20eq%20%22lea%22").await["totalResults"], 0);
    assert_ne!(directory.create_user("lea").await["id"], user["id"]);
}

/// 7643-4.3-01: the manager is an object with a reference of ours, or is not there.
async fn managers(directory: Directory) {
    let (boss, lea) = (directory.create_user("boss").await, directory.create_user("lea").await);
    let uri = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    for value in [boss["id"].clone(), json!({ "value": boss["id"] }), json!([{ "value": boss["id"] }])] {
        let path = format!("{uri}:manager");
        let answer =
            directory.patch(&path_of(&lea), json!([{ "op": "Add", "path": path, "value": value }])).await;
        let manager = &answer.json().unwrap()[uri]["manager"];
        assert_eq!(*manager, json!({ "value": boss["id"], "$ref": boss["meta"]["location"] }));
    }
    let unknown = json!([{ "op": "add", "path": "manager", "value": "nobody" }]);
    let refused = directory.patch(&path_of(&lea), unknown).await;
    assert_eq!((refused.status, refused.json().unwrap()["scimType"].clone()), (400, json!("invalidValue")));
    let cleared = json!([{ "op": "replace", "path": "manager", "value": "" }]);
    let answer = directory.patch(&path_of(&lea), cleared).await.json().unwrap();
    assert_eq!(answer.get(uri), None);
}
