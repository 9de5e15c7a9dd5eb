//! The first records of a workspace: what an operator or the demo describes, as one batch.

mod person;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use scim_core::{Document, Registry};
use scim_engine::store::{Batch, Counter, LinkKey, RecordKey, RecordRef, Space, TenantId, Write};
use scim_engine::{Subject, subject_writes};
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};

pub use person::{PersonKind, PersonSetup};

use crate::absence_region::AbsenceRegion;
use crate::account::{Account, Membership, bare, fold, is_same, write_login};
use crate::command::{entry_write, is_workspace_name};
use crate::language::language_on_create;
use crate::logins::Logins;
use crate::preconditions::Preconditions;
use crate::refusal::AworkRefusal;
use crate::role::{Grants, Role};
use crate::rules::{Weight, display_name};
use crate::teams::{Team, TeamCatalogue};
use crate::workspace::{
    REGION, REGION_KIND, ROLE, ROLE_KIND, TEAM_KIND, USER_KIND, Workspace, admins, seats,
};

/// A workspace to be set up, as a file describes it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct WorkspaceSetup {
    /// The name: letters, digits, `-`, `_` and `.`.
    pub name: String,
    /// The language of the workspace.
    #[serde(default = "default_language")]
    pub language: String,
    /// How many seats are booked.
    pub seats: u32,
    /// The label before `awork.com` where the workspace has an address of its own (D-47).
    #[serde(default)]
    pub subdomain: Option<String>,
    /// Whether provisioning may book more.
    #[serde(default)]
    pub automatic_booking: bool,
    /// Whether the workspace has an active Enterprise subscription (D-10).
    #[serde(default = "yes")]
    pub enterprise: bool,
    /// Whether it has single sign-on with OpenID Connect (D-11).
    #[serde(default = "yes")]
    pub openid_connect: bool,
    /// The roles.
    pub roles: Vec<RoleSetup>,
    /// The names of the teams.
    #[serde(default)]
    pub teams: Vec<String>,
    /// The names of the absence regions.
    #[serde(default)]
    pub absence_regions: Vec<String>,
    /// The absence region of new people.
    #[serde(default)]
    pub default_absence_region: Option<String>,
    /// People who are there already.
    #[serde(default)]
    pub people: Vec<PersonSetup>,
}

/// A role to be set up.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RoleSetup {
    /// The name.
    pub name: String,
    /// What it is.
    #[serde(default)]
    pub kind: RoleKind,
    /// How many permissions to write it has.
    #[serde(default)]
    pub write_grants: u32,
    /// How many permissions to read it has.
    #[serde(default)]
    pub read_grants: u32,
}

/// What a role is.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleKind {
    /// One of many.
    #[default]
    Ordinary,
    /// The admin role.
    Admin,
    /// The guest role.
    Guest,
    /// No longer assigned.
    Archived,
    /// A role of agents.
    Agent,
}

/// An account that is there already.
#[derive(Clone, Debug)]
pub(crate) struct KnownAccount {
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) account: Account,
}

fn yes() -> bool {
    true
}

fn default_language() -> String {
    "de-DE".to_owned()
}

/// Why a workspace cannot be set up.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SetupError {
    /// The name of the workspace cannot be used.
    #[error(
        "the workspace name `{0}` must be 1 to 100 letters, digits, `-`, `_` and `.`, with a letter or digit first"
    )]
    Name(String),
    /// Something refers to a name that is not there.
    #[error("{what} `{name}` is not among those of the workspace")]
    Unknown {
        /// What it is, such as `the role`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// Two things share a name.
    #[error("{what} `{name}` stands there twice")]
    Twice {
        /// What it is, such as `the role`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// There is not exactly one admin role, or nobody active holds it (D-70).
    #[error("a workspace has exactly one admin role and at least one active person who holds it")]
    NoAdmin,
    /// There are several guest roles.
    #[error("a workspace has one guest role at most")]
    SeveralGuestRoles,
    /// A person cannot be a user of awork.
    #[error("the person `{email}` does not fit: {refusal}")]
    Person {
        /// The e-mail.
        email: String,
        /// What is wrong.
        refusal: AworkRefusal,
    },
    /// The registry lacks users or groups.
    #[error("the registry has no `{0}`")]
    Registry(&'static str),
}

impl WorkspaceSetup {
    /// The batch that sets the workspace up; it is refused where the workspace is there already, or an account
    /// of one of its people.
    ///
    /// # Errors
    ///
    /// Returns a [`SetupError`] when the description contradicts itself.
    pub fn batch(
        &self,
        registry: &Registry,
        now: DateTime<Utc>,
        new_id: impl FnMut() -> String,
    ) -> Result<Batch, SetupError> {
        let writes = self.writes(registry, now, new_id, &BTreeMap::new())?;
        Ok(Batch { now: now.timestamp_millis(), guards: Vec::new(), writes })
    }

    /// The writes that set the workspace up. People whose folded e-mail leads to a known account join it (D-19).
    pub(crate) fn writes(
        &self,
        registry: &Registry,
        now: DateTime<Utc>,
        mut new_id: impl FnMut() -> String,
        known: &BTreeMap<String, KnownAccount>,
    ) -> Result<Vec<Write>, SetupError> {
        let unfit = || SetupError::Name(self.name.clone());
        if !is_workspace_name(&self.name) {
            return Err(unfit());
        }
        let tenant = TenantId::new(&self.name).map_err(|_| unfit())?;
        let space = tenant.space();
        let workspace = self.workspace(now, &mut new_id)?;
        let mut writes = vec![Write::Put {
            record: Box::new(bare(Workspace::key(&space), Some(&self.name), workspace.to_extra())),
            replaces: None,
        }];
        writes.extend(entry_write(&self.name));
        let preconditions =
            Preconditions { enterprise: self.enterprise, openid_connect: self.openid_connect };
        writes.push(Write::Put { record: Box::new(preconditions.record(&space)), replaces: None });
        let groups = registry.type_named(ROLE_KIND).ok_or(SetupError::Registry(ROLE_KIND))?;
        for role in &workspace.roles {
            let document = Map::from_iter([("displayName".to_owned(), json!(role.name))]);
            let subject = Subject {
                id: role.id.clone(),
                was: None,
                document: Document::from_canonical(document),
                visible: role.is_assignable(),
                name: Some(role.name.clone()),
                extra: Map::new(),
            };
            writes.extend(subject_writes(groups, &space, subject, true));
        }
        let catalogue = TeamCatalogue::new(workspace.teams.iter().cloned());
        let teams = workspace.teams.iter().map(|team| (TEAM_KIND, &team.id, catalogue.list_name(&team.name)));
        let regions =
            workspace.regions.iter().map(|region| (REGION_KIND, &region.id, region.name.as_str().into()));
        for (kind, id, name) in teams.chain(regions) {
            let record = bare(RecordKey::new(&space, kind, id), Some(&name), Map::new());
            writes.push(Write::Put { record: Box::new(record), replaces: None });
        }
        self.add_people(registry, &space, &workspace, known, &mut new_id, &mut writes)?;
        Ok(writes)
    }

    fn workspace(
        &self,
        now: DateTime<Utc>,
        new_id: &mut impl FnMut() -> String,
    ) -> Result<Workspace, SetupError> {
        unique("the role", self.roles.iter().map(|role| &role.name))?;
        unique("the team", &self.teams)?;
        unique("the absence region", &self.absence_regions)?;
        let roles: Vec<Role> = self
            .roles
            .iter()
            .enumerate()
            .map(|(at, role)| Role {
                id: new_id(),
                name: role.name.clone(),
                is_admin: role.kind == RoleKind::Admin,
                is_guest: role.kind == RoleKind::Guest,
                is_archived: role.kind == RoleKind::Archived,
                is_agent: role.kind == RoleKind::Agent,
                grants: Grants { write: role.write_grants, read: role.read_grants },
                // Older ones come first in the order of A-23, as they do in the description.
                created_on: now + TimeDelta::milliseconds(i64::try_from(at).unwrap_or(0)),
            })
            .collect();
        if roles.iter().filter(|role| role.is_admin).count() != 1 {
            return Err(SetupError::NoAdmin);
        }
        if roles.iter().filter(|role| role.is_guest).count() > 1 {
            return Err(SetupError::SeveralGuestRoles);
        }
        if let Some(name) = &self.default_absence_region
            && !self.absence_regions.contains(name)
        {
            return Err(SetupError::Unknown { what: "the absence region", name: name.clone() });
        }
        Ok(Workspace {
            name: self.name.clone(),
            language: self.language.clone(),
            subdomain: self.subdomain.clone(),
            german_variants_as_german: false,
            automatic_booking: self.automatic_booking,
            logins: Logins::default(),
            roles,
            teams: self.teams.iter().map(|name| Team { name: name.clone(), id: new_id() }).collect(),
            regions: self
                .absence_regions
                .iter()
                .map(|name| AbsenceRegion {
                    id: new_id(),
                    name: name.clone(),
                    is_default: self.default_absence_region.as_ref() == Some(name),
                })
                .collect(),
        })
    }

    fn add_people(
        &self,
        registry: &Registry,
        space: &Space,
        workspace: &Workspace,
        known: &BTreeMap<String, KnownAccount>,
        new_id: &mut impl FnMut() -> String,
        writes: &mut Vec<Write>,
    ) -> Result<(), SetupError> {
        let users = registry.type_named(USER_KIND).ok_or(SetupError::Registry(USER_KIND))?;
        let language = language_on_create(None, &workspace.language, workspace.german_variants()).value;
        let (mut thirds, mut active_admins) = (0, 0);
        for (at, person) in self.people.iter().enumerate() {
            person.check()?;
            if self.people[..at].iter().any(|other| is_same(&other.email, &person.email)) {
                return Err(SetupError::Twice { what: "the person", name: person.email.clone() });
            }
            let role = workspace.roles.iter().find(|role| role.name == person.role);
            let role =
                role.ok_or_else(|| SetupError::Unknown { what: "the role", name: person.role.clone() })?;
            let known = known.get(&fold(&person.email));
            let (id, new_account) = (new_id(), new_id());
            let account_id = known.map_or(&new_account, |known| &known.id);
            let document = person.document(language.as_str());
            let extra = [("account", json!(account_id)), ("wasActive", json!(person.active))];
            let is_person = person.kind == PersonKind::Person;
            let subject = Subject {
                id: id.clone(),
                was: None,
                name: display_name(&document),
                document,
                visible: is_person,
                extra: extra.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
            };
            writes.extend(subject_writes(users, space, subject, true));
            let link = |relation, kind: &str, owner: &str| {
                let (owner, member) = (RecordRef::new(kind, owner), RecordRef::new(USER_KIND, &id));
                Write::Link(LinkKey { space: space.clone(), relation, owner, member })
            };
            writes.push(link(ROLE, ROLE_KIND, &role.id));
            if let Some(region) = workspace.regions.iter().find(|region| region.is_default) {
                writes.push(link(REGION, REGION_KIND, &region.id));
            }
            let mut account = person.account(&self.name, &id, &mut *new_id);
            if let Some(known) = known {
                account = known.account.clone();
                account.memberships.push(Membership { workspace: self.name.clone(), user: id.clone() });
            } else {
                writes.push(write_login(&person.email, account_id));
            }
            writes.push(account.write(account_id, known.map(|known| known.version)));
            let weight = Weight::of(Some(role), person.active && is_person);
            thirds += weight.thirds;
            active_admins += weight.admins;
        }
        if active_admins == 0 {
            return Err(SetupError::NoAdmin);
        }
        let limit = Some(i64::from(self.seats) * 3);
        writes.push(Write::SetCounter(seats(space), Counter { value: thirds, floor: None, limit }));
        let floor = Some(1);
        writes.push(Write::SetCounter(admins(space), Counter { value: active_admins, floor, limit: None }));
        Ok(())
    }
}

fn unique<'n>(what: &'static str, names: impl IntoIterator<Item = &'n String>) -> Result<(), SetupError> {
    let mut seen = std::collections::BTreeSet::new();
    match names.into_iter().find(|name| !seen.insert(name.as_str())) {
        Some(name) => Err(SetupError::Twice { what, name: name.clone() }),
        None => Ok(()),
    }
}
