//! What a server says of itself, read before the rows run.

use serde_json::Value;

/// The answers of the discovery endpoints; empty where a server has none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) config: Value,
    pub(crate) types: Vec<Value>,
}

impl Facts {
    /// Whether the configuration announces a feature, such as `patch`; a server that says nothing of
    /// it is taken to offer it, so that its answer is seen.
    pub(crate) fn supports(&self, feature: &str) -> bool {
        self.config[feature]["supported"].as_bool().unwrap_or(true)
    }

    /// The resource type of that name.
    pub(crate) fn resource_type(&self, name: &str) -> Option<&Value> {
        self.types.iter().find(|kind| kind["name"] == name)
    }

    /// Whether a resource type has an extension.
    pub(crate) fn extends(&self, name: &str, uri: &str) -> bool {
        self.resource_type(name).is_some_and(|kind| {
            let extensions = kind["schemaExtensions"].as_array().into_iter().flatten();
            extensions.map(|extension| &extension["schema"]).any(|schema| same_uri(schema, uri))
        })
    }
}

fn same_uri(value: &Value, uri: &str) -> bool {
    value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(uri))
}
