//! A token never reaches another workspace, and no secret is ever told.

use serde_json::{Value, json};

use crate::command::Shell;
use crate::scenarios::{ADMIN, World};

const FOREIGN: &str = "secret-of-acme";

/// D-41, A-31: all verbs, filters and sorts of every route, with the ids of another workspace.
#[tokio::test]
async fn a_token_stays_in_its_workspace() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::start(["--data", folder.path().to_str().unwrap()]);
    let shell = &world.admin;
    shell.workspace("acme");
    shell.workspace("other");
    let (token, other) = (shell.set_up("acme", "okta"), shell.set_up("other", "okta"));
    shell.done(&["role", "create", "acme", FOREIGN]);
    shell.done(&["team", "create", "acme", FOREIGN]);
    shell.done(&["region", "create", "acme", FOREIGN, "--default"]);
    let extension = "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User";
    let person = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": format!("{FOREIGN}@acme.example"),
        "name": { "givenName": FOREIGN, "familyName": "B" }, "externalId": FOREIGN, "title": FOREIGN,
        extension: { "teams": FOREIGN, "userRole": FOREIGN },
    });
    let created = world.send(&token, "POST", "/Users", Some(person)).await;
    assert_eq!(created.status, 201, "{}", created.text());
    let user = created.json().unwrap()["id"].as_str().unwrap().to_owned();
    let groups = world.get(&token, "/Groups").await;
    let group = |name: &str| {
        let groups = groups["Resources"].as_array().unwrap();
        let found = groups.iter().find(|group| group["displayName"] == name).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    let (group, own_group) = (group(FOREIGN), world.get(&other, "/Groups").await);
    let own_group = own_group["Resources"][1]["id"].as_str().unwrap();
    let before = (world.get(&token, "/Users").await, world.get(&token, "/Groups").await);
    let patch = |operation: Value| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] });
    let deactivate = patch(json!({ "op": "replace", "path": "active", "value": false }));
    let member = json!([{ "value": user }]);
    let put = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "x@y.example" });
    let (at_user, at_group) = (format!("/Users/{user}"), format!("/Groups/{group}"));
    for (method, path, body, status) in [
        ("GET", at_user.clone(), None, 404),
        ("HEAD", at_user.clone(), None, 404),
        ("PUT", at_user.clone(), Some(put.clone()), 404),
        ("PATCH", at_user.clone(), Some(deactivate.clone()), 404),
        ("DELETE", at_user.clone(), None, 404),
        ("GET", at_group.clone(), None, 404),
        (
            "PUT",
            at_group.clone(),
            Some(
                json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": FOREIGN }),
            ),
            404,
        ),
        (
            "PATCH",
            at_group.clone(),
            Some(patch(json!({ "op": "add", "path": "members", "value": member }))),
            404,
        ),
        ("DELETE", at_group.clone(), None, 404),
        (
            "PATCH",
            format!("/Groups/{own_group}"),
            Some(patch(json!({ "op": "add", "path": "members", "value": member }))),
            400,
        ),
        (
            "PATCH",
            format!("/Groups/{own_group}"),
            Some(patch(json!({ "op": "replace", "path": "members", "value": member }))),
            400,
        ),
    ] {
        let answer = world.send(&other, method, &path, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        assert!(!answer.text().contains(FOREIGN), "{method} {path}: {}", answer.text());
    }
    let attributes = [
        "userName",
        "externalId",
        "title",
        "name.givenName",
        "emails.value",
        "meta.created",
        &format!("{extension}:teams"),
        &format!("{extension}:userRole"),
        &format!("{extension}:absenceRegion"),
        "groups.display",
        "displayName",
    ];
    let mut queries = vec!["/Users".to_owned(), "/Groups".to_owned(), "/".to_owned()];
    queries.push(format!("/Users?filter=id%20eq%20%22{user}%22"));
    queries.push(format!("/Users?filter=groups.value%20eq%20%22{group}%22"));
    queries.push(format!("/Groups?filter=id%20eq%20%22{group}%22"));
    queries.push(format!("/Groups?filter=members.value%20eq%20%22{user}%22"));
    for attribute in attributes {
        for condition in [
            format!("eq%20%22{FOREIGN}%22"),
            "pr".to_owned(),
            "ne%20%22x%22".to_owned(),
            "co%20%22a%22".to_owned(),
        ] {
            queries.push(format!("/Users?filter={attribute}%20{condition}&count=1000"));
        }
        for order in ["ascending", "descending"] {
            queries.push(format!("/Users?sortBy={attribute}&sortOrder={order}"));
        }
    }
    for query in [
        "/Groups?sortBy=displayName",
        "/Groups?filter=displayName%20pr",
        "/ResourceTypes",
        "/Schemas",
        "/ServiceProviderConfig",
    ] {
        queries.push(query.to_owned());
    }
    for query in queries {
        let answer = world.send(&other, "GET", &query, None).await;
        assert!(answer.status < 500, "{query}: {}", answer.text());
        for secret in [user.as_str(), &group, "acme.example"] {
            assert!(!answer.text().contains(secret) || answer.status == 400, "{query}: {}", answer.text());
        }
        let body: Value = answer.json().unwrap_or_default();
        assert!(!body["Resources"].to_string().contains(FOREIGN), "{query}: {body}");
    }
    for path in ["/.search", "/Users/.search", "/Groups/.search"] {
        let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "meta.created pr", "count": 1000 });
        let answer = world.send(&other, "POST", path, Some(search)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert!(
            !answer.text().contains(FOREIGN) && !answer.text().contains(&user),
            "{path}: {}",
            answer.text()
        );
    }
    assert_eq!((world.get(&token, "/Users").await, world.get(&token, "/Groups").await), before);
}

/// D-36, D-83: neither log nor database nor any answer holds a token; only who makes one is told it, once.
#[tokio::test]
async fn secrets_are_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let world = World::start(["--data", data]);
    let shell = &world.admin;
    shell.workspace("acme");
    let first = shell.set_up("acme", "okta");
    let password = "Tr0ub4dor-and-3";
    let mut answers = String::new();
    let person = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "lea@acme.example",
        "name": { "givenName": "L", "familyName": "B" }, "password": password,
    });
    let second = shell.done(&["integration", "regenerate", "acme"])["token"].as_str().unwrap().to_owned();
    for token in [&first, &second] {
        for body in [person.clone(), json!({ "password": password }), json!([password])] {
            answers.push_str(&world.send(token, "POST", "/Users", Some(body)).await.text());
        }
        answers.push_str(&world.send(&token[..60], "GET", "/Users", None).await.text());
        answers.push_str(
            &world
                .send(token, "GET", &format!("/Users/{token}?filter={token}"), None)
                .await
                .status
                .to_string(),
        );
    }
    let wrong = Shell::new([
        "--server",
        world.server.ready().admin_url.as_deref().unwrap(),
        "--admin-token",
        "wrong-secret",
    ]);
    wrong.refused(&["workspace", "list"]);
    for words in
        [["workspace", "show"], ["integration", "show"], ["integration", "clients"], ["user", "list"]]
    {
        shell.done(&[words[0], words[1], "acme"]);
        shell.text(&[words[0], words[1], "acme"]);
    }
    let said = shell.said();
    for token in [&first, &second] {
        assert_eq!(said.matches(token.as_str()).count(), 1, "told once");
    }
    let (_, log) = world.server.terminate().unwrap();
    let mut files = Vec::new();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        files.extend(std::fs::read(file.unwrap().path()).unwrap());
    }
    let holds = |secret: &str| files.windows(secret.len()).any(|window| window == secret.as_bytes());
    assert!(holds("lea@acme.example"), "the files are those of the data");
    for secret in [first.as_str(), second.as_str(), password, ADMIN, "wrong-secret"] {
        assert!(!holds(secret), "in the files");
        assert!(!answers.contains(secret) && !wrong.said().contains(secret), "in an answer");
        // The path of a request is what its client made it, and is not logged either.
        assert!(!log.contains(secret), "{log}");
    }
}
