//! Bulk requests that are done all or not at all.

use std::sync::Arc;

use http::StatusCode;
use scim_core::schema::urn;
use scim_engine::Features;
use scim_http::{BulkAtomicity, HttpConfig, ScimService};
use serde_json::{Value, json};

use super::{members, outcomes, path, post, post_group, post_user, request, results};
use crate::faulty::faulty_with;
use crate::world::{Service, ask, config, configured, create_user, directory, get, id, tokens};

fn service(bulk_atomicity: BulkAtomicity) -> Service {
    configured(HttpConfig { bulk_atomicity, ..config() }, Features::default())
}

/// 7644-3.7-08, 7644-3.7-10, 7644-3.7-11: one failure, and nothing is done; each operation is answered, in
/// order, the one that failed with its own error and those before and after it with 409.
#[tokio::test]
async fn one_failure_and_nothing_is_done() {
    let service = service(BulkAtomicity::AsOne);
    create_user(&service, "lea").await;
    let lea = format!("/Users/{}", id(1));
    let was = get(&service, &lea).await;
    let patch = json!({ "schemas": [urn::PATCH_OP], "Operations": [{ "op": "add", "path": "title", "value": "Dr" }] });
    let operations = json!([
        post_user("tom", "tom"),
        { "method": "PATCH", "path": lea, "data": patch },
        post_user("again", "LEA"),
        post_group("team", &["bulkId:tom", &id(1)]),
        { "method": "DELETE", "path": lea },
        post_group("club", &["bulkId:again"]),
    ]);
    let done = results(&service, &request(&operations)).await;
    assert_eq!(outcomes(&done), ["409", "409", "409 uniqueness", "409", "409", "409"]);
    let detail = |at: usize| done[at]["response"]["detail"].as_str().unwrap();
    for at in [0, 1, 3, 4] {
        assert!(detail(at).contains("not carried out, as operation 3"), "{}", detail(at));
    }
    assert!(detail(5).contains("`bulkId:again`, whose operation failed"), "{}", detail(5));
    // Nothing was created, so it is nowhere; what was there is where it was.
    let located: Vec<bool> = done.iter().map(|result| result.get("location").is_some()).collect();
    assert_eq!(located, [false, true, false, false, true, false]);
    assert_eq!(get(&service, "/Users").await.json()["totalResults"], 1);
    assert_eq!(get(&service, "/Groups").await.json()["totalResults"], 0);
    assert_eq!(get(&service, &lea).await.json(), was.json());
    // The same without the second one of that name.
    let mut operations = operations;
    operations.as_array_mut().unwrap().remove(5);
    operations.as_array_mut().unwrap().remove(2);
    let done = results(&service, &request(&operations)).await;
    assert_eq!(outcomes(&done), ["201", "200", "201", "204"]);
}

/// 7644-3.7-13: `failOnErrors` stops where it always does; what was listed before is not done either.
#[tokio::test]
async fn fail_on_errors_still_stops() {
    let service = service(BulkAtomicity::AsOne);
    let operations =
        json!([post_user("a", "a"), post_user("b", "A"), post_user("c", "c"), post_user("d", "d")]);
    let mut message = request(&operations);
    message["failOnErrors"] = json!(1);
    assert_eq!(outcomes(&results(&service, &message).await), ["409", "409 uniqueness"]);
    message["failOnErrors"] = json!(2);
    assert_eq!(outcomes(&results(&service, &message).await), ["409", "409 uniqueness", "409", "409"]);
    assert_eq!(get(&service, "/Users").await.json()["totalResults"], 0);
}

/// 7644-3.7.1-01, 7644-3.7.2-03, 7644-3.7-08: references forwards and in a circle, and the versions of the
/// commit, which is one for each resource.
#[tokio::test]
async fn references_in_all_directions() {
    let service = service(BulkAtomicity::AsOne);
    let rename = json!({ "schemas": [urn::PATCH_OP], "Operations": [{ "op": "replace", "path": "displayName", "value": "z" }] });
    let operations = json!([
        post_group("a", &["bulkId:b", "bulkId:u"]),
        post_group("b", &["bulkId:a"]),
        { "method": "PATCH", "path": "/Groups/bulkId:a", "data": rename },
        post_user("u", "u"),
    ]);
    let done = results(&service, &request(&operations)).await;
    assert_eq!(outcomes(&done), ["201", "201", "200", "201"]);
    let ids: Vec<&str> = done.iter().map(|result| path(result).rsplit_once('/').unwrap().1).collect();
    assert_eq!(members(&service, path(&done[1])).await, [ids[0]]);
    let mut of_a = members(&service, path(&done[0])).await;
    of_a.sort();
    let mut wanted = [ids[1], ids[3]];
    wanted.sort_unstable();
    assert_eq!(of_a, wanted);
    for result in &done {
        let found = get(&service, path(result)).await;
        assert_eq!(result["version"], found.header("etag"), "{result}");
        assert!(found.header("etag").starts_with("W/\"1."), "one commit, one version: {result}");
    }
}

/// 7644-3.7-07: a version is a condition on what was there before the request, and on what it has done since.
#[tokio::test]
async fn versions_are_conditions() {
    let service = service(BulkAtomicity::AsOne);
    create_user(&service, "lea").await;
    let lea = format!("/Users/{}", id(1));
    let patch = |title: &str, version: &str| {
        let data = json!({ "schemas": [urn::PATCH_OP], "Operations": [{ "op": "add", "path": "title", "value": title }] });
        json!({ "method": "PATCH", "path": lea, "version": version, "data": data })
    };
    let first = "W/\"1.0\"";
    let twice = results(&service, &request(&json!([patch("a", first), patch("b", first)]))).await;
    assert_eq!(outcomes(&twice), ["409", "412"]);
    let stale = results(&service, &request(&json!([post_user("x", "x"), patch("a", "W/\"7.0\"")]))).await;
    assert_eq!(outcomes(&stale), ["409", "412"]);
    let once = results(&service, &request(&json!([patch("a", first)]))).await;
    assert_eq!((outcomes(&once), &once[0]["version"]), (vec!["200".to_owned()], &json!("W/\"2.0\"")));
}

/// The switch: off, on where the client asks, on.
#[tokio::test]
async fn it_is_a_switch() {
    let message = request(&json!([post_user("a", "a"), post_user("b", "A")])).to_string();
    let prefer = &[("prefer", "return=minimal, scim-all-or-nothing")][..];
    for (atomicity, headers, users, applied) in [
        (BulkAtomicity::EachAlone, &[][..], 1, ""),
        (BulkAtomicity::EachAlone, prefer, 1, ""),
        (BulkAtomicity::OnRequest, &[][..], 1, ""),
        (BulkAtomicity::OnRequest, prefer, 0, "scim-all-or-nothing"),
        (BulkAtomicity::AsOne, &[][..], 0, ""),
        (BulkAtomicity::AsOne, prefer, 0, "scim-all-or-nothing"),
    ] {
        let service = service(atomicity);
        let answer = ask(&service, "POST /Bulk", headers, message.clone()).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("preference-applied"), applied, "{atomicity:?} {headers:?}");
        let found = get(&service, "/Users").await.json();
        assert_eq!(found["totalResults"], users, "{atomicity:?} {headers:?}");
    }
    assert_eq!(HttpConfig::default().bulk_atomicity, BulkAtomicity::EachAlone);
}

/// 7644-3.7-01: an engine that cannot do it says so, and does nothing.
#[tokio::test]
async fn not_every_engine_can() {
    let service = faulty_with(|config| config.bulk_atomicity = BulkAtomicity::AsOne);
    assert_eq!(post(&service, &request(&json!([post_user("a", "fine")]))).await.outcome(), "501");
}

/// 7644-3.7-14: an operation that the caller may not do spoils them all.
#[tokio::test]
async fn each_operation_is_authorised() {
    let engine = Arc::new(directory(Features::default()));
    let config = HttpConfig { bulk_atomicity: BulkAtomicity::AsOne, ..config() };
    let service = ScimService::new(engine, tokens(), config);
    let token = [("authorization", "Bearer reader")];
    let message = request(&json!([post_user("a", "a")])).to_string();
    let answer = ask(&service, "POST /Bulk", &token, message).await;
    let statuses: Vec<Value> = answer.json()["Operations"]
        .as_array()
        .map(|results| results.iter().map(|result| result["status"].clone()).collect())
        .unwrap_or_default();
    assert!(answer.status == StatusCode::FORBIDDEN || statuses == [json!("403")], "{answer:?}");
    assert_eq!(get(&service, "/Users").await.json()["totalResults"], 0);
}
