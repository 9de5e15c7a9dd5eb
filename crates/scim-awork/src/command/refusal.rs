//! Why awork refuses a command, in words for the admin who gives it.

use std::fmt;

use scim_core::{Problem, ScimType};

use crate::shown::Shown;

/// A command that awork does not carry out.
///
/// Like a refusal of a request it has its place in the table of error answers, says what to do, and ends
/// with awork's code in brackets.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CommandRefusal {
    /// There is no such workspace.
    WorkspaceMissing {
        /// Its name.
        name: String,
    },
    /// There is a workspace of that name.
    WorkspaceExists {
        /// The name.
        name: String,
    },
    /// A workspace cannot be set up as it is described.
    UnfitWorkspace {
        /// What is wrong.
        reason: String,
    },
    /// Who commands is no active admin of the workspace (D-23, D-35).
    NoAdmin {
        /// Who it is.
        named: String,
    },
    /// There is no such role, team or region.
    Missing {
        /// What it is.
        thing: Thing,
        /// The id or name.
        named: String,
        /// One whose name differs in case or blanks only.
        suggestion: Option<String>,
    },
    /// Several have this name.
    Ambiguous {
        /// What they are.
        thing: Thing,
        /// The name.
        named: String,
    },
    /// Another one has this name.
    NameTaken {
        /// What it is.
        thing: Thing,
        /// The name.
        name: String,
    },
    /// A name is empty, too long, or holds control characters.
    UnfitName {
        /// What it is for.
        thing: Thing,
        /// The name.
        name: String,
    },
    /// The admin and the guest role stay as they are.
    FixedRole {
        /// The role.
        name: String,
    },
    /// A role that people cannot be moved to.
    UnfitTarget {
        /// The role.
        name: String,
    },
    /// What is deleted has users, and nothing says where they go.
    TargetMissing {
        /// What it is.
        thing: Thing,
        /// Its name.
        name: String,
        /// How many users there are.
        holders: usize,
    },
    /// What is deleted has more users than one commit moves.
    TooManyHolders {
        /// How many it moves.
        most: usize,
    },
    /// The language is none of awork's.
    UnknownLanguage {
        /// What was sent.
        sent: String,
    },
    /// The subdomain is no label of a domain name.
    UnfitSubdomain {
        /// What was sent.
        sent: String,
    },
    /// There is no such user.
    UserMissing {
        /// The id or e-mail.
        named: String,
    },
    /// The user is no person of the workspace.
    NoPerson {
        /// The id or e-mail.
        named: String,
    },
    /// More seats are in use than are to be booked.
    SeatsInUse {
        /// How many are in use.
        used: i64,
    },
    /// The workspace has no SCIM integration.
    NoIntegration,
    /// The workspace has a SCIM integration already.
    IntegrationExists,
    /// The token is in use already.
    TokenTaken,
    /// The client application is missing, so no token can be made (D-39, D-40).
    ClientMissing,
    /// There is no such client application.
    NoClient {
        /// The id or name.
        named: String,
    },
    /// The client application of SCIM must stay as it is (D-39, A-47).
    ClientFixed,
    /// There is no such dead letter.
    LetterMissing {
        /// The id.
        named: String,
    },
    /// The reason for giving a dead letter up is empty or too long.
    UnfitReason {
        /// How many characters it may have.
        most: usize,
    },
    /// What is stored contradicts itself.
    Damaged,
}

/// What a name is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Thing {
    /// A role.
    Role,
    /// A team.
    Team,
    /// An absence region.
    Region,
}

impl Thing {
    /// What it is called.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Team => "team",
            Self::Region => "absence region",
        }
    }
}

const INVALID_VALUE: Option<ScimType> = Some(ScimType::InvalidValue);
const MUTABILITY: Option<ScimType> = Some(ScimType::Mutability);
const UNIQUENESS: Option<ScimType> = Some(ScimType::Uniqueness);

impl CommandRefusal {
    /// Status, `scimType` and awork's code. No `_` arm: a new refusal has to be given its place here.
    const fn answer(&self) -> (u16, Option<ScimType>, &'static str) {
        match self {
            Self::WorkspaceMissing { .. }
            | Self::Missing { .. }
            | Self::UserMissing { .. }
            | Self::LetterMissing { .. }
            | Self::NoIntegration
            | Self::NoClient { .. } => (404, None, "not-found"),
            Self::IntegrationExists => (409, None, "already-exist-error"),
            Self::TokenTaken => (409, UNIQUENESS, "duplication-violation"),
            Self::ClientMissing | Self::ClientFixed => (409, None, "invalid-operation"),
            Self::WorkspaceExists { .. } => (409, UNIQUENESS, "already-exist-error"),
            Self::NameTaken { .. } => (409, UNIQUENESS, "duplication-violation"),
            Self::NoAdmin { .. } => (403, None, "unauthorized"),
            Self::UnfitWorkspace { .. }
            | Self::Ambiguous { .. }
            | Self::UnfitName { .. }
            | Self::UnfitTarget { .. }
            | Self::TargetMissing { .. }
            | Self::UnknownLanguage { .. }
            | Self::UnfitSubdomain { .. }
            | Self::NoPerson { .. }
            | Self::UnfitReason { .. }
            | Self::SeatsInUse { .. } => (400, INVALID_VALUE, "validation-failed"),
            Self::FixedRole { .. } => (400, MUTABILITY, "invalid-operation"),
            Self::TooManyHolders { .. } => (413, None, "invalid-operation"),
            Self::Damaged => (500, None, "invalid-operation"),
        }
    }

    fn reason(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WorkspaceMissing { name } => {
                write!(f, "there is no workspace {}: list them, or create it", Shown(name))
            }
            Self::WorkspaceExists { name } => {
                write!(f, "there is a workspace {} already: choose another name", Shown(name))
            }
            Self::UnfitWorkspace { reason } => f.write_str(reason),
            Self::NoAdmin { named } => {
                write!(f, "{} is no active admin of the workspace: only admins may do this", Shown(named))
            }
            Self::Missing { thing, named, suggestion } => {
                write!(f, "no {} of the workspace has the id or name {}", thing.noun(), Shown(named))?;
                match suggestion {
                    Some(name) => write!(f, ", did you mean {}? Names", Shown(name))?,
                    None => f.write_str(": list what there is; names")?,
                }
                f.write_str(" are compared exactly, upper and lower case included")
            }
            Self::Ambiguous { thing, named } => {
                write!(f, "several {}s are named {}: use the id", thing.noun(), Shown(named))
            }
            Self::NameTaken { thing, name } => {
                write!(f, "name: another {} is named {}: choose another name", thing.noun(), Shown(name))
            }
            Self::UnfitName { thing, name } => write!(
                f,
                "name: {} cannot be the name of a {}: use 1 to 255 characters without control characters",
                Shown(name),
                thing.noun()
            ),
            Self::FixedRole { name } => write!(
                f,
                "the role {} is the admin or the guest role, which cannot be renamed, archived, deleted or \
                 given other permissions",
                Shown(name)
            ),
            Self::UnfitTarget { name } => write!(
                f,
                "target: users cannot be moved to {}: name another one, not the one that goes, and no \
                 guest, archived or agent role",
                Shown(name)
            ),
            Self::TargetMissing { thing, name, holders } => write!(
                f,
                "target: the {} {} has {holders} users: say which {} they get instead",
                thing.noun(),
                Shown(name),
                thing.noun()
            ),
            Self::TooManyHolders { most } => {
                write!(f, "it has more than {most} users: give some of them another one first")
            }
            Self::UnknownLanguage { sent } => {
                write!(f, "language: {} is none of awork's languages: use de-DE or en-GB", Shown(sent))
            }
            Self::UnfitSubdomain { sent } => write!(
                f,
                "subdomain: {} is not the label before awork.com: use letters, digits and `-`, such as \
                 `acme`",
                Shown(sent)
            ),
            Self::UserMissing { named } => {
                write!(f, "no user of the workspace has the id or account e-mail {}", Shown(named))
            }
            Self::NoPerson { named } => write!(
                f,
                "{} is an archived, external or technical user, which cannot be changed like a person",
                Shown(named)
            ),
            Self::SeatsInUse { used } => {
                write!(f, "seats: {used} are in use: book at least as many, or deactivate users first")
            }
            Self::NoIntegration => f.write_str("the workspace has no SCIM integration: set one up"),
            Self::IntegrationExists => f.write_str(
                "the workspace has a SCIM integration already, and one is all it can have: make a new token \
                 for it, or delete it and set it up again",
            ),
            Self::TokenTaken => {
                f.write_str("token: this token is in use already: leave it out to get a new one")
            }
            Self::ClientMissing => f.write_str(
                "the client application `API Access` of the SCIM integration is missing, so it is broken: \
                 delete the integration and set it up again; users stay as they are",
            ),
            Self::NoClient { named } => {
                write!(f, "no client application has the id or name {}", Shown(named))
            }
            Self::ClientFixed => f.write_str(
                "the client application `API Access` must not be edited or deleted, or SCIM breaks: to get \
                 another token make a new one; to delete it all the same use force",
            ),
            Self::LetterMissing { named } => {
                write!(f, "no dead letter of the workspace has the id {}: list what there is", Shown(named))
            }
            Self::UnfitReason { most } => {
                write!(f, "reason: say in 1 to {most} characters why the letter is given up")
            }
            Self::Damaged => f.write_str("the workspace cannot be read: tell awork's support the trace id"),
        }
    }
}

impl fmt::Display for CommandRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason(f)?;
        write!(f, " ({})", self.answer().2)
    }
}

impl From<CommandRefusal> for Problem {
    fn from(refusal: CommandRefusal) -> Self {
        let (status, scim_type, _) = refusal.answer();
        Self { status, scim_type, detail: refusal.to_string() }
    }
}

#[cfg(test)]
mod tests;
