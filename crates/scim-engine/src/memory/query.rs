//! Listings: the matcher and the order of `scim-core`, record by record.

use scim_core::{FarEnd, Links, SortValue, Subject};

use super::state::{Row, State};
use crate::store::{Found, MarkKey, Position, Query, QueryPage, RecordKey, Space, TypeQuery, version_tag};

/// A record that matches.
struct Hit<'h> {
    of: &'h TypeQuery,
    row: &'h Row,
    position: Position,
}

impl State {
    pub(super) fn query(&self, query: &Query) -> QueryPage {
        let space = query.tenant.space();
        let names = self.mark(&MarkKey::names(&space));
        let mut hits: Vec<Hit<'_>> = query.types.iter().flat_map(|of| self.hits(&space, of, names)).collect();
        let total = hits.len() as u64;
        let descending = query.types.iter().any(|of| of.order.as_ref().is_some_and(|order| order.descending));
        hits.sort_by(|one, other| one.position.compare(&other.position, descending));
        if let Some(after) = &query.after {
            hits.retain(|hit| hit.position.compare(after, descending).is_gt());
        }
        let left = query.left.map(|most| most.min(hits.len() as u64));
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let page = hits.into_iter().skip(offset).take(query.limit);
        QueryPage {
            total: query.total.then_some(total),
            left,
            found: page.map(|hit| self.found(hit)).collect(),
            names,
        }
    }

    fn hits<'h>(&'h self, space: &Space, of: &'h TypeQuery, names: u64) -> Vec<Hit<'h>> {
        self.records
            .from(RecordKey::new(space, &of.kind, ""))
            .take_while(|(key, _)| key.space == *space && key.record.kind == of.kind)
            .filter(|(_, row)| row.put.visible)
            .filter_map(|(key, row)| {
                let links = |links: Links| -> Vec<FarEnd> { self.far_ends(key, links).collect() };
                let subject = Subject {
                    id: &key.record.id,
                    created: row.created,
                    modified: row.modified,
                    version: &version_tag(row.version, names),
                    form: &row.put.form,
                    links: &links,
                };
                if !of.predicate.matches(&subject) {
                    return None;
                }
                let value = of.order.as_ref().map_or(SortValue::Absent, |order| order.key.value(&subject));
                let position = Position { value, created: row.created, id: key.record.id.clone() };
                Some(Hit { of, row, position })
            })
            .collect()
    }

    fn found(&self, hit: Hit<'_>) -> Found {
        let key = &hit.row.put.key;
        let shown = |links: &Links| {
            self.far_ends(key, *links).filter(|end| end.visible || links.shows_hidden).collect()
        };
        Found {
            record: hit.row.record(),
            links: hit.of.links.iter().map(shown).collect(),
            position: hit.position,
        }
    }
}
