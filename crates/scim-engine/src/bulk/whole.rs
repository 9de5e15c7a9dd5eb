//! A bulk request as one change: all of its operations are done, or none of them.
//!
//! They are carried out on a draft over the store, where each sees what those before it have done. In the
//! end the draft becomes one batch, guarded by what was read; if a guard is lost, all of them are carried
//! out again on a new draft.

use std::collections::HashMap;
use std::future::Future;

use scim_core::Problem;
use scim_core::message::BulkMethod;

use super::host::{Admitted, BulkAccess, BulkHost};
use super::plan::BulkPlan;
use super::run::{BulkOutcome, Done, Fate, Run};
use crate::context::IfMatch;
use crate::engine::Engine;
use crate::engine_error::EngineError;
use crate::memory::Draft;
use crate::provisioning::ProvisioningEngine;
use crate::rules::Rules;
use crate::store::{RecordKey, Space, Store};

/// The versions after the commit, as entity tags; none of what is gone.
pub(crate) type Tags = HashMap<RecordKey, String>;

/// Carries the plan out wholly or not at all.
pub(crate) async fn run_whole<S: Store, R: Rules, H: BulkHost>(
    engine: &Engine<S, R>,
    host: &H,
    plan: BulkPlan,
    trace_id: &str,
) -> BulkOutcome {
    let mut attempts = engine.attempts(trace_id);
    loop {
        let turn = host.call(attempts.turn()).await;
        let draft = engine.draft();
        let desk = Desk { host, draft: draft.store(), most_links: engine.limits().most_links };
        let (mut run, steps) = Run::new(&draft, &desk, plan.clone());
        let _turn = match turn {
            Ok(turn) => turn,
            Err(problem) => {
                run.fail_all(&problem);
                return run.finish(trace_id);
            }
        };
        run.carry_out_all(steps).await;
        let lost = if run.outcome.failed > 0 {
            // A failure counts only if what it was decided upon was true at one moment.
            match host.call(engine.changed(draft.store())).await {
                Ok(Some(refused)) => refused,
                Ok(None) | Err(_) => {
                    run.take_back();
                    return run.finish(trace_id);
                }
            }
        } else {
            let about = run.written();
            match host.call(engine.commit_draft(draft.store(), about)).await {
                Ok(Ok(tags)) => {
                    run.settle(&tags);
                    return run.finish(trace_id);
                }
                Ok(Err(refused)) => refused,
                Err(problem) => {
                    run.fail_all(&problem);
                    return run.finish(trace_id);
                }
            }
        };
        if let Err(busy) = attempts.lost(lost) {
            run.fail_all(&busy.problem());
            return run.finish(trace_id);
        }
    }
}

/// What is said where one request changes more links than a commit takes.
pub(crate) fn too_many_links(most: usize) -> Problem {
    let detail = format!(
        "the request changes more than {most} links, which is too much for all or nothing: send several"
    );
    Problem::plain(413, detail)
}

/// The host of the request, which looks after the draft as well.
struct Desk<'d, H, S> {
    host: &'d H,
    draft: &'d Draft<S>,
    most_links: usize,
}

impl<H: BulkHost, S: Store> BulkHost for Desk<'_, H, S> {
    async fn admit(&self, operation: &BulkAccess<'_>) -> Result<Admitted, Problem> {
        let admitted = self.host.admit(operation).await?;
        if self.draft.links() > self.most_links {
            return Err(too_many_links(self.most_links));
        }
        if let (IfMatch::Tags(_), Some(id)) = (&admitted.if_match, operation.id) {
            self.draft.pin(RecordKey::new(&admitted.context.tenant.space(), operation.kind, id));
        }
        Ok(admitted)
    }

    fn call<T: Send>(
        &self,
        work: impl Future<Output = Result<T, EngineError>> + Send,
    ) -> impl Future<Output = Result<T, Problem>> + Send {
        self.host.call(work)
    }

    fn undo<T: Send>(
        &self,
        work: impl Future<Output = Result<T, EngineError>> + Send,
    ) -> impl Future<Output = Result<T, Problem>> + Send {
        self.host.undo(work)
    }
}

impl<E: ProvisioningEngine, H: BulkHost> Run<'_, E, H> {
    /// The resources that operations have written.
    fn written(&self) -> Vec<RecordKey> {
        let done = self.fates.iter().filter_map(Option::as_ref).filter_map(Fate::done);
        done.map(Done::key).collect()
    }

    /// Puts the versions of the commit in the place of those of the draft. What is gone keeps the one that it
    /// had before it went.
    fn settle(&mut self, tags: &Tags) {
        for fate in self.fates.iter_mut().flatten() {
            if let Fate::Done(done) = fate
                && done.version.is_some()
                && let Some(tag) = tags.get(&done.key())
            {
                done.version = Some(tag.clone());
            }
        }
    }

    /// One operation has failed: the others were not carried out either.
    fn take_back(&mut self) {
        let failed = self.fates.iter().position(|fate| matches!(fate, Some(Fate::Failed { .. })));
        let number = failed.map_or(0, |index| index + 1);
        let detail = format!(
            "it was not carried out, as operation {number} of the request failed, and all of them are done or \
             none: correct that one and send the request again"
        );
        self.fail_those_done(&Problem::plain(409, detail));
    }

    /// Nothing was carried out, for a reason that is no operation's own.
    fn fail_all(&mut self, problem: &Problem) {
        for (fate, operation) in self.fates.iter_mut().zip(&self.operations) {
            if fate.is_none() {
                let problem = operation.work.as_ref().err().filter(|p| p.status < 500).unwrap_or(problem);
                *fate = Some(Fate::Failed { problem: problem.clone(), location: None });
                self.outcome.failed += 1;
            }
        }
        self.fail_those_done(problem);
    }

    fn fail_those_done(&mut self, problem: &Problem) {
        // They tell of operations that succeeded.
        self.outcome.warnings.clear();
        for (fate, operation) in self.fates.iter_mut().zip(&self.operations) {
            if let Some(Fate::Done(done)) = fate {
                let location = (operation.method != BulkMethod::Post).then(|| done.made.location.clone());
                *fate = Some(Fate::Failed { problem: problem.clone(), location });
                self.outcome.failed += 1;
            }
        }
    }
}

impl Done {
    fn key(&self) -> RecordKey {
        RecordKey::new(&self.context.tenant.space(), &self.kind, &self.made.id)
    }
}

/// The spaces of records, each once.
pub(crate) fn spaces(records: &[RecordKey]) -> Vec<Space> {
    let mut spaces: Vec<Space> = records.iter().map(|key| key.space.clone()).collect();
    spaces.sort();
    spaces.dedup();
    spaces
}
