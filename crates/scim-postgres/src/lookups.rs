//! Few records, looked up together: requests that come at once share a statement.
//!
//! A look-up by key costs the database far less than the statement around it. Up to [`AT_ONCE`] statements are
//! under way; what is asked for meanwhile waits for the next one, so that a server with much to do asks less. A
//! statement begins after whoever waits for it has asked, and so sees every commit that was acknowledged before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use scim_engine::store::{ReadKey, RecordKey, StoreError};
use tokio::sync::oneshot;

use crate::keyed::{self, Found};
use crate::readers::Readers;

/// How many statements are under way at most.
const AT_ONCE: usize = 1;

/// How many records one statement asks for at most.
const MOST: usize = 64;

/// Look-ups of few records.
#[derive(Debug)]
pub(crate) struct Lookups {
    readers: Arc<Readers>,
    queue: Arc<Mutex<Queue>>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Asked>,
    under_way: usize,
}

/// What one request asks for, in one snapshot.
#[derive(Debug)]
struct Asked {
    keys: Vec<ReadKey>,
    answer: oneshot::Sender<Result<Vec<Found>, StoreError>>,
}

impl Lookups {
    pub(crate) fn new(readers: Arc<Readers>) -> Self {
        Self { readers, queue: Arc::default() }
    }

    /// The records of these keys, as they are in one snapshot.
    pub(crate) async fn records(&self, keys: Vec<RecordKey>) -> Result<Vec<Found>, StoreError> {
        let keys = keys.into_iter().map(ReadKey::Record).collect();
        let (answer, answered) = oneshot::channel();
        let starts = {
            let mut queue = lock(&self.queue);
            queue.waiting.push(Asked { keys, answer });
            let starts = queue.under_way < AT_ONCE;
            queue.under_way += usize::from(starts);
            starts
        };
        if starts {
            // Whoever asked first may go away; the others wait all the same.
            tokio::spawn(work(
                Arc::clone(&self.readers),
                Turn { queue: Arc::clone(&self.queue), is_over: false },
            ));
        }
        answered.await.unwrap_or_else(|_| Err(StoreError::Unavailable("a look-up was given up".into())))
    }
}

/// A place among the statements under way, which is free again however the work ends.
struct Turn {
    queue: Arc<Mutex<Queue>>,
    is_over: bool,
}

impl Turn {
    /// What is to be looked up now; nothing, and the turn is over, when nobody waits.
    fn next(&mut self) -> Vec<Asked> {
        let mut queue = lock(&self.queue);
        let mut records = 0;
        let fits = |asked: &&Asked| {
            records += asked.keys.len();
            records <= MOST
        };
        // One at least, however much it asks for.
        let count = queue.waiting.iter().take_while(fits).count().max(1).min(queue.waiting.len());
        if count == 0 {
            // At once: whoever asks after this starts a turn.
            queue.under_way -= 1;
            self.is_over = true;
        }
        queue.waiting.drain(..count).collect()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if !self.is_over {
            lock(&self.queue).under_way -= 1;
        }
    }
}

/// Looks up what waits, until nothing does.
async fn work(readers: Arc<Readers>, mut turn: Turn) {
    loop {
        // Whoever is ready to ask does so first: those who were just answered, for the most part.
        tokio::task::yield_now().await;
        let asked = turn.next();
        if asked.is_empty() {
            return;
        }
        // Who is gone needs no answer, here and below.
        let asked: Vec<Asked> = asked.into_iter().filter(|asked| !asked.answer.is_closed()).collect();
        let keys: Vec<ReadKey> = asked.iter().flat_map(|asked| &asked.keys).cloned().collect();
        match keyed::read(&readers, &keys).await {
            Ok(found) => {
                let mut found = found.into_iter();
                for Asked { keys, answer } in asked {
                    drop(answer.send(Ok(found.by_ref().take(keys.len()).collect())));
                }
            }
            Err(error) => asked.into_iter().for_each(|asked| drop(asked.answer.send(Err(again(&error))))),
        }
    }
}

/// The same error for each who waits.
fn again(error: &StoreError) -> StoreError {
    let text = |source: &dyn std::error::Error| {
        let causes = std::iter::successors(Some(source), |cause| cause.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    };
    match error {
        StoreError::Unavailable(source) => StoreError::Unavailable(text(&**source).into()),
        StoreError::TooSlow => StoreError::TooSlow,
        other => StoreError::Unavailable(text(other).into()),
    }
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}
