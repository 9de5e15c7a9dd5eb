//! Single pieces of due work: one event to be delivered again, or work of the application.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::consumer::{DeliveryError, Message};
use super::super::dead_letter::bury;
use super::super::job::{Job, JobStep};
use super::super::keys;
use super::{Stop, Worker, millis, tries};
use crate::facts::Facts;
use crate::store::{DueKey, Event, ReadKey, ReadValue, Store, Stream, Write};

/// How many rounds of facts the decision about a piece of work may take.
const ROUNDS: usize = 4;

/// How often work is decided again because something has changed meanwhile, before it is put off.
const MOST_LOST: usize = 10;

/// How long work is put off that cannot be done now.
const PUT_OFF: Duration = Duration::from_secs(60);

/// How many far ends of a record's links the decision about work may ask for.
const MOST_LINKS: usize = 10_000;

impl<S: Store> Worker<S> {
    /// Delivers one event to one consumer again.
    pub(super) async fn letter(
        &mut self,
        key: &DueKey,
        name: &str,
        position: u64,
        now: i64,
    ) -> Result<(), Stop> {
        let Some(number) = self.consumers.iter().position(|consumer| consumer.name() == name) else {
            // Whoever it is for may come with the next version of the program.
            return self.put_off_work(key, json!({ "tries": 0 }), now).await.map(drop);
        };
        let events = ReadKey::Events {
            space: key.space.clone(),
            stream: Stream::Outbox,
            after: position.saturating_sub(1),
            limit: 1,
        };
        let mut values = self.store.read(vec![ReadKey::Due(key.clone()), events]).await?.into_iter();
        let (Some(ReadValue::Due(Some((_, work)))), Some(ReadValue::Events(events))) =
            (values.next(), values.next())
        else {
            return Ok(());
        };
        let mut writes = vec![Write::Unschedule(key.clone())];
        if let Some(event) = events.first().filter(|event| event.position == position) {
            let fence = self.hold().await?.fence;
            let body = keys::opened(&event.body).1;
            let Event { time, .. } = *event;
            let tries = tries(&work);
            let message = Message { space: &key.space, position, time, body, tries, fence };
            let tried = tries.saturating_add(1);
            match self.deliver(&*self.consumers[number], &message).await {
                Ok(()) => {}
                Err(DeliveryError::Later(why)) => {
                    tracing::warn!(consumer = name, id = message.id(), why, "to be delivered again");
                    let at = self.config.again_at(now, tried);
                    let body = json!({ "tries": tried, "error": why });
                    writes = vec![Write::Schedule { key: key.clone(), at, body }];
                }
                Err(DeliveryError::Never(why)) => {
                    tracing::error!(consumer = name, id = message.id(), why, "a dead letter");
                    writes.push(bury(&key.space, name, position, body, &why, tried));
                }
            }
        }
        self.hold().await?;
        match self.commit(writes, Vec::new(), now).await? {
            Ok(()) => Ok(()),
            Err(_) => Err(Stop::Lost),
        }
    }

    /// Does one piece of the application's work; tells whether that has made more work.
    pub(super) async fn job(&mut self, key: &DueKey, now: i64) -> Result<bool, Stop> {
        for _ in 0..MOST_LOST {
            self.hold().await?;
            let Some(ReadValue::Due(Some((at, body)))) =
                self.store.read(vec![ReadKey::Due(key.clone())]).await?.pop()
            else {
                return Ok(false);
            };
            let job = Job { key, at, body: &body, now };
            match self.decide(&job).await? {
                JobStep::Done { writes, guards } => {
                    let writes: Vec<_> =
                        std::iter::once(Write::Unschedule(key.clone())).chain(writes).collect();
                    let more = makes_work(&writes, now);
                    match self.commit(writes, guards, now).await? {
                        Ok(()) => return Ok(more),
                        Err(refusal) => tracing::debug!(%refusal, work = key.name, "decided again"),
                    }
                }
                JobStep::Later(why) => {
                    tracing::error!(space = %key.space, work = key.name, why, "work is put off");
                    return self.put_off_work(key, body, now).await;
                }
                JobStep::Need(_) => {
                    tracing::error!(space = %key.space, work = key.name, "work needs too many rounds of facts");
                    return self.put_off_work(key, body, now).await;
                }
            }
        }
        let Some(ReadValue::Due(Some((_, body)))) =
            self.store.read(vec![ReadKey::Due(key.clone())]).await?.pop()
        else {
            return Ok(false);
        };
        tracing::error!(space = %key.space, work = key.name, "work is refused again and again");
        self.put_off_work(key, body, now).await
    }

    /// Asks for facts until there is a decision.
    async fn decide(&self, job: &Job<'_>) -> Result<JobStep, Stop> {
        let Some(jobs) = &self.jobs else {
            return Ok(JobStep::Later("nobody here does such work".to_owned()));
        };
        let mut facts = Facts::default();
        let mut step = jobs.decide(job, &facts);
        for _ in 0..ROUNDS {
            let JobStep::Need(needed) = step else { break };
            let keys = needed.iter().map(|key| key.read_key(MOST_LINKS)).collect();
            let values = self.store.read(keys).await?;
            needed.into_iter().zip(values).for_each(|(key, value)| facts.insert(key, value));
            step = jobs.decide(job, &facts);
        }
        Ok(step)
    }

    async fn put_off_work(&self, key: &DueKey, body: Value, now: i64) -> Result<bool, Stop> {
        let later = Write::Schedule { key: key.clone(), at: now.saturating_add(millis(PUT_OFF)), body };
        match self.commit(vec![later], Vec::new(), now).await? {
            Ok(()) => Ok(false),
            Err(_) => Err(Stop::Lost),
        }
    }
}

/// Whether writes leave work that is due, such as the wake of an event.
fn makes_work(writes: &[Write], now: i64) -> bool {
    writes.iter().any(|write| matches!(write, Write::Schedule { at, .. } if *at <= now))
}
