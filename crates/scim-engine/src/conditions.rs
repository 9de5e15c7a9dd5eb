//! What a listing asks of each resource type: the same for every engine, whatever holds the resources.

use std::sync::Arc;

use scim_core::message::SearchRequest;
use scim_core::syntax::{Filter, ParseFilterError, parse_filter};
use scim_core::{
    BindContext, Order, Predicate, Problem, Registry, ScimType, TypeDef, UnknownAttribute, names_password,
    orders,
};

use crate::context::RequestContext;
use crate::engine_error::{EngineError, not_found};
use crate::provisioning::Features;
use crate::scopes::Verb;

/// The types that a listing covers: the one that is named, or all that the client may read (7644-2-02).
pub(crate) fn listed_types<'r>(
    registry: &'r Registry,
    context: &RequestContext,
    kind: Option<&str>,
) -> Result<Vec<&'r Arc<TypeDef>>, EngineError> {
    match kind {
        Some(kind) => Ok(vec![registry.type_named(kind).ok_or_else(|| not_found(kind, ""))?]),
        None => {
            let may_read = |def: &&Arc<TypeDef>| context.caller.scopes.covers(Verb::Read, def.name());
            Ok(registry.types().iter().filter(may_read).collect())
        }
    }
}

/// What an attribute means that a type does not have (7644-3.4.2.2-24, 7644-3.4.2.1-03).
pub(crate) fn unknown_attribute(kind: Option<&str>) -> UnknownAttribute {
    if kind.is_some() { UnknownAttribute::Refused } else { UnknownAttribute::HasNoValue }
}

/// The filter of a request, if it has one and filters are taken.
pub(crate) fn filter<'s>(
    search: &'s SearchRequest,
    features: &Features,
) -> Result<Option<Filter<'s>>, EngineError> {
    match &search.filter {
        Some(_) if !features.filter => {
            Err(Problem::bad_request(ScimType::InvalidFilter, "filters are switched off here").into())
        }
        Some(text) => {
            // The error quotes what it stumbles over.
            let told = |error: ParseFilterError| if names_password(text) { error.concealed() } else { error };
            Ok(Some(parse_filter(text).map_err(told)?))
        }
        None => Ok(None),
    }
}

/// The condition and the order for each of the types, in turn.
pub(crate) fn conditions(
    defs: &[&TypeDef],
    filter: Option<&Filter<'_>>,
    search: &SearchRequest,
    features: &Features,
    context: &BindContext<'_>,
) -> Result<Vec<(Predicate, Option<Order>)>, EngineError> {
    let orders = if features.sort {
        orders(defs, search.sort_by.as_deref(), search.sort_order.as_deref())?
    } else {
        None
    };
    let mut orders = orders.into_iter().flatten();
    let condition = |def: &&TypeDef| {
        let predicate = match filter {
            Some(filter) => def.bind(filter, context)?,
            None => Predicate::Always(true),
        };
        Ok((predicate, orders.next()))
    };
    defs.iter().map(condition).collect()
}
