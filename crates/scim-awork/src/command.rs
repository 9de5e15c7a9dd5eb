//! What awork itself does beside SCIM: the commands of its admins and of its operator.
//!
//! A command is a value. It walks the way of a request, through the same rules: decided by a pure function
//! of the facts it asks for, committed as one guarded batch, and decided anew when a guard is lost. What
//! only looks is a command that commits nothing.
//!
//! ```
//! use scim_awork::command::{Act, Actor, RenameTeam};
//!
//! let command = Act { by: Actor::Operator, command: RenameTeam { team: "Sales".into(), name: "Revenue".into() } };
//! # let _ = command;
//! // engine.command(&context, &command).await?
//! ```

mod catalogue;
mod client;
mod desk;
mod directory;
mod integration;
mod names;
mod outbox;
mod refusal;
mod region;
mod role;
mod seats;
mod settings;
mod team;
mod user;
mod workspace;

use scim_engine::store::Stream;
use scim_engine::{Command, CommandStep, Facts, Scene};
use serde::Deserialize;

pub use client::{DeleteClient, ListClients, RenameClient};
pub use desk::{Desk, Done, Halt};
pub use directory::{WORKSPACES, WorkspaceEntry, workspace_page};
pub use integration::{
    DeleteIntegration, IntegrationState, IntegrationView, NoteTokenUse, RegenerateToken, SetUpIntegration,
    ShowIntegration,
};
pub use outbox::{DeadLetterView, DiscardDelivery, PendingView, RetryDeliveries};
pub use refusal::CommandRefusal;
pub use region::{CreateRegion, DeleteRegion, RenameRegion, SetDefaultRegion};
pub use role::{ArchiveRole, CreateRole, DeleteRole, RenameRole, SetGrants};
pub use seats::{BookSeats, SeatsBooked, SeatsToInvoice, SeatsView};
pub use settings::{ChangePlan, ChangeSettings};
pub use team::{CreateTeam, DeleteTeam, RenameTeam};
pub use user::{
    ActivateUser, ChangeLogin, CreateUser, DeleteUser, EditUser, ShowUser, UserChanged, UserFields, UserView,
};
pub use workspace::{CreateWorkspace, NewWorkspace, ShowWorkspace, WorkspaceView};

pub(crate) use directory::{entry_write, is_workspace_name};

use crate::log::LogEntry;

/// A command of awork.
pub trait AworkCommand: Send + Sync {
    /// What comes of it.
    type Output: Send;

    /// What the provisioning log calls it, such as `role.rename`.
    const OPERATION: &'static str;

    /// The resource type that the outcome is about; none where there is no such outcome.
    const KIND: Option<&'static str> = None;

    /// Decides; asked again with more facts.
    ///
    /// # Errors
    ///
    /// Returns a [`Halt`] when more must be known, or the command is refused.
    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Self::Output>, Halt>;
}

/// Who commands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Actor {
    /// The operator of the service, who may do everything.
    #[default]
    Operator,
    /// A user of the workspace, by id or account e-mail, who has to be an active admin (D-23, D-35).
    User(String),
}

/// A command and who gives it.
#[derive(Clone, Debug)]
pub struct Act<C> {
    /// Who gives it.
    pub by: Actor,
    /// The command.
    pub command: C,
}

impl<C> Act<C> {
    /// The command as the operator gives it.
    pub fn of_operator(command: C) -> Self {
        Self { by: Actor::Operator, command }
    }
}

impl<C: AworkCommand> Command for Act<C> {
    type Output = C::Output;

    fn kind(&self) -> Option<&str> {
        C::KIND
    }

    fn decide(&self, scene: &Scene<'_>, facts: &Facts) -> CommandStep<C::Output> {
        let desk = Desk { scene, facts };
        match self.decide_at(&desk) {
            Ok(done) => CommandStep::Commit(Box::new(done.decision), done.output),
            Err(Halt::Need(keys)) => CommandStep::Need(keys),
            Err(Halt::Refuse(problem)) => CommandStep::Refuse(problem),
        }
    }
}

impl<C: AworkCommand> Act<C> {
    fn decide_at(&self, desk: &Desk<'_>) -> Result<Done<C::Output>, Halt> {
        let admin = match &self.by {
            Actor::Operator => Ok(("operator".to_owned(), Vec::new())),
            Actor::User(named) => desk.check_admin(named),
        };
        let done = self.command.decide(desk);
        // The rounds of facts are few, so both ask in the same ones.
        let ((by, guards), mut done) = match (admin, done) {
            (Err(Halt::Need(mut keys)), Err(Halt::Need(more))) => {
                keys.extend(more);
                return Err(Halt::Need(keys));
            }
            (Err(halt), _) => return Err(halt),
            (Ok(admin), done) => (admin, done?),
        };
        let decision = &mut done.decision;
        decision.guards.extend(guards);
        if !done.logged {
            return Ok(done);
        }
        // The rules of provisioning log what they decide; then it only has to be said who wanted it, and what.
        let told = decision.events.iter().position(|(stream, _)| *stream == Stream::Log);
        let told = told.and_then(|at| LogEntry::deserialize(decision.events.remove(at).1).ok());
        let entry = match told {
            Some(entry) => LogEntry { integration: None, provider: None, ..entry },
            None => LogEntry {
                trace_id: desk.scene.context.trace_id.clone(),
                resource_type: Some(done.about.0.to_owned()),
                resource: Some(done.about.1.clone()),
                changes: desk.settings_changed(&decision.writes)?,
                warnings: decision.warnings.clone(),
                ..LogEntry::default()
            },
        };
        let entry = LogEntry { by: Some(by), operation: C::OPERATION.to_owned(), ..entry };
        decision.events.push(entry.to_event());
        Ok(done)
    }
}
