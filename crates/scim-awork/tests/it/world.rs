//! A workspace to try requests on.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::DateTime;
use scim_awork::{AworkRules, PersonKind, PersonSetup, RoleKind, RoleSetup, WorkspaceSetup, awork_registry};
use scim_core::message::SearchRequest;
use scim_core::{Leniency, Problem, Selection};
use scim_engine::store::{Store, TenantId};
use scim_engine::{Caller, Engine, EngineError, IfMatch, MemoryStore, ProvisioningEngine, RequestContext};
use serde_json::{Map, Value, json};

pub(crate) const EXT: &str = "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User";

/// A workspace `w` and the requests that one integration sends to it.
pub(crate) struct World {
    engine: Engine<MemoryStore, AworkRules>,
    ids: AtomicU32,
    provider: &'static str,
}

fn role(name: &str, kind: RoleKind, write_grants: u32, read_grants: u32) -> RoleSetup {
    RoleSetup { name: name.into(), kind, write_grants, read_grants }
}

fn person(name: &str, role: &str, active: bool) -> PersonSetup {
    PersonSetup {
        email: format!("{name}@w.example"),
        given_name: name.into(),
        family_name: "Example".into(),
        role: role.into(),
        kind: PersonKind::Person,
        active,
        other_workspaces: if name == "cleo" { vec!["elsewhere".into()] } else { vec![] },
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with_seats(100).await
    }

    pub(crate) async fn with_seats(seats: u32) -> Self {
        let setup = WorkspaceSetup {
            name: "w".into(),
            language: "de-DE".into(),
            seats,
            automatic_booking: false,
            roles: vec![
                role("Admin", RoleKind::Admin, 99, 99),
                role("User", RoleKind::Ordinary, 5, 9),
                role("Viewer", RoleKind::Ordinary, 0, 3),
                role("Old", RoleKind::Archived, 0, 0),
                role("Guest", RoleKind::Guest, 0, 1),
            ],
            teams: ["Design", "Sales", "Ops", "Design, UX"].map(String::from).into(),
            absence_regions: ["Bayern", "Berlin"].map(String::from).into(),
            default_absence_region: Some("Berlin".into()),
            people: vec![
                person("ada", "Admin", true),
                person("bob", "Admin", true),
                person("cleo", "User", true),
                person("dan", "User", false),
                person("gus", "Guest", true),
            ],
        };
        let registry = awork_registry().unwrap();
        let ids = AtomicU32::new(0);
        let batch = setup
            .batch(&registry, DateTime::from_timestamp(1_700_000_000, 0).unwrap(), || {
                format!("s-{}", ids.fetch_add(1, Ordering::Relaxed))
            })
            .unwrap();
        let store = MemoryStore::new();
        store.commit(batch).await.unwrap();
        let engine = Engine::new(store, AworkRules, registry, "https://x.example/api/v1/scim");
        Self { engine, ids, provider: "generic" }
    }

    pub(crate) fn for_provider(mut self, provider: &'static str) -> Self {
        self.provider = provider;
        self
    }

    fn context(&self) -> RequestContext {
        let n = self.ids.fetch_add(1, Ordering::Relaxed);
        let labels = [("provider".to_owned(), self.provider.to_owned())].into();
        RequestContext {
            tenant: TenantId::new("w").unwrap(),
            caller: Caller { id: "integration".into(), labels },
            now: 1_700_000_100_000 + i64::from(n),
            new_id: format!("n-{n}"),
            trace_id: "0".repeat(32),
            leniency: Leniency::default(),
        }
    }

    pub(crate) async fn create(&self, body: Value) -> Result<Value, Problem> {
        let answer = self.engine.create(&self.context(), "User", object(body), &Selection::Default).await;
        answered(answer.map(|answer| answer.resource))
    }

    pub(crate) async fn create_group(&self, body: Value) -> Result<Value, Problem> {
        let answer = self.engine.create(&self.context(), "Group", object(body), &Selection::Default).await;
        answered(answer.map(|answer| answer.resource))
    }

    pub(crate) async fn put(&self, kind: &str, id: &str, body: Value) -> Result<Value, Problem> {
        let (context, any) = (self.context(), IfMatch::Unconditional);
        let answer = self.engine.replace(&context, kind, id, object(body), &Selection::Default, &any).await;
        answered(answer.map(|answer| answer.resource))
    }

    pub(crate) async fn patch(&self, kind: &str, id: &str, operations: Value) -> Result<Value, Problem> {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        let (context, any) = (self.context(), IfMatch::Unconditional);
        let answer = self.engine.patch(&context, kind, id, object(body), &Selection::Default, &any).await;
        answered(answer.map(|answer| answer.resource))
    }

    pub(crate) async fn warnings_of_patch(&self, id: &str, operations: Value) -> Vec<String> {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        let (context, any) = (self.context(), IfMatch::Unconditional);
        let answer = self.engine.patch(&context, "User", id, object(body), &Selection::Default, &any).await;
        answer.unwrap().warnings
    }

    pub(crate) async fn delete(&self, kind: &str, id: &str) -> Result<(), Problem> {
        self.engine.delete(&self.context(), kind, id, &IfMatch::Unconditional).await.map_err(|e| e.problem())
    }

    pub(crate) async fn get(&self, kind: &str, id: &str) -> Result<Value, Problem> {
        let answer = self.engine.get(&self.context(), kind, id, &Selection::Default).await;
        answered(answer.map(|answer| answer.resource))
    }

    pub(crate) async fn find(&self, kind: &str, filter: &str) -> Vec<Value> {
        let search = SearchRequest { filter: Some(filter.to_owned()), ..SearchRequest::default() };
        self.engine.query(&self.context(), Some(kind), &search).await.unwrap().resources
    }

    pub(crate) async fn all(&self, kind: &str) -> Vec<Value> {
        let search = SearchRequest::default();
        self.engine.query(&self.context(), Some(kind), &search).await.unwrap().resources
    }

    /// The id of the person with this first part of the e-mail.
    pub(crate) async fn person(&self, name: &str) -> String {
        let found = self.find("User", &format!("userName eq \"{name}@w.example\"")).await;
        found[0]["id"].as_str().unwrap().to_owned()
    }

    /// The id of the group with this name.
    pub(crate) async fn group(&self, name: &str) -> String {
        let found = self.find("Group", &format!("displayName eq \"{name}\"")).await;
        found[0]["id"].as_str().unwrap().to_owned()
    }

    /// The role that the person has.
    pub(crate) async fn role_of(&self, id: &str) -> Value {
        self.get("User", id).await.unwrap()[EXT]["userRole"].clone()
    }
}

fn object(body: Value) -> Map<String, Value> {
    match body {
        Value::Object(body) => body,
        other => panic!("{other} is no object"),
    }
}

fn answered(answer: Result<Map<String, Value>, EngineError>) -> Result<Value, Problem> {
    answer.map(Value::Object).map_err(|error| error.problem())
}

/// The least that a create needs.
pub(crate) fn minimal(name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("{name}@w.example"),
        "name": { "givenName": name, "familyName": "New" },
    })
}
