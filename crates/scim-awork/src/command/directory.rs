//! The list of all workspaces: an entry for each, in a space that is no workspace's.
//!
//! Stores list nothing without a tenant, so the entries have one of their own, whose name no workspace can
//! have. No token is ever given for it.

use chrono::{DateTime, Utc};
use scim_core::Predicate;
use scim_engine::store::{Query, Record, RecordKey, TenantId, TypeQuery, Write};
use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::account::bare;

/// The tenant of the entries; names of workspaces begin with a letter or digit.
pub const WORKSPACES: &str = "_workspaces";

const KIND: &str = "WorkspaceEntry";

/// A workspace as the list of them shows it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct WorkspaceEntry {
    /// The name.
    pub name: String,
    /// When it was created.
    pub created: DateTime<Utc>,
}

impl WorkspaceEntry {
    /// Reads the entry from its record.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        Self { name: record.id().to_owned(), created: super::integration::instant(record.created) }
    }
}

/// Whether a workspace may have this name: it is a tenant's, and not one of ours.
pub(crate) fn is_workspace_name(name: &str) -> bool {
    TenantId::new(name).is_ok() && name.starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// The write that puts a workspace on the list.
pub(crate) fn entry_write(name: &str) -> Option<Write> {
    let space = TenantId::new(WORKSPACES).ok()?.space();
    let record = bare(RecordKey::new(&space, KIND, name), Some(name), Map::new());
    Some(Write::Put { record: Box::new(record), replaces: None })
}

/// The query for a page of the list, in the order of creation.
#[must_use]
pub fn workspace_page(offset: u64, limit: usize) -> Option<Query> {
    let one =
        TypeQuery { kind: KIND.to_owned(), predicate: Predicate::Always(true), order: None, links: vec![] };
    Some(Query {
        tenant: TenantId::new(WORKSPACES).ok()?,
        types: vec![one],
        offset,
        after: None,
        limit,
        total: true,
        left: None,
    })
}
