//! The server as a process: it starts, says so, and stops when told to.

use std::path::PathBuf;
use std::process::Command;

use scim_testkit::http::{Request, send};
use scim_testkit::server::Server;

/// A server of the workspace in `tests/data/workspace.json`, with a folder or a database.
pub(crate) fn of_file(storage: [&str; 2]) -> Server {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/workspace.json");
    Server::start(
        Command::new(env!("CARGO_BIN_EXE_awork-server"))
            .arg("serve")
            .args(["--listen", "127.0.0.1:0"])
            .arg("--workspace")
            .arg(file)
            .args(storage),
    )
    .unwrap()
}

/// D-82, D-49: whoever is not let in is told so with awork's code, then the trace id of the header.
#[tokio::test]
async fn wrong_tokens_are_refused_in_aworks_words() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awork-server"));
    let server = Server::start(command.args(["demo", "--listen", "127.0.0.1:0", "--token", "t"])).unwrap();
    let target = server.target();
    for (authorization, challenge) in [
        (None, "Bearer realm=\"awork\""),
        (Some("Basic dDp0"), "Bearer realm=\"awork\""),
        (Some("Bearer T"), "Bearer realm=\"awork\", error=\"invalid_token\""),
    ] {
        let mut request = Request::new("GET", format!("{}/Users", target.base_path));
        if let Some(authorization) = authorization {
            request = request.with_header("Authorization", authorization);
        }
        let response = send(target.address, &request).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
        let (detail, trace_id) = (body["detail"].as_str().unwrap(), response.header("Trace-Id").unwrap());
        assert_eq!((response.status, response.header("WWW-Authenticate")), (401, Some(challenge)));
        assert!(detail.starts_with("the bearer token is missing, wrong or no longer valid"), "{detail}");
        assert!(detail.ends_with(&format!("(unauthorized) (trace id {trace_id})")), "{detail}");
    }
}

/// The demo says what it has, and SIGTERM ends it with success.
#[test]
fn the_demo_starts_and_stops() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awork-server"));
    let server = Server::start(command.args(["demo", "--listen", "127.0.0.1:0", "--token", "t"])).unwrap();
    let target = server.target();
    assert_eq!(target.token, "t");
    assert_eq!(target.base_path, "/api/v1/scim");
    assert_eq!(target.roles, ["Admin", "Project manager", "User", "Viewer", "Guest"]);
    assert_eq!(target.teams, ["Design", "Sales", "Ops", "Design, UX"]);
    assert_eq!(target.regions, ["Bayern", "Berlin", "England"]);
    let (status, said) = server.terminate().unwrap();
    assert!(status.success(), "{said}");
}

/// 7644-7.2-01: plain HTTP on an address that others can reach needs a proxy in front, for SCIM and for the admin
/// API, in the demo too.
#[test]
fn other_addresses_need_a_proxy() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let (here, anywhere) = ("127.0.0.1:0", "0.0.0.0:0");
    let command = |words: &[&str], listen: &str, admin: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_awork-server"));
        command.args(words).args(["--listen", listen, "--admin-listen", admin]);
        command.env("AWORK_ADMIN_TOKEN", "t");
        command
    };
    for words in [&["serve", "--data", data][..], &["demo"]] {
        for (listen, admin) in [(anywhere, here), (here, anywhere)] {
            let output = command(words, listen, admin).output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(!output.status.success() && said.contains("can be reached from elsewhere"), "{said}");
        }
        let mut command = command(words, anywhere, anywhere);
        let server = Server::start(command.arg("--behind-proxy")).unwrap();
        let ready = server.ready();
        assert!(ready.base_url.starts_with("http://0.0.0.0:"), "{ready:?}");
        assert!(ready.admin_url.as_deref().unwrap().starts_with("http://0.0.0.0:"), "{ready:?}");
    }
}
