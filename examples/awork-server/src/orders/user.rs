//! Orders about users.

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::Page;

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum UserOrder {
    /// List the users whom SCIM sees.
    List(UserList),
    /// Show a user, also one whom SCIM does not see.
    Show(UserOf),
    /// Invite a person.
    Create(UserCreate),
    /// Edit a user by hand; the next SCIM request that names an attribute overwrites it.
    Edit(UserEdit),
    /// Change the login, as only the person can in their profile; all their workspaces show it.
    ChangeLogin(UserLogin),
    /// Deactivate a user, who cannot sign in then and takes no seat.
    Deactivate(UserOf),
    /// Bring a deactivated user back, also one whom SCIM has deleted.
    Reactivate(UserOf),
    /// Delete a user for good. The e-mail is free afterwards if the person is in no other workspace.
    Delete(UserOf),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserList {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// A SCIM filter, such as `active eq false`.
    #[arg(long)]
    #[serde(default)]
    pub(crate) filter: Option<String>,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) page: Page,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserOf {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// E-mail or id of the user.
    pub(crate) user: String,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
pub(crate) struct UserCreate {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// The e-mail, which is the login.
    pub(crate) email: String,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) fields: Fields,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserLogin {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// E-mail or id of the user.
    pub(crate) user: String,
    /// The new e-mail.
    pub(crate) email: String,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
pub(crate) struct UserEdit {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// E-mail or id of the user.
    pub(crate) user: String,
    #[command(flatten)]
    #[serde(flatten)]
    pub(crate) fields: Fields,
}

/// What is said of a user. Empty text clears what can be cleared.
#[derive(Args, Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Fields {
    /// The first name.
    #[arg(long)]
    pub(crate) given_name: Option<String>,
    /// The last name.
    #[arg(long)]
    pub(crate) family_name: Option<String>,
    /// The title.
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The position.
    #[arg(long)]
    pub(crate) position: Option<String>,
    /// The language: de-DE or en-GB.
    #[arg(long)]
    pub(crate) language: Option<String>,
    /// The time zone, such as Europe/Berlin.
    #[arg(long)]
    pub(crate) time_zone: Option<String>,
    /// Name or id of the role.
    #[arg(long)]
    pub(crate) role: Option<String>,
    /// The teams, separated by commas: exactly these.
    #[arg(long)]
    pub(crate) teams: Option<String>,
    /// The name of the absence region.
    #[arg(long)]
    pub(crate) absence_region: Option<String>,
}
