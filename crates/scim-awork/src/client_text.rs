//! Plain text of a client: what empty text means and how long it may be.

use crate::attribute::Attribute;
use crate::refusal::AworkRefusal;

/// What empty text in an attribute asks for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum OnEmpty {
    /// The value is cleared.
    Clear,
    /// The request is refused: the attribute has to have a value.
    Refuse,
    /// The value stays.
    Keep,
    /// The value stays, and the log says so: the attribute can be changed but not removed.
    KeepAndWarn,
    /// The entry that holds the text is dropped.
    DropEntry,
}

/// Tells what empty text in an attribute asks for.
#[must_use]
pub const fn on_empty(attribute: Attribute) -> OnEmpty {
    match attribute {
        Attribute::Title | Attribute::UserType | Attribute::Teams => OnEmpty::Clear,
        Attribute::UserName | Attribute::FamilyName | Attribute::GivenName => OnEmpty::Refuse,
        Attribute::TimeZone => OnEmpty::Keep,
        Attribute::PreferredLanguage | Attribute::AbsenceRegion | Attribute::UserRole => OnEmpty::KeepAndWarn,
        Attribute::Emails | Attribute::PhoneNumbers | Attribute::Addresses | Attribute::Ims => {
            OnEmpty::DropEntry
        }
    }
}

/// Tells whether a text counts as empty: no characters, or blanks only.
#[must_use]
pub fn is_empty_text(text: &str) -> bool {
    text.trim().is_empty()
}

/// Checks that a required name has a value of a length awork can keep.
///
/// # Errors
///
/// Returns [`AworkRefusal::NameMissing`] when the text is absent or empty, and [`AworkRefusal::TooLong`]
/// when it is longer than 1,000 characters.
pub fn check_name(attribute: Attribute, sent: Option<&str>) -> Result<&str, AworkRefusal> {
    let name = sent.filter(|text| !is_empty_text(text)).ok_or(AworkRefusal::NameMissing { attribute })?;
    check_length(attribute, name)?;
    Ok(name)
}

/// Checks the length of a text in characters.
///
/// The limits: `title` 100, names and `userType` 1,000, each e-mail 254. Other attributes have none here:
/// they are looked up, or bounded by their own rules.
///
/// # Errors
///
/// Returns [`AworkRefusal::TooLong`] when the text exceeds the attribute's limit.
pub fn check_length(attribute: Attribute, text: &str) -> Result<(), AworkRefusal> {
    let (path, limit) = match attribute {
        Attribute::Title => ("title", 100),
        Attribute::FamilyName => ("name.familyName", 1000),
        Attribute::GivenName => ("name.givenName", 1000),
        Attribute::UserType => ("userType", 1000),
        Attribute::UserName => ("userName", 254),
        Attribute::Emails => ("emails.value", 254),
        Attribute::PreferredLanguage
        | Attribute::TimeZone
        | Attribute::PhoneNumbers
        | Attribute::Addresses
        | Attribute::Ims
        | Attribute::Teams
        | Attribute::AbsenceRegion
        | Attribute::UserRole => return Ok(()),
    };
    check_limit(attribute, path, text, limit)
}

pub(crate) fn check_limit(
    attribute: Attribute,
    path: &'static str,
    text: &str,
    limit: usize,
) -> Result<(), AworkRefusal> {
    let length = text.chars().count();
    if length > limit { Err(AworkRefusal::TooLong { attribute, path, length, limit }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// the whole table.
    #[test]
    fn empty_text_per_attribute() {
        for (attribute, meaning) in [
            (Attribute::Title, OnEmpty::Clear),
            (Attribute::UserType, OnEmpty::Clear),
            (Attribute::UserName, OnEmpty::Refuse),
            (Attribute::FamilyName, OnEmpty::Refuse),
            (Attribute::GivenName, OnEmpty::Refuse),
            (Attribute::PreferredLanguage, OnEmpty::KeepAndWarn),
            (Attribute::TimeZone, OnEmpty::Keep),
            (Attribute::UserRole, OnEmpty::KeepAndWarn),
            (Attribute::AbsenceRegion, OnEmpty::KeepAndWarn),
            (Attribute::Teams, OnEmpty::Clear),
            (Attribute::Emails, OnEmpty::DropEntry),
            (Attribute::PhoneNumbers, OnEmpty::DropEntry),
            (Attribute::Addresses, OnEmpty::DropEntry),
            (Attribute::Ims, OnEmpty::DropEntry),
        ] {
            assert_eq!(on_empty(attribute), meaning, "{attribute}");
        }
        assert!(is_empty_text("") && is_empty_text(" \t\u{a0}") && !is_empty_text(" a "));
    }

    /// both names, and blanks are no name.
    #[test]
    fn names_are_required() {
        for attribute in [Attribute::GivenName, Attribute::FamilyName] {
            for sent in [None, Some(""), Some("  ")] {
                assert_eq!(check_name(attribute, sent), Err(AworkRefusal::NameMissing { attribute }));
            }
            assert_eq!(check_name(attribute, Some("Lea ")), Ok("Lea "));
            assert!(check_name(attribute, Some(&"x".repeat(1001))).is_err());
        }
    }

    /// the last length that fits, and the first that does not, counted in characters.
    #[test]
    fn lengths() {
        for (attribute, path, limit) in [
            (Attribute::Title, "title", 100),
            (Attribute::FamilyName, "name.familyName", 1000),
            (Attribute::GivenName, "name.givenName", 1000),
            (Attribute::UserType, "userType", 1000),
            (Attribute::UserName, "userName", 254),
            (Attribute::Emails, "emails.value", 254),
        ] {
            assert_eq!(check_length(attribute, &"ü".repeat(limit)), Ok(()), "{attribute}");
            assert_eq!(
                check_length(attribute, &"ü".repeat(limit + 1)),
                Err(AworkRefusal::TooLong { attribute, path, length: limit + 1, limit })
            );
        }
        assert_eq!(check_length(Attribute::Teams, &"x".repeat(10_000)), Ok(()));
    }
}
