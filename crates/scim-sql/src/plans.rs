//! What the plans of a backend are looked at for: promise 5 of the design, on a directory of 100,000 users.
//!
//! A backend fills its store with [`Large::fill`], and shows of each query here that its plan goes through no
//! more than it must. How a plan is read is for the backend to say.

mod directory;

use scim_core::syntax::parse_filter;
use scim_core::{BindContext, Order, Predicate, Registry, SortValue, UnknownAttribute};
use scim_engine::store::{Position, Query, Store, TenantId, TypeQuery};

/// How many users there are.
pub const USERS: usize = 100_000;

/// How many users are written at once.
pub const FIRST: usize = 1_000;

const BASE: &str = "https://example.com/v2";

/// A filter that an index answers, the type that it is asked of, and how many match.
pub type Equality = (&'static str, &'static str, u64);

/// Every equality that the design says is indexed, as clients write it, alone and together with others.
pub const EQUALITIES: &[Equality] = &[
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
    ("User", r#"groups.value eq "g-000""#, 10_100),
    ("Group", r#"members.value eq "u-000042""#, 2),
    ("Group", r#"members[value eq "u-000042"]"#, 2),
    ("Group", r#"members.$ref eq "https://example.com/v2/Users/u-000042""#, 2),
    ("Group", r#"displayName eq "group 007""#, 1),
    ("User", r#"userName eq "person-000042@example.com" and active eq true"#, 1),
    ("User", r#"active eq true and (title pr and externalId eq "x-000042")"#, 1),
    ("User", r#"userName eq "person-000042@example.com" or emails.value eq "mail-000043@example.com""#, 2),
];

/// The types of the directory.
#[derive(Debug)]
pub struct Large {
    registry: Registry,
    endpoints: Vec<(String, String)>,
}

/// A page of users in some order.
#[derive(Clone, Debug)]
pub struct Page {
    /// What it is, for messages.
    pub name: String,
    /// The attribute that orders; none for the default order.
    pub by: Option<&'static str>,
    /// Whether it begins in the middle.
    pub deep: bool,
    /// What asks for it.
    pub query: Query,
}

impl Large {
    /// The types, and nobody yet.
    #[must_use]
    pub fn new() -> Self {
        let registry = directory::registry();
        let endpoints = registry
            .types()
            .iter()
            .map(|def| (def.name().to_owned(), def.resource_type().endpoint.clone()))
            .collect();
        Self { registry, endpoints }
    }

    /// Writes the directory into a store, which is empty.
    ///
    /// # Panics
    ///
    /// Panics when the store refuses, or fails.
    pub async fn fill(&self, store: &impl Store) {
        for batch in directory::batches(&self.registry) {
            store.commit(batch).await.expect("nothing stands against it");
        }
    }

    /// Writes the groups and the first [`FIRST`] users, for a backend that has a faster way to the rest: user
    /// `n` looks like user `n` modulo [`FIRST`], with another number of six digits wherever that stands, and
    /// was created `n / FIRST` later.
    ///
    /// # Panics
    ///
    /// Panics when the store refuses, or fails.
    pub async fn fill_first(&self, store: &impl Store) {
        for batch in directory::batches(&self.registry).take(2) {
            store.commit(batch).await.expect("nothing stands against it");
        }
    }

    /// A page of what the filter selects, and its total.
    ///
    /// # Panics
    ///
    /// Panics when the filter does not suit the type.
    #[must_use]
    pub fn filtered(&self, kind: &str, filter: &str) -> Query {
        let filter = parse_filter(filter).expect("a filter");
        let context =
            BindContext { base: BASE, endpoints: &self.endpoints, unknown: UnknownAttribute::Refused };
        let def = self.registry.type_named(kind).expect("a type");
        query(kind, def.bind(&filter, &context).expect("a filter that suits"), None)
    }

    /// A page of what nearly everybody matches: 99,000 users.
    #[must_use]
    pub fn most(&self) -> Query {
        self.filtered("User", r#"userRole eq "User""#)
    }

    /// Pages in the default order and in that of each indexed attribute, up and down: the first one, and
    /// one from the middle.
    ///
    /// # Panics
    ///
    /// Panics when an attribute has no order.
    #[must_use]
    pub fn pages(&self) -> Vec<Page> {
        let def = self.registry.type_named("User").expect("a type");
        let middle = |text: &str| Position {
            value: if text.is_empty() { SortValue::Absent } else { SortValue::Text(text.to_owned()) },
            created: 1_050,
            id: "u-050000".into(),
        };
        let mut pages = Vec::new();
        for (by, text) in [
            (None, ""),
            (Some("id"), "u-050000"),
            (Some("userName"), "person-050000@example.com"),
            (Some("externalId"), "x-050000"),
            // In the middle of the run without a value.
            (Some("displayName"), ""),
            (Some("emails.value"), "mail-050000@example.com"),
        ] {
            for direction in ["ascending", "descending"] {
                if by.is_none() && direction == "descending" {
                    continue;
                }
                let order = by.and_then(|by| def.order(by, Some(direction)).expect("an order"));
                for after in [None, Some(middle(text))] {
                    let deep = after.is_some();
                    let name = format!("{by:?} {direction}, deep: {deep}");
                    let mut query = query("User", Predicate::Always(true), order.clone());
                    (query.total, query.after) = (false, after);
                    pages.push(Page { name, by, deep, query });
                }
            }
        }
        pages
    }

    /// The number of all users, and no page.
    #[must_use]
    pub fn total(&self) -> Query {
        Query { limit: 0, ..query("User", Predicate::Always(true), None) }
    }
}

impl Default for Large {
    fn default() -> Self {
        Self::new()
    }
}

fn tenant() -> TenantId {
    TenantId::new("precious-asteroid").expect("letters")
}

fn query(kind: &str, predicate: Predicate, order: Option<Order>) -> Query {
    let types = vec![TypeQuery { kind: kind.to_owned(), predicate, order, links: Vec::new() }];
    Query { tenant: tenant(), types, offset: 0, after: None, limit: 100, total: true, left: None }
}
