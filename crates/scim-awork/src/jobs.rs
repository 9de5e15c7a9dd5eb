//! Work that waits for its time: invoices that are due, and accounts that other workspaces show.

mod account_copy;
mod invoice;

use std::sync::Arc;

use scim_core::{Registry, RegistryError, TypeDef};
use scim_engine::outbox::{Job, JobStep, Jobs};
use scim_engine::{FactKey, Facts, Lookup};

use crate::registry::awork_registry;
use crate::workspace::USER_KIND;

/// awork's work, for a [`Worker`](scim_engine::outbox::Worker).
#[derive(Clone, Debug)]
pub struct AworkJobs {
    registry: Registry,
}

impl AworkJobs {
    /// The work of every workspace.
    ///
    /// # Errors
    ///
    /// As [`awork_registry`].
    pub fn new() -> Result<Self, RegistryError> {
        Ok(Self { registry: awork_registry()? })
    }

    fn users(&self) -> Option<&Arc<TypeDef>> {
        self.registry.type_named(USER_KIND)
    }
}

impl Jobs for AworkJobs {
    fn decide(&self, job: &Job<'_>, facts: &Facts) -> JobStep {
        let decided = match (job.key.name.as_str(), self.users()) {
            ("invoice", _) => invoice::decide(job, facts),
            ("copy", Some(users)) => account_copy::decide(job, facts, users),
            _ => Err(Stop::Later("nobody knows this work".to_owned())),
        };
        match decided {
            Ok(step) => step,
            Err(Stop::Need(needed)) => JobStep::Need(needed),
            Err(Stop::Later(why)) => JobStep::Later(why),
        }
    }
}

/// Why work is not done.
enum Stop {
    Need(Vec<FactKey>),
    Later(String),
}

/// Asks for facts; all that `ask` asks for are read together if one is missing.
fn known<'f, T>(facts: &'f Facts, ask: impl FnOnce(&mut Lookup<'f>) -> T) -> Result<T, Stop> {
    let mut lookup = facts.lookup();
    let answer = ask(&mut lookup);
    if lookup.is_complete() { Ok(answer) } else { Err(Stop::Need(lookup.needed())) }
}
