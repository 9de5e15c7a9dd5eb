//! Events whose positions are given out too early.

use std::sync::{Mutex, PoisonError};

use tokio::task::yield_now;

use super::Broken;
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
                _ => None,
            })
            .collect();
        let values = self.store.read(keys).await?;
        let with_own = own.into_iter().zip(values);
        Ok(with_own.map(|(own, value)| own.map_or(value, ReadValue::Events)).collect())
    }
}
