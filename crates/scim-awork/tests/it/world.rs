//! A workspace to try requests on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use chrono::DateTime;
use scim_awork::command::{Act, Actor, AworkCommand};
use scim_awork::{
    AworkEvent, AworkJobs, AworkRules, PROVIDER_LABEL, PersonKind, PersonSetup, RoleKind, RoleSetup,
    WorkspaceSetup, awork_registry,
};
use scim_core::message::SearchRequest;
use scim_core::{Leniency, Problem, Selection};
use scim_engine::outbox::{Turn, Worker};
use scim_engine::store::{Batch, Counter, Event, ReadKey, ReadValue, Store, Stream, TenantId, Write};
use scim_engine::{Answer, Caller, Engine, EngineError, IfMatch, ProvisioningEngine, RequestContext};
use serde_json::{Map, Value, json};

use crate::any_store::Place;
use crate::slip_store::SlipStore;

pub(crate) const EXT: &str = "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User";

/// A workspace `w` and the requests that one integration sends to it. Every request comes a moment
/// after the one before. Clones are the same workspace.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) engine: Arc<Engine<SlipStore, AworkRules>>,
    ids: Arc<AtomicU32>,
    tenant: TenantId,
    provider: &'static str,
    place: Place,
    /// The time of the next request, if it was set.
    now: Option<i64>,
}

/// When the workspace was set up, in milliseconds since 1970.
pub(crate) const START: i64 = 1_700_000_000_000;

pub(crate) const MINUTE: i64 = 60_000;

pub(crate) fn role(name: &str, kind: RoleKind, write_grants: u32, read_grants: u32) -> RoleSetup {
    RoleSetup { name: name.into(), kind, write_grants, read_grants }
}

pub(crate) fn person(name: &str, role: &str, active: bool) -> PersonSetup {
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

/// The workspace `w`: two admins, three others, and users that are no people.
pub(crate) fn setup() -> WorkspaceSetup {
    let hidden = |name, kind| PersonSetup { kind, ..person(name, "Admin", true) };
    WorkspaceSetup {
        name: "w".into(),
        language: "de-DE".into(),
        seats: 100,
        subdomain: None,
        automatic_booking: false,
        enterprise: true,
        openid_connect: true,
        roles: vec![
            role("Admin", RoleKind::Admin, 99, 99),
            role("User", RoleKind::Ordinary, 5, 9),
            role("Viewer", RoleKind::Ordinary, 0, 3),
            role("Old", RoleKind::Archived, 0, 0),
            role("Guest", RoleKind::Guest, 0, 1),
            role("Agent", RoleKind::Agent, 0, 0),
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
            person("olga", "Old", true),
            hidden("api", PersonKind::Api),
            hidden("robot", PersonKind::Agent),
            hidden("partner", PersonKind::External),
            hidden("past", PersonKind::Archived),
        ],
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::of(&setup()).await
    }

    /// With this many seats; the people of the workspace need five, one third of one for the guest.
    pub(crate) async fn with_seats(seats: u32) -> Self {
        Self::of(&WorkspaceSetup { seats, ..setup() }).await
    }

    pub(crate) async fn of(setup: &WorkspaceSetup) -> Self {
        Self::at(crate::backing::place(), setup).await
    }

    pub(crate) async fn at(place: Place, setup: &WorkspaceSetup) -> Self {
        let world = Self {
            engine: Self::engine(&place).await,
            ids: Arc::default(),
            tenant: TenantId::new(&setup.name).unwrap(),
            provider: "generic",
            place,
            now: None,
        };
        world.set_up(setup).await;
        world
    }

    async fn engine(place: &Place) -> Arc<Engine<SlipStore, AworkRules>> {
        let store = SlipStore::new(place.open().await);
        let registry = awork_registry().unwrap();
        Arc::new(Engine::new(store, AworkRules, registry, "https://x.example/api/v1/scim"))
    }

    /// The same workspace after the server was stopped and started again.
    pub(crate) async fn restarted(self) -> Self {
        Self { engine: Self::engine(&self.place).await, ..self }
    }

    /// The same workspace that many minutes after it was set up.
    pub(crate) fn after(&self, minutes: i64) -> Self {
        Self { now: Some(START + minutes * MINUTE), ..self.clone() }
    }

    /// A worker of this server.
    pub(crate) fn worker(&self) -> Worker<SlipStore> {
        Worker::new(self.engine.store().clone(), "node").with_jobs(AworkJobs::new().unwrap())
    }

    /// Lets a worker do what is due now, and what comes of that.
    pub(crate) async fn work(&self, worker: &mut Worker<SlipStore>) {
        let now = self.now.unwrap_or(START + MINUTE * 60);
        loop {
            for name in ["w", "v"] {
                self.of_tenant(name).events(Stream::Outbox).await;
            }
            if worker.turn(now).await.unwrap() != Turn::More {
                break;
            }
            while worker.turn(now).await.unwrap() == Turn::More {}
        }
    }

    /// What the outbox tells.
    pub(crate) async fn outbox(&self) -> Vec<AworkEvent> {
        let events = self.events(Stream::Outbox).await;
        events.iter().map(|event| AworkEvent::of(&event.body["event"]).unwrap()).collect()
    }

    async fn set_up(&self, setup: &WorkspaceSetup) {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let batch = setup.batch(&awork_registry().unwrap(), now, || format!("s-{}", self.next())).unwrap();
        self.engine.store().commit_by_hand(batch).await;
    }

    /// Another workspace `v` beside this one, with an admin of its own.
    pub(crate) async fn second_workspace(&self) -> Self {
        let vera = PersonSetup { email: "vera@v.example".into(), ..person("vera", "Admin", true) };
        let setup = WorkspaceSetup { name: "v".into(), people: vec![vera], ..setup() };
        let second = Self { tenant: TenantId::new("v").unwrap(), ..self.clone() };
        second.set_up(&setup).await;
        second
    }

    /// Requests and commands for another workspace of the same store.
    pub(crate) fn of_tenant(&self, name: &str) -> Self {
        Self { tenant: TenantId::new(name).unwrap(), ..self.clone() }
    }

    pub(crate) fn for_provider(self, provider: &'static str) -> Self {
        Self { provider, ..self }
    }

    fn next(&self) -> u32 {
        self.ids.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn context(&self) -> RequestContext {
        let n = self.next();
        RequestContext {
            tenant: self.tenant.clone(),
            caller: Caller {
                id: "integration".into(),
                labels: [(PROVIDER_LABEL.to_owned(), self.provider.to_owned())].into(),
                ..Caller::default()
            },
            now: self.now.unwrap_or(START + 100_000 + i64::from(n)),
            new_id: format!("n-{n}"),
            trace_id: format!("{n:032x}"),
            leniency: Leniency::default(),
        }
    }

    /// Gives a command as the operator of awork.
    pub(crate) async fn command<C: AworkCommand>(&self, command: C) -> Result<C::Output, Problem> {
        self.command_by(Actor::Operator, command).await
    }

    pub(crate) async fn command_by<C: AworkCommand>(
        &self,
        by: Actor,
        command: C,
    ) -> Result<C::Output, Problem> {
        let done = self.engine.command(&self.context(), &Act { by, command }).await;
        done.map_err(|error| error.problem())
    }

    pub(crate) async fn create_answer(&self, kind: &str, body: Value) -> Result<Answer, Problem> {
        let context = self.context();
        let answer = self.engine.create(&context, kind, object(body), &Selection::Default).await;
        answer.map_err(|error| error.problem())
    }

    pub(crate) async fn put_answer(&self, kind: &str, id: &str, body: Value) -> Result<Answer, Problem> {
        let (context, any) = (self.context(), IfMatch::Unconditional);
        let answer = self.engine.replace(&context, kind, id, object(body), &Selection::Default, &any).await;
        answer.map_err(|error| error.problem())
    }

    pub(crate) async fn patch_answer(
        &self,
        kind: &str,
        id: &str,
        operations: Value,
    ) -> Result<Answer, Problem> {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        let (context, any) = (self.context(), IfMatch::Unconditional);
        let answer = self.engine.patch(&context, kind, id, object(body), &Selection::Default, &any).await;
        answer.map_err(|error| error.problem())
    }

    pub(crate) async fn create(&self, body: Value) -> Result<Value, Problem> {
        resource(self.create_answer("User", body).await)
    }

    pub(crate) async fn create_group(&self, body: Value) -> Result<Value, Problem> {
        resource(self.create_answer("Group", body).await)
    }

    pub(crate) async fn put(&self, kind: &str, id: &str, body: Value) -> Result<Value, Problem> {
        resource(self.put_answer(kind, id, body).await)
    }

    pub(crate) async fn patch(&self, kind: &str, id: &str, operations: Value) -> Result<Value, Problem> {
        resource(self.patch_answer(kind, id, operations).await)
    }

    /// Replaces one attribute of a user, by its path.
    pub(crate) async fn set(&self, id: &str, path: &str, value: Value) -> Result<Value, Problem> {
        self.patch("User", id, json!([{ "op": "replace", "path": path, "value": value }])).await
    }

    pub(crate) async fn delete(&self, kind: &str, id: &str) -> Result<(), Problem> {
        self.engine.delete(&self.context(), kind, id, &IfMatch::Unconditional).await.map_err(|e| e.problem())
    }

    pub(crate) async fn get(&self, kind: &str, id: &str) -> Result<Value, Problem> {
        let answer = self.engine.get(&self.context(), kind, id, &Selection::Default).await;
        resource(answer.map_err(|error| error.problem()))
    }

    pub(crate) async fn try_find(&self, kind: &str, filter: &str) -> Result<Vec<Value>, EngineError> {
        let search = SearchRequest { filter: Some(filter.to_owned()), ..SearchRequest::default() };
        Ok(self.engine.query(&self.context(), Some(kind), &search).await?.resources)
    }

    pub(crate) async fn find(&self, kind: &str, filter: &str) -> Vec<Value> {
        self.try_find(kind, filter).await.unwrap()
    }

    pub(crate) async fn all(&self, kind: &str) -> Vec<Value> {
        let search = SearchRequest { count: Some(1_000), ..SearchRequest::default() };
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

    /// The ids of the members of the group with this name, in order.
    pub(crate) async fn members(&self, name: &str) -> Vec<String> {
        let group = self.get("Group", &self.group(name).await).await.unwrap();
        let members = group["members"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut ids: Vec<_> =
            members.iter().map(|member| member["value"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    }

    /// The role that the person has.
    pub(crate) async fn role_of(&self, id: &str) -> Value {
        self.get("User", id).await.unwrap()[EXT]["userRole"].clone()
    }

    /// The text of `teams` that the person shows.
    pub(crate) async fn teams_of(&self, id: &str) -> Value {
        self.get("User", id).await.unwrap()[EXT]["teams"].clone()
    }

    pub(crate) async fn read(&self, key: ReadKey) -> ReadValue {
        self.engine.store().read(vec![key]).await.unwrap().remove(0)
    }

    /// Writes past the rules, as awork's own commands do.
    pub(crate) async fn commit(&self, writes: Vec<Write>) {
        let batch = Batch { now: self.context().now, guards: Vec::new(), writes };
        self.engine.store().commit_by_hand(batch).await;
    }

    /// Lets awork's own commands write between the decision about the next request and its commit.
    pub(crate) fn slip_in(&self, writes: Vec<Write>) {
        self.engine.store().slip_in(Batch { now: self.context().now, guards: Vec::new(), writes });
    }

    /// Lets them write once a commit of the next request has been refused.
    pub(crate) fn slip_in_after_refusal(&self, writes: Vec<Write>) {
        let batch = Batch { now: self.context().now, guards: Vec::new(), writes };
        self.engine.store().slip_in_after_refusal(batch);
    }

    /// Thirds of a seat in use, and how many are booked.
    pub(crate) async fn seats(&self) -> (i64, i64) {
        let seats = self.counter(scim_awork::seats(&self.tenant.space())).await;
        (seats.value, seats.limit.unwrap())
    }

    /// How many admins are active.
    pub(crate) async fn admins(&self) -> i64 {
        self.counter(scim_awork::admins(&self.tenant.space())).await.value
    }

    async fn counter(&self, key: scim_engine::store::CounterKey) -> Counter {
        match self.read(ReadKey::Counter(key)).await {
            ReadValue::Counter(Some(counter)) => counter,
            other => panic!("{other:?}"),
        }
    }

    /// All events of a stream, the last one included: PostgreSQL holds it back while a transaction is open that
    /// began before, be it that of another test.
    pub(crate) async fn events(&self, stream: Stream) -> Vec<Event> {
        let (space, limit) = (self.space(), 10_000);
        let newest = ReadKey::EventsBefore { space: space.clone(), stream, before: u64::MAX, limit: 1 };
        let all = ReadKey::Events { space, stream, after: 0, limit };
        for _ in 0..1_000 {
            let newest = self.events_of(newest.clone()).await;
            let events = self.events_of(all.clone()).await;
            if events.last().map(|last| last.position) >= newest.first().map(|newest| newest.position) {
                return events;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("a transaction stays open");
    }

    async fn events_of(&self, key: ReadKey) -> Vec<Event> {
        match self.read(key).await {
            ReadValue::Events(events) => events,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn space(&self) -> scim_engine::store::Space {
        self.tenant.space()
    }
}

fn object(body: Value) -> Map<String, Value> {
    match body {
        Value::Object(body) => body,
        other => panic!("{other} is no object"),
    }
}

fn resource(answer: Result<Answer, Problem>) -> Result<Value, Problem> {
    answer.map(|answer| Value::Object(answer.resource))
}

/// Checks what a refusal says: its place in the table of error answers, and the words in it.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(
    result: Result<T, Problem>,
    (status, scim_type, code): (u16, Option<&str>, &str),
    words: &[&str],
) {
    let problem = result.unwrap_err();
    let said = (problem.status, problem.scim_type.map(scim_core::ScimType::as_str));
    assert_eq!(said, (status, scim_type), "{}", problem.detail);
    assert!(problem.detail.ends_with(&format!("({code})")), "{}", problem.detail);
    for word in words {
        assert!(problem.detail.contains(word), "{word:?} in {}", problem.detail);
    }
}

pub(crate) const TAKEN: (u16, Option<&str>, &str) = (409, Some("uniqueness"), "duplication-violation");
pub(crate) const SEVERAL: (u16, Option<&str>, &str) =
    (400, Some("mutability"), "illegal-property-transition");
pub(crate) const INVALID: (u16, Option<&str>, &str) = (400, Some("invalidValue"), "validation-failed");
pub(crate) const LAST_ADMIN: (u16, Option<&str>, &str) = (400, Some("mutability"), "invalid-operation");
pub(crate) const NOT_FOUND: (u16, Option<&str>, &str) = (404, None, "not-found");
pub(crate) const NO_SEAT: (u16, Option<&str>, &str) = (400, None, "insufficient-seats");

/// The least that a create needs.
pub(crate) fn minimal(name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("{name}@w.example"),
        "name": { "givenName": name, "familyName": "New" },
    })
}

/// The least that a create needs, and more.
pub(crate) fn with(name: &str, more: Value) -> Value {
    let mut body = object(minimal(name));
    body.extend(object(more));
    Value::Object(body)
}

/// The body of a PUT.
pub(crate) fn user(attributes: Value) -> Value {
    let mut body = object(attributes);
    body.insert("schemas".into(), json!(["urn:ietf:params:scim:schemas:core:2.0:User"]));
    Value::Object(body)
}
