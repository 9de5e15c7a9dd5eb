//! What shows over HTTP alone: headers, tokens, trace ids.

use std::net::SocketAddr;

use scim_http::{Grant, HttpConfig, Principal, ScimService, ServeConfig, StaticTokens, Token, serve};
use scim_testkit::http::{Request, Response, send};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::world::{EXT, World, minimal};

const USERS: &str = "/api/v1/scim/Users";

/// Two workspaces behind one address, each with the token of its name.
pub(crate) struct Served {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Served {
    async fn new() -> Self {
        let world = World::new().await;
        Self::of(&world, &world.second_workspace().await).await
    }

    pub(crate) async fn of(world: &World, second: &World) -> Self {
        let grants = [world, second].map(|world| {
            let context = world.context();
            let token = Token::from_text(context.tenant.as_str());
            (token.hash(), Grant::new(Principal { tenant: context.tenant, caller: context.caller }))
        });
        let config = HttpConfig { prefix: "/api/v1/scim".to_owned(), ..HttpConfig::default() };
        let service = ScimService::new(world.engine.clone(), StaticTokens::new(grants), config);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = serve(listener, service, ServeConfig::default(), std::future::pending());
        let server = tokio::spawn(async move {
            let _ = serving.await;
        });
        Self { address, server }
    }

    pub(crate) async fn send(&self, token: &str, request: Request) -> (Response, Value) {
        let request = request.with_header("Authorization", format!("Bearer {token}"));
        let response = send(self.address, &request).await.unwrap();
        let body = serde_json::from_slice(&response.body).unwrap_or_default();
        (response, body)
    }

    async fn get(&self, token: &str, target: &str) -> (Response, Value) {
        self.send(token, Request::new("GET", target)).await
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// D-48: whatever `Accept` says, and without it, there is an answer in JSON.
#[tokio::test(flavor = "multi_thread")]
async fn every_accept_value_is_answered() {
    let served = Served::new().await;
    for accept in [
        None,
        Some(""),
        Some("*/*"),
        Some("application/scim+json"),
        Some("application/json"),
        Some("text/html"),
        Some("application/scim+json; charset=utf-8"),
        Some("text/html, application/xml;q=0.9"),
        Some("application/scim+json;q=0"),
        Some("nonsense;;,"),
    ] {
        let request = Request::new("GET", format!("{USERS}?count=1"));
        let request = match accept {
            Some(accept) => request.with_header("Accept", accept),
            None => request,
        };
        let (response, body) = served.send("w", request).await;
        let kind = response.header("Content-Type").unwrap();
        let expected =
            if accept == Some("application/json") { "application/json" } else { "application/scim+json" };
        assert_eq!((response.status, kind.split(';').next()), (200, Some(expected)), "{accept:?}");
        assert_eq!(body["totalResults"], 6);
    }
}

/// D-41, D-49: the token alone selects the workspace, below the one base URL; a wrong one gets in nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn the_token_selects_the_workspace() {
    let served = Served::new().await;
    let unknown = format!("{USERS}?filter=userName%20eq%20%22nobody%22");
    for (token, people) in [("w", 6), ("v", 1)] {
        assert_eq!(served.get(token, USERS).await.1["totalResults"], people);
        let (test, body) = served.get(token, &unknown).await;
        assert_eq!((test.status, &body["totalResults"]), (200, &json!(0)));
    }
    let ada = served.get("w", USERS).await.1["Resources"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(served.get("v", &format!("{USERS}/{ada}")).await.0.status, 404);
    for token in ["", "W", "w.", "x"] {
        let (refused, body) = served.get(token, &unknown).await;
        assert_eq!((refused.status, &body["status"]), (401, &json!("401")), "{token:?}");
    }
}

/// D-82, D-84: a refusal ends with awork's code and the trace id, which the header carries too.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_carry_code_and_trace_id() {
    let served = Served::new().await;
    let body = |body: &Value| Some(serde_json::to_vec(body).unwrap());
    let no_name = json!({ "schemas": minimal("x")["schemas"], "userName": "x@w.example" });
    for (method, target, body, status, code) in [
        ("POST", USERS, body(&no_name), 400, "(validation-failed)"),
        ("POST", USERS, body(&minimal("ada")), 409, "(already-exist-error)"),
        ("GET", "/api/v1/scim/Users/nobody", None, 404, "(not-found)"),
        ("DELETE", "/api/v1/scim/Groups/nobody", None, 404, "(not-found)"),
        ("GET", "/api/v1/scim/Users?filter=x", None, 400, "(validation-failed)"),
    ] {
        let request = Request { body, ..Request::new(method, target) }
            .with_header("Content-Type", "application/scim+json");
        let (response, error) = served.send("w", request).await;
        let (detail, trace_id) = (error["detail"].as_str().unwrap(), response.header("Trace-Id").unwrap());
        assert_eq!(response.status, status, "{detail}");
        assert_eq!(trace_id.len(), 32);
        let (before, after) = detail.split_once(code).unwrap_or_else(|| panic!("no {code} in {detail}"));
        assert!(!before.is_empty() && after.contains(trace_id), "{detail}");
    }
}

/// the trace id is that of a valid `traceparent`, and new for every other request.
#[tokio::test(flavor = "multi_thread")]
async fn trace_ids_come_from_the_client_or_are_new() {
    let served = Served::new().await;
    let given = "0af7651916cd43dd8448eb211c80319c";
    let mut seen = Vec::new();
    for traceparent in [format!("00-{given}-b7ad6b7169203331-01"), "00-nonsense-01".to_owned(), String::new()]
    {
        let request = Request::new("GET", USERS).with_header("traceparent", traceparent);
        let (response, _) = served.send("w", request).await;
        let id = response.header("Trace-Id").unwrap().to_owned();
        assert!(id.len() == 32 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{id}");
        seen.push(id);
    }
    assert_eq!(seen[0], given);
    assert!(seen[1] != given && seen[2] != given && seen[1] != seen[2], "{seen:?}");
}

/// 7644-3.7.2-01, D-77, D-74: in one bulk request a person is created and moves into a role; each operation
/// keeps to awork's rules and says so in awork's words.
#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_request_keeps_to_the_rules() {
    let served = Served::new().await;
    let groups = served.get("w", "/api/v1/scim/Groups?filter=displayName%20eq%20%22Admin%22").await.1;
    let admin = groups["Resources"][0]["id"].as_str().unwrap().to_owned();
    let person =
        |name: &str| json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": minimal(name) });
    let join = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{ "op": "add", "path": "members", "value": [{ "value": "bulkId:lea" }] }],
    });
    let group = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "New" });
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            { "method": "PATCH", "path": format!("/Groups/{admin}"), "data": join },
            person("lea"),
            person("ada"),
            { "method": "POST", "path": "/Groups", "bulkId": "g", "data": group },
        ],
    });
    let request = Request::new("POST", "/api/v1/scim/Bulk")
        .with_header("Content-Type", "application/scim+json")
        .with_body(body.to_string());
    let (response, answer) = served.send("w", request).await;
    assert_eq!(response.status, 200, "{answer}");
    let results = answer["Operations"].as_array().unwrap();
    let statuses: Vec<_> = results.iter().map(|result| result["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["200", "201", "409", "403"], "{answer}");
    for (at, code) in [(2, "(already-exist-error)"), (3, "(invalid-operation)")] {
        let detail = results[at]["response"]["detail"].as_str().unwrap();
        assert!(detail.contains(code) && detail.contains(response.header("Trace-Id").unwrap()), "{detail}");
    }
    let location = results[1]["location"].as_str().unwrap().split_once("/api/").unwrap().1;
    let (_, lea) = served.get("w", &format!("/api/{location}")).await;
    assert_eq!((&lea[EXT]["userRole"], &lea["groups"][0]["value"]), (&json!("Admin"), &json!(admin)));
}
