//! One line per request, found by its trace id (D-83).
//!
//! It holds no attribute values (7643-9.3-01): an id is shown only where it is a UUID, and details of
//! errors, which quote values, are not shown at all.

use std::time::Instant;

use scim_engine::store::TenantId;
use tracing::{Level, debug, enabled, error, info};
use uuid::Uuid;

use crate::auth::{Access, Operation, Principal};
use crate::failure::{Chain, Failure};
use crate::reply::Reply;
use crate::trace_id::TraceId;

/// What is known of a request while it is handled.
#[derive(Debug)]
pub(crate) struct Facts {
    started: Instant,
    operation: Operation,
    kind: Option<String>,
    id: Option<Uuid>,
    /// Of a bulk request: how many operations were processed, and how many of them failed.
    pub(crate) operations: Option<usize>,
    pub(crate) failed: Option<u64>,
    tenant: Option<TenantId>,
    caller: String,
}

impl Facts {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            operation: Operation::Other,
            kind: None,
            id: None,
            operations: None,
            failed: None,
            tenant: None,
            caller: String::new(),
        }
    }

    /// Notes what is asked for.
    pub(crate) fn about(&mut self, access: &Access<'_>) {
        self.operation = access.operation;
        self.kind = access.kind.map(str::to_owned);
        self.id = access.id.and_then(|id| id.parse().ok());
    }

    /// Notes who asks.
    pub(crate) fn asked_by(&mut self, principal: &Principal) {
        self.tenant = Some(principal.tenant.clone());
        self.caller.clone_from(&principal.caller.id);
    }

    /// Writes the line: errors of the service as errors, reads that succeed for debugging only.
    pub(crate) fn log(&self, trace: &TraceId, outcome: &Result<Reply, Failure>) {
        let (status, quiet) = match outcome {
            Ok(reply) => {
                let writes = self.operation.writes() || self.operation == Operation::Bulk;
                (reply.status, !writes && reply.fired.is_empty())
            }
            Err(failure) => (failure.status(), false),
        };
        if quiet && !enabled!(Level::DEBUG) {
            return;
        }
        let trace_id = trace.as_str();
        let operation = self.operation.as_str();
        let kind = self.kind.as_deref().unwrap_or_default();
        let id = self.id.map(tracing::field::display);
        let tenant = self.tenant.as_ref().map_or("", TenantId::as_str);
        let (caller, status) = (self.caller.as_str(), status.as_u16());
        let micros = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        match outcome {
            Ok(_) if quiet => {
                debug!(trace_id, tenant, caller, operation, kind, id, status, micros, "answered");
            }
            Ok(reply) => {
                let (tolerances, warnings) = (reply.fired, reply.warnings.len());
                let (operations, failed) = (self.operations, self.failed);
                info!(
                    trace_id, tenant, caller, operation, kind, id, status, micros, %tolerances, warnings,
                    operations, failed, "answered"
                );
                for warning in &reply.warnings {
                    debug!(trace_id, warning, "warned");
                }
            }
            Err(failure) => {
                let scim_type = failure.problem.scim_type.map(scim_core::ScimType::as_str);
                let cause = failure.cause.as_deref().map(|cause| tracing::field::display(Chain(cause)));
                if status >= 500 && status != 501 {
                    error!(trace_id, tenant, caller, operation, kind, id, status, micros, cause, "failed");
                } else {
                    info!(
                        trace_id,
                        tenant, caller, operation, kind, id, status, micros, scim_type, "refused"
                    );
                }
            }
        }
    }
}
