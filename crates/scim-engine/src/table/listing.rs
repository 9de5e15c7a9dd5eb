//! Listings of tables: each type is a table, and a listing of several is merged.

use scim_core::message::SearchRequest;
use scim_core::{Desired, Order, Problem, ScimType, Selection, SortValue, Subject, TypeDef};
use serde_json::Value;

use super::{Table, TableEngine, TablePage, TableRow};
use crate::conditions::{conditions, filter, listed_types, unknown_attribute};
use crate::context::RequestContext;
use crate::engine_error::EngineError;
use crate::paging::{Start, page_size, within_ceiling};
use crate::provisioning::Listing;
use crate::store::{Position, version_tag};

/// How deep a listing of several types goes: so many rows of each are read.
const DEEPEST_MERGE: u32 = 10_000;

impl<T: Table> TableEngine<T> {
    pub(super) async fn list(
        &self,
        context: &RequestContext,
        kind: Option<&str>,
        search: &SearchRequest,
    ) -> Result<Listing, EngineError> {
        let selection = Selection::new(search.attributes.as_deref(), search.excluded_attributes.as_deref())?;
        let defs: Vec<&TypeDef> =
            listed_types(&self.registry, context, kind)?.into_iter().map(AsRef::as_ref).collect();
        // Tables are paged by index, so that nothing else is asked for.
        let Start::Index(start_index) = Start::of(search, self.features.paging)? else {
            return Err(EngineError::Undecided);
        };
        let offset = start_index - 1;
        let limit = u32::try_from(page_size(search.count, &self.features)).unwrap_or(u32::MAX);
        let filter = filter(search, &self.features)?;
        let bind = self.bind_context(unknown_attribute(kind));
        let conditions = conditions(&defs, filter.as_ref(), search, &self.features, &bind)?;
        let page = |(predicate, order)| TablePage { predicate, order, offset, limit };
        let pages: Vec<TablePage> = conditions.into_iter().map(page).collect();
        let (total, rows) = match (defs.as_slice(), pages.as_slice()) {
            ([def], [page]) => {
                let (total, rows) = self.table.select(&context.tenant, def.name(), page).await?;
                (total, rows.into_iter().map(|row| (*def, row)).collect())
            }
            _ => self.merged(context, &defs, &pages, (offset, limit)).await?,
        };
        within_ceiling(total, search, &self.features)?;
        let show = |(def, row): &(&TypeDef, TableRow)| {
            Value::Object(self.answer(def, row, &selection, &Desired::default()).resource)
        };
        Ok(Listing {
            total: Some(total),
            start_index: Some(start_index),
            next_cursor: None,
            resources: rows.iter().map(show).collect(),
        })
    }

    /// A page of several tables in one order.
    async fn merged<'d>(
        &self,
        context: &RequestContext,
        defs: &[&'d TypeDef],
        pages: &[TablePage],
        (offset, limit): (u64, u32),
    ) -> Result<(u64, Vec<(&'d TypeDef, TableRow)>), EngineError> {
        let deepest = u32::try_from(offset).ok().and_then(|offset| offset.checked_add(limit));
        let Some(deepest) = deepest.filter(|deepest| *deepest <= DEEPEST_MERGE) else {
            let detail = "the list of all types does not go so deep: list one type, or use a filter";
            return Err(Problem::bad_request(ScimType::TooMany, detail).into());
        };
        let (mut total, mut found) = (0, Vec::new());
        for (def, page) in defs.iter().zip(pages) {
            let page = TablePage { offset: 0, limit: deepest, ..page.clone() };
            let (count, rows) = self.table.select(&context.tenant, def.name(), &page).await?;
            total += count;
            let placed = |row| (position(def, page.order.as_ref(), &row), *def, row);
            found.extend(rows.into_iter().map(placed));
        }
        let descending = pages.iter().any(|page| page.order.as_ref().is_some_and(|order| order.descending));
        found.sort_by(|(one, ..), (other, ..)| one.compare(other, descending));
        let page = found.into_iter().map(|(_, def, row)| (def, row));
        Ok((total, page.skip((deepest - limit) as usize).take(limit as usize).collect()))
    }
}

/// Where a row stands in an order.
fn position(def: &TypeDef, order: Option<&Order>, row: &TableRow) -> Position {
    let form = def.match_form(&row.document);
    let version = version_tag(row.version, 0);
    let (id, created, modified) = (row.id.as_str(), row.created, row.modified);
    let links = |_| Vec::new();
    let subject = Subject { id, created, modified, version: &version, form: &form, links: &links };
    let value = order.map_or(SortValue::Absent, |order| order.key.value(&subject));
    Position { value, created, id: row.id.clone() }
}
