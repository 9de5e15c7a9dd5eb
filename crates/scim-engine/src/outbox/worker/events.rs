//! Events of a space, from where each consumer has read to.

use serde_json::{Map, Value, json};

use super::super::consumer::{DeliveryError, Message, Sequence};
use super::super::dead_letter::bury;
use super::super::keys;
use super::super::lease::bare;
use super::{Stop, Worker, tries};
use crate::store::{DueKey, Event, ReadKey, ReadValue, Space, Store, Stream, Write};

/// After how many pages other spaces get their turn.
const MOST_PAGES: usize = 10;

/// Where a consumer stands in a space.
struct Reader {
    /// Its number in the list of consumers.
    number: usize,
    after: u64,
    version: Option<u64>,
    /// How often its next event was tried.
    tries: u32,
    /// Until when it waits to be tried again.
    held: Option<i64>,
}

impl<S: Store> Worker<S> {
    /// Delivers the events of a space; tells whether there are more.
    pub(super) async fn events(&mut self, space: &Space, wakes: &[&DueKey], now: i64) -> Result<bool, Stop> {
        for number in 0..MOST_PAGES {
            let mut readers = self.readers(space).await?;
            let due = |reader: &Reader| reader.held.is_none_or(|until| until <= now);
            let Some(after) = readers.iter().filter(|reader| due(reader)).map(|reader| reader.after).min()
            else {
                // After a page some of the wakes are gone, and must not come back.
                if number == 0 {
                    self.put_off(wakes, &readers, now).await?;
                }
                return Ok(number > 0);
            };
            let events = self.page(space, after).await?;
            if events.is_empty() {
                self.drop_idle(space, &readers, now).await?;
                return Ok(false);
            }
            let mut writes = Vec::new();
            for reader in readers.iter_mut().filter(|reader| due(reader)) {
                self.read_on(space, reader, &events, now, &mut writes).await?;
            }
            // Every consumer has passed these events, or waits with work of its own in the queue.
            let seen = events.iter().filter_map(|event| keys::opened(&event.body).0);
            writes.extend(seen.map(|id| Write::Unschedule(keys::wake(space, id))));
            self.hold().await?;
            if self.commit(writes, Vec::new(), now).await?.is_err() {
                return Err(Stop::Lost);
            }
            if events.len() < self.config.page {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Delivers to one consumer what it has not heard of yet.
    async fn read_on(
        &mut self,
        space: &Space,
        reader: &mut Reader,
        events: &[Event],
        now: i64,
        writes: &mut Vec<Write>,
    ) -> Result<(), Stop> {
        let (before, name) = (reader.after, self.consumers[reader.number].name());
        let held = keys::held(space, name);
        let was_held = reader.held.is_some();
        let mut waits = false;
        for event in events.iter().filter(|event| event.position > before) {
            let fence = self.hold().await?.fence;
            let body = keys::opened(&event.body).1;
            let message = Message {
                space,
                position: event.position,
                time: event.time,
                body,
                tries: reader.tries,
                fence,
            };
            let consumer = &*self.consumers[reader.number];
            let tried = reader.tries.saturating_add(1);
            match self.deliver(consumer, &message).await {
                Ok(()) => {}
                Err(DeliveryError::Never(why)) => {
                    tracing::error!(consumer = name, id = message.id(), why, "a dead letter");
                    writes.push(bury(space, name, event.position, body, &why, tried));
                }
                Err(DeliveryError::Later(why)) => {
                    tracing::warn!(consumer = name, id = message.id(), why, "to be delivered again");
                    let at = self.config.again_at(now, tried);
                    let body = json!({ "tries": tried, "error": why });
                    if consumer.sequence() == Sequence::Ordered {
                        writes.push(Write::Schedule { key: held.clone(), at, body });
                        waits = true;
                        break;
                    }
                    let key = keys::letter(space, name, event.position);
                    writes.push(Write::Schedule { key, at, body });
                }
            }
            reader.after = event.position;
            reader.tries = 0;
        }
        if was_held && !waits {
            writes.push(Write::Unschedule(held));
        }
        if reader.after != before {
            let extra: Map<_, _> = [("after".to_owned(), json!(reader.after))].into_iter().collect();
            let record = Box::new(bare(keys::cursor(space, name), extra));
            writes.push(Write::Put { record, replaces: reader.version });
        }
        Ok(())
    }

    /// Where each consumer stands.
    async fn readers(&self, space: &Space) -> Result<Vec<Reader>, Stop> {
        let questions = self.consumers.iter().flat_map(|consumer| {
            let name = consumer.name();
            [ReadKey::Record(keys::cursor(space, name)), ReadKey::Due(keys::held(space, name))]
        });
        let mut values = self.store.read(questions.collect()).await?.into_iter();
        let mut readers = Vec::with_capacity(self.consumers.len());
        for number in 0..self.consumers.len() {
            let (cursor, held) = (values.next(), values.next());
            let record = match cursor {
                Some(ReadValue::Record(record)) => record,
                _ => None,
            };
            let held = match held {
                Some(ReadValue::Due(held)) => held,
                _ => None,
            };
            readers.push(Reader {
                number,
                after: record.as_ref().and_then(|record| record.extra.get("after")?.as_u64()).unwrap_or(0),
                version: record.map(|record| record.version),
                tries: held.as_ref().map_or(0, |(_, body)| tries(body)),
                held: held.map(|(at, _)| at),
            });
        }
        Ok(readers)
    }

    async fn page(&self, space: &Space, after: u64) -> Result<Vec<Event>, Stop> {
        let key =
            ReadKey::Events { space: space.clone(), stream: Stream::Outbox, after, limit: self.config.page };
        match self.store.read(vec![key]).await?.pop() {
            Some(ReadValue::Events(events)) => Ok(events),
            _ => Ok(Vec::new()),
        }
    }

    /// While every consumer waits, wakes need not be looked at before the first of them is tried again.
    async fn put_off(&mut self, wakes: &[&DueKey], readers: &[Reader], now: i64) -> Result<(), Stop> {
        let until = readers.iter().filter_map(|reader| reader.held).min();
        let wakes = wakes.iter().filter(|key| keys::is_wake(&key.name)).map(|key| (*key).clone());
        let moved = wakes.map(|key| match until {
            Some(at) => Write::Schedule { key, at, body: Value::Null },
            // Without consumers there is nobody to wake.
            None => Write::Unschedule(key),
        });
        if self.commit(moved.collect(), Vec::new(), now).await?.is_err() {
            return Err(Stop::Lost);
        }
        Ok(())
    }

    /// A consumer that is due to be tried again and has no event before it waits for nothing.
    ///
    /// A wake whose event is not to be seen yet stays: the event comes in a moment.
    async fn drop_idle(&mut self, space: &Space, readers: &[Reader], now: i64) -> Result<(), Stop> {
        let idle = readers.iter().filter(|reader| reader.held.is_some_and(|until| until <= now));
        let idle: Vec<_> = idle
            .map(|reader| Write::Unschedule(keys::held(space, self.consumers[reader.number].name())))
            .collect();
        if !idle.is_empty() && self.commit(idle, Vec::new(), now).await?.is_err() {
            return Err(Stop::Lost);
        }
        Ok(())
    }
}
