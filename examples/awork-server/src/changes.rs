//! Changes of people, in order, as the log tells them.

use scim_awork::{ChangeListener, Changed};
use scim_engine::outbox::DeliveryError;
use scim_engine::store::TenantId;

/// Writes into the log who was changed and who may no longer sign in (D-30): ids alone, no names. What is to
/// end sessions or to mirror people listens in the same place.
#[derive(Debug)]
pub(crate) struct LogChanges;

impl ChangeListener for LogChanges {
    async fn changed(&self, workspace: &TenantId, changed: &Changed, id: &str) -> Result<(), DeliveryError> {
        let Changed { operation, people, activation, trace_id } = changed;
        let operation = operation.as_str();
        match activation {
            Some(activation) => {
                tracing::info!(id, %workspace, operation, ?people, ?activation, trace_id, "people have changed");
            }
            None => tracing::info!(id, %workspace, operation, ?people, trace_id, "people have changed"),
        }
        Ok(())
    }
}
