//! Events whose positions are given out too early.

use std::sync::{Mutex, PoisonError};

use tokio::task::yield_now;

use super::{Broken, Fault};
use crate::store::{
    Batch, CommitError, Committed, Event, ReadKey, ReadValue, Space, Store, StoreError, Stream, Write,
};

#[derive(Debug, Default)]
pub(super) struct Events(Mutex<Published>);

#[derive(Debug, Default)]
struct Published {
    last: u64,
    events: Vec<(Space, Stream, Event)>,
}

impl Events {
    fn with<T>(&self, look: impl FnOnce(&mut Published) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn read(&self, of: &Space, kind: Stream, after: u64, limit: usize) -> Vec<Event> {
        let mut events: Vec<Event> = self.with(|published| {
            let of_stream = published
                .events
                .iter()
                .filter(|(space, stream, event)| space == of && *stream == kind && event.position > after);
            of_stream.map(|(_, _, event)| event.clone()).collect()
        });
        events.sort_by_key(|event| event.position);
        events.truncate(limit);
        events
    }

    fn newest(&self, of: &Space, kind: Stream, before: u64, limit: usize) -> Vec<Event> {
        let mut events = self.read(of, kind, 0, usize::MAX);
        events.retain(|event| event.position < before);
        events.reverse();
        events.truncate(limit);
        events
    }
}

impl Broken {
    /// Takes positions, waits a while, and only then commits.
    pub(super) async fn commit_with_early_positions(
        &self,
        mut batch: Batch,
    ) -> Result<Committed, CommitError> {
        let mut appended = Vec::new();
        let mut kept = Vec::new();
        for write in batch.writes {
            match write {
                Write::Append { space, stream, body } => {
                    let position = self.events.with(|published| {
                        published.last += 1;
                        published.last
                    });
                    appended.push((space, stream, Event { position, time: batch.now, body }));
                }
                Write::Trim { space, stream, before } => self.events.with(|published| {
                    published.events.retain(|(of, kind, event)| {
                        *of != space || *kind != stream || event.position >= before
                    });
                }),
                Write::Amend { space, stream, position, body } => self.events.with(|published| {
                    let found = published.events.iter_mut().find(|(of, kind, event)| {
                        *of == space && *kind == stream && event.position == position
                    });
                    found.into_iter().for_each(|(_, _, event)| event.body = body.clone());
                }),
                other => kept.push(other),
            }
        }
        batch.writes = kept;
        let positions: Vec<u64> = appended.iter().map(|(_, _, event)| event.position).collect();
        for _ in 0..positions.first().map_or(0, |position| 5 - position % 4) {
            yield_now().await;
        }
        let committed = self.store.commit(batch).await?;
        self.events.with(|published| published.events.extend(appended));
        Ok(Committed { positions, ..committed })
    }

    /// Leaves out what would remove or amend events.
    pub(super) async fn forgetful_commit(&self, mut batch: Batch) -> Result<Committed, CommitError> {
        batch.writes.retain(|write| match write {
            Write::Trim { .. } => self.fault != Fault::IgnoredTrim,
            Write::Amend { .. } => self.fault != Fault::IgnoredAmend,
            _ => true,
        });
        self.store.commit(batch).await
    }

    /// Reads pages of newest events in the order of all other pages.
    pub(super) async fn read_oldest_first(&self, keys: Vec<ReadKey>) -> Result<Vec<ReadValue>, StoreError> {
        let newest: Vec<bool> = keys.iter().map(|key| matches!(key, ReadKey::EventsBefore { .. })).collect();
        let mut values = self.store.read(keys).await?;
        for (value, _) in values.iter_mut().zip(newest).filter(|(_, newest)| *newest) {
            if let ReadValue::Events(events) = value {
                events.reverse();
            }
        }
        Ok(values)
    }

    pub(super) async fn read_with_own_events(
        &self,
        keys: Vec<ReadKey>,
    ) -> Result<Vec<ReadValue>, StoreError> {
        let own: Vec<Option<Vec<Event>>> = keys
            .iter()
            .map(|key| match key {
                ReadKey::Events { space, stream, after, limit } => {
                    Some(self.events.read(space, *stream, *after, *limit))
                }
                ReadKey::EventsBefore { space, stream, before, limit } => {
                    Some(self.events.newest(space, *stream, *before, *limit))
                }
                _ => None,
            })
            .collect();
        let values = self.store.read(keys).await?;
        let with_own = own.into_iter().zip(values);
        Ok(with_own.map(|(own, value)| own.map_or(value, ReadValue::Events)).collect())
    }
}
