//! SCIM 2.0 as data and pure functions: schemas, resources, validate, apply, match, order, project.
//!
//! Nothing here waits, reads a clock or draws a random number. A [`Registry`] holds the schemas and
//! resource types of a server; its [`TypeDef`]s turn requests into what they want:
//!
//! ```
//! use scim_core::{Document, Leniency, Registry, ResourceType, schema};
//! use serde_json::json;
//!
//! let registry = Registry::builder()
//!     .schema(schema::user())
//!     .resource_type(ResourceType::new("User", "/Users", schema::urn::USER))
//!     .build()?;
//! let users = registry.type_named("User").unwrap();
//! let body = json!({ "schemas": [schema::urn::USER], "USERNAME": "lea", "active": "True" });
//! let desired = users.create(body.as_object().unwrap().clone(), Leniency::default())?;
//! assert_eq!(desired.document.text("userName"), Some("lea"));
//! assert_eq!(desired.document.get(None, "active"), Some(&json!(true)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "arbitrary")]
pub mod arbitrary;
mod bind;
mod body;
mod change;
mod document;
mod elements;
mod instant;
mod intake;
mod leniency;
mod links;
mod match_form;
pub mod message;
mod order;
mod patch;
mod patch_request;
mod predicate;
mod problem;
mod reference;
mod registry;
mod represent;
mod resource_type;
pub mod schema;
mod schema_error;
mod secret_text;
mod selection;
pub mod text;
mod type_def;
pub mod typed;

pub use bind::{BindContext, BindError, UnknownAttribute, shown_key};
pub use body::{Assertions, AttrKey};
pub use change::{Desired, Omitted};
pub use document::Document;
pub use instant::{Instant, print_millis};
pub use leniency::{Fired, Leniency, Tolerance};
pub use links::{End, LinkChange, LinkProgram, LinkShape, LinkStep, LinkView, Refusal, Relation};
pub use order::{Order, SortKey, SortValue, default_order, orders};
pub use patch::PatchError;
pub use patch_request::{PatchOp, PatchOperation, PatchRequest, PatchRequestError};
pub use predicate::{
    Check, FarEnd, Field, Links, List, Names, Operand, Part, Predicate, Scalar, Subject, Test, join_names,
    shown_names,
};
pub use problem::{Problem, ScimType};
pub use registry::{Registry, RegistryBuilder, RegistryError};
pub use represent::{Head, Linked, Locations, Whole};
pub use resource_type::{ResourceType, SchemaExtension};
pub use schema_error::{Finding, SchemaError};
pub use scim_syntax as syntax;
pub use secret_text::names_password;
pub use selection::{Selected, Selection};
pub use type_def::{Resolved, Target, TypeDef};
