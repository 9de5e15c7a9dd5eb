//! People of a workspace that is set up.

use scim_core::Document;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::SetupError;
use crate::account::{Account, Membership};
use crate::account_email::AccountEmail;
use crate::attribute::Attribute;
use crate::client_text::check_name;
use crate::contact_info::work_email;

/// A person who is in the workspace already.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PersonSetup {
    /// The e-mail, which is the login.
    pub email: String,
    /// The first name.
    pub given_name: String,
    /// The last name.
    pub family_name: String,
    /// The name of the role.
    pub role: String,
    /// What the user is.
    #[serde(default)]
    pub kind: PersonKind,
    /// Whether the person may sign in.
    #[serde(default = "super::yes")]
    pub active: bool,
    /// Other workspaces that the account is in.
    #[serde(default)]
    pub other_workspaces: Vec<String>,
}

/// What a user of a workspace is. Only people are users of SCIM; the others are hidden from it, count
/// for no seat and are no admins.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PersonKind {
    /// A person of the workspace, a guest included.
    #[default]
    Person,
    /// A client of the API.
    Api,
    /// An agent.
    Agent,
    /// Somebody of another workspace, through awork Connect.
    External,
    /// A user who was archived.
    Archived,
}

impl PersonSetup {
    /// Checks what awork demands of every user.
    pub(super) fn check(&self) -> Result<(), SetupError> {
        let checks = [
            AccountEmail::parse(&self.email).map(|_| ()),
            check_name(Attribute::GivenName, Some(&self.given_name)).map(|_| ()),
            check_name(Attribute::FamilyName, Some(&self.family_name)).map(|_| ()),
        ];
        let unfit = |refusal| SetupError::Person { email: self.email.clone(), refusal };
        checks.into_iter().collect::<Result<(), _>>().map_err(unfit)
    }

    pub(super) fn document(&self, language: &str) -> Document {
        let attributes = [
            ("userName", json!(self.email)),
            ("name", json!({ "givenName": self.given_name, "familyName": self.family_name })),
            ("active", json!(self.active)),
            ("preferredLanguage", json!(language)),
            ("emails", json!([work_email(&self.email)])),
        ];
        let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value));
        Document::from_canonical(attributes.collect())
    }

    pub(super) fn account(
        &self,
        workspace: &str,
        user: &str,
        new_id: &mut impl FnMut() -> String,
    ) -> Account {
        let own = Membership { workspace: workspace.to_owned(), user: user.to_owned() };
        // The users of the account elsewhere belong to workspaces that are not set up here.
        let others = self
            .other_workspaces
            .iter()
            .map(|workspace| Membership { workspace: workspace.clone(), user: new_id() });
        Account {
            email: self.email.clone(),
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            time_zone: None,
            memberships: std::iter::once(own).chain(others).collect(),
        }
    }
}
