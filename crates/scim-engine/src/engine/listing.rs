//! Listings: filter, order, page.

use std::sync::Arc;

use scim_core::message::SearchRequest;
use scim_core::syntax::{Filter, parse_filter};
use scim_core::{
    AttrKey, Links, Predicate, Problem, ScimType, Selected, Selection, TypeDef, UnknownAttribute, orders,
};
use serde_json::Value;

use super::Engine;
use super::answer::{linked, shown_links};
use crate::context::RequestContext;
use crate::engine_error::EngineError;
use crate::paging::walk_id::WalkId;
use crate::provisioning::Listing;
use crate::rules::Rules;
use crate::scopes::Verb;
use crate::store::{Store, TypeQuery, version_tag};

/// A resource type that is listed, and how its resources are shown.
struct Listed<'l> {
    def: &'l Arc<TypeDef>,
    selected: Selected,
    links: Vec<(AttrKey, Links)>,
}

impl<S: Store, R: Rules> Engine<S, R> {
    pub(super) async fn list(
        &self,
        context: &RequestContext,
        kind: Option<&str>,
        search: &SearchRequest,
    ) -> Result<Listing, EngineError> {
        let selection = Selection::new(search.attributes.as_deref(), search.excluded_attributes.as_deref())?;
        let defs: Vec<&Arc<TypeDef>> = match kind {
            Some(kind) => vec![self.def(kind)?],
            // 7644-2-02: a root query covers what its client may read.
            None => {
                let may_read = |def: &&Arc<TypeDef>| context.caller.scopes.covers(Verb::Read, def.name());
                self.registry.types().iter().filter(may_read).collect()
            }
        };
        let listed: Vec<Listed<'_>> = defs
            .into_iter()
            .map(|def| {
                let selected = def.select(&selection);
                let links = shown_links(def, &selected);
                Listed { def, selected, links }
            })
            .collect();
        let filter = self.filter(search)?;
        let unknown = if kind.is_some() { UnknownAttribute::Refused } else { UnknownAttribute::HasNoValue };
        let types = self.type_queries(&listed, filter.as_ref(), search, unknown)?;
        let walk = WalkId::of(context, kind, filter.as_ref(), search, self.features.sort);
        let page = self.page(context, search, &walk, types).await?;
        let mut resources = Vec::with_capacity(page.found.len());
        for found in page.found {
            let of_kind = |listed: &&Listed<'_>| listed.def.name() == found.record.key.record.kind;
            let Some(Listed { def, selected, links }) = listed.iter().find(of_kind) else { continue };
            let version = version_tag(found.record.version, page.names);
            let linked = linked(links, found.links);
            let resource = self.represent(def, &found.record, &linked, &version, selected, &|_| false);
            resources.push((def.name(), resource));
        }
        let mut shown: Vec<_> = resources.iter_mut().map(|(kind, resource)| (*kind, resource)).collect();
        self.drop_dead_references(&context.tenant.space(), &mut shown).await?;
        let resources = resources.into_iter().map(|(_, resource)| Value::Object(resource)).collect();
        Ok(Listing {
            total: Some(page.total),
            start_index: page.start_index,
            next_cursor: page.next_cursor,
            resources,
        })
    }

    fn filter<'s>(&self, search: &'s SearchRequest) -> Result<Option<Filter<'s>>, EngineError> {
        match &search.filter {
            Some(_) if !self.features.filter => {
                Err(Problem::bad_request(ScimType::InvalidFilter, "filters are switched off here").into())
            }
            Some(text) => Ok(Some(parse_filter(text)?)),
            None => Ok(None),
        }
    }

    fn type_queries(
        &self,
        listed: &[Listed<'_>],
        filter: Option<&Filter<'_>>,
        search: &SearchRequest,
        unknown: UnknownAttribute,
    ) -> Result<Vec<TypeQuery>, EngineError> {
        let orders = if self.features.sort {
            let defs: Vec<&TypeDef> = listed.iter().map(|listed| listed.def.as_ref()).collect();
            orders(&defs, search.sort_by.as_deref(), search.sort_order.as_deref())?
        } else {
            None
        };
        let mut orders = orders.into_iter().flatten();
        let context = self.bind_context(unknown);
        listed
            .iter()
            .map(|Listed { def, links, .. }| {
                let predicate = match filter {
                    Some(filter) => def.bind(filter, &context)?,
                    None => Predicate::Always(true),
                };
                let links = links.iter().map(|(_, links)| *links).collect();
                Ok(TypeQuery { kind: def.name().to_owned(), predicate, order: orders.next(), links })
            })
            .collect()
    }
}
