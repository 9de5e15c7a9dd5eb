//! Shows the outbox of a workspace, and what becomes of dead letters.

use scim_awork::DELIVERIES;
use scim_awork::command::{DeadLetterView, DiscardDelivery, PendingView, RetryDeliveries, ShowWorkspace};
use scim_engine::EngineError;
use scim_engine::check::Checked;
use scim_engine::core::Problem;
use scim_engine::outbox::{DeadLetter, dead_letters, letter_key, pending};
use scim_engine::store::{ReadKey, ReadValue, Store};
use serde_json::{Value, json};

use super::{Desk, context};
use crate::orders::OutboxOrder;

/// How many dead letters one commit takes out.
const AT_ONCE: usize = 100;

impl<S: Checked> Desk<'_, S> {
    pub(super) async fn outbox(&self, order: OutboxOrder) -> Result<Value, EngineError> {
        let store = self.engine.store();
        match order {
            OutboxOrder::List(of) => {
                // Whoever mistypes the workspace, or may not look at it, is told so.
                self.run(&of.workspace, ShowWorkspace).await?;
                let context = context(&of.workspace, &self.trace_id, self.now)?;
                let found = pending(store, &context.tenant, &[DELIVERIES], usize::from(of.limit)).await?;
                let rows = found.iter().map(|pending| PendingView::of(pending, context.now));
                Ok(json!(rows.collect::<Vec<_>>()))
            }
            OutboxOrder::Dead(of) => {
                self.run(&of.workspace, ShowWorkspace).await?;
                let context = context(&of.workspace, &self.trace_id, self.now)?;
                let after = match of.after {
                    Some(id) => Some(self.letter(&of.workspace, &id).await?),
                    None => None,
                };
                let limit = usize::from(of.limit);
                let found = dead_letters(store, &context.tenant, after.as_ref(), limit).await?;
                Ok(json!(found.iter().map(DeadLetterView::of).collect::<Vec<_>>()))
            }
            OutboxOrder::Retry(of) => match (of.letter, of.all) {
                (Some(letter), false) => {
                    self.told(&of.workspace, RetryDeliveries { letters: vec![letter] }).await
                }
                (None, true) => self.retry_all(&of.workspace).await,
                _ => {
                    let detail = "say which dead letter, by `letter`, or `all` of them (validation-failed)";
                    Err(Problem::plain(400, detail).into())
                }
            },
            OutboxOrder::Discard(of) => {
                self.told(&of.workspace, DiscardDelivery { letter: of.letter, reason: of.reason }).await
            }
        }
    }

    /// All letters that are dead now; one that dies again meanwhile is younger.
    async fn retry_all(&self, workspace: &str) -> Result<Value, EngineError> {
        self.run(workspace, ShowWorkspace).await?;
        let begun = context(workspace, &self.trace_id, self.now)?;
        let (mut retried, mut after) = (Vec::new(), None);
        loop {
            let page = dead_letters(self.engine.store(), &begun.tenant, after.as_ref(), AT_ONCE).await?;
            let letters: Vec<String> = page
                .iter()
                .filter(|letter| letter.since < begun.now)
                .map(|letter| letter.id.clone())
                .collect();
            let is_last = letters.len() < AT_ONCE;
            if !letters.is_empty() {
                match self.run(workspace, RetryDeliveries { letters }).await {
                    Ok(done) => retried.extend(done),
                    // Somebody else has taken all of them out meanwhile.
                    Err(EngineError::Refused(problem)) if problem.status == 404 => {}
                    Err(error) => return Err(error),
                }
            }
            after = page.into_iter().next_back();
            if is_last {
                return Ok(json!(retried));
            }
        }
    }

    async fn letter(&self, workspace: &str, id: &str) -> Result<DeadLetter, EngineError> {
        let context = context(workspace, &self.trace_id, self.now)?;
        let key = ReadKey::Record(letter_key(&context.tenant.space(), id));
        match self.engine.store().read(vec![key]).await?.pop() {
            Some(ReadValue::Record(Some(record))) => Ok(DeadLetter::of(&record)),
            _ => {
                let detail = format!("there is no dead letter `{id}`: list from the first one (not-found)");
                Err(Problem::plain(404, detail).into())
            }
        }
    }
}
