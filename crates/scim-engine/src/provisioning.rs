//! The trait that HTTP mounts. [`Engine`](crate::Engine) turns any store into one; an application
//! with tables of its own implements it directly.

use std::future::Future;
use std::time::Duration;

use scim_core::message::{PaginationMethod, SearchRequest};
use scim_core::{Fired, Locations, Registry, Selection};
use serde_json::{Map, Value};

use crate::bulk::{BulkHost, BulkOutcome, BulkPlan};
use crate::context::{IfMatch, RequestContext};
use crate::engine_error::EngineError;
use crate::paging::Paging;
use crate::paging::keys::MONTH;

/// A SCIM service provider without HTTP: create, get, replace, patch, delete and query, per tenant.
///
/// `kind` is the name of a resource type of [`registry`](Self::registry).
pub trait ProvisioningEngine: Send + Sync + 'static {
    /// The schemas and resource types.
    fn registry(&self) -> &Registry;

    /// Where the service is.
    fn locations(&self) -> &Locations;

    /// What the service can do, and its limits.
    fn features(&self) -> &Features;

    /// Lets the request of a tenant in, or not. It is asked before what is answered without the engine, such as
    /// discovery, and once for a bulk request; each operation below lets in by itself, and so saves a round trip
    /// to the store.
    ///
    /// # Errors
    ///
    /// Returns an [`EngineError`] when the tenant is not served.
    fn admit(&self, _context: &RequestContext) -> impl Future<Output = Result<(), EngineError>> + Send {
        std::future::ready(Ok(()))
    }

    /// Creates a resource ([RFC 7644 §3.3](https://www.rfc-editor.org/rfc/rfc7644#section-3.3)).
    ///
    /// # Errors
    ///
    /// Returns an [`EngineError`] when the body is wrong, a value is taken, or the application refuses.
    fn create(
        &self,
        context: &RequestContext,
        kind: &str,
        body: Map<String, Value>,
        selection: &Selection,
    ) -> impl Future<Output = Result<Answer, EngineError>> + Send;

    /// Reads a resource ([RFC 7644 §3.4.1](https://www.rfc-editor.org/rfc/rfc7644#section-3.4.1)).
    ///
    /// # Errors
    ///
    /// Returns [`EngineError::NotFound`] when there is none, or it is not visible.
    fn get(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        selection: &Selection,
    ) -> impl Future<Output = Result<Answer, EngineError>> + Send;

    /// Replaces a resource ([RFC 7644 §3.5.1](https://www.rfc-editor.org/rfc/rfc7644#section-3.5.1)).
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create), and when there is no such resource of that version.
    fn replace(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        body: Map<String, Value>,
        selection: &Selection,
        if_match: &IfMatch,
    ) -> impl Future<Output = Result<Answer, EngineError>> + Send;

    /// Changes a resource ([RFC 7644 §3.5.2](https://www.rfc-editor.org/rfc/rfc7644#section-3.5.2)).
    ///
    /// # Errors
    ///
    /// As [`replace`](Self::replace).
    fn patch(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        body: Map<String, Value>,
        selection: &Selection,
        if_match: &IfMatch,
    ) -> impl Future<Output = Result<Answer, EngineError>> + Send;

    /// Deletes a resource ([RFC 7644 §3.6](https://www.rfc-editor.org/rfc/rfc7644#section-3.6)).
    ///
    /// # Errors
    ///
    /// Returns an [`EngineError`] when there is no such resource of that version, or the application
    /// refuses.
    fn delete(
        &self,
        context: &RequestContext,
        kind: &str,
        id: &str,
        if_match: &IfMatch,
    ) -> impl Future<Output = Result<(), EngineError>> + Send;

    /// Lists resources of one type, or where `kind` is none of all types that the
    /// [scopes](crate::Scopes::covers) of the caller let it read
    /// ([RFC 7644 §3.4.2](https://www.rfc-editor.org/rfc/rfc7644#section-3.4.2)).
    ///
    /// # Errors
    ///
    /// Returns an [`EngineError`] when a parameter is wrong.
    fn query(
        &self,
        context: &RequestContext,
        kind: Option<&str>,
        search: &SearchRequest,
    ) -> impl Future<Output = Result<Listing, EngineError>> + Send;

    /// Carries out a bulk request as one change: all of its operations are done, or none of them. None
    /// where the engine cannot do that, as here; then nothing is done.
    ///
    /// Each operation is admitted, carried out and answered as [`run_bulk`](crate::run_bulk) says, but seen
    /// by nobody until all have succeeded and are committed at once. If one fails, it is answered with its
    /// own error, and those that would have succeeded with 409. An engine may carry all of them out again,
    /// and so ask for their admission more than once.
    fn bulk_as_one<H: BulkHost>(
        &self,
        host: &H,
        plan: BulkPlan,
        trace_id: &str,
    ) -> impl Future<Output = Option<BulkOutcome>> + Send {
        let _ = (host, plan, trace_id);
        std::future::ready(None)
    }
}

/// What a service can do, and its limits; discovery tells clients the same.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Features {
    /// Whether resources can be changed by PATCH.
    pub patch: bool,
    /// Whether filters are taken.
    pub filter: bool,
    /// Whether listings can be sorted.
    pub sort: bool,
    /// Whether entity tags are printed and compared.
    pub etag: bool,
    /// Whether a password can be changed: [`Engine::with_password_hook`](crate::Engine::with_password_hook)
    /// switches it on. Where there is a hook and this is off, passwords are set at creation alone.
    pub change_password: bool,
    /// How many resources a page holds at most.
    pub most_results: usize,
    /// How many resources a page holds when the client does not say.
    pub default_count: usize,
    /// How many resources a filter or a listing may match in all; more is 400 `tooMany`, unless its total
    /// alone is asked for (7644-3.4.2.1-02). Without it there may be any number, a page at a time.
    pub ceiling: Option<u64>,
    /// How listings are paged.
    pub paging: Paging,
    /// For how long a cursor is good, in whole seconds; 30 days at most.
    pub cursor_life: Duration,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            patch: true,
            filter: true,
            sort: true,
            etag: true,
            change_password: false,
            most_results: 1_000,
            default_count: 100,
            ceiling: None,
            paging: Paging::Both { default: PaginationMethod::Index },
            cursor_life: Duration::from_secs(60 * 60),
        }
    }
}

impl Features {
    /// For how many seconds a cursor is good (9865-4-01).
    #[must_use]
    pub fn cursor_timeout(&self) -> u64 {
        self.cursor_life.as_secs().min(MONTH.unsigned_abs() / 1_000)
    }
}

/// A resource, as the answer to a request shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The representation, as selected.
    pub resource: Map<String, Value>,
    /// The entity tag.
    pub version: String,
    /// The URI.
    pub location: String,
    /// The tolerances that fired.
    pub fired: Fired,
    /// What the client's admin should know although the request succeeded.
    pub warnings: Vec<String>,
}

/// A page of a listing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Listing {
    /// How many resources match in all; none where a walk by cursor cannot tell (9865-2-06).
    pub total: Option<u64>,
    /// The number of the first resource of a page by index, from 1; none on a page by cursor.
    pub start_index: Option<u64>,
    /// The cursor of the next page; none on the last one, and on a page by index (9865-2-01).
    pub next_cursor: Option<String>,
    /// The representations, as selected.
    pub resources: Vec<Value>,
}
