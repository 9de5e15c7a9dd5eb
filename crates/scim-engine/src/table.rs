//! Provisioning on tables of an application's own.
//!
//! The application stores, finds and selects rows ([`Table`]); what a request means is worked out here
//! ([`TableEngine`]). It is the short way for resources that stand alone, such as the users of a service: types
//! with linked lists, such as groups with members, need a [`Store`](crate::store::Store), or a
//! [`ProvisioningEngine`] of one's own.

mod listing;

use std::error::Error as StdError;
use std::future::Future;

use scim_core::message::SearchRequest;
use scim_core::{
    BindContext, Desired, Document, Head, Linked, Locations, Omitted, Order, PatchRequest, Predicate,
    Problem, Registry, Selection, TypeDef, UnknownAttribute, Whole,
};
use serde_json::{Map, Value};

use crate::context::{IfMatch, RequestContext};
use crate::engine_error::{EngineError, not_found};
use crate::paging::Paging;
use crate::provisioning::{Answer, Features, Listing, ProvisioningEngine};
use crate::store::{StoreError, TenantId, version_tag};

/// Where an application keeps resources: rows, each with a version.
///
/// `kind` is the name of a resource type. What is selected and stored belongs to one tenant: to that of the
/// request, however the application tells tenants apart.
pub trait Table: Send + Sync + 'static {
    /// Inserts a resource, of version 1 or another of the table's own. Its id is `context.new_id`, unless
    /// the table has ids of its own.
    ///
    /// # Errors
    ///
    /// Returns [`TableError::Taken`] when a unique value belongs to another row.
    fn insert(
        &self,
        context: &RequestContext,
        kind: &str,
        document: &Document,
    ) -> impl Future<Output = Result<TableRow, TableError>> + Send;

    /// Finds the resource with that id.
    ///
    /// # Errors
    ///
    /// Returns [`TableError::Failed`] when nobody can tell now.
    fn find(
        &self,
        tenant: &TenantId,
        kind: &str,
        id: &str,
    ) -> impl Future<Output = Result<Option<TableRow>, TableError>> + Send;

    /// Stores what a resource is to be, if it still is of the version `replaces`, as one step; the version
    /// advances. None when it is of another version or gone.
    ///
    /// # Errors
    ///
    /// As [`insert`](Self::insert).
    fn update(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        document: &Document,
        replaces: u64,
    ) -> impl Future<Output = Result<Option<TableRow>, TableError>> + Send;

    /// Deletes a resource if it still is of the version `replaces`, as one step; says whether it was.
    ///
    /// # Errors
    ///
    /// Returns [`TableError::Refused`] when the application wants to keep it.
    fn delete(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        replaces: u64,
    ) -> impl Future<Output = Result<bool, TableError>> + Send;

    /// Selects a page of rows, and counts all that match.
    ///
    /// # Errors
    ///
    /// Returns [`TableError::Failed`] when nobody can tell now.
    fn select(
        &self,
        tenant: &TenantId,
        kind: &str,
        page: &TablePage,
    ) -> impl Future<Output = Result<(u64, Vec<TableRow>), TableError>> + Send;
}

/// A resource as a table holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRow {
    /// The id: one for good, and unlike that of any other resource of the tenant.
    pub id: String,
    /// The attributes, in the spelling of the schema.
    pub document: Document,
    /// When it was created, in milliseconds since 1970.
    pub created: i64,
    /// When it was last modified, likewise.
    pub modified: i64,
    /// The version, another after each change.
    pub version: u64,
}

/// Which rows of a table: those that match, in order, some of them.
#[derive(Clone, Debug, PartialEq)]
pub struct TablePage {
    /// Which rows.
    pub predicate: Predicate,
    /// The order; without one, by creation and then id.
    pub order: Option<Order>,
    /// How many to pass over.
    pub offset: u64,
    /// How many at most.
    pub limit: u32,
}

/// Why a table did not do what it was asked.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A unique value belongs to another row: 409 (7644-3.3-05).
    #[error("`{attribute}` is taken already: find the resource with a filter and update it")]
    Taken {
        /// The attribute, such as `userName`.
        attribute: String,
    },
    /// The application does not want it.
    #[error(transparent)]
    Refused(Problem),
    /// It cannot tell now: 503. What happened goes to the log.
    #[error("the table does not answer")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
}

impl From<TableError> for EngineError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Taken { .. } => Problem::taken(error.to_string()).into(),
            TableError::Refused(problem) => problem.into(),
            TableError::Failed(cause) => StoreError::Unavailable(cause).into(),
        }
    }
}

/// Why a registry does not suit tables.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{attribute}` of {kind} shows links, which single tables do not have")]
pub struct LinksError {
    kind: String,
    attribute: String,
}

/// How often an update is worked out again when others write the same row all the time.
const TRIES: usize = 100;

/// A provisioning engine over the tables of an application.
#[derive(Debug)]
pub struct TableEngine<T> {
    table: T,
    registry: Registry,
    locations: Locations,
    features: Features,
}

impl<T: Table> TableEngine<T> {
    /// An engine whose resources live below `base_url`, such as `https://example.com/scim/v2`.
    ///
    /// # Errors
    ///
    /// Returns a [`LinksError`] when an attribute shows links.
    pub fn new(table: T, registry: Registry, base_url: &str) -> Result<Self, LinksError> {
        if let Some((def, view)) = registry.types().iter().find_map(|def| Some((def, def.links().first()?))) {
            return Err(LinksError { kind: def.name().to_owned(), attribute: view.attribute.to_owned() });
        }
        let locations = registry.locations(base_url);
        let features = Features::default();
        Ok(Self { table, registry, locations, features: features.clone() }.with_features(features))
    }

    /// The same engine with other features; tables are paged by index only.
    #[must_use]
    pub fn with_features(mut self, mut features: Features) -> Self {
        features.paging = Paging::Index;
        self.features = features;
        self
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> &T {
        &self.table
    }

    fn def(&self, kind: &str) -> Result<&TypeDef, EngineError> {
        self.registry.type_named(kind).map(AsRef::as_ref).ok_or_else(|| not_found(kind, ""))
    }

    fn bind_context(&self, unknown: UnknownAttribute) -> BindContext<'_> {
        BindContext { base: &self.locations.base, endpoints: &self.locations.endpoints, unknown }
    }

    /// The row that a write is about, of a version that the client knows.
    async fn current(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        if_match: &IfMatch,
    ) -> Result<TableRow, EngineError> {
        let found = self.table.find(&context.tenant, kind, id).await?;
        let row = found.ok_or_else(|| not_found(kind, id))?;
        if if_match.allows(row.version) { Ok(row) } else { Err(EngineError::PreconditionFailed) }
    }

    /// Stores what `want` makes of a row; where another write came between, it is asked again
    /// (7644-3.14-06). What changes nothing is not stored.
    async fn update(
        &self,
        context: &RequestContext,
        def: &TypeDef,
        (id, if_match): (&str, &IfMatch),
        selection: &Selection,
        want: impl Fn(&Document) -> Result<Desired, EngineError> + Send,
    ) -> Result<Answer, EngineError> {
        for _ in 0..TRIES {
            let row = self.current(context, def.name(), id, if_match).await?;
            let desired = want(&row.document)?;
            if desired.document == row.document {
                return Ok(self.answer(def, &row, selection, &desired));
            }
            let updating = self.table.update(context, def.name(), id, &desired.document, row.version);
            if let Some(row) = updating.await? {
                return Ok(self.answer(def, &row, selection, &desired));
            }
        }
        Err(EngineError::Busy)
    }

    fn answer(&self, def: &TypeDef, row: &TableRow, selection: &Selection, desired: &Desired) -> Answer {
        let supplied = |key: &_| desired.asserted.contains_key(key);
        let version = version_tag(row.version, 0);
        let head = Head { id: &row.id, created: row.created, modified: row.modified, version: &version };
        let (linked, shown) = (Linked::new(), Map::new());
        let whole = Whole { head: &head, document: &row.document, linked: &linked, shown: &shown };
        let resource = def.represent(&whole, &def.select(selection), &self.locations, &supplied);
        let location = self.locations.of(def.name(), &row.id).unwrap_or_default();
        Answer { resource, version, location, fired: desired.fired, warnings: Vec::new() }
    }
}

impl<T: Table> ProvisioningEngine for TableEngine<T> {
    fn registry(&self) -> &Registry {
        &self.registry
    }

    fn locations(&self) -> &Locations {
        &self.locations
    }

    fn features(&self) -> &Features {
        &self.features
    }

    async fn create(
        &self,
        context: &RequestContext,
        kind: &str,
        body: Map<String, Value>,
        selection: &Selection,
    ) -> Result<Answer, EngineError> {
        let def = self.def(kind)?;
        let desired = def.create(body, context.leniency)?;
        let row = self.table.insert(context, kind, &desired.document).await?;
        Ok(self.answer(def, &row, selection, &desired))
    }

    async fn get(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        selection: &Selection,
    ) -> Result<Answer, EngineError> {
        let def = self.def(kind)?;
        let row = self.current(context, kind, id, &IfMatch::Unconditional).await?;
        Ok(self.answer(def, &row, selection, &Desired::default()))
    }

    async fn replace(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        body: Map<String, Value>,
        selection: &Selection,
        if_match: &IfMatch,
    ) -> Result<Answer, EngineError> {
        let def = self.def(kind)?;
        let want = |current: &Document| {
            Ok(def.replace(current, body.clone(), context.leniency, Omitted::Cleared)?)
        };
        self.update(context, def, (id, if_match), selection, want).await
    }

    async fn patch(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        body: Map<String, Value>,
        selection: &Selection,
        if_match: &IfMatch,
    ) -> Result<Answer, EngineError> {
        let def = self.def(kind)?;
        let request = PatchRequest::read(body, context.leniency)?;
        let bind = self.bind_context(UnknownAttribute::Refused);
        let want = |current: &Document| Ok(def.patch(current, request.clone(), context.leniency, &bind)?);
        self.update(context, def, (id, if_match), selection, want).await
    }

    async fn delete(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        if_match: &IfMatch,
    ) -> Result<(), EngineError> {
        for _ in 0..TRIES {
            let row = self.current(context, kind, id, if_match).await?;
            if self.table.delete(context, kind, id, row.version).await? {
                return Ok(());
            }
        }
        Err(EngineError::Busy)
    }

    async fn query(
        &self,
        context: &RequestContext,
        kind: Option<&str>,
        search: &SearchRequest,
    ) -> Result<Listing, EngineError> {
        self.list(context, kind, search).await
    }
}
