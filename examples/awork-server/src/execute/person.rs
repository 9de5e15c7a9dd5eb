//! Hands over what is kept of a person, or erases it.

use scim_awork::command::{Actor, DeleteUser};
use scim_awork::person_data::{account, erase_person, export_person};
use scim_engine::EngineError;
use scim_engine::check::Checked;
use scim_engine::core::Problem;
use serde_json::{Value, json};

use super::Desk;
use crate::orders::PersonOrder;

impl<S: Checked> Desk<'_, S> {
    pub(super) async fn person(&self, order: PersonOrder) -> Result<Value, EngineError> {
        self.check_operator("what is kept of a person in all workspaces is shown and erased")?;
        let store = self.engine.store();
        match order {
            PersonOrder::Export(of) => {
                let data = export_person(store, &of.email).await?;
                if data.is_empty() {
                    let detail = format!("nothing is kept of `{}`: check the e-mail (not-found)", of.email);
                    return Err(Problem::plain(404, detail).into());
                }
                Ok(json!(data))
            }
            PersonOrder::Erase(of) => {
                let account = account(store, &of.email).await?;
                let memberships = account.iter().flat_map(|account| &account.memberships);
                let mut users = Vec::new();
                for membership in memberships {
                    let command = DeleteUser { user: membership.user.clone() };
                    self.run(&membership.workspace, command).await?;
                    users.push(json!({ "workspace": membership.workspace, "id": membership.user }));
                }
                let erased = erase_person(store, &of.email, account.as_ref(), self.now).await?;
                Ok(json!({
                    "deleted_users": users,
                    "erased_events": erased.events,
                    "discarded_letters": erased.dead_letters,
                }))
            }
        }
    }

    /// What concerns all workspaces is the operator's.
    pub(super) fn check_operator(&self, what: &str) -> Result<(), EngineError> {
        if self.by == Actor::Operator {
            return Ok(());
        }
        let detail = format!("{what} by the operator alone: leave out the acting user (unauthorized)");
        Err(Problem::plain(403, detail).into())
    }
}
