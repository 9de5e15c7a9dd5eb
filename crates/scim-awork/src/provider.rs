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
    /// The word for it in files, labels and commands, such as `entra-id`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::OneLogin => "onelogin",
            Self::Okta => "okta",
            Self::EntraId => "entra-id",
            Self::Generic => "generic",
        }
    }

    /// Tells whether this provider may assign roles through groups (D-50).
    #[must_use]
    pub const fn may_write_groups(self) -> bool {
        match self {
            Self::OneLogin | Self::Okta | Self::Generic => true,
            Self::EntraId => false,
        }
    }

    /// What an admin has to do in the identity provider, beside pasting URL and token (D-42 to D-51, D-87).
    #[must_use]
    pub const fn notes(self) -> &'static [&'static str] {
        match self {
            Self::OneLogin => &[
                "Use the awork app of the OneLogin catalogue, which covers SCIM and single sign-on.",
                "Enter the base URL as SCIM Base URL and the token as SCIM Bearer Token; of the login URL the \
                 subdomain field takes only the label before awork.com.",
                "Refresh the entitlements to read awork's roles; the guest role is not among them.",
                "Let rules set one existing role for each user: roles cannot be made from OneLogin.",
            ],
            Self::Okta => &[
                "Use the template app \"SCIM 2.0 Test App (OAuth Bearer Token)\" with the e-mail as application \
                 username.",
                "Enter the base URL and, as OAuth bearer token, the token; saving tests both.",
                "Skip the step about sign-on: awork does not support SAML.",
            ],
            Self::EntraId => &[
                "Enter the base URL as tenant URL and the token as secret token, then test the connection.",
                "Switch the mapping of groups off; map the extension attribute userRole instead.",
                "Map userPrincipalName to userName; it must be the e-mail that people sign in with.",
                "Delete default mappings that awork does not have; add teams, absenceRegion and userRole of \
                 urn:ietf:params:scim:schemas:extension:awork.com:2.0:User as strings by hand.",
                "Set a threshold for accidental deletions, such as 50, and sync only assigned users and groups; to \
                 assign groups needs a P2 licence.",
                "Check that awork has enough licences before you assign people; a sync runs every 40 minutes.",
            ],
            Self::Generic => &[
                "Enter the base URL, and the token as bearer token; /Users and /Groups lie directly below.",
                "Send the e-mail that people sign in with as userName.",
            ],
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

    fn guides(provider: Provider, words: &[&str]) {
        let guide = provider.notes().join("\n");
        for word in words {
            assert!(guide.contains(word), "{word:?} in {guide}");
        }
    }

    /// D-42: which app of Okta to take, with the e-mail as user name.
    #[test]
    fn the_guide_of_okta() {
        guides(Provider::Okta, &["SCIM 2.0 Test App (OAuth Bearer Token)", "e-mail as application", "SAML"]);
    }

    /// D-45, D-46, D-47: where OneLogin wants URL, token and subdomain, and what its rules can do.
    #[test]
    fn the_guide_of_onelogin() {
        guides(
            Provider::OneLogin,
            &["SCIM Base URL", "before awork.com", "Refresh the entitlements", "existing role"],
        );
    }

    /// D-49, D-50, D-51: what is mapped in Entra ID, and what is not.
    #[test]
    fn the_guide_of_entra() {
        guides(
            Provider::EntraId,
            &["tenant URL", "Switch the mapping of groups off", "must be the e-mail", "absenceRegion"],
        );
    }

    /// D-87: what an operator of Entra ID looks after.
    #[test]
    fn the_limits_of_entra() {
        guides(
            Provider::EntraId,
            &[
                "accidental deletions, such as 50",
                "only assigned users and groups",
                "P2 licence",
                "every 40 minutes",
                "enough licences",
            ],
        );
    }

    #[test]
    fn the_guide_of_others() {
        guides(Provider::Generic, &["/Users and /Groups", "e-mail"]);
    }

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
            assert_eq!(provider.label(), name);
            assert_eq!(provider.to_string(), text);
        }
    }
}
