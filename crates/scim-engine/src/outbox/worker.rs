//! The worker: finds what is due, delivers and does it, while it has the lease.

mod due;
mod events;

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::consumer::{AnyConsumer, Consumer, DeliveryError, Message};
use super::job::Jobs;
use super::keys::{Work, work};
use super::lease::{Lease, give_back, take};
use super::nudge::Nudge;
use crate::store::{Batch, CommitError, Guard, SHARDS, Space, Store, StoreError, Write};

/// Every shard, one bit each.
const ALL: u64 = u64::MAX;

/// How a worker works.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WorkerConfig {
    /// How often it looks for work that it was not told of.
    pub poll: Duration,
    /// How long the lease lasts; another node takes over that much after this one has died. Well longer
    /// than `delivery`, so that no delivery outlives it.
    pub lease: Duration,
    /// How long one delivery may take.
    pub delivery: Duration,
    /// How long it waits after the first failure of an event; twice as long after each further one.
    pub first_wait: Duration,
    /// How long it waits between two tries at most.
    pub longest_wait: Duration,
    /// After how many tries an event is a dead letter.
    pub most_tries: u32,
    /// How many events or pieces of work are in memory at most.
    pub page: usize,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(5),
            lease: Duration::from_secs(60),
            delivery: Duration::from_secs(20),
            first_wait: Duration::from_secs(5),
            longest_wait: Duration::from_secs(3_600),
            // With the waits above, about a day.
            most_tries: 32,
            page: 100,
        }
    }
}

impl WorkerConfig {
    /// When to try again after that many tries.
    fn again_at(&self, now: i64, tries: u32) -> i64 {
        let wait = self.first_wait.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)));
        now.saturating_add(millis(wait.min(self.longest_wait)))
    }
}

/// What a look for work has come to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Turn {
    /// Another node has the lease.
    Waiting,
    /// What was due is done, delivered, or waits to be tried again.
    Done,
    /// There is more, for the next look.
    More,
}

/// Reads the outbox of every space and does what is due, as long as no other node does.
pub struct Worker<S> {
    store: S,
    node: String,
    consumers: Vec<Box<dyn AnyConsumer>>,
    jobs: Option<Box<dyn Jobs>>,
    config: WorkerConfig,
    nudge: Nudge,
    lease: Option<Lease>,
    /// When the turn began; what was given as the time was true then.
    began: (i64, Instant),
}

impl<S: Store> Worker<S> {
    /// A worker on a store. No two running workers may have the same `node`: the later one would take
    /// over from the other.
    #[must_use]
    pub fn new(store: S, node: &str) -> Self {
        Self {
            store,
            node: node.to_owned(),
            consumers: Vec::new(),
            jobs: None,
            config: WorkerConfig::default(),
            nudge: Nudge::default(),
            lease: None,
            began: (0, Instant::now()),
        }
    }

    /// The same worker with one more consumer.
    #[must_use]
    pub fn with_consumer(mut self, consumer: impl Consumer) -> Self {
        self.consumers.push(Box::new(consumer));
        self
    }

    /// The same worker, which does the application's work as these decide.
    #[must_use]
    pub fn with_jobs(mut self, jobs: impl Jobs) -> Self {
        self.jobs = Some(Box::new(jobs));
        self
    }

    /// The same worker with another way of working.
    #[must_use]
    pub fn with_config(mut self, config: WorkerConfig) -> Self {
        self.config = config;
        self
    }

    /// The same worker, woken by this nudge, which an [`Engine`](crate::Engine) gives after commits.
    #[must_use]
    pub fn with_nudge(mut self, nudge: Nudge) -> Self {
        self.nudge = nudge;
        self
    }

    /// Looks once for all work that is due at `now`, in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// Returns a [`StoreError`] when the store cannot answer; what was not done is done in a later turn.
    pub async fn turn(&mut self, now: i64) -> Result<Turn, StoreError> {
        self.turn_in(now, ALL).await
    }

    /// Works until `stop` is ready, and then gives the lease back. `clock` tells the time, in milliseconds
    /// since 1970.
    pub async fn run(mut self, clock: impl Fn() -> i64 + Send, stop: impl Future<Output = ()> + Send) {
        let mut stop = pin!(stop);
        let nudge = self.nudge.clone();
        let mut shards = ALL;
        loop {
            let patience = self.config.delivery;
            let more = {
                let mut turn = pin!(self.turn_in(clock(), shards));
                tokio::select! {
                    turn = &mut turn => match turn {
                        Ok(turn) => turn == Turn::More,
                        Err(error) => {
                            tracing::warn!(error = &error as &dyn std::error::Error, "the outbox waits");
                            false
                        }
                    },
                    () = &mut stop => {
                        // What is being delivered should not have to be delivered again.
                        let _ = tokio::time::timeout(patience, turn).await;
                        break;
                    }
                }
            };
            if more {
                continue;
            }
            shards = tokio::select! {
                () = nudge.wait() => nudge.take(),
                () = tokio::time::sleep(self.config.poll) => ALL,
                () = &mut stop => break,
            };
        }
        if let Some(lease) = self.lease.take()
            && let Err(error) = give_back(&self.store, &self.node, lease, clock()).await
        {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the lease of the outbox runs out by itself"
            );
        }
    }

    async fn turn_in(&mut self, now: i64, shards: u64) -> Result<Turn, StoreError> {
        self.began = (now, Instant::now());
        match self.look(now, shards).await {
            Ok(more) => Ok(if more { Turn::More } else { Turn::Done }),
            Err(Stop::Store(error)) => Err(error),
            Err(Stop::Lost) => {
                self.lease = None;
                Ok(Turn::Waiting)
            }
        }
    }

    /// Does what is due in these shards; tells whether there is more.
    async fn look(&mut self, now: i64, shards: u64) -> Result<bool, Stop> {
        self.hold().await?;
        let mut more = false;
        for shard in (0..SHARDS).filter(|shard| shards & (1 << shard) != 0) {
            let keys = self.store.due(shard, now.saturating_add(1), self.config.page).await?;
            more |= keys.len() == self.config.page;
            let mut spaces: BTreeSet<&Space> = BTreeSet::new();
            for key in &keys {
                match work(&key.name) {
                    Work::Events => {
                        spaces.insert(&key.space);
                    }
                    Work::Letter { consumer, position } => {
                        self.letter(key, consumer, position, now).await?;
                    }
                    Work::Job => more |= self.job(key, now).await?,
                }
            }
            for space in spaces {
                let wakes: Vec<_> = keys.iter().filter(|key| key.space == *space).collect();
                more |= self.events(space, &wakes, now).await?;
            }
        }
        Ok(more)
    }

    /// Makes sure that the lease outlasts a delivery.
    async fn hold(&mut self) -> Result<Lease, Stop> {
        let now = self.now();
        let outlasts = |lease: &Lease| {
            let left = lease.left(now);
            left > self.config.delivery.saturating_mul(2) || left > self.config.lease / 2
        };
        if let Some(lease) = self.lease.filter(outlasts) {
            return Ok(lease);
        }
        self.lease = take(&self.store, &self.node, self.lease, now, self.config.lease).await?;
        self.lease.ok_or(Stop::Lost)
    }

    /// The time now: what was given, and what has passed since.
    fn now(&self) -> i64 {
        let (began, instant) = self.began;
        began.saturating_add(millis(instant.elapsed()))
    }

    /// Commits what this node has done, unless another one has taken over.
    async fn commit(
        &self,
        writes: Vec<Write>,
        guards: Vec<Guard>,
        now: i64,
    ) -> Result<Result<(), crate::store::Refused>, Stop> {
        let lease = self.lease.ok_or(Stop::Lost)?.guard();
        let guards = std::iter::once(lease.clone()).chain(guards).collect();
        match self.store.commit(Batch { now, guards, writes }).await {
            Ok(_) => Ok(Ok(())),
            Err(CommitError::Refused(crate::store::Refused::Guard(guard))) if guard == lease => {
                Err(Stop::Lost)
            }
            Err(CommitError::Refused(refused)) => Ok(Err(refused)),
            Err(CommitError::Failed(error)) => Err(error.into()),
        }
    }

    /// Gives an event to a consumer, for as long as a delivery may take.
    async fn deliver(&self, consumer: &dyn AnyConsumer, message: &Message<'_>) -> Result<(), DeliveryError> {
        let delivering = tokio::time::timeout(self.config.delivery, consumer.deliver(message));
        let delivered = match delivering.await {
            Ok(delivered) => delivered,
            Err(_) => Err(DeliveryError::Later("it takes too long".to_owned())),
        };
        let tries = message.tries.saturating_add(1);
        match delivered {
            Err(DeliveryError::Later(why)) if tries >= self.config.most_tries => {
                Err(DeliveryError::Never(why))
            }
            delivered => delivered,
        }
    }
}

/// Why a turn ends early.
enum Stop {
    /// Another node has the lease.
    Lost,
    Store(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// How often something was tried, as the body of its work says.
pub(super) fn tries(body: &Value) -> u32 {
    body.get("tries").and_then(Value::as_u64).and_then(|tries| tries.try_into().ok()).unwrap_or(0)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl<S> fmt::Debug for Worker<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("node", &self.node)
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits double from the first to the longest, whatever the number of tries.
    #[test]
    fn waits_grow() {
        let config = WorkerConfig {
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
            ..WorkerConfig::default()
        };
        for (tries, wait) in [(0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (99, 60), (u32::MAX, 60)] {
            assert_eq!(config.again_at(5, tries), 5 + wait * 1_000, "{tries}");
        }
        assert_eq!(config.again_at(i64::MAX, 1), i64::MAX);
    }
}
