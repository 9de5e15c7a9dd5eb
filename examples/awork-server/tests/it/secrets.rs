//! No secret is ever told.

use serde_json::json;

use crate::command::Shell;
use crate::scenarios::{ADMIN, World};

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
