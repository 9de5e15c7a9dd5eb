//! The rules of awork, wired into the provisioning engine.

mod group;
mod person;
mod profile;
mod tally;

pub(crate) use group::same_name;
pub(crate) use person::{ACCOUNT, DELETED, INVITED, decide as decide_person, display_name, is_active, purge};
pub(crate) use profile::follow_login;
pub(crate) use tally::Weight;

use scim_core::{LinkView, Omitted, Problem, ScimType, TypeDef};
use scim_engine::store::{Guard, Space, Stream, TenantId};
use scim_engine::{Admission, Change, Decision, EngineError, FactKey, Facts, Lookup, Rules, Step};
use serde_json::Value;

use crate::event::{AworkEvent, Operation};
use crate::log::LogEntry;
use crate::preconditions::Preconditions;
use crate::provider::Provider;
use crate::refusal::AworkRefusal;
use crate::workspace::{ROLE, ROLE_KIND, USER_KIND, Workspace};

/// The label of a caller that says which identity provider it is.
pub const PROVIDER_LABEL: &str = "provider";

/// The label of a caller who is no identity provider: an admin of awork.
pub(crate) const BY_HAND_LABEL: &str = "byHand";

/// The label of a person who changes their own profile, which admins cannot (D-15).
pub(crate) const IN_PROFILE_LABEL: &str = "inProfile";

/// awork's rules for users and roles.
#[derive(Clone, Copy, Debug, Default)]
pub struct AworkRules;

impl Rules for AworkRules {
    /// what a PUT does not name stays as it is.
    fn omitted(&self) -> Omitted {
        Omitted::Kept
    }

    /// Everyone who loses a role must get another one (D-69).
    fn decides_each(&self, view: &LinkView) -> bool {
        view.relation == ROLE
    }

    /// D-7: a new name of a person is nothing to other people, so only their role is touched, which shows it.
    fn announces_names(&self, def: &TypeDef) -> bool {
        def.name() != USER_KIND
    }

    /// D-10, D-11, A-48: without the plan or single sign-on no request is answered.
    fn admit(&self, tenant: &TenantId, facts: &Facts) -> Admission {
        let mut lookup = facts.lookup();
        let record = lookup.record(Preconditions::key(&tenant.space()));
        if !lookup.is_complete() {
            return Admission::Need(lookup.needed());
        }
        match record.and_then(Preconditions::of).map_or(Ok(()), |known| known.check()) {
            Ok(()) => Admission::Admitted,
            Err(refusal) => Admission::Refused(refusal.into()),
        }
    }

    /// The catalogue, in which the names of roles, teams and regions are looked up.
    fn standing_facts(&self, _: &TypeDef, space: &Space) -> Vec<FactKey> {
        vec![FactKey::Record(Workspace::key(space))]
    }

    fn decide(&self, change: &Change<'_>, facts: &Facts) -> Step {
        let decided = if change.def.name() == ROLE_KIND {
            group::decide(change, facts)
        } else {
            person::decide(change, facts)
        };
        match decided {
            Ok(decision) => Step::Commit(Box::new(decision)),
            Err(Stop::Need(keys)) => Step::Need(keys),
            Err(Stop::Refuse(refusal)) => Step::Refuse(refusal.into()),
            Err(Stop::Damaged) => Step::Refuse(Problem::plain(
                500,
                "the workspace cannot be read: tell awork's support the trace id",
            )),
        }
    }

    /// What the schema already refuses ends with awork's code like any other refusal (domain section 5).
    fn reword(&self, error: EngineError) -> EngineError {
        match error {
            EngineError::Schema(_)
            | EngineError::PatchRequest(_)
            | EngineError::Patch(_)
            | EngineError::FilterSyntax(_)
            | EngineError::Filter(_) => {
                let problem = error.problem();
                let detail = format!("{} (validation-failed)", problem.detail);
                Problem { detail, ..problem }.into()
            }
            EngineError::NotFound { kind, id } => {
                let resource = if kind == ROLE_KIND { ROLE_KIND } else { USER_KIND };
                Problem::from(AworkRefusal::NotFound { resource, id }).into()
            }
            other => other,
        }
    }
}

/// Why a decision does not come to a commit.
pub(crate) enum Stop {
    Need(Vec<FactKey>),
    Refuse(AworkRefusal),
    Damaged,
}

impl From<AworkRefusal> for Stop {
    fn from(refusal: AworkRefusal) -> Self {
        Self::Refuse(refusal)
    }
}

impl From<AworkRefusal> for Problem {
    fn from(refusal: AworkRefusal) -> Self {
        let scim_type = refusal.scim_type().map(|keyword| match keyword {
            "uniqueness" => ScimType::Uniqueness,
            "mutability" => ScimType::Mutability,
            _ => ScimType::InvalidValue,
        });
        Self { status: refusal.status(), scim_type, detail: refusal.to_string() }
    }
}

/// Looks up facts, and stops when one is missing.
struct Asking<'f> {
    facts: &'f Facts,
}

impl<'f> Asking<'f> {
    /// Asks for facts; all that `ask` asks for are read together if one is missing.
    fn all<T>(&self, ask: impl FnOnce(&mut Lookup<'f>) -> T) -> Result<T, Stop> {
        let mut lookup = self.facts.lookup();
        let answer = ask(&mut lookup);
        if lookup.is_complete() { Ok(answer) } else { Err(Stop::Need(lookup.needed())) }
    }

    /// The workspace, and the guard that holds while a name looked up in it means the same.
    fn workspace(&self, change: &Change<'_>) -> Result<(Workspace, Guard), Stop> {
        let key = Workspace::key(change.space);
        let record = self.all(|lookup| lookup.record(key.clone()))?.ok_or(Stop::Damaged)?;
        let workspace = Workspace::of(record).map_err(|_| Stop::Damaged)?;
        Ok((workspace, Guard::Version(key, Some(record.version))))
    }
}

/// The identity provider behind the request (D-35).
fn provider(change: &Change<'_>) -> Provider {
    let label = change.context.caller.labels.get(PROVIDER_LABEL);
    let named = label.and_then(|label| serde_json::from_value(Value::String(label.clone())).ok());
    named.unwrap_or_default()
}

/// An event of the outbox.
fn tell(event: &AworkEvent) -> (Stream, Value) {
    (Stream::Outbox, event.to_body())
}

/// The entry of the provisioning log for a change of a resource (D-83, D-85).
fn log_entry(change: &Change<'_>, operation: Operation, id: &str) -> LogEntry {
    let context = change.context;
    let fired = change.action.desired().map(|desired| desired.fired).unwrap_or_default();
    LogEntry {
        trace_id: context.trace_id.clone(),
        integration: Some(context.caller.id.clone()),
        provider: Some(provider(change).label().to_owned()),
        operation: operation.as_str().to_owned(),
        resource_type: Some(change.def.name().to_owned()),
        resource: Some(id.to_owned()),
        tolerances: fired.iter().map(|tolerance| tolerance.as_str().to_owned()).collect(),
        ..LogEntry::default()
    }
}

/// A decision with its log entry and warnings.
fn logged(mut decision: Decision, entry: LogEntry) -> Decision {
    let entry = LogEntry { warnings: decision.warnings.clone(), ..entry };
    decision.events.push(entry.to_event());
    decision
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D-69, D-7: whoever loses a role is decided about one by one; only names of roles are news to all.
    #[test]
    fn links_and_names() {
        let registry = crate::awork_registry().unwrap();
        let mut seen = Vec::new();
        for def in registry.types() {
            assert_eq!(AworkRules.announces_names(def), def.name() == "Group", "{}", def.name());
            seen.extend(def.links().iter().map(|view| (view.attribute, AworkRules.decides_each(view))));
        }
        seen.sort_unstable();
        let expected = [
            ("absenceRegion", false),
            ("groups", true),
            ("members", true),
            ("teams", false),
            ("userRole", true),
        ];
        assert_eq!(seen, expected);
    }
}
