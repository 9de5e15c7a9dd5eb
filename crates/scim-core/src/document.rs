//! A stored resource: canonical SCIM JSON without what the server or links add.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::type_def::TypeDef;

/// The attributes of a resource under their canonical names, extensions nested under their URI.
///
/// `id`, `schemas` and `meta` are not part of it, nor is anything that comes from links. No value
/// is null, no list and no object is empty.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Document(Map<String, Value>);

impl Document {
    /// An empty document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a map that was written as a document before, such as a row of a store.
    #[must_use]
    pub fn from_canonical(map: Map<String, Value>) -> Self {
        Self(map)
    }

    /// The attributes.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The attributes, owned.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }

    /// The value of an attribute.
    #[must_use]
    pub fn get(&self, extension: Option<&str>, name: &str) -> Option<&Value> {
        match extension {
            None => self.0.get(name),
            Some(uri) => self.0.get(uri)?.get(name),
        }
    }

    /// The text of a base attribute.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Sets an attribute, or removes it when there is no value.
    pub fn set(&mut self, extension: Option<&str>, name: &str, value: Option<Value>) {
        match (extension, value) {
            (None, Some(value)) => {
                self.0.insert(name.to_owned(), value);
            }
            (None, None) => {
                self.0.remove(name);
            }
            (Some(uri), Some(value)) => {
                let parts = self.0.entry(uri).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(parts) = parts {
                    parts.insert(name.to_owned(), value);
                }
            }
            (Some(uri), None) => {
                if let Some(Value::Object(parts)) = self.0.get_mut(uri) {
                    parts.remove(name);
                    if parts.is_empty() {
                        self.0.remove(uri);
                    }
                }
            }
        }
    }

    /// Takes an attribute out.
    pub(crate) fn take(&mut self, extension: Option<&str>, name: &str) -> Option<Value> {
        match extension {
            None => self.0.remove(name),
            Some(uri) => {
                let Some(Value::Object(parts)) = self.0.get_mut(uri) else { return None };
                let value = parts.remove(name);
                if parts.is_empty() {
                    self.0.remove(uri);
                }
                value
            }
        }
    }

    /// The URIs of the schemas in use: the base schema, then each extension with data (7643-3-05).
    #[must_use]
    pub fn schemas<'d>(&self, def: &'d TypeDef) -> Vec<&'d str> {
        let mut uris = vec![def.base().id.as_str()];
        uris.extend(
            def.extensions().map(|schema| schema.id.as_str()).filter(|uri| self.0.contains_key(*uri)),
        );
        uris
    }
}
