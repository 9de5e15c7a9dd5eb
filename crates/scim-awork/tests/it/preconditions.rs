//! What a workspace needs for SCIM, and what its requests are told without.

use scim_awork::{AworkRefusal, Preconditions, WorkspaceSetup};
use scim_engine::store::Write;
use scim_testkit::http::Request;
use serde_json::json;

use crate::http::Served;
use crate::world::{World, minimal, setup};

impl World {
    async fn set_preconditions(&self, preconditions: Preconditions) {
        let version = self.record(Preconditions::key(&self.space())).await.map(|record| record.version);
        let record = Box::new(preconditions.record(&self.space()));
        self.commit(vec![Write::Put { record, replaces: version }]).await;
    }
}

/// D-10, D-11, A-48: without the plan or OpenID Connect every request is refused, that of another workspace
/// is not, and all works again once they are back.
#[tokio::test(flavor = "multi_thread")]
async fn every_request_needs_plan_and_sso() {
    let world = World::new().await;
    let served = Served::of(&world, &world.second_workspace().await).await;
    let user = format!("/api/v1/scim/Users/{}", world.person("ada").await);
    let before = world.all("User").await;
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "replace", "path": "title", "value": "x" }],
    });
    let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] });
    let requests = [
        ("GET", "/api/v1/scim/Users", None),
        ("GET", user.as_str(), None),
        ("GET", "/api/v1/scim/Groups", None),
        ("GET", "/api/v1/scim/ResourceTypes", None),
        ("GET", "/api/v1/scim/Nothing", None),
        ("POST", "/api/v1/scim/.search", Some(search)),
        ("POST", "/api/v1/scim/Users", Some(minimal("lea"))),
        ("PATCH", user.as_str(), Some(patch)),
        ("PUT", user.as_str(), Some(minimal("ada"))),
        ("DELETE", user.as_str(), None),
    ];
    for (enterprise, openid_connect, code) in [
        (false, true, "(insufficient-subscription-level)"),
        (true, false, "(invalid-operation)"),
        (false, false, "(insufficient-subscription-level)"),
    ] {
        world.set_preconditions(Preconditions { enterprise, openid_connect }).await;
        for (method, target, body) in &requests {
            let body = body.as_ref().map(|body| body.to_string().into_bytes());
            let request = Request { body, ..Request::new(*method, *target) }
                .with_header("Content-Type", "application/scim+json");
            let (response, error) = served.send("w", request).await;
            let detail = error["detail"].as_str().unwrap();
            assert_eq!((response.status, error.get("scimType")), (403, None), "{method} {target}: {detail}");
            assert!(detail.contains(code), "{detail}");
        }
        let elsewhere = served.send("v", Request::new("GET", "/api/v1/scim/Users")).await;
        assert_eq!(elsewhere.0.status, 200);
    }
    world.set_preconditions(Preconditions { enterprise: true, openid_connect: true }).await;
    assert_eq!(world.all("User").await, before, "nothing has changed");
    for (target, status) in [("/api/v1/scim/Users", 200), (user.as_str(), 200), ("/api/v1/scim/Nothing", 404)]
    {
        assert_eq!(served.send("w", Request::new("GET", target)).await.0.status, status, "{target}");
    }
}

/// D-10, D-11: the file of a workspace says what it has; the plan is missed first.
#[tokio::test]
async fn what_the_file_says() {
    for (enterprise, openid_connect, refusal) in [
        (true, true, None),
        (false, true, Some(AworkRefusal::PlanMissing)),
        (true, false, Some(AworkRefusal::SsoMissing)),
        (false, false, Some(AworkRefusal::PlanMissing)),
    ] {
        let world = World::of(&WorkspaceSetup { enterprise, openid_connect, ..setup() }).await;
        let record = world.record(Preconditions::key(&world.space())).await.unwrap();
        assert_eq!(Preconditions::of(&record).unwrap().check().err(), refusal);
    }
    let file = json!({ "name": "w", "seats": 3, "roles": [] });
    let file: WorkspaceSetup = serde_json::from_value(file).unwrap();
    assert!(file.enterprise && file.openid_connect, "a file says only what differs from the ordinary");
}
