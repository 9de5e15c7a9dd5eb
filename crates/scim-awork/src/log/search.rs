//! Looking things up in the log, newest first: by trace id, person, outcome and time (D-83).

use scim_engine::store::{Event, ReadKey, ReadValue, Space, Store, StoreError, Stream};
use serde::{Deserialize, Serialize};

use super::entry::LogEntry;
use crate::account::is_same;

/// How many entries are in memory at a time.
const PAGE: usize = 500;

/// How many entries one look passes at most; the next one goes on from there.
const MOST_PASSED: usize = 20_000;

/// How far apart entries of one request can be: those of a bulk request, and one that waited to be written.
const ONE_REQUEST: i64 = 180_000;

/// What is looked for; what is none does not matter.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// The trace id of a request.
    pub trace_id: Option<String>,
    /// Ids and user names of a person; any of them will do.
    pub person: Vec<String>,
    /// How the requests ended.
    pub outcome: Option<LogOutcome>,
    /// Not before this time, in milliseconds since 1970.
    pub since: Option<i64>,
    /// Before this time, likewise.
    pub until: Option<i64>,
    /// Only entries before this position: where the last page ended.
    pub before: Option<u64>,
    /// How many entries at most.
    pub limit: usize,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogOutcome {
    /// It was carried out.
    Done,
    /// It was carried out, but not all was taken as sent.
    Warned,
    /// It was refused.
    Refused,
}

/// An entry and its place.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoggedEntry {
    /// Its place in the log.
    pub position: u64,
    /// When it happened, in milliseconds since 1970.
    pub time: i64,
    /// How it ended.
    pub outcome: LogOutcome,
    /// What it says.
    #[serde(flatten)]
    pub entry: LogEntry,
}

/// A page of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogPage {
    /// What was found, newest first.
    pub entries: Vec<LoggedEntry>,
    /// The position to go on from; none at the end.
    pub next: Option<u64>,
}

impl LogQuery {
    fn finds(&self, found: &LoggedEntry) -> bool {
        let LoggedEntry { time, outcome, entry, .. } = found;
        self.trace_id.as_ref().is_none_or(|trace_id| entry.is_traced(trace_id))
            && (self.person.is_empty() || self.person.iter().any(|person| is_about(entry, person)))
            && self.outcome.is_none_or(|wanted| wanted == *outcome)
            && self.since.is_none_or(|since| *time >= since)
            && self.until.is_none_or(|until| *time < until)
    }
}

/// Whether an entry is about a person, by id or user name.
pub(super) fn is_about(entry: &LogEntry, person: &str) -> bool {
    let is_named = |name: &str| is_same(name, person);
    entry.resource.as_deref() == Some(person)
        || entry.name.as_deref().is_some_and(is_named)
        || entry.changes.iter().any(|change| {
            let was_named = change.attribute == "userName";
            change.person.as_deref() == Some(person)
                || (was_named
                    && [&change.old, &change.new].into_iter().any(|name| name.as_str().is_some_and(is_named)))
        })
}

impl LoggedEntry {
    /// The entry that an event holds.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        let entry = LogEntry::of(event)?;
        let outcome = match &entry {
            LogEntry { refusal: Some(_), .. } => LogOutcome::Refused,
            LogEntry { warnings, .. } if !warnings.is_empty() => LogOutcome::Warned,
            _ => LogOutcome::Done,
        };
        Some(Self { position: event.position, time: entry.at.unwrap_or(event.time), outcome, entry })
    }
}

/// A page of a log, newest first.
///
/// # Errors
///
/// Returns a [`StoreError`] when the store cannot answer now.
pub async fn search_log(store: &impl Store, space: &Space, query: &LogQuery) -> Result<LogPage, StoreError> {
    let mut page = LogPage::default();
    let mut before = query.before.unwrap_or(u64::MAX);
    let mut passed = 0;
    loop {
        let events = newest(store, space, before).await?;
        for event in &events {
            let is_too_old = query.since.is_some_and(|since| event.time < since);
            let is_past_request = query.trace_id.is_some()
                && page
                    .entries
                    .first()
                    .is_some_and(|found| found.time.saturating_sub(event.time) > ONE_REQUEST);
            if is_too_old || is_past_request {
                return Ok(page);
            }
            before = event.position;
            page.entries.extend(LoggedEntry::of(event).filter(|found| query.finds(found)));
            if page.entries.len() >= query.limit.max(1) {
                return Ok(LogPage { next: Some(before), ..page });
            }
        }
        passed += events.len();
        if events.len() < PAGE {
            return Ok(page);
        }
        if passed >= MOST_PASSED {
            return Ok(LogPage { next: Some(before), ..page });
        }
    }
}

/// The entries of a log behind a position, oldest first.
///
/// # Errors
///
/// Returns a [`StoreError`] when the store cannot answer now.
pub async fn log_after(
    store: &impl Store,
    space: &Space,
    after: u64,
    limit: usize,
) -> Result<Vec<LoggedEntry>, StoreError> {
    let key = ReadKey::Events { space: space.clone(), stream: Stream::Log, after, limit };
    match store.read(vec![key]).await?.pop() {
        Some(ReadValue::Events(events)) => Ok(events.iter().filter_map(LoggedEntry::of).collect()),
        _ => Ok(Vec::new()),
    }
}

async fn newest(store: &impl Store, space: &Space, before: u64) -> Result<Vec<Event>, StoreError> {
    let key = ReadKey::EventsBefore { space: space.clone(), stream: Stream::Log, before, limit: PAGE };
    match store.read(vec![key]).await?.pop() {
        Some(ReadValue::Events(events)) => Ok(events),
        _ => Ok(Vec::new()),
    }
}
