//! The identity providers an integration can be set up for (D-35), and what they may do (D-50, A-49).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::refusal::AworkRefusal;

/// The identity provider of a SCIM integration (D-35).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provider {
    /// OneLogin.
    #[serde(rename = "onelogin")]
    OneLogin,
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    EntraId,
    /// Any other.
    #[default]
    Generic,
}

impl Provider {
    /// Tells whether this provider may assign roles through groups (D-50).
    #[must_use]
    pub const fn may_write_groups(self) -> bool {
        match self {
            Self::OneLogin | Self::Okta | Self::Generic => true,
            Self::EntraId => false,
        }
    }

    /// Checks that this provider may write groups; anyone may read them.
    ///
    /// # Errors
    ///
    /// Returns [`AworkRefusal::GroupsWithEntra`] for Entra ID.
    pub const fn check_group_write(self) -> Result<(), AworkRefusal> {
        if self.may_write_groups() { Ok(()) } else { Err(AworkRefusal::GroupsWithEntra) }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OneLogin => "OneLogin",
            Self::Okta => "Okta",
            Self::EntraId => "Microsoft Entra ID",
            Self::Generic => "generic",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D-35, D-50, A-49: all but Entra ID write groups.
    #[test]
    fn who_writes_groups() {
        for (provider, name, text, writes) in [
            (Provider::OneLogin, "onelogin", "OneLogin", true),
            (Provider::Okta, "okta", "Okta", true),
            (Provider::EntraId, "entra-id", "Microsoft Entra ID", false),
            (Provider::Generic, "generic", "generic", true),
        ] {
            assert_eq!(provider.may_write_groups(), writes, "{provider}");
            let checked = if writes { Ok(()) } else { Err(AworkRefusal::GroupsWithEntra) };
            assert_eq!(provider.check_group_write(), checked);
            assert_eq!(serde_json::to_value(provider).unwrap(), name);
            assert_eq!(provider.to_string(), text);
        }
    }
}
