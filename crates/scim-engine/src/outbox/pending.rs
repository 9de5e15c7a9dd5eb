//! Events that are not delivered yet.

use serde_json::Value;

use super::keys::{self, Work, work};
use super::worker::tries;
use crate::store::{Event, ReadKey, ReadValue, Space, Store, StoreError, Stream, TenantId, Waiting};

/// How much work of a tenant is read at once.
const PAGE: usize = 500;

/// An event that a consumer has not taken yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// The consumer.
    pub consumer: String,
    /// The place of the event in the outbox.
    pub position: u64,
    /// When it happened, in milliseconds since 1970.
    pub time: i64,
    /// What happened.
    pub body: Value,
    /// How often it was tried.
    pub tries: u32,
    /// What went wrong at the last try.
    pub error: Option<String>,
    /// When it is tried again, in milliseconds since 1970; none if that is as soon as a worker comes to it.
    pub next: Option<i64>,
}

/// Why and until when something waits.
struct Wait {
    tries: u32,
    error: Option<String>,
    next: i64,
}

impl Wait {
    fn of(waiting: &Waiting) -> Self {
        let error = waiting.body.get("error").and_then(Value::as_str).map(str::to_owned);
        Self { tries: tries(&waiting.body), error, next: waiting.at }
    }
}

/// What these consumers have still to take of the outbox of a tenant, and what others must be tried with again:
/// the oldest events, so many of each consumer and so many in all.
///
/// It is read in several steps: what is delivered meanwhile may or may not be among them.
///
/// # Errors
///
/// Returns a [`StoreError`] when the store cannot answer now.
pub async fn pending(
    store: &impl Store,
    tenant: &TenantId,
    consumers: &[&str],
    limit: usize,
) -> Result<Vec<Pending>, StoreError> {
    let space = tenant.space();
    let (held, letters) = waits(store, &space, limit).await?;
    let mut pending = Vec::new();
    for (consumer, position, wait) in letters {
        let events = events(store, &space, position.saturating_sub(1), 1).await?;
        let Some(event) = events.into_iter().find(|event| event.position == position) else { continue };
        pending.push(of(&consumer, &event, Some(wait)));
    }
    for consumer in consumers {
        let cursor = ReadKey::Record(keys::cursor(&space, consumer));
        let after = match store.read(vec![cursor]).await?.pop() {
            Some(ReadValue::Record(Some(record))) => {
                record.extra.get("after").and_then(Value::as_u64).unwrap_or(0)
            }
            _ => 0,
        };
        let mut wait = held.iter().find(|(name, _)| name == consumer).map(|(_, wait)| wait);
        for event in events(store, &space, after, limit).await? {
            // Only the first one was tried.
            let wait = wait.take().map(|wait| Wait { error: wait.error.clone(), ..*wait });
            pending.push(of(consumer, &event, wait));
        }
    }
    pending.sort_by(|one, other| (one.position, &one.consumer).cmp(&(other.position, &other.consumer)));
    pending.truncate(limit);
    Ok(pending)
}

fn of(consumer: &str, event: &Event, wait: Option<Wait>) -> Pending {
    let (tries, error, next) = match wait {
        Some(Wait { tries, error, next }) => (tries, error, Some(next)),
        None => (0, None, None),
    };
    let body = keys::opened(&event.body).1.clone();
    Pending {
        consumer: consumer.to_owned(),
        position: event.position,
        time: event.time,
        body,
        tries,
        error,
        next,
    }
}

type Held = Vec<(String, Wait)>;
type Letters = Vec<(String, u64, Wait)>;

/// Who waits to be tried again, and with which single events: the oldest, so many.
async fn waits(store: &impl Store, space: &Space, limit: usize) -> Result<(Held, Letters), StoreError> {
    let (mut held, mut letters) = (Held::new(), Letters::new());
    let mut after = keys::BEFORE_HELD.to_owned();
    loop {
        let key = ReadKey::Waiting { space: space.clone(), after, limit: PAGE };
        let Some(ReadValue::Waiting(page)) = store.read(vec![key]).await?.pop() else { break };
        for waiting in &page {
            if let Some(consumer) = keys::held_consumer(&waiting.name) {
                held.push((consumer.to_owned(), Wait::of(waiting)));
            } else if let Work::Letter { consumer, position } = work(&waiting.name) {
                letters.push((consumer.to_owned(), position, Wait::of(waiting)));
            }
        }
        letters.sort_by_key(|(_, position, _)| *position);
        letters.truncate(limit);
        match page.last() {
            // Wakes come behind all letters.
            Some(last) if page.len() == PAGE && !keys::is_wake(&last.name) => after = last.name.clone(),
            _ => break,
        }
    }
    Ok((held, letters))
}

async fn events(
    store: &impl Store,
    space: &Space,
    after: u64,
    limit: usize,
) -> Result<Vec<Event>, StoreError> {
    let key = ReadKey::Events { space: space.clone(), stream: Stream::Outbox, after, limit };
    match store.read(vec![key]).await?.pop() {
        Some(ReadValue::Events(events)) => Ok(events),
        _ => Ok(Vec::new()),
    }
}
