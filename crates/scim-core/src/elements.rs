//! The elements of a list: no two the same, at most one primary.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::Value;

/// Elements of a list, without repeats: what is the same is laid over what was there.
#[derive(Debug, Default)]
pub(crate) struct Elements {
    values: Vec<Value>,
    /// Where an element stands, by what makes two elements the same.
    places: HashMap<String, usize>,
}

impl Elements {
    /// Adds an element at the end, or lays it over the one that it repeats; what is primary in
    /// either is primary.
    pub(crate) fn add(&mut self, element: Value) {
        match self.places.entry(identity(&element)) {
            Entry::Occupied(place) => {
                let known = &mut self.values[*place.get()];
                let primary = is_primary(known);
                merge(known, element);
                if primary {
                    set_primary(known, true);
                }
            }
            Entry::Vacant(place) => {
                place.insert(self.values.len());
                self.values.push(element);
            }
        }
    }

    pub(crate) fn into_values(self) -> Vec<Value> {
        self.values
    }
}

/// The elements without repeats, such as those that differed by their mark alone until one lost it.
pub(crate) fn distinct(elements: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let mut distinct = Elements::default();
    elements.into_iter().for_each(|element| distinct.add(element));
    distinct.into_values()
}

/// What makes two elements the same: type and value, or else the whole (7643-2.4-02).
fn identity(element: &Value) -> String {
    match element.get("value") {
        Some(value) => {
            let kind = element.get("type").map_or_else(String::new, Value::to_string);
            format!("={kind}={value}")
        }
        None => element.to_string(),
    }
}

/// Adds elements at the end; one that is there already is laid over it (7644-3.5.2.1-06).
pub(crate) fn lay_over(elements: &mut Vec<Value>, added: Vec<Value>) {
    const FEW: usize = 8;
    if added.len() <= FEW {
        for element in added {
            match elements.iter_mut().find(|known| is_same(known, &element)) {
                Some(known) => merge(known, element),
                None => elements.push(element),
            }
        }
        return;
    }
    let mut places: HashMap<String, usize> =
        elements.iter().enumerate().map(|(at, element)| (identity(element), at)).collect();
    for element in added {
        match places.entry(identity(&element)) {
            Entry::Occupied(place) => merge(&mut elements[*place.get()], element),
            Entry::Vacant(place) => {
                place.insert(elements.len());
                elements.push(element);
            }
        }
    }
}

/// Joins elements that have become the same; of those, what was just changed has the last word.
pub(crate) fn join_same(elements: Vec<(Value, bool)>) -> Vec<(Value, bool)> {
    let mut joined: Vec<(Value, bool)> = Vec::with_capacity(elements.len());
    let mut places = HashMap::with_capacity(elements.len());
    for (element, changed) in elements {
        match places.entry(identity(&element)) {
            Entry::Occupied(place) => {
                let (known, known_changed): &mut (Value, bool) = &mut joined[*place.get()];
                let primary = is_primary(known) || is_primary(&element);
                let below = if changed { element } else { std::mem::replace(known, element) };
                merge(known, below);
                if primary {
                    set_primary(known, true);
                }
                *known_changed |= changed;
            }
            Entry::Vacant(place) => {
                place.insert(joined.len());
                joined.push((element, changed));
            }
        }
    }
    joined
}

/// Whether two elements are the same, as [`identity`] says it.
pub(crate) fn is_same(one: &Value, other: &Value) -> bool {
    match (one.get("value"), other.get("value")) {
        (Some(a), Some(b)) => a == b && one.get("type") == other.get("type"),
        (None, None) => one == other,
        _ => false,
    }
}

/// Lays the parts of `other` over those of `known`.
pub(crate) fn merge(known: &mut Value, other: Value) {
    match (known, other) {
        (Value::Object(known), Value::Object(other)) => known.extend(other),
        (known, other) => *known = other,
    }
}

/// Whether the element is marked as primary.
pub(crate) fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

/// Says of an element whether it is primary.
pub(crate) fn set_primary(element: &mut Value, primary: bool) {
    if let Value::Object(parts) = element {
        parts.insert("primary".to_owned(), Value::Bool(primary));
    }
}
