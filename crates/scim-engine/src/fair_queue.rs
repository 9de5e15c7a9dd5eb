//! A fair queue for those who lost their guards: one at a time for each contended key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// Hands out turns in the order of asking. Nothing of it must be known elsewhere: it only keeps
/// requests of one process from disturbing each other, while guards keep the data right.
#[derive(Debug, Default)]
pub(crate) struct FairQueue {
    lanes: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl FairQueue {
    /// Waits for the turn; it ends when the guard is dropped.
    pub(crate) async fn turn(&self, key: &str) -> OwnedMutexGuard<()> {
        let lane = {
            let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
            // A lane that only the map holds has nobody in it.
            if lanes.len() > 1_000 {
                lanes.retain(|_, lane| Arc::strong_count(lane) > 1);
            }
            Arc::clone(lanes.entry(key.to_owned()).or_default())
        };
        lane.lock_owned().await
    }
}
