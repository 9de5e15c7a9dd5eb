//! Which links a request really changes.

use std::collections::{BTreeMap, HashMap, HashSet};

use scim_core::{
    FarEnd, LinkChange, LinkProgram, LinkStep, LinkView, Links, Predicate, SchemaError, TypeDef,
};

use super::Engine;
use crate::engine_error::EngineError;
use crate::rules::{Action, LinkDelta, Rules};
use crate::store::{LinkKey, LinksKey, ReadKey, ReadValue, Record, RecordKey, RecordRef, Space, Store};

impl<S: Store, R: Rules> Engine<S, R> {
    /// The changes of all linked lists that the request names.
    pub(super) async fn link_deltas<'d>(
        &self,
        def: &'d TypeDef,
        space: &Space,
        action: Action<'_>,
    ) -> Result<Vec<LinkDelta<'d>>, EngineError> {
        let Some(desired) = action.desired() else { return Ok(Vec::new()) };
        let mut deltas = Vec::new();
        for (key, program) in &desired.links {
            let Some(view) = def.link(key.extension.as_deref(), &key.name) else { continue };
            let near = RecordKey::new(space, def.name(), action.id());
            let delta = self.link_delta(def, view, &near, program, action.current().is_some()).await?;
            if delta.clears || !delta.added.is_empty() || !delta.removed.is_empty() {
                deltas.push(delta);
            }
        }
        Ok(deltas)
    }

    async fn link_delta<'d>(
        &self,
        def: &TypeDef,
        view: &'d LinkView,
        near: &RecordKey,
        program: &LinkProgram,
        exists: bool,
    ) -> Result<LinkDelta<'d>, EngineError> {
        let most = self.limits.most_links;
        let too_many = || EngineError::TooManyLinks { attribute: view.attribute.to_owned(), most };
        if program.size() > most {
            return Err(too_many());
        }
        let kinds = far_kinds(def, view, &self.locations.endpoints);
        let change = self.reduce(view, near, program, &kinds, exists).await?;
        let mut added_ids: Vec<&str> = Vec::new();
        let mut removed = Vec::new();
        let mut clears = false;
        let mut records = HashMap::new();
        if change.clear {
            let existing = if exists { self.far_ends(view, near, None, most + 1).await? } else { Vec::new() };
            let linked: HashSet<&str> = existing.iter().map(|end| end.id.as_str()).collect();
            let wanted = |id: &str| change.named.get(id) == Some(&true);
            added_ids.extend(
                change
                    .named
                    .iter()
                    .filter(|(id, on)| **on && !linked.contains(id.as_str()))
                    .map(|(id, _)| id.as_str()),
            );
            let keeps_one = existing.iter().any(|end| wanted(&end.id));
            let long = existing.len() > most;
            removed = existing.into_iter().filter(|end| !wanted(&end.id)).collect();
            clears = !keeps_one && !removed.is_empty() && !self.rules.decides_each(view);
            if long && (!clears || change.named.values().any(|on| *on)) {
                return Err(too_many());
            }
            records = self.records(&near.space, &added_ids, &kinds).await?;
        } else if !change.named.is_empty() {
            let known;
            (known, records) = self.known(view, near, &change, &kinds, exists).await?;
            for (id, on) in &change.named {
                match (on, known.get(id.as_str())) {
                    (true, None) => added_ids.push(id),
                    (false, Some(end)) => removed.push(end.clone()),
                    (true, Some(_)) | (false, None) => {}
                }
            }
        }
        let added = added_ids.iter().map(|id| ((*id).to_owned(), records.get(*id).cloned())).collect();
        Ok(LinkDelta { view, clears, added, removed })
    }

    /// The outcome of the program; filters are run by the store, and over what earlier steps added.
    async fn reduce(
        &self,
        view: &LinkView,
        near: &RecordKey,
        program: &LinkProgram,
        kinds: &[String],
        exists: bool,
    ) -> Result<LinkChange, EngineError> {
        let mut stored: Vec<(Predicate, Vec<FarEnd>)> = Vec::new();
        for predicate in program.filters() {
            let ends = if exists {
                let most = self.limits.most_links;
                let ends = self.far_ends(view, near, Some(predicate.clone()), most + 1).await?;
                if ends.len() > most {
                    return Err(EngineError::TooManyLinks { attribute: view.attribute.to_owned(), most });
                }
                ends
            } else {
                Vec::new()
            };
            stored.push((predicate.clone(), ends));
        }
        let added: Vec<&str> = if stored.is_empty() {
            Vec::new()
        } else {
            let steps = program.steps().iter().filter_map(|step| match step {
                LinkStep::Add(ids) => Some(ids),
                _ => None,
            });
            steps.flatten().map(String::as_str).collect()
        };
        let records = self.records(&near.space, &added, kinds).await?;
        let change = program.reduce(|predicate, so_far| {
            let known = stored.iter().find(|(stored, _)| stored == predicate);
            let mut selected: Vec<String> = match known {
                Some((_, ends)) if !so_far.clear => ends.iter().map(|end| end.id.clone()).collect(),
                _ => Vec::new(),
            };
            let new = so_far.named.iter().filter(|(_, on)| **on).filter_map(|(id, _)| records.get(id));
            selected.extend(
                new.filter(|record| predicate.matches_far_end(&far_end(record))).map(|r| r.id().to_owned()),
            );
            selected
        });
        change.map_err(|finding| SchemaError::from(finding).into())
    }

    async fn far_ends(
        &self,
        view: &LinkView,
        near: &RecordKey,
        only: Option<Predicate>,
        limit: usize,
    ) -> Result<Vec<FarEnd>, EngineError> {
        let links = Links::from(view).direct();
        let key = ReadKey::Links(LinksKey { of: near.clone(), links, only, limit });
        match self.store.read(vec![key]).await?.pop() {
            Some(ReadValue::FarEnds(ends)) => Ok(ends),
            _ => Ok(Vec::new()),
        }
    }

    /// Which of the named far ends are linked now, as far as the view shows them, and the visible records that
    /// are named: in one read, since adding asks for both.
    async fn known<'c>(
        &self,
        view: &LinkView,
        near: &RecordKey,
        change: &'c LinkChange,
        kinds: &[String],
        exists: bool,
    ) -> Result<(BTreeMap<&'c str, FarEnd>, HashMap<String, Record>), EngineError> {
        let ends: Vec<(&str, &String)> =
            change.named.keys().flat_map(|id| kinds.iter().map(move |kind| (id.as_str(), kind))).collect();
        let far = |kind: &String, id: &str| RecordRef::new(kind, id);
        let link = |(id, kind): &(&str, &String)| {
            ReadKey::Link(LinkKey::between(
                &near.space,
                Links::from(view),
                near.record.clone(),
                far(kind, id),
            ))
        };
        let record = |(id, kind): &(&str, &String)| ReadKey::Record(RecordKey::new(&near.space, kind, id));
        let asked: &[(&str, &String)] = if exists { &ends } else { &[] };
        let keys: Vec<ReadKey> = asked.iter().map(link).chain(ends.iter().map(record)).collect();
        let mut values = self.store.read(keys).await?;
        let records = visible(values.split_off(asked.len()));
        let linked = asked.iter().zip(values).filter_map(|((id, kind), value)| {
            // A hidden far end is not there, so it can neither be added again nor removed.
            let shown = view.shows_hidden || records.contains_key(*id);
            let end = FarEnd {
                resource_type: (*kind).clone(),
                id: (*id).to_owned(),
                name: None,
                visible: true,
                direct: true,
            };
            (shown && value == ReadValue::Linked(true)).then_some((*id, end))
        });
        Ok((linked.collect(), records))
    }

    /// The visible records with these ids, whichever of the kinds they are.
    async fn records(
        &self,
        space: &Space,
        ids: &[&str],
        kinds: &[String],
    ) -> Result<HashMap<String, Record>, EngineError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let keys = ids
            .iter()
            .flat_map(|id| kinds.iter().map(|kind| ReadKey::Record(RecordKey::new(space, kind, id))));
        let values = self.store.read(keys.collect()).await?;
        Ok(visible(values))
    }
}

/// The visible ones of records, by id.
fn visible(values: Vec<ReadValue>) -> HashMap<String, Record> {
    let records = values.into_iter().filter_map(|value| match value {
        ReadValue::Record(Some(record)) if record.visible => Some((record.id().to_owned(), *record)),
        _ => None,
    });
    records.collect()
}

fn far_end(record: &Record) -> FarEnd {
    FarEnd {
        resource_type: record.key.record.kind.clone(),
        id: record.id().to_owned(),
        name: record.name.clone(),
        visible: record.visible,
        direct: true,
    }
}

/// The resource types that the links of a view may point at (7643-7-13).
fn far_kinds(def: &TypeDef, view: &LinkView, endpoints: &[(String, String)]) -> Vec<String> {
    let target = def.target(view.extension, view.attribute);
    let reference =
        target.and_then(|target| target.attribute.sub_attribute("$ref").map(|sub| &sub.reference_types));
    let allowed = |name: &String| reference.is_none_or(|types| types.is_empty() || types.contains(name));
    endpoints.iter().map(|(name, _)| name.clone()).filter(allowed).collect()
}
