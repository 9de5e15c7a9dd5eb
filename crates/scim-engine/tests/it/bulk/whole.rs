//! All or nothing: a bulk request as one commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use scim_core::Selection;
use scim_core::message::{BulkMethod, BulkResult, SearchRequest};
use scim_core::schema::urn;
use scim_engine::store::{
    Batch, CommitError, Committed, Counter, CounterKey, DueKey, OnLimit, Query, QueryPage, ReadKey,
    ReadValue, Space, Store, StoreError, Stream, TenantId, Write,
};
use scim_engine::{
    Action, BulkOutcome, BulkPlan, Change, Engine, EngineLimits, Facts, MemoryStore, PlainRules,
    ProvisioningEngine, Rules, Step, plain_registry, run_bulk,
};
use serde_json::{Value, json};

use super::{Open, block_on, object, patch};

/// The rules of a plain directory, with seats and a log.
struct Seats;

const SEATS: i64 = 6;

fn space() -> Space {
    TenantId::new("t").unwrap().space()
}

fn seats() -> CounterKey {
    CounterKey { space: space(), name: "seats" }
}

impl Rules for Seats {
    fn decide(&self, change: &Change<'_>, facts: &Facts) -> Step {
        let mut step = PlainRules.decide(change, facts);
        if let Step::Commit(decision) = &mut step {
            let (what, by) = match change.action {
                Action::Create { .. } => ("created", 1),
                Action::Update { .. } => ("updated", 0),
                Action::Delete { .. } => ("deleted", -1),
            };
            if change.def.name() == "User" && by != 0 {
                decision.writes.push(Write::Add { counter: seats(), by, on_limit: OnLimit::Refuse });
            }
            let event = json!({ what: change.action.id() });
            decision.events = vec![(Stream::Log, event.clone()), (Stream::Outbox, event)];
            if change.refused.is_some() {
                let problem = scim_core::Problem::plain(409, "all seats are taken");
                return Step::Refuse(problem);
            }
        }
        step
    }
}

/// A store in memory whose commits can be counted, and fail before or after they have happened.
#[derive(Default)]
struct Shaky {
    store: MemoryStore,
    commits: AtomicUsize,
    fails: AtomicBool,
}

impl Store for Shaky {
    async fn read(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        self.store.read(keys).await
    }

    async fn query(&self, query: Query) -> Result<QueryPage, StoreError> {
        self.store.query(query).await
    }

    async fn commit(&self, batch: Batch) -> Result<Committed, CommitError> {
        // Others get their turn.
        tokio::task::yield_now().await;
        self.commits.fetch_add(1, Ordering::Relaxed);
        if self.fails.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("the disk is full".into()).into());
        }
        self.store.commit(batch).await
    }

    async fn due(&self, shard: u16, before: i64, limit: usize) -> Result<Vec<DueKey>, StoreError> {
        self.store.due(shard, before, limit).await
    }
}

type Directory = Engine<Shaky, Seats>;

fn directory() -> Directory {
    Engine::new(Shaky::default(), Seats, plain_registry().unwrap(), "https://x.example/v2")
}

/// A directory with two users and two groups, one in the other: `id-0` to `id-3`.
async fn furnished() -> (Directory, Open) {
    let directory = directory();
    let bounded = Counter { value: 0, floor: Some(0), limit: Some(SEATS) };
    let batch = Batch { writes: vec![Write::SetCounter(seats(), bounded)], ..Batch::default() };
    directory.store().commit(batch).await.unwrap();
    let host = Open::default();
    let operations = json!([
        user("a", json!({})),
        user("b", json!({})),
        group("g", &["bulkId:a"]),
        group("h", &["bulkId:g", "bulkId:a", "bulkId:b"]),
    ]);
    let outcome = one_by_one(&directory, &host, &operations).await;
    assert_eq!(outcome.failed, 0, "{outcome:?}");
    (directory, host)
}

fn plan(directory: &Directory, operations: &Value) -> BulkPlan {
    let request = json!({ "schemas": [urn::BULK_REQUEST], "Operations": operations });
    BulkPlan::read(object(request), directory.registry(), 1_000).unwrap()
}

async fn one_by_one(directory: &Directory, host: &Open, operations: &Value) -> BulkOutcome {
    run_bulk(directory, host, plan(directory, operations), "trace").await
}

async fn as_one(directory: &Directory, host: &Open, operations: &Value) -> BulkOutcome {
    directory.bulk_as_one(host, plan(directory, operations), "trace").await.unwrap()
}

fn user(name: &str, more: Value) -> Value {
    let mut data = json!({ "schemas": [urn::USER], "userName": name });
    data.as_object_mut().unwrap().extend(object(more));
    json!({ "method": "POST", "path": "/Users", "bulkId": name, "data": data })
}

fn group_data(name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|member| json!({ "value": member })).collect();
    json!({ "schemas": [urn::GROUP], "displayName": name, "members": members })
}

fn group(name: &str, members: &[&str]) -> Value {
    json!({ "method": "POST", "path": "/Groups", "bulkId": name, "data": group_data(name, members) })
}

fn delete(path: &str) -> Value {
    json!({ "method": "DELETE", "path": path })
}

/// Everything that is there, but for times and versions; with the counter, and what was logged and told.
async fn state(directory: &Directory) -> Value {
    let search = SearchRequest { count: Some(1_000), ..SearchRequest::default() };
    let listing = directory.query(&Open::default().context(), None, &search).await.unwrap();
    let mut resources: Vec<Value> = listing.resources;
    for resource in &mut resources {
        let meta = resource["meta"].as_object_mut().unwrap();
        meta.retain(|name, _| name == "location");
    }
    resources.sort_by_key(|resource| resource["id"].to_string());
    let events = |stream| ReadKey::Events { space: space(), stream, after: 0, limit: 1_000 };
    let keys = vec![ReadKey::Counter(seats()), events(Stream::Log), events(Stream::Outbox)];
    let told: Vec<Value> = directory
        .store()
        .read(keys)
        .await
        .unwrap()
        .into_iter()
        .map(|value| match value {
            ReadValue::Counter(counter) => json!(counter.map(|counter| counter.value)),
            ReadValue::Events(events) => events.into_iter().map(|event| event.body).collect(),
            other => panic!("{other:?}"),
        })
        .collect();
    json!([resources, told])
}

/// An operation on what is there or what the request creates; some are refused.
fn operation() -> impl Strategy<Value = Value> {
    let names = || select(vec!["a", "b", "c", "d", "e"]);
    let users = || select(vec!["id-0", "id-1", "bulkId:c", "bulkId:d"]);
    let groups = || select(vec!["id-2", "id-3", "bulkId:i", "bulkId:j"]);
    let anybody = || {
        prop_oneof![
            8 => users().prop_map(str::to_owned),
            8 => groups().prop_map(str::to_owned),
            1 => Just("nobody".to_owned()),
        ]
    };
    let new_user = (select(vec!["c", "d", "x", "y"]), names(), prop::option::of(users())).prop_map(
        |(bulk_id, name, manager)| {
            let manager = manager
                .map_or(json!({}), |id| json!({ urn::ENTERPRISE_USER: { "manager": { "value": id } } }));
            let mut operation = user(name, manager);
            operation["bulkId"] = json!(bulk_id);
            operation
        },
    );
    let new_group = (select(vec!["i", "j"]), vec(anybody(), 0..4))
        .prop_map(|(name, members)| group(name, &members.iter().map(String::as_str).collect::<Vec<_>>()));
    let change = |path: String, operation: Value| json!({ "method": "PATCH", "path": path, "data": patch(&operation) });
    let rename = (users(), names()).prop_map(move |(id, name)| {
        change(format!("/Users/{id}"), json!({ "op": "replace", "path": "userName", "value": name }))
    });
    let call = (users(), names()).prop_map(move |(id, name)| {
        change(format!("/Users/{id}"), json!({ "op": "replace", "path": "displayName", "value": name }))
    });
    let add = (groups(), anybody()).prop_map(move |(id, member)| {
        change(
            format!("/Groups/{id}"),
            json!({ "op": "add", "path": "members", "value": [{ "value": member }] }),
        )
    });
    let remove = (groups(), anybody()).prop_map(move |(id, member)| {
        change(
            format!("/Groups/{id}"),
            json!({ "op": "remove", "path": format!("members[value eq \"{member}\"]") }),
        )
    });
    let by_name = (groups(), names()).prop_map(move |(id, name)| {
        change(
            format!("/Groups/{id}"),
            json!({ "op": "remove", "path": format!("members[display eq \"{name}\"]") }),
        )
    });
    let clear = groups()
        .prop_map(move |id| change(format!("/Groups/{id}"), json!({ "op": "remove", "path": "members" })));
    let put = (groups(), names(), vec(anybody(), 0..4)).prop_map(|(id, name, members)| {
        let members: Vec<&str> = members.iter().map(String::as_str).collect();
        json!({ "method": "PUT", "path": format!("/Groups/{id}"), "data": group_data(name, &members) })
    });
    let gone = prop_oneof![
        users().prop_map(|id| delete(&format!("/Users/{id}"))),
        groups().prop_map(|id| delete(&format!("/Groups/{id}"))),
    ];
    prop_oneof![
        3 => new_user, 3 => new_group, 1 => rename, 1 => call, 2 => add, 2 => remove, 1 => by_name, 1 => clear,
        2 => put, 1 => gone,
    ]
}

/// Creates without which most of the other operations would refer to nothing.
fn operations() -> impl Strategy<Value = Vec<Value>> {
    let creates =
        Just(vec![user("c", json!({})), user("d", json!({})), group("i", &[]), group("j", &["bulkId:i"])]);
    prop_oneof![
        1 => vec(operation(), 1..6),
        4 => (creates, vec(operation().prop_filter("no second create", |o| o["method"] != "POST"), 0..8))
            .prop_flat_map(|(creates, more)| Just([creates, more].concat()).prop_shuffle()),
    ]
}

fn failures(results: &[BulkResult]) -> Vec<Option<(u16, String)>> {
    let failure = |result: &BulkResult| {
        let detail = result.response.as_ref().map(|body| body["detail"].to_string());
        (result.status >= 400).then(|| (result.status, detail.unwrap_or_default()))
    };
    results.iter().map(failure).collect()
}

const TAKEN_BACK: &str = "it was not carried out, as operation ";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// 7644-3.7-12, 7644-3.7-08: done as one, a request does what its operations do one after the other, if
    /// none of them fails; else it does nothing, and says of the same ones why they failed.
    #[test]
    fn all_or_nothing(operations in operations()) {
        block_on(async {
            let operations = json!(operations);
            let ((apart, apart_host), (whole, whole_host)) = (furnished().await, furnished().await);
            let before = state(&whole).await;
            prop_assert_eq!(&before, &state(&apart).await);
            let expected = one_by_one(&apart, &apart_host, &operations).await;
            let outcome = as_one(&whole, &whole_host, &operations).await;
            prop_assert_eq!(outcome.results.len(), expected.results.len());
            if expected.failed == 0 {
                prop_assert_eq!(outcome.failed, 0, "{:?}", outcome.results);
                prop_assert_eq!(state(&whole).await, state(&apart).await);
                prop_assert_eq!(&outcome.fired, &expected.fired);
                return check_versions(&whole, &outcome.results).await;
            }
            prop_assert_eq!(state(&whole).await, before);
            let (told, wanted) = (failures(&outcome.results), failures(&expected.results));
            prop_assert_eq!(outcome.failed, u64::try_from(told.len()).unwrap());
            for ((told, wanted), result) in told.into_iter().zip(wanted).zip(&outcome.results) {
                let Some((status, detail)) = told else { panic!("{result:?} succeeded") };
                match wanted {
                    Some(wanted) => prop_assert_eq!((status, detail), wanted),
                    None => prop_assert!(status == 409 && detail.contains(TAKEN_BACK), "{:?}", result),
                }
                prop_assert!(result.version.is_none());
                if result.method == BulkMethod::Post {
                    prop_assert!(result.location.is_none(), "nothing was created: {:?}", result);
                }
            }
            Ok(())
        })?;
    }
}

/// Versions and locations are those of the commit.
async fn check_versions(directory: &Directory, results: &[BulkResult]) -> Result<(), TestCaseError> {
    for result in results {
        let location = result.location.as_deref().unwrap();
        let (endpoint, id) = location.strip_prefix("https://x.example/v2/").unwrap().split_once('/').unwrap();
        let kind = if endpoint == "Users" { "User" } else { "Group" };
        let found = directory.get(&Open::default().context(), kind, id, &Selection::Default).await;
        match found {
            Ok(answer) => prop_assert_eq!(result.version.as_ref(), Some(&answer.version)),
            // It was deleted by a later operation, or by this one.
            Err(_) => prop_assert_eq!(result.version.is_none(), result.status == 204, "{:?}", result),
        }
    }
    Ok(())
}

/// Operations that create users and add them to the group `id-2`.
fn join(names: &[&str]) -> Value {
    let creates = names.iter().map(|name| user(name, json!({})));
    let joins = names.iter().map(|name| {
        let value = json!([{ "value": format!("bulkId:{name}") }]);
        let data = patch(&json!({ "op": "add", "path": "members", "value": value }));
        json!({ "method": "PATCH", "path": "/Groups/id-2", "data": data })
    });
    creates.chain(joins).collect()
}

/// 7644-3.7-08: however many operations, there is one commit; if it fails, nothing has happened, and all are 503.
#[tokio::test]
async fn a_commit_that_fails_leaves_nothing() {
    let (directory, host) = furnished().await;
    let before = state(&directory).await;
    let commits = directory.store().commits.load(Ordering::Relaxed);
    directory.store().fails.store(true, Ordering::Relaxed);
    let outcome = as_one(&directory, &host, &join(&["c", "d"])).await;
    let statuses: Vec<u16> = outcome.results.iter().map(|result| result.status).collect();
    assert_eq!((statuses, outcome.failed), (vec![503; 4], 4));
    assert!(outcome.results.iter().all(|result| !format!("{result:?}").contains("disk")));
    assert_eq!(state(&directory).await, before);
    directory.store().fails.store(false, Ordering::Relaxed);
    let outcome = as_one(&directory, &host, &join(&["c", "d"])).await;
    assert_eq!(outcome.failed, 0, "{outcome:?}");
    assert_eq!(directory.store().commits.load(Ordering::Relaxed), commits + 2);
}

/// A bound that the operations would break together refuses all of them.
#[tokio::test]
async fn a_counter_is_part_of_the_commit() {
    let (directory, host) = furnished().await;
    let before = state(&directory).await;
    let names = ["c", "d", "e", "f", "g"];
    let outcome = as_one(&directory, &host, &join(&names)).await;
    let failed: Vec<usize> = outcome
        .results
        .iter()
        .enumerate()
        .filter(|(_, result)| !format!("{result:?}").contains(TAKEN_BACK))
        .map(|(at, _)| at)
        .collect();
    assert_eq!(failed, [4, 9], "the fifth has no seat, and so cannot join: {outcome:?}");
    assert_eq!(state(&directory).await, before);
    let outcome = as_one(&directory, &host, &join(&names[..4])).await;
    assert_eq!(outcome.failed, 0, "{outcome:?}");
}

/// 7644-3.7.4-01: no commit grows beyond what one may change; the detail names the limit.
#[tokio::test]
async fn links_of_all_operations_are_limited() {
    let (directory, host) = furnished().await;
    let directory = directory.with_limits(EngineLimits { most_links: 2, ..EngineLimits::default() });
    let before = state(&directory).await;
    for names in [&["c", "d", "e"][..], &["c", "d", "e", "f"]] {
        let outcome = as_one(&directory, &host, &join(names)).await;
        let too_many = outcome.results.iter().find(|result| result.status == 413).unwrap();
        assert!(format!("{too_many:?}").contains("more than 2 links"), "{outcome:?}");
        assert_eq!(state(&directory).await, before);
    }
    assert_eq!(as_one(&directory, &host, &join(&["c", "d"])).await.failed, 0);
}

/// Two requests at once that want the same: one of them has it, whole, and the other one nothing; a third, which
/// both disturb, is done by and by.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_race_has_one_winner() {
    for _ in 0..50 {
        let (directory, host) = furnished().await;
        let (directory, host) = (Arc::new(directory), Arc::new(host));
        let run = |operations: Value| {
            let (directory, host) = (Arc::clone(&directory), Arc::clone(&host));
            tokio::spawn(async move { as_one(&directory, &host, &operations).await })
        };
        let one = run(join(&["c", "x"]));
        let other = run(join(&["y", "c"]));
        let data = group_data("renamed", &["id-1"]);
        let third = run(json!([{ "method": "PUT", "path": "/Groups/id-3", "data": data }]));
        let (one, other, third) = (one.await.unwrap(), other.await.unwrap(), third.await.unwrap());
        assert_eq!(third.failed, 0, "{third:?}");
        let failed = [one.failed, other.failed];
        assert!(failed == [0, 4] || failed == [4, 0], "{one:?} {other:?}");
        let uniqueness = one.results.iter().chain(&other.results);
        assert_eq!(uniqueness.filter(|result| format!("{result:?}").contains("uniqueness")).count(), 1);
        let group = directory.get(&host.context(), "Group", "id-2", &Selection::Default).await.unwrap();
        assert_eq!(group.resource["members"].as_array().unwrap().len(), 3);
        assert_eq!(state(&directory).await[1][0], 4, "four of the seats are taken");
    }
}
