//! Which attributes stores find by index.

use serde_json::{Map, Value};

/// Attributes of the match form whose equality a store finds by index (promise 5 of the design). The id,
/// links and names of records are found by their own indexes.
pub const INDEXED: &[&str] = &["userName", "externalId", "displayName", "emails.value"];

/// The indexed paths of a match form and their values, each pair once.
#[must_use]
pub fn indexed_values(form: &Map<String, Value>) -> Vec<(String, String)> {
    let mut values = Vec::new();
    for path in INDEXED {
        let (name, sub) = path.split_once('.').map_or((*path, None), |(name, sub)| (name, Some(sub)));
        let elements = match form.get(name) {
            Some(Value::Array(elements)) => elements.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        for element in elements {
            let value = sub.map_or(Some(element), |sub| element.get(sub));
            if let Some(text) = value.and_then(Value::as_str) {
                let pair = ((*path).to_owned(), text.to_owned());
                if !values.contains(&pair) {
                    values.push(pair);
                }
            }
        }
    }
    values
}
