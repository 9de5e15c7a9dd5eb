//! The way of refusals from memory into the store: one batch a second.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use scim_engine::store::{Store, Stream, Write};

use super::commit;
use super::refusals::RefusalLog;

const PAUSE: Duration = Duration::from_secs(1);

/// How long a service that stops waits for the last batch.
const PATIENCE: Duration = Duration::from_secs(5);

impl RefusalLog {
    /// Writes down what has come, once a second, and a last time when `stop` is ready. `clock` tells the time,
    /// in milliseconds since 1970.
    pub async fn write_down(
        self,
        store: impl Store,
        clock: impl Fn() -> i64 + Send,
        stop: impl Future<Output = ()> + Send,
    ) {
        let mut stop = pin!(stop);
        loop {
            let stopped = tokio::time::timeout(PAUSE, &mut stop).await.is_ok();
            let now = clock();
            if stopped {
                // The minute is over for good.
                let last = tokio::time::timeout(PATIENCE, self.flush(&store, now, i64::MAX));
                if last.await.is_err() {
                    tracing::warn!("the last refused requests are not in the log");
                }
                return;
            }
            self.flush(&store, now, now).await;
        }
    }

    /// Writes down what waits; what cannot be written waits on. Sums of minutes before `until` are ready.
    async fn flush(&self, store: &impl Store, now: i64, until: i64) {
        let entries = self.waiting().take(now, until);
        if entries.is_empty() {
            return;
        }
        let writes = entries.iter().map(|(space, entry)| Write::Append {
            space: space.clone(),
            stream: Stream::Log,
            body: entry.to_body(),
        });
        if let Err(error) = commit(store, now, writes.collect()).await {
            let (count, error) = (entries.len(), &error as &dyn std::error::Error);
            tracing::warn!(error, count, "refused requests wait for the log");
            self.waiting().give_back(entries);
        }
    }
}
