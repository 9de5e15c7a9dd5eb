//! Lists of resources.

use serde::{Deserialize, Serialize};

use super::schemas::ListSchemas;

/// A list of resources, typed, for whoever reads one ([RFC 7644 §3.4.2], RFC 9865).
///
/// ```
/// use scim_core::message::ListResponse;
/// use scim_core::typed::User;
///
/// let answer = r#"{ "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
///     "totalResults": 1, "Resources": [{ "id": "1", "userName": "lea" }] }"#;
/// let list: ListResponse<User> = serde_json::from_str(answer)?;
/// assert_eq!(list.resources[0].user_name.as_deref(), Some("lea"));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// [RFC 7644 §3.4.2]: https://www.rfc-editor.org/rfc/rfc7644#section-3.4.2
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListResponse<T> {
    schemas: ListSchemas,
    /// How many resources match; none where a walk by cursor cannot tell (9865-2-06).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_results: Option<u64>,
    /// The number of the first resource of the page, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_index: Option<u64>,
    /// How many resources the page holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items_per_page: Option<u64>,
    /// The cursor of the next page; none on the last one (9865-2-01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// The cursor of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_cursor: Option<String>,
    /// The resources of the page.
    #[serde(rename = "Resources", alias = "resources", default = "Vec::new")]
    pub resources: Vec<T>,
}

impl<T> ListResponse<T> {
    /// A page of a list by index (7644-3.4.2-03).
    #[must_use]
    pub fn by_index(total_results: u64, start_index: u64, resources: Vec<T>) -> Self {
        Self {
            total_results: Some(total_results),
            start_index: Some(start_index),
            ..Self::by_cursor(None, resources, None)
        }
    }

    /// A page of a walk by cursor (RFC 9865 §2).
    #[must_use]
    pub fn by_cursor(total_results: Option<u64>, resources: Vec<T>, next_cursor: Option<String>) -> Self {
        Self {
            schemas: ListSchemas,
            total_results,
            start_index: None,
            items_per_page: Some(resources.len() as u64),
            next_cursor,
            previous_cursor: None,
            resources,
        }
    }
}
