//! What must go with awork's records, so that a store can be checked and mended.

use std::sync::{Arc, Mutex, PoisonError};

use scim_core::{Registry, RegistryError, Relation};
use scim_engine::check::{Expectation, Expected, Seen};
use scim_engine::store::{Counter, Record, RecordKey, RecordRef, Space};

use crate::booking::THIRDS;
use crate::registry::awork_registry;
use crate::role::{Role, default_role};
use crate::rules::{Weight, is_active};
use crate::workspace::{REGION, ROLE, ROLE_KIND, USER_KIND, Workspace, admins, seats};

/// Match forms and unique values of users and roles, seats and admins as users count for them,
/// exactly one role and at most one absence region of a user (D-65, D-69).
#[derive(Debug)]
pub struct AworkExpectation {
    registry: Registry,
    /// The workspace that was read last, with key and version of its record.
    last: Mutex<Option<(RecordKey, u64, Arc<Workspace>)>>,
}

impl AworkExpectation {
    /// What awork expects.
    ///
    /// # Errors
    ///
    /// Returns a [`RegistryError`] if the schemas contradict themselves, which a test rules out.
    pub fn new() -> Result<Self, RegistryError> {
        Ok(Self { registry: awork_registry()?, last: Mutex::default() })
    }

    fn workspace(&self, guide: &Record) -> Option<Arc<Workspace>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((key, version, workspace)) = &*last
            && (key, *version) == (&guide.key, guide.version)
        {
            return Some(Arc::clone(workspace));
        }
        let workspace = Arc::new(Workspace::of(guide).ok()?);
        *last = Some((guide.key.clone(), guide.version, Arc::clone(&workspace)));
        Some(workspace)
    }
}

impl Expectation for AworkExpectation {
    fn expected(&self, seen: &Seen<'_>) -> Option<Expected> {
        let record = seen.record;
        let Some(def) = self.registry.type_named(&record.key.record.kind) else {
            // Records that are no resources have neither.
            let counts = record.key == Workspace::key(&record.key.space);
            let counted = if counts { counted(&record.key.space, Weight::default()) } else { Vec::new() };
            return Some(Expected { counted, ..Expected::default() });
        };
        let mut expected = Expected::of_resource(def, record);
        if def.name() != USER_KIND {
            return Some(expected);
        }
        let by = |relation| move |owner: &RecordRef| (relation, owner.clone());
        // Without the workspace nothing is said of links and counters.
        let Some(workspace) = seen.guide.and_then(|guide| self.workspace(guide)) else {
            expected.owners.extend(seen.owners_by(ROLE).map(by(ROLE)));
            expected.owners.extend(seen.owners_by(REGION).map(by(REGION)));
            return Some(expected);
        };
        let role = role_of(seen, &workspace.roles);
        expected.owners.extend(role.map(|role| (ROLE, RecordRef::new(ROLE_KIND, &role.id))));
        expected.owners.extend(seen.owners_by(REGION).take(1).map(by(REGION)));
        let active = record.visible && is_active(&record.document);
        expected.counted = counted(&record.key.space, Weight::of(role, active));
        Some(expected)
    }

    fn guide(&self, space: &Space) -> Option<RecordKey> {
        space.tenant().map(|_| Workspace::key(space))
    }

    fn relations(&self, kind: &str) -> &'static [Relation] {
        if kind == USER_KIND { &[ROLE, REGION] } else { &[] }
    }

    /// How many seats were booked is lost with their counter: none is free until the operator says. One
    /// admin stays (D-70).
    fn lost_counter(&self, name: &str, value: i64) -> Counter {
        let whole = value.saturating_add(THIRDS - 1).div_euclid(THIRDS).saturating_mul(THIRDS);
        if name == SEATS {
            Counter { value, floor: None, limit: Some(whole) }
        } else {
            Counter { value, floor: (name == ADMINS).then_some(1), limit: None }
        }
    }
}

const SEATS: &str = "seats";
const ADMINS: &str = "admins";

/// The role that the user has, or should have: the first linked one that the workspace knows, else the default.
fn role_of<'r>(seen: &Seen<'_>, roles: &'r [Role]) -> Option<&'r Role> {
    let known = |owner: &RecordRef| roles.iter().find(|role| role.id == owner.id);
    seen.owners_by(ROLE).find_map(known).or_else(|| default_role(roles).ok())
}

fn counted(space: &Space, weight: Weight) -> Vec<(&'static str, i64)> {
    vec![(seats(space).name, weight.thirds), (admins(space).name, weight.admins)]
}

#[cfg(test)]
mod tests {
    use scim_core::Document;
    use scim_engine::store::TenantId;
    use serde_json::{Map, Value, json};

    use super::*;

    fn record(kind: &str, id: &str, document: Value, extra: Value) -> Record {
        let object = |value| match value {
            Value::Object(object) => object,
            _ => Map::new(),
        };
        Record {
            key: RecordKey::new(&TenantId::new("w").unwrap().space(), kind, id),
            version: 1,
            visible: true,
            created: 0,
            modified: 0,
            name: None,
            document: Document::from_canonical(object(document)),
            extra: object(extra),
        }
    }

    fn workspace() -> Record {
        let role = |id: &str, is_admin: bool, is_guest: bool| {
            json!({
                "id": id, "name": id, "is_admin": is_admin, "is_guest": is_guest, "is_archived": false,
                "is_agent": false, "grants": { "write": 1, "read": 1 }, "created_on": "2026-01-01T00:00:00Z",
            })
        };
        let extra = json!({
            "name": "w", "language": "de-DE", "teams": [], "regions": [],
            "roles": [role("admin", true, false), role("user", false, false), role("guest", false, true)],
        });
        record("Workspace", "workspace", json!({}), extra)
    }

    /// D-28, D-65, D-69: one role and what it counts for, at most one region.
    #[test]
    fn users_count_by_their_one_role() {
        let expectation = AworkExpectation::new().unwrap();
        let guide = workspace();
        let link = |relation: &str, kind: &str, id: &str| (relation.to_owned(), RecordRef::new(kind, id));
        let role = |id: &str| link(ROLE, ROLE_KIND, id);
        let region = |id: &str| link(REGION, "AbsenceRegion", id);
        for (active, owners, wanted, thirds, admins) in [
            (true, vec![role("user")], vec![(ROLE, "user")], 3, 0),
            (true, vec![role("admin"), region("b")], vec![(ROLE, "admin"), (REGION, "b")], 3, 1),
            (true, vec![role("guest")], vec![(ROLE, "guest")], 1, 0),
            (false, vec![role("admin")], vec![(ROLE, "admin")], 0, 0),
            (true, vec![], vec![(ROLE, "user")], 3, 0),
            (true, vec![role("gone"), role("guest"), role("user")], vec![(ROLE, "guest")], 1, 0),
            (true, vec![role("user"), region("b"), region("c")], vec![(ROLE, "user"), (REGION, "b")], 3, 0),
        ] {
            let user = record("User", "u", json!({ "userName": "A@x.de", "active": active }), json!({}));
            let seen = Seen { record: &user, guide: Some(&guide), owners: &owners };
            let expected = expectation.expected(&seen).unwrap();
            let is: Vec<_> = expected.owners.iter().map(|(by, owner)| (*by, owner.id.as_str())).collect();
            assert_eq!(is, wanted, "{owners:?}");
            assert_eq!(expected.counted, [("seats", thirds), ("admins", admins)], "{owners:?}");
            assert_eq!(expected.claims.len(), 1);
            assert_eq!(expected.claims[0].value, "a@x.de");
        }
    }

    /// Records that are no resources have no match form; a workspace has its counters whoever is in it.
    #[test]
    fn other_records() {
        let expectation = AworkExpectation::new().unwrap();
        let seen = workspace();
        let expected = expectation.expected(&Seen::alone(&seen)).unwrap();
        assert_eq!(expected.counted, [("seats", 0), ("admins", 0)]);
        let account = record("Account", "a", json!({}), json!({}));
        assert_eq!(expectation.expected(&Seen::alone(&account)), Some(Expected::default()));
    }

    /// A-51, D-70: a lost counter comes back with no free seat, and with the floor that keeps one admin.
    #[test]
    fn lost_counters() {
        let expectation = AworkExpectation::new().unwrap();
        let counter = |value, floor, limit| Counter { value, floor, limit };
        for (name, value, lost) in [
            ("seats", 7, counter(7, None, Some(9))),
            ("seats", 9, counter(9, None, Some(9))),
            ("admins", 2, counter(2, Some(1), None)),
            ("tokenUse", 5, counter(5, None, None)),
        ] {
            assert_eq!(expectation.lost_counter(name, value), lost, "{name} {value}");
        }
    }
}
