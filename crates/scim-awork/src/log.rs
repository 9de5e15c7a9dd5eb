//! The provisioning log of a workspace (D-82 to D-85): what was written, in the commit that wrote it; what was
//! refused, soon after.
//!
//! It is kept apart from the people themselves, who show nothing of it (D-20). It holds no token and no
//! password.

mod change;
mod entry;
mod erase;
mod refusals;
mod retention;
mod search;
mod sums;
mod write_down;

pub(crate) use change::{document_changes, settings_changes};
pub use entry::{LogEntry, LoggedRefusal, RefusalSum, ValueChange};
pub(crate) use erase::{Traces, erase, events_after, learn};
pub use refusals::RefusalLog;
pub use retention::{Retention, trim_logs};
pub use search::{LogOutcome, LogPage, LogQuery, LoggedEntry, search_log};

use scim_engine::store::{Batch, CommitError, Space, Store, StoreError, Write};

/// The space of the log of requests that no workspace is known for, such as those with a wrong token.
#[must_use]
pub fn strangers() -> Space {
    Space::shared("log", "strangers")
}

/// Commits writes that no guard, claim or bound can refuse.
async fn commit(store: &impl Store, now: i64, writes: Vec<Write>) -> Result<(), StoreError> {
    match store.commit(Batch { now, guards: Vec::new(), writes }).await {
        Ok(_) => Ok(()),
        Err(CommitError::Failed(error)) => Err(error),
        Err(refused) => Err(StoreError::Damaged(Box::new(refused))),
    }
}
