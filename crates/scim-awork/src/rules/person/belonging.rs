//! What a person belongs to: exactly one role, at most one absence region, any number of teams.

use scim_core::{Desired, FarEnd, Relation, join_names, shown_key};
use scim_engine::store::{Guard, LinkKey, RecordRef, Write};
use serde_json::{Map, Value, json};

use super::by_hand::guest_by_hand;
use super::{Person, extension};
use crate::absence_region::{region_on_create, region_on_update};
use crate::attribute::Attribute;
use crate::log::ValueChange;
use crate::role::{Role, RoleDecision, role_on_create, role_on_update};
use crate::rules::Stop;
use crate::schema::{ABSENCE_REGION, AWORK_USER_URN, TEAMS, USER_ROLE};
use crate::teams::TeamCatalogue;
use crate::warning::Warned;
use crate::workspace::{
    REGION, REGION_KIND, ROLE, ROLE_KIND, TEAM, TEAM_KIND, USER_KIND, Workspace, of_user,
};

/// Where `extra` keeps the texts that clients last sent for joined names.
const SHOWN: &str = "$shown";

impl Person<'_> {
    /// D-71: the role of a new user.
    pub(super) fn settle_first_role(&mut self) -> Result<Role, Stop> {
        let role = self.sent_text(USER_ROLE).flatten();
        let role = match guest_by_hand(self.change, role, &self.workspace.roles) {
            Some(guest) => guest.clone(),
            None => role_on_create(role, &self.workspace.roles)?.clone(),
        };
        self.link(ROLE, ROLE_KIND, &role.id);
        self.note(Attribute::UserRole, None, Some(&role.name.clone()));
        Ok(role)
    }

    /// D-21: the region of a new user.
    pub(super) fn settle_first_region(&mut self) -> Result<(), Stop> {
        let region = region_on_create(self.sent_text(ABSENCE_REGION).flatten(), &self.workspace.regions)?;
        if let Some(region) = region.cloned() {
            self.link(REGION, REGION_KIND, &region.id);
            self.note(Attribute::AbsenceRegion, None, Some(&region.name));
        }
        Ok(())
    }

    /// D-69: there is exactly one.
    pub(super) fn current_role(&self) -> Result<Role, Stop> {
        let ends = self.far_ends(ROLE)?;
        let role = ends.first().and_then(|end| self.workspace.role(&end.id));
        role.cloned().ok_or(Stop::Damaged)
    }

    /// D-66, D-72, A-16, A-17: the role that the user has afterwards.
    pub(super) fn settle_role(&mut self, current: &Role) -> Result<Role, Stop> {
        let Some(sent) = self.sent_name(Attribute::UserRole) else { return Ok(current.clone()) };
        let decided = match guest_by_hand(self.change, sent, &self.workspace.roles) {
            Some(guest) if guest.id != current.id => Ok(Warned::quiet(RoleDecision::Assign(guest))),
            _ => role_on_update(sent, current, &self.workspace.roles),
        };
        let decided = match decided {
            Ok(decided) => decided,
            Err(refusal) => {
                self.outrank(refusal)?;
                return Ok(current.clone());
            }
        };
        self.warnings.extend(decided.warning);
        let RoleDecision::Assign(new) = decided.value else { return Ok(current.clone()) };
        let new = new.clone();
        self.unlink(ROLE, ROLE_KIND, &current.id);
        self.link(ROLE, ROLE_KIND, &new.id);
        self.note(Attribute::UserRole, Some(&current.name), Some(&new.name));
        self.guards.push(self.workspace_guard.clone());
        self.moves = true;
        Ok(new)
    }

    /// The role loses the person.
    pub(super) fn unlink_role(&mut self, role: &Role) {
        self.unlink(ROLE, ROLE_KIND, &role.id);
    }

    /// The role lists its people by name, so it changes when the name does, or when one comes or goes.
    pub(super) fn touch_role(&mut self) -> Result<(), Stop> {
        if !self.moves {
            let role = self.current_role()?;
            self.unlink(ROLE, ROLE_KIND, &role.id);
            self.link(ROLE, ROLE_KIND, &role.id);
        }
        Ok(())
    }

    /// D-65, A-17: the region changes, and is never taken away.
    pub(super) fn settle_region(&mut self) -> Result<(), Stop> {
        let Some(sent) = self.sent_name(Attribute::AbsenceRegion) else { return Ok(()) };
        let decided = match region_on_update(sent, &self.workspace.regions) {
            Ok(decided) => decided,
            Err(refusal) => return self.outrank(refusal),
        };
        self.warnings.extend(decided.warning);
        let Some(region) = decided.value.cloned() else { return Ok(()) };
        let current = self.far_ends(REGION)?;
        if current.iter().any(|end| end.id == region.id) {
            return Ok(());
        }
        for end in &current {
            self.unlink(REGION, REGION_KIND, &end.id);
        }
        self.link(REGION, REGION_KIND, &region.id);
        let old = self.workspace.regions.iter().find(|old| current.iter().any(|end| end.id == old.id));
        let old = old.map(|old| old.name.clone());
        self.note(Attribute::AbsenceRegion, old.as_deref(), Some(&region.name));
        self.guards.push(self.workspace_guard.clone());
        Ok(())
    }

    /// D-64, A-12: the teams are exactly the ones named, and shown as they were sent.
    pub(super) fn settle_teams(&mut self) -> Result<(), Stop> {
        let Some(sent) = self.sent_text(TEAMS) else { return Ok(()) };
        let catalogue = TeamCatalogue::new(self.workspace.teams.iter().cloned());
        let (ids, names): (Vec<String>, Vec<String>) = match catalogue.find(sent.unwrap_or_default()) {
            Ok(teams) => teams
                .into_iter()
                .map(|team| (team.id.clone(), catalogue.list_name(&team.name).into_owned()))
                .unzip(),
            Err(refusal) => return self.outrank(refusal),
        };
        let current = self.far_ends(TEAM)?;
        for end in current.iter().filter(|end| !ids.contains(&end.id)) {
            self.unlink(TEAM, TEAM_KIND, &end.id);
        }
        for id in ids.iter().filter(|id| !current.iter().any(|end| end.id == **id)) {
            self.link(TEAM, TEAM_KIND, id);
        }
        let had = self.workspace.teams.iter().filter(|team| current.iter().any(|end| end.id == team.id));
        let mut had: Vec<_> = had.map(|team| catalogue.list_name(&team.name).into_owned()).collect();
        had.sort_unstable();
        let mut has = names.clone();
        has.sort_unstable();
        self.note(Attribute::Teams, text(&had).as_deref(), text(&has).as_deref());
        self.show_teams(names, sent.unwrap_or_default());
        self.guards.push(self.workspace_guard.clone());
        Ok(())
    }

    /// Notes for the log what the person belonged to and belongs to.
    fn note(&mut self, attribute: Attribute, old: Option<&str>, new: Option<&str>) {
        if old != new {
            let (attribute, old, new) = (attribute.path().to_owned(), old.into(), new.into());
            self.belongs.push(ValueChange { attribute, person: None, old, new });
        }
    }

    /// Keeps the text that was sent, where it is not what would be shown anyway.
    fn show_teams(&mut self, mut names: Vec<String>, text: &str) {
        names.sort_unstable();
        let of = join_names(names.iter().map(String::as_str));
        let mut shown = match self.extra.remove(SHOWN) {
            Some(Value::Object(shown)) => shown,
            _ => Map::new(),
        };
        let key = shown_key(Some(AWORK_USER_URN), TEAMS);
        if names.is_empty() || of == text {
            shown.remove(&key);
        } else {
            shown.insert(key, json!({ "of": of, "text": text }));
        }
        if !shown.is_empty() {
            self.extra.insert(SHOWN.into(), Value::Object(shown));
        }
    }

    /// The far ends of the person's links; someone new has none.
    fn far_ends(&self, relation: Relation) -> Result<Vec<FarEnd>, Stop> {
        let Some(was) = self.was else { return Ok(Vec::new()) };
        let key = self.change.key(USER_KIND, was.id());
        Ok(self.asking.all(|lookup| lookup.links(key, of_user(relation)))?.to_vec())
    }

    fn link(&mut self, relation: Relation, kind: &str, id: &str) {
        self.writes.push(Write::Link(self.link_key(relation, kind, id)));
    }

    fn unlink(&mut self, relation: Relation, kind: &str, id: &str) {
        let key = self.link_key(relation, kind, id);
        self.guards.push(Guard::Link(key.clone(), true));
        self.writes.push(Write::Unlink(key));
    }

    fn link_key(&self, relation: Relation, kind: &str, id: &str) -> LinkKey {
        LinkKey {
            space: self.change.space.clone(),
            relation,
            owner: RecordRef::new(kind, id),
            member: RecordRef::new(USER_KIND, &self.id),
        }
    }
}

/// Whether the request names teams which may be there: others are refused whatever the person has (D-64).
pub(super) fn may_name_teams(desired: &Desired, workspace: Option<&Workspace>) -> bool {
    let Some(sent) = desired.asserted.get(&extension(TEAMS)) else { return false };
    let sent = sent.as_ref().and_then(Value::as_str).unwrap_or_default();
    workspace.is_none_or(|workspace| TeamCatalogue::new(workspace.teams.iter().cloned()).find(sent).is_ok())
}

/// The names in a line, as teams are shown; none where there are none.
fn text(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| join_names(names.iter().map(String::as_str)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D-64: what the person has is of interest where teams are named that are there, or may be.
    #[test]
    fn teams_that_may_be_named() {
        let workspace: Workspace = serde_json::from_value(json!({
            "name": "W", "language": "en-GB", "roles": [], "regions": [], "teams": [{ "id": "1", "name": "Ops" }],
        }))
        .unwrap();
        assert!(!may_name_teams(&Desired::default(), Some(&workspace)));
        for (sent, expected) in [(None, true), (Some("Ops"), true), (Some("Nobody's"), false)] {
            let mut desired = Desired::default();
            desired.asserted.insert(extension(TEAMS), sent.map(Value::from));
            assert_eq!(may_name_teams(&desired, Some(&workspace)), expected, "{sent:?}");
            assert!(may_name_teams(&desired, None), "{sent:?}");
        }
    }
}
