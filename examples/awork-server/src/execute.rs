//! Carries an order out on an engine, be it of the command line or of the admin API.

mod check;
mod log;
mod outbox;
mod person;

use std::sync::Arc;

use scim_awork::command::{
    Act, ActivateUser, Actor, ArchiveRole, AworkCommand, BookSeats, ChangeLogin, ChangePlan, ChangeSettings,
    CreateRegion, CreateRole, CreateTeam, CreateUser, CreateWorkspace, DeleteClient, DeleteIntegration,
    DeleteRegion, DeleteRole, DeleteTeam, DeleteUser, EditUser, ListClients, NewWorkspace, RegenerateToken,
    RenameClient, RenameRegion, RenameRole, RenameTeam, SetDefaultRegion, SetGrants, SetUpIntegration,
    ShowIntegration, ShowUser, ShowWorkspace, UserFields, WorkspaceEntry, workspace_page,
};
use scim_awork::{AWORK_USER_URN, AworkRules, AworkToken, Grants};
use scim_engine::check::Checked;
use scim_engine::core::message::SearchRequest;
use scim_engine::core::{Leniency, Problem};
use scim_engine::store::TenantId;
use scim_engine::{Caller, Engine, EngineError, ProvisioningEngine, RequestContext};
use serde::Serialize;
use serde_json::{Value, json};

use crate::orders::{
    Fields, IntegrationOrder, Order, RegionOrder, RoleOrder, SeatsOrder, TeamOrder, UserOrder, WorkspaceOrder,
};

/// The engine of the server.
pub(crate) type Awork<S> = Engine<Arc<S>, AworkRules>;

/// Who is at work, the trace id under which the log finds it, and when that is, in milliseconds since 1970.
pub(crate) struct Desk<'d, S> {
    pub(crate) engine: &'d Awork<S>,
    pub(crate) by: Actor,
    pub(crate) trace_id: String,
    pub(crate) now: i64,
}

/// The circumstances of a command at a time, in milliseconds since 1970, with a new id for what it may create.
pub(crate) fn context(workspace: &str, trace_id: &str, now: i64) -> Result<RequestContext, EngineError> {
    let unfit =
        |error| Problem::plain(404, format!("there is no workspace `{workspace}`: {error} (not-found)"));
    Ok(RequestContext {
        tenant: TenantId::new(workspace).map_err(unfit)?,
        caller: Caller { id: "operator".to_owned(), ..Caller::default() },
        now,
        new_id: uuid::Uuid::now_v7().to_string(),
        trace_id: trace_id.to_owned(),
        leniency: Leniency::default(),
    })
}

/// A token of random bytes.
pub(crate) fn new_token() -> Result<AworkToken, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(AworkToken::of_random(bytes))
}

fn random_token() -> Result<AworkToken, EngineError> {
    new_token().map_err(|_| Problem::plain(503, "the system has no random bytes now: try again").into())
}

impl<S: Checked> Desk<'_, S> {
    /// Does what is ordered, and tells what there is to tell.
    pub(crate) async fn execute(&self, order: Order) -> Result<Value, EngineError> {
        match order {
            Order::Workspace(order) => self.workspace(order).await,
            Order::Integration(order) => self.integration(order).await,
            Order::Role(order) => self.role(order).await,
            Order::Team(order) => self.team(order).await,
            Order::Region(order) => self.region(order).await,
            Order::Seats(order) => self.seats(order).await,
            Order::User(order) => self.user(order).await,
            Order::Log(order) => self.log(order).await,
            Order::Outbox(order) => self.outbox(order).await,
            Order::Person(order) => self.person(order).await,
            Order::Check(order) => self.check(order).await,
        }
    }

    /// Runs a command of awork in a workspace.
    async fn run<C: AworkCommand>(&self, workspace: &str, command: C) -> Result<C::Output, EngineError> {
        let act = Act { by: self.by.clone(), command };
        self.engine.command(&context(workspace, &self.trace_id, self.now)?, &act).await
    }

    async fn told<C: AworkCommand<Output: Serialize>>(
        &self,
        workspace: &str,
        command: C,
    ) -> Result<Value, EngineError> {
        Ok(json!(self.run(workspace, command).await?))
    }

    async fn workspace(&self, order: WorkspaceOrder) -> Result<Value, EngineError> {
        match order {
            WorkspaceOrder::Create(new) => {
                let name = new.workspace.clone();
                let new = NewWorkspace {
                    name: new.workspace,
                    language: new.language,
                    subdomain: new.subdomain,
                    seats: new.seats,
                    automatic_booking: new.automatic_booking,
                    enterprise: new.enterprise,
                    openid_connect: new.openid_connect,
                    admin_email: new.admin_email,
                    admin_given_name: new.admin_given_name,
                    admin_family_name: new.admin_family_name,
                };
                let setup = new.setup().map_err(Problem::from)?;
                self.run(&name, CreateWorkspace::new(setup, || uuid::Uuid::now_v7().to_string())).await?;
                self.told(&name, ShowWorkspace).await
            }
            WorkspaceOrder::Show(of) => self.told(&of.workspace, ShowWorkspace).await,
            WorkspaceOrder::List(page) => {
                let Some(query) = workspace_page(page.offset, usize::from(page.limit)) else {
                    return Err(EngineError::Undecided);
                };
                let found = self.engine.store().query(query).await?;
                let entries = found.found.iter().map(|found| WorkspaceEntry::of(&found.record));
                Ok(json!({ "total": found.total, "workspaces": entries.collect::<Vec<_>>() }))
            }
            WorkspaceOrder::Settings(of) => {
                let settings = ChangeSettings {
                    language: of.language,
                    subdomain: of.subdomain,
                    german_variants_as_german: of.german_variants,
                    automatic_booking: of.automatic_booking,
                    sso_login: of.sso_login,
                    credentials_login: of.credentials_login,
                    social_login: of.social_login,
                };
                self.run(&of.workspace, settings).await?;
                self.told(&of.workspace, ShowWorkspace).await
            }
            WorkspaceOrder::Plan(of) => {
                let plan = ChangePlan { enterprise: of.enterprise, openid_connect: of.openid_connect };
                self.told(&of.workspace, plan).await
            }
        }
    }

    fn shown_integration(&self) -> ShowIntegration {
        ShowIntegration { base_url: self.engine.locations().base.clone() }
    }

    async fn integration(&self, order: IntegrationOrder) -> Result<Value, EngineError> {
        match order {
            IntegrationOrder::SetUp(of) => {
                let token = random_token()?;
                let id = uuid::Uuid::now_v7().to_string();
                let set_up = SetUpIntegration { provider: of.provider, token: token.kept(), id };
                self.run(&of.workspace, set_up).await?;
                self.with_token(&of.workspace, &token).await
            }
            IntegrationOrder::Show(of) => self.told(&of.workspace, self.shown_integration()).await,
            IntegrationOrder::Regenerate(of) => {
                let token = random_token()?;
                self.run(&of.workspace, RegenerateToken { token: token.kept() }).await?;
                self.with_token(&of.workspace, &token).await
            }
            IntegrationOrder::Delete(of) => self.told(&of.workspace, DeleteIntegration).await,
            IntegrationOrder::Clients(of) => self.told(&of.workspace, ListClients).await,
            IntegrationOrder::RenameClient(of) => {
                self.told(&of.workspace, RenameClient { client: of.client, name: of.name }).await
            }
            IntegrationOrder::DeleteClient(of) => {
                self.told(&of.workspace, DeleteClient { client: of.client, force: of.force }).await
            }
        }
    }

    /// The integration with its token, which nobody is told again.
    async fn with_token(&self, workspace: &str, token: &AworkToken) -> Result<Value, EngineError> {
        let mut told = self.told(workspace, self.shown_integration()).await?;
        told["token"] = token.reveal().into();
        Ok(told)
    }

    async fn role(&self, order: RoleOrder) -> Result<Value, EngineError> {
        match order {
            RoleOrder::List(of) => Ok(json!(self.run(&of.workspace, ShowWorkspace).await?.roles)),
            RoleOrder::Create(of) => {
                let grants = Grants { write: of.write_grants, read: of.read_grants };
                self.told(&of.workspace, CreateRole { name: of.name, grants }).await
            }
            RoleOrder::Rename(of) => {
                self.told(&of.workspace, RenameRole { role: of.of, name: of.name }).await
            }
            RoleOrder::Grants(of) => {
                let (write, read) = (of.write_grants, of.read_grants);
                self.told(&of.workspace, SetGrants { role: of.role, write, read }).await
            }
            RoleOrder::Archive(of) => {
                self.told(&of.workspace, ArchiveRole { role: of.role, archived: !of.restore }).await
            }
            RoleOrder::Delete(of) => {
                self.told(&of.workspace, DeleteRole { role: of.of, target: of.target }).await
            }
        }
    }

    async fn team(&self, order: TeamOrder) -> Result<Value, EngineError> {
        match order {
            TeamOrder::List(of) => Ok(json!(self.run(&of.workspace, ShowWorkspace).await?.teams)),
            TeamOrder::Create(of) => self.told(&of.workspace, CreateTeam { name: of.name }).await,
            TeamOrder::Rename(of) => {
                self.told(&of.workspace, RenameTeam { team: of.of, name: of.name }).await
            }
            TeamOrder::Delete(of) => self.told(&of.workspace, DeleteTeam { team: of.of }).await,
        }
    }

    async fn region(&self, order: RegionOrder) -> Result<Value, EngineError> {
        match order {
            RegionOrder::List(of) => Ok(json!(self.run(&of.workspace, ShowWorkspace).await?.absence_regions)),
            RegionOrder::Create(of) => {
                self.told(&of.workspace, CreateRegion { name: of.name, is_default: of.default }).await
            }
            RegionOrder::Rename(of) => {
                self.told(&of.workspace, RenameRegion { region: of.of, name: of.name }).await
            }
            RegionOrder::Default(of) => {
                self.told(&of.workspace, SetDefaultRegion { region: of.region }).await
            }
            RegionOrder::Delete(of) => {
                self.told(&of.workspace, DeleteRegion { region: of.of, target: of.target }).await
            }
        }
    }

    async fn seats(&self, order: SeatsOrder) -> Result<Value, EngineError> {
        match order {
            SeatsOrder::Show(of) => Ok(json!(self.run(&of.workspace, ShowWorkspace).await?.seats)),
            SeatsOrder::Book(of) => self.told(&of.workspace, BookSeats { seats: of.seats }).await,
        }
    }

    async fn user(&self, order: UserOrder) -> Result<Value, EngineError> {
        match order {
            UserOrder::List(of) => {
                // Whoever mistypes the workspace is told so.
                self.run(&of.workspace, ShowWorkspace).await?;
                let search = SearchRequest {
                    filter: of.filter,
                    start_index: i64::try_from(of.page.offset).ok().map(|offset| offset.saturating_add(1)),
                    count: Some(i64::from(of.page.limit)),
                    ..SearchRequest::default()
                };
                let context = context(&of.workspace, &self.trace_id, self.now)?;
                let found = self.engine.query(&context, Some("User"), &search).await?;
                let rows = found.resources.iter().map(row).collect::<Vec<_>>();
                Ok(json!({ "total": found.total, "users": rows }))
            }
            UserOrder::Show(of) => self.told(&of.workspace, ShowUser { user: of.user }).await,
            UserOrder::Create(of) => {
                self.told(&of.workspace, CreateUser { email: of.email, fields: fields(of.fields) }).await
            }
            UserOrder::Edit(of) => {
                self.told(&of.workspace, EditUser { user: of.user, fields: fields(of.fields) }).await
            }
            UserOrder::ChangeLogin(of) => {
                self.told(&of.workspace, ChangeLogin { user: of.user, email: of.email }).await
            }
            UserOrder::Deactivate(of) => {
                self.told(&of.workspace, ActivateUser { user: of.user, active: false }).await
            }
            UserOrder::Reactivate(of) => {
                self.told(&of.workspace, ActivateUser { user: of.user, active: true }).await
            }
            UserOrder::Delete(of) => self.told(&of.workspace, DeleteUser { user: of.user }).await,
        }
    }
}

/// A user as a list shows them.
fn row(user: &Value) -> Value {
    json!({
        "id": user["id"],
        "email": user["userName"],
        "given_name": user["name"]["givenName"],
        "family_name": user["name"]["familyName"],
        "role": user[AWORK_USER_URN]["userRole"],
        "active": user["active"],
    })
}

fn fields(fields: Fields) -> UserFields {
    UserFields {
        given_name: fields.given_name,
        family_name: fields.family_name,
        title: fields.title,
        position: fields.position,
        language: fields.language,
        time_zone: fields.time_zone,
        role: fields.role,
        teams: fields.teams,
        absence_region: fields.absence_region,
    }
}
