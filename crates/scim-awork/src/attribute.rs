//! The SCIM attributes that awork keeps and a person types in (`domain.md` calls them rows 2 to 15).

use std::fmt;

use crate::schema::{ABSENCE_REGION, TEAMS, USER_ROLE};

/// A SCIM attribute of a user that awork maps, as refusals and warnings name it.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Attribute {
    /// `userName`: the account e-mail.
    UserName,
    /// `name.familyName`.
    FamilyName,
    /// `name.givenName`.
    GivenName,
    /// `title`.
    Title,
    /// `userType`: the position.
    UserType,
    /// `preferredLanguage`.
    PreferredLanguage,
    /// `timezone`, kept on the account.
    TimeZone,
    /// `emails`: contact e-mails.
    Emails,
    /// `phoneNumbers`.
    PhoneNumbers,
    /// `addresses`.
    Addresses,
    /// `ims`: messengers.
    Ims,
    /// `teams` of the extension.
    Teams,
    /// `absenceRegion` of the extension.
    AbsenceRegion,
    /// `userRole` of the extension.
    UserRole,
}

impl Attribute {
    /// Gives the attribute's path without its schema URN, such as `name.givenName`.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::UserName => "userName",
            Self::FamilyName => "name.familyName",
            Self::GivenName => "name.givenName",
            Self::Title => "title",
            Self::UserType => "userType",
            Self::PreferredLanguage => "preferredLanguage",
            Self::TimeZone => "timezone",
            Self::Emails => "emails",
            Self::PhoneNumbers => "phoneNumbers",
            Self::Addresses => "addresses",
            Self::Ims => "ims",
            Self::Teams => TEAMS,
            Self::AbsenceRegion => ABSENCE_REGION,
            Self::UserRole => USER_ROLE,
        }
    }

    /// Tells whether every user has to have a value of this attribute (D-3, A-40).
    #[must_use]
    pub const fn is_required(self) -> bool {
        matches!(self, Self::UserName | Self::FamilyName | Self::GivenName)
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D-3, A-40: first name, last name and e-mail, and nothing else.
    #[test]
    fn the_minimal_set_is_required() {
        let table = [
            (Attribute::UserName, "userName", true),
            (Attribute::FamilyName, "name.familyName", true),
            (Attribute::GivenName, "name.givenName", true),
            (Attribute::Title, "title", false),
            (Attribute::UserType, "userType", false),
            (Attribute::PreferredLanguage, "preferredLanguage", false),
            (Attribute::TimeZone, "timezone", false),
            (Attribute::Emails, "emails", false),
            (Attribute::PhoneNumbers, "phoneNumbers", false),
            (Attribute::Addresses, "addresses", false),
            (Attribute::Ims, "ims", false),
            (Attribute::Teams, "teams", false),
            (Attribute::AbsenceRegion, "absenceRegion", false),
            (Attribute::UserRole, "userRole", false),
        ];
        for (attribute, path, required) in table {
            assert_eq!(attribute.to_string(), path);
            assert_eq!(attribute.is_required(), required, "{attribute}");
        }
    }
}
