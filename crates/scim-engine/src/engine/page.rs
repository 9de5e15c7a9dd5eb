//! The page that a listing asks for: by index or by cursor, and where the next one begins.

use scim_core::message::SearchRequest;
use scim_core::{Predicate, Problem, ScimType};

use super::Engine;
use crate::context::RequestContext;
use crate::engine_error::EngineError;
use crate::paging::anchor::{self, Anchor};
use crate::paging::cursor::{Cursor, Sealed};
use crate::paging::walk_id::WalkId;
use crate::paging::{Start, page_size};
use crate::rules::Rules;
use crate::store::{Found, Query, Store, StoreError, TypeQuery};

/// A page, as it was found.
pub(super) struct Page {
    pub(super) found: Vec<Found>,
    pub(super) total: u64,
    /// The number of the first record, on a page by index.
    pub(super) start_index: Option<u64>,
    pub(super) next_cursor: Option<String>,
    pub(super) names: u64,
}

impl<S: Store, R: Rules> Engine<S, R> {
    pub(super) async fn page(
        &self,
        context: &RequestContext,
        search: &SearchRequest,
        walk: &WalkId,
        types: Vec<TypeQuery>,
    ) -> Result<Page, EngineError> {
        let query = Query {
            tenant: context.tenant.clone(),
            types,
            offset: 0,
            after: None,
            limit: page_size(search.count, &self.features),
            total: true,
            left: None,
        };
        match Start::of(search, self.features.paging)? {
            Start::Index(number) => self.by_index(context, walk, query, number).await,
            Start::Walk => self.by_cursor(context, walk, query).await,
            Start::Cursor(text) => {
                let cursor = self.opened(context, walk, text).await?;
                let size = usize::try_from(cursor.size).unwrap_or(usize::MAX).min(self.features.most_results);
                if search.count.is_some() && query.limit != size {
                    let detail =
                        format!("`count` must stay {size} within a walk: leave it out, or start again");
                    return Err(Problem::bad_request(ScimType::InvalidCount, detail).into());
                }
                let query = Query { after: Some(cursor.after), limit: size, ..query };
                self.by_cursor(context, walk, query).await
            }
        }
    }

    /// Goes on where the page before has ended, if that is known, and otherwise by number alone.
    async fn by_index(
        &self,
        context: &RequestContext,
        walk: &WalkId,
        mut query: Query,
        start_index: u64,
    ) -> Result<Page, EngineError> {
        // The first page begins anew, and totals alone need no place.
        let anchor = if start_index > 1 && query.limit > 0 {
            self.anchor(context, walk, start_index).await
        } else {
            None
        };
        let mut counted = u64::MAX;
        if let Some(Anchor { after, .. }) = &anchor {
            query.after = Some(after.clone());
            query.total = query.types.iter().all(|of| matches!(of.predicate, Predicate::Always(_)));
            if query.total {
                counted = anchor::COUNTED.max((query.limit as u64).saturating_add(1));
            }
            query.left = Some(counted);
        } else {
            query.offset = start_index - 1;
        }
        let page = self.store.query(query).await?;
        let shown = page.found.len() as u64;
        let total = match &anchor {
            Some(anchor) => {
                let left = page.left.unwrap_or_default().max(shown);
                anchor.total(start_index, (left, counted), page.total)
            }
            None => page.total.unwrap_or_default(),
        };
        let next = start_index.saturating_add(shown);
        // What fits into one page, such as a look-up, has no next one.
        if (start_index > 1 || next <= total)
            && let Some(last) = page.found.last()
        {
            let note = Anchor { after: last.position.clone(), told: total }.note(context.now);
            // Whoever asks for the next page finds it; if not, the number counts.
            if let Err(error) = self.store.note(anchor::key(&context.tenant, walk, next), note).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "the end of a page is not noted");
            }
        }
        Ok(Page {
            found: page.found,
            total,
            start_index: Some(start_index),
            next_cursor: None,
            names: page.names,
        })
    }

    async fn anchor(&self, context: &RequestContext, walk: &WalkId, start_index: u64) -> Option<Anchor> {
        match self.store.noted(anchor::key(&context.tenant, walk, start_index)).await {
            Ok(note) => Anchor::read(&note?, context.now),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the end of a page cannot be read");
                None
            }
        }
    }

    /// Looks one record ahead: the last page has no cursor (9865-2-01), nor has one without records
    /// (9865-2-05).
    async fn by_cursor(
        &self,
        context: &RequestContext,
        walk: &WalkId,
        mut query: Query,
    ) -> Result<Page, EngineError> {
        let size = query.limit;
        query.limit = if size == 0 { 0 } else { size.saturating_add(1) };
        let mut page = self.store.query(query).await?;
        let more = page.found.len() > size;
        page.found.truncate(size);
        let next_cursor = match page.found.last() {
            Some(last) if more => {
                let cursor = Cursor { issued: context.now, size: size as u64, after: last.position.clone() };
                let (number, key) = self.cursor_keys.current(&self.store, context.now).await?;
                let sealed = cursor.seal(walk, (number, &key));
                Some(sealed.ok_or_else(|| StoreError::Damaged("a cursor cannot be sealed".into()))?)
            }
            _ => None,
        };
        Ok(Page {
            found: page.found,
            total: page.total.unwrap_or_default(),
            start_index: None,
            next_cursor,
            names: page.names,
        })
    }

    /// 9865-2.1-01, 9865-2.1-02, 9865-2.1-04, 9865-5.2-01: whatever a cursor is not, the answer is the same.
    async fn opened(
        &self,
        context: &RequestContext,
        walk: &WalkId,
        text: &str,
    ) -> Result<Cursor, EngineError> {
        let invalid = || {
            let detail = "`cursor` is none that was given to this client for this query: start again with an empty \
                          cursor";
            EngineError::from(Problem::bad_request(ScimType::InvalidCursor, detail))
        };
        let sealed = Sealed::read(text).ok_or_else(invalid)?;
        let key = self.cursor_keys.numbered(&self.store, sealed.key, context.now).await?;
        let cursor = key.and_then(|key| sealed.open(walk, &key)).ok_or_else(invalid)?;
        let life = self.features.cursor_timeout();
        let millis = i64::try_from(life.saturating_mul(1_000)).unwrap_or(i64::MAX);
        if cursor.issued.saturating_add(millis) < context.now {
            let detail = format!("`cursor` is older than {life} s: start again with an empty cursor");
            return Err(Problem::bad_request(ScimType::ExpiredCursor, detail).into());
        }
        Ok(cursor)
    }
}
