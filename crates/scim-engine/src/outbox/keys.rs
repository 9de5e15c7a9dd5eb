//! How the outbox names its work in the queue.

use serde_json::{Value, json};

use crate::store::{DueKey, RecordKey, Space, Stream, Write};

const WAKE: &str = "outbox/wake/";
const HELD: &str = "outbox/held/";
const LETTER: &str = "outbox/letter/";

/// Behind which names those of held consumers and of letters stand, and wakes not yet.
pub(super) const BEFORE_HELD: &str = "outbox/h";

/// Appends events to the outbox of a space, with the wake that lets a worker find them.
///
/// `id` is of this batch alone, such as the new id of the request. Rules need not call this: the outbox
/// events of a [`Decision`](crate::Decision) are appended so. It is for what an application writes by itself.
#[must_use]
pub fn append(space: &Space, id: &str, now: i64, bodies: impl IntoIterator<Item = Value>) -> Vec<Write> {
    let mut writes: Vec<Write> = bodies
        .into_iter()
        .map(|body| Write::Append {
            space: space.clone(),
            stream: Stream::Outbox,
            body: json!({ "wake": id, "event": body }),
        })
        .collect();
    if !writes.is_empty() {
        writes.push(Write::Schedule { key: wake(space, id), at: now, body: Value::Null });
    }
    writes
}

/// What was appended: the id of its wake, and the event.
pub(super) fn opened(body: &Value) -> (Option<&str>, &Value) {
    match (body.get("wake").and_then(Value::as_str), body.get("event")) {
        (Some(id), Some(event)) => (Some(id), event),
        _ => (None, body),
    }
}

pub(super) fn wake(space: &Space, id: &str) -> DueKey {
    DueKey { space: space.clone(), name: format!("{WAKE}{id}") }
}

/// Stands while a consumer waits to be tried again with an event before it may have the next ones.
pub(super) fn held(space: &Space, consumer: &str) -> DueKey {
    DueKey { space: space.clone(), name: format!("{HELD}{consumer}") }
}

/// Stands for one event that one consumer must be tried with again.
pub(super) fn letter(space: &Space, consumer: &str, position: u64) -> DueKey {
    DueKey { space: space.clone(), name: format!("{LETTER}{consumer}/{position}") }
}

/// The record of how far a consumer has read a space.
pub(super) fn cursor(space: &Space, consumer: &str) -> RecordKey {
    RecordKey::new(space, "OutboxCursor", consumer)
}

/// The consumer who waits, if the name says that one does.
pub(super) fn held_consumer(name: &str) -> Option<&str> {
    name.strip_prefix(HELD)
}

pub(super) fn is_wake(name: &str) -> bool {
    name.starts_with(WAKE)
}

/// What a name in the queue stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Work<'n> {
    /// There are events to read.
    Events,
    /// One event is to be delivered to one consumer again.
    Letter { consumer: &'n str, position: u64 },
    /// Work of the application.
    Job,
}

pub(super) fn work(name: &str) -> Work<'_> {
    if is_wake(name) || name.starts_with(HELD) {
        return Work::Events;
    }
    let letter = name.strip_prefix(LETTER).and_then(|rest| rest.rsplit_once('/'));
    match letter.and_then(|(consumer, position)| Some((consumer, position.parse().ok()?))) {
        Some((consumer, position)) => Work::Letter { consumer, position },
        None => Work::Job,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::TenantId;

    /// Each name is read as what it was written for; all others are work of the application.
    #[test]
    fn names_are_read_back() {
        let space = TenantId::new("t").unwrap().space();
        assert_eq!(work(&wake(&space, "a/7").name), Work::Events);
        assert_eq!(work(&held(&space, "mail").name), Work::Events);
        let letter = letter(&space, "a/b", 7);
        assert_eq!(work(&letter.name), Work::Letter { consumer: "a/b", position: 7 });
        for name in ["invoice", "outbox/letter/x", "outbox/letter/x/y", "outbox", ""] {
            assert_eq!(work(name), Work::Job, "{name}");
        }
    }

    /// One wake stands for all events of a batch; without events there is none.
    #[test]
    fn events_come_with_one_wake() {
        let space = TenantId::new("t").unwrap().space();
        assert_eq!(append(&space, "n", 1, []), []);
        let writes = append(&space, "n", 1, [json!(1), json!(2)]);
        assert_eq!(writes.len(), 3);
        let Write::Append { body, .. } = &writes[0] else { panic!("{writes:?}") };
        assert_eq!(opened(body), (Some("n"), &json!(1)));
        assert_eq!(opened(&json!({ "event": 1 })), (None, &json!({ "event": 1 })));
    }
}
