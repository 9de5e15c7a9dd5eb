//! Orders about workspaces.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::{Page, Whole};

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum WorkspaceOrder {
    /// Make a workspace with the roles Admin, User and Guest, and its first admin.
    Create(WorkspaceCreate),
    /// Show a workspace with its roles, teams and absence regions.
    Show(Whole),
    /// List all workspaces, in the order of their creation.
    List(Page),
    /// Change settings; what is not named stays.
    Settings(WorkspaceSettings),
    /// Say what the workspace has of what SCIM needs: the Enterprise plan and OpenID Connect.
    Plan(WorkspacePlan),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkspaceCreate {
    /// The name: letters, digits, `-`, `_` and `.`.
    pub(crate) workspace: String,
    /// The e-mail of its first admin.
    #[arg(long)]
    pub(crate) admin_email: String,
    /// The first name of that admin.
    #[arg(long)]
    pub(crate) admin_given_name: String,
    /// The last name of that admin.
    #[arg(long)]
    pub(crate) admin_family_name: String,
    /// The language, de-DE or en-GB.
    #[arg(long, default_value = "de-DE")]
    #[serde(default = "german")]
    pub(crate) language: String,
    /// The label before awork.com.
    #[arg(long)]
    #[serde(default)]
    pub(crate) subdomain: Option<String>,
    /// How many seats are booked.
    #[arg(long, default_value_t = 10)]
    #[serde(default = "ten")]
    pub(crate) seats: u32,
    /// Let SCIM book more seats when none is free.
    #[arg(long)]
    #[serde(default)]
    pub(crate) automatic_booking: bool,
    /// The workspace has an active Enterprise subscription, which SCIM needs.
    #[arg(long)]
    #[serde(default)]
    pub(crate) enterprise: bool,
    /// The workspace has single sign-on with OpenID Connect, which SCIM needs.
    #[arg(long)]
    #[serde(default)]
    pub(crate) openid_connect: bool,
}

fn german() -> String {
    "de-DE".to_owned()
}

fn ten() -> u32 {
    10
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkspaceSettings {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// The language of people who come without one that awork has: de-DE or en-GB.
    #[arg(long)]
    #[serde(default)]
    pub(crate) language: Option<String>,
    /// The label before awork.com; empty for none.
    #[arg(long)]
    #[serde(default)]
    pub(crate) subdomain: Option<String>,
    /// Whether variants of German, such as de-AT, count as German: true or false.
    #[arg(long, value_name = "BOOL")]
    #[serde(default)]
    pub(crate) german_variants: Option<bool>,
    /// Whether SCIM may book seats when none is free: true or false. Only admins may say so.
    #[arg(long, value_name = "BOOL")]
    #[serde(default)]
    pub(crate) automatic_booking: Option<bool>,
    /// Whether people may sign in by single sign-on: true or false.
    #[arg(long, value_name = "BOOL")]
    #[serde(default)]
    pub(crate) sso_login: Option<bool>,
    /// Whether people may sign in by password: true or false.
    #[arg(long, value_name = "BOOL")]
    #[serde(default)]
    pub(crate) credentials_login: Option<bool>,
    /// Whether people may sign in by accounts of other services: true or false.
    #[arg(long, value_name = "BOOL")]
    #[serde(default)]
    pub(crate) social_login: Option<bool>,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkspacePlan {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Whether it has an active Enterprise subscription: true or false.
    #[arg(long, value_name = "BOOL")]
    #[serde(default)]
    pub(crate) enterprise: Option<bool>,
    /// Whether it has single sign-on with OpenID Connect: true or false.
    #[arg(long, value_name = "BOOL")]
    #[serde(default)]
    pub(crate) openid_connect: Option<bool>,
}
