//! The match form: a document as comparisons see it.
//!
//! It has the shape of the document. Strings are folded as the schema says, instants are texts that
//! sort, and of a list the primary element comes first. Every store compares only match forms, so all
//! of them select and order alike.

use serde_json::{Map, Value};

use crate::document::Document;
use crate::instant::Instant;
use crate::schema::{Attribute, AttributeType};
use crate::text::Folding;
use crate::type_def::{TypeDef, folding};

impl TypeDef {
    /// The match form of a document of this type.
    #[must_use]
    pub fn match_form(&self, document: &Document) -> Map<String, Value> {
        let mut form = Map::new();
        for (key, value) in document.as_map() {
            if let (Some(extension), Value::Object(parts)) = (self.extension(key), value) {
                let parts: Map<String, Value> = parts
                    .iter()
                    .filter_map(|(name, value)| {
                        let attribute = extension.attribute(name)?;
                        Some((name.clone(), attribute_form(Some(&extension.id), attribute, value)?))
                    })
                    .collect();
                if !parts.is_empty() {
                    form.insert(key.clone(), Value::Object(parts));
                }
            } else if let Some(attribute) = self.base_attribute(key)
                && let Some(value) = attribute_form(None, attribute, value)
            {
                form.insert(key.clone(), value);
            }
        }
        form
    }
}

/// The match form of an attribute's value; none when nothing is present.
pub(crate) fn attribute_form(extension: Option<&str>, attribute: &Attribute, value: &Value) -> Option<Value> {
    if !attribute.multi_valued {
        return element_form(extension, attribute, value);
    }
    let Value::Array(elements) = value else { return None };
    let mut forms: Vec<Value> =
        elements.iter().filter_map(|element| element_form(extension, attribute, element)).collect();
    // Sorting looks at the primary element (7644-3.4.2.3-03); the rest keeps its order.
    forms.sort_by_key(|form| form.get("primary") != Some(&Value::Bool(true)));
    (!forms.is_empty()).then_some(Value::Array(forms))
}

/// The match form of one element, or of a single value.
pub(crate) fn element_form(extension: Option<&str>, attribute: &Attribute, value: &Value) -> Option<Value> {
    if attribute.kind != AttributeType::Complex {
        return simple_form(attribute.kind, folding(extension, attribute, attribute), value);
    }
    let Value::Object(parts) = value else { return None };
    let parts: Map<String, Value> = parts
        .iter()
        .filter_map(|(name, value)| {
            let sub = attribute.sub_attribute(name)?;
            let form = if sub.multi_valued {
                attribute_form(extension, sub, value)?
            } else {
                simple_form(sub.kind, folding(extension, attribute, sub), value)?
            };
            Some((sub.name.clone(), form))
        })
        .collect();
    (!parts.is_empty()).then_some(Value::Object(parts))
}

fn simple_form(kind: AttributeType, folding: Folding, value: &Value) -> Option<Value> {
    match (kind, value) {
        (AttributeType::DateTime, Value::String(text)) => {
            Instant::parse(text).map(|instant| Value::String(instant.sortable()))
        }
        (_, Value::String(text)) => {
            (!text.is_empty()).then(|| Value::String(folding.fold(text).into_owned()))
        }
        (_, Value::Bool(_) | Value::Number(_)) => Some(value.clone()),
        _ => None,
    }
}
