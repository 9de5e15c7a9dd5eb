//! An engine over an application's own tables.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use scim_engine::core::message::SearchRequest;
use scim_engine::core::{
    Document, Leniency, Registry, ResourceType, ScimType, Selection, Subject, default_order, schema,
};
use scim_engine::store::TenantId;
use scim_engine::{
    Caller, EngineError, Features, IfMatch, ProvisioningEngine, RequestContext, Table, TableEngine,
    TableError, TablePage, TableRow, plain_registry,
};
use serde_json::{Map, Value, json};

/// Rows in memory, of all types; `restless` rows change whenever they are found.
#[derive(Debug, Default)]
struct Rows {
    rows: Mutex<Vec<(String, TableRow)>>,
    restless: AtomicBool,
}

impl Rows {
    fn with<T>(&self, work: impl FnOnce(&mut Vec<(String, TableRow)>) -> T) -> T {
        work(&mut self.rows.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Table for Rows {
    async fn insert(
        &self,
        context: &RequestContext,
        kind: &str,
        document: &Document,
    ) -> Result<TableRow, TableError> {
        let taken = |row: &TableRow| row.document.text("displayName") == document.text("displayName");
        self.with(|rows| {
            if rows.iter().any(|(of, row)| of == kind && taken(row)) {
                return Err(TableError::Taken { attribute: "displayName".to_owned() });
            }
            let id = context.new_id.clone();
            let (created, modified) = (context.now, context.now);
            let row = TableRow { id, document: document.clone(), created, modified, version: 1 };
            rows.push((kind.to_owned(), row.clone()));
            Ok(row)
        })
    }

    async fn find(&self, _tenant: &TenantId, kind: &str, id: &str) -> Result<Option<TableRow>, TableError> {
        self.with(|rows| {
            let Some((_, row)) = rows.iter_mut().find(|(of, row)| of == kind && row.id == id) else {
                return Ok(None);
            };
            let found = row.clone();
            row.version += u64::from(self.restless.load(Ordering::Relaxed));
            Ok(Some(found))
        })
    }

    async fn update(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        document: &Document,
        replaces: u64,
    ) -> Result<Option<TableRow>, TableError> {
        self.with(|rows| {
            let row = rows
                .iter_mut()
                .map(|(of, row)| (of, row))
                .find(|(of, row)| of.as_str() == kind && row.id == id && row.version == replaces);
            Ok(row.map(|(_, row)| {
                (row.document, row.modified, row.version) = (document.clone(), context.now, replaces + 1);
                row.clone()
            }))
        })
    }

    async fn delete(
        &self,
        _context: &RequestContext,
        kind: &str,
        id: &str,
        replaces: u64,
    ) -> Result<bool, TableError> {
        self.with(|rows| {
            let before = rows.len();
            rows.retain(|(of, row)| of != kind || row.id != id || row.version != replaces);
            Ok(rows.len() < before)
        })
    }

    async fn select(
        &self,
        _tenant: &TenantId,
        kind: &str,
        page: &TablePage,
    ) -> Result<(u64, Vec<TableRow>), TableError> {
        let registry = registry();
        let def = registry.type_named(kind).unwrap();
        let rows = self.with(|rows| rows.clone()).into_iter().filter(|(of, _)| of == kind);
        let mut found: Vec<_> = rows.map(|(_, row)| (def.match_form(&row.document), row)).collect();
        found.retain(|(form, row)| page.predicate.matches(&subject(form, row)));
        found.sort_by(|(form, row), (other_form, other)| {
            let (one, other) = (subject(form, row), subject(other_form, other));
            page.order
                .as_ref()
                .map_or_else(|| default_order(&one, &other), |order| order.compare(&one, &other))
        });
        let total = found.len() as u64;
        let rows = found.into_iter().map(|(_, row)| row).skip(usize::try_from(page.offset).unwrap());
        Ok((total, rows.take(page.limit as usize).collect()))
    }
}

fn subject<'s>(form: &'s Map<String, Value>, row: &'s TableRow) -> Subject<'s> {
    let TableRow { id, created, modified, .. } = row;
    Subject { id, created: *created, modified: *modified, version: "", form, links: &|_| Vec::new() }
}

fn registry() -> Registry {
    let named = |name: &str, endpoint: &str| ResourceType::new(name, endpoint, schema::urn::GROUP);
    let mut group = schema::group();
    group.attributes.retain(|attribute| attribute.name == "displayName");
    let registry = Registry::builder().schema(group);
    registry.resource_type(named("Team", "/Teams")).resource_type(named("Room", "/Rooms")).build().unwrap()
}

fn engine() -> TableEngine<Rows> {
    TableEngine::new(Rows::default(), registry(), "https://x.example/v2/").unwrap()
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

fn body(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

async fn create(engine: &TableEngine<Rows>, kind: &str, n: u32, name: &str) -> Result<String, EngineError> {
    let body = body(&json!({ "schemas": [schema::urn::GROUP], "displayName": name }));
    let answer = engine.create(&context(n), kind, body, &Selection::Default).await?;
    assert_eq!(answer.resource["meta"]["location"], json!(answer.location));
    Ok(answer.resource["id"].as_str().unwrap().to_owned())
}

async fn rename(
    engine: &TableEngine<Rows>,
    id: &str,
    name: &str,
    if_match: &IfMatch,
) -> Result<String, EngineError> {
    let operations = json!([{ "op": "replace", "path": "displayName", "value": name }]);
    let patch = body(&json!({ "schemas": [schema::urn::PATCH_OP], "Operations": operations }));
    let answer = engine.patch(&context(99), "Team", id, patch, &Selection::Default, if_match).await?;
    Ok(answer.version)
}

/// 7644-3.14-04, 7644-3.5.2.1-06: a version is compared, and what changes nothing makes none.
#[tokio::test]
async fn versions_are_those_of_the_table() {
    let engine = engine();
    let id = create(&engine, "Team", 1, "Red").await.unwrap();
    let first = IfMatch::parse("W/\"1.0\"");
    assert_eq!(rename(&engine, &id, "Red", &first).await.unwrap(), "W/\"1.0\"");
    assert_eq!(rename(&engine, &id, "Blue", &first).await.unwrap(), "W/\"2.0\"");
    assert!(matches!(rename(&engine, &id, "Green", &first).await, Err(EngineError::PreconditionFailed)));
    assert!(matches!(
        engine.delete(&context(2), "Team", &id, &first).await,
        Err(EngineError::PreconditionFailed)
    ));
    engine.delete(&context(2), "Team", &id, &IfMatch::Any).await.unwrap();
    assert!(matches!(rename(&engine, &id, "Red", &IfMatch::Any).await, Err(EngineError::NotFound { .. })));
}

/// 7644-3.3-05: what the table finds taken is a conflict that names the attribute.
#[tokio::test]
async fn taken_values_are_conflicts() {
    let engine = engine();
    create(&engine, "Team", 1, "Red").await.unwrap();
    let problem = create(&engine, "Team", 2, "Red").await.unwrap_err().problem();
    assert_eq!((problem.status, problem.detail.contains("`displayName`")), (409, true));
    create(&engine, "Room", 3, "Red").await.unwrap();
}

/// A row that changes all the time is no reason to wait for ever: 503.
#[tokio::test]
async fn restless_rows_end_in_busy() {
    let engine = engine();
    let id = create(&engine, "Team", 1, "Red").await.unwrap();
    engine.table().restless.store(true, Ordering::Relaxed);
    assert!(matches!(rename(&engine, &id, "Blue", &IfMatch::Any).await, Err(EngineError::Busy)));
    let deleting = engine.delete(&context(2), "Team", &id, &IfMatch::Unconditional).await;
    assert_eq!(deleting.unwrap_err().problem().status, 503);
}

/// 7644-3.4.2.1-01, 7644-3.4.2.1-02, 7644-3.4.2.1-03: the root lists all tables in one order, page by page,
/// but not without end.
#[tokio::test]
async fn the_root_merges_all_tables() {
    let engine = engine();
    for (n, (kind, name)) in
        (1..).zip([("Team", "d"), ("Room", "a"), ("Team", "c"), ("Room", "b"), ("Room", "e")])
    {
        create(&engine, kind, n, name).await.unwrap();
    }
    for (sort, filter, start, count, total, expected) in [
        (None, None, 1, 9, 5, "dacbe"),
        (Some("displayName"), None, 1, 9, 5, "abcde"),
        (Some("displayName"), None, 2, 2, 5, "bc"),
        (Some("displayName"), None, 5, 2, 5, "e"),
        (Some("displayName"), None, 6, 2, 5, ""),
        (None, Some("meta.resourceType eq \"Room\""), 2, 1, 3, "b"),
        (None, Some("displayName ge \"c\""), 1, 0, 3, ""),
    ] {
        let search = SearchRequest {
            sort_by: sort.map(str::to_owned),
            filter: filter.map(str::to_owned),
            start_index: Some(start),
            count: Some(count),
            ..SearchRequest::default()
        };
        let listing = engine.query(&context(50), None, &search).await.unwrap();
        let names = listing.resources.iter().map(|resource| resource["displayName"].as_str().unwrap());
        assert_eq!(
            (listing.total, names.collect::<String>().as_str()),
            (Some(total), expected),
            "{search:?}"
        );
    }
    let deep = SearchRequest { start_index: Some(10_000), ..SearchRequest::default() };
    let problem = engine.query(&context(51), None, &deep).await.unwrap_err().problem();
    assert_eq!((problem.status, problem.scim_type), (400, Some(ScimType::TooMany)));
    assert_eq!(engine.query(&context(52), Some("Team"), &deep).await.unwrap().total, Some(2));
}

/// 7644-2-02, 7644-3.4.2.1-02, 7644-3.4.2.2-01: the root shows what its client may read; a list over the
/// ceiling is refused, and a filter where filters are off.
#[tokio::test]
async fn listings_keep_to_scopes_and_features() {
    let engine = engine();
    create(&engine, "Team", 1, "Red").await.unwrap();
    create(&engine, "Room", 2, "Blue").await.unwrap();
    let mut of_rooms = context(3);
    of_rooms.caller.scopes = "read:Room".parse().unwrap();
    let listing = engine.query(&of_rooms, None, &SearchRequest::default()).await.unwrap();
    assert_eq!((listing.total, &listing.resources[0]["displayName"]), (Some(1), &json!("Blue")));
    let engine = engine.with_features(Features { ceiling: Some(1), ..Features::default() });
    let all = SearchRequest::default();
    let problem = engine.query(&context(4), None, &all).await.unwrap_err().problem();
    assert_eq!((problem.status, problem.scim_type), (400, Some(ScimType::TooMany)), "7644-3.4.2.1-02");
    assert_eq!(engine.query(&context(4), Some("Team"), &all).await.unwrap().total, Some(1));
    let engine = engine.with_features(Features { filter: false, ..Features::default() });
    let filtered = SearchRequest { filter: Some("displayName pr".to_owned()), ..SearchRequest::default() };
    let problem = engine.query(&context(4), Some("Team"), &filtered).await.unwrap_err().problem();
    assert_eq!((problem.status, problem.scim_type), (400, Some(ScimType::InvalidFilter)));
}

/// Links have no place in single tables.
#[test]
fn linked_lists_are_refused_at_the_start() {
    let refused = TableEngine::new(Rows::default(), plain_registry().unwrap(), "https://x").unwrap_err();
    assert_eq!(refused.to_string(), "`groups` of User shows links, which single tables do not have");
}
