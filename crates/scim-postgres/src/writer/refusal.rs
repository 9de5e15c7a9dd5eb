//! What the function refused, in the terms of the batch.

use scim_engine::store::{Batch, Guard, RecordRef, Refused, StoreError, Write};
use serde_json::Value;
use tokio_postgres::Error;

use super::batch::{Plan, counter, ends};
use crate::error::damaged;

/// What refused the batch, if that is what the error says. It names whole keys, so it is kept off the stack.
pub(super) fn of(error: &Error, batch: &Batch, plan: &Plan<'_>) -> Result<Option<Box<Refused>>, StoreError> {
    let Some(error) = error.as_db_error() else { return Ok(None) };
    let code = error.code().code();
    if !code.starts_with("SC") {
        return Ok(None);
    }
    let told: Value = error.detail().and_then(|detail| serde_json::from_str(detail).ok()).unwrap_or_default();
    let refused = refused(code, &told, batch, plan);
    refused
        .map(|refused| Some(Box::new(refused)))
        .ok_or_else(|| damaged(format!("a refusal {code} of {told}")))
}

fn refused(code: &str, told: &Value, batch: &Batch, plan: &Plan<'_>) -> Option<Refused> {
    let number = |name: &str| told.get(name)?.as_u64().and_then(|number| usize::try_from(number).ok());
    let text = |name: &str| told.get(name)?.as_str().map(str::to_owned);
    if let Some(guard) = number("guard") {
        return Some(Refused::Guard(batch.guards.get(guard)?.clone()));
    }
    if let Some(add) = number("add") {
        let (key, sum) = plan.adds.get(add)?;
        let by = i64::try_from(sum.by).unwrap_or(if sum.by < 0 { i64::MIN } else { i64::MAX });
        return Some(Refused::Bound { counter: (*key).clone(), is: counter(told.get("is")?)?, by });
    }
    match (code, batch.writes.get(number("write")?)?) {
        ("SC001", Write::Put { record, replaces }) => {
            Some(Refused::Guard(Guard::Version(record.key.clone(), *replaces)))
        }
        ("SC001", Write::Delete { key, replaces }) => {
            Some(Refused::Guard(Guard::Version(key.clone(), Some(*replaces))))
        }
        ("SC002", Write::Claim(claim, _)) => {
            Some(Refused::Claim(claim.clone(), RecordRef { kind: text("kind")?, id: text("id")? }))
        }
        ("SC003", Write::Link(link)) => {
            let [owner, member] = ends(link);
            Some(Refused::Missing(if text("end")? == "owner" { owner } else { member }))
        }
        ("SC004", Write::SetBounds { counter: key, .. }) => {
            Some(Refused::Bound { counter: key.clone(), is: counter(told.get("is")?)?, by: 0 })
        }
        _ => None,
    }
}
