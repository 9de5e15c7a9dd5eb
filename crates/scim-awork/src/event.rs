//! What awork's outbox tells: changes of people and roles, e-mails and invoices.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::booking::Invoice;
use crate::language::Language;

/// An event of the outbox.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum AworkEvent {
    /// A person or the holders of a role have changed.
    Changed(Changed),
    /// Somebody gets an e-mail.
    Mail(Mail),
    /// Seats were booked that must be paid.
    Invoice(Invoice),
    /// It was about a person who was erased.
    Erased,
}

/// A change, in so many words as others need to follow it: they read the rest.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changed {
    /// What was done.
    pub operation: Operation,
    /// The people it was done to.
    pub people: Vec<String>,
    /// Whether they may sign in from now on, or no longer; none where that is as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
    /// The id under which the request is found in the log.
    pub trace_id: String,
}

/// What was done to people.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// They were imported, or came back.
    Create,
    /// They were changed.
    Update,
    /// They were deactivated and hidden.
    Delete,
    /// They were deleted for good, in awork.
    Purge,
    /// They got another role by a group (D-77), or because theirs was deleted.
    Assign,
    /// What they show of their account was brought up to date after a change in another workspace.
    Copy,
}

/// Whether people may sign in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Activation {
    /// From now on.
    Activated,
    /// No longer: whoever holds sessions of theirs ends them.
    Deactivated,
}

/// An e-mail to a person.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// What it is about.
    pub subject: MailSubject,
    /// The address.
    pub to: String,
    /// The first name of the person.
    pub given_name: String,
    /// The language of the person.
    pub language: Language,
    /// The workspace.
    pub workspace: String,
}

/// What an e-mail is about.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum MailSubject {
    /// The person, who was deactivated, may sign in again (D-31, A-14).
    Reactivated,
}

impl Operation {
    /// The word for it in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Purge => "purge",
            Self::Assign => "assign",
            Self::Copy => "copy",
        }
    }
}

impl AworkEvent {
    /// Reads an event of the outbox; none if it is something else.
    #[must_use]
    pub fn of(body: &Value) -> Option<Self> {
        Self::deserialize(body).ok()
    }

    /// The event as the outbox keeps it.
    #[must_use]
    pub fn to_body(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl Activation {
    /// What comes of being active before and after.
    pub(crate) fn of(before: bool, after: bool) -> Option<Self> {
        match (before, after) {
            (false, true) => Some(Self::Activated),
            (true, false) => Some(Self::Deactivated),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is kept stays readable: the shape of stored events.
    #[test]
    fn events_as_they_are_kept() {
        for (event, body) in [
            (
                AworkEvent::Changed(Changed {
                    operation: Operation::Update,
                    people: vec!["u".into()],
                    activation: Some(Activation::Deactivated),
                    trace_id: "t".into(),
                }),
                json!({
                    "type": "changed", "operation": "update", "people": ["u"],
                    "activation": "deactivated", "traceId": "t",
                }),
            ),
            (
                AworkEvent::Mail(Mail {
                    subject: MailSubject::Reactivated,
                    to: "a@b.c".into(),
                    given_name: "A".into(),
                    language: Language::DeDe,
                    workspace: "w".into(),
                }),
                json!({
                    "type": "mail", "subject": "reactivated", "to": "a@b.c", "givenName": "A",
                    "language": "de-DE", "workspace": "w",
                }),
            ),
            (
                AworkEvent::Invoice(Invoice {
                    id: "w-1".into(),
                    workspace: "w".into(),
                    seats: 3,
                    from: 1,
                    until: 2,
                }),
                json!({ "type": "invoice", "id": "w-1", "workspace": "w", "seats": 3, "from": 1, "until": 2 }),
            ),
        ] {
            assert_eq!(event.to_body(), body);
            assert_eq!(AworkEvent::of(&body), Some(event));
        }
        assert_eq!(AworkEvent::of(&json!({ "type": "other" })), None);
    }
}
