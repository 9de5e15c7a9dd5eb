//! The account e-mail, which is the `userName` and the login (D-14, D-59 to D-61, A-29 to A-32).

use std::fmt;

use serde::Serialize;

use crate::attribute::Attribute;
use crate::client_text::{check_length, is_empty_text};
use crate::refusal::AworkRefusal;

/// The e-mail address a person signs in with, in the spelling last sent.
///
/// There is no equality here: two spellings are one address by the schema's fold, which the callers hand
/// in (A-30).
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct AccountEmail(String);

impl AccountEmail {
    /// Reads the `userName` a client sent (A-29).
    ///
    /// Blanks around it are dropped. It has to have one `@`, something before it, after it a domain with
    /// a dot and no empty label, no blank or control character, and at most 254 characters.
    ///
    /// # Errors
    ///
    /// Returns [`AworkRefusal::UserNameMissing`] for empty text, else [`AworkRefusal::NotAnEmail`].
    ///
    /// # Examples
    ///
    /// ```
    /// use scim_awork::AccountEmail;
    ///
    /// assert_eq!(AccountEmail::parse(" Lea@Example.com ").unwrap().as_str(), "Lea@Example.com");
    /// assert!(AccountEmail::parse("lea@localhost").is_err());
    /// ```
    pub fn parse(sent: &str) -> Result<Self, AworkRefusal> {
        if is_empty_text(sent) {
            return Err(AworkRefusal::UserNameMissing);
        }
        let email = sent.trim();
        if is_email(email) && check_length(Attribute::UserName, email).is_ok() {
            Ok(Self(email.to_owned()))
        } else {
            Err(AworkRefusal::NotAnEmail { sent: sent.to_owned() })
        }
    }

    /// Gives the address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountEmail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    !local.is_empty()
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
        && !domain.contains('@')
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// What a `userName` does to the account e-mail.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum EmailChange {
    /// Nothing: it is what is stored.
    Unchanged,
    /// The same address in another spelling, which is kept and never refused (A-30).
    Respelled,
    /// Another address.
    Changed,
}

/// Decides whether an existing user's `userName` may change the account e-mail (D-59 to D-61, A-32).
///
/// `same` says whether two spellings are one address. `taken` says whether another account has the wanted
/// one, and `workspaces` counts the account's memberships that are not deleted, active or not (A-31).
///
/// # Errors
///
/// Returns [`AworkRefusal::AccountEmailTaken`] when another account has it, else
/// [`AworkRefusal::SeveralWorkspaces`] when the person is in more than one workspace. No change is never
/// refused.
pub fn change_account_email(
    current: &AccountEmail,
    wanted: &AccountEmail,
    same: impl Fn(&str, &str) -> bool,
    taken: bool,
    workspaces: usize,
) -> Result<EmailChange, AworkRefusal> {
    let email = || wanted.0.clone();
    if current.0 == wanted.0 {
        Ok(EmailChange::Unchanged)
    } else if same(&current.0, &wanted.0) {
        Ok(EmailChange::Respelled)
    } else if taken {
        Err(AworkRefusal::AccountEmailTaken { email: email() })
    } else if workspaces > 1 {
        Err(AworkRefusal::SeveralWorkspaces { email: email() })
    } else {
        Ok(EmailChange::Changed)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn email(text: &str) -> AccountEmail {
        AccountEmail::parse(text).unwrap()
    }

    /// A-29: one `@`, a local part, a dotted domain.
    #[test]
    fn user_names_are_emails() {
        for sent in [
            "a@b.c",
            " lea@example.com\n",
            "L.B+x@sub.example.co.uk",
            "bob@münchen.de",
            "o'neil@x.y",
            "\"\"@a.b",
        ] {
            assert_eq!(email(sent).to_string(), sent.trim(), "{sent}");
        }
        for sent in [
            "lea",
            "lea@",
            "@b.c",
            "a@b",
            "a@@b.c",
            "a@b@c.d",
            "a@.b",
            "a@b.",
            "a@b..c",
            "a b@c.d",
            "a@b c.d",
            "a@b\0.c",
            "a@.",
            "@",
            "a.b.c",
            "a@\u{a0}.b",
        ] {
            let refusal = AccountEmail::parse(sent).unwrap_err();
            assert_eq!(refusal, AworkRefusal::NotAnEmail { sent: sent.into() });
        }
        for sent in ["", " ", "\t"] {
            assert_eq!(AccountEmail::parse(sent).unwrap_err(), AworkRefusal::UserNameMissing);
        }
    }

    /// A-29, A-54: 254 characters fit, blanks around them not counted.
    #[test]
    fn the_longest_email() {
        let longest = format!("{}@example.com", "x".repeat(254 - 12));
        assert_eq!(email(&format!(" {longest} ")).as_str(), longest);
        assert!(AccountEmail::parse(&format!("x{longest}")).is_err());
    }

    /// A-30, A-32: no change, then taken, then several workspaces.
    #[test]
    fn changes_of_the_account_email() {
        let current = email("lea@example.com");
        let taken = AworkRefusal::AccountEmailTaken { email: "eva@example.com".into() };
        let several = AworkRefusal::SeveralWorkspaces { email: "eva@example.com".into() };
        for (wanted, is_taken, workspaces, result) in [
            ("lea@example.com", true, 2, Ok(EmailChange::Unchanged)),
            ("LEA@example.com", true, 2, Ok(EmailChange::Respelled)),
            ("eva@example.com", true, 2, Err(taken.clone())),
            ("eva@example.com", true, 1, Err(taken)),
            ("eva@example.com", false, 2, Err(several)),
            ("eva@example.com", false, 1, Ok(EmailChange::Changed)),
        ] {
            let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
            assert_eq!(
                change_account_email(&current, &email(wanted), same, is_taken, workspaces),
                result,
                "{wanted}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer_and_parsing_is_idempotent(
            sent in prop_oneof![any::<String>(), "[a@. ]{0,12}", " {0,2}\\w{1,9}@\\w{1,9}\\.\\w{1,9} {0,2}"],
        ) {
            if let Ok(email) = AccountEmail::parse(&sent) {
                let again = AccountEmail::parse(email.as_str()).unwrap();
                prop_assert_eq!(again.as_str(), email.as_str());
            }
        }
    }
}
