//! Listings that go wrong.

use std::cmp::Ordering;

use scim_core::{Check, Operand, Predicate, SortValue, Test};

use super::{Broken, Fault};
use crate::store::{
    Found, Position, Query, QueryPage, ReadKey, ReadValue, Record, Store, StoreError, TenantId,
};

impl Broken {
    /// Lists the records of all tenants.
    pub(super) async fn leaking_query(&self, query: Query) -> Result<QueryPage, StoreError> {
        let spaces = self.seen().spaces.clone();
        let ids = spaces.iter().filter_map(|space| space.as_str().strip_prefix("tenant/"));
        let tenants: Vec<TenantId> = ids.filter_map(|id| TenantId::new(id).ok()).collect();
        let mut page = self.store.query(query.clone()).await?;
        for tenant in tenants.into_iter().filter(|tenant| *tenant != query.tenant) {
            let other = self.store.query(Query { tenant, ..query.clone() }).await?;
            page.total = page.total.zip(other.total).map(|(one, other)| one + other);
            page.found.extend(other.found);
        }
        page.found.truncate(query.limit);
        Ok(page)
    }

    /// Lists in another order than was asked.
    pub(super) async fn disordered_query(&self, query: Query) -> Result<QueryPage, StoreError> {
        let Some(order) = query.types.first().and_then(|of| of.order.as_ref()) else {
            return self.store.query(query).await;
        };
        let compare = |one: &Position, other: &Position| compare(self.fault, one, other, order.descending);
        let whole = Query { offset: 0, after: None, limit: usize::MAX, ..query.clone() };
        let mut page = self.store.query(whole).await?;
        page.found.sort_by(|one, other| compare(&one.position, &other.position));
        if let Some(after) = &query.after {
            page.found.retain(|found| compare(&found.position, after).is_gt());
        }
        page.left = query.left.map(|most| most.min(page.found.len() as u64));
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        page.found = page.found.into_iter().skip(offset).take(query.limit).collect();
        Ok(page)
    }

    /// Takes conditions to mean something else.
    pub(super) async fn misread_query(&self, mut query: Query) -> Result<QueryPage, StoreError> {
        for of in &mut query.types {
            misread(self.fault, &mut of.predicate);
        }
        self.store.query(query).await
    }

    /// Begins a page with the record of the position, if there is one.
    pub(super) async fn repeating_query(&self, query: Query) -> Result<QueryPage, StoreError> {
        let Some(after) = query.after.clone() else { return self.store.query(query).await };
        let whole = Query { offset: 0, after: None, limit: usize::MAX, ..query.clone() };
        let whole = self.store.query(whole).await?;
        let at = whole.found.into_iter().find(|found| found.position == after);
        let mut page = self.store.query(query.clone()).await?;
        page.found.splice(0..0, at);
        page.found.truncate(query.limit);
        Ok(page)
    }

    /// Counts the page instead of all matches.
    pub(super) async fn query_with_page_total(&self, query: Query) -> Result<QueryPage, StoreError> {
        let mut page = self.store.query(query).await?;
        page.total = page.total.map(|_| page.found.len() as u64);
        Ok(page)
    }

    /// Counts all matches instead of those behind the position.
    pub(super) async fn query_with_all_left(&self, query: Query) -> Result<QueryPage, StoreError> {
        let mut page = self.store.query(query.clone()).await?;
        if let Some(most) = query.left {
            let all = self.store.query(Query { after: None, ..query }).await?;
            page.left = all.left.map(|left| left.min(most));
        }
        Ok(page)
    }

    /// Appends hidden records to a listing of all.
    pub(super) async fn query_with_hidden(&self, query: Query) -> Result<QueryPage, StoreError> {
        let mut page = self.store.query(query.clone()).await?;
        if query.types.iter().any(|of| of.predicate != Predicate::Always(true)) || query.after.is_some() {
            return Ok(page);
        }
        let space = query.tenant.space();
        let listed = |kind: &str| query.types.iter().any(|of| of.kind == kind);
        let seen = self.seen().records.clone();
        let keys = seen.into_iter().filter(|key| key.space == space && listed(&key.record.kind));
        for value in self.store.read(keys.map(ReadKey::Record).collect()).await? {
            if let ReadValue::Record(Some(record)) = value
                && !record.visible
            {
                page.total = page.total.map(|total| total + 1);
                page.found.push(found(*record));
            }
        }
        Ok(page)
    }
}

fn found(record: Record) -> Found {
    let position = Position { value: SortValue::Absent, created: record.created, id: record.id().to_owned() };
    Found { record, links: Vec::new(), position }
}

fn compare(fault: Fault, one: &Position, other: &Position, descending: bool) -> Ordering {
    let collated = |value: &SortValue| match value {
        SortValue::Text(text) if fault == Fault::Collation => {
            let letters = text.chars().filter(|c| c.is_alphanumeric());
            SortValue::Text(letters.flat_map(char::to_lowercase).collect())
        }
        other => other.clone(),
    };
    let is_absent = |position: &Position| position.value == SortValue::Absent;
    if fault == Fault::AbsentLast && is_absent(one) != is_absent(other) {
        return is_absent(one).cmp(&is_absent(other));
    }
    let by_value = collated(&one.value).compare(&collated(&other.value));
    let by_value = if descending { by_value.reverse() } else { by_value };
    let by_creation = match fault {
        Fault::WrongTies => Ordering::Equal,
        _ => one.created.cmp(&other.created),
    };
    by_value.then(by_creation).then_with(|| one.id.cmp(&other.id))
}

fn misread(fault: Fault, predicate: &mut Predicate) {
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => {
            parts.iter_mut().for_each(|part| misread(fault, part));
        }
        Predicate::Not(inner) => {
            misread(fault, inner);
            if let (Fault::ThreeValuedLogic, Predicate::Test(Test { operand, check })) = (fault, &**inner)
                && matches!(operand, Operand::Field(_))
                && *check != Check::Present
            {
                let present = Predicate::Test(Test { operand: operand.clone(), check: Check::Present });
                let not = std::mem::replace(predicate, Predicate::Always(true));
                *predicate = Predicate::All(vec![present, not]);
            }
        }
        Predicate::Test(Test { check, .. }) if fault == Fault::WildCards => match check {
            Check::Contains(text) | Check::StartsWith(text) | Check::EndsWith(text) => {
                *text = text.trim_matches(['%', '_']).to_owned();
            }
            _ => {}
        },
        Predicate::Element { predicate, .. } => misread(fault, predicate),
        Predicate::Test(_) | Predicate::Always(_) => {}
    }
}
