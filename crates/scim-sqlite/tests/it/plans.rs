//! Which indexes SQLite uses when there are many records: promise 5.

use scim_core::syntax::parse_filter;
use scim_core::{
    BindContext, Document, End, LinkShape, LinkView, Order, Predicate, Registry, ResourceType, SortValue,
    UnknownAttribute, schema,
};
use scim_engine::store::{
    Batch, LinkKey, Position, PutRecord, Query, RecordKey, RecordRef, Store, TenantId, TypeQuery, Write,
    indexed_values,
};
use scim_sqlite::SqliteStore;
use serde_json::{Map, Value, json};
use tokio::task::JoinHandle;

const USERS: usize = 100_000;
const BATCH: usize = 1_000;
const BASE: &str = "https://example.com/v2";

struct Large {
    store: SqliteStore,
    registry: Registry,
    endpoints: Vec<(String, String)>,
}

/// Every equality that the design says is indexed is, and so are pages of the default order and of
/// indexed attributes at any depth, and membership both ways.
#[tokio::test(flavor = "multi_thread")]
async fn plans_use_the_indexes_at_100_000_users() {
    let large = Large::fill().await;
    for (kind, filter, found) in [
        ("User", r#"id eq "u-000042""#, 1),
        ("User", r#"meta.location eq "https://example.com/v2/Users/u-000042""#, 1),
        ("User", r#"userName eq "Person-000042@Example.com""#, 1),
        ("User", r#"externalId eq "x-000042""#, 1),
        ("User", r#"displayName eq "person 000042""#, 1),
        ("User", r#"emails.value eq "mail-000042@example.com""#, 1),
        ("User", r#"emails eq "mail-000042@example.com""#, 1),
        ("User", r#"emails[type eq "work" and value eq "mail-000042@example.com"]"#, 1),
        ("User", r#"emails[type eq "work"].value eq "mail-000042@example.com""#, 1),
        ("User", r#"userRole eq "Viewer""#, 1_000),
        ("User", r#"groups.value eq "g-007""#, 100),
        ("User", r#"groups.display eq "GROUP 007""#, 100),
        ("User", r#"groups[value eq "g-007"]"#, 100),
        ("User", r#"groups.$ref eq "https://example.com/v2/Groups/g-007""#, 100),
        ("Group", r#"members.value eq "u-000042""#, 2),
        ("Group", r#"members[value eq "u-000042"]"#, 2),
        ("Group", r#"members.$ref eq "https://example.com/v2/Users/u-000042""#, 2),
        ("Group", r#"displayName eq "group 007""#, 1),
        // Together with other conditions, and several of them.
        ("User", r#"userName eq "person-000042@example.com" and active eq true"#, 1),
        ("User", r#"active eq true and (title pr and externalId eq "x-000042")"#, 1),
        (
            "User",
            r#"userName eq "person-000042@example.com" or emails.value eq "mail-000043@example.com""#,
            2,
        ),
    ] {
        large.uses_indexes(kind, filter, found).await;
    }
    large.goes_through_the_order_where_most_match().await;
    large.lists_in_order().await;
    large.counts_without_a_filter().await;
}

impl Large {
    async fn fill() -> Self {
        let registry = registry();
        let endpoints = registry
            .types()
            .iter()
            .map(|def| (def.name().to_owned(), def.resource_type().endpoint.clone()))
            .collect();
        let store = SqliteStore::open_in_memory().expect("a store in a temporary folder");
        let large = Self { store, registry, endpoints };
        let mut writes = Vec::new();
        for (kind, id, name) in [("Role", "r-1", "User"), ("Role", "r-2", "Viewer")] {
            writes.push(large.put(kind, id, name, json!({})));
        }
        for number in 0..1_000 {
            let name = format!("Group {number:03}");
            writes.push(large.put("Group", &format!("g-{number:03}"), &name, json!({ "displayName": name })));
        }
        commit(large.store.clone(), writes, 0).await;
        // The next batch is made while the one before is written.
        let mut written: Option<JoinHandle<()>> = None;
        for batch in 0..USERS / BATCH {
            let mut writes = Vec::with_capacity(BATCH * 4);
            for number in batch * BATCH..(batch + 1) * BATCH {
                large.user(number, &mut writes);
            }
            if let Some(written) = written.take() {
                written.await.expect("a written batch");
            }
            written = Some(tokio::spawn(commit(large.store.clone(), writes, batch)));
        }
        if let Some(written) = written {
            written.await.expect("a written batch");
        }
        large
    }

    fn user(&self, number: usize, writes: &mut Vec<Write>) {
        let (id, name) = (format!("u-{number:06}"), format!("Person {number:06}"));
        let mut document = json!({
            "userName": format!("person-{number:06}@example.com"),
            "externalId": format!("x-{number:06}"),
            "emails": [
                { "value": format!("mail-{number:06}@example.com"), "type": "work", "primary": true },
                { "value": format!("home-{number:06}@example.com"), "type": "home" },
            ],
            "title": format!("Engineer {}", number % 7),
            "active": true,
        });
        // Every tenth has none, so that there is a long run of absent values.
        if !number.is_multiple_of(10) || number == 0 {
            document["displayName"] = json!(name);
        }
        writes.push(self.put("User", &id, &name, document));
        let role = if number.is_multiple_of(100) { "r-2" } else { "r-1" };
        writes.push(link("role", RecordRef::new("Role", role), &id));
        // The first thousand groups have a hundred members; the group 0 has a tenth of all, besides.
        writes.push(link("member", RecordRef::new("Group", &format!("g-{:03}", number % 1_000)), &id));
        if number % 10 == 2 {
            writes.push(link("member", RecordRef::new("Group", "g-000"), &id));
        }
    }

    fn put(&self, kind: &str, id: &str, name: &str, document: Value) -> Write {
        let Value::Object(document) = document else { panic!("a document is an object") };
        let document = Document::from_canonical(document);
        let form = self.registry.type_named(kind).map_or_else(Map::new, |def| def.match_form(&document));
        let record = PutRecord {
            key: RecordKey::new(&tenant().space(), kind, id),
            visible: true,
            name: Some(name.to_owned()),
            indexed: indexed_values(&form),
            document,
            extra: Map::new(),
            form,
        };
        Write::Put { record: Box::new(record), replaces: None }
    }

    fn predicate(&self, kind: &str, filter: &str) -> Predicate {
        let filter = parse_filter(filter).expect("a filter");
        let context =
            BindContext { base: BASE, endpoints: &self.endpoints, unknown: UnknownAttribute::Refused };
        self.registry.type_named(kind).expect("a type").bind(&filter, &context).expect("a filter that suits")
    }

    fn query(&self, kind: &str, predicate: Predicate, order: Option<Order>) -> Query {
        let types = vec![TypeQuery { kind: kind.to_owned(), predicate, order, links: Vec::new() }];
        Query { tenant: tenant(), types, offset: 0, after: None, limit: 100, total: true }
    }

    async fn plan(&self, query: &Query) -> Vec<String> {
        self.store.explain(query.clone()).await.expect("a plan")
    }

    /// No step of the plan goes through all records of a kind, or of a table.
    async fn uses_indexes(&self, kind: &str, filter: &str, found: u64) {
        let query = self.query(kind, self.predicate(kind, filter), None);
        let plan = self.plan(&query).await;
        for step in &plan {
            assert!(is_bounded(step), "{filter}: {step} in {plan:#?}");
        }
        let page = self.store.query(query).await.expect("a page");
        assert_eq!(page.total, Some(found), "{filter}");
        assert_eq!(page.found.len() as u64, found.min(100), "{filter}");
    }

    /// Where nearly all match, a page is the first of them in order, and not all of them sorted.
    async fn goes_through_the_order_where_most_match(&self) {
        let query = self.query("User", self.predicate("User", r#"userRole eq "User""#), None);
        let plan = self.plan(&query).await;
        assert!(plan[0].contains("resource_by_creation"), "{plan:#?}");
        assert!(plan.iter().all(|step| step != "USE TEMP B-TREE FOR ORDER BY"), "{plan:#?}");
        let page = self.store.query(query).await.expect("a page");
        assert_eq!((page.total, page.found.len()), (Some(99_000), 100));
    }

    /// Pages in the default order and in that of indexed attributes begin where the one before ended,
    /// and nothing is sorted but what ties.
    async fn lists_in_order(&self) {
        let def = self.registry.type_named("User").expect("a type");
        let middle = |value: SortValue| Position { value, created: 1_050, id: "u-050000".into() };
        for by in [
            None,
            Some("id"),
            Some("userName"),
            Some("externalId"),
            Some("displayName"),
            Some("emails.value"),
        ] {
            for descending in [false, true] {
                if by.is_none() && descending {
                    continue;
                }
                let direction = if descending { "descending" } else { "ascending" };
                let order = by.and_then(|by| def.order(by, Some(direction)).expect("an order"));
                let value = match by {
                    None => SortValue::Absent,
                    Some("id") => SortValue::Text("u-050000".into()),
                    Some("userName") => SortValue::Text("person-050000@example.com".into()),
                    Some("externalId") => SortValue::Text("x-050000".into()),
                    Some("emails.value") => SortValue::Text("mail-050000@example.com".into()),
                    // In the middle of the run without a value.
                    Some(_) => SortValue::Absent,
                };
                for after in [None, Some(middle(value))] {
                    let mut query = self.query("User", Predicate::Always(true), order.clone());
                    (query.total, query.after) = (false, after.clone());
                    let plan = self.plan(&query).await;
                    for step in &plan {
                        let sorts = step.starts_with("USE TEMP B-TREE") && !step.contains("LAST");
                        let deep = step.contains("SEARCH");
                        assert!(
                            !sorts && deep || step.contains("LAST"),
                            "{by:?} {direction}: {step} in {plan:#?}"
                        );
                    }
                    let page = self.store.query(query).await.expect("a page");
                    assert_eq!(page.found.len(), 100, "{by:?} {direction}");
                }
            }
        }
    }

    async fn counts_without_a_filter(&self) {
        let mut query = self.query("User", Predicate::Always(true), None);
        query.limit = 0;
        let page = self.store.query(query).await.expect("a total");
        assert_eq!(page.total, Some(USERS as u64));
    }
}

async fn commit(store: SqliteStore, writes: Vec<Write>, batch: usize) {
    let batch = Batch { now: 1_000 + batch as i64, guards: Vec::new(), writes };
    store.commit(batch).await.expect("nothing stands against it");
}

/// Whether a step looks up by more than space and kind, or goes through what an earlier step has found.
fn is_bounded(step: &str) -> bool {
    let scanned = step.strip_prefix("SCAN ").map(|rest| rest.split(' ').next().unwrap_or(rest));
    // The candidates; a constant; the elements of one record's list.
    let scans = scanned.is_some_and(|rows| !["c", "d", "CONSTANT", "e", "v"].contains(&rows));
    let whole_kind = step.ends_with("(space=? AND kind=?)") || step.ends_with("(space=? AND relation=?)");
    !scans && !whole_kind
}

fn tenant() -> TenantId {
    TenantId::new("precious-asteroid").expect("letters")
}

fn link(relation: &'static str, owner: RecordRef, user: &str) -> Write {
    Write::Link(LinkKey { space: tenant().space(), relation, owner, member: RecordRef::new("User", user) })
}

const EXTENSION: &str = "urn:example:params:scim:schemas:extension:plans:2.0:User";

fn registry() -> Registry {
    let view = |resource_type, attribute, relation, end, shape| LinkView {
        resource_type,
        extension: None,
        attribute,
        relation,
        end,
        shape,
        shows_hidden: false,
    };
    let direct = LinkShape::List { kind: Some("direct") };
    let role = schema::Attribute {
        case_exact: Some(true),
        ..schema::Attribute::new("userRole", schema::AttributeType::String)
    };
    let extension =
        schema::Schema { id: EXTENSION.to_owned(), name: None, description: None, attributes: vec![role] };
    Registry::builder()
        .schema(schema::user())
        .schema(schema::group())
        .schema(extension)
        .resource_type(ResourceType::new("User", "/Users", schema::urn::USER).with_extension(EXTENSION))
        .resource_type(ResourceType::new("Group", "/Groups", schema::urn::GROUP))
        .link(view("Group", "members", "member", End::Owner, LinkShape::List { kind: None }))
        .link(view("User", "groups", "member", End::Member, direct))
        .link(LinkView {
            extension: Some(EXTENSION),
            ..view("User", "userRole", "role", End::Member, LinkShape::Name)
        })
        .build()
        .expect("types that contradict nothing")
}
