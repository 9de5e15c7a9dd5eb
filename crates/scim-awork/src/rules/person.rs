//! Creating, changing and deactivating people.

use scim_core::{AttrKey, Document, FarEnd, Relation, join_names, shown_key};
use scim_engine::store::{Guard, LinkKey, Record, RecordRef, Write};
use scim_engine::{Action, Change, Decision, Facts, Outcome, Subject};
use serde_json::{Map, Value, json};

use super::profile::{Profile, keep_name_parts};
use super::{Asking, Stop, Tally, Weight, logged};
use crate::absence_region::{region_on_create, region_on_update};
use crate::account::{Account, Membership, account_key, account_of, fold, login_key, write_login};
use crate::account_email::{AccountEmail, change_account_email};
use crate::refusal::{AdminLoss, AworkRefusal};
use crate::role::{Role, RoleDecision, role_on_create, role_on_update};
use crate::schema::{ABSENCE_REGION, AWORK_USER_URN, TEAMS, USER_ROLE};
use crate::teams::TeamCatalogue;
use crate::warning::AworkWarning;
use crate::workspace::{
    REGION, REGION_KIND, ROLE, ROLE_KIND, TEAM, TEAM_KIND, USER_KIND, Workspace, of_user,
};

/// What `extra` of a user's record keeps: the account.
const ACCOUNT: &str = "account";
/// Whether the user has ever been active, so that a mail greets only those who come back.
const WAS_ACTIVE: &str = "wasActive";
/// Whether a DELETE has hidden the user.
const DELETED: &str = "deleted";

pub(super) fn decide(change: &Change<'_>, facts: &Facts) -> Result<Decision, Stop> {
    let asking = Asking { facts };
    prefetch(change, &asking)?;
    match change.action {
        Action::Create { .. } => match hidden_user(change)? {
            None => Person::new(change, &asking)?.create(),
            Some(record) => Person::new(change, &asking)?.revive(record),
        },
        Action::Update { current, replaces, .. } => Person::new(change, &asking)?.update(current, replaces),
        Action::Delete { current } => Person::new(change, &asking)?.delete(current),
    }
}

/// Asks for everything that is surely needed in one round: the workspace, and what the person has.
fn prefetch(change: &Change<'_>, asking: &Asking<'_>) -> Result<(), Stop> {
    asking.all(|lookup| {
        lookup.record(Workspace::key(change.space));
        let email = change.action.desired().and_then(|desired| desired.document.text("userName"));
        let before = change.action.current().and_then(|current| current.document.text("userName"));
        if let Some(email) = email.filter(|email| Some(*email) != before) {
            lookup.record(login_key(email.trim()));
        }
        if let Some(current) = change.action.current() {
            for relation in [ROLE, REGION, TEAM] {
                lookup.links(change.key(USER_KIND, current.id()), of_user(relation));
            }
            if let Some(account) = current.extra.get(ACCOUNT).and_then(Value::as_str) {
                lookup.record(account_key(account));
            }
        }
    })
}

/// The hidden user that a create brings back, if there is one.
fn hidden_user<'c>(change: &'c Change<'_>) -> Result<Option<&'c Record>, Stop> {
    let holding = change.holdings.iter().find(|holding| holding.path == "userName");
    let Some((holding, holder)) = holding.and_then(|holding| Some((holding, holding.holder.as_ref()?)))
    else {
        return Ok(None);
    };
    let deleted = !holder.visible && holder.extra.get(DELETED) == Some(&Value::Bool(true));
    if deleted {
        Ok(Some(holder))
    } else {
        Err(AworkRefusal::UserExists { user_name: holding.value.clone() }.into())
    }
}

/// A decision about a person in the making.
struct Person<'p> {
    change: &'p Change<'p>,
    asking: &'p Asking<'p>,
    workspace: Workspace,
    workspace_guard: Guard,
    id: String,
    document: Document,
    extra: Map<String, Value>,
    writes: Vec<Write>,
    guards: Vec<Guard>,
    tally: Tally,
    warnings: Vec<AworkWarning>,
    outranks: bool,
}

impl<'p> Person<'p> {
    fn new(change: &'p Change<'p>, asking: &'p Asking<'p>) -> Result<Self, Stop> {
        let (workspace, workspace_guard) = asking.workspace(change)?;
        Ok(Self {
            change,
            asking,
            workspace,
            workspace_guard,
            id: change.action.id().to_owned(),
            document: change.action.desired().map(|desired| desired.document.clone()).unwrap_or_default(),
            extra: Map::new(),
            writes: Vec::new(),
            guards: Vec::new(),
            tally: Tally::default(),
            warnings: Vec::new(),
            outranks: false,
        })
    }

    /// D-16, D-17: an unknown person is imported, complete at once.
    fn create(mut self) -> Result<Decision, Stop> {
        self.settle_profile(None)?;
        let role = role_on_create(self.sent_text(USER_ROLE).flatten(), &self.workspace.roles)?.clone();
        self.link(ROLE, ROLE_KIND, &role.id);
        let region = region_on_create(self.sent_text(ABSENCE_REGION).flatten(), &self.workspace.regions)?;
        if let Some(id) = region.map(|region| region.id.clone()) {
            self.link(REGION, REGION_KIND, &id);
        }
        self.settle_teams(&[])?;
        self.settle_new_account()?;
        let active = is_active(&self.document);
        self.extra.insert(WAS_ACTIVE.into(), active.into());
        self.tally.change(Weight::default(), Weight::of(Some(&role), active));
        self.guards.push(self.workspace_guard.clone());
        self.finish("create", None, AdminLoss::Demote)
    }

    /// a create with the user name of a deleted user brings that user back.
    fn revive(mut self, record: &Record) -> Result<Decision, Stop> {
        self.id = record.id().to_owned();
        self.extra = record.extra.clone();
        self.extra.remove(DELETED);
        let sent = std::mem::replace(&mut self.document, record.document.clone());
        for (key, value) in sent.into_map() {
            self.document.set(None, &key, Some(value));
        }
        self.settle_profile(Some(&record.document))?;
        let current_role = self.current_role()?;
        let role = self.settle_role(&current_role)?;
        self.settle_region()?;
        let teams = self.far_ends(TEAM)?;
        self.settle_teams(&teams)?;
        self.settle_account(&record.document)?;
        let active = is_active(&self.document);
        let was_active = active || record.extra.get(WAS_ACTIVE) == Some(&Value::Bool(true));
        self.extra.insert(WAS_ACTIVE.into(), was_active.into());
        self.tally.change(Weight::default(), Weight::of(Some(&role), active));
        self.finish("create", Some(record), AdminLoss::Demote)
    }

    /// D-16: a known person is changed in place; what the request does not name stays.
    fn update(mut self, current: &Record, replaces: bool) -> Result<Decision, Stop> {
        self.extra = current.extra.clone();
        if replaces {
            keep_name_parts(&mut self.document, &current.document);
        }
        let (was_active, active) = (is_active(&current.document), is_active(&self.document));
        // whoever is to be deactivated is, whatever else does not fit.
        self.outranks = !active && self.asserts(&AttrKey::base("active"));
        self.settle_profile(Some(&current.document))?;
        if self.asserts(&extension(USER_ROLE)) || was_active != active {
            let current_role = self.current_role()?;
            let role = self.settle_role(&current_role)?;
            self.tally.change(Weight::of(Some(&current_role), was_active), Weight::of(Some(&role), active));
        }
        self.settle_region()?;
        if self.asserts(&extension(TEAMS)) {
            let teams = self.far_ends(TEAM)?;
            self.settle_teams(&teams)?;
        }
        self.settle_account(&current.document)?;
        if active {
            self.extra.insert(WAS_ACTIVE.into(), true.into());
        }
        let loss = if was_active && !active { AdminLoss::Deactivate } else { AdminLoss::Demote };
        self.finish("update", Some(current), loss)
    }

    /// the user is deactivated and hidden; all data stay.
    fn delete(mut self, current: &Record) -> Result<Decision, Stop> {
        self.document = current.document.clone();
        self.extra = current.extra.clone();
        let role = self.current_role()?;
        self.tally.change(Weight::of(Some(&role), is_active(&current.document)), Weight::default());
        self.document.set(None, "active", Some(false.into()));
        self.extra.insert(DELETED.into(), true.into());
        self.finish("delete", Some(current), AdminLoss::Delete)
    }

    fn finish(mut self, operation: &str, was: Option<&Record>, loss: AdminLoss) -> Result<Decision, Stop> {
        let counted = self.tally.writes(self.change, self.asking, &self.workspace, loss)?;
        if !counted.is_empty() && self.workspace.automatic_booking {
            self.guards.push(self.workspace_guard.clone());
        }
        self.writes.extend(counted);
        let deleted = self.extra.get(DELETED) == Some(&Value::Bool(true));
        let subject = Subject {
            name: display_name(&self.document),
            id: self.id,
            was: was.cloned(),
            document: self.document,
            visible: !deleted,
            extra: self.extra,
        };
        let decision = Decision {
            outcome: Outcome::Put(Box::new(subject)),
            writes: self.writes,
            guards: self.guards,
            events: Vec::new(),
            warnings: self.warnings.iter().map(ToString::to_string).collect(),
        };
        Ok(logged(self.change, operation, decision))
    }

    fn asserts(&self, key: &AttrKey) -> bool {
        self.change.action.desired().is_some_and(|desired| desired.asserted.contains_key(key))
    }

    /// What the request says of an attribute of the extension: nothing, that it has none, or a text.
    fn sent_text(&self, attribute: &str) -> Option<Option<&'p str>> {
        let desired = self.change.action.desired()?;
        let value = desired.asserted.get(&extension(attribute))?;
        Some(value.as_ref().and_then(Value::as_str))
    }

    fn settle_profile(&mut self, current: Option<&Document>) -> Result<(), Stop> {
        let Some(desired) = self.change.action.desired() else { return Ok(()) };
        let profile = Profile {
            current,
            asserted: &desired.asserted,
            workspace: &self.workspace,
            outranks: self.outranks,
        };
        profile.settle(&mut self.document, &mut self.warnings)?;
        Ok(())
    }

    fn far_ends(&self, relation: Relation) -> Result<Vec<FarEnd>, Stop> {
        let key = self.change.key(USER_KIND, &self.id);
        Ok(self.asking.all(|lookup| lookup.links(key, of_user(relation)))?.to_vec())
    }

    /// D-69: there is exactly one.
    fn current_role(&self) -> Result<Role, Stop> {
        let ends = self.far_ends(ROLE)?;
        let role = ends.first().and_then(|end| self.workspace.role(&end.id));
        role.cloned().ok_or(Stop::Damaged)
    }

    /// D-66, D-72, A-16, A-17: the role that the user has afterwards.
    fn settle_role(&mut self, current: &Role) -> Result<Role, Stop> {
        let Some(sent) = self.sent_text(USER_ROLE) else { return Ok(current.clone()) };
        let decided = match role_on_update(sent, current, &self.workspace.roles) {
            Ok(decided) => decided,
            Err(refusal) => {
                self.outrank(refusal)?;
                return Ok(current.clone());
            }
        };
        self.warnings.extend(decided.warning);
        let new = match decided.value {
            RoleDecision::Keep => return Ok(current.clone()),
            RoleDecision::Assign(role) if role.id == current.id => return Ok(current.clone()),
            RoleDecision::Assign(role) => role.clone(),
        };
        self.unlink(ROLE, ROLE_KIND, &current.id);
        self.link(ROLE, ROLE_KIND, &new.id);
        self.guards.push(self.workspace_guard.clone());
        Ok(new)
    }

    /// D-65, A-17: the region changes, and is never taken away.
    fn settle_region(&mut self) -> Result<(), Stop> {
        let Some(sent) = self.sent_text(ABSENCE_REGION) else { return Ok(()) };
        let decided = match region_on_update(sent, &self.workspace.regions) {
            Ok(decided) => decided,
            Err(refusal) => return self.outrank(refusal),
        };
        self.warnings.extend(decided.warning);
        let Some(id) = decided.value.map(|region| region.id.clone()) else { return Ok(()) };
        let current = self.far_ends(REGION)?;
        if current.iter().any(|end| end.id == id) {
            return Ok(());
        }
        for end in &current {
            self.unlink(REGION, REGION_KIND, &end.id);
        }
        self.link(REGION, REGION_KIND, &id);
        self.guards.push(self.workspace_guard.clone());
        Ok(())
    }

    /// D-64, A-12: the teams are exactly the ones named, and shown as they were sent.
    fn settle_teams(&mut self, current: &[FarEnd]) -> Result<(), Stop> {
        let Some(sent) = self.sent_text(TEAMS) else { return Ok(()) };
        let catalogue = TeamCatalogue::new(self.workspace.teams.iter().cloned());
        let teams: Vec<(String, String)> = match catalogue.find(sent.unwrap_or_default()) {
            Ok(teams) => teams.into_iter().map(|team| (team.name.clone(), team.id.clone())).collect(),
            Err(refusal) => return self.outrank(refusal),
        };
        for end in current.iter().filter(|end| !teams.iter().any(|(_, id)| *id == end.id)) {
            self.unlink(TEAM, TEAM_KIND, &end.id);
        }
        for (_, id) in teams.iter().filter(|(_, id)| !current.iter().any(|end| end.id == *id)) {
            self.link(TEAM, TEAM_KIND, id);
        }
        let key = shown_key(Some(AWORK_USER_URN), TEAMS);
        let shown = self.extra.entry("$shown").or_insert_with(|| json!({}));
        if let Value::Object(shown) = shown {
            match sent {
                Some(text) if !teams.is_empty() => {
                    let mut names: Vec<&str> = teams.iter().map(|(name, _)| name.as_str()).collect();
                    names.sort_unstable();
                    shown.insert(key, json!({ "of": join_names(names), "text": text }));
                }
                _ => {
                    shown.remove(&key);
                }
            }
        }
        self.guards.push(self.workspace_guard.clone());
        Ok(())
    }

    /// a failed look-up does not stop a deactivation.
    fn outrank(&mut self, refusal: AworkRefusal) -> Result<(), Stop> {
        if !self.outranks {
            return Err(refusal.into());
        }
        self.warnings.push(AworkWarning::Outranked(refusal));
        Ok(())
    }

    /// D-19: the account of the e-mail, or a new one.
    fn settle_new_account(&mut self) -> Result<(), Stop> {
        let email = self.document.text("userName").unwrap_or_default().to_owned();
        let membership =
            Membership { workspace: self.change.context.tenant.to_string(), user: self.id.clone() };
        let login = self.asking.all(|lookup| lookup.record(login_key(&email)))?;
        let id = match login.and_then(account_of) {
            None => {
                let mut account = Account { memberships: vec![membership], ..Account::default() };
                copy_to_account(&self.document, &mut account);
                self.writes.push(account.write(&self.id, None));
                self.writes.push(write_login(&email, &self.id));
                self.id.clone()
            }
            Some(id) => {
                let record =
                    self.asking.all(|lookup| lookup.record(account_key(id)))?.ok_or(Stop::Damaged)?;
                let mut account = Account::of(record).ok_or(Stop::Damaged)?;
                if let (None, Some(zone)) = (self.document.text("timezone"), &account.time_zone) {
                    self.document.set(None, "timezone", Some(zone.clone().into()));
                }
                copy_to_account(&self.document, &mut account);
                account.memberships.push(membership);
                self.writes.push(account.write(id, Some(record.version)));
                id.to_owned()
            }
        };
        self.extra.insert(ACCOUNT.into(), id.into());
        Ok(())
    }

    /// D-59 to D-61, A-8, A-32: what the profile says of the account is written to it.
    fn settle_account(&mut self, before: &Document) -> Result<(), Stop> {
        let shared = |document: &Document| {
            (
                document.text("userName").map(str::to_owned),
                document.get(None, "name").cloned(),
                document.text("timezone").map(str::to_owned),
            )
        };
        if shared(before) == shared(&self.document) {
            return Ok(());
        }
        let id = self.extra.get(ACCOUNT).and_then(Value::as_str).ok_or(Stop::Damaged)?.to_owned();
        let email = self.document.text("userName").unwrap_or_default().to_owned();
        let (record, login) =
            self.asking.all(|lookup| (lookup.record(account_key(&id)), lookup.record(login_key(&email))))?;
        let record = record.ok_or(Stop::Damaged)?;
        let mut account = Account::of(record).ok_or(Stop::Damaged)?;
        let current = AccountEmail::parse(&account.email).map_err(|_| Stop::Damaged)?;
        let taken = login.and_then(account_of).is_some_and(|other| other != id);
        let same = |one: &str, other: &str| fold(one) == fold(other);
        let wanted = AccountEmail::parse(&email)?;
        change_account_email(&current, &wanted, same, taken, account.memberships.len())?;
        if !same(current.as_str(), &email) {
            let old = login_key(current.as_str());
            let version = self.asking.all(|lookup| lookup.record(old.clone()))?.ok_or(Stop::Damaged)?.version;
            self.writes.push(Write::Delete { key: old, replaces: version });
            self.writes.push(write_login(&email, &id));
        }
        copy_to_account(&self.document, &mut account);
        self.writes.push(account.write(&id, Some(record.version)));
        Ok(())
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

fn extension(attribute: &str) -> AttrKey {
    AttrKey::of(AWORK_USER_URN, attribute)
}

pub(super) fn is_active(document: &Document) -> bool {
    document.get(None, "active") == Some(&Value::Bool(true))
}

fn copy_to_account(document: &Document, account: &mut Account) {
    let part = |name: &str| {
        document
            .get(None, "name")
            .and_then(|parts| parts.get(name))
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    account.email = document.text("userName").unwrap_or_default().to_owned();
    account.given_name = part("givenName").to_owned();
    account.family_name = part("familyName").to_owned();
    account.time_zone = document.text("timezone").map(str::to_owned);
}

/// What a person is called in the list of a role's members: first and last name, as awork shows people.
pub(crate) fn display_name(document: &Document) -> Option<String> {
    let name = document.get(None, "name")?;
    let part = |key: &str| name.get(key).and_then(Value::as_str).unwrap_or_default();
    Some(format!("{} {}", part("givenName"), part("familyName")).trim().to_owned())
}
