//! The provisioning engine: what storage backends implement, the pipeline, the in-memory store, the
//! contract suite.

mod audit;
mod bulk;
mod command;
mod conditions;
mod context;
#[cfg(feature = "contract")]
pub mod contract;
mod directory_rules;
mod engine;
mod engine_error;
mod facts;
mod fair_queue;
mod memory;
pub mod outbox;
mod paging;
mod password;
mod plain;
mod provisioning;
mod rules;
mod scopes;
pub mod store;
mod subject;
mod table;

pub use audit::{Audit, AuditHook, Refusal};
pub use bulk::{Admitted, BulkAccess, BulkHost, BulkOutcome, BulkPlan, run_bulk};
pub use command::{Command, CommandStep, Scene, holdings};
pub use context::{Caller, IfMatch, RequestContext};
pub use directory_rules::DirectoryRules;
pub use engine::{Engine, EngineLimits};
pub use engine_error::EngineError;
pub use facts::{FactKey, Facts, Lookup};
pub use memory::MemoryStore;
pub use paging::Paging;
pub use paging::keys::KeySource;
pub use password::{KEPT_PASSWORD, NewPassword, PasswordDecision, PasswordHook};
pub use plain::{PlainRules, display_name, link_writes, plain_registry, plain_types, taken, unlinkable};
pub use provisioning::{Answer, Features, Listing, ProvisioningEngine};
pub use rules::{Action, Admission, Change, Decision, Holding, LinkDelta, Outcome, Rules, Step, Subject};
pub use scim_core as core;
pub use scopes::{Reach, Scope, ScopeError, Scopes, Verb};
pub use subject::subject_writes;
pub use table::{LinksError, Table, TableEngine, TableError, TablePage, TableRow};
