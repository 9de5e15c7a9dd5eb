//! What went through, but not as sent: a line for the provisioning log.

use std::fmt;

use crate::attribute::Attribute;
use crate::language::Language;
use crate::refusal::AworkRefusal;
use crate::shown::Shown;

/// A value that was not taken as it was sent, although the request succeeded.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AworkWarning {
    /// The language is not supported.
    UnsupportedLanguage {
        /// What was sent.
        sent: String,
        /// What a new user gets; `None` when an existing user keeps theirs.
        used: Option<Language>,
    },
    /// A Windows name was taken for an IANA time zone.
    WindowsZone {
        /// What was sent.
        sent: String,
        /// The IANA name that is kept.
        zone: &'static str,
    },
    /// The attribute can be changed but not removed.
    NotRemovable {
        /// `absenceRegion` or `userRole`.
        attribute: Attribute,
    },
    /// A fault that a deactivation outranked.
    Outranked(AworkRefusal),
}

impl fmt::Display for AworkWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsupportedLanguage { sent, used } => {
                write!(f, "preferredLanguage: {} is not supported, ", Shown(sent))?;
                match used {
                    Some(language) => write!(f, "the user gets {language}"),
                    None => f.write_str("the user's language stays"),
                }
            }
            Self::WindowsZone { sent, zone } => {
                write!(f, "timezone: {} is a Windows name, {zone} is kept", Shown(sent))
            }
            Self::NotRemovable { attribute } => write!(f, "{attribute}: cannot be removed, the value stays"),
            Self::Outranked(refusal) => {
                write!(f, "left alone, the user was deactivated all the same: {refusal}")
            }
        }
    }
}

/// A decision, and what the log should say about it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Warned<T> {
    /// The decision.
    pub value: T,
    /// What was not taken as sent.
    pub warning: Option<AworkWarning>,
}

impl<T> Warned<T> {
    pub(crate) const fn quiet(value: T) -> Self {
        Self { value, warning: None }
    }

    pub(crate) const fn with(value: T, warning: AworkWarning) -> Self {
        Self { value, warning: Some(warning) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// a warning names the attribute and the value.
    #[test]
    fn warnings_name_attribute_and_value() {
        let sent = || String::from("fr-FR");
        let table = [
            (
                AworkWarning::UnsupportedLanguage { sent: sent(), used: Some(Language::EnGb) },
                "preferredLanguage: `fr-FR` is not supported, the user gets en-GB",
            ),
            (
                AworkWarning::UnsupportedLanguage { sent: sent(), used: None },
                "preferredLanguage: `fr-FR` is not supported, the user's language stays",
            ),
            (
                AworkWarning::WindowsZone { sent: "Romance Standard Time".into(), zone: "Europe/Paris" },
                "timezone: `Romance Standard Time` is a Windows name, Europe/Paris is kept",
            ),
            (
                AworkWarning::NotRemovable { attribute: Attribute::UserRole },
                "userRole: cannot be removed, the value stays",
            ),
        ];
        for (warning, text) in table {
            assert_eq!(warning.to_string(), text);
        }
    }

    /// the warning carries the fault's own words and code.
    #[test]
    fn an_outranked_fault_is_told_in_full() {
        let fault = AworkRefusal::UnknownTeams { names: vec!["Gone".into()] };
        let text = AworkWarning::Outranked(fault.clone()).to_string();
        assert_eq!(text, format!("left alone, the user was deactivated all the same: {fault}"));
    }
}
