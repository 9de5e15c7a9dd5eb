//! Shows the provisioning log.

use chrono::{DateTime, SecondsFormat, Utc};
use scim_awork::command::ShowWorkspace;
use scim_awork::log::{LogOutcome, LogPage, LogQuery, LoggedEntry, log_after, search_log, strangers};
use scim_awork::person_data::{user_ids, workspaces};
use scim_engine::EngineError;
use scim_engine::check::Checked;
use scim_engine::store::{Space, TenantId};
use serde_json::{Value, json};

use super::{Desk, context};
use crate::orders::{LogExport, LogList, LogOrder, Outcome};

/// How many entries one order exports.
const EXPORTED: usize = 1_000;

impl<S: Checked> Desk<'_, S> {
    pub(super) async fn log(&self, order: LogOrder) -> Result<Value, EngineError> {
        match order {
            LogOrder::List(of) => self.list_log(of).await,
            LogOrder::Export(of) => self.export_log(of).await,
        }
    }

    async fn list_log(&self, of: LogList) -> Result<Value, EngineError> {
        let mut query = LogQuery {
            trace_id: of.trace,
            person: Vec::new(),
            outcome: of.outcome.map(|outcome| match outcome {
                Outcome::Done => LogOutcome::Done,
                Outcome::Warned => LogOutcome::Warned,
                Outcome::Refused => LogOutcome::Refused,
            }),
            since: of.since.map(|time| time.timestamp_millis()),
            until: of.until.map(|time| time.timestamp_millis()),
            before: of.before,
            limit: usize::from(of.limit),
        };
        match of.workspace {
            Some(workspace) => {
                let tenant = self.open_workspace(&workspace).await?;
                if let Some(person) = of.person {
                    query.person = user_ids(self.engine.store(), &tenant, &person).await?;
                    query.person.push(person);
                }
                let page = search_log(self.engine.store(), &tenant.space(), &query).await?;
                Ok(told(&page, Some(&workspace)))
            }
            None => {
                self.check_operator("the requests of all workspaces are shown")?;
                query.person.extend(of.person);
                self.list_everywhere(&query).await
            }
        }
    }

    /// The log of clients that are not known; with a trace id, those of all workspaces too.
    async fn list_everywhere(&self, query: &LogQuery) -> Result<Value, EngineError> {
        let store = self.engine.store();
        let page = search_log(store, &strangers(), query).await?;
        if query.trace_id.is_none() || !page.entries.is_empty() {
            return Ok(told(&page, None));
        }
        for tenant in workspaces(store).await? {
            let page = search_log(store, &tenant.space(), query).await?;
            if !page.entries.is_empty() {
                return Ok(told(&page, Some(tenant.as_str())));
            }
        }
        Ok(told(&LogPage::default(), None))
    }

    async fn export_log(&self, of: LogExport) -> Result<Value, EngineError> {
        let tenant = self.open_workspace(&of.workspace).await?;
        let space: Space = tenant.space();
        let entries = log_after(self.engine.store(), &space, of.after, EXPORTED).await?;
        let next = entries.last().filter(|_| entries.len() == EXPORTED).map(|last| last.position);
        Ok(told(&LogPage { entries, next }, Some(&of.workspace)))
    }

    /// Whoever mistypes the workspace, or may not look at it, is told so.
    async fn open_workspace(&self, workspace: &str) -> Result<TenantId, EngineError> {
        self.run(workspace, ShowWorkspace).await?;
        Ok(context(workspace, &self.trace_id, self.now)?.tenant)
    }
}

fn told(page: &LogPage, workspace: Option<&str>) -> Value {
    let entries: Vec<Value> = page.entries.iter().map(|found| entry(found, workspace)).collect();
    json!({ "entries": entries, "next": page.next })
}

/// The entry with a time that people can read.
pub(super) fn entry(found: &LoggedEntry, workspace: Option<&str>) -> Value {
    let mut told = json!(found);
    let time = DateTime::<Utc>::from_timestamp_millis(found.time).unwrap_or_default();
    told["time"] = time.to_rfc3339_opts(SecondsFormat::Millis, true).into();
    if let Some(entry) = told.as_object_mut() {
        entry.remove("at");
    }
    if let Some(workspace) = workspace {
        told["workspace"] = workspace.into();
    }
    told
}
