//! The SCIM integration of a workspace, and the client application that gives its token out (D-35 to D-40).

use scim_engine::store::{CounterKey, PutRecord, Record, RecordKey, Space};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::account::bare;
use crate::provider::Provider;

/// The name of the client application, exactly (D-37).
pub const CLIENT_NAME: &str = "API Access";

/// A SCIM integration; a workspace has one at most.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Integration {
    /// The id, under which the log names it.
    pub id: String,
    /// The identity provider.
    pub provider: Provider,
    /// The id of the client application.
    pub client: String,
    /// The hash of the one valid token.
    pub token: String,
    /// The last characters of the token.
    pub hint: String,
    /// When the token was made, in milliseconds since 1970.
    pub token_created: i64,
    /// Who set it up.
    pub created_by: String,
}

impl Integration {
    /// The key of the record, in the space of the tenant.
    #[must_use]
    pub fn key(space: &Space) -> RecordKey {
        RecordKey::new(space, "Integration", "scim")
    }

    /// Reads the integration from its record.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        serde_json::from_value(Value::Object(record.extra.clone())).ok()
    }

    pub(crate) fn record(&self, space: &Space) -> PutRecord {
        bare(Self::key(space), Some(&self.provider.to_string()), extra(self))
    }
}

/// A client application: it authenticates the SCIM client (D-38).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ClientApplication {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The integration that it was made for.
    pub integration: String,
}

impl ClientApplication {
    /// The key of the record, in the space of the tenant.
    #[must_use]
    pub fn key(space: &Space, id: &str) -> RecordKey {
        RecordKey::new(space, "ClientApplication", id)
    }

    /// Reads the application from its record.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        serde_json::from_value(Value::Object(record.extra.clone())).ok()
    }

    pub(crate) fn record(&self, space: &Space) -> PutRecord {
        bare(Self::key(space, &self.id), Some(&self.name), extra(self))
    }
}

/// When the token was last used, in milliseconds since 1970: written now and then, never by a request.
#[must_use]
pub(crate) fn last_use(space: &Space) -> CounterKey {
    CounterKey { space: space.clone(), name: "tokenUse" }
}

fn extra(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(extra)) => extra,
        _ => Map::new(),
    }
}
