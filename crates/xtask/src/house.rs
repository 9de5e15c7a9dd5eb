//! The order of the house: what stands where, and who may know whom.

mod arrows;
mod top_level;
mod words;

use crate::Outcome;

/// Checks the top level, the arrows between the crates, and that only `scim-awork` names awork.
///
/// # Errors
///
/// Lists every breach.
pub(crate) fn house() -> Outcome {
    let breaches = [top_level::breaches()?, arrows::breaches()?, words::breaches()?].concat();
    if breaches.is_empty() { Ok(()) } else { Err(breaches.join("\n")) }
}
