//! How long the log is kept.

use std::time::Duration;

use scim_engine::store::{ReadKey, ReadValue, Space, Store, StoreError, Stream, Write};

use super::{commit, strangers};
use crate::person_data::workspaces;

/// How many entries go in one commit.
const PAGE: usize = 500;

/// How long entries are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Retention(pub Duration);

impl Default for Retention {
    /// 90 days: longer than a quarter's audit takes, and no longer than a reason for it.
    fn default() -> Self {
        Self(Duration::from_secs(90 * 24 * 60 * 60))
    }
}

/// Removes what is older than the retention from the logs of all workspaces, and from that of
/// [strangers]; tells how many entries went.
///
/// # Errors
///
/// Returns a [`StoreError`] when the store cannot answer now; what is left goes the next time.
pub async fn trim_logs(store: &impl Store, retention: Retention, now: i64) -> Result<u64, StoreError> {
    let kept = i64::try_from(retention.0.as_millis()).unwrap_or(i64::MAX);
    let until = now.saturating_sub(kept);
    let mut gone = trim(store, &strangers(), until, now).await?;
    for workspace in workspaces(store).await? {
        gone += trim(store, &workspace.space(), until, now).await?;
    }
    Ok(gone)
}

/// Removes the entries of a log from before a time, page by page.
async fn trim(store: &impl Store, space: &Space, until: i64, now: i64) -> Result<u64, StoreError> {
    let mut gone = 0;
    loop {
        let key = ReadKey::Events { space: space.clone(), stream: Stream::Log, after: 0, limit: PAGE };
        let Some(ReadValue::Events(events)) = store.read(vec![key]).await?.pop() else { return Ok(gone) };
        let old = events.iter().take_while(|event| event.time < until).count();
        let Some(last) = old.checked_sub(1).and_then(|last| events.get(last)) else { return Ok(gone) };
        let before = last.position + 1;
        let trim = Write::Trim { space: space.clone(), stream: Stream::Log, before };
        commit(store, now, vec![trim]).await?;
        gone += u64::try_from(old).unwrap_or(u64::MAX);
        if old < PAGE {
            return Ok(gone);
        }
    }
}
