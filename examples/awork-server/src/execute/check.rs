//! Checks the data of all workspaces, and mends them.

use std::sync::Arc;

use scim_awork::AworkExpectation;
use scim_engine::EngineError;
use scim_engine::check::{Checked, Fault};
use scim_engine::core::Problem;
use serde_json::{Value, json};

use super::Desk;
use crate::orders::CheckOrder;

impl<S: Checked> Desk<'_, S> {
    pub(super) async fn check(&self, order: CheckOrder) -> Result<Value, EngineError> {
        self.check_operator("the data of all workspaces are checked")?;
        let expectation = AworkExpectation::new().map_err(|error| {
            Problem::plain(500, format!("awork's schemas contradict themselves: {error}"))
        })?;
        let (store, expectation) = (self.engine.store(), Arc::new(expectation));
        match order {
            CheckOrder::Run(_) => {
                let faults = store.check_all(expectation).await?;
                Ok(json!({ "sound": faults.is_empty(), "differences": rows(&faults) }))
            }
            CheckOrder::Repair(_) => {
                let repaired = store.repair(expectation).await?;
                tracing::warn!(
                    trace_id = self.trace_id,
                    found = repaired.found.len(),
                    mended = repaired.mended,
                    remaining = repaired.remaining.len(),
                    "the data were mended"
                );
                Ok(json!({
                    "sound": repaired.remaining.is_empty(),
                    "differences": rows(&repaired.found),
                    "mended": repaired.mended,
                    "remaining": rows(&repaired.remaining),
                }))
            }
        }
    }
}

fn rows(faults: &[Fault]) -> Vec<Value> {
    let row = |fault: &Fault| {
        let space = if fault.space.is_empty() { "-" } else { &fault.space };
        json!({
            "what": fault.what.as_str(),
            "space": space,
            "where": fault.place,
            "expected": fault.expected,
            "found": fault.found,
        })
    };
    faults.iter().map(row).collect()
}
