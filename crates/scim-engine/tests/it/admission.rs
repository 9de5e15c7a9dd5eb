//! Who is let in: each operation asks the rules whether the tenant is served.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use scim_core::message::SearchRequest;
use scim_core::{Leniency, Problem, Selection};
use scim_engine::store::{MarkKey, TenantId};
use scim_engine::{
    Admission, Caller, Change, Engine, EngineError, Facts, IfMatch, MemoryStore, PlainRules,
    ProvisioningEngine, RequestContext, Rules, Step, plain_registry,
};
use serde_json::{Map, Value, json};

/// Rules that serve nobody while they are closed. They look something up first, as rules of an application do.
#[derive(Clone, Default)]
struct Door {
    is_closed: Arc<AtomicBool>,
}

impl Rules for Door {
    fn admit(&self, tenant: &TenantId, facts: &Facts) -> Admission {
        let mut lookup = facts.lookup();
        lookup.mark(MarkKey::names(&tenant.space()));
        match (lookup.is_complete(), self.is_closed.load(Ordering::Relaxed)) {
            (false, _) => Admission::Need(lookup.needed()),
            (true, false) => Admission::Admitted,
            (true, true) => Admission::Refused(Problem::plain(403, "closed")),
        }
    }

    fn decide(&self, change: &Change<'_>, facts: &Facts) -> Step {
        PlainRules.decide(change, facts)
    }
}

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

/// While a tenant is not served no operation answers with what is there, nor changes it; what is not there, or
/// has another version, is no news either.
#[tokio::test]
async fn each_operation_is_let_in() {
    let door = Door::default();
    let registry = plain_registry().unwrap();
    let engine = Engine::new(MemoryStore::new(), door.clone(), registry, "https://x.example/v2/");
    let context = |id: &str| RequestContext {
        tenant: TenantId::new("t").unwrap(),
        caller: Caller::default(),
        now: 1_700_000_000_000,
        new_id: id.to_owned(),
        trace_id: "0".repeat(32),
        leniency: Leniency::default(),
    };
    let user = |name: &str| {
        object(json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name }))
    };
    let patch = || {
        object(json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "replace", "path": "userName", "value": "eve" }],
        }))
    };
    let (all, search) = (Selection::Default, SearchRequest::default());
    let (any, other) = (IfMatch::Unconditional, IfMatch::Tags(Vec::new()));
    let before = engine.create(&context("1"), "User", user("lea"), &all).await.unwrap();
    door.is_closed.store(true, Ordering::Relaxed);
    let told = |outcome: Result<(), EngineError>, what: &str| {
        let problem = outcome.expect_err(what).problem();
        assert_eq!((problem.status, problem.detail.as_str()), (403, "closed"), "{what}");
    };
    let now = context("2");
    told(engine.admit(&now).await, "anything");
    for name in ["bob", "lea"] {
        told(engine.create(&now, "User", user(name), &all).await.map(drop), "POST");
    }
    for id in ["1", "none"] {
        told(engine.get(&now, "User", id, &all).await.map(drop), "GET");
        for if_match in [&any, &other] {
            told(engine.replace(&now, "User", id, user("eve"), &all, if_match).await.map(drop), "PUT");
            told(engine.patch(&now, "User", id, patch(), &all, if_match).await.map(drop), "PATCH");
            told(engine.delete(&now, "User", id, if_match).await, "DELETE");
        }
    }
    for kind in [Some("User"), None] {
        told(engine.query(&now, kind, &search).await.map(drop), "a query");
    }
    door.is_closed.store(false, Ordering::Relaxed);
    let after = engine.get(&now, "User", "1", &all).await.unwrap();
    assert_eq!((after.resource, after.version), (before.resource, before.version));
    assert_eq!(engine.query(&now, None, &search).await.unwrap().total, Some(1));
}
