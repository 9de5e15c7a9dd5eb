//! The core Group ([RFC 7643 §4.2]).
//!
//! [RFC 7643 §4.2]: https://www.rfc-editor.org/rfc/rfc7643#section-4.2

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::names::{self, list, through_json};
use super::user::{Entry, Meta};
use crate::schema::urn;

/// A group.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Group {
    /// The schemas of the resource.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<String>,
    /// The id that the server issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The id that the client issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name as it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The members, each the id of a user or group.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Entry>,
    /// What the server says of the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Everything else: extensions under their URIs, and attributes that are not of the standard.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Group {
    /// A group with that name.
    #[must_use]
    pub fn new(display_name: impl Into<String>) -> Self {
        Self {
            schemas: vec![urn::GROUP.to_owned()],
            display_name: Some(display_name.into()),
            ..Self::default()
        }
    }
}

through_json!(Group, crate::schema::group());
