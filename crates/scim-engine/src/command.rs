//! Decisions of the application that no request of the protocol asks for, such as those of its admins.

use scim_core::{Problem, Registry, TypeDef};

use crate::context::RequestContext;
use crate::facts::{FactKey, Facts};
use crate::rules::{Action, Decision, Holding};
use crate::store::{Refused, Space};
use crate::subject::unique_values;

/// Something that the application does by itself. It walks the way of a request: decided by a pure function
/// of the facts it asks for, committed as one guarded batch, and decided anew when a guard is lost.
///
/// A command that only looks commits nothing.
pub trait Command: Send + Sync {
    /// What comes of it.
    type Output: Send;

    /// The resource type that the outcome of the decision is about; none where the command decides about
    /// no resource, or writes what it does by itself.
    fn kind(&self) -> Option<&str> {
        None
    }

    /// Decides; asked again with more facts, and from the start when the commit finds that one has changed.
    fn decide(&self, scene: &Scene<'_>, facts: &Facts) -> CommandStep<Self::Output>;
}

/// The circumstances of a command.
#[derive(Clone, Copy, Debug)]
pub struct Scene<'s> {
    /// Who commands, when, for which tenant.
    pub context: &'s RequestContext,
    /// The space of the tenant.
    pub space: &'s Space,
    /// The schemas and resource types.
    pub registry: &'s Registry,
    /// How many far ends a fact about links names; one more where there are more. A commit changes no more.
    pub most_links: usize,
    /// What refused the commit of the last walk, if one was refused.
    pub refused: Option<&'s Refused>,
}

/// The outcome of a round of deciding about a command.
#[derive(Debug)]
pub enum CommandStep<T> {
    /// More must be known first.
    Need(Vec<FactKey>),
    /// The command may happen, in this way, and this is what comes of it.
    Commit(Box<Decision>, T),
    /// It must not happen.
    Refuse(Problem),
}

/// Who holds the unique values that a resource would newly have, as [`Change::holdings`] lists them for a
/// request; a command asks for them like for any other fact.
///
/// # Errors
///
/// Returns what must be known first.
///
/// [`Change::holdings`]: crate::Change::holdings
pub fn holdings(
    def: &TypeDef,
    space: &Space,
    action: Action<'_>,
    facts: &Facts,
) -> Result<Vec<Holding>, Vec<FactKey>> {
    let Some(desired) = action.desired() else { return Ok(Vec::new()) };
    let mut lookup = facts.lookup();
    let stored: Vec<_> = action
        .current()
        .into_iter()
        .flat_map(|current| unique_values(def, space, &current.document))
        .map(|(_, _, claim)| claim)
        .collect();
    let holdings = unique_values(def, space, &desired.document)
        .filter(|(_, _, claim)| !stored.contains(claim))
        .map(|(path, value, claim)| {
            let holder = lookup.holder(claim.clone()).cloned();
            Holding { path, value, claim, holder }
        })
        .collect();
    if lookup.is_complete() { Ok(holdings) } else { Err(lookup.needed()) }
}
