//! How often a tenant may ask.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use scim_engine::store::TenantId;

use super::{Access, AuthError, Authenticator, Principal};

/// An authenticator that lets each tenant in only so often: 429 with `Retry-After` in whole seconds beyond
/// that (7644-3.12-09, 7644-7.7-01, D-86).
///
/// What it knows lives in this process alone: behind several servers, each counts what it sees. Requests
/// that are not let in by the authenticator within are not counted.
///
/// ```
/// use scim_http::{Rate, RateLimited, StaticTokens};
///
/// let tokens = RateLimited::new(StaticTokens::new([]), Rate::default());
/// # let _ = tokens;
/// ```
#[derive(Debug)]
pub struct RateLimited<A> {
    within: A,
    rate: Rate,
    buckets: Mutex<HashMap<TenantId, Bucket>>,
}

/// How often a tenant may ask; both limits hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate {
    /// Requests in a second.
    pub per_second: u32,
    /// Requests in a minute.
    pub per_minute: u32,
    /// How many tenants are remembered at most. Beyond that, the one that has not asked for longest is
    /// forgotten, and may ask afresh.
    pub tenants: usize,
}

impl Default for Rate {
    /// 50 in a second and 3,000 in a minute, for 10,000 tenants.
    fn default() -> Self {
        Self { per_second: 50, per_minute: 3_000, tenants: 10_000 }
    }
}

/// What is left to a tenant; it fills up again with time.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Bucket {
    of_second: f64,
    of_minute: f64,
    /// When it was last looked at, in milliseconds since 1970.
    at: i64,
}

impl Rate {
    fn full(self, now: i64) -> Bucket {
        Bucket { of_second: f64::from(self.per_second), of_minute: f64::from(self.per_minute), at: now }
    }

    /// The bucket after one more request, or after how many seconds there may be one.
    fn take(self, bucket: Bucket, now: i64) -> (Bucket, Result<(), u32>) {
        const LONGEST: i64 = 60_000;
        // A clock that goes back fills nothing.
        let passed = now.saturating_sub(bucket.at).clamp(0, LONGEST);
        let seconds = i32::try_from(passed).map_or(0.0, f64::from) / 1000.0;
        let (second, minute) = (f64::from(self.per_second), f64::from(self.per_minute));
        let mut bucket = Bucket {
            of_second: (bucket.of_second + seconds * second).min(second),
            of_minute: (bucket.of_minute + seconds * minute / 60.0).min(minute),
            at: now.max(bucket.at),
        };
        if bucket.of_second >= 1.0 && bucket.of_minute >= 1.0 {
            bucket.of_second -= 1.0;
            bucket.of_minute -= 1.0;
            return (bucket, Ok(()));
        }
        // A minute is always long enough, if there is any time that is.
        let wait = (1.0 - bucket.of_minute) * 60.0 / minute;
        let waits = (1_u32..60).find(|&seconds| f64::from(seconds) >= wait).unwrap_or(60);
        (bucket, Err(waits))
    }
}

impl<A> RateLimited<A> {
    /// Counts what `within` lets in.
    pub fn new(within: A, rate: Rate) -> Self {
        Self { within, rate, buckets: Mutex::default() }
    }

    fn count(&self, tenant: &TenantId, now: i64) -> Result<(), AuthError> {
        // Whoever panicked left numbers behind, and any numbers will do.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if !buckets.contains_key(tenant) && buckets.len() >= self.rate.tenants.max(1) {
            make_room(&mut buckets, now);
        }
        let bucket = buckets.entry(tenant.clone()).or_insert_with(|| self.rate.full(now));
        let (after, outcome) = self.rate.take(*bucket, now);
        *bucket = after;
        outcome.map_err(|retry_after| AuthError::TooMany { retry_after })
    }
}

/// Forgets who has not asked for a minute, whose bucket is full again, or else who asked longest ago.
fn make_room(buckets: &mut HashMap<TenantId, Bucket>, now: i64) {
    let before = buckets.len();
    buckets.retain(|_, bucket| now.saturating_sub(bucket.at) < 60_000);
    if buckets.len() == before {
        let oldest = buckets.iter().min_by_key(|(_, bucket)| bucket.at).map(|(tenant, _)| tenant.clone());
        oldest.and_then(|tenant| buckets.remove(&tenant));
    }
}

impl<A: Authenticator> Authenticator for RateLimited<A> {
    async fn authenticate(&self, bearer: Option<&str>, access: &Access<'_>) -> Result<Principal, AuthError> {
        let principal = self.within.authenticate(bearer, access).await?;
        self.count(&principal.tenant, access.now)?;
        Ok(principal)
    }

    fn reword(&self, error: &AuthError) -> String {
        self.within.reword(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(name: &str) -> TenantId {
        TenantId::new(name).unwrap()
    }

    /// At each time, how many requests are let in until one is not, and how long that one is to wait.
    fn let_in(limited: &RateLimited<()>, name: &str, now: i64) -> (u32, u32) {
        let mut count = 0;
        loop {
            match limited.count(&tenant(name), now) {
                Ok(()) => count += 1,
                Err(AuthError::TooMany { retry_after }) => return (count, retry_after),
                Err(other) => panic!("{other}"),
            }
        }
    }

    /// D-86, 7644-3.12-09: a burst, then as many as time brings, for each tenant by itself.
    #[test]
    fn tenants_ask_so_often() {
        let limited = RateLimited::new((), Rate::default());
        for (name, now, expected) in [
            ("a", 0, (50, 1)),
            ("a", 100, (5, 1)),
            ("b", 100, (50, 1)),
            ("a", 1_100, (50, 1)),
            ("a", 90_000, (50, 1)),
            ("a", 80_000, (0, 1)),
        ] {
            assert_eq!(let_in(&limited, name, now), expected, "{name} {now}");
        }
    }

    /// The minute counts too, and says how long it takes.
    #[test]
    fn the_minute_counts() {
        let limited = RateLimited::new((), Rate { per_second: 10, per_minute: 15, tenants: 10 });
        for (now, expected) in
            [(0, (10, 1)), (1_000, (5, 3)), (1_500, (0, 3)), (4_000, (1, 4)), (5_000, (0, 3))]
        {
            assert_eq!(let_in(&limited, "a", now), expected, "{now}");
        }
        for per_minute in [0, 1] {
            let limited = RateLimited::new((), Rate { per_second: 1, per_minute, tenants: 10 });
            assert_eq!(let_in(&limited, "a", 0), (per_minute, 60));
        }
    }

    /// Memory is bounded: who has not asked for longest is forgotten.
    #[test]
    fn few_tenants_are_remembered() {
        let limited = RateLimited::new((), Rate { tenants: 3, ..Rate::default() });
        for (at, name) in ["a", "b", "c", "d"].into_iter().enumerate() {
            let_in(&limited, name, i64::try_from(at).unwrap());
        }
        assert_eq!(limited.buckets.lock().unwrap().len(), 3);
        assert_eq!((let_in(&limited, "a", 4).0, let_in(&limited, "d", 4).0), (50, 0));
        let_in(&limited, "e", 200_000);
        assert_eq!(limited.buckets.lock().unwrap().len(), 1);
    }
}
