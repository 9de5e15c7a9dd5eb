//! Who hears of requests that were refused.
//!
//! What was written is told by the [events](crate::Decision::events) of its own commit. What was refused has
//! no commit, so a service tells it to an [`Audit`] instead, after it was decided and before it is answered.

use std::fmt;
use std::sync::Arc;

use scim_core::Problem;

use crate::context::Caller;
use crate::store::TenantId;

/// Hears of refused requests.
///
/// It is called on the way of each refused request, so it only takes note: it waits for nothing.
pub trait Audit: Send + Sync + 'static {
    /// Takes note of a refusal.
    fn refused(&self, refusal: Refusal);
}

/// A request that was not carried out, and why.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The id under which the answer lets it be found.
    pub trace_id: String,
    /// The tenant; none where nobody knows who asked.
    pub tenant: Option<TenantId>,
    /// The client.
    pub caller: Caller,
    /// What was asked for, such as `create`.
    pub operation: &'static str,
    /// The resource type, where one was named.
    pub kind: Option<String>,
    /// The id of the resource, where one was named, shortened.
    pub id: Option<String>,
    /// What the request calls the resource, shortened: its `userName`, or its `displayName`.
    pub called: Option<String>,
    /// Why.
    pub problem: Problem,
}

/// An [`Audit`] of any type, or none. Clones are the same.
#[derive(Clone, Default)]
pub struct AuditHook(Option<Arc<dyn Audit>>);

impl AuditHook {
    /// The hook that tells this audit.
    #[must_use]
    pub fn new(audit: Arc<impl Audit>) -> Self {
        Self(Some(audit))
    }

    /// Tells a refusal; it is only put together where somebody listens.
    pub fn refused(&self, refusal: impl FnOnce() -> Refusal) {
        if let Some(audit) = &self.0 {
            audit.refused(refusal());
        }
    }
}

impl fmt::Debug for AuditHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "AuditHook(…)" } else { "AuditHook(none)" })
    }
}
