//! Resources that refer to each other in a circle: all of them or none (7644-3.7.1-01).

use std::sync::Arc;

use scim_core::message::SearchRequest;
use scim_core::schema::urn;
use scim_core::{Locations, Problem, Registry, Selection};
use scim_engine::store::StoreError;
use scim_engine::{Answer, EngineError, Features, IfMatch, Listing, ProvisioningEngine, RequestContext};
use scim_http::ScimService;
use serde_json::{Map, Value, json};

use super::references::{post_widget, widgets};
use super::{members, outcomes, path, post_group, post_user, request, results};
use crate::world::{BASE, Directory, Service, config, create_user, directory, get, service, tokens};

/// A circle of groups, each with the next one as a member.
fn circle(length: usize) -> Vec<Value> {
    let next = |at: usize| format!("bulkId:g{}", (at + 1) % length);
    (0..length).map(|at| post_group(&format!("g{at}"), &[&next(at)])).collect()
}

fn id_of(result: &Value) -> &str {
    path(result).rsplit_once('/').unwrap().1
}

fn managed(bulk_id: &str, manager: &str) -> Value {
    let mut user = post_user(bulk_id, bulk_id);
    user["data"]["schemas"] = json!([urn::USER, urn::ENTERPRISE_USER]);
    user["data"][urn::ENTERPRISE_USER] = json!({ "manager": { "value": manager }, "department": "D" });
    user
}

/// 7644-3.7.1-01, 7644-3.7-08: circles of any length, with the version after the last change.
#[tokio::test]
async fn circles_of_any_length() {
    for length in [2, 3, 50] {
        let service = service();
        let done = results(&service, &request(&json!(circle(length)))).await;
        assert_eq!(outcomes(&done), vec!["201"; length]);
        for (at, result) in done.iter().enumerate() {
            assert_eq!(members(&service, path(result)).await, [id_of(&done[(at + 1) % length])]);
            assert_eq!(result["version"], get(&service, path(result)).await.header("etag"));
        }
        assert_eq!(get(&service, "/Groups").await.json()["totalResults"], length);
    }
}

/// 7644-3.7.1-01: circles that touch, within a request that goes on around them.
#[tokio::test]
async fn circles_that_touch() {
    let service = service();
    let done = results(
        &service,
        &request(&json!([
            { "method": "DELETE", "path": "/Groups/none" },
            post_group("a", &["bulkId:b", "bulkId:c", "bulkId:u"]),
            post_group("b", &["bulkId:a", "bulkId:c"]),
            post_group("c", &["bulkId:b", "bulkId:d"]),
            post_group("d", &[]),
            post_user("u", "u"),
            post_group("e", &["bulkId:c"]),
        ])),
    )
    .await;
    assert_eq!(outcomes(&done), ["404", "201", "201", "201", "201", "201", "201"]);
    for (at, wanted) in [(1, vec![2, 3, 5]), (2, vec![1, 3]), (3, vec![2, 4]), (4, vec![]), (6, vec![3])] {
        let mut wanted: Vec<&str> = wanted.into_iter().map(|at: usize| id_of(&done[at])).collect();
        wanted.sort_unstable();
        assert_eq!(members(&service, path(&done[at])).await, wanted, "{at}");
    }
}

/// 7643-4.2-04: a user may be their own manager; a group that contains itself is refused, and not left behind.
#[tokio::test]
async fn circles_of_one() {
    let service = service();
    let done = results(&service, &request(&json!([managed("boss", "bulkId:boss")]))).await;
    assert_eq!(outcomes(&done), ["201"]);
    let boss = get(&service, path(&done[0])).await.json();
    assert_eq!(boss[urn::ENTERPRISE_USER]["manager"]["value"], boss["id"]);
    assert_eq!(boss[urn::ENTERPRISE_USER]["department"], "D");
    let done = results(&service, &request(&json!([post_group("self", &["bulkId:self"])]))).await;
    assert_eq!(outcomes(&done), ["400 invalidValue"]);
    assert_eq!(done[0].get("location"), None);
    assert_eq!(get(&service, "/Groups").await.json()["totalResults"], 0);
}

/// 7644-3.7.1-01: all kinds of references, and what comes afterwards sees the whole circle.
#[tokio::test]
async fn circles_of_other_references() {
    let service = service();
    let done =
        results(&service, &request(&json!([managed("a", "bulkId:b"), managed("b", "bulkId:a")]))).await;
    assert_eq!(outcomes(&done), ["201", "201"]);
    for (at, other) in [(0, 1), (1, 0)] {
        let user = get(&service, path(&done[at])).await.json();
        assert_eq!(user[urn::ENTERPRISE_USER]["manager"]["value"], id_of(&done[other]));
    }
    let service = widgets();
    for (attribute, value) in [
        ("lead", json!({ "value": "bulkId:NEXT" })),
        ("maker", json!({ "value": "bulkId:NEXT", "note": "n" })),
        ("parts", json!(["bulkId:NEXT", "x"])),
        ("anything", json!("../Widgets/bulkId:NEXT")),
        ("peers", json!([{ "value": "bulkId:NEXT" }, { "value": "other" }])),
        // A required part cannot wait.
        ("bond", json!({ "twin": "bulkId:NEXT" })),
    ] {
        let with =
            |next: &str| serde_json::from_str::<Value>(&value.to_string().replace("NEXT", next)).unwrap();
        let pair = json!([
            post_widget("v", json!({ attribute: with("w") })),
            post_widget("w", json!({ attribute: with("v") })),
        ]);
        let done = results(&service, &request(&pair)).await;
        assert_eq!(outcomes(&done), ["201", "201"], "{attribute}: {done:?}");
        for (at, other) in [(0, 1), (1, 0)] {
            let shown = get(&service, path(&done[at])).await.json();
            assert!(shown[attribute].to_string().contains(id_of(&done[other])), "{attribute}: {shown}");
            assert!(!shown.to_string().contains("bulkId"), "{shown}");
        }
    }
}

/// 7644-3.7.1-01, 7644-3.7.2-04: when one of a circle fails, none of it stays, and each is answered.
#[tokio::test]
async fn a_circle_that_fails_leaves_nothing() {
    for (fail_on_errors, statuses) in [
        // The second is created first, then the first is found to be taken; the third is not begun.
        (None, &["409 uniqueness", "409", "409", "409", "201"][..]),
        (Some(1), &["409 uniqueness", "409"]),
    ] {
        let service = service();
        create_user(&service, "taken").await;
        let mut taken = managed("a", "bulkId:b");
        taken["data"]["userName"] = json!("TAKEN");
        let mut asked = request(&json!([
            taken,
            managed("b", "bulkId:c"),
            managed("c", "bulkId:a"),
            post_group("g", &["bulkId:c"]),
            post_user("after", "after"),
        ]));
        if let Some(count) = fail_on_errors {
            asked["failOnErrors"] = json!(count);
        }
        let done = results(&service, &asked).await;
        assert_eq!(outcomes(&done), statuses, "{done:?}");
        assert!(done.iter().all(|result| result["status"] == "201" || result.get("location").is_none()));
        let left = 1 + u64::from(fail_on_errors.is_none());
        assert_eq!(get(&service, "/Users").await.json()["totalResults"], left);
        assert_eq!(get(&service, "/Groups").await.json()["totalResults"], 0);
    }
}

/// A directory that fails to patch, or to delete, or takes no PATCH with this in it.
struct Stubborn {
    directory: Directory,
    deletes: bool,
}

fn stubborn(deletes: bool) -> Service<Stubborn> {
    let engine = Stubborn { directory: directory(Features::default()), deletes };
    ScimService::new(Arc::new(engine), tokens(), config())
}

impl ProvisioningEngine for Stubborn {
    fn registry(&self) -> &Registry {
        self.directory.registry()
    }

    fn locations(&self) -> &Locations {
        self.directory.locations()
    }

    fn features(&self) -> &Features {
        self.directory.features()
    }

    async fn create(
        &self,
        context: &RequestContext,
        kind: &str,
        body: Map<String, Value>,
        selection: &Selection,
    ) -> Result<Answer, EngineError> {
        self.directory.create(context, kind, body, selection).await
    }

    async fn get(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        selection: &Selection,
    ) -> Result<Answer, EngineError> {
        self.directory.get(context, kind, id, selection).await
    }

    async fn replace(
        &self,
        _: &RequestContext,
        _: &str,
        _: &str,
        _: Map<String, Value>,
        _: &Selection,
        _: &IfMatch,
    ) -> Result<Answer, EngineError> {
        Err(EngineError::Undecided)
    }

    async fn patch(
        &self,
        _: &RequestContext,
        _: &str,
        _: &str,
        _: Map<String, Value>,
        _: &Selection,
        _: &IfMatch,
    ) -> Result<Answer, EngineError> {
        Err(Problem::plain(403, "groups do not nest here").into())
    }

    async fn delete(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        if_match: &IfMatch,
    ) -> Result<(), EngineError> {
        if self.deletes {
            self.directory.delete(context, kind, id, if_match).await
        } else {
            Err(StoreError::Unavailable("gone".into()).into())
        }
    }

    async fn query(
        &self,
        context: &RequestContext,
        kind: Option<&str>,
        search: &SearchRequest,
    ) -> Result<Listing, EngineError> {
        self.directory.query(context, kind, search).await
    }
}

/// 7644-3.7.1-01: when the references cannot be set, the resources are deleted again; when that cannot be done
/// either, the answer says where they are.
#[tokio::test]
async fn a_second_step_that_fails() {
    let service = stubborn(true);
    let done = results(&service, &request(&json!(circle(3)))).await;
    let mut told = outcomes(&done);
    told.sort();
    assert_eq!(told, ["403", "409", "409"]);
    assert!(done.iter().all(|result| result.get("location").is_none()), "{done:?}");
    assert_eq!(get(&service, "/Groups").await.json()["totalResults"], 0);
    let service = stubborn(false);
    let done = results(&service, &request(&json!(circle(2)))).await;
    assert_eq!(done.len(), 2);
    for result in &done {
        assert!(result["location"].as_str().unwrap().starts_with(BASE));
        let detail = result["response"]["detail"].as_str().unwrap();
        assert!(detail.contains("may still be there"), "{detail}");
        assert_eq!(get(&service, path(result)).await.status, 200);
    }
}
