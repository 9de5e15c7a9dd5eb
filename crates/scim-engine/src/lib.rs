//! The provisioning engine: what storage backends implement, the pipeline, the in-memory store, the
//! contract suite.

pub mod store;

pub use scim_core as core;
