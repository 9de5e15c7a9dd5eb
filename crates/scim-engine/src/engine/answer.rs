//! The answer to a request about one resource: read in one snapshot, shown as selected.

use scim_core::{AttrKey, FarEnd, Head, Linked, Links, Selected, Selection, TypeDef, Whole};
use serde_json::{Map, Value};

use super::Engine;
use super::walk::Written;
use crate::context::RequestContext;
use crate::engine_error::{EngineError, not_found};
use crate::provisioning::Answer;
use crate::rules::Rules;
use crate::store::{LinksKey, MarkKey, ReadKey, ReadValue, Record, RecordKey, Store, version_tag};

impl<S: Store, R: Rules> Engine<S, R> {
    pub(super) async fn answer(
        &self,
        context: &RequestContext,
        def: &TypeDef,
        written: Written,
        selection: &Selection,
    ) -> Result<Answer, EngineError> {
        let space = context.tenant.space();
        let selected = def.select(selection);
        let key = RecordKey::new(&space, def.name(), &written.id);
        let views = shown_links(def, &selected);
        let mut keys = vec![ReadKey::Record(key.clone()), ReadKey::Mark(MarkKey::names(&space))];
        keys.extend(views.iter().map(|(_, links)| {
            ReadKey::Links(LinksKey { of: key.clone(), links: *links, only: None, limit: usize::MAX })
        }));
        let mut values = self.store.read(keys).await?.into_iter();
        let (Some(ReadValue::Record(Some(record))), Some(ReadValue::Mark(names))) =
            (values.next(), values.next())
        else {
            return Err(not_found(def.name(), &written.id));
        };
        if !record.visible {
            return Err(not_found(def.name(), &written.id));
        }
        let ends = values.map(|value| match value {
            ReadValue::FarEnds(ends) => ends,
            _ => Vec::new(),
        });
        let linked: Linked = views.iter().map(|(key, _)| key.clone()).zip(ends).collect();
        let version = version_tag(record.version, names);
        let supplied = |key: &AttrKey| written.supplied.contains(key);
        let mut resource = self.represent(def, &record, &linked, &version, &selected, &supplied);
        self.drop_dead_references(&space, &mut [(def.name(), &mut resource)]).await?;
        let location = self.locations.of(def.name(), record.id()).unwrap_or_default();
        Ok(Answer { resource, version, location, fired: written.fired, warnings: written.warnings })
    }

    pub(super) fn represent(
        &self,
        def: &TypeDef,
        record: &Record,
        linked: &Linked,
        version: &str,
        selected: &Selected,
        supplied: &dyn Fn(&AttrKey) -> bool,
    ) -> Map<String, Value> {
        let none = Map::new();
        let shown = record.extra.get("$shown").and_then(Value::as_object).unwrap_or(&none);
        let head = Head { id: record.id(), created: record.created, modified: record.modified, version };
        let whole = Whole { head: &head, document: &record.document, linked, shown };
        let mut resource = def.represent(&whole, selected, &self.locations, supplied);
        if !self.features.etag
            && let Some(meta) = resource.get_mut("meta").and_then(Value::as_object_mut)
        {
            // 7643-3.1-08: a version is shown only where it can be asked for.
            meta.remove("version");
        }
        resource
    }
}

/// The attributes that show links and are selected, with the links they show.
///
/// `schemas` names an extension that has data, so the links of extensions are read even where their
/// attributes are not shown (7643-3-05).
pub(super) fn shown_links(def: &TypeDef, selected: &Selected) -> Vec<(AttrKey, Links)> {
    let views = def.links().iter().filter(|view| {
        view.extension.is_some()
            || def
                .target(view.extension, view.attribute)
                .is_some_and(|target| selected.shows(view.extension, target.attribute))
    });
    views
        .map(|view| {
            let key = match view.extension {
                Some(uri) => AttrKey::of(uri, view.attribute),
                None => AttrKey::base(view.attribute),
            };
            (key, Links::from(view))
        })
        .collect()
}

/// Links of a found record, by attribute.
pub(super) fn linked(views: &[(AttrKey, Links)], ends: Vec<Vec<FarEnd>>) -> Linked {
    views.iter().map(|(key, _)| key.clone()).zip(ends).collect()
}
