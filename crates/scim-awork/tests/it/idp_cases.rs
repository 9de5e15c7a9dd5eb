//! What identity providers really send, over HTTP, to an engine in memory.

use std::sync::Arc;

use chrono::{TimeZone, Utc};
use scim_awork::{AworkRules, WorkspaceSetup, awork_registry};
use scim_engine::store::{Store, TenantId};
use scim_engine::{Caller, Engine, MemoryStore};
use scim_http::{Grant, HttpConfig, Principal, ScimService, ServeConfig, StaticTokens, Token, serve};
use scim_testkit::cases::{Target, load_cases, run_case};
use scim_testkit::data::IDP_CASES;
use serde_json::Value;

/// The workspace that the tests of `awork-server` use as well.
const WORKSPACE: &str = include_str!("../../../../examples/awork-server/tests/data/workspace.json");

/// D-42, D-43, D-49: every recorded case passes. The workspace has the team `Nested` of case entra-31,
/// since a team that is not there is refused.
#[tokio::test(flavor = "multi_thread")]
async fn identity_providers_are_understood() {
    let file: Value = serde_json::from_str(WORKSPACE).unwrap();
    let setup: WorkspaceSetup = serde_json::from_value(file["workspace"].clone()).unwrap();
    let mut ids = 0..;
    let now = Utc.timestamp_opt(1_700_000_000, 0).unwrap();
    let batch =
        setup.batch(&awork_registry().unwrap(), now, || format!("s-{}", ids.next().unwrap())).unwrap();
    let store = MemoryStore::new();
    store.commit(batch).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let base_path = "/api/v1/scim";
    let engine =
        Engine::new(store, AworkRules, awork_registry().unwrap(), &format!("http://{address}{base_path}"));
    let principal = Principal { tenant: TenantId::new(&setup.name).unwrap(), caller: Caller::default() };
    let tokens = StaticTokens::new([(Token::from_text("t").hash(), Grant::new(principal))]);
    let config = HttpConfig { prefix: base_path.to_owned(), ..HttpConfig::default() };
    let service = ScimService::new(Arc::new(engine), tokens, config);
    let server = tokio::spawn(serve(listener, service, ServeConfig::default(), std::future::pending()));
    let target = Target {
        address,
        base_path: base_path.to_owned(),
        token: "t".to_owned(),
        roles: setup.roles.iter().map(|role| role.name.clone()).collect(),
        regions: setup.absence_regions.clone(),
        teams: setup.teams.clone(),
    };
    let mut failures = Vec::new();
    // One after another: cases take roles for themselves.
    for case in load_cases(IDP_CASES).unwrap() {
        if let Err(failure) = run_case(&case, &target).await {
            failures.push(failure.to_string());
        }
    }
    server.abort();
    assert!(failures.is_empty(), "{} of 88 cases fail:\n\n{}", failures.len(), failures.join("\n\n"));
}
