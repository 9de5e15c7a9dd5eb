//! The conformance checklist: the directory fails no row, and rows fail where the directory is broken.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;

use scim_conformance::{Profile, Session, Target, faults, run, through};
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

/// The rows that nothing which SCIM shows can tell about.
const HIDDEN: [&str; 4] = ["7643-4.1.1-04", "7644-7.2-01", "7643-9.3-01", "9865-5.2-02"];

/// Every row passes but for those of which nothing can be seen, in both settings.
#[tokio::test(flavor = "multi_thread")]
async fn the_directory_conforms() {
    for storage in [&[][..], &["--memory"]] {
        let (_server, session) = directory(storage).await;
        let report = run(&session, &[], |_| true).await;
        assert!(report.failed().is_empty(), "{}", report.summary());
        assert_eq!(report.not_testable(), HIDDEN, "{}", report.summary());
        assert!(report.passed_in_part().is_empty(), "{}", report.summary());
    }
}

/// A profile that is the main service by another name fails the rows that need it.
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_without_effect_fails() {
    let (server, _) = directory(&["--memory"]).await;
    let target: Target = serde_json::from_value(server.ready().line.clone()).unwrap();
    for (profile, expected) in [
        (Profile::ReadOnly, &["7644-2-02", "7644-3.7-14"][..]),
        (Profile::UsersOnly, &["7644-2-02"]),
        (Profile::GroupsOnly, &["7644-2-02"]),
        (Profile::SelfService, &["7644-2-03", "7644-3.11-03"]),
        (Profile::MeOff, &["7644-3.11-01"]),
        (Profile::MeRedirect, &["7644-3.11-02", "7644-3.12-08"]),
        (Profile::IndirectGroups, &["7643-4.1.2-04"]),
        (Profile::Checking, &["7643-4.1.2-02", "7643-4.1.2-05"]),
        (Profile::Dangling, &["7643-2.3.7-03"]),
        (Profile::Ceiling, &["7644-3.4.2.1-02"]),
        (Profile::Sensitive, &["7644-7.5.2-01"]),
        (Profile::SmallPages, &["7644-3.4.2.4-05"]),
        (Profile::IfMatchRequired, &["7644-3.14-05"]),
        (Profile::Versioned, &["7644-3.13-01", "7644-3.13-02"]),
    ] {
        let mut pretending = target.clone();
        let addition = pretending.profiles.get_mut(&profile).unwrap();
        (addition.base_url, addition.token) = (None, None);
        let session = Session::open(&pretending).await.unwrap();
        let report = run(&session, &[], |id| expected.contains(&id)).await;
        assert_eq!(report.failed(), expected, "{profile:?}\n{}", report.summary());
    }
}

/// A target of one URL and one token: what a row needs beyond it is said, and a row that is about nothing else
/// does not pass.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_looked_at_is_said() {
    let (server, _) = directory(&["--memory"]).await;
    let mut target: Target = serde_json::from_value(server.ready().line.clone()).unwrap();
    target.profiles.clear();
    let session = Session::open(&target).await.unwrap();
    let rows = ["7644-3.14-05", "7644-3.4.2.4-05", "7643-3-04", "7644-3.14-04"];
    let report = run(&session, &[], |id| rows.contains(&id)).await;
    let in_part: Vec<_> = report.passed_in_part().into_iter().collect();
    let lacks = |profile: &str| BTreeSet::from([format!("the target names no profile `{profile}`")]);
    assert_eq!(
        in_part,
        [("7643-3-04", &lacks("strict")), ("7644-3.14-05", &lacks("if-match-required"))],
        "{}",
        report.summary()
    );
    assert!(report.passed().contains(&"7644-3.14-04"));
    assert!(report.not_testable().contains(&"7644-3.4.2.4-05"));
    assert!(report.summary().contains("passed in part, the target names no profile `strict`: 7643-3-04"));
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
