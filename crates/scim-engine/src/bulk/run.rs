//! Carries out a bulk request over any engine, one operation after the other.

use std::collections::{BTreeSet, HashMap};

use scim_core::message::{BulkMethod, BulkResult, error_body};
use scim_core::{Fired, Locations, Problem, Selection};
use serde_json::Value;

use super::host::{Admitted, BulkAccess, BulkHost};
use super::mention::{Made, name_in};
use super::order::Step;
use super::plan::{BulkPlan, Operation, Task, Work, shown};
use crate::context::RequestContext;
use crate::provisioning::{Answer, ProvisioningEngine};

/// What became of a bulk request.
#[derive(Clone, Debug, Default)]
pub struct BulkOutcome {
    /// One result for each operation that was processed, in the order of the request (7644-3.7-08).
    pub results: Vec<BulkResult>,
    /// How many of them failed.
    pub failed: u64,
    /// The tolerances that fired.
    pub fired: Fired,
    /// What the client's admin should know although operations succeeded.
    pub warnings: Vec<String>,
}

/// Carries out a bulk request ([RFC 7644 §3.7](https://www.rfc-editor.org/rfc/rfc7644#section-3.7)).
///
/// Each operation stands alone: it is done or fails, and what was done before stays. The exception are
/// POSTs that refer to each other in a circle, which are all done or none of them (7644-3.7.1-01): when
/// one fails, those that were created already are deleted again, and all of them are answered with errors.
/// Should that fail too, the answer says so and where the resource is.
///
/// Whoever stops waiting stops the request at the call that is under way; what was done before stays.
///
/// `trace_id` ends the detail of each error.
pub async fn run_bulk<E: ProvisioningEngine, H: BulkHost>(
    engine: &E,
    host: &H,
    plan: BulkPlan,
    trace_id: &str,
) -> BulkOutcome {
    let (mut run, steps) = Run::new(engine, host, plan);
    run.carry_out_all(steps).await;
    run.refresh_versions().await;
    run.finish(trace_id)
}

/// A bulk request that is being carried out.
pub(super) struct Run<'r, E, H> {
    pub(super) engine: &'r E,
    pub(super) host: &'r H,
    pub(super) operations: Vec<Operation>,
    pub(super) creators: HashMap<String, usize>,
    /// What became of each operation; none while it is not processed.
    pub(super) fates: Vec<Option<Fate>>,
    /// How many more may fail.
    left: u64,
    pub(super) outcome: BulkOutcome,
}

/// What became of an operation.
pub(super) enum Fate {
    Done(Done),
    Failed {
        problem: Problem,
        /// Where the resource is, if there is one.
        location: Option<String>,
    },
}

/// An operation that succeeded.
pub(super) struct Done {
    pub(super) status: u16,
    pub(super) kind: String,
    pub(super) made: Made,
    /// The version of the resource; none when it is gone.
    pub(super) version: Option<String>,
    /// In which it was done.
    pub(super) context: Box<RequestContext>,
}

impl<'r, E: ProvisioningEngine, H: BulkHost> Run<'r, E, H> {
    /// A run that has not begun, and its steps.
    pub(super) fn new(engine: &'r E, host: &'r H, plan: BulkPlan) -> (Self, Vec<Step>) {
        let BulkPlan { operations, steps, fail_on_errors, creators } = plan;
        let fates = operations.iter().map(|_| None).collect();
        let left = fail_on_errors.unwrap_or(u64::MAX);
        let run = Self { engine, host, operations, creators, fates, left, outcome: BulkOutcome::default() };
        (run, steps)
    }

    pub(super) async fn carry_out_all(&mut self, steps: Vec<Step>) {
        for step in steps {
            if !self.may_go_on() {
                break;
            }
            match step {
                Step::One(index) => self.one(index).await,
                Step::Circle(members) => self.circle(&members).await,
                Step::Knot(members) => self.knot(&members),
            }
        }
    }

    async fn one(&mut self, index: usize) {
        let id = self.id(index);
        let done = match self.take_work(index) {
            Ok(work) => self.carry_out(index, work, id.as_deref()).await,
            Err(problem) => Err(problem),
        };
        match done {
            Ok(done) => self.succeed(index, done),
            Err(problem) => {
                let kind = self.operations[index].resource.as_ref().map(|(kind, _)| kind);
                // An id with other characters would have to be encoded, and names nothing as a rule.
                let plain =
                    |id: &String| id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
                let id = id.filter(plain);
                let location = kind.zip(id).and_then(|(kind, id)| self.engine.locations().of(kind, &id));
                self.fail(index, problem, location);
            }
        }
    }

    /// What the operation is to do, if that can be known.
    pub(super) fn take_work(&mut self, index: usize) -> Result<Work, Problem> {
        let gone = Err(Problem::plain(500, "the operation was done already"));
        let work = std::mem::replace(&mut self.operations[index].work, gone)?;
        let lost = self.operations[index].needs.iter().find(|need| self.is_lost(need.on));
        match lost {
            Some(need) => Err(self.depends_on_failed(need.on)),
            None => Ok(work),
        }
    }

    fn is_lost(&self, index: usize) -> bool {
        matches!(self.fates[index], Some(Fate::Failed { .. }))
    }

    /// 7644-3.7.2-04: an operation that it refers to has failed.
    pub(super) fn depends_on_failed(&self, index: usize) -> Problem {
        let name = shown(self.operations[index].bulk_id.as_deref().unwrap_or_default());
        Problem::plain(
            409,
            format!(
                "it refers to `bulkId:{name}`, whose operation failed: correct that one and send both again"
            ),
        )
    }

    /// The id of the resource that the operation is about; none for a POST, and while it has none.
    fn id(&self, index: usize) -> Option<String> {
        let (_, id) = self.operations[index].resource.as_ref()?;
        match name_in(id) {
            Some(name) => self.made(name).map(|made| made.id.clone()),
            None => Some(id.clone()),
        }
    }

    /// What the POST with that bulkId has created, if it has.
    fn made(&self, name: &str) -> Option<&Made> {
        match self.fates.get(*self.creators.get(name)?)? {
            Some(Fate::Done(done)) => Some(&done.made),
            _ => None,
        }
    }

    pub(super) fn resolve(&self, work: &mut Work) {
        work.resolve(self.engine.registry(), &|name| self.made(name));
    }

    pub(super) async fn carry_out(
        &mut self,
        index: usize,
        mut work: Work,
        id: Option<&str>,
    ) -> Result<Done, Problem> {
        self.resolve(&mut work);
        let kind = work.def.name();
        let method = &self.operations[index].method;
        let access = BulkAccess { method, kind, id, version: work.version.as_deref() };
        let Admitted { context, if_match } = self.host.admit(&access).await?;
        let context = Box::new(context);
        let (engine, host) = (self.engine, self.host);
        // Nobody sees the representation, so long lists in it need not be read.
        let selection = Selection::Only(Vec::new());
        let id = id.unwrap_or_default();
        let (status, answer) = match work.task {
            Task::Create => (201, host.call(engine.create(&context, kind, work.data, &selection)).await?),
            Task::Replace => {
                let replacing = engine.replace(&context, kind, id, work.data, &selection, &if_match);
                (200, host.call(replacing).await?)
            }
            Task::Patch => {
                let patching = engine.patch(&context, kind, id, work.data, &selection, &if_match);
                (200, host.call(patching).await?)
            }
            Task::Delete => {
                host.call(engine.delete(&context, kind, id, &if_match)).await?;
                let location = engine.locations().of(kind, id).unwrap_or_default();
                let made = Made { id: id.to_owned(), location };
                return Ok(Done { status: 204, kind: kind.to_owned(), made, version: None, context });
            }
        };
        let made = Made { id: id_in(&answer, engine.locations(), kind), location: answer.location.clone() };
        let version = self.note(answer);
        Ok(Done { status, kind: kind.to_owned(), made, version, context })
    }

    /// Notes what the log should tell, and gives the version.
    pub(super) fn note(&mut self, answer: Answer) -> Option<String> {
        answer.fired.iter().for_each(|tolerance| self.outcome.fired.note(tolerance));
        self.outcome.warnings.extend(answer.warnings);
        self.engine.features().etag.then_some(answer.version)
    }

    pub(super) fn succeed(&mut self, index: usize, done: Done) {
        self.fates[index] = Some(Fate::Done(done));
    }

    /// Notes a failure; only the first of an operation counts.
    pub(super) fn fail(&mut self, index: usize, problem: Problem, location: Option<String>) {
        self.left = self.left.saturating_sub(1);
        self.outcome.failed += 1;
        self.fates[index] = Some(Fate::Failed { problem, location });
    }

    pub(super) fn may_go_on(&self) -> bool {
        self.left > 0
    }

    fn knot(&mut self, members: &[usize]) {
        for index in members {
            if self.may_go_on() {
                let problem = match self.take_work(*index) {
                    Ok(_) => Problem::plain(
                        409,
                        "it is part of a circle of references that a resource cannot be created without: \
                         create one without its reference, and set it afterwards",
                    ),
                    Err(problem) => problem,
                };
                self.fail(*index, problem, None);
            }
        }
    }

    /// Reads the versions again that later operations may have changed: an answer tells the current one.
    async fn refresh_versions(&mut self) {
        if self.operations.len() < 2 || !self.engine.features().etag {
            return;
        }
        let selection = Selection::Only(Vec::new());
        let mut seen = BTreeSet::new();
        let mut current = HashMap::new();
        for done in self.fates.iter().filter_map(Option::as_ref).filter_map(Fate::done) {
            if done.version.is_none() || !seen.insert((done.kind.as_str(), done.made.id.as_str())) {
                continue;
            }
            let reading = self.engine.get(&done.context, &done.kind, &done.made.id, &selection);
            match self.host.call(reading).await {
                Ok(answer) => {
                    current.insert((done.kind.clone(), done.made.id.clone()), answer.version);
                }
                // There is no time left, or nobody to ask: an old version is safe, since a write on its
                // condition is refused.
                Err(problem) if problem.status >= 500 => break,
                // It has gone meanwhile.
                Err(_) => {}
            }
        }
        for fate in self.fates.iter_mut().flatten() {
            if let Fate::Done(Done { kind, made, version: Some(version), .. }) = fate
                && let Some(now) = current.get(&(kind.clone(), made.id.clone()))
            {
                version.clone_from(now);
            }
        }
    }

    pub(super) fn finish(self, trace_id: &str) -> BulkOutcome {
        let Self { operations, fates, mut outcome, .. } = self;
        let processed =
            operations.into_iter().zip(fates).filter_map(|(operation, fate)| Some((operation, fate?)));
        let result = |(operation, fate): (Operation, Fate)| {
            let Operation { method, bulk_id, .. } = operation;
            result(method, bulk_id, fate, trace_id)
        };
        outcome.results = processed.map(result).collect();
        outcome
    }
}

impl Fate {
    pub(super) fn done(&self) -> Option<&Done> {
        match self {
            Self::Done(done) => Some(done),
            Self::Failed { .. } => None,
        }
    }
}

fn result(method: BulkMethod, bulk_id: Option<String>, fate: Fate, trace_id: &str) -> BulkResult {
    match fate {
        Fate::Done(Done { status, made, version, .. }) => {
            let location = Some(made.location).filter(|location| !location.is_empty());
            BulkResult { location, method, bulk_id, version, status, response: None }
        }
        Fate::Failed { problem, location } => {
            let status = if (400..600).contains(&problem.status) { problem.status } else { 500 };
            let response = Some(error_body(&Problem { status, ..problem }, trace_id));
            BulkResult { location, method, bulk_id, version: None, status, response }
        }
    }
}

/// The id of a resource: it stands in every representation, and at the end of its URI.
fn id_in(answer: &Answer, locations: &Locations, kind: &str) -> String {
    if let Some(id) = answer.resource.get("id").and_then(Value::as_str) {
        return id.to_owned();
    }
    let endpoint = locations.of(kind, "").unwrap_or_default();
    answer.location.strip_prefix(&endpoint).unwrap_or(&answer.location).to_owned()
}
