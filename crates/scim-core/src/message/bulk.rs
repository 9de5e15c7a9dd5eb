//! Bulk requests and what becomes of them ([RFC 7644 §3.7]).
//!
//! [RFC 7644 §3.7]: https://www.rfc-editor.org/rfc/rfc7644#section-3.7

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::schemas::{BulkRequestSchemas, BulkResponseSchemas, status};

/// Several requests in one.
///
/// Reading one judges no operation: each that is wrong is answered on its own (7644-3.7-03).
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkRequest {
    schemas: BulkRequestSchemas,
    /// After how many failures to stop; none to try all (7644-3.7-12, 7644-3.7-13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fail_on_errors: Option<u64>,
    /// The requests, in order.
    #[serde(rename = "Operations", alias = "operations")]
    pub operations: Vec<BulkOperation>,
}

impl BulkRequest {
    /// A bulk request that tries all of its operations.
    #[must_use]
    pub fn new(operations: Vec<BulkOperation>) -> Self {
        Self { schemas: BulkRequestSchemas, fail_on_errors: None, operations }
    }
}

/// One request of several.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkOperation {
    /// What to do.
    #[serde(default)]
    pub method: BulkMethod,
    /// The client's name for a resource that is to be created.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bulk_id: Option<String>,
    /// The version that the resource must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Where, below the base URI, such as `/Users` or `/Users/1`.
    #[serde(default)]
    pub path: String,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// The method of a request within a bulk, in any letter case (7644-3.7-03).
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(from = "String", into = "String")]
pub enum BulkMethod {
    /// Create.
    #[default]
    Post,
    /// Replace.
    Put,
    /// Modify.
    Patch,
    /// Delete.
    Delete,
    /// Any other, exactly as it was sent; no bulk may hold it.
    Other(String),
}

impl BulkMethod {
    /// The method as HTTP writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Other(method) => method,
        }
    }
}

impl From<String> for BulkMethod {
    fn from(method: String) -> Self {
        match method.to_ascii_uppercase().as_str() {
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            _ => Self::Other(method),
        }
    }
}

impl From<BulkMethod> for String {
    fn from(method: BulkMethod) -> Self {
        method.as_str().to_owned()
    }
}

/// What became of several requests.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct BulkResponse {
    schemas: BulkResponseSchemas,
    /// One result for each operation that was processed, in order (7644-3.7-08).
    #[serde(rename = "Operations", alias = "operations")]
    pub operations: Vec<BulkResult>,
}

impl BulkResponse {
    /// The answer with these results.
    #[must_use]
    pub fn new(operations: Vec<BulkResult>) -> Self {
        Self { schemas: BulkResponseSchemas, operations }
    }
}

/// What became of one request of several.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BulkResult {
    /// Where the resource is; none for a create that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// What was to be done.
    pub method: BulkMethod,
    /// The client's name for the resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bulk_id: Option<String>,
    /// The version of the resource now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The HTTP status.
    #[serde(with = "status")]
    pub status: u16,
    /// The error, if it failed (7644-3.7-10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<Value>,
}
