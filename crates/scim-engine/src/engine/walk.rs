//! The walk of a write: load, want, decide, commit; again while guards are lost.

use std::collections::BTreeSet;

use scim_core::{Desired, Document, End, Fired, LinkShape, LinkView, TypeDef};
use serde_json::Value;

use super::Engine;
use super::attempts::Attempts;
use crate::context::{IfMatch, RequestContext};
use crate::engine_error::{EngineError, not_found};
use crate::facts::{FactKey, Facts};
use crate::outbox;
use crate::password::{self, KEPT_PASSWORD};
use crate::rules::{Action, Admission, Change, Decision, Holding, Outcome, Rules, Step};
use crate::store::{
    Batch, ClaimKey, CommitError, Committed, Guard, LinkKey, MarkKey, ReadKey, ReadValue, Record, RecordKey,
    RecordRef, Refused, Space, Store, Stream, Write,
};
use crate::subject::{delete_writes, subject_writes, unique_values};

/// How many rounds of facts a decision may take.
pub(super) const ROUNDS: usize = 4;

/// What a walk is to achieve.
pub(super) enum Aim<'a> {
    /// A new resource.
    Create(&'a Desired),
    /// A resource as `want` makes it of what is stored.
    Update {
        id: &'a str,
        if_match: &'a IfMatch,
        replaces: bool,
        want: &'a (dyn Fn(&Document) -> Result<Desired, EngineError> + Send + Sync),
    },
    /// A resource less.
    Delete { id: &'a str, if_match: &'a IfMatch },
}

impl Aim<'_> {
    /// Whether the client made the write depend on a version, so that links may not change it unseen.
    fn is_conditional(&self) -> bool {
        match self {
            Self::Create(_) => false,
            Self::Update { if_match, .. } | Self::Delete { if_match, .. } => {
                matches!(if_match, IfMatch::Tags(_))
            }
        }
    }
}

/// What a walk has done.
pub(super) struct Written {
    pub(super) id: String,
    pub(super) fired: Fired,
    pub(super) warnings: Vec<String>,
    /// The attributes that the request named.
    pub(super) supplied: BTreeSet<scim_core::AttrKey>,
}

impl Written {
    /// Nothing was done to the resource.
    pub(super) fn unchanged(id: &str) -> Self {
        Self { id: id.to_owned(), fired: Fired::default(), warnings: Vec::new(), supplied: BTreeSet::new() }
    }
}

/// What a request asks once, however often it walks.
#[derive(Default)]
struct Once {
    is_let_in: bool,
    /// What the hook said of the password that the request names.
    password: Option<Option<Value>>,
}

impl<S: Store, R: Rules> Engine<S, R> {
    pub(super) async fn walk(
        &self,
        context: &RequestContext,
        def: &TypeDef,
        aim: &Aim<'_>,
    ) -> Result<Written, EngineError> {
        let space = context.tenant.space();
        let mut attempts = Attempts::new(&context.trace_id, self.limits.patience, &self.queue);
        let mut once = Once::default();
        loop {
            let _turn = attempts.turn().await?;
            match self.attempt(context, def, &space, aim, attempts.refused.as_ref(), &mut once).await? {
                Ok(written) => return Ok(written),
                Err(refusal) => attempts.lost(refusal)?,
            }
        }
    }

    /// One walk; the inner error is what refused its commit.
    async fn attempt(
        &self,
        context: &RequestContext,
        def: &TypeDef,
        space: &Space,
        aim: &Aim<'_>,
        refused: Option<&Refused>,
        once: &mut Once,
    ) -> Result<Result<Written, Refused>, EngineError> {
        let (current, facts) = match aim {
            Aim::Create(_) => (None, Facts::default()),
            Aim::Update { id, if_match, .. } | Aim::Delete { id, if_match } => {
                let key = RecordKey::new(space, def.name(), id);
                let reading = self.current(key, if_match, self.rules.standing_facts(def, space));
                let (current, facts) = self.once_let_in(context, once, Box::pin(reading)).await?;
                (Some(current), facts)
            }
        };
        let wanted;
        let (action, fired, supplied) = match (aim, &current) {
            (Aim::Create(desired), _) => {
                let supplied = desired.asserted.keys().cloned().collect();
                (Action::Create { id: &context.new_id, desired }, desired.fired, supplied)
            }
            (Aim::Update { replaces, want, .. }, Some(current)) => {
                wanted = want(&current.document)?;
                let supplied = wanted.asserted.keys().cloned().collect();
                (Action::Update { current, desired: &wanted, replaces: *replaces }, wanted.fired, supplied)
            }
            (Aim::Delete { .. }, Some(current)) => {
                (Action::Delete { current }, Fired::default(), BTreeSet::new())
            }
            (Aim::Update { id, .. } | Aim::Delete { id, .. }, None) => return Err(not_found(def.name(), id)),
        };
        let holdings = Box::pin(self.holdings(def, space, action));
        let holdings = self.once_let_in(context, once, holdings).await?;
        let deltas = self.link_deltas(def, space, action).await?;
        let change = Change { context, def, space, action, links: &deltas, holdings: &holdings, refused };
        let mut decision = self.decide(&change, facts).await?;
        let id = match &decision.outcome {
            Outcome::Put(subject) => subject.id.clone(),
            Outcome::Untouched | Outcome::Deleted(_) => action.id().to_owned(),
        };
        if let (Outcome::Put(subject), Some(hook)) = (&mut decision.outcome, &self.passwords) {
            if once.password.is_none() {
                let may_change = self.features.change_password;
                once.password =
                    password::decide(&**hook, may_change, context, def.name(), &id, action).await?;
            }
            match &once.password {
                Some(Some(kept)) => drop(subject.extra.insert(KEPT_PASSWORD.to_owned(), kept.clone())),
                Some(None) => drop(subject.extra.remove(KEPT_PASSWORD)),
                None => {}
            }
        }
        let warnings = decision.warnings.clone();
        let mut batch = self.batch(context, Some(def), decision);
        if let (Some(current), true) = (&current, aim.is_conditional()) {
            batch.guards.push(Guard::Version(current.key.clone(), Some(current.version)));
        }
        let written = Written { id, fired, warnings, supplied };
        Ok(self.commit(batch).await?.map(|_| written))
    }

    /// Commits a batch that changes anything; the inner error is what refused it.
    pub(super) async fn commit(&self, batch: Batch) -> Result<Result<Committed, Refused>, EngineError> {
        if batch.writes.is_empty() {
            return Ok(Ok(Committed::default()));
        }
        let news = news(&batch);
        match self.store.commit(batch).await {
            Ok(committed) => {
                news.iter().for_each(|space| self.nudge.at(space));
                Ok(Ok(committed))
            }
            Err(CommitError::Refused(refused)) => Ok(Err(refused)),
            Err(CommitError::Failed(error)) => Err(error.into()),
        }
    }

    /// Reads what a walk reads first. Whether the tenant is served is asked at the same time, and comes first.
    async fn once_let_in<T>(
        &self,
        context: &RequestContext,
        once: &mut Once,
        read: impl Future<Output = Result<T, EngineError>> + Unpin,
    ) -> Result<T, EngineError> {
        if std::mem::replace(&mut once.is_let_in, true) {
            return read.await;
        }
        self.let_in(context, read).await
    }

    /// Does what only reads, for a tenant that is served. It is on the heap, as the work of a request is deep.
    pub(super) async fn let_in<T>(
        &self,
        context: &RequestContext,
        read: impl Future<Output = Result<T, EngineError>> + Unpin,
    ) -> Result<T, EngineError> {
        let (admission, read) = tokio::join!(Box::pin(self.admission(context)), read);
        admission.and(read)
    }

    /// The record that is to be changed, with the standing facts; it is there, visible, and of a version that the
    /// client knows.
    async fn current(
        &self,
        key: RecordKey,
        if_match: &IfMatch,
        standing: Vec<FactKey>,
    ) -> Result<(Record, Facts), EngineError> {
        let RecordRef { kind, id } = key.record.clone();
        let keys = std::iter::once(ReadKey::Record(key)).chain(self.read_keys(&standing)).collect();
        let mut values = self.store.read(keys).await?.into_iter();
        match values.next() {
            Some(ReadValue::Record(Some(record))) if record.visible => {
                if !if_match.allows(record.version) {
                    return Err(EngineError::PreconditionFailed);
                }
                let mut facts = Facts::default();
                standing.into_iter().zip(values).for_each(|(key, value)| facts.insert(key, value));
                Ok((*record, facts))
            }
            _ => Err(not_found(&kind, &id)),
        }
    }

    /// Who holds the unique values that the resource would newly have.
    async fn holdings(
        &self,
        def: &TypeDef,
        space: &Space,
        action: Action<'_>,
    ) -> Result<Vec<Holding>, EngineError> {
        let Some(desired) = action.desired() else { return Ok(Vec::new()) };
        let stored: Vec<ClaimKey> = match action.current() {
            Some(current) => {
                unique_values(def, space, &current.document).map(|(_, _, claim)| claim).collect()
            }
            None => Vec::new(),
        };
        let mut holdings: Vec<Holding> = unique_values(def, space, &desired.document)
            .filter(|(_, _, claim)| !stored.contains(claim))
            .map(|(path, value, claim)| Holding { path, value, claim, holder: None })
            .collect();
        if holdings.is_empty() {
            return Ok(holdings);
        }
        let keys = holdings.iter().map(|holding| ReadKey::Holder(holding.claim.clone())).collect();
        for (holding, value) in holdings.iter_mut().zip(self.store.read(keys).await?) {
            if let ReadValue::Record(Some(record)) = value {
                holding.holder = Some(*record);
            }
        }
        Ok(holdings)
    }

    fn read_keys(&self, facts: &[FactKey]) -> impl Iterator<Item = ReadKey> {
        facts.iter().map(|key| key.read_key(self.limits.most_links))
    }

    /// Asks the rules until they decide, reading what they need in between.
    async fn decide(&self, change: &Change<'_>, mut facts: Facts) -> Result<Decision, EngineError> {
        for _ in 0..=ROUNDS {
            match self.rules.decide(change, &facts) {
                Step::Commit(decision) => return Ok(*decision),
                Step::Refuse(problem) => return Err(EngineError::Refused(problem)),
                Step::Need(needed) => self.learn(needed, &mut facts).await?,
            }
        }
        tracing::error!(trace_id = %change.context.trace_id, "the rules needed more than {ROUNDS} rounds of facts");
        Err(EngineError::Undecided)
    }

    /// Asks the rules whether the tenant is served.
    pub(super) async fn admission(&self, context: &RequestContext) -> Result<(), EngineError> {
        let mut facts = Facts::default();
        for _ in 0..=ROUNDS {
            match self.rules.admit(&context.tenant, &facts) {
                Admission::Admitted => return Ok(()),
                Admission::Refused(problem) => return Err(EngineError::Refused(problem)),
                Admission::Need(needed) => self.learn(needed, &mut facts).await?,
            }
        }
        Err(EngineError::Undecided)
    }

    pub(super) async fn learn(&self, needed: Vec<FactKey>, facts: &mut Facts) -> Result<(), EngineError> {
        let unknown: Vec<FactKey> = needed.into_iter().filter(|key| !facts.knows(key)).collect();
        let values = self.store.read(self.read_keys(&unknown).collect()).await?;
        unknown.into_iter().zip(values).for_each(|(key, value)| facts.insert(key, value));
        Ok(())
    }

    /// The batch of a decision; without writes if nothing changes. `def` is the type of the resource that
    /// the decision is about.
    pub(super) fn batch(&self, context: &RequestContext, def: Option<&TypeDef>, decision: Decision) -> Batch {
        let Decision { outcome, writes, guards, events, .. } = decision;
        let space = context.tenant.space();
        let clears = writes.iter().any(|write| matches!(write, Write::ClearLinks { .. }));
        let mut all = match (outcome, def) {
            (Outcome::Put(subject), Some(def)) => subject_writes(def, &space, *subject, clears),
            (Outcome::Deleted(record), Some(def)) => delete_writes(def, &space, &record),
            (Outcome::Untouched, _) | (_, None) => Vec::new(),
        };
        if def.is_some_and(|def| !self.rules.announces_names(def)) {
            let names = Write::Raise(MarkKey::names(&space));
            all.retain(|write| *write != names);
        }
        let names = Write::Raise(MarkKey::names(&space));
        if self.changes_indirect_ends(&writes) && !all.contains(&names) && !writes.contains(&names) {
            all.insert(0, names);
        }
        // The record stands before the links that need it, and goes after those that name it.
        if matches!(all.last(), Some(Write::Delete { .. })) {
            all.splice(0..0, writes);
        } else {
            all.extend(writes);
        }
        if !all.is_empty() {
            let mut outbox = Vec::new();
            for (stream, body) in events {
                match stream {
                    Stream::Outbox => outbox.push(body),
                    Stream::Log => all.push(Write::Append { space: space.clone(), stream, body }),
                }
            }
            all.extend(outbox::append(&space, &context.new_id, context.now, outbox));
        }
        Batch { now: context.now, guards, writes: all }
    }
}

impl<S: Store, R: Rules> Engine<S, R> {
    /// Whether the writes change what resources that are not their ends show of nested links (7643-4.1.2-04).
    /// The names mark stands for these resources, so that their entity tags change (7644-3.14-02).
    fn changes_indirect_ends(&self, writes: &[Write]) -> bool {
        let nested: Vec<&LinkView> = self
            .registry
            .types()
            .iter()
            .flat_map(|def| def.links())
            .filter(|view| view.shape == LinkShape::Nested)
            .collect();
        // Nothing lies behind a near end of the type that shows the links, unless it is a far end as well.
        let in_between = |link: &LinkKey| {
            nested.iter().any(|view| {
                let (near, far) = match view.end {
                    End::Owner => (&link.owner, &link.member),
                    End::Member => (&link.member, &link.owner),
                };
                view.relation == link.relation && (near.kind != view.resource_type || near.kind == far.kind)
            })
        };
        writes.iter().any(|write| match write {
            Write::Link(link) | Write::Unlink(link) => in_between(link),
            Write::ClearLinks { links, .. } => nested.iter().any(|view| view.relation == links.relation),
            _ => false,
        })
    }
}

/// The spaces in which a batch leaves work that is due.
fn news(batch: &Batch) -> Vec<Space> {
    let due = batch.writes.iter().filter_map(|write| match write {
        Write::Schedule { key, at, .. } if *at <= batch.now => Some(key.space.clone()),
        _ => None,
    });
    due.collect()
}
