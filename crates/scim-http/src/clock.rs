//! Time, new ids and random bytes, as values: a test states them, a server takes the system's.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time, in milliseconds since 1970.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// A clock that asks the function.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// A clock that stands still.
    #[must_use]
    pub fn fixed(now: i64) -> Self {
        Self::new(move || now)
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> i64 {
        (self.0)()
    }
}

impl Default for Clock {
    /// The clock of the system.
    fn default() -> Self {
        Self::new(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Makes ids of resources and the random part of trace ids.
#[derive(Clone)]
pub struct Ids {
    resource: Arc<dyn Fn(i64) -> String + Send + Sync>,
    trace: Arc<dyn Fn() -> [u8; 16] + Send + Sync>,
}

impl Ids {
    /// Ids from functions: one makes an id of a resource from the time in milliseconds since 1970,
    /// the other the 16 bytes of a trace id.
    pub fn new(
        resource: impl Fn(i64) -> String + Send + Sync + 'static,
        trace: impl Fn() -> [u8; 16] + Send + Sync + 'static,
    ) -> Self {
        Self { resource: Arc::new(resource), trace: Arc::new(trace) }
    }

    /// Ids that count from 1, so that a test can name them: `00000000-0000-7000-8000-000000000001`.
    #[must_use]
    pub fn counting() -> Self {
        let (resources, traces) = (AtomicU64::new(1), AtomicU64::new(1));
        Self::new(
            move |_| {
                format!(
                    "00000000-0000-7000-8000-{:012x}",
                    resources.fetch_add(1, Ordering::Relaxed) & 0xffff_ffff_ffff
                )
            },
            move || u128::from(traces.fetch_add(1, Ordering::Relaxed)).to_be_bytes(),
        )
    }

    /// The id for a resource created now.
    #[must_use]
    pub fn resource(&self, now: i64) -> String {
        (self.resource)(now)
    }

    /// The random bytes for a trace id.
    #[must_use]
    pub fn trace(&self) -> [u8; 16] {
        (self.trace)()
    }
}

impl Default for Ids {
    /// UUIDs of version 7 for resources, so that ids ascend with time, and random trace ids.
    fn default() -> Self {
        Self::new(
            |now| {
                let [.., a, b, c, d, e, f, g, h, i, j] = random();
                let millis = u64::try_from(now).unwrap_or(0);
                let id = uuid::Builder::from_unix_timestamp_millis(millis, &[a, b, c, d, e, f, g, h, i, j])
                    .into_uuid();
                id.to_string()
            },
            random,
        )
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ids")
    }
}

/// 16 random bytes.
fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    if getrandom::fill(&mut bytes).is_err() {
        // Ids need to differ, not to be secret. `RandomState` has keys of its own for each instance.
        let half = || std::hash::BuildHasher::hash_one(&std::collections::hash_map::RandomState::new(), 0_u8);
        bytes[..8].copy_from_slice(&half().to_be_bytes());
        bytes[8..].copy_from_slice(&half().to_be_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_resources_are_uuids_that_tell_the_time() {
        let ids = Ids::default();
        let (early, late) = (ids.resource(1_700_000_000_000), ids.resource(1_700_000_000_001));
        assert!(early < late, "{early} {late}");
        assert_eq!(early.len(), 36);
        assert_eq!(&early[..19], "018bcfe5-6800-7".to_owned() + &early[15..19]);
        assert_ne!(ids.resource(0), ids.resource(0));
        assert!(uuid::Uuid::try_parse(&ids.resource(-1)).is_ok());
    }

    #[test]
    fn counting_ids_are_the_same_in_each_run() {
        let ids = Ids::counting();
        assert_eq!(ids.resource(5), "00000000-0000-7000-8000-000000000001");
        assert_eq!(ids.resource(5), "00000000-0000-7000-8000-000000000002");
        assert_eq!(ids.trace()[15], 1);
        assert_eq!(Clock::fixed(7).now(), 7);
        assert!(Clock::default().now() > 1_700_000_000_000);
    }
}
