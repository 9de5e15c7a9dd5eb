//! What a refusal says: attribute, value, what to do, and the code to search for (D-84).

use std::fmt;

use super::{AdminLoss, AworkRefusal};
use crate::attribute::Attribute;
use crate::shown::{Shown, ShownList};
use crate::workspace::ROLE_KIND;

impl fmt::Display for AworkRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason(f)?;
        write!(f, " ({})", self.awork_code())
    }
}

impl AworkRefusal {
    /// Writes what is wrong and what to do, without the code.
    fn reason(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TokenRefused => f.write_str(
                "the bearer token is missing, wrong or no longer valid: copy the current token from \
                 awork's SCIM integration into the identity provider, or generate a new one there",
            ),
            Self::ClientApplicationMissing => f.write_str(
                "the client application `API Access` of this SCIM integration is missing in awork: delete \
                 the integration, set it up again and use its new token; users stay as they are",
            ),
            Self::PlanMissing => f.write_str(
                "SCIM needs an active Enterprise subscription of the awork workspace: ask an awork admin \
                 to renew it",
            ),
            Self::SsoMissing => f.write_str(
                "SCIM needs single sign-on with OpenID Connect in the awork workspace (SAML does not \
                 count): ask an awork admin to set it up",
            ),
            Self::NoSeat { missing } => write!(
                f,
                "active: no free seat in awork, {missing} more needed: book seats, deactivate another \
                 user, or allow automatic user bookings via SCIM in the workspace settings"
            ),
            Self::UserNameMissing => {
                f.write_str("userName: a value is missing: send the e-mail address the person signs in with")
            }
            Self::NotAnEmail { sent } => write!(
                f,
                "userName: {} is not an e-mail address of at most 254 characters: map userName to the \
                 e-mail address the person signs in with",
                Shown(sent)
            ),
            Self::NameMissing { attribute } => {
                write!(
                    f,
                    "{attribute}: a value is missing: awork needs the first and the last name of every user"
                )
            }
            Self::TooLong { attribute: _, path, length, limit } => write!(
                f,
                "{path}: the value has {length} characters, awork keeps at most {limit}: shorten it in \
                 the identity provider"
            ),
            Self::UnknownTimeZone { sent } => write!(
                f,
                "timezone: {} is not a time zone awork knows: send an IANA name such as `Europe/Berlin`",
                Shown(sent)
            ),
            Self::UnknownTeams { names } => write!(
                f,
                "teams: no team in awork is named {}: create it there or correct the list; names are \
                 compared exactly, upper and lower case included",
                ShownList(names)
            ),
            Self::AmbiguousTeams { names } => write!(
                f,
                "teams: ambiguous, several teams in awork are named {}: rename all but one of them there",
                ShownList(names)
            ),
            Self::UnknownRegion { sent, suggestion } => {
                unknown(f, Attribute::AbsenceRegion, "absence region", sent, suggestion.as_deref())
            }
            Self::AmbiguousRegion { sent } => write!(
                f,
                "absenceRegion: ambiguous, several absence regions in awork are named {}: rename all but \
                 one of them there",
                Shown(sent)
            ),
            Self::UnknownRole { sent, suggestion } => {
                unknown(f, Attribute::UserRole, "role", sent, suggestion.as_deref())
            }
            Self::AmbiguousRole { sent } => write!(
                f,
                "userRole: ambiguous, several roles in awork are named {}: rename all but one of them \
                 there",
                Shown(sent)
            ),
            Self::GuestRole { name } => write!(
                f,
                "userRole: {} is the guest role, which SCIM cannot assign: send another role",
                Shown(name)
            ),
            Self::ArchivedRole { name } => write!(
                f,
                "userRole: the role {} is archived and cannot be newly assigned: send another role, or \
                 bring it back in awork",
                Shown(name)
            ),
            Self::AgentRole { name } => write!(
                f,
                "userRole: the role {} is for agents and cannot be given to a person: send another role",
                Shown(name)
            ),
            Self::NoDefaultRole => f.write_str(
                "userRole: a value is missing and the workspace has no role to fall back to but admin, \
                 which is never given by default: send a role, or create one in awork",
            ),
            Self::UnknownCountry { sent } => write!(
                f,
                "addresses.country: {} is not a country awork knows: send the code of two letters of ISO \
                 3166-1, such as `DE`",
                Shown(sent)
            ),
            Self::UnknownMember { id } => write!(
                f,
                "members: {} is the id of no user in this workspace: provision the user first, then \
                 assign the role",
                Shown(id)
            ),
            Self::UserExists { user_name, is_shown: false } => write!(
                f,
                "userName: {} belongs to a user of this workspace that SCIM does not manage, such as an \
                 archived, external or technical one: bring the user back or delete it in awork, or send \
                 another e-mail",
                Shown(user_name)
            ),
            Self::UserExists { user_name, is_shown: true } => write!(
                f,
                "userName: a user {} is already in this workspace: look it up with a filter on userName \
                 and update it",
                Shown(user_name)
            ),
            Self::AccountEmailTaken { email } => write!(
                f,
                "userName: another awork account has the e-mail {}: send another one, or free it by \
                 deleting the user of that account in awork",
                Shown(email)
            ),
            Self::SeveralWorkspaces { email } => write!(
                f,
                "userName: cannot be changed to {} here, because the person is in several awork \
                 workspaces: they have to change the e-mail themselves in their awork profile",
                Shown(email)
            ),
            Self::LastAdmin { loss } => write!(
                f,
                "{}: this is the last active admin of the workspace and cannot be {}: make another user \
                 admin first",
                match loss {
                    AdminLoss::Deactivate => "active",
                    AdminLoss::Demote => Attribute::UserRole.path(),
                    AdminLoss::Leave => "members",
                    AdminLoss::Delete => "id",
                },
                loss.verb()
            ),
            Self::RoleExists { name } => write!(
                f,
                "displayName: groups are awork roles, and the role {} exists: look it up with a filter on \
                 displayName and link it",
                Shown(name)
            ),
            Self::GroupCreated { name } => {
                f.write_str("displayName: groups are awork roles")?;
                if let Some(name) = name {
                    write!(f, ", and none that SCIM assigns is named {}", Shown(name))?;
                }
                f.write_str(
                    "; SCIM cannot create roles: create one in awork's settings for roles, then link it",
                )
            }
            Self::GroupDeleted { name } => write!(
                f,
                "id: groups are awork roles; SCIM cannot delete the role {}: delete it in awork's \
                 settings for roles",
                Shown(name)
            ),
            Self::GroupRenamed { name, sent } => write!(
                f,
                "displayName: groups are awork roles; SCIM cannot rename the role {} to {}: rename it in \
                 awork's settings for roles",
                Shown(name),
                Shown(sent)
            ),
            Self::GroupsWithEntra => f.write_str(
                "members: awork does not support groups with Entra ID: switch group provisioning off \
                 there and map the extension attribute userRole instead",
            ),
            // Nobody can create a role by SCIM, so it is no advice (D-73).
            Self::NotFound { resource: ROLE_KIND, id } => write!(
                f,
                "id: there is no {ROLE_KIND} {} in this workspace: groups are awork roles, so read them again",
                Shown(id)
            ),
            Self::NotFound { resource, id } => write!(
                f,
                "id: there is no {resource} {} in this workspace: look it up again, or create it",
                Shown(id)
            ),
        }
    }
}

impl AdminLoss {
    const fn verb(self) -> &'static str {
        match self {
            Self::Deactivate => "deactivated",
            Self::Demote | Self::Leave => "given another role",
            Self::Delete => "deleted",
        }
    }
}

fn unknown(
    f: &mut fmt::Formatter<'_>,
    attribute: Attribute,
    noun: &str,
    sent: &str,
    suggestion: Option<&str>,
) -> fmt::Result {
    write!(f, "{attribute}: no {noun} in awork is named {}", Shown(sent))?;
    match suggestion {
        Some(name) => write!(f, ", did you mean {}? Names", Shown(name))?,
        None => write!(f, ": send the name of an existing {noun}; names")?,
    }
    f.write_str(" are compared exactly, upper and lower case included")
}
