//! The conformance checklist: the server fails the rows that awork's rules override, and no others.

use std::process::Command;

use scim_conformance::{Override, Session, Target, run};
use scim_testkit::server::Server;
use serde_json::json;

/// The rows that a rule of awork overrides, with the id of the rule.
const OVERRIDES: &str = include_str!("../../conformance-overrides.json");

/// what every user must have here.
fn target(server: &Server) -> Target {
    let mut target: Target = serde_json::from_value(server.ready().line.clone()).unwrap();
    let name = json!({ "name": { "givenName": "Gia", "familyName": "Frey" } });
    target.user = name.as_object().unwrap().clone();
    target.ending = "@conformance.example".to_owned();
    target
}

/// Each row that fails is overridden, and each that is overridden fails.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_awork_overrides_fails() {
    let overrides = Override::list_from_json(OVERRIDES).unwrap();
    for Override { row, by, .. } in &overrides {
        let number = by.strip_prefix("D-").or_else(|| by.strip_prefix("A-"));
        assert!(number.is_some_and(|number| number.parse::<u32>().is_ok()), "{row} is overridden by {by}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_awork-server"));
    let server = Server::start(command.args(["demo", "--listen", "127.0.0.1:0"])).unwrap();
    let session = Session::open(&target(&server)).await.unwrap();
    let report = run(&session, &overrides, |_| true).await;
    assert!(report.failed().is_empty(), "{}", report.summary());
    assert!(report.needless_overrides().is_empty(), "{:?}", report.needless_overrides());
    assert_eq!(report.overridden().len(), overrides.len(), "a row is overridden twice");
}
