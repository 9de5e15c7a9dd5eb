//! References by id that a document holds, such as `manager`: their `$ref` is printed while it leads
//! somewhere (7643-2.3.7-02).
//!
//! A deletion does not look for those who name the deleted resource, which could be very many, and need
//! not race with those who are about to. Whoever reads looks whether the far end is there.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use scim_core::Registry;
use serde_json::{Map, Value};

use super::Engine;
use crate::engine_error::EngineError;
use crate::rules::Rules;
use crate::store::{ReadKey, ReadValue, RecordKey, RecordRef, Space, Store};

/// The attributes of each resource type whose `$ref` follows from the id beside it.
#[derive(Clone, Debug)]
pub(super) struct References(BTreeMap<String, Vec<Reference>>);

#[derive(Clone, Debug)]
struct Reference {
    extension: Option<String>,
    attribute: String,
    /// The resource type that it points at.
    kind: String,
}

impl References {
    pub(super) fn of(registry: &Registry) -> Self {
        let mut all = BTreeMap::new();
        for def in registry.types() {
            let found: Vec<Reference> = def
                .attributes()
                .filter(|(extension, attribute)| def.link(*extension, &attribute.name).is_none())
                .filter_map(|(extension, attribute)| {
                    let kind = def.derived_reference(attribute)?.to_owned();
                    let extension = extension.map(str::to_owned);
                    Some(Reference { extension, attribute: attribute.name.clone(), kind })
                })
                .collect();
            if !found.is_empty() {
                all.insert(def.name().to_owned(), found);
            }
        }
        Self(all)
    }

    /// Calls `each` with every element that has a `$ref`, and what it points at.
    fn visit(
        &self,
        kind: &str,
        resource: &mut Map<String, Value>,
        each: &mut dyn FnMut(&mut Map<String, Value>, RecordRef),
    ) {
        for reference in self.0.get(kind).into_iter().flatten() {
            let value = match &reference.extension {
                None => resource.get_mut(&reference.attribute),
                Some(uri) => resource.get_mut(uri).and_then(|parts| parts.get_mut(&reference.attribute)),
            };
            let elements = match value {
                None => continue,
                Some(Value::Array(elements)) => elements.as_mut_slice(),
                Some(one) => std::slice::from_mut(one),
            };
            for parts in elements.iter_mut().filter_map(Value::as_object_mut) {
                // The id may not be selected, but it is in the location behind the last slash.
                let location = parts.get("$ref").and_then(Value::as_str);
                if let Some((_, id)) = location.and_then(|location| location.rsplit_once('/')) {
                    let far = RecordRef::new(&reference.kind, id);
                    each(parts, far);
                }
            }
        }
    }
}

impl<S: Store, R: Rules> Engine<S, R> {
    /// Takes out each `$ref` that leads nowhere, of all the resources with one look at the store.
    pub(super) async fn drop_dead_references(
        &self,
        space: &Space,
        resources: &mut [(&str, &mut Map<String, Value>)],
    ) -> Result<(), EngineError> {
        let mut named = BTreeSet::new();
        for (kind, resource) in resources.iter_mut() {
            self.references.visit(kind, resource, &mut |_, far| {
                named.insert(far);
            });
        }
        let there = |(kind, resource): &(&str, &mut Map<String, Value>)| {
            Some(RecordRef::new(kind, resource.get("id")?.as_str()?))
        };
        for shown in resources.iter().filter_map(there) {
            named.remove(&shown);
        }
        if named.is_empty() {
            return Ok(());
        }
        let keys = named.iter().map(|far| ReadKey::Record(RecordKey::new(space, &far.kind, &far.id)));
        let values = self.store.read(keys.collect()).await?;
        let is_there = |value: &ReadValue| matches!(value, ReadValue::Record(Some(record)) if record.visible);
        let dead: HashSet<RecordRef> =
            named.into_iter().zip(values).filter(|(_, value)| !is_there(value)).map(|(far, _)| far).collect();
        if !dead.is_empty() {
            for (kind, resource) in resources {
                self.references.visit(kind, resource, &mut |parts, far| {
                    if dead.contains(&far) {
                        parts.remove("$ref");
                    }
                });
            }
        }
        Ok(())
    }
}
