//! Wakes the worker of this process, so that nobody waits for its next look.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use crate::store::{SHARDS, Space};

// One bit for each shard.
const _: () = assert!(SHARDS as u32 <= u64::BITS);

/// Tells the worker of the same process in which shards there is work. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Nudge(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    shards: AtomicU64,
    notify: Notify,
}

impl Nudge {
    /// Says that there is work in this space.
    pub fn at(&self, space: &Space) {
        self.0.shards.fetch_or(1 << space.shard(SHARDS), Ordering::AcqRel);
        self.0.notify.notify_one();
    }

    /// Waits for a nudge; one that came before counts.
    pub(super) async fn wait(&self) {
        self.0.notify.notified().await;
    }

    /// The shards that were named since the last time, one bit each.
    pub(super) fn take(&self) -> u64 {
        self.0.shards.swap(0, Ordering::AcqRel)
    }
}
