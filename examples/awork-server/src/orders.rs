//! What the command line and the admin API can be asked, as values: the words of the one are the path of
//! the other, and its options the members of the body.

use clap::{Args, Subcommand};
use scim_awork::Provider;
use serde::{Deserialize, Serialize};

/// Something to be done or shown.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Order {
    Workspace(WorkspaceOrder),
    Integration(IntegrationOrder),
    Role(RoleOrder),
    Team(TeamOrder),
    Region(RegionOrder),
    Seats(SeatsOrder),
    User(UserOrder),
}

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

/// A whole workspace.
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whole {
    /// The name of the workspace.
    pub(crate) workspace: String,
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
pub(crate) struct Page {
    /// How many to pass over.
    #[arg(long, default_value_t = 0)]
    #[serde(default)]
    pub(crate) offset: u64,
    /// How many to show at most.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    #[serde(default = "hundred")]
    pub(crate) limit: u16,
}

fn hundred() -> u16 {
    100
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

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum IntegrationOrder {
    /// Set SCIM up and show the token, once.
    SetUp(IntegrationSetUp),
    /// Show the integration, whether it works, and what to paste into the identity provider.
    Show(Whole),
    /// Make a new token and show it, once; the old one is dead at the next request.
    Regenerate(Regenerate),
    /// Delete the integration; users stay, and it can be set up again.
    Delete(Whole),
    /// List the client applications.
    Clients(Whole),
    /// Rename a client application; refused for `API Access`, which must stay as it is.
    RenameClient(ClientRename),
    /// Delete a client application; of `API Access` only with --force, and SCIM breaks.
    DeleteClient(ClientDelete),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct IntegrationSetUp {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// The identity provider: onelogin, okta, entra-id or generic.
    #[arg(long, value_parser = provider)]
    pub(crate) provider: Provider,
}

fn provider(text: &str) -> Result<Provider, String> {
    let parsed = serde_json::from_value(serde_json::Value::String(text.to_owned()));
    parsed.map_err(|_| "use onelogin, okta, entra-id or generic".to_owned())
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Regenerate {
    /// The name of the workspace.
    pub(crate) workspace: String,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientRename {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Name or id of the client application.
    pub(crate) client: String,
    /// The new name.
    pub(crate) name: String,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClientDelete {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Name or id of the client application.
    pub(crate) client: String,
    /// Delete it although SCIM is answered with 401 then.
    #[arg(long)]
    #[serde(default)]
    pub(crate) force: bool,
}

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RoleOrder {
    /// List the roles.
    List(Whole),
    /// Make a role.
    Create(RoleCreate),
    /// Rename a role; its people and its mapping by id stay.
    Rename(Rename),
    /// Say how many permissions a role has; new people get the one with the fewest.
    Grants(RoleGrants),
    /// Archive a role, or bring it back with --restore: who has it keeps it, nobody else gets it.
    Archive(RoleArchive),
    /// Delete a role; its people get the target.
    Delete(DeleteFor),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleCreate {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// The name of the role.
    pub(crate) name: String,
    /// How many permissions to change something it has.
    #[arg(long, default_value_t = 0)]
    #[serde(default)]
    pub(crate) write_grants: u32,
    /// How many permissions to see something it has.
    #[arg(long, default_value_t = 0)]
    #[serde(default)]
    pub(crate) read_grants: u32,
}

/// A new name for something.
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rename {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Its name as it is, or its id.
    pub(crate) of: String,
    /// The new name.
    pub(crate) name: String,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleGrants {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Name or id of the role.
    pub(crate) role: String,
    /// How many permissions to change something it has.
    #[arg(long)]
    #[serde(default)]
    pub(crate) write_grants: Option<u32>,
    /// How many permissions to see something it has.
    #[arg(long)]
    #[serde(default)]
    pub(crate) read_grants: Option<u32>,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleArchive {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Name or id of the role.
    pub(crate) role: String,
    /// Bring it back.
    #[arg(long)]
    #[serde(default)]
    pub(crate) restore: bool,
}

/// Something to be deleted whose people get another one.
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeleteFor {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Its name or id.
    pub(crate) of: String,
    /// Name or id of the one that its people get; needed if it has any.
    #[arg(long)]
    #[serde(default)]
    pub(crate) target: Option<String>,
}

/// Something of a workspace.
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct One {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Its name or id.
    pub(crate) of: String,
}

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TeamOrder {
    /// List the teams.
    List(Whole),
    /// Make a team; its name is unique.
    Create(TeamCreate),
    /// Rename a team.
    Rename(Rename),
    /// Delete a team; its people stay in their other teams.
    Delete(One),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TeamCreate {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// The name of the team.
    pub(crate) name: String,
}

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RegionOrder {
    /// List the absence regions.
    List(Whole),
    /// Make an absence region.
    Create(RegionCreate),
    /// Rename an absence region.
    Rename(Rename),
    /// Say which absence region new people get; none without a name.
    Default(RegionDefault),
    /// Delete an absence region; its people get the target.
    Delete(DeleteFor),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegionCreate {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// The name of the absence region.
    pub(crate) name: String,
    /// New people get it from now on.
    #[arg(long)]
    #[serde(default)]
    pub(crate) default: bool,
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RegionDefault {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// Name or id of the absence region.
    #[serde(default)]
    pub(crate) region: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SeatsOrder {
    /// Show how many seats are booked and in use.
    Show(Whole),
    /// Say how many seats are booked.
    Book(SeatsBook),
}

#[derive(Args, Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeatsBook {
    /// The name of the workspace.
    pub(crate) workspace: String,
    /// How many seats.
    pub(crate) seats: u32,
}

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
