//! Listings: filter, order, page.

use std::sync::Arc;

use scim_core::message::SearchRequest;
use scim_core::{AttrKey, Links, Selected, Selection, TypeDef};
use serde_json::Value;

use super::Engine;
use super::answer::{linked, shown_links};
use crate::conditions::{conditions, filter, listed_types, unknown_attribute};
use crate::context::RequestContext;
use crate::engine_error::EngineError;
use crate::paging::walk_id::WalkId;
use crate::paging::within_ceiling;
use crate::provisioning::Listing;
use crate::rules::Rules;
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
        let listed: Vec<Listed<'_>> = listed_types(&self.registry, context, kind)?
            .into_iter()
            .map(|def| {
                let selected = def.select(&selection);
                let links = shown_links(def, &selected);
                Listed { def, selected, links }
            })
            .collect();
        let filter = filter(search, &self.features)?;
        let defs: Vec<&TypeDef> = listed.iter().map(|listed| listed.def.as_ref()).collect();
        let bind = self.bind_context(unknown_attribute(kind));
        let conditions = conditions(&defs, filter.as_ref(), search, &self.features, &bind)?;
        let types = listed.iter().zip(conditions).map(|(Listed { def, links, .. }, (predicate, order))| {
            let links = links.iter().map(|(_, links)| *links).collect();
            TypeQuery { kind: def.name().to_owned(), predicate, order, links }
        });
        let walk = WalkId::of(context, kind, filter.as_ref(), search, self.features.sort);
        let page = self.page(context, search, &walk, types.collect()).await?;
        within_ceiling(page.total, search, &self.features)?;
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
}
