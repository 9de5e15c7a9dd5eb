//! Bulk requests ([RFC 7644 §3.7]) over any [`ProvisioningEngine`](crate::ProvisioningEngine).
//!
//! [`BulkPlan::read`] is pure: it reads the operations, finds where they refer to each other, as the
//! schemas say, and settles the order. [`run_bulk`] carries the plan out with the calls that single requests
//! make, so an application with tables of its own has Bulk as well.
//!
//! [`ProvisioningEngine::bulk_as_one`](crate::ProvisioningEngine::bulk_as_one) does all of it or nothing.
//!
//! Operations are done in the order of the request, but what one of them refers to is created just before
//! it (7644-3.7.2-03).
//!
//! [RFC 7644 §3.7]: https://www.rfc-editor.org/rfc/rfc7644#section-3.7

mod circle;
mod host;
mod late;
mod mention;
mod order;
mod path;
mod places;
mod plan;
mod run;
pub(crate) mod whole;

pub use host::{Admitted, BulkAccess, BulkHost};
pub use plan::BulkPlan;
pub use run::{BulkOutcome, run_bulk};
