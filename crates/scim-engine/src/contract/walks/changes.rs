//! What others do to a directory while it is listed.

use std::sync::{Arc, Mutex, PoisonError};

use scim_core::{Document, Selection};
use serde_json::{Map, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{NOW, World, object};
use crate::context::IfMatch;
use crate::provisioning::ProvisioningEngine;
use crate::rules::Subject;
use crate::store::{Batch, Store};
use crate::subject::subject_writes;

/// How many change the directory at the same time.
const WRITERS: usize = 12;

/// How many users are written at once when the directory is filled.
const LOADED: usize = 100;

/// What becomes of a user during the walk.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Stays,
    Renamed,
    Deleted,
}

impl Fate {
    pub(super) fn of(number: usize) -> Self {
        match number % 10 {
            3 => Self::Deleted,
            7 => Self::Renamed,
            _ => Self::Stays,
        }
    }
}

/// A change that is to be made.
#[derive(Clone, Copy)]
enum Change {
    Delete(usize),
    Rename(usize),
    Create(usize),
}

/// An id that does not tell in which order the users were created.
pub(super) fn id(number: usize) -> String {
    format!("{:08x}", scattered(number))
}

/// A number for each number, in no order.
fn scattered(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX).wrapping_mul(2_654_435_761).rotate_left(7)
}

fn user_name(number: usize) -> String {
    format!("user-{:08x}", scattered(number.wrapping_mul(31)))
}

/// Fills the directory. Many users are created in the same millisecond.
pub(super) async fn load<S: Store>(world: &World<S>, users: usize) {
    let engine = &world.engine;
    let def = engine.registry().type_named("User").expect("users");
    let space = world.tenant.space();
    for first in (0..users).step_by(LOADED) {
        let mut writes = Vec::new();
        for number in first..users.min(first + LOADED) {
            let mut user = json!({ "userName": user_name(number) });
            if number.is_multiple_of(2) {
                user["displayName"] = json!(format!("Name {}", scattered(number) % 97));
            }
            let subject = Subject {
                id: id(number),
                was: None,
                document: Document::from_canonical(object(user)),
                visible: true,
                name: Some(user_name(number)),
                extra: Map::new(),
            };
            writes.extend(subject_writes(def, &space, subject, true));
        }
        let now = NOW - 1_000_000 + i64::try_from(first).unwrap_or_default();
        let batch = Batch { now, guards: Vec::new(), writes };
        engine.store().commit(batch).await.expect("a directory that can be filled");
    }
}

/// Changes under way: some of them each time a page was read.
pub(super) struct Changes {
    tasks: JoinSet<()>,
    pace: Arc<Pace>,
}

/// How far the changes may go on.
pub(super) struct Pace {
    allowed: Semaphore,
    for_each_page: usize,
}

impl Pace {
    pub(super) fn a_page_was_read(&self) {
        self.allowed.add_permits(self.for_each_page);
    }
}

impl Changes {
    pub(super) fn start<S: Store>(world: &Arc<World<S>>, users: usize) -> Self {
        let mut all: Vec<Change> = Vec::new();
        for number in 0..users {
            match Fate::of(number) {
                Fate::Stays => {}
                Fate::Renamed => all.push(Change::Rename(number)),
                Fate::Deleted => all.extend([Change::Delete(number), Change::Create(users + number)]),
            }
        }
        // From anywhere in the directory, before and behind what is being read.
        all.sort_by_key(|change| match change {
            Change::Delete(number) | Change::Rename(number) => scattered(*number),
            Change::Create(number) => scattered(*number).rotate_left(16),
        });
        // About as many pages as the client with the largest ones reads.
        let for_each_page = (all.len() * 100).div_ceil(users.max(1)).max(1);
        let pace = Arc::new(Pace { allowed: Semaphore::new(0), for_each_page });
        let left = Arc::new(Mutex::new(all));
        let mut tasks = JoinSet::new();
        for _ in 0..WRITERS {
            let (world, pace, left) = (Arc::clone(world), Arc::clone(&pace), Arc::clone(&left));
            tasks.spawn(async move {
                while let Ok(permit) = pace.allowed.acquire().await {
                    permit.forget();
                    let next = left.lock().unwrap_or_else(PoisonError::into_inner).pop();
                    let Some(change) = next else { return };
                    make(&world, change).await;
                }
            });
        }
        Self { tasks, pace }
    }

    pub(super) fn pace(&self) -> Arc<Pace> {
        Arc::clone(&self.pace)
    }

    /// Ends those that are under way. A change that fails is a fault.
    pub(super) async fn finish(self) {
        self.pace.allowed.close();
        self.tasks.join_all().await;
    }
}

async fn make<S: Store>(world: &World<S>, change: Change) {
    let context = world.context("changes");
    let engine = &world.engine;
    let outcome = match change {
        Change::Delete(number) => engine.delete(&context, "User", &id(number), &IfMatch::Unconditional).await,
        Change::Rename(number) => {
            let name = format!("renamed-{number}");
            let operations = json!([
                { "op": "replace", "path": "nickName", "value": name },
                { "op": "replace", "path": "displayName", "value": name },
                { "op": "replace", "path": "userName", "value": format!("user-{number}") },
            ]);
            let body = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": operations,
            });
            let (selection, any) = (Selection::Default, IfMatch::Unconditional);
            engine.patch(&context, "User", &id(number), object(body), &selection, &any).await.map(drop)
        }
        Change::Create(number) => {
            let body = json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": user_name(number),
            });
            engine.create(&context, "User", object(body), &Selection::Default).await.map(drop)
        }
    };
    outcome.expect("a change that nothing stands against");
}
