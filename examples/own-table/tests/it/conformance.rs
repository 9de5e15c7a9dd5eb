//! The conformance checklist: the application fails the rows that need more than its table has, and no others.

use std::process::Command;

use scim_conformance::{Override, Session, Target, run};
use scim_testkit::server::Server;

/// The rows that the table cannot keep, with what it lacks.
const OVERRIDES: &str = include_str!("../../conformance-overrides.json");

/// Each row that fails is an exception, and each exception fails.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_the_table_lacks_fails() {
    let overrides = Override::list_from_json(OVERRIDES).unwrap();
    let server = Server::start(&mut Command::new(env!("CARGO_BIN_EXE_own-table"))).unwrap();
    let target: Target = serde_json::from_value(server.ready().line.clone()).unwrap();
    let session = Session::open(&target).await.unwrap();
    let report = run(&session, &overrides, |_| true).await;
    assert!(report.failed().is_empty(), "{}", report.summary());
    assert!(report.needless_overrides().is_empty(), "{:?}", report.needless_overrides());
    assert_eq!(report.overridden().len(), overrides.len(), "an exception is listed twice");
}
