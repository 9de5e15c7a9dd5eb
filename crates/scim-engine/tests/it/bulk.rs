//! Bulk requests over an engine, without HTTP.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use scim_core::message::{BulkMethod, SearchRequest};
use scim_core::schema::urn;
use scim_core::{Leniency, Problem, Selection};
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

/// A change after the creates: of a group, or of a user.
#[derive(Clone, Debug)]
enum Later {
    /// Adds or removes a member, by value or by filter.
    Member { group: Index, member: Index, add: bool },
    /// Has these members.
    Put { group: Index, members: Vec<Index> },
    /// Has this manager.
    Manager { user: Index, manager: Index },
}

/// A random request: how many users and groups, who refers to whom, what happens afterwards, and in which
/// order all of it stands.
#[derive(Clone, Debug)]
struct Story {
    /// For each user, the manager.
    users: Vec<Option<Index>>,
    /// For each group, its members.
    groups: Vec<Vec<Index>>,
    later: Vec<Later>,
    /// Who is deleted at the end.
    deleted: Vec<Index>,
    shuffle: Vec<u32>,
}

fn story() -> impl Strategy<Value = Story> {
    let index = || any::<Index>();
    let later = prop_oneof![
        (index(), index(), any::<bool>()).prop_map(|(group, member, add)| Later::Member {
            group,
            member,
            add
        }),
        (index(), vec(index(), 0..4)).prop_map(|(group, members)| Later::Put { group, members }),
        (index(), index()).prop_map(|(user, manager)| Later::Manager { user, manager }),
    ];
    (
        vec(prop::option::of(index()), 1..6),
        vec(vec(index(), 0..4), 1..6),
        vec(later, 0..8),
        vec(index(), 0..3),
        vec(any::<u32>(), 20),
    )
        .prop_map(|(users, groups, later, deleted, shuffle)| Story {
            users,
            groups,
            later,
            deleted,
            shuffle,
        })
}

impl Story {
    fn names(&self) -> Vec<String> {
        let users = (0..self.users.len()).map(|at| format!("u{at}"));
        users.chain((0..self.groups.len()).map(|at| format!("g{at}"))).collect()
    }

    fn user(&self, index: &Index) -> String {
        format!("u{}", index.index(self.users.len()))
    }

    fn group(&self, index: &Index) -> String {
        format!("g{}", index.index(self.groups.len()))
    }

    /// Members of a group, but not itself.
    fn members(&self, group: &str, members: &[Index]) -> Vec<String> {
        let names = self.names();
        members.iter().map(|index| index.get(&names).clone()).filter(|name| name != group).collect()
    }

    fn creates(&self) -> Vec<(String, Value)> {
        let users = self.users.iter().enumerate().map(|(at, manager)| {
            let mut data =
                json!({ "schemas": [urn::USER, urn::ENTERPRISE_USER], "userName": format!("u{at}") });
            if let Some(manager) = manager {
                data[urn::ENTERPRISE_USER] =
                    json!({ "manager": { "value": reference(&self.user(manager)) } });
            }
            (format!("u{at}"), data)
        });
        let groups = self.groups.iter().enumerate().map(|(at, members)| {
            let name = format!("g{at}");
            let members = self.members(&name, members);
            (name.clone(), group_data(&name, &members))
        });
        users.chain(groups).collect()
    }

    /// Method, name of the resource, body.
    fn changes(&self) -> Vec<(BulkMethod, String, Value)> {
        let change = |later: &Later| match later {
            Later::Member { group, member, add } => {
                let group = self.group(group);
                let member = self.members(&group, std::slice::from_ref(member)).pop();
                let operation = match (member, add) {
                    (Some(member), true) => {
                        json!({ "op": "add", "path": "members", "value": [{ "value": reference(&member) }] })
                    }
                    (Some(member), false) => {
                        json!({ "op": "remove", "path": format!("members[value eq \"{}\"]", reference(&member)) })
                    }
                    (None, _) => json!({ "op": "remove", "path": "members" }),
                };
                (BulkMethod::Patch, group, patch(&operation))
            }
            Later::Put { group, members } => {
                let group = self.group(group);
                let members = self.members(&group, members);
                (BulkMethod::Put, group.clone(), group_data(&group, &members))
            }
            Later::Manager { user, manager } => {
                let path = format!("{}:manager", urn::ENTERPRISE_USER);
                let value = reference(&self.user(manager));
                (
                    BulkMethod::Patch,
                    self.user(user),
                    patch(&json!({ "op": "replace", "path": path, "value": { "value": value } })),
                )
            }
        };
        self.later.iter().map(change).collect()
    }

    fn deleted(&self) -> Vec<String> {
        let names = self.names();
        let mut deleted: Vec<String> = self.deleted.iter().map(|index| index.get(&names).clone()).collect();
        deleted.sort();
        deleted.dedup();
        deleted
    }

    /// The operations of one request: creates and changes in any order, but for that of changes among
    /// themselves; then the deletions.
    fn request(&self) -> Value {
        let mut operations: Vec<(u32, Value)> = Vec::new();
        for (at, (name, data)) in self.creates().into_iter().enumerate() {
            let path = endpoint(&name);
            let operation = json!({ "method": "POST", "path": path, "bulkId": name, "data": data });
            operations.push((self.shuffle[at], operation));
        }
        let mut places: Vec<u32> = self.shuffle.iter().rev().take(self.later.len()).copied().collect();
        places.sort_unstable();
        for (place, (method, name, data)) in places.into_iter().zip(self.changes()) {
            let path = format!("{}/{}", endpoint(&name), reference(&name));
            operations.push((place, json!({ "method": method, "path": path, "data": data })));
        }
        operations.sort_by_key(|(place, _)| *place);
        let mut operations: Vec<Value> = operations.into_iter().map(|(_, operation)| operation).collect();
        operations.extend(self.deleted().iter().map(
            |name| json!({ "method": "DELETE", "path": format!("{}/{}", endpoint(name), reference(name)) }),
        ));
        json!({ "schemas": [urn::BULK_REQUEST], "Operations": operations })
    }
}

fn reference(name: &str) -> String {
    format!("bulkId:{name}")
}

fn endpoint(name: &str) -> &'static str {
    if name.starts_with('u') { "/Users" } else { "/Groups" }
}

fn kind(name: &str) -> &'static str {
    if name.starts_with('u') { "User" } else { "Group" }
}

fn group_data(name: &str, members: &[String]) -> Value {
    let members: Vec<Value> = members.iter().map(|member| json!({ "value": reference(member) })).collect();
    json!({ "schemas": [urn::GROUP], "displayName": name, "members": members })
}

fn patch(operation: &Value) -> Value {
    json!({ "schemas": [urn::PATCH_OP], "Operations": [operation] })
}

/// The same by hand: everybody without references, then all references, then the changes and deletions.
async fn by_hand(directory: &Directory, story: &Story) {
    let host = Open::default();
    let selection = Selection::Default;
    let mut ids: BTreeMap<String, String> = BTreeMap::new();
    for (name, data) in story.creates() {
        let mut bare = object(data);
        bare.remove("members");
        bare.remove(urn::ENTERPRISE_USER);
        let answer = directory.create(&host.context(), kind(&name), bare, &selection).await.unwrap();
        ids.insert(name, answer.resource["id"].as_str().unwrap().to_owned());
    }
    // Longer names first, so that `u1` is not taken for the start of `u10`.
    let known = |body: Value| {
        let mut text = body.to_string();
        for (name, id) in ids.iter().rev() {
            text = text.replace(&reference(name), id);
        }
        object(serde_json::from_str(&text).unwrap())
    };
    let unconditional = IfMatch::Unconditional;
    for (name, data) in story.creates() {
        let body = known(data);
        directory
            .replace(&host.context(), kind(&name), &ids[&name], body, &selection, &unconditional)
            .await
            .unwrap();
    }
    for (method, name, data) in story.changes() {
        let (context, kind, id, body) = (host.context(), kind(&name), &ids[&name], known(data));
        let answer = if method == BulkMethod::Put {
            directory.replace(&context, kind, id, body, &selection, &unconditional).await
        } else {
            directory.patch(&context, kind, id, body, &selection, &unconditional).await
        };
        answer.unwrap();
    }
    for name in story.deleted() {
        directory.delete(&host.context(), kind(&name), &ids[&name], &unconditional).await.unwrap();
    }
}

/// What is there, by name: sorted members, or the manager.
async fn state(directory: &Directory) -> BTreeMap<String, Vec<String>> {
    let search = SearchRequest { count: Some(1_000), ..SearchRequest::default() };
    let listing = directory.query(&Open::default().context(), None, &search).await.unwrap();
    let name = |resource: &Value| {
        let name = resource.get("userName").or_else(|| resource.get("displayName"));
        name.unwrap().as_str().unwrap().to_owned()
    };
    let names: BTreeMap<String, String> =
        listing.resources.iter().map(|r| (r["id"].as_str().unwrap().to_owned(), name(r))).collect();
    let named = |value: &Value| {
        let id = value["value"].as_str().unwrap();
        names.get(id).cloned().unwrap_or_else(|| "deleted".to_owned())
    };
    let of = |resource: &Value| {
        let members = resource.get("members").and_then(Value::as_array).cloned().unwrap_or_default();
        let manager = resource.get(urn::ENTERPRISE_USER).and_then(|parts| parts.get("manager"));
        let mut all: Vec<String> = members.iter().chain(manager).map(named).collect();
        all.sort();
        (name(resource), all)
    };
    listing.resources.iter().map(of).collect()
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// JSON near a bulk request, or far from it.
fn anything() -> impl Strategy<Value = Value> {
    let text = select(vec![
        "",
        "bulkId:a",
        "bulkId:b",
        "bulkId:",
        "../Users/bulkId:a",
        "a",
        "b",
        "POST",
        "put",
        "PATCH",
        "DELETE",
        "GET",
        "/Users",
        "Groups",
        "/Users/1",
        "/Groups/bulkId:a",
        "/Users/bulkId%3Ab",
        "/Bulk",
        "members",
        "manager",
        "members[value eq \"bulkId:a\"]",
        "members[value eq \"bulkId:b\"].value",
        "members eq \"bulkId:a\"",
        "add",
        "remove",
        "replace",
        urn::USER,
        urn::GROUP,
        urn::ENTERPRISE_USER,
        urn::PATCH_OP,
        "\u{0}",
        "[",
        "members[",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2..3_i64).prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    let key = select(vec![
        "schemas",
        "Operations",
        "method",
        "path",
        "bulkId",
        "data",
        "version",
        "value",
        "op",
        "members",
        "$ref",
        "manager",
        "userName",
        "displayName",
        "METHOD",
        "members[value eq \"bulkId:a\"]",
        urn::ENTERPRISE_USER,
    ]);
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Value::from),
            btree_map(key.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// An operation that has the right parts, some of them of the wrong kind.
fn odd_operation() -> impl Strategy<Value = Value> {
    let method = prop_oneof![
        4 => select(vec!["POST", "PUT", "PATCH", "DELETE"]).prop_map(Value::from),
        1 => anything(),
    ];
    let path = prop_oneof![
        4 => select(vec!["/Users", "/Groups", "/Users/bulkId:a", "/Groups/bulkId:b", "/Groups/id-0"]).prop_map(Value::from),
        1 => anything(),
    ];
    let data = prop_oneof![
        anything(),
        anything().prop_map(|members| json!({ "schemas": [urn::GROUP], "displayName": "G", "members": members })),
        anything().prop_map(|manager| json!({ "schemas": [urn::USER], "userName": "u", urn::ENTERPRISE_USER: { "manager": manager } })),
        (anything(), anything()).prop_map(|(path, value)| patch(&json!({ "op": "add", "path": path, "value": value }))),
    ];
    (method, path, select(vec!["a", "b", "c", ""]), data)
        .prop_map(|(method, path, bulk_id, data)| json!({ "method": method, "path": path, "bulkId": bulk_id, "data": data }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// 7644-3.7.2-01, 7644-3.7.2-03, 7644-3.7.1-01: a bulk request does what single requests in a valid order do.
    #[test]
    fn a_bulk_does_what_single_requests_do(story in story()) {
        block_on(async {
            let (together, one_by_one) = (directory(), directory());
            let outcome = bulk(&together, story.request()).await.unwrap();
            prop_assert_eq!(outcome.failed, 0, "{:?}", outcome.results);
            by_hand(&one_by_one, &story).await;
            prop_assert_eq!(state(&together).await, state(&one_by_one).await);
            Ok(())
        })?;
    }

    /// 7644-3.7-08: whatever the JSON, each operation is answered, in order.
    #[test]
    fn anything_is_answered(
        anything in anything(),
        operations in vec(prop_oneof![4 => odd_operation(), 1 => self::anything()], 1..8),
    ) {
        block_on(async {
            if let Value::Object(anything) = anything {
                let _ = BulkPlan::read(anything, directory().registry(), 5);
            }
            let methods: Vec<Value> = operations.iter().map(|operation| operation["method"].clone()).collect();
            let request = json!({ "schemas": [urn::BULK_REQUEST], "Operations": operations });
            let outcome = bulk(&directory(), request).await.unwrap();
            prop_assert_eq!(outcome.results.len(), methods.len());
            let failed = outcome.results.iter().filter(|result| result.status >= 400).count();
            prop_assert_eq!(u64::try_from(failed).unwrap(), outcome.failed);
            for (result, method) in outcome.results.iter().zip(methods) {
                prop_assert!(result.status != 500, "{:?}", result);
                let method = method.as_str().unwrap_or_default();
                prop_assert!(result.method.as_str().eq_ignore_ascii_case(method), "{:?}", result);
            }
            Ok(())
        })?;
    }
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
