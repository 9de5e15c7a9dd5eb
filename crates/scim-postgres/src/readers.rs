//! Connections that read: a snapshot for each read, and as few round trips as its questions allow.

use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use deadpool_postgres::{Object, Pool};
use scim_engine::store::StoreError;
use scim_sql::{Param, Postgres, Sql};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Config, Error, Row};

use crate::connection::{self, Lease};
use crate::error::{Fault, OpenError, store_error, unreachable};
use crate::options::PostgresOptions;
use crate::row::Bound;

/// How often a read whose connection was lost is tried.
const TRIES: usize = 3;

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// What is written for the occasion is planned for its values, until the end of the transaction.
const PLAN: &str = "SET LOCAL plan_cache_mode = force_custom_plan";

const BEGIN_AND_PLAN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; \
                              SET LOCAL plan_cache_mode = force_custom_plan";

/// A question to the database.
#[derive(Debug)]
pub(crate) struct Question {
    text: Cow<'static, str>,
    params: Vec<Param>,
    is_kept: bool,
}

impl Question {
    /// One that is asked again and again: it is kept prepared.
    pub(crate) fn kept(text: impl Into<Cow<'static, str>>, params: Vec<Param>) -> Self {
        Self { text: text.into(), params, is_kept: true }
    }

    /// As [`Question::kept`], with a text that the configuration makes: one of few.
    pub(crate) fn kept_sql(sql: Sql) -> Self {
        Self { is_kept: true, ..Self::lowered(sql) }
    }

    /// Its text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// What is bound to it.
    pub(crate) fn params(&self) -> &[Param] {
        &self.params
    }

    /// One that is written for the occasion, such as a filter: it is planned for its values.
    pub(crate) fn lowered(sql: Sql) -> Self {
        let (text, params) = sql.finish(&Postgres);
        Self { text: Cow::Owned(text), params, is_kept: false }
    }
}

/// What is read from one snapshot; it may be read again from another, when a connection was lost.
pub(crate) trait Read: Sync {
    type Answer: Send;

    fn run(&self, snapshot: &mut Snapshot) -> impl Future<Output = Result<Self::Answer, Stop>> + Send;
}

/// The rows that answer all of these.
#[derive(Debug)]
pub(crate) struct Ask<'q>(pub(crate) &'q [Question]);

impl Read for Ask<'_> {
    type Answer = Vec<Vec<Row>>;

    async fn run(&self, snapshot: &mut Snapshot) -> Result<Self::Answer, Stop> {
        snapshot.ask(self.0, true).await
    }
}

/// The readers of a store.
#[derive(Debug)]
pub(crate) struct Readers {
    pool: Pool,
}

impl Readers {
    pub(crate) fn open(config: &Config, options: &PostgresOptions) -> Result<Self, OpenError> {
        // The lowering says in which order tables are joined. A tenant's rows are found by an index, and
        // read in its order where it gives the one that is asked for, whatever the statistics say: they may
        // be of yesterday, and are those of all tenants.
        // What is kept prepared is a look-up by key, which is planned once: the tables have many partitions,
        // so that a plan takes longer than the look-up.
        let settings = format!(
            "SET default_transaction_read_only = on; SET join_collapse_limit = 1; SET enable_seqscan = off; \
             SET enable_sort = off; SET plan_cache_mode = force_generic_plan; SET statement_timeout = {}; SET idle_in_transaction_session_timeout = {}",
            options.time_limit.as_millis(),
            options.time_limit.as_millis().saturating_mul(2),
        );
        Ok(Self { pool: connection::pool(config, options, options.readers, &settings)? })
    }

    /// Runs a read; once more on another connection when it was lost.
    pub(crate) async fn run<R: Read>(&self, read: R) -> Result<R::Answer, StoreError> {
        let mut tries = 1;
        loop {
            let lease = Lease::of(&self.pool).await.map_err(unreachable)?;
            let mut snapshot = Snapshot { lease, begun: false, plans: false };
            match read.run(&mut snapshot).await {
                Ok(answer) => {
                    if !snapshot.begun {
                        snapshot.lease.give_back();
                    }
                    return Ok(answer);
                }
                Err(Stop::Sql(error)) if tries < TRIES && Fault::of(&error) == Fault::Lost => {
                    tracing::debug!(error = &error as &dyn std::error::Error, "a read is tried again");
                    tries += 1;
                }
                Err(Stop::Sql(error)) => return Err(store_error(error)),
                Err(Stop::Store(error)) => return Err(error),
            }
        }
    }
}

/// Why a read stops.
#[derive(Debug)]
pub(crate) enum Stop {
    Sql(Error),
    Store(StoreError),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// One snapshot of the data on one connection. When it is dropped half way, the connection is closed.
#[derive(Debug)]
pub(crate) struct Snapshot {
    lease: Lease,
    begun: bool,
    /// Whether statements are planned for their values.
    plans: bool,
}

impl Snapshot {
    /// Asks all questions in one round trip. `last` says that no more will be asked of this snapshot.
    pub(crate) async fn ask(&mut self, questions: &[Question], last: bool) -> Result<Vec<Vec<Row>>, Stop> {
        let Some(client) = self.lease.client() else { return Ok(Vec::new()) };
        let plan = !self.plans && questions.iter().any(|question| !question.is_kept);
        // One question has a snapshot of its own.
        let alone = last && questions.len() <= 1 && !plan;
        let begin = !self.begun && !alone;
        let end = last && (self.begun || begin);
        self.begun |= begin;
        self.plans |= plan;
        let first = match (begin, plan) {
            (true, true) => Some(BEGIN_AND_PLAN),
            (true, false) => Some(BEGIN),
            (false, true) => Some(PLAN),
            (false, false) => None,
        };
        let answers = pipelined(client, first, questions, end.then_some("COMMIT")).await?;
        if end {
            self.begun = false;
        }
        Ok(answers)
    }
}

type Asked<'c> = Pin<Box<dyn Future<Output = Result<Vec<Row>, Error>> + Send + 'c>>;

/// Sends all statements before it waits for the first answer.
async fn pipelined(
    client: &Object,
    first: Option<&str>,
    questions: &[Question],
    last: Option<&str>,
) -> Result<Vec<Vec<Row>>, Error> {
    // Before anything is under way: a statement that is not known yet is a round trip of its own.
    let mut kept = Vec::with_capacity(questions.len());
    for question in questions {
        kept.push(match question.is_kept {
            true => Some(client.prepare_cached(&question.text).await?),
            false => None,
        });
    }
    let bound: Vec<Vec<Bound<'_>>> =
        questions.iter().map(|question| question.params.iter().map(Bound).collect()).collect();
    let mut asked: Vec<Asked<'_>> = Vec::with_capacity(questions.len() + 2);
    let command = |text| async move { client.batch_execute(text).await.map(|()| Vec::new()) };
    if let Some(first) = first {
        asked.push(Box::pin(command(first)));
    }
    for ((question, bound), kept) in questions.iter().zip(&bound).zip(&kept) {
        asked.push(match kept {
            Some(kept) => {
                let params: Vec<&(dyn ToSql + Sync)> = bound.iter().map(|bound| bound as _).collect();
                Box::pin(async move { client.query(kept, &params).await })
            }
            None => {
                let params: Vec<(&(dyn ToSql + Sync), Type)> =
                    bound.iter().map(|bound| (bound as &(dyn ToSql + Sync), bound.kind())).collect();
                Box::pin(async move { client.query_typed(&question.text, &params).await })
            }
        });
    }
    if let Some(last) = last {
        asked.push(Box::pin(command(last)));
    }
    let mut answers = in_order(asked).await;
    // What failed first made the rest fail.
    if let Some(failed) = answers.iter().position(Result::is_err) {
        return answers.swap_remove(failed).map(|rows| vec![rows]);
    }
    let skip = usize::from(first.is_some());
    Ok(answers.into_iter().skip(skip).take(questions.len()).flatten().collect())
}

/// Starts all in order, without a pause between them, then waits for all of them.
async fn in_order(asked: Vec<Asked<'_>>) -> Vec<Result<Vec<Row>, Error>> {
    let mut started = Vec::with_capacity(asked.len());
    for mut future in asked {
        let answer = poll_fn(|context| {
            Poll::Ready(match future.as_mut().poll(context) {
                Poll::Ready(answer) => Some(answer),
                Poll::Pending => None,
            })
        })
        .await;
        started.push((future, answer));
    }
    let mut answers = Vec::with_capacity(started.len());
    for (future, answer) in started {
        answers.push(match answer {
            Some(answer) => answer,
            None => future.await,
        });
    }
    answers
}
