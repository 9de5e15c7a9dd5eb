//! POSTs that refer to each other in a circle: created first, then joined; all of them or none
//! (7644-3.7.1-01).

use std::collections::HashMap;

use scim_core::{Problem, Selection};

use super::host::BulkHost;
use super::late::{patch, take_late};
use super::mention::Made;
use super::plan::{Task, Work, shown};
use super::run::{Done, Fate, Run};
use crate::context::IfMatch;
use crate::provisioning::ProvisioningEngine;

/// A reference that is set once all resources of the circle are there.
struct Late {
    index: usize,
    work: Work,
}

impl<E: ProvisioningEngine, H: BulkHost> Run<'_, E, H> {
    pub(super) async fn circle(&mut self, members: &[usize]) {
        if let Err((culprit, problem)) = self.make_circle(members).await {
            self.abandon(members, culprit, problem).await;
        }
    }

    /// Creates the members and joins them; else says which of them failed, and why.
    async fn make_circle(&mut self, members: &[usize]) -> Result<(), (usize, Problem)> {
        let place: HashMap<usize, usize> =
            members.iter().enumerate().map(|(at, index)| (*index, at)).collect();
        let creators = &self.creators;
        let mut split = Vec::with_capacity(members.len());
        for (at, index) in members.iter().enumerate() {
            let work = match &mut self.operations[*index].work {
                Ok(work) => work,
                Err(problem) => return Err((*index, problem.clone())),
            };
            let is_late = |name: &str| {
                creators.get(name).and_then(|on| place.get(on)).is_some_and(|place| *place >= at)
            };
            split.push(take_late(&work.def, self.engine.registry(), &mut work.data, &is_late));
        }
        let mut late = Vec::new();
        for (index, operations) in members.iter().copied().zip(split) {
            // Nothing of the circle has failed so far, so a need that has lies outside.
            let work = self.take_work(index).map_err(|problem| (index, problem))?;
            let def = work.def.clone();
            let done = self.carry_out(index, work, None).await.map_err(|problem| (index, problem))?;
            self.succeed(index, done);
            if !operations.is_empty() {
                late.push(Late {
                    index,
                    work: Work { def, task: Task::Patch, version: None, data: patch(operations) },
                });
            }
        }
        for Late { index, work } in late {
            self.join(index, work).await.map_err(|problem| (index, problem))?;
        }
        Ok(())
    }

    /// Sets the references of a resource that had to wait.
    async fn join(&mut self, index: usize, mut work: Work) -> Result<(), Problem> {
        self.resolve(&mut work);
        let Some(Fate::Done(Done { context, made, .. })) = &self.fates[index] else { return Ok(()) };
        let (engine, host) = (self.engine, self.host);
        let selection = Selection::Only(Vec::new());
        let kind = work.def.name();
        let patching = engine.patch(context, kind, &made.id, work.data, &selection, &IfMatch::Unconditional);
        let answer = host.call(patching).await?;
        let new = self.note(answer);
        if let Some(Fate::Done(Done { version, .. })) = &mut self.fates[index] {
            *version = new;
        }
        Ok(())
    }

    /// Deletes what was created, and fails all members: the culprit for its own reason.
    async fn abandon(&mut self, members: &[usize], culprit: usize, problem: Problem) {
        // Those that were created: where they still are, if they could not be deleted.
        let mut created: HashMap<usize, Option<String>> = HashMap::new();
        for index in members.iter().rev() {
            let Some(Fate::Done(Done { kind, made: Made { id, location }, context, .. })) =
                &self.fates[*index]
            else {
                continue;
            };
            let deleting = self.engine.delete(context, kind, id, &IfMatch::Unconditional);
            let undone = self.host.undo(deleting).await;
            created.insert(*index, undone.err().map(|_| location.clone()));
        }
        // The culprit comes first, for it is what stops the rest.
        let others = members.iter().copied().filter(|index| *index != culprit);
        let name = shown(self.operations[culprit].bulk_id.as_deref().unwrap_or_default());
        let mut own = Some(problem);
        for index in std::iter::once(culprit).chain(others) {
            let left = created.remove(&index);
            if left.is_none() && index != culprit && !self.may_go_on() {
                continue;
            }
            let problem = match (own.take(), &left) {
                (Some(problem), _) => problem,
                (None, None) => self.depends_on_failed(culprit),
                (None, Some(_)) => Problem::plain(
                    409,
                    format!(
                        "it refers in a circle to `bulkId:{name}`, whose operation failed, so it was taken \
                         back: correct that one and send all of them again"
                    ),
                ),
            };
            let location = left.flatten();
            let problem = if location.is_some() { still_there(problem) } else { problem };
            self.fail(index, problem, location);
        }
    }
}

/// Says that what was created may not have been deleted again.
fn still_there(mut problem: Problem) -> Problem {
    problem.detail.push_str(
        "; the resource itself was created and may still be there without all of its references: look, and \
         delete it or set them",
    );
    problem
}
