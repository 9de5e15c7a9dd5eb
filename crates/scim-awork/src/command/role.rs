//! Roles: made, renamed, archived and deleted in awork and never by SCIM (D-73). The admin and the guest role
//! stay as they are, and whoever holds a role that goes gets another one (D-69, D-70).

use scim_engine::Outcome;
use scim_engine::store::{Guard, OnLimit, Stream, Write};

use super::AworkCommand;
use super::catalogue::{catalogue_writes, move_holders, target};
use super::desk::{Desk, Done, Halt};
use super::names::{check_free, check_new_name, find};
use super::refusal::{CommandRefusal, Thing};
use crate::event::{AworkEvent, Changed, Operation};
use crate::role::{Grants, Role};
use crate::rules::{Weight, is_active};
use crate::workspace::{ROLE, ROLE_KIND, USER_KIND, Workspace, admins};

/// Makes a role.
#[derive(Clone, Debug)]
pub struct CreateRole {
    /// The name.
    pub name: String,
    /// How much it permits.
    pub grants: Grants,
}

impl AworkCommand for CreateRole {
    type Output = Role;

    const OPERATION: &'static str = "role.create";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Role>, Halt> {
        let (before, version) = desk.workspace()?;
        let name = check_new_name(Thing::Role, &self.name)?.to_owned();
        check_free(&name, &before.roles, None)?;
        let context = desk.scene.context;
        let role = Role {
            id: context.new_id.clone(),
            name,
            is_admin: false,
            is_guest: false,
            is_archived: false,
            is_agent: false,
            grants: self.grants,
            created_on: chrono::DateTime::from_timestamp_millis(context.now).unwrap_or_default(),
        };
        let mut after = before.clone();
        after.roles.push(role.clone());
        let writes = catalogue_writes(desk, &before, version, &after)?;
        Ok(Done::written(writes, role, (ROLE_KIND, &context.new_id)))
    }
}

/// Changes one role that is neither the admin nor the guest role.
fn change(desk: &Desk<'_>, named: &str, edit: impl FnOnce(&mut Role)) -> Result<Done<Role>, Halt> {
    let (before, version) = desk.workspace()?;
    let at = find(named, &before.roles)?;
    let was = check_ordinary(&before, at)?;
    let mut after = before.clone();
    edit(&mut after.roles[at]);
    let role = after.roles[at].clone();
    if role == *was {
        return Ok(Done::seen(role));
    }
    check_free(&role.name, &before.roles, Some(&role.id))?;
    let writes = catalogue_writes(desk, &before, version, &after)?;
    Ok(Done::written(writes, role, (ROLE_KIND, &was.id)))
}

fn check_ordinary(workspace: &Workspace, at: usize) -> Result<&Role, CommandRefusal> {
    let role = &workspace.roles[at];
    if role.is_admin || role.is_guest {
        return Err(CommandRefusal::FixedRole { name: role.name.clone() });
    }
    Ok(role)
}

/// Renames a role; who holds it keeps it, and what maps to its id still works (D-75).
#[derive(Clone, Debug)]
pub struct RenameRole {
    /// Id or name.
    pub role: String,
    /// The new name.
    pub name: String,
}

impl AworkCommand for RenameRole {
    type Output = Role;

    const OPERATION: &'static str = "role.rename";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Role>, Halt> {
        let name = check_new_name(Thing::Role, &self.name)?;
        change(desk, &self.role, |role| name.clone_into(&mut role.name))
    }
}

/// Changes how much a role permits, which decides about the default role.
#[derive(Clone, Debug)]
pub struct SetGrants {
    /// Id or name.
    pub role: String,
    /// Permissions to change something; none leaves them.
    pub write: Option<u32>,
    /// Permissions to see something; none leaves them.
    pub read: Option<u32>,
}

impl AworkCommand for SetGrants {
    type Output = Role;

    const OPERATION: &'static str = "role.grants";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Role>, Halt> {
        change(desk, &self.role, |role| {
            let Grants { write, read } = role.grants;
            role.grants = Grants { write: self.write.unwrap_or(write), read: self.read.unwrap_or(read) };
        })
    }
}

/// Archives a role, or brings it back: who holds an archived one keeps it, and nobody else gets it.
#[derive(Clone, Debug)]
pub struct ArchiveRole {
    /// Id or name.
    pub role: String,
    /// Whether it is to be archived.
    pub archived: bool,
}

impl AworkCommand for ArchiveRole {
    type Output = Role;

    const OPERATION: &'static str = "role.archive";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Role>, Halt> {
        change(desk, &self.role, |role| role.is_archived = self.archived)
    }
}

/// Deletes a role; its users get another one.
#[derive(Clone, Debug)]
pub struct DeleteRole {
    /// Id or name.
    pub role: String,
    /// Id or name of the one that its users get; needed where there are any.
    pub target: Option<String>,
}

impl AworkCommand for DeleteRole {
    type Output = Role;

    const OPERATION: &'static str = "role.delete";
    const KIND: Option<&'static str> = Some(ROLE_KIND);

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Role>, Halt> {
        let (before, version) = desk.workspace()?;
        let at = find(&self.role, &before.roles)?;
        let role = check_ordinary(&before, at)?.clone();
        let holders = desk.holders(ROLE, ROLE_KIND, &role.id)?;
        let target = target(&role, &before.roles, self.target.as_deref(), holders.len())?;
        if let Some(target) = target.filter(|target| !target.is_assignable()) {
            return Err(CommandRefusal::UnfitTarget { name: target.name.clone() }.into());
        }
        let id = target.map_or("", |target| target.id.as_str());
        let (moves, guard) = move_holders(desk, ROLE, ROLE_KIND, (&role.id, id))?;
        let mut after = before.clone();
        after.roles.remove(at);
        let mut writes = catalogue_writes(desk, &before, version, &after)?;
        writes.extend(moves);
        let mut guards = vec![guard];
        // Only the admin role weighs otherwise than the one that goes (D-70).
        if let Some(target) = target.filter(|target| target.is_admin) {
            let people = desk.all(|lookup| {
                holders.iter().map(|end| lookup.record(desk.key(USER_KIND, &end.id))).collect::<Vec<_>>()
            })?;
            let mut by = 0;
            for person in people.into_iter().flatten() {
                let active = person.visible && is_active(&person.document);
                by += Weight::of(Some(target), active).admins;
                guards.push(Guard::Version(person.key.clone(), Some(person.version)));
            }
            if by != 0 {
                writes.push(Write::Add { counter: admins(desk.scene.space), by, on_limit: OnLimit::Refuse });
            }
        }
        let people: Vec<String> = holders.iter().map(|end| end.id.clone()).collect();
        let record = desk.record(desk.key(ROLE_KIND, &role.id))?.ok_or_else(Halt::damaged)?;
        let gone = role.id.clone();
        let mut done = Done::written(writes, role, (ROLE_KIND, &gone)).guarded(guards);
        if !people.is_empty() {
            let trace_id = desk.scene.context.trace_id.clone();
            let news = Changed { operation: Operation::Assign, people, activation: None, trace_id };
            done.decision.events.push((Stream::Outbox, AworkEvent::Changed(news).to_body()));
        }
        done.decision.outcome = Outcome::Deleted(Box::new(record.clone()));
        Ok(done)
    }
}
