//! Requests and operations that are wrong.

use std::time::Duration;

use scim_core::schema::urn;
use scim_engine::Features;
use scim_http::{HttpConfig, HttpLimits};
use serde_json::{Value, json};

use super::{outcomes, post, post_group, post_user, request, results};
use crate::faulty::faulty;
use crate::world::{ask, config, configured, create_user, get, id, service};

/// 7644-3.7-02, 7644-3.7-03, 7644-3.7-13: what is no bulk request.
#[tokio::test]
async fn requests_that_are_wrong() {
    let service = service();
    let fine = json!([post_user("a", "a")]);
    for (request, outcome) in [
        (json!({}), "400 invalidSyntax"),
        (json!({ "Operations": fine }), "400 invalidSyntax"),
        (json!({ "schemas": [], "Operations": fine }), "400 invalidSyntax"),
        (json!({ "schemas": [urn::PATCH_OP], "Operations": fine }), "400 invalidSyntax"),
        (json!({ "schemas": [urn::BULK_RESPONSE], "Operations": fine }), "400 invalidSyntax"),
        (json!({ "schemas": urn::BULK_REQUEST, "Operations": fine }), "400 invalidSyntax"),
        (json!({ "schemas": [urn::BULK_REQUEST] }), "400 invalidSyntax"),
        (json!({ "schemas": [urn::BULK_REQUEST], "Operations": null }), "400 invalidSyntax"),
        (json!({ "schemas": [urn::BULK_REQUEST], "Operations": {} }), "400 invalidSyntax"),
        (json!({ "schemas": [urn::BULK_REQUEST], "Operations": [] }), "400 invalidSyntax"),
        (json!([]), "400 invalidSyntax"),
    ] {
        assert_eq!(post(&service, &request).await.outcome(), outcome, "{request}");
    }
    for count in [json!(0), json!(-1), json!(1.5), json!("1"), json!(true), json!([1])] {
        let request = json!({ "schemas": [urn::BULK_REQUEST], "failOnErrors": count, "Operations": fine });
        assert_eq!(post(&service, &request).await.outcome(), "400 invalidValue", "{request}");
    }
    assert_eq!(ask(&service, "POST /Bulk", &[("content-type", "text/plain")], "{}").await.status, 415);
    assert_eq!(get(&service, "/Users").await.json()["totalResults"], 0);
}

/// 7644-3.7-03 to 7644-3.7-06: what is wrong with one operation is its own affair.
#[tokio::test]
async fn operations_that_are_wrong() {
    let service = service();
    create_user(&service, "lea").await;
    let user = json!({ "schemas": [urn::USER], "userName": "x" });
    let own = format!("/Users/{}", id(1));
    let syntax = "400 invalidSyntax";
    let rows = [
        // Methods.
        (json!({ "method": "GET", "path": own }), syntax),
        (json!({ "method": "HEAD", "path": own }), syntax),
        (json!({ "method": "", "path": own }), syntax),
        (json!({ "method": 7, "path": own }), syntax),
        (json!({ "path": own }), syntax),
        (json!([]), syntax),
        (json!("DELETE"), syntax),
        (json!(null), syntax),
        // bulkIds (7644-3.7-04).
        (json!({ "method": "POST", "path": "/Users", "data": user }), syntax),
        (json!({ "method": "POST", "path": "/Users", "bulkId": "", "data": user }), syntax),
        (json!({ "method": "POST", "path": "/Users", "bulkId": 1, "data": user }), syntax),
        (json!({ "method": "POST", "path": "/Users", "bulkId": null, "data": user }), syntax),
        (json!({ "method": "DELETE", "path": own, "bulkId": 1 }), syntax),
        // Paths (7644-3.7-05).
        (json!({ "method": "POST", "bulkId": "q", "data": user }), syntax),
        (json!({ "method": "POST", "path": 1, "bulkId": "q", "data": user }), syntax),
        (json!({ "method": "POST", "path": own, "bulkId": "q", "data": user }), syntax),
        (json!({ "method": "PUT", "path": "/Users", "data": user }), syntax),
        (json!({ "method": "DELETE", "path": "/Users" }), syntax),
        (json!({ "method": "DELETE", "path": "" }), syntax),
        (json!({ "method": "DELETE", "path": format!("{own}/x") }), syntax),
        (json!({ "method": "DELETE", "path": "/Widgets/1" }), syntax),
        (json!({ "method": "DELETE", "path": "/v1/Users/1" }), syntax),
        (json!({ "method": "POST", "path": "/Bulk", "bulkId": "q", "data": {} }), syntax),
        (json!({ "method": "POST", "path": "/Me", "bulkId": "q", "data": user }), syntax),
        (json!({ "method": "POST", "path": "/Users/.search", "bulkId": "q", "data": {} }), syntax),
        (json!({ "method": "PUT", "path": "/Schemas/x", "data": {} }), syntax),
        (json!({ "method": "DELETE", "path": "/ResourceTypes/User" }), syntax),
        (json!({ "method": "PATCH", "path": "/ServiceProviderConfig", "data": {} }), syntax),
        // Data and versions (7644-3.7-06, 7644-3.7-07).
        (json!({ "method": "POST", "path": "/Users", "bulkId": "q" }), syntax),
        (json!({ "method": "POST", "path": "/Users", "bulkId": "q", "data": null }), syntax),
        (json!({ "method": "PUT", "path": own, "data": "x" }), syntax),
        (json!({ "method": "PUT", "path": own }), syntax),
        (json!({ "method": "PATCH", "path": own, "data": [] }), syntax),
        // E5050: the data of a PATCH is a PatchOp message, not a list of operations.
        (json!({ "method": "PATCH", "path": own, "data": [{ "op": "remove", "path": "title" }] }), syntax),
        (json!({ "method": "PATCH", "path": own, "data": user }), syntax),
        (json!({ "method": "DELETE", "path": own, "version": 1 }), syntax),
        (json!({ "method": "POST", "path": "/Users", "bulkId": "q", "data": {} }), syntax),
        // As in the single request (7644-3.7-10).
        (
            json!({ "method": "POST", "path": "/Users", "bulkId": "q", "data": { "schemas": [urn::USER] } }),
            "400 invalidValue",
        ),
        (post_user("q", "LEA"), "409 uniqueness"),
        (json!({ "method": "DELETE", "path": "/Users/none" }), "404"),
        (json!({ "method": "DELETE", "path": "/Users/%00" }), "404"),
        (json!({ "method": "PUT", "path": "/Users/none", "data": user }), "404"),
    ];
    for (operation, outcome) in &rows {
        let done = results(
            &service,
            &request(
                &json!([operation, post_user("z", "z"), { "method": "DELETE", "path": "/Users/bulkId:z" }]),
            ),
        )
        .await;
        assert_eq!(outcomes(&done), [outcome, "201", "204"], "{operation}");
        // 7644-3.7-08: the location of what the path names, but of no failed POST.
        let path = operation["path"].as_str().unwrap_or_default();
        let names_one = ["/Users/0", "/Users/n"].iter().any(|start| path.starts_with(start))
            && !path.ends_with("/x")
            && operation["method"] != "POST";
        assert_eq!(done[0].get("location").is_some(), names_one, "{done:?}");
    }
    assert_eq!(get(&service, "/Users").await.json()["totalResults"], 1);
    // All at once, all failed: a request that was processed all the same (7644-3.7-11).
    let all: Vec<&Value> = rows.iter().map(|(operation, _)| operation).collect();
    assert!(
        results(&service, &request(&json!(all))).await.iter().all(|result| result["response"].is_object())
    );
}

/// 7644-3.7-04: the second of two bulkIds is wrong, and references mean the first; letter case counts.
#[tokio::test]
async fn bulk_ids_are_unique() {
    let service = service();
    let done = results(
        &service,
        &request(&json!([
            post_user("a", "a"),
            post_user("a", "b"),
            post_user("A", "c"),
            post_group("g", &["bulkId:a"])
        ])),
    )
    .await;
    assert_eq!(outcomes(&done), ["201", "400 invalidSyntax", "201", "201"]);
    assert_eq!(super::members(&service, super::path(&done[3])).await, [id(1)]);
    // A bulkId beside another method names nothing.
    let delete = json!({ "method": "DELETE", "path": format!("/Users/{}", id(1)), "bulkId": "d" });
    let done = results(&service, &request(&json!([delete, post_group("h", &["bulkId:d"])]))).await;
    assert_eq!(outcomes(&done), ["204", "400 invalidValue"]);
}

/// 7644-3.12-07: faults of the engine, panics included, are those of one operation.
#[tokio::test(start_paused = true)]
async fn faults_of_the_engine() {
    let service = faulty();
    let names = ["unavailable", "damaged", "busy", "panics", "no-error", "no-status", "undecided"];
    let operations: Vec<Value> = names.iter().map(|name| post_user(name, name)).collect();
    let done = results(&service, &request(&json!(operations))).await;
    assert_eq!(outcomes(&done), ["503", "500", "503", "500", "500", "500", "500"]);
    assert!(!json!(done).to_string().contains("disk"));
}

/// 7644-3.7-08: what is not done in time is answered all the same, each operation on its own.
#[tokio::test(start_paused = true)]
async fn operations_that_are_not_done_in_time() {
    let service = faulty();
    let delete = |id: &str| json!({ "method": "DELETE", "path": format!("/Users/{id}") });
    let done = results(
        &service,
        &request(&json!([delete("fine"), delete("sleeps"), delete("fine"), delete("fine")])),
    )
    .await;
    assert_eq!(outcomes(&done), ["204", "503", "503", "503"]);
    let detail = |at: usize| done[at]["response"]["detail"].as_str().unwrap().to_owned();
    assert!(detail(1).contains("did not finish") && detail(2).contains("before this operation was begun"));
    let mut stops = request(&json!([delete("sleeps"), delete("fine")]));
    stops["failOnErrors"] = json!(1);
    assert_eq!(outcomes(&results(&service, &stops).await), ["503"]);
    let none = HttpLimits { bulk_time: Duration::ZERO, ..HttpLimits::default() };
    let hurried = configured(HttpConfig { limits: none, ..config() }, Features::default());
    assert_eq!(outcomes(&results(&hurried, &request(&json!([post_user("a", "a")]))).await), ["503"]);
    assert_eq!(get(&hurried, "/Users").await.json()["totalResults"], 0);
}
