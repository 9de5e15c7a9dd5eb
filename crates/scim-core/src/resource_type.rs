//! Resource types: which schema, which extensions, which endpoint ([RFC 7643 §6]).
//!
//! [RFC 7643 §6]: https://www.rfc-editor.org/rfc/rfc7643#section-6

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::schema::urn;

/// A kind of resource, such as `User`, and where it lives.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceType {
    /// The name that `meta.resourceType` shows, such as `User`.
    pub name: String,
    /// What resources of the type are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The path below the base URI, such as `/Users`.
    pub endpoint: String,
    /// The URI of the base schema.
    pub schema: String,
    /// The extensions that resources of the type may carry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schema_extensions: Vec<SchemaExtension>,
}

/// An extension of a resource type.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct SchemaExtension {
    /// The URI of the extension's schema.
    pub schema: String,
    /// Whether each resource must carry it (7643-6-03).
    pub required: bool,
}

impl ResourceType {
    /// A resource type without extensions; `endpoint` starts with a slash.
    #[must_use]
    pub fn new(name: &str, endpoint: &str, schema: &str) -> Self {
        Self {
            name: name.to_owned(),
            description: None,
            endpoint: endpoint.to_owned(),
            schema: schema.to_owned(),
            schema_extensions: Vec::new(),
        }
    }

    /// The same type with one more optional extension.
    #[must_use]
    pub fn with_extension(mut self, schema: &str) -> Self {
        self.schema_extensions.push(SchemaExtension { schema: schema.to_owned(), required: false });
        self
    }

    /// The same type with a description.
    #[must_use]
    pub fn with_description(mut self, description: &str) -> Self {
        self.description = Some(description.to_owned());
        self
    }

    /// The resource that `/ResourceTypes/{name}` serves, below `base` (7644-4-07).
    #[must_use]
    pub fn to_resource(&self, base: &str) -> Value {
        let mut resource = match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        };
        resource.insert("schemas".into(), json!([urn::RESOURCE_TYPE]));
        resource.insert("id".into(), json!(self.name));
        resource.insert(
            "meta".into(),
            json!({ "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", self.name) }),
        );
        Value::Object(resource)
    }
}
