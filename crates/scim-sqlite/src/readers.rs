//! Connections that read, beside the writer and each other.
//!
//! A read runs where it is asked for, on the caller's thread: a look-up by key takes some microseconds,
//! less than handing it to another thread would. It may only take so many steps there. One that needs
//! more is stopped, and begins again on a thread of the store's own, within the time limit. So no
//! caller's thread is held up for long, whatever is asked.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use scim_engine::store::StoreError;
use tokio::sync::{Semaphore, oneshot};

use crate::error::store_error;
use crate::options::SqliteOptions;

/// After how many steps of SQLite's machine a read is looked at.
const STEPS: i32 = 1_000;

/// How many times `STEPS` a read may take on the caller's thread: about a millisecond.
const LOOKS: u32 = 8;

type Job = Box<dyn FnOnce() + Send>;

/// The readers of a store.
pub(crate) struct Readers {
    pool: Arc<Pool>,
    jobs: Sender<Job>,
    /// As many as there are threads, so that reads wait as futures and not in a queue.
    free: Arc<Semaphore>,
}

/// Idle connections. There are never more than threads that ever read at once.
struct Pool {
    path: PathBuf,
    options: SqliteOptions,
    idle: Mutex<Vec<Reader>>,
}

struct Reader {
    connection: Connection,
    limit: Arc<Mutex<Limit>>,
}

/// When a read is stopped.
enum Limit {
    Never,
    Looks(u32),
    Until { deadline: Option<Instant>, given_up: Arc<AtomicBool> },
}

impl Limit {
    /// Whether the time has come; called every so many steps.
    fn stops(&mut self) -> bool {
        match self {
            Self::Never => false,
            Self::Looks(0) => true,
            Self::Looks(left) => {
                *left -= 1;
                false
            }
            Self::Until { deadline, given_up } => {
                given_up.load(Ordering::Relaxed)
                    || deadline.is_some_and(|deadline| Instant::now() >= deadline)
            }
        }
    }
}

impl Readers {
    pub(crate) fn open(path: &Path, options: &SqliteOptions) -> Result<Self, std::io::Error> {
        let (jobs, queue) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..options.readers {
            let queue = Arc::clone(&queue);
            thread::Builder::new().name(format!("scim-sqlite-read-{number}")).spawn(move || work(&queue))?;
        }
        let pool = Pool { path: path.to_owned(), options: options.clone(), idle: Mutex::new(Vec::new()) };
        Ok(Self { pool: Arc::new(pool), jobs, free: Arc::new(Semaphore::new(options.readers)) })
    }

    /// Where the file is, and how it was opened.
    pub(crate) fn file(&self) -> (&Path, &SqliteOptions) {
        (&self.pool.path, &self.pool.options)
    }

    /// Runs a read in one snapshot; `light` ones are tried on this thread first.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        light: bool,
        read: impl Fn(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        if light {
            match self.pool.run(Limit::Looks(LOOKS), &read) {
                Err(StoreError::TooSlow) => {}
                answer => return answer,
            }
        }
        self.run_apart(Some(self.pool.options.time_limit), read).await
    }

    /// Runs a read that may take as long as it needs.
    pub(crate) async fn run_long<T: Send + 'static>(
        &self,
        read: impl Fn(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.run_apart(None, read).await
    }

    async fn run_apart<T: Send + 'static>(
        &self,
        time_limit: Option<Duration>,
        read: impl Fn(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let closed = || StoreError::Unavailable("the store is closed".into());
        let permit = Arc::clone(&self.free).acquire_owned().await.map_err(|_| closed())?;
        let (answer, answered) = oneshot::channel();
        let pool = Arc::clone(&self.pool);
        let given_up = GivesUp(Arc::new(AtomicBool::new(false)));
        let flag = Arc::clone(&given_up.0);
        let job = Box::new(move || {
            if !flag.load(Ordering::Relaxed) {
                let deadline = time_limit.map(|time| Instant::now() + time);
                let limit = Limit::Until { deadline, given_up: flag };
                let _ = answer.send(pool.run(limit, &read));
            }
            drop(permit);
        });
        self.jobs.send(job).map_err(|_| closed())?;
        answered.await.map_err(|_| closed())?
    }
}

/// Stops the read when nobody waits for its answer any more.
struct GivesUp(Arc<AtomicBool>);

impl Drop for GivesUp {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs jobs until the store is closed.
fn work(queue: &Mutex<Receiver<Job>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

impl Pool {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Reader>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run<T>(
        &self,
        limit: Limit,
        read: &impl Fn(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.idle().pop();
        let reader = match idle {
            Some(reader) => reader,
            None => self.open().map_err(store_error)?,
        };
        reader.set(limit);
        let answer = snapshot(&reader.connection, read);
        reader.set(Limit::Never);
        // A connection that cannot even end its transaction is not used again.
        if reader.connection.is_autocommit() {
            self.idle().push(reader);
        }
        answer
    }

    fn open(&self) -> Result<Reader, rusqlite::Error> {
        let mut connection = crate::connection::open_reader(&self.path, &self.options)?;
        let limit = Arc::new(Mutex::new(Limit::Never));
        let looked_at = Arc::clone(&limit);
        connection.progress_handler(
            STEPS,
            Some(move || looked_at.lock().unwrap_or_else(PoisonError::into_inner).stops()),
        )?;
        Ok(Reader { connection, limit })
    }
}

impl Reader {
    fn set(&self, limit: Limit) {
        *self.limit.lock().unwrap_or_else(PoisonError::into_inner) = limit;
    }
}

/// Runs a read in one deferred transaction, which is one snapshot.
fn snapshot<T>(
    connection: &Connection,
    read: impl Fn(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    crate::row::execute(connection, "BEGIN", [])?;
    let answer = read(connection);
    match crate::row::execute(connection, "COMMIT", []) {
        Ok(_) => answer,
        Err(error) => {
            // Nothing was written: what was read stands, but the snapshot must go.
            let _ = crate::row::execute(connection, "ROLLBACK", []);
            answer.and(Err(error))
        }
    }
}
