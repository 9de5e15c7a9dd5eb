//! A workspace as the rules see it: settings, roles, teams and absence regions in one record.
//!
//! One record means one version: whoever looks a name up guards that version, and a renamed team or
//! role shows at the next commit (D-75).

use scim_core::{End, Links, Relation};
use scim_engine::store::{CounterKey, Record, RecordKey, Space};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::absence_region::AbsenceRegion;
use crate::language::GermanVariants;
use crate::logins::Logins;
use crate::role::Role;
use crate::teams::Team;

/// The kind of a record that stands for a role: a SCIM group (D-74).
pub const ROLE_KIND: &str = "Group";
/// The kind of a record that stands for a team.
pub const TEAM_KIND: &str = "Team";
/// The kind of a record that stands for an absence region.
pub const REGION_KIND: &str = "AbsenceRegion";
/// The kind of a record that stands for a user.
pub const USER_KIND: &str = "User";

/// Joins a role and the users who hold it.
pub(crate) const ROLE: Relation = "role";
/// Joins a team and its users.
pub(crate) const TEAM: Relation = "team";
/// Joins an absence region and its users.
pub(crate) const REGION: Relation = "region";

/// Settings and catalogue of a workspace.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Workspace {
    /// The name for people.
    pub name: String,
    /// The language that users get who come without one that awork has.
    pub language: String,
    /// The label before `awork.com` where the workspace has an address of its own (D-47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subdomain: Option<String>,
    /// Whether variants of German count as German.
    #[serde(default)]
    pub german_variants_as_german: bool,
    /// Whether provisioning may book seats (D-23).
    #[serde(default)]
    pub automatic_booking: bool,
    /// The ways people may sign in (D-9).
    #[serde(default)]
    pub logins: Logins,
    /// The roles.
    pub roles: Vec<Role>,
    /// The teams.
    pub teams: Vec<Team>,
    /// The absence regions.
    pub regions: Vec<AbsenceRegion>,
}

impl Workspace {
    const KIND: &'static str = "Workspace";
    const ID: &'static str = "workspace";

    /// The key of the record, in the space of the tenant.
    #[must_use]
    pub fn key(space: &Space) -> RecordKey {
        RecordKey::new(space, Self::KIND, Self::ID)
    }

    /// Reads the workspace from its record.
    ///
    /// # Errors
    ///
    /// Returns the error of serde when the record holds something else.
    pub fn of(record: &Record) -> Result<Self, serde_json::Error> {
        serde_json::from_value(Value::Object(record.extra.clone()))
    }

    /// What the record keeps.
    #[must_use]
    pub fn to_extra(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(extra)) => extra,
            _ => Map::new(),
        }
    }

    pub(crate) fn german_variants(&self) -> GermanVariants {
        if self.german_variants_as_german { GermanVariants::AsGerman } else { GermanVariants::AsEnglish }
    }

    pub(crate) fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }
}

/// The counter of seats in use, in thirds; its limit is what is booked (D-29, A-51).
#[must_use]
pub fn seats(space: &Space) -> CounterKey {
    CounterKey { space: space.clone(), name: "seats" }
}

/// The counter of active admins; its floor is one (D-70).
#[must_use]
pub fn admins(space: &Space) -> CounterKey {
    CounterKey { space: space.clone(), name: "admins" }
}

/// The links of a role, team or region, hidden users included.
pub(crate) fn held_by(relation: Relation) -> Links {
    Links { relation, end: End::Owner, shows_hidden: true, nested: false }
}

/// The links of a user, hidden far ends included: a guest has a role that no group shows.
pub(crate) fn of_user(relation: Relation) -> Links {
    Links { relation, end: End::Member, shows_hidden: true, nested: false }
}
