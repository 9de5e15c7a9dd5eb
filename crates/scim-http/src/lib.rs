//! Any provisioning engine as an HTTP service.
//!
//! [`ScimService`] is a tower `Service` from any request to a SCIM answer. It nests in a router under
//! any path:
//!
//! ```
//! use std::sync::Arc;
//!
//! use scim_core::{Registry, ResourceType, schema};
//! use scim_engine::store::TenantId;
//! use scim_engine::{Caller, Engine, MemoryStore, PlainRules};
//! use scim_http::{Grant, HttpConfig, Principal, ScimService, StaticTokens, Token};
//!
//! let registry = Registry::builder()
//!     .schema(schema::user())
//!     .resource_type(ResourceType::new("User", "/Users", schema::urn::USER))
//!     .build()?;
//! let engine = Engine::new(MemoryStore::new(), PlainRules, registry, "https://example.com/scim/v2");
//! let token = Token::generate()?;
//! let client = Principal { tenant: TenantId::new("acme")?, caller: Caller::default() };
//! let tokens = StaticTokens::new([(token.hash(), Grant::new(client))]);
//! let scim = ScimService::new(Arc::new(engine), tokens, HttpConfig::default());
//! let app: axum::Router = axum::Router::new().nest_service("/scim/v2", scim);
//! # let _ = app;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Who asks is decided by an [`Authenticator`], for each request anew. The feature `serve` adds a
//! small server for those who have none.

mod auth;
mod body;
mod clock;
mod conditions;
mod config;
mod discovery;
mod failure;
mod handle;
mod json;
mod log;
mod media;
mod parameters;
mod preferences;
mod probes;
mod reply;
mod route;
mod sensitive;
#[cfg(feature = "serve")]
mod serve;
mod service;
mod tenant;
mod trace_id;

pub use auth::{
    Access, AuthError, Authenticator, Grant, Operation, Principal, Rate, RateLimited, StaticTokens,
    StoreTokens, Token, TokenHash, TokenHashError,
};
pub use clock::{Clock, Ids};
pub use config::{BulkAtomicity, HttpConfig, HttpLimits, Me};
pub use probes::Probes;
pub use scim_core::message::BulkLimits;
#[cfg(feature = "serve")]
pub use serve::{Exposure, ServeConfig, listen, serve, stop_signal};
pub use service::{ResponseBody, ScimService};
pub use tenant::ExplicitTenant;

/// The example of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
