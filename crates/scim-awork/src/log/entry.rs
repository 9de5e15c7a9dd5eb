//! What the log says of one request or command.

use scim_engine::store::{Event, Stream};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An entry of the provisioning log (D-83, D-85). Its time is that of the [`Event`] that holds it, unless it
/// has one of its own.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogEntry {
    /// When it happened, in milliseconds since 1970, where it was written down later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// The id under which the answer lets it be found (D-82).
    pub trace_id: String,
    /// The integration whose client asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration: Option<String>,
    /// Its identity provider, such as `entra-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Who did it by hand: `operator`, or the id of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What was done or wanted, such as `update` or `role.rename`.
    pub operation: String,
    /// The type of the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// The id of the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// What it is called: the user name of a person, the name of a role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What became different.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ValueChange>,
    /// What was not taken as sent.
    pub warnings: Vec<String>,
    /// The tolerances that fired.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerances: Vec<String>,
    /// Why nothing was done; none where something was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<LoggedRefusal>,
    /// Where the entry stands for many refusals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<RefusalSum>,
}

/// A value before and after.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ValueChange {
    /// The attribute, such as `name.givenName`, or the setting.
    pub attribute: String,
    /// The id of the person it is about, where the entry is about several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// What it was; null where there was none.
    #[serde(default)]
    pub old: Value,
    /// What it is.
    #[serde(default)]
    pub new: Value,
}

/// Why a request was refused.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoggedRefusal {
    /// The HTTP status.
    pub status: u16,
    /// The keyword of the protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scim_type: Option<String>,
    /// What the client's admin is told: attribute, value, and what to do (D-84).
    pub detail: String,
}

/// Many refusals of one kind.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusalSum {
    /// How many.
    pub count: u64,
    /// The first trace ids of them.
    pub trace_ids: Vec<String>,
}

impl LogEntry {
    /// Reads an entry; none if the event is something else.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
        Self::read(&event.body)
    }

    pub(crate) fn read(body: &Value) -> Option<Self> {
        Self::deserialize(body).ok()
    }

    /// The event that appends the entry.
    #[must_use]
    pub fn to_event(&self) -> (Stream, Value) {
        (Stream::Log, self.to_body())
    }

    /// The entry as the log keeps it.
    #[must_use]
    pub fn to_body(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Whether it stands for the request with this trace id.
    #[must_use]
    pub fn is_traced(&self, trace_id: &str) -> bool {
        self.trace_id == trace_id
            || self.sum.as_ref().is_some_and(|sum| sum.trace_ids.iter().any(|id| id == trace_id))
    }
}
