//! Erasing a person from logs and outboxes: what happened stays told, and nothing says any more to whom.

use std::collections::BTreeSet;

use scim_engine::store::{Event, ReadKey, ReadValue, Space, Store, StoreError, Stream, Write};
use serde_json::{Value, json};

use super::commit;
use super::entry::LogEntry;
use super::search::is_about;
use crate::account::fold;

/// How many events are in memory at a time, and amended in one commit at most.
const PAGE: usize = 200;

/// What stands where something of the person stood.
const ERASED: &str = "(erased)";

/// By what a person is known: ids of users, and e-mails.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traces {
    pub(crate) ids: BTreeSet<String>,
    /// Folded.
    pub(crate) emails: BTreeSet<String>,
}

impl Traces {
    pub(crate) fn of_email(email: &str) -> Self {
        Self { ids: BTreeSet::new(), emails: BTreeSet::from([fold(email.trim())]) }
    }

    fn len(&self) -> usize {
        self.ids.len() + self.emails.len()
    }

    pub(crate) fn is_in(&self, entry: &LogEntry) -> bool {
        self.ids.iter().chain(&self.emails).any(|trace| is_about(entry, trace))
    }

    /// Learns under which other ids and e-mails the person was known.
    fn learn(&mut self, entry: &LogEntry) {
        if entry.resource_type.as_deref() != Some(crate::USER_KIND) || !self.is_in(entry) {
            return;
        }
        // Only of what was carried out is it certain who was meant.
        if entry.refusal.is_none() {
            self.ids.extend(entry.resource.clone());
        }
        for change in entry.changes.iter().filter(|change| change.attribute == "userName") {
            self.emails.extend([&change.old, &change.new].into_iter().filter_map(Value::as_str).map(fold));
        }
    }

    /// Whether a text names one of the e-mails.
    fn are_in_text(&self, text: &str) -> bool {
        let text = fold(text);
        self.emails.iter().any(|email| text.contains(email.as_str()))
    }

    /// The body of a log event without the person; none where they are not in it.
    fn erased_entry(&self, body: &Value) -> Option<Value> {
        let mut after = body.clone();
        if let Some(mut entry) = LogEntry::read(body)
            && self.is_in(&entry)
        {
            entry.name = entry.name.map(|_| ERASED.to_owned());
            // An entry about several people says of each only the role, by id.
            for change in entry.changes.iter_mut().filter(|change| change.person.is_none()) {
                (change.old, change.new) = (blank(&change.old), blank(&change.new));
            }
            entry.warnings.iter_mut().for_each(|warning| ERASED.clone_into(warning));
            if let Some(refusal) = &mut entry.refusal {
                ERASED.clone_into(&mut refusal.detail);
            }
            after = entry.to_body();
        }
        self.erase_texts(&mut after);
        (after != *body).then_some(after)
    }

    /// The body of an outbox event without the person. An e-mail to them is sent to nobody any more.
    pub(crate) fn erased_event(&self, body: &Value) -> Option<Value> {
        let is_theirs = body.get("event").is_some_and(|event| self.is_mail_to(event));
        is_theirs.then(|| {
            let mut after = body.clone();
            after["event"] = json!({ "type": "erased" });
            after
        })
    }

    /// Whether an event is an e-mail to the person.
    pub(crate) fn is_mail_to(&self, event: &Value) -> bool {
        let to = event.get("to").and_then(Value::as_str).filter(|_| event["type"] == "mail");
        to.is_some_and(|to| self.are_in_text(to))
    }

    fn erase_texts(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.are_in_text(text) => ERASED.clone_into(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.erase_texts(value)),
            Value::Object(values) => values.values_mut().for_each(|value| self.erase_texts(value)),
            _ => {}
        }
    }
}

fn blank(value: &Value) -> Value {
    if value.is_null() { Value::Null } else { ERASED.into() }
}

/// Finds all names under which the person was known in the log of a workspace.
pub(crate) async fn learn(store: &impl Store, space: &Space, traces: &mut Traces) -> Result<(), StoreError> {
    loop {
        let before = traces.len();
        let mut after = 0;
        while let Some(events) = events_after(store, space, Stream::Log, after).await? {
            after = events.last().map_or(u64::MAX, |event| event.position);
            events.iter().filter_map(LogEntry::of).for_each(|entry| traces.learn(&entry));
        }
        // What was learnt last may be in entries that came before it.
        if traces.len() == before {
            return Ok(());
        }
    }
}

/// Erases the person from log and outbox of a space; tells from how many events.
pub(crate) async fn erase(
    store: &impl Store,
    space: &Space,
    traces: &Traces,
    now: i64,
) -> Result<u64, StoreError> {
    let mut erased = 0;
    for stream in [Stream::Log, Stream::Outbox] {
        let mut after = 0;
        while let Some(events) = events_after(store, space, stream, after).await? {
            after = events.last().map_or(u64::MAX, |event| event.position);
            let amended = events.iter().filter_map(|event| {
                let body = match stream {
                    Stream::Log => traces.erased_entry(&event.body),
                    Stream::Outbox => traces.erased_event(&event.body),
                };
                Some((event.position, body?))
            });
            let writes: Vec<Write> = amended
                .map(|(position, body)| Write::Amend { space: space.clone(), stream, position, body })
                .collect();
            if writes.is_empty() {
                continue;
            }
            let count = u64::try_from(writes.len()).unwrap_or(u64::MAX);
            commit(store, now, writes).await?;
            erased += count;
        }
    }
    Ok(erased)
}

/// The events behind a position; none at the end.
pub(crate) async fn events_after(
    store: &impl Store,
    space: &Space,
    stream: Stream,
    after: u64,
) -> Result<Option<Vec<Event>>, StoreError> {
    let key = ReadKey::Events { space: space.clone(), stream, after, limit: PAGE };
    match store.read(vec![key]).await?.pop() {
        Some(ReadValue::Events(events)) if !events.is_empty() => Ok(Some(events)),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces() -> Traces {
        Traces { ids: BTreeSet::from(["u1".to_owned()]), emails: BTreeSet::from([fold("Lea@W.example")]) }
    }

    /// D-85: an entry about the person keeps what was done, and when, and loses every value.
    #[test]
    fn entries_about_the_person() {
        let body = json!({
            "traceId": "t", "operation": "update", "resourceType": "User", "resource": "u1", "name": "lea@w.example",
            "changes": [{ "attribute": "title", "old": null, "new": "Dr." }], "warnings": ["title: odd"],
            "refusal": { "status": 400, "detail": "title `Dr.` is odd" },
        });
        let erased = traces().erased_entry(&body).unwrap();
        assert!(!erased.to_string().contains("Dr.") && !erased.to_string().contains("lea"), "{erased}");
        assert_eq!(
            (&erased["traceId"], &erased["resource"], &erased["operation"]),
            (&json!("t"), &json!("u1"), &json!("update"))
        );
        assert_eq!(erased["changes"][0], json!({ "attribute": "title", "old": null, "new": ERASED }));
        assert_eq!(traces().erased_entry(&erased), None, "once is enough");
    }

    /// The name of the person in an entry about somebody else goes, and nothing but it.
    #[test]
    fn entries_about_others() {
        let body = json!({
            "traceId": "t", "operation": "create", "resource": "u2", "name": "bob@w.example", "warnings": [],
            "refusal": { "status": 409, "detail": "LEA@w.example is taken" },
            "changes": [{ "attribute": "title", "old": null, "new": "x" }],
        });
        let erased = traces().erased_entry(&body).unwrap();
        assert_eq!(erased["refusal"]["detail"], ERASED);
        assert_eq!((&erased["name"], &erased["changes"]), (&body["name"], &body["changes"]));
        let other = json!({ "traceId": "t", "operation": "create", "resource": "u2", "warnings": [] });
        assert_eq!(traces().erased_entry(&other), None);
    }

    /// A mail that waits goes to nobody; one to somebody else goes.
    #[test]
    fn mails() {
        let mail =
            |to: &str| json!({ "wake": "n", "event": { "type": "mail", "to": to, "givenName": "Lea" } });
        assert_eq!(
            traces().erased_event(&mail("lea@w.example")),
            Some(json!({ "wake": "n", "event": { "type": "erased" } }))
        );
        assert_eq!(traces().erased_event(&mail("bob@w.example")), None);
        assert_eq!(traces().erased_event(&json!({ "event": { "type": "changed", "people": ["u1"] } })), None);
    }
}
