//! What a workspace needs for SCIM: the Enterprise plan, and single sign-on with OpenID Connect (D-10, D-11).
//!
//! They stand in a record of their own beside the [`Workspace`](crate::Workspace), since every request asks
//! for them and few ask for the whole catalogue.

use scim_engine::store::{PutRecord, Record, RecordKey, Space};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::account::bare;
use crate::refusal::AworkRefusal;

/// Whether a workspace may use SCIM.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Preconditions {
    /// Whether it has an active Enterprise subscription (D-10).
    pub enterprise: bool,
    /// Whether single sign-on with OpenID Connect is set up; SAML does not count (D-11).
    pub openid_connect: bool,
}

impl Preconditions {
    /// The key of the record, in the space of the tenant.
    #[must_use]
    pub fn key(space: &Space) -> RecordKey {
        RecordKey::new(space, "Preconditions", "workspace")
    }

    /// Reads them from their record; none if it holds something else.
    #[must_use]
    pub fn of(record: &Record) -> Option<Self> {
        serde_json::from_value(Value::Object(record.extra.clone())).ok()
    }

    /// The record that keeps them.
    #[must_use]
    pub fn record(&self, space: &Space) -> PutRecord {
        let extra = match serde_json::to_value(self) {
            Ok(Value::Object(extra)) => extra,
            _ => Map::new(),
        };
        bare(Self::key(space), None, extra)
    }

    /// Checks that SCIM may be set up and used.
    ///
    /// # Errors
    ///
    /// Returns [`AworkRefusal::PlanMissing`], else [`AworkRefusal::SsoMissing`].
    pub fn check(&self) -> Result<(), AworkRefusal> {
        if !self.enterprise {
            return Err(AworkRefusal::PlanMissing);
        }
        if !self.openid_connect {
            return Err(AworkRefusal::SsoMissing);
        }
        Ok(())
    }
}
