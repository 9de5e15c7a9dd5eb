//! How long the log is kept.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use scim_engine::store::{ReadKey, ReadValue, Space, Store, StoreError, Stream, Write};

use super::{commit, strangers};
use crate::person_data::workspaces;

/// How many entries go in one commit.
const PAGE: usize = 500;

/// How long it takes until the next look.
const PAUSE: Duration = Duration::from_secs(60 * 60);

/// How long entries are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Retention(pub Duration);

impl Default for Retention {
    /// 90 days: longer than a quarter's audit takes, and no longer than a reason for it.
    fn default() -> Self {
        Self::of_days(90)
    }
}

impl Retention {
    /// So many days.
    #[must_use]
    pub const fn of_days(days: u16) -> Self {
        Self(Duration::from_secs(days as u64 * 24 * 60 * 60))
    }
}

/// [Trims](trim_logs) the logs once an hour until `stop` is ready. `clock` tells the time, in milliseconds
/// since 1970.
pub async fn keep_logs(
    store: impl Store,
    retention: Retention,
    clock: impl Fn() -> i64 + Send,
    stop: impl Future<Output = ()> + Send,
) {
    let mut stop = pin!(stop);
    loop {
        let trimming = trim_logs(&store, retention, clock());
        tokio::select! {
            trimmed = trimming => match trimmed {
                Ok(0) => {}
                Ok(gone) => tracing::info!(gone, "old entries left the provisioning log"),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "the provisioning log was not trimmed");
                }
            },
            () = &mut stop => return,
        }
        if tokio::time::timeout(PAUSE, &mut stop).await.is_ok() {
            return;
        }
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
