//! Bulk ([RFC 7644 §3.7]): what single operations and whole requests are answered with.
//!
//! [RFC 7644 §3.7]: https://www.rfc-editor.org/rfc/rfc7644#section-3.7

mod circles;
mod faults;
mod limits;
mod references;
mod whole;

use scim_core::schema::urn;
use scim_engine::{Features, ProvisioningEngine};
use scim_http::HttpConfig;
use scim_testkit::data::rfc_example;
use serde_json::{Value, json};

use crate::world::{Answer, BASE, Service, ask, config, configured, create_user, get, id, service};

/// A request of these operations.
fn request(operations: &Value) -> Value {
    json!({ "schemas": [urn::BULK_REQUEST], "Operations": operations })
}

async fn post<E: ProvisioningEngine>(service: &Service<E>, request: &Value) -> Answer {
    ask(service, "POST /Bulk", &[], request.to_string()).await
}

/// The results of a request that is processed (7644-3.7-11).
async fn results<E: ProvisioningEngine>(service: &Service<E>, request: &Value) -> Vec<Value> {
    let answer = post(service, request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["schemas"], json!([urn::BULK_RESPONSE]));
    let results = body["Operations"].as_array().unwrap().clone();
    for result in &results {
        check(result, answer.header("trace-id"));
    }
    results
}

/// 7644-3.7-08 to 7644-3.7-10: what every result holds, and what none does.
fn check(result: &Value, trace: &str) {
    let status = result["status"].as_str().unwrap();
    let failed = status >= "400";
    assert!(result["method"].is_string(), "{result}");
    let response = &result["response"];
    assert_eq!(response.is_object(), failed, "{result}");
    if failed {
        assert_eq!((&response["schemas"], &response["status"]), (&json!([urn::ERROR]), &json!(status)));
        assert!(response["detail"].as_str().unwrap().contains(trace), "{result}");
    } else {
        assert!(result["location"].as_str().unwrap().starts_with(BASE), "{result}");
        assert_eq!(result["version"].is_string(), status != "204", "{result}");
    }
}

/// Status and keyword of each result, such as `400 invalidSyntax`.
fn outcomes(results: &[Value]) -> Vec<String> {
    let outcome = |result: &Value| match result["response"]["scimType"].as_str() {
        Some(scim_type) => format!("{} {scim_type}", result["status"].as_str().unwrap()),
        None => result["status"].as_str().unwrap().to_owned(),
    };
    results.iter().map(outcome).collect()
}

/// The path of what an operation has made.
fn path(result: &Value) -> &str {
    result["location"].as_str().unwrap().strip_prefix(BASE).unwrap()
}

fn post_user(bulk_id: &str, name: &str) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": { "schemas": [urn::USER], "userName": name } })
}

fn post_group(bulk_id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|member| json!({ "value": member })).collect();
    let data = json!({ "schemas": [urn::GROUP], "displayName": bulk_id, "members": members });
    json!({ "method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data })
}

fn patch_op(operations: &Value) -> Value {
    json!({ "schemas": [urn::PATCH_OP], "Operations": operations })
}

/// The ids of members, sorted.
async fn members<E: ProvisioningEngine>(service: &Service<E>, path: &str) -> Vec<String> {
    let group = get(service, path).await.json();
    let members = group["members"].as_array().cloned().unwrap_or_default();
    let mut ids: Vec<String> =
        members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// 7644-3.7-01: on it is announced and works, off it is 501 and its limits are 0.
#[tokio::test]
async fn it_can_be_switched_off() {
    let off = configured(HttpConfig { bulk: None, ..config() }, Features::default());
    for line in ["POST /Bulk", "GET /Bulk"] {
        assert_eq!(ask(&off, line, &[], "{}").await.status, 501, "{line}");
    }
    let announced = get(&off, "/ServiceProviderConfig").await.json();
    assert_eq!(announced["bulk"], json!({ "supported": false, "maxOperations": 0, "maxPayloadSize": 0 }));
    let on = service();
    assert_eq!(get(&on, "/ServiceProviderConfig").await.json()["bulk"]["supported"], true);
    assert_eq!(outcomes(&results(&on, &request(&json!([post_user("a", "lea")]))).await), ["201"]);
    // 7644-3.9: parameters of the URL mean nothing here.
    let odd = ask(
        &on,
        "POST /Bulk?attributes=x&excludedAttributes=y",
        &[],
        request(&json!([post_user("a", "bob")])).to_string(),
    );
    assert_eq!(odd.await.status, 200);
}

/// 7644-3.7-08, 7644-3.7-09: all four methods, each with its status as text, in the order of the request.
#[tokio::test]
async fn all_methods() {
    let service = service();
    for name in ["a", "b", "c"] {
        create_user(&service, name).await;
    }
    let user = |name: &str| json!({ "schemas": [urn::USER], "userName": name });
    let title = json!([{ "op": "add", "path": "title", "value": "T" }]);
    let done = results(
        &service,
        &request(&json!([
            { "method": "post", "path": "Users", "bulkId": "new", "data": user("d") },
            { "method": "PUT", "path": format!("/v2/Users/{}", id(1)), "data": user("e") },
            { "method": "Patch", "path": format!("/users/{}", id(2)), "bulkId": "mine", "data": patch_op(&title) },
            { "method": "DELETE", "path": format!("/Users/{}", id(3)) },
            { "method": "POST", "path": "/Devices", "bulkId": "device", "data": { "schemas": [crate::world::DEVICE], "serial": "7" } },
        ])),
    )
    .await;
    let shown: Vec<_> = done
        .iter()
        .map(|result| {
            (
                result["method"].as_str().unwrap(),
                result["bulkId"].as_str(),
                result["status"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("POST", Some("new"), "201"),
            ("PUT", None, "200"),
            ("PATCH", Some("mine"), "200"),
            ("DELETE", None, "204"),
            ("POST", Some("device"), "201"),
        ]
    );
    assert_eq!(get(&service, path(&done[1])).await.json()["userName"], "e");
    assert_eq!(get(&service, path(&done[2])).await.json()["title"], "T");
    assert_eq!(get(&service, path(&done[3])).await.status, 404);
    assert_eq!(get(&service, path(&done[4])).await.json()["serial"], "7");
}

/// 7644-3.7-07, 7644-3.7-08: a version is a condition; the answer tells the current one.
#[tokio::test]
async fn versions() {
    let service = service();
    let created = create_user(&service, "lea").await;
    let old = created.header("etag").to_owned();
    let user = format!("/Users/{}", id(1));
    let retitle = |title: &str, version: &str| {
        let data = patch_op(&json!([{ "op": "add", "path": "title", "value": title }]));
        json!({ "method": "PATCH", "path": user, "version": version, "data": data })
    };
    let put = json!({ "method": "PUT", "path": user, "version": old, "data": { "schemas": [urn::USER], "userName": "x" } });
    let delete = json!({ "method": "DELETE", "path": user, "version": old });
    let done =
        results(&service, &request(&json!([retitle("A", &old), retitle("B", &old), put, delete]))).await;
    assert_eq!(outcomes(&done), ["200", "412", "412", "412"]);
    assert_eq!(done[1]["location"], format!("{BASE}{user}"));
    let now = get(&service, &user).await;
    assert_eq!(now.json()["title"], "A");
    assert_eq!(done[0]["version"], now.header("etag"));
    // A user who becomes a member later in the same request is of a newer version by then.
    let done =
        results(&service, &request(&json!([post_user("u", "bob"), post_group("g", &["bulkId:u"])]))).await;
    assert_eq!(done[0]["version"], get(&service, path(&done[0])).await.header("etag"));
    // 7644-3.14-05: where each write needs a condition, those within need one too, but for creates.
    let careful = configured(HttpConfig { require_if_match: true, ..config() }, Features::default());
    let done = results(
        &careful,
        &request(&json!([post_user("u", "bob"), { "method": "DELETE", "path": "/Users/bulkId:u" }])),
    )
    .await;
    assert_eq!(outcomes(&done), ["201", "428"]);
    let untagged = configured(config(), Features { etag: false, patch: false, ..Features::default() });
    let put = json!({ "method": "PUT", "path": user, "version": old, "data": {} });
    let asked = request(&json!([post_user("u", "bob"), retitle("A", &old), put]));
    let done = post(&untagged, &asked).await.json();
    assert_eq!(outcomes(done["Operations"].as_array().unwrap()), ["201", "501", "501"]);
    assert_eq!(done["Operations"][0].get("version"), None);
}

/// 7644-3.7-12, 7644-3.7-13: how many failures stop the rest.
#[tokio::test]
async fn failures_stop_when_asked_to() {
    for (fail_on_errors, statuses) in [
        (None, &["201", "409 uniqueness", "404", "201"][..]),
        (Some(1), &["201", "409 uniqueness"]),
        (Some(2), &["201", "409 uniqueness", "404"]),
        (Some(3), &["201", "409 uniqueness", "404", "201"]),
    ] {
        let service = service();
        create_user(&service, "taken").await;
        let mut request = request(&json!([
            post_user("a", "a"),
            post_user("b", "taken"),
            { "method": "DELETE", "path": "/Users/none" },
            post_user("c", "c"),
        ]));
        if let Some(count) = fail_on_errors {
            request["failOnErrors"] = json!(count);
        }
        let done = results(&service, &request).await;
        assert_eq!(outcomes(&done), statuses, "{fail_on_errors:?}");
        assert_eq!(done[1].get("location"), None);
        let total = 2 + u64::from(statuses.len() == 4);
        assert_eq!(get(&service, "/Users").await.json()["totalResults"], total, "{fail_on_errors:?}");
    }
}

/// 7644-3.7-13, 7644-3.7.2-03: what was created ahead of its turn is listed; what was never begun is not.
#[tokio::test]
async fn failures_stop_a_reordered_request() {
    let service = service();
    create_user(&service, "taken").await;
    let mut asked = request(&json!([
        post_group("g", &["bulkId:u"]),
        { "method": "DELETE", "path": "/Users/none" },
        post_user("later", "later"),
        post_user("u", "u"),
    ]));
    asked["failOnErrors"] = json!(1);
    let done = results(&service, &asked).await;
    let ids: Vec<_> = done.iter().map(|result| result["bulkId"].as_str()).collect();
    assert_eq!(
        (ids, outcomes(&done)),
        (vec![Some("g"), None, Some("u")], vec!["201".into(), "404".into(), "201".into()])
    );
    // The first that is done fails: nothing else is.
    let mut asked = request(&json!([post_group("h", &["bulkId:v"]), post_user("v", "taken")]));
    asked["failOnErrors"] = json!(1);
    let done = results(&service, &asked).await;
    assert_eq!((done[0]["bulkId"].as_str(), outcomes(&done)), (Some("v"), vec!["409 uniqueness".into()]));
}

/// 7644-3.7-14: each operation is authorised as if it were sent alone.
#[tokio::test]
async fn operations_are_authorised() {
    let service = service();
    create_user(&service, "lea").await;
    let asked =
        request(&json!([post_user("a", "a"), { "method": "DELETE", "path": format!("/Users/{}", id(1)) }]));
    let headers = [("authorization", "Bearer reader")];
    let answer = ask(&service, "POST /Bulk", &headers, asked.to_string()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(outcomes(answer.json()["Operations"].as_array().unwrap()), ["403", "403"]);
    assert_eq!(get(&service, "/Users").await.json()["totalResults"], 1);
    // 7644-6-02: another tenant's resources are not there.
    let member = post_group("g", &[&id(1)]);
    let delete = json!({ "method": "DELETE", "path": format!("/Users/{}", id(1)) });
    let headers = [("authorization", "Bearer other")];
    let answer = ask(&service, "POST /Bulk", &headers, request(&json!([member, delete])).to_string()).await;
    assert_eq!(outcomes(answer.json()["Operations"].as_array().unwrap()), ["400 invalidValue", "404"]);
}

/// 7643-4.1.1-03: a password is in no answer, not even where it stands in an operation that fails.
#[tokio::test]
async fn passwords_are_not_returned() {
    let mut user = post_user("a", "lea");
    user["data"]["password"] = json!("hunter22");
    let answer = post(&service(), &request(&json!([user, user]))).await;
    assert_eq!(outcomes(answer.json()["Operations"].as_array().unwrap()), ["201", "400 invalidSyntax"]);
    assert!(!String::from_utf8_lossy(&answer.bytes).contains("hunter22"));
}

/// 7644-3.7.2-01, 7644-3.7.1-01, 7644-3.7-08: the requests that the standard prints.
#[tokio::test]
async fn examples_of_the_standard() {
    for (file, statuses) in [
        ("bulk-id", &["201", "201"][..]),
        ("bulk-id-enterprise-manager", &["201", "201"]),
        ("circular", &["201", "201"]),
        // Its resources are not here, and it stops at the first failure.
        ("mixed", &["201", "404"]),
    ] {
        let service = service();
        let done = results(&service, &rfc_example(&format!("bulk/{file}.request.json"))).await;
        assert_eq!(outcomes(&done), statuses, "{file}");
        assert_eq!(done[0]["bulkId"], "qwerty");
        let (first, last) = (&done[0], &done[done.len() - 1]);
        let id_of = |result: &Value| path(result).rsplit_once('/').unwrap().1.to_owned();
        match file {
            "bulk-id" => assert_eq!(members(&service, path(last)).await, [id_of(first)]),
            "bulk-id-enterprise-manager" => {
                let bob = get(&service, path(last)).await.json();
                assert_eq!(bob[urn::ENTERPRISE_USER]["manager"]["value"], id_of(first));
            }
            "circular" => {
                assert_eq!(members(&service, path(last)).await, [id_of(first)]);
                assert_eq!(members(&service, path(first)).await, [id_of(last)]);
                for result in &done {
                    assert_eq!(result["version"], get(&service, path(result)).await.header("etag"));
                }
            }
            _ => assert_eq!(last["location"], format!("{BASE}/Users/b7c14771-226c-4d05-8860-134711653041")),
        }
    }
}
