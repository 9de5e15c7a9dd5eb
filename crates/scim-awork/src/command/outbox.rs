//! The outbox as admins see it: what is not delivered yet, and what could not be.

use chrono::{DateTime, Utc};
use scim_engine::outbox::{DeadLetter, Pending, discard_writes, letter_key, redeliver_writes};
use scim_engine::store::Write;
use serde::Serialize;
use serde_json::Value;

use super::AworkCommand;
use super::desk::{Desk, Done, Halt};
use super::integration::instant;
use super::refusal::CommandRefusal;
use crate::client_text::is_empty_text;
use crate::event::{AworkEvent, MailSubject};

const KIND: &str = "DeadLetter";

/// How many characters the reason for giving a letter up may have.
const LONGEST_REASON: usize = 1_000;

/// What an event of the outbox is, in a few words.
fn summary(body: &Value) -> String {
    match AworkEvent::of(body) {
        Some(AworkEvent::Mail(mail)) => {
            let MailSubject::Reactivated = mail.subject;
            format!("e-mail about the reactivation to {}", mail.to)
        }
        Some(AworkEvent::Invoice(invoice)) => {
            format!("invoice {} for {} seats", invoice.id, invoice.seats)
        }
        Some(AworkEvent::Changed(changed)) => {
            let people = changed.people.len();
            format!("news of {people} people: {}", changed.operation.as_str())
        }
        Some(AworkEvent::Erased) => "about a person who was erased".to_owned(),
        None => "no event of awork".to_owned(),
    }
}

/// An event that is not delivered yet.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct PendingView {
    /// Its place in the outbox.
    pub position: u64,
    /// Who is to take it.
    pub consumer: String,
    /// What it is.
    pub event: String,
    /// When it happened.
    pub since: DateTime<Utc>,
    /// How long ago that is, in seconds.
    pub age_seconds: i64,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again; none if that is at once.
    pub next_attempt: Option<DateTime<Utc>>,
    /// What went wrong at the last attempt.
    pub last_error: Option<String>,
}

impl PendingView {
    /// The event at a time, in milliseconds since 1970.
    #[must_use]
    pub fn of(pending: &Pending, now: i64) -> Self {
        Self {
            position: pending.position,
            consumer: pending.consumer.clone(),
            event: summary(&pending.body),
            since: instant(pending.time),
            age_seconds: now.saturating_sub(pending.time) / 1_000,
            attempts: pending.tries,
            next_attempt: pending.next.map(instant),
            last_error: pending.error.clone(),
        }
    }
}

/// An event that could not be delivered.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct DeadLetterView {
    /// The id by which it is retried or discarded.
    pub id: String,
    /// Who was to take it.
    pub consumer: String,
    /// What it is.
    pub event: String,
    /// When it was given up.
    pub since: DateTime<Utc>,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong at the last attempt.
    pub last_error: String,
}

impl DeadLetterView {
    /// The letter.
    #[must_use]
    pub fn of(letter: &DeadLetter) -> Self {
        Self {
            id: letter.id.clone(),
            consumer: letter.consumer.clone(),
            event: summary(&letter.body),
            since: instant(letter.since),
            attempts: letter.tries,
            last_error: letter.error.clone(),
        }
    }
}

/// Lets dead letters be delivered again, with as many attempts as new ones; those that are not there any more
/// are passed over, and refused where none is left.
#[derive(Clone, Debug)]
pub struct RetryDeliveries {
    /// Their ids.
    pub letters: Vec<String>,
}

impl AworkCommand for RetryDeliveries {
    type Output = Vec<DeadLetterView>;

    const OPERATION: &'static str = "outbox.retry";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Self::Output>, Halt> {
        desk.workspace()?;
        let space = desk.scene.space;
        let found = desk.all(|lookup| {
            self.letters.iter().filter_map(|id| lookup.record(letter_key(space, id))).collect::<Vec<_>>()
        })?;
        if found.is_empty() {
            return Err(missing(&self.letters.join(", ")));
        }
        let now = desk.scene.context.now;
        let writes: Vec<Write> = found.iter().flat_map(|record| redeliver_writes(record, now)).collect();
        let views: Vec<_> = found.iter().map(|record| DeadLetterView::of(&DeadLetter::of(record))).collect();
        let ids: Vec<&str> = views.iter().map(|view| view.id.as_str()).collect();
        let about = ids.join(", ");
        Ok(Done::written(writes, views, (KIND, &about)))
    }
}

/// Gives a dead letter up for good; the reason goes into the provisioning log.
#[derive(Clone, Debug)]
pub struct DiscardDelivery {
    /// Its id.
    pub letter: String,
    /// Why.
    pub reason: String,
}

impl AworkCommand for DiscardDelivery {
    type Output = DeadLetterView;

    const OPERATION: &'static str = "outbox.discard";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<DeadLetterView>, Halt> {
        desk.workspace()?;
        let reason = self.reason.trim();
        if is_empty_text(reason) || reason.chars().count() > LONGEST_REASON {
            return Err(CommandRefusal::UnfitReason { most: LONGEST_REASON }.into());
        }
        let record = desk.record(letter_key(desk.scene.space, &self.letter))?;
        let record = record.ok_or_else(|| missing(&self.letter))?;
        let view = DeadLetterView::of(&DeadLetter::of(record));
        let mut done = Done::written(discard_writes(record), view, (KIND, &self.letter));
        done.decision.warnings.push(format!("given up: {reason}"));
        Ok(done)
    }
}

fn missing(named: &str) -> Halt {
    CommandRefusal::LetterMissing { named: named.to_owned() }.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// D-26, D-31: what an admin reads of each kind of event.
    #[test]
    fn events_in_a_few_words() {
        for (body, words) in [
            (
                json!({ "type": "mail", "subject": "reactivated", "to": "a@b.de", "givenName": "A",
                        "language": "de-DE", "workspace": "w" }),
                "e-mail about the reactivation to a@b.de",
            ),
            (
                json!({ "type": "invoice", "id": "w-1", "workspace": "w", "seats": 3, "from": 1, "until": 2 }),
                "invoice w-1 for 3 seats",
            ),
            (
                json!({ "type": "changed", "operation": "assign", "people": ["u", "v"], "traceId": "t" }),
                "news of 2 people: assign",
            ),
            (json!({ "type": "erased" }), "about a person who was erased"),
            (json!({ "type": "other" }), "no event of awork"),
        ] {
            assert_eq!(summary(&body), words);
        }
    }
}
