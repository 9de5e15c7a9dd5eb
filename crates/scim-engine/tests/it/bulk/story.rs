//! A bulk request does what single requests in a valid order do, whoever refers to whom.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use scim_core::Selection;
use scim_core::message::{BulkMethod, SearchRequest};
use scim_core::schema::urn;
use scim_engine::{IfMatch, ProvisioningEngine};
use serde_json::{Value, json};

use super::{Directory, Open, block_on, bulk, directory, object, patch};

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
}
