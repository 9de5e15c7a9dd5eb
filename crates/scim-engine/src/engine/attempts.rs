//! Walks that lost a guard: how long they go on, and whose turn it is.

use std::time::{Duration, Instant};

use tokio::sync::OwnedMutexGuard;

use crate::engine_error::EngineError;
use crate::fair_queue::FairQueue;
use crate::store::{Guard, RecordKey, Refused};

/// After how many lost walks a request queues for its turn.
const LOST_BEFORE_QUEUE: usize = 2;

/// Walks that lost their guards, and what the next one waits for.
pub(crate) struct Attempts<'e> {
    trace_id: &'e str,
    queue: &'e FairQueue,
    patience: Duration,
    started: Instant,
    lost: usize,
    /// What refused the commit of the last walk.
    pub(crate) refused: Option<Refused>,
}

impl<'e> Attempts<'e> {
    pub(crate) fn new(trace_id: &'e str, patience: Duration, queue: &'e FairQueue) -> Self {
        Self { trace_id, queue, patience, started: Instant::now(), lost: 0, refused: None }
    }

    /// Waits for the turn of the next walk, if it has to queue.
    pub(crate) async fn turn(&self) -> Result<Option<OwnedMutexGuard<()>>, EngineError> {
        let Some(refused) = self.refused.as_ref().filter(|_| self.lost >= LOST_BEFORE_QUEUE) else {
            return Ok(None);
        };
        let left = self.patience.saturating_sub(self.started.elapsed());
        let key = contended(refused);
        let turn = tokio::time::timeout(left, self.queue.turn(&key)).await;
        turn.map(Some).map_err(|_| EngineError::Busy)
    }

    /// Notes a walk that was lost; an error once patience has ended.
    pub(crate) fn lost(&mut self, refusal: Refused) -> Result<(), EngineError> {
        tracing::debug!(trace_id = self.trace_id, %refusal, "lost a guard, walking again");
        self.refused = Some(refusal);
        self.lost += 1;
        if self.started.elapsed() >= self.patience { Err(EngineError::Busy) } else { Ok(()) }
    }
}

/// The key under which those who lost the same guard queue.
fn contended(refused: &Refused) -> String {
    let record = |key: &RecordKey| format!("{} {} {}", key.space, key.record.kind, key.record.id);
    match refused {
        Refused::Guard(Guard::Version(key, _)) | Refused::Missing(key) => record(key),
        Refused::Guard(Guard::Holder(claim, _)) | Refused::Claim(claim, _) => {
            format!("{} {} {}", claim.space, claim.name, claim.value)
        }
        Refused::Guard(Guard::Link(link, _)) => {
            format!("{} {} {} {}", link.space, link.relation, link.member.kind, link.member.id)
        }
        Refused::Guard(Guard::Mark(mark, _)) => format!("{} {}", mark.space, mark.name),
        Refused::Bound { counter, .. } => format!("{} {}", counter.space, counter.name),
    }
}
