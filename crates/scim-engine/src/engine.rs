//! Turns a store and rules into a provisioning engine.
//!
//! A write walks one way: load the head of the resource, work out what is wanted, let the rules
//! decide, commit with guards. Whoever loses a guard walks again, with what is true now.

mod answer;
mod attempts;
mod command;
mod links;
mod listing;
mod page;
mod references;
mod walk;
mod whole;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use scim_core::message::SearchRequest;
use scim_core::{BindContext, Locations, PatchRequest, Registry, Selection, TypeDef, UnknownAttribute};
use serde_json::{Map, Value};

use crate::bulk::whole::run_whole;
use crate::bulk::{BulkHost, BulkOutcome, BulkPlan};
use crate::context::{IfMatch, RequestContext};
use crate::engine_error::{EngineError, not_found};
use crate::fair_queue::FairQueue;
use crate::outbox::Nudge;
use crate::paging::keys::{CursorKeys, KeySource};
use crate::password::PasswordHook;
use crate::provisioning::{Answer, Features, Listing, ProvisioningEngine};
use crate::rules::Rules;
use crate::store::Store;

use references::References;

/// A provisioning engine over a store, with the rules of an application.
pub struct Engine<S, R> {
    store: Arc<S>,
    rules: Arc<R>,
    registry: Registry,
    locations: Locations,
    features: Features,
    limits: EngineLimits,
    queue: Arc<FairQueue>,
    nudge: Nudge,
    cursor_keys: CursorKeys,
    references: Arc<References>,
    passwords: Option<Arc<dyn PasswordHook>>,
}

impl<S: fmt::Debug, R: fmt::Debug> fmt::Debug for Engine<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("store", &self.store)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// How much one request may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EngineLimits {
    /// How many links one commit changes at most.
    pub most_links: usize,
    /// How long a request walks again before it gives up.
    pub patience: Duration,
}

impl Default for EngineLimits {
    fn default() -> Self {
        Self { most_links: 10_000, patience: Duration::from_secs(5) }
    }
}

impl<S: Store, R: Rules> Engine<S, R> {
    /// An engine whose resources live below `base_url`, such as `https://example.com/scim/v2`.
    #[must_use]
    pub fn new(store: S, rules: R, registry: Registry, base_url: &str) -> Self {
        let locations = registry.locations(base_url);
        let references = Arc::new(References::of(&registry));
        Self {
            store: Arc::new(store),
            rules: Arc::new(rules),
            references,
            registry,
            locations,
            features: Features::default(),
            limits: EngineLimits::default(),
            queue: Arc::default(),
            nudge: Nudge::default(),
            cursor_keys: CursorKeys::default(),
            passwords: None,
        }
    }

    /// The same engine with other features.
    #[must_use]
    pub fn with_features(mut self, features: Features) -> Self {
        self.features = features;
        self
    }

    /// The same engine with someone who takes new passwords, which can be changed from now on.
    #[must_use]
    pub fn with_password_hook(mut self, hook: impl PasswordHook) -> Self {
        self.passwords = Some(Arc::new(hook));
        self.features.change_password = true;
        self
    }

    /// The same engine with other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: EngineLimits) -> Self {
        self.limits = limits;
        self
    }

    /// The same engine, which wakes the [worker](crate::outbox::Worker) with this nudge after commits
    /// that are news to it.
    #[must_use]
    pub fn with_nudge(mut self, nudge: Nudge) -> Self {
        self.nudge = nudge;
        self
    }

    /// The same engine with keys for its cursors from elsewhere than the operating system. The first
    /// that is made is kept in the store and counts for all.
    #[must_use]
    pub fn with_key_source(mut self, source: KeySource) -> Self {
        self.cursor_keys.source = source;
        self
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &S {
        &self.store
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &R {
        &self.rules
    }

    /// How much one request may take.
    #[must_use]
    pub fn limits(&self) -> EngineLimits {
        self.limits
    }

    fn def(&self, kind: &str) -> Result<&Arc<TypeDef>, EngineError> {
        self.registry.type_named(kind).ok_or_else(|| not_found(kind, ""))
    }

    /// Does the work of a request, and says what goes wrong as the application would. The work is on the heap: the
    /// futures around it, which are many, would hold and move all of it.
    async fn worded<T: Send>(
        &self,
        work: impl Future<Output = Result<T, EngineError>> + Send + Unpin,
    ) -> Result<T, EngineError> {
        work.await.map_err(|error| self.rules.reword(error))
    }

    fn bind_context(&self, unknown: UnknownAttribute) -> BindContext<'_> {
        BindContext { base: &self.locations.base, endpoints: &self.locations.endpoints, unknown }
    }
}

impl<S: Store, R: Rules> ProvisioningEngine for Engine<S, R> {
    fn registry(&self) -> &Registry {
        &self.registry
    }

    fn locations(&self) -> &Locations {
        &self.locations
    }

    fn features(&self) -> &Features {
        &self.features
    }

    async fn admit(&self, context: &RequestContext) -> Result<(), EngineError> {
        self.worded(Box::pin(self.admission(context))).await
    }

    async fn create(
        &self,
        context: &RequestContext,
        kind: &str,
        body: Map<String, Value>,
        selection: &Selection,
    ) -> Result<Answer, EngineError> {
        let work = Box::pin(async {
            let def = self.def(kind)?;
            let desired = def.create(body, context.leniency)?;
            let written = self.walk(context, def, &walk::Aim::Create(&desired)).await?;
            self.answer(context, def, written, selection).await
        });
        self.worded(work).await
    }

    async fn get(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        selection: &Selection,
    ) -> Result<Answer, EngineError> {
        let work = Box::pin(async {
            let def = self.def(kind)?;
            let answer = Box::pin(self.answer(context, def, walk::Written::unchanged(id), selection));
            self.let_in(context, answer).await
        });
        self.worded(work).await
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
        let work = Box::pin(async {
            let def = self.def(kind)?;
            let want = |current: &scim_core::Document| {
                Ok(def.replace(current, body.clone(), context.leniency, self.rules.omitted())?)
            };
            let aim = walk::Aim::Update { id, if_match, replaces: true, want: &want };
            let written = self.walk(context, def, &aim).await?;
            self.answer(context, def, written, selection).await
        });
        self.worded(work).await
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
        let work = Box::pin(async {
            let def = self.def(kind)?;
            let request = PatchRequest::read(body, context.leniency)?;
            let bind = self.bind_context(UnknownAttribute::Refused);
            let want = |current: &scim_core::Document| {
                Ok(def.patch(current, request.clone(), context.leniency, &bind)?)
            };
            let aim = walk::Aim::Update { id, if_match, replaces: false, want: &want };
            let written = self.walk(context, def, &aim).await?;
            self.answer(context, def, written, selection).await
        });
        self.worded(work).await
    }

    async fn delete(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        if_match: &IfMatch,
    ) -> Result<(), EngineError> {
        let work = Box::pin(async {
            let def = self.def(kind)?;
            self.walk(context, def, &walk::Aim::Delete { id, if_match }).await?;
            Ok(())
        });
        self.worded(work).await
    }

    async fn query(
        &self,
        context: &RequestContext,
        kind: Option<&str>,
        search: &SearchRequest,
    ) -> Result<Listing, EngineError> {
        let listing = Box::pin(self.list(context, kind, search));
        self.worded(Box::pin(self.let_in(context, listing))).await
    }

    async fn bulk_as_one<H: BulkHost>(
        &self,
        host: &H,
        plan: BulkPlan,
        trace_id: &str,
    ) -> Option<BulkOutcome> {
        Some(Box::pin(run_whole(self, host, plan, trace_id)).await)
    }
}
