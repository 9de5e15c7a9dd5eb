//! A resource as a client sees it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::body::AttrKey;
use crate::document::Document;
use crate::instant::print_millis;
use crate::links::{LinkShape, LinkView};
use crate::predicate::{FarEnd, shown_names};
use crate::schema::{Attribute, Returned};
use crate::selection::{Selected, Shown};
use crate::type_def::TypeDef;

/// Where the service is, so that locations and references can be printed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Locations {
    /// The base URI, without a slash at the end.
    pub base: String,
    /// The endpoint of each resource type: name and path, such as `User` and `/Users`.
    pub endpoints: Vec<(String, String)>,
}

impl Locations {
    /// The URI of a resource; none when its type has no endpoint.
    #[must_use]
    pub fn of(&self, resource_type: &str, id: &str) -> Option<String> {
        let (_, endpoint) = self.endpoints.iter().find(|(name, _)| name == resource_type)?;
        Some(format!("{}{endpoint}/{id}", self.base))
    }
}

/// What the server knows of a resource beside its attributes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Head<'h> {
    /// The id.
    pub id: &'h str,
    /// When it was created, in milliseconds since 1970.
    pub created: i64,
    /// When it was last modified, likewise.
    pub modified: i64,
    /// The entity tag.
    pub version: &'h str,
}

/// The links of a resource, by the attribute that shows them.
pub type Linked = BTreeMap<AttrKey, Vec<FarEnd>>;

/// A resource with all that its representation is made of.
#[derive(Clone, Copy, Debug)]
pub struct Whole<'w> {
    /// What the server knows beside the attributes.
    pub head: &'w Head<'w>,
    /// The attributes.
    pub document: &'w Document,
    /// The links.
    pub linked: &'w Linked,
    /// The texts that clients last sent for joined names.
    pub shown: &'w Map<String, Value>,
}

impl TypeDef {
    /// The representation of a resource: what is selected of it, with `schemas`, `id` and `meta`.
    ///
    /// `supplied` tells what a write named, which is shown even where it must be asked for (7643-7-10).
    #[must_use]
    pub fn represent(
        &self,
        resource: &Whole<'_>,
        selected: &Selected,
        locations: &Locations,
        supplied: &dyn Fn(&AttrKey) -> bool,
    ) -> Map<String, Value> {
        let Whole { head, document, linked, shown } = *resource;
        let mut answer = Map::new();
        let mut show = |extension: Option<&str>, attribute: &Attribute, value: &Value| {
            // Only what must be asked for depends on who wrote it.
            let supplied = attribute.returned == Returned::Request && supplied(&key_of(extension, attribute));
            let shown = selected.shown(extension, attribute, supplied);
            if let Some(value) = self.visible_value(attribute, value, &shown, locations) {
                insert(&mut answer, extension, &attribute.name, value);
            }
        };
        for (key, value) in document.as_map() {
            match (value, value.is_object().then(|| self.extension(key)).flatten()) {
                (Value::Object(parts), Some(schema)) => {
                    for (name, value) in parts {
                        if let Some(attribute) = schema.attribute(name) {
                            show(Some(&schema.id), attribute, value);
                        }
                    }
                }
                _ => {
                    if let Some(attribute) = self.base_attribute(key) {
                        show(None, attribute, value);
                    }
                }
            }
        }
        let mut linked_in = Vec::new();
        for view in self.links() {
            let Some(target) = self.target(view.extension, view.attribute) else { continue };
            let value = linked.get(&key_of(view.extension, target.attribute));
            if let Some(value) = value.and_then(|ends| linked_value(view, ends, shown, locations)) {
                show(view.extension, target.attribute, &value);
                linked_in.extend(target.extension);
            }
        }
        if let Some(meta) = self.base_attribute("meta") {
            let shown = selected.shown(None, meta, false);
            if shown != Shown::Not
                && let Some(value) = visible(meta, &self.meta(head, locations), &shown)
            {
                answer.insert("meta".into(), value);
            }
        }
        // 7643-3-05: judged by what is there, not by what is shown of it.
        let in_use = |uri: &&str| document.as_map().contains_key(*uri) || linked_in.contains(uri);
        let extensions = self.extensions().map(|schema| schema.id.as_str()).filter(in_use);
        let schemas: Vec<&str> = std::iter::once(self.base().id.as_str()).chain(extensions).collect();
        answer.insert("schemas".into(), json!(schemas));
        answer.insert("id".into(), json!(head.id));
        answer
    }

    /// What of a value is shown, with the references that are ours to print.
    fn visible_value(
        &self,
        attribute: &Attribute,
        value: &Value,
        shown: &Shown,
        locations: &Locations,
    ) -> Option<Value> {
        if *shown == Shown::Not {
            return None;
        }
        match self.derived_reference(attribute) {
            None => visible(attribute, value, shown),
            Some(resource_type) => {
                let mut value = value.clone();
                add_references(resource_type, &mut value, locations);
                visible(attribute, &value, shown)
            }
        }
    }

    fn meta(&self, head: &Head<'_>, locations: &Locations) -> Value {
        json!({
            "resourceType": self.name(),
            "created": print_millis(head.created),
            "lastModified": print_millis(head.modified),
            "location": format!("{}{}/{}", locations.base, self.resource_type().endpoint, head.id),
            "version": head.version,
        })
    }
}

fn key_of(extension: Option<&str>, attribute: &Attribute) -> AttrKey {
    AttrKey { extension: extension.map(str::to_owned), name: attribute.name.clone() }
}

/// The value of an attribute that shows links; none when there are none to show.
fn linked_value(
    view: &LinkView,
    ends: &[FarEnd],
    shown: &Map<String, Value>,
    locations: &Locations,
) -> Option<Value> {
    let mut ends = ends.iter().filter(|end| end.visible || view.shows_hidden);
    match view.shape {
        LinkShape::Name => ends.next().and_then(|end| end.name.clone()).map(Value::String),
        LinkShape::Names => {
            let shown = shown.get(&crate::bind::shown_key(view.extension, view.attribute));
            shown_names(ends.cloned().collect(), shown).map(Value::String)
        }
        LinkShape::List { .. } | LinkShape::Nested => {
            let kind = |end: &FarEnd| match view.shape {
                LinkShape::Nested if end.direct => json!("direct"),
                LinkShape::Nested => json!("indirect"),
                LinkShape::List { kind: Some(kind) } => json!(kind),
                _ => json!(end.resource_type),
            };
            let elements: Vec<Value> = ends
                .map(|end| {
                    let mut element = Map::new();
                    element.insert("value".into(), json!(end.id));
                    if let Some(location) = locations.of(&end.resource_type, &end.id) {
                        element.insert("$ref".into(), json!(location));
                    }
                    element.insert("type".into(), kind(end));
                    if let Some(name) = &end.name {
                        element.insert("display".into(), json!(name));
                    }
                    Value::Object(element)
                })
                .collect();
            (!elements.is_empty()).then_some(Value::Array(elements))
        }
    }
}

/// What of a value is shown; none when nothing is left.
fn visible(attribute: &Attribute, value: &Value, shown: &Shown) -> Option<Value> {
    if *shown == Shown::Not {
        return None;
    }
    let is_whole = *shown == Shown::Without(Vec::new());
    if is_whole && attribute.sub_attributes.iter().all(|sub| is_part_shown(sub, shown)) {
        return Some(value.clone());
    }
    match value {
        Value::Array(elements) if attribute.multi_valued => {
            let elements: Vec<Value> =
                elements.iter().filter_map(|element| visible_parts(attribute, element, shown)).collect();
            (!elements.is_empty()).then_some(Value::Array(elements))
        }
        value => visible_parts(attribute, value, shown),
    }
}

fn visible_parts(attribute: &Attribute, value: &Value, shown: &Shown) -> Option<Value> {
    let Value::Object(parts) = value else { return Some(value.clone()) };
    let parts: Map<String, Value> = parts
        .iter()
        .filter(|(name, _)| attribute.sub_attribute(name).is_none_or(|sub| is_part_shown(sub, shown)))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    (!parts.is_empty()).then_some(Value::Object(parts))
}

fn is_part_shown(sub: &Attribute, shown: &Shown) -> bool {
    if sub.is_secret() {
        return false;
    }
    match (sub.returned, shown) {
        (_, Shown::Not) | (Returned::Never, _) => false,
        (Returned::Always, _) => true,
        (Returned::Default | Returned::Request, Shown::Parts(parts)) => parts.contains(&sub.name),
        (Returned::Request, Shown::Without(_)) => false,
        (Returned::Default, Shown::Without(parts)) => !parts.contains(&sub.name),
    }
}

/// 7643-4.3-01: `$ref` of a reference by id, such as `manager`, is always ours and absolute.
fn add_references(resource_type: &str, value: &mut Value, locations: &Locations) {
    let elements = match value {
        Value::Array(elements) => elements.as_mut_slice(),
        one => std::slice::from_mut(one),
    };
    for parts in elements.iter_mut().filter_map(Value::as_object_mut) {
        let id = parts.get("value").and_then(Value::as_str);
        if let Some(location) = id.and_then(|id| locations.of(resource_type, id)) {
            parts.insert("$ref".to_owned(), json!(location));
        }
    }
}

fn insert(resource: &mut Map<String, Value>, extension: Option<&str>, name: &str, value: Value) {
    match extension {
        None => {
            resource.insert(name.to_owned(), value);
        }
        Some(uri) => {
            let container = resource.entry(uri).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(container) = container {
                container.insert(name.to_owned(), value);
            }
        }
    }
}
