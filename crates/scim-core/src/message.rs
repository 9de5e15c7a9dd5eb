//! Messages of the protocol: lists, errors, queries, bulk, the configuration.

mod bulk;
mod config;
mod error;
mod list;
mod schemas;
mod search;

pub use bulk::{BulkMethod, BulkOperation, BulkRequest, BulkResponse, BulkResult};
pub use config::{AuthenticationScheme, BulkLimits, Pagination, PaginationMethod, ServiceProviderConfig};
pub use error::{ErrorResponse, Keyword};
pub use list::ListResponse;
pub use search::SearchRequest;

use serde_json::{Map, Value, json};

use crate::problem::Problem;
use crate::schema::urn;

/// A list of resources, as a query answers it ([RFC 7644 §3.4.2]). [`ListResponse`] prints the same
/// without copying the resources.
///
/// [RFC 7644 §3.4.2]: https://www.rfc-editor.org/rfc/rfc7644#section-3.4.2
#[must_use]
pub fn list_response(total: u64, start_index: u64, resources: &[Value]) -> Value {
    let mut list = Map::new();
    list.insert("schemas".into(), json!([urn::LIST_RESPONSE]));
    list.insert("totalResults".into(), json!(total));
    list.insert("startIndex".into(), json!(start_index));
    list.insert("itemsPerPage".into(), json!(resources.len()));
    list.insert("Resources".into(), Value::Array(resources.to_vec()));
    Value::Object(list)
}

/// The body of an error ([RFC 7644 §3.12]); `trace_id` ends the detail.
///
/// [RFC 7644 §3.12]: https://www.rfc-editor.org/rfc/rfc7644#section-3.12
#[must_use]
pub fn error_body(problem: &Problem, trace_id: &str) -> Value {
    let mut body = Map::new();
    body.insert("schemas".into(), json!([urn::ERROR]));
    body.insert("status".into(), json!(problem.status.to_string()));
    if let Some(scim_type) = problem.scim_type {
        body.insert("scimType".into(), json!(scim_type.as_str()));
    }
    body.insert("detail".into(), json!(format!("{} (trace id {trace_id})", problem.detail)));
    Value::Object(body)
}
