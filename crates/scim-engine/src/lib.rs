//! The provisioning engine: what storage backends implement, the pipeline, the in-memory store, the
//! contract suite.

mod context;
mod engine_error;
mod provisioning;
pub mod store;

pub use context::{Caller, IfMatch, RequestContext};
pub use engine_error::EngineError;
pub use provisioning::{Answer, Features, Listing, ProvisioningEngine};
pub use scim_core as core;
