//! What the service can do ([RFC 7643 §5], RFC 9865 §4).
//!
//! [RFC 7643 §5]: https://www.rfc-editor.org/rfc/rfc7643#section-5

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::schema::urn;

/// The configuration that `/ServiceProviderConfig` serves. It starts with nothing supported.
///
/// ```
/// use scim_core::message::ServiceProviderConfig;
///
/// let config = ServiceProviderConfig { patch: true, filter: Some(200), ..Default::default() };
/// let served = config.to_resource("https://scim.example/v2");
/// assert_eq!(served["filter"]["maxResults"], 200);
/// assert_eq!(served["bulk"]["supported"], false);
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(from = "Printed", into = "Printed")]
pub struct ServiceProviderConfig {
    /// Where people read about the service.
    pub documentation_uri: Option<String>,
    /// Whether PATCH works.
    pub patch: bool,
    /// What a bulk request may hold; none where there is no bulk.
    pub bulk: Option<BulkLimits>,
    /// How many results a query gives at most; none where there are no filters.
    pub filter: Option<u64>,
    /// Whether a password can be set.
    pub change_password: bool,
    /// Whether `sortBy` works.
    pub sort: bool,
    /// Whether versions and conditional requests work.
    pub etag: bool,
    /// How clients say who they are.
    pub authentication_schemes: Vec<AuthenticationScheme>,
    /// How lists are paged; none where the server says nothing of it, as before RFC 9865.
    pub pagination: Option<Pagination>,
}

/// What a bulk request may hold.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BulkLimits {
    /// The most operations.
    pub max_operations: u64,
    /// The most bytes.
    pub max_payload_size: u64,
}

/// A way for clients to say who they are (7643-5-03).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthenticationScheme {
    /// Which one: `oauth`, `oauth2`, `oauthbearertoken`, `httpbasic` or `httpdigest`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name, for people.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Where it is specified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_uri: Option<String>,
    /// Where people read about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation_uri: Option<String>,
    /// Whether it is the preferred one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
}

impl AuthenticationScheme {
    /// A bearer token in the `Authorization` header (RFC 6750).
    #[must_use]
    pub fn bearer_token() -> Self {
        Self {
            kind: "oauthbearertoken".to_owned(),
            name: "OAuth Bearer Token".to_owned(),
            description: "A bearer token in the Authorization header".to_owned(),
            spec_uri: Some("https://www.rfc-editor.org/info/rfc6750".to_owned()),
            documentation_uri: None,
            primary: None,
        }
    }
}

/// How lists are paged (9865-4-01).
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Pagination {
    /// Whether by cursor.
    pub cursor: bool,
    /// Whether by index.
    pub index: bool,
    /// What a request means that names neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_pagination_method: Option<PaginationMethod>,
    /// How long a page is when the request does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_page_size: Option<u64>,
    /// How long a page may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_page_size: Option<u64>,
    /// For how many seconds a cursor is good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor_timeout: Option<u64>,
}

/// A way of paging.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PaginationMethod {
    /// By cursor.
    Cursor,
    /// By index.
    Index,
}

impl ServiceProviderConfig {
    /// The resource that `/ServiceProviderConfig` serves, below `base` (7644-4-01, 7644-4-07).
    #[must_use]
    pub fn to_resource(&self, base: &str) -> Value {
        let mut resource = match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        };
        resource.insert("schemas".into(), json!([urn::SERVICE_PROVIDER_CONFIG]));
        let location = format!("{base}/ServiceProviderConfig");
        resource
            .insert("meta".into(), json!({ "resourceType": "ServiceProviderConfig", "location": location }));
        Value::Object(resource)
    }
}

/// The configuration as it is printed: every feature an object with `supported`.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Printed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    documentation_uri: Option<String>,
    #[serde(default)]
    patch: Feature,
    #[serde(default)]
    bulk: BulkFeature,
    #[serde(default)]
    filter: FilterFeature,
    #[serde(default)]
    change_password: Feature,
    #[serde(default)]
    sort: Feature,
    #[serde(default)]
    etag: Feature,
    #[serde(default)]
    authentication_schemes: Vec<AuthenticationScheme>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pagination: Option<Pagination>,
}

#[derive(Default, Deserialize, Serialize)]
struct Feature {
    supported: bool,
}

#[derive(Default, Deserialize, Serialize)]
struct BulkFeature {
    supported: bool,
    #[serde(flatten)]
    limits: BulkLimits,
}

#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct FilterFeature {
    supported: bool,
    #[serde(default)]
    max_results: u64,
}

impl From<Printed> for ServiceProviderConfig {
    fn from(printed: Printed) -> Self {
        Self {
            documentation_uri: printed.documentation_uri,
            patch: printed.patch.supported,
            bulk: printed.bulk.supported.then_some(printed.bulk.limits),
            filter: printed.filter.supported.then_some(printed.filter.max_results),
            change_password: printed.change_password.supported,
            sort: printed.sort.supported,
            etag: printed.etag.supported,
            authentication_schemes: printed.authentication_schemes,
            pagination: printed.pagination,
        }
    }
}

impl From<ServiceProviderConfig> for Printed {
    fn from(config: ServiceProviderConfig) -> Self {
        let feature = |supported| Feature { supported };
        // Limits of what is off are printed as 0 (7643-5-02).
        Self {
            documentation_uri: config.documentation_uri,
            patch: feature(config.patch),
            bulk: BulkFeature { supported: config.bulk.is_some(), limits: config.bulk.unwrap_or_default() },
            filter: FilterFeature {
                supported: config.filter.is_some(),
                max_results: config.filter.unwrap_or_default(),
            },
            change_password: feature(config.change_password),
            sort: feature(config.sort),
            etag: feature(config.etag),
            authentication_schemes: config.authentication_schemes,
            pagination: config.pagination,
        }
    }
}
