//! Work of the application that waits for its time.

use serde_json::Value;

use crate::facts::{FactKey, Facts};
use crate::store::{DueKey, Guard, Write};

/// Decides about due work: a pure function of the work and the facts, asked again with more facts until
/// it is done, and from the start when the commit finds that a fact has changed.
pub trait Jobs: Send + Sync + 'static {
    /// Decides about one piece of work.
    fn decide(&self, job: &Job<'_>, facts: &Facts) -> JobStep;
}

/// Due work.
#[derive(Clone, Copy, Debug)]
pub struct Job<'j> {
    /// Which one.
    pub key: &'j DueKey,
    /// When it was due, in milliseconds since 1970.
    pub at: i64,
    /// What to do.
    pub body: &'j Value,
    /// The time, likewise.
    pub now: i64,
}

/// The outcome of a round of deciding.
#[derive(Debug)]
pub enum JobStep {
    /// More must be known first.
    Need(Vec<FactKey>),
    /// The work is done by these writes, if the guards hold. It goes from the queue in the same commit,
    /// unless the writes schedule it again.
    Done {
        /// What changes.
        writes: Vec<Write>,
        /// What must still be true; all that the decision rests on.
        guards: Vec<Guard>,
    },
    /// It cannot be done now, for this reason; it is tried again after a while.
    Later(String),
}
