//! Why awork refuses a request, in words for the identity provider's admin (`domain.md` section 5).

mod reason;

use crate::attribute::Attribute;

/// A request that awork's rules do not allow.
///
/// Each refusal has its place in the table of error answers: [`status`](Self::status),
/// [`scim_type`](Self::scim_type) and [`awork_code`](Self::awork_code). Its text names the attribute, the
/// value and what to do (D-84), and ends with the awork code in brackets, to be searched for.
///
/// # Examples
///
/// ```
/// use scim_awork::AworkRefusal;
///
/// let refusal = AworkRefusal::UnknownTeams { names: vec!["design".into()] };
/// assert_eq!((refusal.status(), refusal.scim_type()), (400, Some("invalidValue")));
/// assert!(refusal.to_string().starts_with("teams: "));
/// assert!(refusal.to_string().ends_with(" (validation-failed)"));
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AworkRefusal {
    /// The token is missing, wrong or revoked.
    TokenRefused,
    /// The client application `API Access` is gone (D-39).
    ClientApplicationMissing,
    /// The workspace has no Enterprise subscription (D-10).
    PlanMissing,
    /// The workspace has no OpenID Connect single sign-on (D-11).
    SsoMissing,
    /// No seat is free and automatic booking is off (D-24).
    NoSeat {
        /// How many seats more the request needs.
        missing: u64,
    },
    /// No `userName` was sent, or an empty one.
    UserNameMissing,
    /// The `userName` is not an e-mail address (A-29).
    NotAnEmail {
        /// What was sent.
        sent: String,
    },
    /// A first or last name is missing or empty (A-40).
    NameMissing {
        /// Which name.
        attribute: Attribute,
    },
    /// A text is longer than awork can keep (A-54).
    TooLong {
        /// The attribute.
        attribute: Attribute,
        /// The attribute's path with its sub-attribute.
        path: &'static str,
        /// Characters sent.
        length: usize,
        /// Characters allowed.
        limit: usize,
    },
    /// Neither IANA nor Windows know the time zone (A-5).
    UnknownTimeZone {
        /// What was sent.
        sent: String,
    },
    /// The team list has names of no team (A-9).
    UnknownTeams {
        /// All of them, in the order sent.
        names: Vec<String>,
    },
    /// The team list has names that several teams share (A-13).
    AmbiguousTeams {
        /// All of them, in the order sent.
        names: Vec<String>,
    },
    /// No absence region has this name (D-63).
    UnknownRegion {
        /// What was sent.
        sent: String,
        /// A region whose name differs in case or blanks only.
        suggestion: Option<String>,
    },
    /// Several absence regions have this name.
    AmbiguousRegion {
        /// What was sent.
        sent: String,
    },
    /// No role has this name (A-15).
    UnknownRole {
        /// What was sent.
        sent: String,
        /// A role whose name differs in case or blanks only.
        suggestion: Option<String>,
    },
    /// Several roles have this name.
    AmbiguousRole {
        /// What was sent.
        sent: String,
    },
    /// The guest role cannot be assigned (D-67).
    GuestRole {
        /// The role's name.
        name: String,
    },
    /// An archived role cannot be newly assigned (A-21).
    ArchivedRole {
        /// The role's name.
        name: String,
    },
    /// A role for agents cannot be given to a person (A-21).
    AgentRole {
        /// The role's name.
        name: String,
    },
    /// The workspace has no role to fall back to but admin (A-23).
    NoDefaultRole,
    /// The country of an address is neither a code nor a plain English name (A-55).
    UnknownCountry {
        /// What was sent.
        sent: String,
    },
    /// A group's member is no user of the workspace (A-21).
    UnknownMember {
        /// The id that was sent.
        id: String,
    },
    /// A user with this `userName` is already in the workspace (A-28).
    UserExists {
        /// What was sent.
        user_name: String,
        /// Whether SCIM shows the user, so that a look-up finds them (A-44).
        is_shown: bool,
    },
    /// Another account has this e-mail (D-61).
    AccountEmailTaken {
        /// What was sent.
        email: String,
    },
    /// The person is in several workspaces, so SCIM may not change their login (D-60).
    SeveralWorkspaces {
        /// What was sent.
        email: String,
    },
    /// The workspace would be left without an active admin (D-33, D-70).
    LastAdmin {
        /// What the request would have done.
        loss: AdminLoss,
    },
    /// A group with the name of a role is to be created (A-50).
    RoleExists {
        /// The role's name.
        name: String,
    },
    /// A group is to be created (D-73, A-50).
    GroupCreated {
        /// Its name, as far as one was sent.
        name: Option<String>,
    },
    /// A group is to be deleted (D-73, A-50).
    GroupDeleted {
        /// The role's name.
        name: String,
    },
    /// A group is to be renamed by an explicit path (D-73, A-20).
    GroupRenamed {
        /// The role's name.
        name: String,
        /// What was sent.
        sent: String,
    },
    /// An Entra ID integration may not write groups (D-50).
    GroupsWithEntra,
    /// There is no such resource in this workspace.
    NotFound {
        /// The resource type, such as `User`.
        resource: &'static str,
        /// The id that was asked for.
        id: String,
    },
}

/// How a workspace would lose its last active admin (A-27).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum AdminLoss {
    /// The user would be deactivated.
    Deactivate,
    /// The user would get another role.
    Demote,
    /// The user would go from the group of the admin role, or move to another one.
    Leave,
    /// The user would be deleted.
    Delete,
}

const INVALID_VALUE: Option<&str> = Some("invalidValue");
const MUTABILITY: Option<&str> = Some("mutability");
const UNIQUENESS: Option<&str> = Some("uniqueness");

impl AworkRefusal {
    /// Gives the HTTP status of the answer.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.answer().0
    }

    /// Gives the `scimType` of the answer, where RFC 7644 has one that fits.
    #[must_use]
    pub const fn scim_type(&self) -> Option<&'static str> {
        self.answer().1
    }

    /// Gives awork's own code for the fault, such as `insufficient-seats`.
    #[must_use]
    pub const fn awork_code(&self) -> &'static str {
        self.answer().2
    }

    /// The table of error answers. No `_` arm: a new refusal has to be given its place here.
    const fn answer(&self) -> (u16, Option<&'static str>, &'static str) {
        match self {
            Self::TokenRefused | Self::ClientApplicationMissing => (401, None, "unauthorized"),
            Self::PlanMissing => (403, None, "insufficient-subscription-level"),
            Self::SsoMissing => (403, None, "invalid-operation"),
            Self::NoSeat { .. } => (400, None, "insufficient-seats"),
            Self::UserNameMissing
            | Self::NotAnEmail { .. }
            | Self::NameMissing { .. }
            | Self::TooLong { .. }
            | Self::UnknownTimeZone { .. }
            | Self::UnknownTeams { .. }
            | Self::AmbiguousTeams { .. }
            | Self::UnknownRegion { .. }
            | Self::AmbiguousRegion { .. }
            | Self::UnknownRole { .. }
            | Self::AmbiguousRole { .. }
            | Self::GuestRole { .. }
            | Self::ArchivedRole { .. }
            | Self::AgentRole { .. }
            | Self::NoDefaultRole
            | Self::UnknownCountry { .. }
            | Self::UnknownMember { .. } => (400, INVALID_VALUE, "validation-failed"),
            Self::UserExists { .. } | Self::RoleExists { .. } => (409, UNIQUENESS, "already-exist-error"),
            Self::AccountEmailTaken { .. } => (409, UNIQUENESS, "duplication-violation"),
            Self::SeveralWorkspaces { .. } => (400, MUTABILITY, "illegal-property-transition"),
            Self::LastAdmin { .. } | Self::GroupRenamed { .. } => (400, MUTABILITY, "invalid-operation"),
            Self::GroupCreated { .. } | Self::GroupDeleted { .. } | Self::GroupsWithEntra => {
                (403, None, "invalid-operation")
            }
            Self::NotFound { .. } => (404, None, "not-found"),
        }
    }

    /// Tells whether a deactivation in the same request goes through in spite of this fault (A-42).
    ///
    /// True for optional values that are wrong: teams, region, role, time zone, country, and too long a
    /// text of an optional attribute; and for a login that the person cannot have, which depends on others
    /// and not on the request. The fault is then logged as a warning and its attribute left alone. What is
    /// required and missing or misshapen is refused all the same.
    #[must_use]
    pub const fn yields_to_deactivation(&self) -> bool {
        match self {
            Self::TooLong { attribute, .. } => !attribute.is_required(),
            Self::UnknownTimeZone { .. }
            | Self::UnknownTeams { .. }
            | Self::AmbiguousTeams { .. }
            | Self::UnknownRegion { .. }
            | Self::AmbiguousRegion { .. }
            | Self::UnknownRole { .. }
            | Self::AmbiguousRole { .. }
            | Self::GuestRole { .. }
            | Self::ArchivedRole { .. }
            | Self::AgentRole { .. }
            | Self::NoDefaultRole
            | Self::UnknownCountry { .. }
            | Self::AccountEmailTaken { .. }
            | Self::SeveralWorkspaces { .. } => true,
            Self::TokenRefused
            | Self::ClientApplicationMissing
            | Self::PlanMissing
            | Self::SsoMissing
            | Self::NoSeat { .. }
            | Self::UserNameMissing
            | Self::NotAnEmail { .. }
            | Self::NameMissing { .. }
            | Self::UnknownMember { .. }
            | Self::UserExists { .. }
            | Self::LastAdmin { .. }
            | Self::RoleExists { .. }
            | Self::GroupCreated { .. }
            | Self::GroupDeleted { .. }
            | Self::GroupRenamed { .. }
            | Self::GroupsWithEntra
            | Self::NotFound { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests;
