//! The server as a process: it starts, says so, and stops when told to.

use std::path::PathBuf;
use std::process::Command;

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
