//! One line per request, found by its trace id (D-83).
//!
//! It holds no attribute values (7643-9.3-01): an id is shown only where it is a UUID, and details of
//! errors, which quote values, are not shown at all.

use std::sync::OnceLock;
use std::time::Instant;

use scim_core::Problem;
use scim_engine::store::TenantId;
use scim_engine::{Caller, Refusal};
use serde_json::{Map, Value};
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
    /// The id as it was sent, for the audit alone.
    named: Option<String>,
    /// What the body calls the resource, likewise.
    called: OnceLock<String>,
    /// Of a bulk request: how many operations were processed, and how many of them failed.
    pub(crate) operations: Option<usize>,
    pub(crate) failed: Option<u64>,
    tenant: Option<TenantId>,
    caller: Caller,
}

impl Facts {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            operation: Operation::Other,
            kind: None,
            id: None,
            named: None,
            called: OnceLock::new(),
            operations: None,
            failed: None,
            tenant: None,
            caller: Caller::default(),
        }
    }

    /// Notes what is asked for.
    pub(crate) fn about(&mut self, access: &Access<'_>) {
        self.operation = access.operation;
        self.kind = access.kind.map(str::to_owned);
        self.id = access.id.and_then(|id| id.parse().ok());
        self.named = access.id.map(shortened);
    }

    /// Notes who asks.
    pub(crate) fn asked_by(&mut self, principal: &Principal) {
        self.tenant = Some(principal.tenant.clone());
        self.caller.clone_from(&principal.caller);
    }

    /// Notes what a body calls the resource that it is about.
    pub(crate) fn read_name(&self, body: &Map<String, Value>) {
        if let Some(name) = called(body) {
            // The first body of a request is the only one.
            let _ = self.called.set(name);
        }
    }

    /// The refusal as an audit hears of it.
    pub(crate) fn refusal(&self, trace: &TraceId, at: i64, failure: &Failure) -> Refusal {
        Refusal {
            at,
            trace_id: trace.to_string(),
            tenant: self.tenant.clone(),
            caller: self.caller.clone(),
            operation: self.operation.as_str(),
            kind: self.kind.clone(),
            id: self.named.clone(),
            called: self.called.get().cloned(),
            problem: Problem { status: failure.status().as_u16(), ..failure.problem.clone() },
        }
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
        let (caller, status) = (self.caller.id.as_str(), status.as_u16());
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

/// Whom or what a body is about: its `userName`, or its `displayName`.
pub(crate) fn called(body: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| {
        let found = body.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.and_then(|(_, value)| value.as_str())
    };
    text("userName").or_else(|| text("displayName")).map(shortened)
}

/// As much of a text as a log should keep.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(254).collect()
}
