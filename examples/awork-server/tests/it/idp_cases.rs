//! What identity providers really send: the recorded cases, each over HTTP (issue: done-when 2).

use scim_testkit::cases::{Level, load_cases, run_case};
use scim_testkit::data::IDP_CASES;
use scim_testkit::postgres::Cluster;
use scim_testkit::server::Server;

/// Cases below `must` that are answered otherwise on purpose, each with the reason.
const DIFFERENT: &[(&str, &str)] = &[];

#[tokio::test]
async fn identity_providers_are_understood_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    identity_providers_are_understood(&crate::server::of_file(["--data", folder.path().to_str().unwrap()]))
        .await;
}

#[tokio::test]
async fn identity_providers_are_understood_on_postgres() {
    let database = Cluster::shared().database().unwrap();
    identity_providers_are_understood(&crate::server::of_file(["--database-url", &database])).await;
}

/// Every case passes, but for those that differ on purpose.
///
/// The workspace has a team `Nested`, which case entra-31 names: a team that is not there is refused
/// with the whole request.
async fn identity_providers_are_understood(server: &Server) {
    let target = server.target();
    let cases = load_cases(IDP_CASES).unwrap();
    assert_eq!(cases.len(), 88);
    let mut failures = Vec::new();
    // One after another: cases take roles for themselves.
    for case in &cases {
        let outcome = run_case(case, &target).await;
        let differs = DIFFERENT.iter().any(|(id, _)| *id == case.id);
        match outcome {
            Ok(()) if differs => failures.push(format!("{} passes and is listed as different", case.id)),
            Err(failure) if !differs || failure.level() == Level::Must => failures.push(failure.to_string()),
            Ok(()) | Err(_) => {}
        }
    }
    assert!(failures.is_empty(), "{} of 88 cases fail:\n\n{}", failures.len(), failures.join("\n\n"));
}
