//! The enterprise extension ([RFC 7643 §4.3]).
//!
//! [RFC 7643 §4.3]: https://www.rfc-editor.org/rfc/rfc7643#section-4.3

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::names::{self, through_json};

/// What the enterprise extension says of a user.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct EnterpriseUser {
    /// The number that the organisation gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub employee_number: Option<String>,
    /// The cost centre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_center: Option<String>,
    /// The organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The division.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub division: Option<String>,
    /// The department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// The manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<Manager>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

through_json!(EnterpriseUser, crate::schema::enterprise_user());

/// A user's manager.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Manager {
    /// The id of the manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The URI of the manager.
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What the manager is called; only the server writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Manager {
    /// The manager with that id.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { value: Some(id.into()), ..Self::default() }
    }
}

impl<'de> Deserialize<'de> for Manager {
    /// Takes a bare id for an object with one, as some clients send it (7643-4.3-01).
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Sent {
            Bare(String),
            Whole(Whole),
        }

        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Whole {
            value: Option<String>,
            #[serde(rename = "$ref")]
            reference: Option<String>,
            display_name: Option<String>,
            #[serde(flatten)]
            rest: Map<String, Value>,
        }

        Ok(match Sent::deserialize(deserializer)? {
            Sent::Bare(id) => Self::new(id),
            Sent::Whole(Whole { value, reference, display_name, rest }) => {
                Self { value, reference, display_name, rest }
            }
        })
    }
}
