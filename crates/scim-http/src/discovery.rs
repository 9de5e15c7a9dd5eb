//! What the service says of itself ([RFC 7643 §5 to §7], [RFC 7644 §4]), printed once at the start.
//!
//! [RFC 7643 §5 to §7]: https://www.rfc-editor.org/rfc/rfc7643#section-5
//! [RFC 7644 §4]: https://www.rfc-editor.org/rfc/rfc7644#section-4

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use bytes::Bytes;
use scim_core::message::{self, Pagination};
use scim_core::schema::{self, urn};
use scim_engine::{Features, ProvisioningEngine};
use serde_json::{Value, json};

use crate::config::HttpConfig;

/// The answers of the discovery endpoints.
#[derive(Debug)]
pub(crate) struct Discovery {
    pub(crate) configuration: Bytes,
    pub(crate) resource_types: Bytes,
    pub(crate) schemas: Bytes,
    /// By name.
    resource_type: BTreeMap<String, Bytes>,
    /// By URI in lower case.
    schema: BTreeMap<String, Bytes>,
}

impl Discovery {
    pub(crate) fn new(engine: &impl ProvisioningEngine, config: &HttpConfig) -> Self {
        let base = &engine.locations().base;
        let registry = engine.registry();
        let mut types = Vec::new();
        let mut resource_type = BTreeMap::new();
        for def in registry.types() {
            let resource = def.resource_type().to_resource(base);
            resource_type.insert(def.name().to_owned(), print(&resource));
            types.push(resource);
        }
        let mut listed = Vec::new();
        let mut schema = BTreeMap::new();
        for registered in registry.schemas() {
            let resource = registered.to_resource(base);
            schema.insert(registered.id.to_ascii_lowercase(), print(&resource));
            listed.push(resource);
        }
        // Their URIs stand in `schemas` of what is served here, so each can be read (7643-6-02).
        for meta in schema::meta_schemas() {
            if let Entry::Vacant(free) = schema.entry(meta.id.to_ascii_lowercase()) {
                let resource = meta.to_resource(base);
                free.insert(print(&resource));
                if config.list_meta_schemas {
                    listed.push(resource);
                }
            }
        }
        Self {
            configuration: print(&configuration(engine.features(), base, config)),
            resource_types: list(&types),
            schemas: list(&listed),
            resource_type,
            schema,
        }
    }

    /// The resource type of that name; names are exact (E8475).
    pub(crate) fn resource_type(&self, name: &str) -> Option<Bytes> {
        self.resource_type.get(name).cloned()
    }

    /// The schema with that URI, whatever its letter case (7644-4-03).
    pub(crate) fn schema(&self, uri: &str) -> Option<Bytes> {
        self.schema.get(&uri.to_ascii_lowercase()).cloned()
    }
}

/// The service provider configuration: what the engine can do, and what this layer adds.
fn configuration(features: &Features, base: &str, config: &HttpConfig) -> Value {
    let mut configuration = json!({
        "schemas": [urn::SERVICE_PROVIDER_CONFIG],
        "patch": { "supported": features.patch },
        // 7643-5-02: the limits are 0 while it is off.
        "bulk": {
            "supported": config.bulk.is_some(),
            "maxOperations": config.bulk.map_or(0, |limits| limits.max_operations),
            "maxPayloadSize": config.bulk.map_or(0, |limits| limits.max_payload_size),
        },
        "filter": {
            "supported": features.filter,
            "maxResults": if features.filter { features.most_results } else { 0 },
        },
        "changePassword": { "supported": features.change_password },
        "sort": { "supported": features.sort },
        "etag": { "supported": features.etag },
        "pagination": pagination(features),
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "A token in the header Authorization, behind the word Bearer",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    });
    if let Some(uri) = &config.documentation_uri {
        configuration["documentationUri"] = json!(uri);
    }
    configuration
}

/// How lists are paged (9865-4-01).
fn pagination(features: &Features) -> Pagination {
    let most = features.most_results;
    Pagination {
        cursor: features.paging.by_cursor(),
        index: features.paging.by_index(),
        default_pagination_method: Some(features.paging.default_method()),
        default_page_size: Some(features.default_count.min(most) as u64),
        max_page_size: Some(most as u64),
        cursor_timeout: features.paging.by_cursor().then(|| features.cursor_timeout()),
    }
}

/// A list of all: paging means nothing here (7644-4-05).
fn list(resources: &[Value]) -> Bytes {
    print(&message::list_response(resources.len() as u64, 1, resources))
}

fn print(value: &Value) -> Bytes {
    // The text of a `Value` is what `to_vec` gives; this way there is nothing that can fail.
    Bytes::from(value.to_string())
}
