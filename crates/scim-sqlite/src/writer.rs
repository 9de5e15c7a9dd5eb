//! The one connection that writes: commits that wait at the same time share a flush.
//!
//! Each batch runs in a savepoint of its own, so that a refused one takes back nothing but itself.
//! Answers, refusals included, leave after the commit of the group: nobody is told of what a power
//! failure could still undo. If that commit fails, all of the group are told so.
//!
//! `BEGIN IMMEDIATE` takes SQLite's write lock for the group, so that several processes may have the file
//! open: their groups come one after the other, and none decides on what another is changing.

mod batch;
mod counter;
mod link;
mod record;
mod refusal;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use scim_engine::store::{Batch, CommitError, Committed, StoreError};
use tokio::sync::{mpsc, oneshot};

use crate::connection::open_writer;
use crate::error::OpenError;
use crate::options::SqliteOptions;
use crate::row::execute;
use refusal::{Step, Stop};

/// From how many pages in the write-ahead log on they are copied into the database.
const CHECKPOINT: i32 = 4_000;

type Outcome = Result<Committed, CommitError>;

/// A batch that waits, and who waits for it.
struct Job {
    batch: Batch,
    answer: oneshot::Sender<Outcome>,
}

/// The way to the writer.
pub(crate) struct Writer {
    /// Taken when the store is closed.
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn open(path: PathBuf, options: &SqliteOptions) -> Result<Self, OpenError> {
        let (jobs, queue) = mpsc::channel(options.queue);
        let mut run = Run { connection: connect(&path, options)?, path, options: options.clone() };
        let thread = thread::Builder::new()
            .name("scim-sqlite-write".to_owned())
            .spawn(move || run.until_closed(queue))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    pub(crate) async fn commit(&self, batch: Batch) -> Outcome {
        let closed = || StoreError::Unavailable("the store is closed".into());
        let jobs = self.jobs.as_ref().ok_or_else(closed)?;
        let (answer, answered) = oneshot::channel();
        jobs.send(Job { batch, answer }).await.map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }
}

impl Drop for Writer {
    /// Commits what waits, then closes the file.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer of the store had panicked");
        }
    }
}

/// The connection of the writer, and how many pages its log has.
struct Connected {
    connection: Connection,
    log_pages: Arc<AtomicI32>,
}

fn connect(path: &std::path::Path, options: &SqliteOptions) -> Result<Connected, OpenError> {
    let mut connection = open_writer(path, options)?;
    let log_pages = Arc::new(AtomicI32::new(0));
    let seen = Arc::clone(&log_pages);
    // In place of SQLite's own hook, which would copy the log before the answers leave.
    connection.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
        seen.store(pages, Ordering::Relaxed);
        Ok(())
    }))?;
    Ok(Connected { connection, log_pages })
}

/// The writer's thread.
struct Run {
    connection: Connected,
    path: PathBuf,
    options: SqliteOptions,
}

impl Run {
    fn until_closed(&mut self, mut queue: mpsc::Receiver<Job>) {
        while let Some(first) = queue.blocking_recv() {
            self.group(first, &mut queue);
            self.copy_log();
        }
        let connection = &self.connection.connection;
        // Best effort: what is left in the log is read from there at the next start.
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    /// Commits the first batch and those that wait behind it, then answers all.
    fn group(&mut self, first: Job, queue: &mut mpsc::Receiver<Job>) {
        let mut answers = Vec::new();
        let result = self.run_group(first, queue, &mut answers);
        if let Err(error) = &result {
            tracing::error!(error = error as &dyn std::error::Error, "a group of commits failed");
            self.recover();
        }
        for (answer, outcome) in answers {
            let outcome = match &result {
                Ok(()) => outcome,
                Err(_) => Err(failed()),
            };
            // Whoever does not wait any more needs no answer.
            let _ = answer.send(outcome);
        }
    }

    fn run_group(
        &self,
        first: Job,
        queue: &mut mpsc::Receiver<Job>,
        answers: &mut Vec<(oneshot::Sender<Outcome>, Outcome)>,
    ) -> Result<(), StoreError> {
        let connection = &self.connection.connection;
        let begun = execute(connection, "BEGIN IMMEDIATE", []);
        if let Err(error) = begun {
            answers.push((first.answer, Err(failed())));
            return Err(error);
        }
        let mut next = Some(first);
        while let Some(Job { batch, answer }) = next {
            let outcome = self.savepoint(batch).map_err(Stop::into_error);
            let taken_back = connection.is_autocommit();
            answers.push((answer, outcome));
            if taken_back {
                // A full disk, say, takes back the whole transaction.
                return Err(StoreError::Unavailable("the transaction was taken back".into()));
            }
            next = if answers.len() < self.options.group { queue.try_recv().ok() } else { None };
        }
        execute(connection, "COMMIT", []).map(drop)
    }

    /// Runs a batch so that it can be taken back by itself.
    fn savepoint(&self, batch: Batch) -> Step<Committed> {
        let connection = &self.connection.connection;
        execute(connection, "SAVEPOINT batch", [])?;
        let stopped = match batch::run(connection, batch) {
            Ok(committed) => {
                execute(connection, "RELEASE batch", [])?;
                return Ok(committed);
            }
            Err(stopped) => stopped,
        };
        if !connection.is_autocommit() {
            execute(connection, "ROLLBACK TO batch", [])?;
            execute(connection, "RELEASE batch", [])?;
        }
        if let Stop::Failed(error) = &stopped {
            tracing::error!(error = error as &dyn std::error::Error, "a commit failed");
        }
        Err(stopped)
    }

    /// After a failure: a connection that is fit for the next group.
    fn recover(&mut self) {
        let connection = &self.connection.connection;
        if !connection.is_autocommit() {
            let _ = execute(connection, "ROLLBACK", []);
        }
        if !connection.is_autocommit() {
            match connect(&self.path, &self.options) {
                Ok(new) => self.connection = new,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the store cannot be opened again"
                    );
                }
            }
        }
    }

    /// Copies a long log into the database, once the answers are out.
    fn copy_log(&self) {
        let Connected { connection, log_pages } = &self.connection;
        if log_pages.load(Ordering::Relaxed) < CHECKPOINT {
            return;
        }
        if let Err(error) = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
            tracing::warn!(error = &error as &dyn std::error::Error, "the log could not be copied");
        }
    }
}

fn failed() -> CommitError {
    CommitError::Failed(StoreError::Unavailable("the group of this commit failed".into()))
}
