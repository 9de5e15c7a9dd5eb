//! Workspaces: made and shown.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde::Serialize;

use super::AworkCommand;
use super::desk::{Desk, Done, Halt};
use super::refusal::CommandRefusal;
use super::seats::{SeatsView, ask_seats};
use super::settings::{check_language, check_subdomain};
use crate::absence_region::AbsenceRegion;
use crate::account::{Account, account_key, account_of, fold, login_key};
use crate::logins::Logins;
use crate::preconditions::Preconditions;
use crate::role::Role;
use crate::setup::{KnownAccount, PersonKind, PersonSetup, RoleKind, RoleSetup, WorkspaceSetup};
use crate::teams::Team;
use crate::workspace::Workspace;

/// Makes a workspace.
#[derive(Clone, Debug)]
pub struct CreateWorkspace {
    setup: WorkspaceSetup,
    ids: Vec<String>,
}

/// A workspace to be made with awork's preset roles: admin, user and guest.
#[derive(Clone, Debug)]
pub struct NewWorkspace {
    /// The name, which tokens, logs and commands name it by.
    pub name: String,
    /// The language.
    pub language: String,
    /// The label before `awork.com`.
    pub subdomain: Option<String>,
    /// How many seats are booked.
    pub seats: u32,
    /// Whether provisioning may book more (D-23).
    pub automatic_booking: bool,
    /// Whether it has an active Enterprise subscription (D-10).
    pub enterprise: bool,
    /// Whether it has single sign-on with OpenID Connect (D-11).
    pub openid_connect: bool,
    /// The account e-mail of its first admin.
    pub admin_email: String,
    /// The admin's first name.
    pub admin_given_name: String,
    /// The admin's last name.
    pub admin_family_name: String,
}

impl NewWorkspace {
    /// The workspace as a file would describe it.
    ///
    /// # Errors
    ///
    /// Returns a [`CommandRefusal`] where language or subdomain do not fit.
    pub fn setup(self) -> Result<WorkspaceSetup, CommandRefusal> {
        let role = |name: &str, kind, write_grants, read_grants| RoleSetup {
            name: name.to_owned(),
            kind,
            write_grants,
            read_grants,
        };
        let admin = PersonSetup {
            email: self.admin_email,
            given_name: self.admin_given_name,
            family_name: self.admin_family_name,
            role: "Admin".to_owned(),
            kind: PersonKind::Person,
            active: true,
            other_workspaces: Vec::new(),
        };
        Ok(WorkspaceSetup {
            language: check_language(&self.language)?,
            subdomain: self.subdomain.as_deref().map(check_subdomain).transpose()?.flatten(),
            name: self.name,
            seats: self.seats,
            automatic_booking: self.automatic_booking,
            enterprise: self.enterprise,
            openid_connect: self.openid_connect,
            roles: vec![
                role("Admin", RoleKind::Admin, 40, 40),
                role("User", RoleKind::Ordinary, 10, 20),
                role("Guest", RoleKind::Guest, 0, 2),
            ],
            teams: Vec::new(),
            absence_regions: Vec::new(),
            default_absence_region: None,
            people: vec![admin],
        })
    }
}

impl CreateWorkspace {
    /// Makes the workspace so described; `new_id` gives an id for each of its things.
    #[must_use]
    pub fn new(setup: WorkspaceSetup, new_id: impl FnMut() -> String) -> Self {
        let people = setup.people.iter().map(|person| 2 + person.other_workspaces.len()).sum::<usize>();
        let count = setup.roles.len() + setup.teams.len() + setup.absence_regions.len() + people;
        Self { setup, ids: std::iter::repeat_with(new_id).take(count).collect() }
    }
}

impl AworkCommand for CreateWorkspace {
    type Output = ();

    const OPERATION: &'static str = "workspace.create";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<()>, Halt> {
        let name = &self.setup.name;
        if desk.record(Workspace::key(desk.scene.space))?.is_some() {
            return Err(CommandRefusal::WorkspaceExists { name: name.clone() }.into());
        }
        let known = self.known_accounts(desk)?;
        let now = DateTime::from_timestamp_millis(desk.scene.context.now).unwrap_or_default();
        let mut ids = self.ids.iter();
        let new_id = || ids.next().cloned().unwrap_or_default();
        let writes = self.setup.writes(desk.scene.registry, now, new_id, &known);
        let writes = writes.map_err(|error| CommandRefusal::UnfitWorkspace { reason: error.to_string() })?;
        Ok(Done::written(writes, (), ("Workspace", name)))
    }
}

impl CreateWorkspace {
    /// D-19: the accounts that people of the workspace have already.
    fn known_accounts(&self, desk: &Desk<'_>) -> Result<BTreeMap<String, KnownAccount>, Halt> {
        let emails = || self.setup.people.iter().map(|person| person.email.trim());
        let logins = desk.all(|lookup| {
            emails().map(|email| (fold(email), lookup.record(login_key(email)))).collect::<Vec<_>>()
        })?;
        let ids = logins.into_iter().filter_map(|(email, login)| Some((email, account_of(login?)?)));
        let records = desk.all(|lookup| {
            ids.map(|(email, id)| (email, id, lookup.record(account_key(id)))).collect::<Vec<_>>()
        })?;
        records
            .into_iter()
            .map(|(email, id, record)| {
                let record = record.ok_or_else(Halt::damaged)?;
                let account = Account::of(record).ok_or_else(Halt::damaged)?;
                Ok((email, KnownAccount { id: id.to_owned(), version: record.version, account }))
            })
            .collect()
    }
}

/// Shows a workspace.
#[derive(Clone, Copy, Debug)]
pub struct ShowWorkspace;

/// A workspace as its admins see it.
#[derive(Clone, Debug, Serialize)]
pub struct WorkspaceView {
    /// The name.
    pub name: String,
    /// The language.
    pub language: String,
    /// The label before `awork.com`.
    pub subdomain: Option<String>,
    /// Whether variants of German count as German.
    pub german_variants_as_german: bool,
    /// Whether provisioning may book seats.
    pub automatic_booking: bool,
    /// The ways people may sign in.
    pub logins: Logins,
    /// Whether it has an active Enterprise subscription.
    pub enterprise: bool,
    /// Whether it has single sign-on with OpenID Connect.
    pub openid_connect: bool,
    /// The seats.
    pub seats: SeatsView,
    /// The roles.
    pub roles: Vec<Role>,
    /// The teams.
    pub teams: Vec<Team>,
    /// The absence regions.
    pub absence_regions: Vec<AbsenceRegion>,
}

impl AworkCommand for ShowWorkspace {
    type Output = WorkspaceView;

    const OPERATION: &'static str = "workspace.show";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<WorkspaceView>, Halt> {
        let space = desk.scene.space;
        let (preconditions, seats) =
            desk.all(|lookup| (lookup.record(Preconditions::key(space)), ask_seats(space, lookup)))?;
        let (workspace, _) = desk.workspace()?;
        let preconditions = preconditions.and_then(Preconditions::of);
        let seats = SeatsView::read(space, seats)?;
        Ok(Done::seen(WorkspaceView {
            name: workspace.name,
            language: workspace.language,
            subdomain: workspace.subdomain,
            german_variants_as_german: workspace.german_variants_as_german,
            automatic_booking: workspace.automatic_booking,
            logins: workspace.logins,
            enterprise: preconditions.is_some_and(|known| known.enterprise),
            openid_connect: preconditions.is_some_and(|known| known.openid_connect),
            seats,
            roles: workspace.roles,
            teams: workspace.teams,
            absence_regions: workspace.regions,
        }))
    }
}
