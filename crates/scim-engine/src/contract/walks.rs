//! Walks through listings, over an engine: promise 6 as clients see it.
//!
//! [`walks_lose_nothing`] lets three clients list a directory page by page while others delete, create and
//! rename users: one adds 100 to `startIndex`, as Okta does, one adds what it has received, as authentik
//! does, and one follows cursors. [`cursors_give_the_whole_listing`] sorts by every attribute there is.

mod changes;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use scim_core::Leniency;
use scim_core::message::SearchRequest;
use serde_json::Value;

use super::directory::{Directory, registry};
use super::probe::{Probe, tenant};
use crate::context::{Caller, RequestContext};
use crate::engine::Engine;
use crate::plain::{PlainRules, plain_registry};
use crate::provisioning::{Listing, ProvisioningEngine};
use crate::store::{Store, TenantId};
use changes::{Changes, Fate};

const BASE: &str = "https://example.com/scim/v2";
const NOW: i64 = 1_767_315_900_000;
const PROMISE: &str = "promise 6: a walk neither misses nor repeats a record that was there all along";

/// How a client goes from page to page.
#[derive(Clone, Copy, Debug)]
enum Client {
    /// It adds 100 until it is above the total.
    Hundreds,
    /// It adds what it has received until it has the total; a page without records would never end it.
    Received,
    /// It follows the cursors.
    Cursors,
}

const CLIENTS: [Client; 3] = [Client::Hundreds, Client::Received, Client::Cursors];

/// What is listed: filter, `sortBy`, `sortOrder`.
type Listed = (Option<&'static str>, Option<&'static str>, Option<&'static str>);

const LISTED: [Listed; 4] = [
    (None, None, None),
    (Some(r#"userName sw "user-" and not (title pr)"#), None, None),
    (None, Some("userName"), None),
    // Half of them have none.
    (None, Some("displayName"), Some("descending")),
];

/// An engine, and who asks it.
struct World<S> {
    engine: Engine<S, PlainRules>,
    tenant: TenantId,
    time: AtomicI64,
}

impl<S: Store> World<S> {
    fn context(&self, caller: &str) -> RequestContext {
        let now = self.time.fetch_add(1, Ordering::Relaxed);
        RequestContext {
            tenant: self.tenant.clone(),
            caller: Caller { id: caller.to_owned(), ..Caller::default() },
            now,
            new_id: format!("new-{now}"),
            trace_id: String::new(),
            leniency: Leniency::default(),
        }
    }

    async fn page(&self, caller: &str, kind: Option<&str>, search: &SearchRequest) -> Listing {
        let page = self.engine.query(&self.context(caller), kind, search).await;
        page.unwrap_or_else(|error| panic!("{search:?}: {error:?}"))
    }
}

/// Promise 6: walks by index and by cursor neither miss nor repeat one of `users`, nor of a quarter of them
/// with a filter or an order, while a tenth each is deleted, created and renamed.
pub async fn walks_lose_nothing(store: impl Store, users: usize) {
    let store = Arc::new(store);
    for (number, listed) in LISTED.into_iter().enumerate() {
        let registry = plain_registry().expect("a registry");
        let world = Arc::new(World {
            engine: Engine::new(Arc::clone(&store), PlainRules, registry, BASE),
            tenant: TenantId::new(&format!("walks-{number}")).expect("letters and a digit"),
            time: AtomicI64::new(NOW),
        });
        walks_through(world, if number == 0 { users } else { users / 4 }, listed).await;
    }
}

async fn walks_through<S: Store>(world: Arc<World<S>>, users: usize, listed: Listed) {
    changes::load(&world, users).await;
    let changes = Changes::start(&world, users);
    let walks = CLIENTS.map(|client| {
        let (world, pace) = (Arc::clone(&world), changes.pace());
        tokio::spawn(async move { walk(&world, client, listed, &|| pace.a_page_was_read()).await })
    });
    for (client, walk) in CLIENTS.into_iter().zip(walks) {
        let seen = walk.await.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let mut times: BTreeMap<String, usize> = BTreeMap::new();
        for id in seen {
            *times.entry(id).or_default() += 1;
        }
        for number in 0..users {
            let id = changes::id(number);
            let there = times.remove(&id).unwrap_or_default();
            let allowed = match Fate::of(number) {
                Fate::Stays => 1..=1,
                // Its place in the order has changed, or has not.
                Fate::Renamed if listed.1.is_some() => 0..=2,
                Fate::Renamed => 1..=1,
                Fate::Deleted => 0..=1,
            };
            assert!(
                allowed.contains(&there),
                "{PROMISE}: {client:?} {listed:?} has seen {number} {there} times"
            );
        }
        let new = times.values().all(|times| *times == 1);
        assert!(new, "{PROMISE}: {client:?} {listed:?} has seen a new record twice");
    }
    changes.finish().await;
}

/// All ids that a client sees, in turn.
async fn walk<S: Store>(
    world: &World<S>,
    client: Client,
    (filter, sort_by, sort_order): Listed,
    after_page: &(dyn Fn() + Sync),
) -> Vec<String> {
    let caller = format!("{client:?}");
    let mut search = SearchRequest {
        filter: filter.map(str::to_owned),
        sort_by: sort_by.map(str::to_owned),
        sort_order: sort_order.map(str::to_owned),
        count: match client {
            Client::Hundreds => Some(100),
            Client::Received => Some(37),
            Client::Cursors => None,
        },
        start_index: if matches!(client, Client::Cursors) { None } else { Some(1) },
        cursor: if matches!(client, Client::Cursors) { Some(String::new()) } else { None },
        ..SearchRequest::default()
    };
    let mut seen = Vec::new();
    for _ in 0..10_000 {
        let page = world.page(&caller, Some("User"), &search).await;
        seen.extend(ids(&page));
        after_page();
        if let Client::Cursors = client {
            match page.next_cursor {
                Some(next) => search.cursor = Some(next),
                None => return seen,
            }
            continue;
        }
        let received = i64::try_from(page.resources.len()).unwrap_or(i64::MAX);
        let step = if let Client::Hundreds = client { 100 } else { received };
        let next = search.start_index.unwrap_or(1) + step;
        if next.unsigned_abs() > page.total.unwrap_or_default() {
            return seen;
        }
        search.start_index = Some(next);
    }
    panic!("{PROMISE}: the walk of {client:?} does not end");
}

fn ids(page: &Listing) -> impl Iterator<Item = String> + '_ {
    page.resources.iter().map(|resource| resource["id"].as_str().unwrap_or_default().to_owned())
}

/// 9865-2.2-01, promise 6: sorted by whatever attribute, pages by cursor and by index give the sequence of
/// one large page, of one resource type and of all.
pub async fn cursors_give_the_whole_listing(store: impl Store) {
    let store = Arc::new(store);
    let directory = Directory::fill(&Probe::new(Arc::clone(&store))).await;
    let world = World {
        engine: Engine::new(store, PlainRules, registry(), BASE),
        tenant: tenant(),
        time: AtomicI64::new(NOW),
    };
    let mut sorted = 0;
    for kind in [Some("User"), Some("Group"), None] {
        let defs = kind.map_or(vec!["User", "Group"], |kind| vec![kind]);
        let paths = defs.iter().flat_map(|kind| directory.def(kind).attributes().flat_map(paths));
        for by in [None].into_iter().chain(paths.map(Some)) {
            for order in ["ascending", "descending"] {
                sorted += usize::from(same_sequence(&world, kind, by.as_deref(), order).await);
            }
        }
    }
    assert!(sorted > 200, "most attributes have an order: {sorted}");
}

/// The attribute and its parts, as `sortBy` names them.
fn paths((extension, attribute): (Option<&str>, &scim_core::schema::Attribute)) -> Vec<String> {
    let whole = match extension {
        Some(uri) => format!("{uri}:{}", attribute.name),
        None => attribute.name.clone(),
    };
    let parts = attribute.sub_attributes.iter().map(|sub| format!("{whole}.{}", sub.name));
    parts.chain([whole.clone()]).collect()
}

/// Whether there is such an order. If so, its pages must give it.
async fn same_sequence<S: Store>(
    world: &World<S>,
    kind: Option<&str>,
    by: Option<&str>,
    order: &str,
) -> bool {
    let caller = "sorts";
    let whole = SearchRequest {
        sort_by: by.map(str::to_owned),
        sort_order: Some(order.to_owned()),
        count: Some(1_000),
        attributes: Some("id".to_owned()),
        ..SearchRequest::default()
    };
    let Ok(page) = world.engine.query(&world.context(caller), kind, &whole).await else { return false };
    let expected: Vec<String> = ids(&page).collect();
    for client in [Client::Cursors, Client::Received] {
        let by_cursor = matches!(client, Client::Cursors);
        let mut search = SearchRequest { count: Some(9), ..whole.clone() };
        search.cursor = by_cursor.then(String::new);
        search.start_index = (!by_cursor).then_some(1);
        let mut seen: Vec<String> = Vec::new();
        loop {
            let page = world.page(caller, kind, &search).await;
            seen.extend(ids(&page));
            assert_eq!(page.total, Some(expected.len() as u64), "{kind:?} by {by:?}, {order}");
            assert!(seen.len() <= expected.len(), "{PROMISE}: {kind:?} by {by:?}, {order}, {client:?}");
            if by_cursor {
                let Some(next) = page.next_cursor else { break };
                search.cursor = Some(next);
            } else {
                let next = seen.len() + 1;
                if next > expected.len() {
                    break;
                }
                search.start_index = i64::try_from(next).ok();
            }
        }
        assert_eq!(seen, expected, "{PROMISE}: {kind:?} by {by:?}, {order}, {client:?}");
    }
    !expected.is_empty()
}

/// The map of a JSON object.
fn object(value: Value) -> serde_json::Map<String, Value> {
    super::probe::object(value)
}
