//! The conformance checklist: the directory fails no row, and rows fail where the directory is broken.

use std::process::Command;
use std::sync::Arc;

use scim_conformance::{Session, Target, faults, run, through};
use scim_testkit::server::Server;

/// A directory with every profile; it ends with the value.
async fn directory(storage: &[&str]) -> (Server, Arc<Session>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_directory-server"));
    command.args(["demo", "--conformance", "--listen", "127.0.0.1:0"]).args(storage).env("SCIM_LOG", "error");
    let server = Server::start(&mut command).unwrap();
    let target: Target = serde_json::from_value(server.ready().line.clone()).unwrap();
    let session = Session::open(&target).await.unwrap();
    (server, session)
}

/// Every row that can be tested passes, in both settings.
#[tokio::test(flavor = "multi_thread")]
async fn the_directory_conforms() {
    for storage in [&[][..], &["--memory"]] {
        let (_server, session) = directory(storage).await;
        let report = run(&session, &[], |_| true).await;
        assert!(report.failed().is_empty(), "{}", report.summary());
        assert!(report.passed().len() > 100, "{}", report.summary());
    }
}

/// A server that is broken in one way fails the rows that are about it, and no others of these.
#[tokio::test(flavor = "multi_thread")]
async fn a_broken_directory_fails() {
    let (_server, session) = directory(&["--memory"]).await;
    let rows = ["7643-2.4-02", "7643-3.1-10", "7644-2-01", "7644-3.4.2-02", "7644-3.4.2-05", "7644-4-06"];
    for (name, expected) in [
        ("elements of lists twice", &["7643-2.4-02"][..]),
        ("no Location", &["7643-3.1-10"]),
        ("no challenge", &["7644-2-01"]),
        ("totalResults counts the page", &["7644-3.4.2-02"]),
        ("404 for an empty list", &["7644-3.4.2-05"]),
        ("filters on discovery overlooked", &["7644-4-06"]),
        ("errors without schemas", &["7644-4-06", "7644-2-01"]),
    ] {
        let fault = faults().find(|fault| fault.name == name).unwrap();
        let (_proxies, broken) = through(&session, Some(fault)).await.unwrap();
        let report = run(&broken, &[], |id| rows.contains(&id)).await;
        assert_eq!(report.failed(), expected, "{name}\n{}", report.summary());
    }
    let (_proxies, whole) = through(&session, None).await.unwrap();
    let report = run(&whole, &[], |id| rows.contains(&id)).await;
    assert_eq!(report.passed().len(), rows.len(), "{}", report.summary());
}
