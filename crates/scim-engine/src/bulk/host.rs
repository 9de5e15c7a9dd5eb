//! What a service lends to the carrying out of a bulk request: who may do what, and until when.

use std::future::Future;

use scim_core::Problem;
use scim_core::message::BulkMethod;

use crate::context::{IfMatch, RequestContext};
use crate::engine_error::EngineError;

/// The service around a bulk request.
pub trait BulkHost: Send + Sync {
    /// Admits one operation as if it had been sent alone (7644-3.7-14), or says why not.
    ///
    /// # Errors
    ///
    /// Returns the [`Problem`] that the operation is answered with.
    fn admit(&self, operation: &BulkAccess<'_>) -> impl Future<Output = Result<Admitted, Problem>> + Send;

    /// Waits for a call of the engine, unless it takes too long.
    ///
    /// # Errors
    ///
    /// Returns the [`Problem`] that the operation is answered with. What lies behind it is for the log.
    fn call<T: Send>(
        &self,
        work: impl Future<Output = Result<T, EngineError>> + Send,
    ) -> impl Future<Output = Result<T, Problem>> + Send;

    /// The same for a call that takes something back, which should have some time even when that of the
    /// operations is over.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    fn undo<T: Send>(
        &self,
        work: impl Future<Output = Result<T, EngineError>> + Send,
    ) -> impl Future<Output = Result<T, Problem>> + Send;
}

/// What an operation wants to do.
#[derive(Clone, Copy, Debug)]
pub struct BulkAccess<'o> {
    /// The method, one of the four.
    pub method: &'o BulkMethod,
    /// The resource type.
    pub kind: &'o str,
    /// The id of the resource; none for a POST.
    pub id: Option<&'o str>,
    /// The version that the resource must have.
    pub version: Option<&'o str>,
}

/// An operation that may be done.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The circumstances, with an id of its own for what it may create.
    pub context: RequestContext,
    /// Its condition.
    pub if_match: IfMatch,
}
