//! Bulk requests over an engine, without HTTP.

mod anything;
mod story;
mod whole;

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

use scim_core::schema::{self, Attribute, AttributeType, Schema, urn};
use scim_core::{Leniency, Problem, Registry, ResourceType};
use scim_engine::store::TenantId;
use scim_engine::{
    Admitted, BulkAccess, BulkHost, BulkOutcome, BulkPlan, Caller, Engine, EngineError, IfMatch, MemoryStore,
    PlainRules, ProvisioningEngine, RequestContext, plain_registry, run_bulk,
};
use serde_json::{Map, Value, json};

type Directory = Engine<MemoryStore, PlainRules>;

fn directory() -> Directory {
    Engine::new(MemoryStore::new(), PlainRules, plain_registry().unwrap(), "https://x.example/v2")
}

/// Lets everybody do everything, with ids that count.
#[derive(Default)]
struct Open(AtomicU32);

impl Open {
    fn context(&self) -> RequestContext {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        RequestContext {
            tenant: TenantId::new("t").unwrap(),
            caller: Caller::default(),
            now: 1_700_000_000_000 + i64::from(number),
            new_id: format!("id-{number}"),
            trace_id: "0".repeat(32),
            leniency: Leniency::default(),
        }
    }
}

impl BulkHost for Open {
    async fn admit(&self, _: &BulkAccess<'_>) -> Result<Admitted, Problem> {
        Ok(Admitted { context: self.context(), if_match: IfMatch::Unconditional })
    }

    async fn call<T: Send>(
        &self,
        work: impl Future<Output = Result<T, EngineError>> + Send,
    ) -> Result<T, Problem> {
        work.await.map_err(|error| error.problem())
    }

    async fn undo<T: Send>(
        &self,
        work: impl Future<Output = Result<T, EngineError>> + Send,
    ) -> Result<T, Problem> {
        self.call(work).await
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

async fn bulk(directory: &Directory, request: Value) -> Result<BulkOutcome, Problem> {
    let plan = BulkPlan::read(object(request), directory.registry(), 1_000)?;
    Ok(run_bulk(directory, &Open::default(), plan, "trace").await)
}

fn patch(operation: &Value) -> Value {
    json!({ "schemas": [urn::PATCH_OP], "Operations": [operation] })
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// What the log tells of a request: how many operations failed, and which tolerances fired.
#[tokio::test]
async fn counts_what_failed() {
    let directory = directory();
    let user = |bulk_id: &str, name: &str| json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": { "schemas": [urn::USER], "userName": name, "active": "True" } });
    let request =
        json!({ "schemas": [urn::BULK_REQUEST], "Operations": [user("a", "lea"), user("b", "LEA")] });
    let outcome = bulk(&directory, request).await.unwrap();
    assert_eq!((outcome.results.len(), outcome.failed, outcome.fired.is_empty()), (2, 1, false));
}

/// 7644-3.7.1-01: a circle of references that resources cannot do without is refused; where one of them can
/// wait, it is that one.
#[tokio::test]
async fn circles_of_required_references() {
    const NODE: &str = "urn:example:params:scim:schemas:Node";
    let reference = |name: &str| Attribute {
        reference_types: vec!["Node".to_owned()],
        ..Attribute::new(name, AttributeType::Reference)
    };
    let node = Schema {
        id: NODE.to_owned(),
        name: None,
        description: None,
        attributes: vec![Attribute { required: true, ..reference("next") }, reference("other")],
    };
    let registry = Registry::builder()
        .schema(schema::user())
        .schema(node)
        .resource_type(ResourceType::new("User", "/Users", urn::USER))
        .resource_type(ResourceType::new("Node", "/Nodes", NODE))
        .build()
        .unwrap();
    let node = |name: &str, next: &str, other: Option<&str>| {
        let mut data = json!({ "schemas": [NODE], "next": next });
        if let Some(other) = other {
            data["other"] = json!(other);
        }
        json!({ "method": "POST", "path": "/Nodes", "bulkId": name, "data": data })
    };
    for (operations, statuses) in [
        (
            json!([
                node("a", "bulkId:b", None),
                node("b", "bulkId:a", None),
                node("c", "bulkId:a", None),
                node("d", "x", None)
            ]),
            vec![409, 409, 409, 201],
        ),
        (json!([node("a", "bulkId:a", None)]), vec![409]),
        (json!([node("a", "bulkId:b", None), node("b", "x", Some("bulkId:a"))]), vec![201, 201]),
        (json!([node("b", "x", Some("bulkId:a")), node("a", "bulkId:b", None)]), vec![201, 201]),
        (json!([node("a", "x", Some("bulkId:a"))]), vec![201]),
    ] {
        let directory = Engine::new(MemoryStore::new(), PlainRules, registry.clone(), "https://x.example/v2");
        let request = json!({ "schemas": [urn::BULK_REQUEST], "Operations": operations });
        let outcome = bulk(&directory, request).await.unwrap();
        let told: Vec<u16> = outcome.results.iter().map(|result| result.status).collect();
        assert_eq!(told, statuses, "{operations}: {:?}", outcome.results);
    }
}
