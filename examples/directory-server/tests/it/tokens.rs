//! Tokens of a file, the strict settings, and where the server listens.

use std::process::Command;

use scim_testkit::http::{Request, send};
use scim_testkit::server::Server;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_directory-server"));
    command.args(["demo", "--token", "t"]).args(arguments);
    command
}

/// 7644-2-02, 7644-3.11-03, 7643-2.3-01: each token may do what the file says, and strict is strict.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_and_settings() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens.json");
    let tokens = r#"[{"token":"r","scopes":"read"},{"token":"g","scopes":"read write:Group"},
        {"token":"o","scopes":"write","tenant":"other"},{"token":"m","scopes":"read:self","user":"nobody"}]"#;
    std::fs::write(&file, tokens).unwrap();
    let arguments = ["--listen", "127.0.0.1:0", "--strict", "--tokens", file.to_str().unwrap()];
    let server = Server::start(&mut command(&arguments)).unwrap();
    let address = server.ready().address;
    let user = format!(r#"{{"schemas":["{USER}"],"userName":"lea"}}"#);
    let loose = user.replace("\"lea\"", "\"max\",\"active\":\"True\"");
    for (token, method, path, body, status) in [
        ("t", "POST", "/Users", user.as_str(), 201),
        ("o", "POST", "/Users", &user, 201),
        ("t", "POST", "/Users", &loose, 400),
        ("r", "GET", "/Users", "", 200),
        ("r", "POST", "/Users", &user, 403),
        ("g", "POST", "/Users", &user, 403),
        ("m", "GET", "/Users", "", 403),
        ("m", "GET", "/Me", "", 404),
        ("t", "GET", "/Me", "", 404),
        ("x", "GET", "/Users", "", 401),
    ] {
        let request = Request::new(method, format!("/scim/v2{path}"))
            .with_header("Authorization", format!("Bearer {token}"))
            .with_header("Content-Type", "application/scim+json")
            .with_body(body.to_owned());
        let response = send(address, &request).await.unwrap();
        assert_eq!(response.status, status, "{token} {method} {path}");
    }
}

/// 7644-7.2-01: plain HTTP on an address that others can reach needs a proxy in front; a file of tokens that
/// cannot be read stops the server.
#[test]
fn what_the_server_refuses() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens.json");
    std::fs::write(&file, r#"[{"token":"r","scopes":"everything"}]"#).unwrap();
    let file = file.to_str().unwrap();
    for (arguments, said) in [
        (&["--listen", "0.0.0.0:0"][..], "can be reached from elsewhere"),
        (&["--listen", "127.0.0.1:0", "--tokens", file], "`everything` is no scope"),
        (&["--listen", "127.0.0.1:0", "--tokens", "/nowhere.json"], "cannot be read"),
    ] {
        let output = command(arguments).output().unwrap();
        let shown = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && shown.contains(said), "{shown}");
    }
    let arguments = ["--listen", "0.0.0.0:0", "--behind-proxy", "--base-url", "http://192.0.2.1:80/scim/v2/"];
    let server = Server::start(&mut command(&arguments)).unwrap();
    assert_eq!(server.ready().base_url, "http://192.0.2.1:80/scim/v2");
}
