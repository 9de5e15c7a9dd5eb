//! Roles: found by exact name, never the guest role, always exactly one (D-63, D-66 to D-73).

use chrono::{DateTime, Utc};

use serde::{Deserialize, Serialize};

use crate::attribute::Attribute;
use crate::client_text::is_empty_text;
use crate::exact_name::near_miss;
use crate::refusal::AworkRefusal;
use crate::warning::{AworkWarning, Warned};

/// A role of the workspace.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize, Serialize)]
pub struct Role {
    /// The id, to which assignments are bound (D-75).
    pub id: String,
    /// The name, which SCIM sends and shows.
    pub name: String,
    /// The one admin role.
    pub is_admin: bool,
    /// The one guest role, if the workspace has it.
    pub is_guest: bool,
    /// Kept by those who hold it, not to be given any more.
    pub is_archived: bool,
    /// For agents, not for people.
    pub is_agent: bool,
    /// What it permits, counted.
    pub grants: Grants,
    /// When it was created.
    pub created_on: DateTime<Utc>,
}

/// How many permissions a role has.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq, Deserialize, Serialize)]
pub struct Grants {
    /// Permissions to change something.
    pub write: u32,
    /// Permissions to see something.
    pub read: u32,
}

/// What a request does to the role of an existing user.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RoleDecision<'r> {
    /// The role stays.
    Keep,
    /// The user gets this role in place of the old one (D-77).
    Assign(&'r Role),
}

impl Role {
    /// Tells whether SCIM lists the role as a group and can give it to a person (D-45, D-67, A-21).
    #[must_use]
    pub const fn is_assignable(&self) -> bool {
        !(self.is_guest || self.is_archived || self.is_agent)
    }
}

/// Finds the role with exactly this name, to assign it (D-63, D-67, A-15).
///
/// # Errors
///
/// Returns [`AworkRefusal::UnknownRole`], with a suggestion when only case or blanks differ;
/// [`AworkRefusal::AmbiguousRole`]; or, when the only roles of that name cannot be assigned,
/// [`AworkRefusal::GuestRole`], [`AworkRefusal::ArchivedRole`] or [`AworkRefusal::AgentRole`].
pub fn find_role<'r>(name: &str, roles: &'r [Role]) -> Result<&'r Role, AworkRefusal> {
    let named = || roles.iter().filter(|role| role.name == name);
    let mut assignable = named().filter(|role| role.is_assignable());
    match (assignable.next(), assignable.next()) {
        (Some(role), None) => return Ok(role),
        (Some(_), Some(_)) => return Err(AworkRefusal::AmbiguousRole { sent: name.to_owned() }),
        (None, _) => {}
    }
    let name = name.to_owned();
    Err(if named().any(|role| role.is_guest) {
        AworkRefusal::GuestRole { name }
    } else if named().any(|role| role.is_archived) {
        AworkRefusal::ArchivedRole { name }
    } else if named().any(|role| role.is_agent) {
        AworkRefusal::AgentRole { name }
    } else {
        let listed = roles.iter().filter(|role| role.is_assignable()).map(|role| role.name.as_str());
        AworkRefusal::UnknownRole { suggestion: near_miss(&name, listed), sent: name }
    })
}

/// Finds the role that `/Groups/{id}` shows (D-45, A-21).
///
/// # Errors
///
/// Returns [`AworkRefusal::NotFound`] for an unknown id, and for guest, archived and agent roles.
pub fn find_listed_role<'r>(id: &str, roles: &'r [Role]) -> Result<&'r Role, AworkRefusal> {
    roles
        .iter()
        .find(|role| role.id == id && role.is_assignable())
        .ok_or_else(|| AworkRefusal::NotFound { resource: "Group", id: id.to_owned() })
}

/// Finds the role with the fewest permissions, which users without another get (D-71, A-23).
///
/// Fewest write permissions first, then fewest read permissions, then the oldest, then by id. Never the admin
/// role, and never one that cannot be assigned.
///
/// # Errors
///
/// Returns [`AworkRefusal::NoDefaultRole`] when no such role is left.
pub fn default_role(roles: &[Role]) -> Result<&Role, AworkRefusal> {
    roles
        .iter()
        .filter(|role| role.is_assignable() && !role.is_admin)
        .min_by_key(|role| (role.grants.write, role.grants.read, role.created_on, role.id.as_str()))
        .ok_or(AworkRefusal::NoDefaultRole)
}

/// Decides the role of a new user: the one named, else the default (D-71, A-15, A-17).
///
/// # Errors
///
/// As [`find_role`]: a name that is wrong gives no silent default; and as [`default_role`].
pub fn role_on_create<'r>(sent: Option<&str>, roles: &'r [Role]) -> Result<&'r Role, AworkRefusal> {
    match sent.filter(|name| !is_empty_text(name)) {
        Some(name) => find_role(name, roles),
        None => default_role(roles),
    }
}

/// Decides the role of an existing user whose `userRole` the request names; `None` is null or a removal.
///
/// A role cannot be removed: empty text, null and a removal keep it, with a warning. The name of
/// the role the user has keeps it too, even of a guest or archived role.
///
/// # Errors
///
/// As [`find_role`].
pub fn role_on_update<'r>(
    sent: Option<&str>,
    current: &Role,
    roles: &'r [Role],
) -> Result<Warned<RoleDecision<'r>>, AworkRefusal> {
    match sent.filter(|name| !is_empty_text(name)) {
        None => {
            let warning = AworkWarning::NotRemovable { attribute: Attribute::UserRole };
            Ok(Warned::with(RoleDecision::Keep, warning))
        }
        Some(name) if name == current.name => Ok(Warned::quiet(RoleDecision::Keep)),
        Some(name) => Ok(Warned::quiet(RoleDecision::Assign(find_role(name, roles)?))),
    }
}

/// Decides the role of a user who is removed from a group (D-69, A-18).
///
/// From the group of their role they fall back to the default role, unless it is that one already; from
/// another group nothing changes.
///
/// # Errors
///
/// As [`default_role`].
pub fn role_after_removal<'r>(
    removed_from: &str,
    current: &Role,
    roles: &'r [Role],
) -> Result<RoleDecision<'r>, AworkRefusal> {
    if current.id != removed_from {
        return Ok(RoleDecision::Keep);
    }
    let fallback = default_role(roles)?;
    Ok(if fallback.id == current.id { RoleDecision::Keep } else { RoleDecision::Assign(fallback) })
}

#[cfg(test)]
mod tests;
