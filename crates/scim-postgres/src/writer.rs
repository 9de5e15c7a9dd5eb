//! Commits: one statement each, run again until its outcome is known.
//!
//! Several server processes commit at once; PostgreSQL shares flushes among them. Each batch has a key of
//! its own, under which its result is recorded in the same transaction. When the connection is lost before
//! the answer is there, the same batch is submitted again under the same key: it waits for the first attempt
//! to end, and returns the recorded result if that has committed.

mod batch;
mod holds;
mod refusal;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use deadpool_postgres::Pool;
use scim_engine::store::{Batch, CommitError, Committed, StoreError};
use serde_json::Value;
use tokio_postgres::{Config, Error};
use uuid::Uuid;

use crate::connection::{self, Lease};
use crate::error::{Fault, OpenError, is_repeated, store_error, unreachable};
use crate::options::PostgresOptions;
use batch::Plan;

pub(crate) use batch::exact_json;

const COMMIT: &str = "SELECT scim_commit($1, $2, $3, $4, $5::text::jsonb)";

/// How often a commit that clashes with others is run.
const CLASHES: u32 = 10;

/// How long recorded results and notes are kept, and how often old ones are taken away.
const KEPT: &str = "DELETE FROM batch WHERE at < now() - interval '1 hour'; \
                    DELETE FROM note WHERE at < (extract(epoch FROM now() - interval '1 hour') * 1000)::bigint";
const TIDIED: Duration = Duration::from_secs(300);

/// The way to commit.
#[derive(Debug)]
pub(crate) struct Writer {
    pool: Pool,
    options: PostgresOptions,
    tidied: Mutex<Instant>,
}

/// What came of one attempt.
enum Attempt {
    Done(Value),
    Failed(Error),
    /// No connection, so nothing was tried.
    Unreachable(StoreError),
    /// No answer for so long that the connection is given up.
    Silent,
}

impl Writer {
    pub(crate) fn open(config: &Config, options: &PostgresOptions) -> Result<Self, OpenError> {
        // No time-out for statements: one that ends a commit while it waits for a standby would call it
        // done. Who waits for a row is bounded by the other setting, and who hears nothing gives up.
        // A commit looks rows up by their keys, whatever was in the tables when it was planned: each once for a
        // connection, as there are many partitions to plan for.
        let settings = format!(
            "SET lock_timeout = {}; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
             SET enable_hashjoin = off; SET enable_mergejoin = off",
            options.lock_limit.as_millis(),
        );
        Ok(Self {
            pool: connection::pool(config, options, options.writers, &settings)?,
            options: options.clone(),
            tidied: Mutex::new(Instant::now()),
        })
    }

    pub(crate) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(crate) async fn commit(&self, batch: &Batch) -> Result<Committed, CommitError> {
        self.tidy();
        let plan = Plan::of(batch)?;
        let key = Uuid::now_v7();
        let mut lost: Option<Instant> = None;
        let mut clashes = 0;
        loop {
            let error = match self.attempt(&plan, key, lost.is_some()).await {
                Attempt::Done(outcome) => return Ok(plan.committed(&outcome)?),
                Attempt::Unreachable(error) => error,
                Attempt::Silent => {
                    lost.get_or_insert_with(Instant::now);
                    StoreError::Unavailable("no answer to a commit".into())
                }
                Attempt::Failed(error) => {
                    if let Some(refused) = refusal::of(&error, batch, &plan)? {
                        return Err(CommitError::Refused(*refused));
                    }
                    match Fault::of(&error) {
                        Fault::Clash if clashes < CLASHES => {
                            clashes += 1;
                            tracing::debug!(
                                error = &error as &dyn std::error::Error,
                                "a commit is run again"
                            );
                            pause(clashes, key).await;
                            continue;
                        }
                        Fault::Lost => {
                            lost.get_or_insert_with(Instant::now);
                        }
                        // An attempt that was thought lost has committed after all.
                        Fault::Failed if is_repeated(&error) => {
                            lost.get_or_insert_with(Instant::now);
                        }
                        _ => return Err(store_error(error).into()),
                    }
                    store_error(error)
                }
            };
            // Without an attempt that may have had an effect there is nothing to find out.
            match lost {
                Some(since) if since.elapsed() < self.options.lost_limit => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "the answer of a commit was lost"
                    );
                    clashes += 1;
                    pause(clashes, key).await;
                }
                _ => return Err(error.into()),
            }
        }
    }

    async fn attempt(&self, plan: &Plan<'_>, key: Uuid, again: bool) -> Attempt {
        let lease = match Lease::of(&self.pool).await {
            Ok(lease) => lease,
            Err(error) => return Attempt::Unreachable(unreachable(error)),
        };
        let limit = self.options.lock_limit + self.options.time_limit;
        let answer = tokio::time::timeout(limit, run(&lease, plan, key, again)).await;
        match answer {
            Ok(Ok(outcome)) => {
                lease.give_back();
                Attempt::Done(outcome)
            }
            Ok(Err(error)) => {
                if Fault::of(&error) != Fault::Lost {
                    lease.give_back();
                }
                Attempt::Failed(error)
            }
            Err(_) => Attempt::Silent,
        }
    }

    /// Takes old results away from time to time, beside the commits.
    fn tidy(&self) {
        let mut tidied = self.tidied.lock().unwrap_or_else(PoisonError::into_inner);
        if tidied.elapsed() < TIDIED {
            return;
        }
        *tidied = Instant::now();
        drop(tidied);
        let pool = self.pool.clone();
        tokio::spawn(async move {
            let Ok(lease) = Lease::of(&pool).await else { return };
            let Some(client) = lease.client() else { return };
            match client.batch_execute(KEPT).await {
                Ok(()) => lease.give_back(),
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "old results and notes are still there"
                    );
                }
            }
        });
    }
}

async fn run(lease: &Lease, plan: &Plan<'_>, key: Uuid, again: bool) -> Result<Value, Error> {
    let Some(client) = lease.client() else { return Ok(Value::Null) };
    let statement = client.prepare_cached(COMMIT).await?;
    let row = client.query_one(&statement, &[&plan.home, &key, &again, &plan.now, &plan.json]).await?;
    row.try_get(0)
}

/// Waits a little longer each time, and not as long as others do.
async fn pause(times: u32, key: Uuid) {
    let spread = u64::from(key.as_bytes()[15]) % 16;
    let base = 1_u64 << times.min(6);
    tokio::time::sleep(Duration::from_millis(base * 2 + spread)).await;
}
