//! A stored record.

use scim_core::Document;
use serde_json::{Map, Value};

use super::key::RecordKey;

/// A record as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its key.
    pub key: RecordKey,
    /// Counts its changes, from 1; a change of a link counts at both ends.
    pub version: u64,
    /// Whether the protocol shows it.
    pub visible: bool,
    /// When it was created, in milliseconds since 1970.
    pub created: i64,
    /// When it was last modified, likewise; never before `created`.
    pub modified: i64,
    /// What it is called where links show it.
    pub name: Option<String>,
    /// Its attributes.
    pub document: Document,
    /// What the application keeps beside the attributes. Its object `$shown` holds the texts that
    /// clients last sent for joined names.
    pub extra: Map<String, Value>,
}

impl Record {
    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.key.record.id
    }
}

/// The entity tag of a record: its version, and the `names` version of its tenant, since names of
/// others are part of what it shows.
#[must_use]
pub fn version_tag(version: u64, names: u64) -> String {
    format!("W/\"{version}.{names}\"")
}
