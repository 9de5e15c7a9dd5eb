//! Users by hand: invited, edited, deactivated, brought back, and deleted for good.
//!
//! What an admin does to a user walks through the rules of provisioning; only what awork's own screens may
//! do beyond them is different. A value that is changed by hand stays until the next SCIM write that
//! contains its attribute (D-5).

use scim_core::{FarEnd, Leniency, Omitted, Problem, SchemaError, schema::urn};
use scim_engine::store::{Record, RecordKey};
use scim_engine::{Action, Change, Outcome, RequestContext, holdings};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::AworkCommand;
use super::desk::{Desk, Done, Halt};
use super::names::find;
use super::refusal::CommandRefusal;
use crate::account::{Account, account_key};
use crate::rules::{
    ACCOUNT, BY_HAND_LABEL, DELETED, IN_PROFILE_LABEL, INVITED, decide_person, is_active, purge,
};
use crate::schema::{ABSENCE_REGION, AWORK_USER_URN, TEAMS, USER_ROLE};
use crate::workspace::{REGION, ROLE, TEAM, USER_KIND, of_user};

/// What an admin says of a user; what is none is not said. Empty text clears what can be cleared.
#[derive(Clone, Debug, Default)]
pub struct UserFields {
    /// The first name.
    pub given_name: Option<String>,
    /// The last name.
    pub family_name: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The position.
    pub position: Option<String>,
    /// The language.
    pub language: Option<String>,
    /// The time zone, an IANA name; it is the account's, in all its workspaces (D-53).
    pub time_zone: Option<String>,
    /// Id or name of the role, the guest role included.
    pub role: Option<String>,
    /// The teams: names, separated by commas.
    pub teams: Option<String>,
    /// The name of the absence region.
    pub absence_region: Option<String>,
}

impl UserFields {
    /// What is said, as a client of SCIM would say it.
    fn body(&self, desk: &Desk<'_>) -> Result<Map<String, Value>, Halt> {
        let mut body = Map::from_iter([("schemas".to_owned(), json!([urn::USER, AWORK_USER_URN]))]);
        let mut name = Map::new();
        let mut extension = Map::new();
        let role = match &self.role {
            Some(named) => {
                let (workspace, _) = desk.workspace()?;
                Some(workspace.roles[find(named, &workspace.roles)?].name.clone())
            }
            None => None,
        };
        for (key, value) in [("givenName", &self.given_name), ("familyName", &self.family_name)] {
            name.extend(value.clone().map(|value| (key.to_owned(), Value::String(value))));
        }
        for (key, value) in [
            ("title", &self.title),
            ("userType", &self.position),
            ("preferredLanguage", &self.language),
            ("timezone", &self.time_zone),
        ] {
            body.extend(value.clone().map(|value| (key.to_owned(), Value::String(value))));
        }
        for (key, value) in [(USER_ROLE, &role), (TEAMS, &self.teams), (ABSENCE_REGION, &self.absence_region)]
        {
            extension.extend(value.clone().map(|value| (key.to_owned(), Value::String(value))));
        }
        for (key, part) in [("name", name), (AWORK_USER_URN, extension)] {
            if !part.is_empty() {
                body.insert(key.to_owned(), Value::Object(part));
            }
        }
        Ok(body)
    }
}

/// What became of a user.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct UserChanged {
    /// The id.
    pub id: String,
    /// What an admin should know although it was done.
    pub warnings: Vec<String>,
}

/// Invites a person: unlike an import, the invitation is open until they accept it (D-17, D-18).
#[derive(Clone, Debug)]
pub struct CreateUser {
    /// The account e-mail.
    pub email: String,
    /// What else is said; first and last name are needed.
    pub fields: UserFields,
}

impl AworkCommand for CreateUser {
    type Output = UserChanged;

    const OPERATION: &'static str = "user.create";
    const KIND: Option<&'static str> = Some(USER_KIND);

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<UserChanged>, Halt> {
        let mut body = self.fields.body(desk)?;
        body.insert("userName".to_owned(), json!(self.email));
        let desired = desk.def(USER_KIND)?.create(body, Leniency::default());
        let desired = desired.map_err(|error| unfit(&error))?;
        person(desk, Action::Create { id: &desk.scene.context.new_id, desired: &desired }, &[])
    }
}

/// Edits a user by hand. The account e-mail is not among it: only the person can change that in awork (D-15).
#[derive(Clone, Debug)]
pub struct EditUser {
    /// Id or account e-mail.
    pub user: String,
    /// What is said.
    pub fields: UserFields,
}

impl AworkCommand for EditUser {
    type Output = UserChanged;

    const OPERATION: &'static str = "user.edit";
    const KIND: Option<&'static str> = Some(USER_KIND);

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<UserChanged>, Halt> {
        let current = managed(desk, &self.user)?;
        update(desk, current, self.fields.body(desk)?, &[])
    }
}

/// Changes the login as the person themself does it in their profile, which nobody else can (D-15). All their
/// workspaces show it (D-60).
#[derive(Clone, Debug)]
pub struct ChangeLogin {
    /// Id or account e-mail.
    pub user: String,
    /// The new account e-mail.
    pub email: String,
}

impl AworkCommand for ChangeLogin {
    type Output = UserChanged;

    const OPERATION: &'static str = "user.change-login";
    const KIND: Option<&'static str> = Some(USER_KIND);

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<UserChanged>, Halt> {
        let current = managed(desk, &self.user)?;
        update(desk, current, said("userName", json!(self.email)), &[IN_PROFILE_LABEL])
    }
}

/// Deactivates a user, or brings one back: also one whom SCIM has deleted, who is visible again then.
#[derive(Clone, Debug)]
pub struct ActivateUser {
    /// Id or account e-mail.
    pub user: String,
    /// Whether the user may sign in.
    pub active: bool,
}

impl AworkCommand for ActivateUser {
    type Output = UserChanged;

    const OPERATION: &'static str = "user.activate";
    const KIND: Option<&'static str> = Some(USER_KIND);

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<UserChanged>, Halt> {
        let current = managed(desk, &self.user)?;
        update(desk, current, said("active", json!(self.active)), &[])
    }
}

/// Deletes a user for good, with the account where this was its last user: its e-mail is free then (D-61,
///
#[derive(Clone, Debug)]
pub struct DeleteUser {
    /// Id or account e-mail.
    pub user: String,
}

impl AworkCommand for DeleteUser {
    type Output = UserChanged;

    const OPERATION: &'static str = "user.delete";
    const KIND: Option<&'static str> = Some(USER_KIND);

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<UserChanged>, Halt> {
        let current = desk.user(&self.user)?;
        person(desk, Action::Delete { current }, &[])
    }
}

/// A user whom SCIM sees, or has deleted; others, such as clients of the API, are nobody's to edit here.
fn managed<'d>(desk: &Desk<'d>, named: &str) -> Result<&'d Record, Halt> {
    let user = desk.user(named)?;
    if user.visible || user.extra.get(DELETED) == Some(&Value::Bool(true)) {
        Ok(user)
    } else {
        Err(CommandRefusal::NoPerson { named: named.to_owned() }.into())
    }
}

/// What does not fit the schema ends with awork's code like any other refusal.
fn unfit(error: &SchemaError) -> Halt {
    let problem = error.problem();
    let detail = format!("{} (validation-failed)", problem.detail);
    Halt::Refuse(Problem { detail, ..problem })
}

/// A body that names one attribute.
fn said(attribute: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([("schemas".to_owned(), json!([urn::USER])), (attribute.to_owned(), value)])
}

fn update(
    desk: &Desk<'_>,
    current: &Record,
    body: Map<String, Value>,
    labels: &[&str],
) -> Result<Done<UserChanged>, Halt> {
    let def = desk.def(USER_KIND)?;
    let desired = def.replace(&current.document, body, Leniency::default(), Omitted::Kept);
    let desired = desired.map_err(|error| unfit(&error))?;
    person(desk, Action::Update { current, desired: &desired, replaces: false }, labels)
}

/// Lets the rules of provisioning decide about a user, by hand and with further labels of the caller.
fn person(desk: &Desk<'_>, action: Action<'_>, labels: &[&str]) -> Result<Done<UserChanged>, Halt> {
    let (def, space) = (desk.def(USER_KIND)?, desk.scene.space);
    let mut context: RequestContext = desk.scene.context.clone();
    context.caller.labels =
        [BY_HAND_LABEL].iter().chain(labels).map(|label| ((*label).to_owned(), "true".to_owned())).collect();
    let holdings = holdings(def, space, action, desk.facts).map_err(Halt::Need)?;
    let change = Change {
        context: &context,
        def,
        space,
        action,
        links: &[],
        holdings: &holdings,
        refused: desk.scene.refused,
    };
    let decision = match action {
        Action::Delete { .. } => purge(&change, desk.facts)?,
        Action::Create { .. } | Action::Update { .. } => decide_person(&change, desk.facts)?,
    };
    let id = match &decision.outcome {
        Outcome::Put(subject) => subject.id.clone(),
        Outcome::Untouched | Outcome::Deleted(_) => action.id().to_owned(),
    };
    let output = UserChanged { id: id.clone(), warnings: decision.warnings.clone() };
    Ok(Done { decision, output, about: (USER_KIND, id), logged: true })
}

/// Shows a user, also one whom SCIM does not see.
#[derive(Clone, Debug)]
pub struct ShowUser {
    /// Id or account e-mail.
    pub user: String,
}

/// A user as awork's admins see them.
#[derive(Clone, Debug, Serialize)]
pub struct UserView {
    /// The id.
    pub id: String,
    /// The account e-mail.
    pub email: String,
    /// The first name.
    pub given_name: String,
    /// The last name.
    pub family_name: String,
    /// Whether the user may sign in.
    pub active: bool,
    /// Whether SCIM shows the user.
    pub visible: bool,
    /// Whether an invitation is still open.
    pub invited: bool,
    /// The name of the role.
    pub role: Option<String>,
    /// The names of the teams.
    pub teams: Vec<String>,
    /// The name of the absence region.
    pub absence_region: Option<String>,
    /// The title.
    pub title: Option<String>,
    /// The position.
    pub position: Option<String>,
    /// The language.
    pub language: Option<String>,
    /// The time zone.
    pub time_zone: Option<String>,
    /// In how many workspaces the person is.
    pub workspaces: usize,
}

impl AworkCommand for ShowUser {
    type Output = UserView;

    const OPERATION: &'static str = "user.show";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<UserView>, Halt> {
        let user = desk.user(&self.user)?;
        let key = || RecordKey::new(desk.scene.space, USER_KIND, user.id());
        let account = user.extra.get(ACCOUNT).and_then(Value::as_str).unwrap_or_default();
        let (roles, teams, regions, account) = desk.all(|lookup| {
            (
                lookup.links(key(), of_user(ROLE)),
                lookup.links(key(), of_user(TEAM)),
                lookup.links(key(), of_user(REGION)),
                lookup.record(account_key(account)),
            )
        })?;
        let (workspace, _) = desk.workspace()?;
        let text = |name: &str| user.document.text(name).map(str::to_owned);
        let name = |part: &str| {
            let name = user.document.get(None, "name").and_then(|name| name.get(part)?.as_str());
            name.unwrap_or_default().to_owned()
        };
        let is_of = |ends: &[FarEnd], id: &str| ends.iter().any(|end| end.id == id);
        Ok(Done::seen(UserView {
            id: user.id().to_owned(),
            email: text("userName").unwrap_or_default(),
            given_name: name("givenName"),
            family_name: name("familyName"),
            active: is_active(&user.document),
            visible: user.visible,
            invited: user.extra.get(INVITED) == Some(&Value::Bool(true)),
            role: roles.first().and_then(|end| Some(workspace.role(&end.id)?.name.clone())),
            teams: workspace
                .teams
                .iter()
                .filter(|team| is_of(teams, &team.id))
                .map(|team| team.name.clone())
                .collect(),
            absence_region: workspace
                .regions
                .iter()
                .find(|region| is_of(regions, &region.id))
                .map(|region| region.name.clone()),
            title: text("title"),
            position: text("userType"),
            language: text("preferredLanguage"),
            time_zone: text("timezone"),
            workspaces: account.and_then(Account::of).map_or(0, |account| account.memberships.len()),
        }))
    }
}
