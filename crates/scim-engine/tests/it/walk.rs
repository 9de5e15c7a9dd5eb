//! The way of a write, over the in-memory store.

use std::time::Duration;

use scim_core::message::SearchRequest;
use scim_core::{Leniency, ScimType, Selection, TypeDef};
use scim_engine::store::{
    Batch, CommitError, Committed, DueKey, Guard, MarkKey, Query, QueryPage, ReadKey, ReadValue, RecordKey,
    Refused, Space, Store, StoreError, TenantId,
};
use scim_engine::{
    Answer, Caller, Change, Engine, EngineError, EngineLimits, FactKey, Facts, Features, IfMatch,
    MemoryStore, PlainRules, ProvisioningEngine, RequestContext, Rules, Step, plain_registry,
};
use serde_json::{Map, Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

fn engine<S: Store>(store: S) -> Engine<S, PlainRules> {
    Engine::new(store, PlainRules, plain_registry().unwrap(), "https://x.example/v2/")
}

fn context(n: u32) -> RequestContext {
    RequestContext {
        tenant: TenantId::new("t").unwrap(),
        caller: Caller::default(),
        now: 1_700_000_000_000 + i64::from(n),
        new_id: format!("id-{n}"),
        trace_id: "0".repeat(32),
        leniency: Leniency::default(),
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

async fn user<S: Store>(engine: &Engine<S, PlainRules>, n: u32) -> Answer {
    let body = json!({ "schemas": [USER], "userName": format!("user-{n}") });
    engine.create(&context(n), "User", object(body), &Selection::Default).await.unwrap()
}

async fn group<S: Store>(
    engine: &Engine<S, PlainRules>,
    n: u32,
    members: impl IntoIterator<Item = u32>,
) -> Result<Answer, EngineError> {
    let members: Vec<Value> = members.into_iter().map(|n| json!({ "value": format!("id-{n}") })).collect();
    let body = json!({ "schemas": [GROUP], "displayName": format!("group-{n}"), "members": members });
    engine.create(&context(n), "Group", object(body), &Selection::Default).await
}

async fn patch<S: Store>(
    engine: &Engine<S, PlainRules>,
    kind: &str,
    n: u32,
    operations: Value,
    if_match: &IfMatch,
) -> Result<Answer, EngineError> {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    });
    let id = format!("id-{n}");
    engine.patch(&context(n + 1_000), kind, &id, object(body), &Selection::Default, if_match).await
}

fn members(answer: &Answer) -> Vec<&str> {
    let members = answer.resource.get("members").and_then(Value::as_array).map(Vec::as_slice);
    members.unwrap_or_default().iter().map(|member| member["value"].as_str().unwrap()).collect()
}

/// A request replayed with the same values gives the same bytes.
#[tokio::test]
async fn replays_give_the_same_bytes() {
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        let engine = engine(MemoryStore::new());
        user(&engine, 1).await;
        let answer = group(&engine, 2, [1]).await.unwrap();
        outcomes.push(serde_json::to_vec(&answer.resource).unwrap());
    }
    assert_eq!(outcomes[0], outcomes[1]);
}

/// 7644-3.5.1-08, 7644-3.5.2.1-06: what changes nothing keeps version and time.
#[tokio::test]
async fn what_changes_nothing_touches_nothing() {
    let engine = engine(MemoryStore::new());
    let created = user(&engine, 1).await;
    group(&engine, 2, [1]).await.unwrap();
    let before = engine.get(&context(9), "User", "id-1", &Selection::Default).await.unwrap();
    assert_ne!(before.version, created.version, "joining a group counts");
    let body = json!({ "schemas": [USER], "userName": "user-1", "active": true });
    let same = engine
        .replace(&context(10), "User", "id-1", object(body), &Selection::Default, &IfMatch::Unconditional)
        .await
        .unwrap();
    assert_eq!((same.version, same.resource), (before.version, before.resource));
    let group = engine.get(&context(11), "Group", "id-2", &Selection::Default).await.unwrap();
    for operations in [
        json!([{ "op": "add", "path": "members", "value": [{ "value": "id-1" }] }]),
        json!([{ "op": "remove", "path": "members[value eq \"nobody\"]" }]),
        json!([{ "op": "replace", "path": "members", "value": [{ "value": "id-1" }] }]),
        json!([{ "op": "replace", "value": { "displayName": "group-2" } }]),
    ] {
        let answer = patch(&engine, "Group", 2, operations, &IfMatch::Unconditional).await.unwrap();
        assert_eq!(answer.version, group.version);
    }
}

/// Link filters are run over what is stored and over what earlier operations added.
#[tokio::test]
async fn filters_on_members() {
    let engine = engine(MemoryStore::new());
    for n in 1..=4 {
        user(&engine, n).await;
    }
    group(&engine, 10, [1, 2]).await.unwrap();
    let operations = json!([
        { "op": "add", "path": "members", "value": [{ "value": "id-3" }, { "value": "id-4" }] },
        { "op": "remove", "path": "members[display eq \"USER-1\" or display eq \"user-3\"]" },
    ]);
    let answer = patch(&engine, "Group", 10, operations, &IfMatch::Unconditional).await.unwrap();
    assert_eq!(members(&answer), ["id-2", "id-4"]);
}

/// 7643-4.2-02, 7644-3.5.2-09, 7644-3.5.2.1-08, 7644-3.5.2.3-07: a selected member can be set to what it is,
/// created where it is not, and changed to nothing else.
#[tokio::test]
async fn selected_members() {
    let one = |op: &str, path: &str, value: Value| json!([{ "op": op, "path": path, "value": value }]);
    let id = |n: u32| json!(format!("id-{n}"));
    let member = |n: u32| json!({ "value": format!("id-{n}") });
    // With members 1 and 2: what comes of it, by default and strictly.
    let rows = [
        (one("replace", "members[value eq \"id-1\"].value", id(1)), Ok(2), Ok(2)),
        (one("add", "members[value eq \"id-1\"].value", id(1)), Ok(2), Ok(2)),
        (one("replace", "members[value eq \"id-1\"].type", json!("User")), Ok(2), Ok(2)),
        (one("replace", "members[value eq \"id-1\"]", member(1)), Ok(2), Ok(2)),
        (
            one(
                "replace",
                "members[value eq \"id-1\"]",
                json!({ "value": "id-1", "type": "Group", "display": "x" }),
            ),
            Ok(2),
            Ok(2),
        ),
        (one("add", "members[value eq \"id-1\"]", member(1)), Ok(2), Ok(2)),
        (
            one("replace", "members[value eq \"id-1\"].value", id(2)),
            Err(ScimType::Mutability),
            Err(ScimType::Mutability),
        ),
        (
            one("add", "members[value eq \"id-1\"].value", id(3)),
            Err(ScimType::Mutability),
            Err(ScimType::Mutability),
        ),
        (
            one("replace", "members[value eq \"id-1\"].type", json!("Group")),
            Err(ScimType::Mutability),
            Err(ScimType::Mutability),
        ),
        (
            one("replace", "members[value eq \"id-1\"]", member(3)),
            Err(ScimType::Mutability),
            Err(ScimType::Mutability),
        ),
        (
            one("replace", "members[type eq \"User\"]", member(1)),
            Err(ScimType::Mutability),
            Err(ScimType::Mutability),
        ),
        (
            one("replace", "members[value eq \"id-1\"].value", json!(null)),
            Err(ScimType::Mutability),
            Err(ScimType::Mutability),
        ),
        (one("add", "members[value eq \"id-3\"].value", id(3)), Ok(3), Ok(3)),
        (one("add", "members[value eq \"id-3\" and type eq \"User\"].value", id(3)), Ok(3), Ok(3)),
        (one("add", "members[value eq \"id-3\"]", member(3)), Ok(3), Ok(3)),
        (
            one("add", "members[value eq \"nobody\"].value", json!("nobody")),
            Err(ScimType::InvalidValue),
            Err(ScimType::InvalidValue),
        ),
        (one("replace", "members[value eq \"id-3\"].value", id(3)), Ok(3), Err(ScimType::NoTarget)),
        (
            one("replace", "members[value eq \"id-3\"]", member(3)),
            Err(ScimType::NoTarget),
            Err(ScimType::NoTarget),
        ),
        (
            one("replace", "members[value eq \"id-3\"]", member(1)),
            Err(ScimType::NoTarget),
            Err(ScimType::NoTarget),
        ),
        (
            one("replace", "members[display eq \"nobody\"]", member(1)),
            Err(ScimType::NoTarget),
            Err(ScimType::NoTarget),
        ),
        (
            one("add", "members[display eq \"nobody\"].type", json!("User")),
            Err(ScimType::NoTarget),
            Err(ScimType::NoTarget),
        ),
        (one("remove", "members", json!([])), Ok(2), Err(ScimType::InvalidValue)),
        (one("remove", "members", json!(null)), Ok(2), Err(ScimType::InvalidValue)),
    ];
    for (operations, tolerant, strict) in rows {
        for (leniency, expected) in [(Leniency::default(), tolerant), (Leniency::strict(), strict)] {
            let engine = engine(MemoryStore::new());
            for n in 1..=3 {
                user(&engine, n).await;
            }
            let before = group(&engine, 10, [1, 2]).await.unwrap();
            let context = RequestContext { leniency, ..context(11) };
            let body = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
            });
            let (selection, if_match) = (Selection::Default, IfMatch::Unconditional);
            let outcome = engine.patch(&context, "Group", "id-10", object(body), &selection, &if_match).await;
            let outcome = outcome.map(|answer| {
                let count = members(&answer).len();
                assert_eq!(answer.version == before.version, count == 2, "{operations}");
                count
            });
            let outcome = outcome.map_err(|error| error.problem().scim_type.unwrap());
            assert_eq!(outcome, expected, "{operations} {leniency:?}");
        }
    }
    // What is refused sees what earlier operations did, and refuses those too.
    let engine = engine(MemoryStore::new());
    for n in 1..=2 {
        user(&engine, n).await;
    }
    group(&engine, 10, [1]).await.unwrap();
    let gone = json!([
        { "op": "remove", "path": "members[value eq \"id-1\"]" },
        { "op": "replace", "path": "members[value eq \"id-1\"]", "value": { "value": "id-1" } },
    ]);
    let error = patch(&engine, "Group", 10, gone, &IfMatch::Unconditional).await.unwrap_err();
    assert_eq!(error.problem().scim_type, Some(ScimType::NoTarget));
    let come = json!([
        { "op": "add", "path": "members", "value": { "value": "id-2" } },
        { "op": "replace", "path": "members[value eq \"id-2\"]", "value": { "value": "id-2" } },
    ]);
    let answer = patch(&engine, "Group", 10, come, &IfMatch::Unconditional).await.unwrap();
    assert_eq!(members(&answer), ["id-1", "id-2"]);
}

/// 7643-2.3.7-02, 7644-3.6-05: the reference to a manager is shown for as long as it leads somewhere; the id
/// stays, as it was sent.
#[tokio::test]
async fn references_to_who_is_gone() {
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let engine = engine(MemoryStore::new());
    for n in 1..=2 {
        user(&engine, n).await;
    }
    for (n, manager) in [(3, 1), (4, 2), (5, 5)] {
        let manager = json!({ "manager": { "value": format!("id-{manager}") } });
        let body =
            json!({ "schemas": [USER, ENTERPRISE], "userName": format!("user-{n}"), ENTERPRISE: manager });
        engine.create(&context(n), "User", object(body), &Selection::Default).await.unwrap();
    }
    engine.delete(&context(9), "User", "id-1", &IfMatch::Unconditional).await.unwrap();
    let only = Selection::Only(vec![format!("{ENTERPRISE}:manager.$ref")]);
    for (n, manager, resolves) in [(3, 1, false), (4, 2, true), (5, 5, true)] {
        let location = resolves.then(|| json!(format!("https://x.example/v2/Users/id-{manager}")));
        let search = SearchRequest { filter: Some(format!("id eq \"id-{n}\"")), ..SearchRequest::default() };
        let id = format!("id-{n}");
        let read = engine.get(&context(10), "User", &id, &Selection::Default).await.unwrap().resource;
        let listed = engine.query(&context(10), Some("User"), &search).await.unwrap().resources;
        for resource in [&Value::Object(read), &listed[0]] {
            let manager_shown = &resource[ENTERPRISE]["manager"];
            assert_eq!(manager_shown.get("$ref"), location.as_ref(), "{resource}");
            assert_eq!(manager_shown["value"], format!("id-{manager}"));
        }
        let read = engine.get(&context(10), "User", &id, &only).await.unwrap().resource;
        let shown = Value::Object(read)[ENTERPRISE]["manager"].get("$ref").cloned();
        assert_eq!(shown, location);
    }
}

/// More links than one commit takes are 413 before any write; clearing a list is one operation
/// however long it is, and shows at both ends.
#[tokio::test]
async fn long_lists() {
    let limits = EngineLimits { most_links: 3, ..EngineLimits::default() };
    let engine = engine(MemoryStore::new()).with_limits(limits);
    for n in 1..=5 {
        user(&engine, n).await;
    }
    let error = group(&engine, 10, 1..=4).await.unwrap_err();
    assert_eq!(error.problem().status, 413);
    assert!(error.to_string().contains("`members`"), "{error}");
    let missing = engine.get(&context(20), "Group", "id-10", &Selection::Default).await.unwrap_err();
    assert_eq!(missing.problem().status, 404);
    group(&engine, 10, 1..=3).await.unwrap();
    let more =
        json!([{ "op": "add", "path": "members", "value": [{ "value": "id-4" }, { "value": "id-5" }] }]);
    patch(&engine, "Group", 10, more, &IfMatch::Unconditional).await.unwrap();
    let other = json!([{ "op": "replace", "path": "members", "value": [{ "value": "id-1" }] }]);
    let error = patch(&engine, "Group", 10, other, &IfMatch::Unconditional).await.unwrap_err();
    assert_eq!(error.problem().status, 413);
    let before = engine.get(&context(21), "User", "id-1", &Selection::Default).await.unwrap();
    let clear = json!([{ "op": "remove", "path": "members" }]);
    let answer = patch(&engine, "Group", 10, clear, &IfMatch::Unconditional).await.unwrap();
    assert_eq!(members(&answer), [""; 0]);
    let after = engine.get(&context(22), "User", "id-1", &Selection::Default).await.unwrap();
    assert_eq!(after.resource.get("groups"), None);
    assert_ne!(after.version, before.version);
}

/// 7644-3.14-04: a stale version is refused also where only links change.
#[tokio::test]
async fn conditions_hold_for_links() {
    let engine = engine(MemoryStore::new());
    user(&engine, 1).await;
    user(&engine, 2).await;
    let created = group(&engine, 10, []).await.unwrap();
    let add = |n: u32| json!([{ "op": "add", "path": "members", "value": [{ "value": format!("id-{n}") }] }]);
    let tag = IfMatch::Tags(vec![created.version]);
    patch(&engine, "Group", 10, add(1), &tag).await.unwrap();
    let error = patch(&engine, "Group", 10, add(2), &tag).await.unwrap_err();
    assert_eq!(error.problem().status, 412);
    let group = engine.get(&context(20), "Group", "id-10", &Selection::Default).await.unwrap();
    assert_eq!(members(&group), ["id-1"]);
}

/// A store whose commits do not go through.
#[derive(Clone)]
struct Failing {
    inner: MemoryStore,
    how: fn() -> CommitError,
}

impl Store for Failing {
    async fn read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        self.inner.read(keys).await
    }

    async fn query(&self, _: Query) -> Result<QueryPage, StoreError> {
        Err(StoreError::TooSlow)
    }

    async fn commit(&self, _: Batch) -> Result<Committed, CommitError> {
        Err((self.how)())
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        self.inner.due(shard, before, limit).await
    }
}

/// Contention that the client did not ask about is 503 in the end, never 409, 412 or 500.
#[tokio::test(start_paused = true)]
async fn patience_ends() {
    let lost = || {
        let mark = MarkKey::names(&TenantId::new("t").unwrap().space());
        CommitError::Refused(Refused::Guard(Guard::Mark(mark, 0)))
    };
    let limits = EngineLimits { patience: Duration::from_millis(20), ..EngineLimits::default() };
    let engine = engine(Failing { inner: MemoryStore::new(), how: lost }).with_limits(limits);
    let body = object(json!({ "schemas": [USER], "userName": "lea" }));
    let error = engine.create(&context(1), "User", body, &Selection::Default).await.unwrap_err();
    assert_eq!((error.problem().status, error.retry_after()), (503, Some(1)));
}

/// 7644-3.12-07: what makes a store fail is not told to the client; a slow query is told what to do.
#[tokio::test]
async fn faults_of_the_store() {
    let down = || CommitError::Failed(StoreError::Unavailable("secret cause".into()));
    let engine = engine(Failing { inner: MemoryStore::new(), how: down });
    let body = object(json!({ "schemas": [USER], "userName": "lea" }));
    let error = engine.create(&context(1), "User", body, &Selection::Default).await.unwrap_err();
    let problem = error.problem();
    assert_eq!((problem.status, error.retry_after()), (503, Some(1)));
    assert!(!problem.detail.contains("secret"), "{problem}");
    let slow =
        engine.query(&context(2), Some("User"), &SearchRequest::default()).await.unwrap_err().problem();
    assert_eq!((slow.status, slow.scim_type.map(ScimType::as_str)), (400, Some("tooMany")));
}

/// Rules that know something of each tenant at once, where a resource is there.
struct Knowing;

impl Rules for Knowing {
    fn standing_facts(&self, def: &TypeDef, space: &Space) -> Vec<FactKey> {
        assert_eq!(def.name(), "User");
        vec![FactKey::Mark(MarkKey::names(space)), FactKey::Record(RecordKey::new(space, "User", "id-1"))]
    }

    fn decide(&self, change: &Change<'_>, facts: &Facts) -> Step {
        let mut lookup = facts.lookup();
        lookup.mark(MarkKey::names(change.space));
        let record = lookup.record(change.key("User", "id-1"));
        if let Some(current) = change.action.current() {
            assert!(lookup.is_complete(), "read along with the resource");
            assert_eq!(record, Some(current), "in the same snapshot");
        }
        PlainRules.decide(change, facts)
    }
}

/// What rules always want to know is read along with the resource, in each walk anew.
#[tokio::test]
async fn standing_facts() {
    let engine = Engine::new(MemoryStore::new(), Knowing, plain_registry().unwrap(), "https://x.example");
    let body = |name: &str| object(json!({ "schemas": [USER], "userName": name }));
    engine.create(&context(1), "User", body("lea"), &Selection::Default).await.unwrap();
    for n in 2..5 {
        let name = format!("lea-{n}");
        let any = IfMatch::Unconditional;
        engine.replace(&context(n), "User", "id-1", body(&name), &Selection::Default, &any).await.unwrap();
    }
    engine.delete(&context(5), "User", "id-1", &IfMatch::Unconditional).await.unwrap();
}

/// Rules that never have enough.
struct Insatiable;

impl Rules for Insatiable {
    fn decide(&self, change: &Change<'_>, facts: &Facts) -> Step {
        let mut lookup = facts.lookup();
        let mut n = 0;
        while lookup.is_complete() {
            lookup.record(change.key("User", &format!("more-{n}")));
            n += 1;
        }
        Step::Need(
            lookup.needed().into_iter().inspect(|key| assert!(matches!(key, FactKey::Record(_)))).collect(),
        )
    }
}

/// Rules that never come to a decision are a fault of the server, and end.
#[tokio::test]
async fn rounds_are_bounded() {
    let engine = Engine::new(MemoryStore::new(), Insatiable, plain_registry().unwrap(), "https://x.example");
    let body = object(json!({ "schemas": [USER], "userName": "lea" }));
    let error = engine.create(&context(1), "User", body, &Selection::Default).await.unwrap_err();
    assert_eq!(error.problem().status, 500);
}

/// 7644-3.4.2.4-01, 7644-3.4.2.4-04, 7644-3.4.2.4-05: how `startIndex` and `count` are read.
#[tokio::test]
async fn pages() {
    let engine = engine(MemoryStore::new());
    for n in 1..=5 {
        user(&engine, n).await;
    }
    for (start_index, count, start, ids) in [
        (None, None, 1, vec!["id-1", "id-2", "id-3", "id-4", "id-5"]),
        (Some(-5), Some(2), 1, vec!["id-1", "id-2"]),
        (Some(4), Some(i64::MAX), 4, vec!["id-4", "id-5"]),
        (Some(999), Some(1), 999, vec![]),
        (None, Some(0), 1, vec![]),
        (None, Some(-1), 1, vec![]),
    ] {
        let search = SearchRequest { start_index, count, ..SearchRequest::default() };
        let page = engine.query(&context(50), Some("User"), &search).await.unwrap();
        assert_eq!((page.total, page.start_index), (Some(5), Some(start)));
        let shown: Vec<&str> = page.resources.iter().map(|user| user["id"].as_str().unwrap()).collect();
        assert_eq!(shown, ids);
    }
}

/// 7644-3.4.2.1-02: a list over the ceiling is refused, by index, by cursor and by filter, whatever the page;
/// one that fits, and a total, are told.
#[tokio::test]
async fn a_ceiling_bounds_lists() {
    let engine =
        engine(MemoryStore::new()).with_features(Features { ceiling: Some(2), ..Features::default() });
    for n in 1..=3 {
        user(&engine, n).await;
    }
    let cursor = Some(String::new());
    let all = SearchRequest::default;
    for (search, total) in [
        (all(), None),
        (SearchRequest { count: Some(1), ..all() }, None),
        (SearchRequest { count: Some(1), cursor, ..all() }, None),
        (SearchRequest { filter: Some("userName sw \"user\"".to_owned()), ..all() }, None),
        (SearchRequest { filter: Some("userName gt \"user-1\"".to_owned()), ..all() }, Some(2)),
        (SearchRequest { count: Some(0), ..all() }, Some(3)),
    ] {
        match engine.query(&context(50), Some("User"), &search).await {
            Ok(listing) => assert_eq!((listing.total, total.is_some()), (total, true), "{search:?}"),
            Err(error) => {
                let problem = error.problem();
                assert_eq!((problem.status, problem.scim_type), (400, Some(ScimType::TooMany)), "{search:?}");
                assert_eq!(total, None, "{search:?}");
            }
        }
    }
}
