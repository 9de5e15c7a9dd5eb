//! Listings: filter, order, page.

use std::sync::Arc;

use scim_core::message::SearchRequest;
use scim_core::syntax::parse_filter;
use scim_core::{
    AttrKey, Links, Predicate, Problem, ScimType, Selected, Selection, TypeDef, UnknownAttribute, orders,
};
use serde_json::Value;

use super::Engine;
use super::answer::{linked, shown_links};
use crate::context::RequestContext;
use crate::engine_error::EngineError;
use crate::provisioning::Listing;
use crate::rules::Rules;
use crate::scopes::Verb;
use crate::store::{Query, Store, TypeQuery, version_tag};

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
        if search.cursor.is_some() {
            return Err(Problem::bad_request(
                ScimType::InvalidValue,
                "`cursor` is not offered here: page with `startIndex` and `count`",
            )
            .into());
        }
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
        let unknown = if kind.is_some() { UnknownAttribute::Refused } else { UnknownAttribute::HasNoValue };
        let types = self.type_queries(&listed, search, unknown)?;
        let start_index = search.start_index.unwrap_or(1).max(1).unsigned_abs();
        let query = Query {
            tenant: context.tenant.clone(),
            types,
            offset: start_index - 1,
            after: None,
            limit: self.page_size(search.count),
            total: true,
        };
        let page = self.store.query(query).await?;
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
        Ok(Listing { total: page.total.unwrap_or_default(), start_index, resources })
    }

    fn type_queries(
        &self,
        listed: &[Listed<'_>],
        search: &SearchRequest,
        unknown: UnknownAttribute,
    ) -> Result<Vec<TypeQuery>, EngineError> {
        let filter = match &search.filter {
            Some(_) if !self.features.filter => {
                return Err(
                    Problem::bad_request(ScimType::InvalidFilter, "filters are switched off here").into()
                );
            }
            Some(text) => Some(parse_filter(text)?),
            None => None,
        };
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
                let predicate = match &filter {
                    Some(filter) => def.bind(filter, &context)?,
                    None => Predicate::Always(true),
                };
                let links = links.iter().map(|(_, links)| *links).collect();
                Ok(TypeQuery { kind: def.name().to_owned(), predicate, order: orders.next(), links })
            })
            .collect()
    }

    /// 7644-3.4.2.4-04, 7644-3.4.2.4-05: below 0 counts as 0, above the limit as the limit.
    fn page_size(&self, count: Option<i64>) -> usize {
        let most = self.features.most_results;
        match count {
            None => self.features.default_count.min(most),
            Some(count) => usize::try_from(count.max(0)).unwrap_or(most).min(most),
        }
    }
}
