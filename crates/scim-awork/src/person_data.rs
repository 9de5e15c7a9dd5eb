//! What is kept of a person, to hand over or to erase: users, account, log, outbox and dead letters.

use scim_engine::outbox::{DeadLetter, dead_letters, discard};
use scim_engine::store::{Query, ReadKey, ReadValue, Record, RecordKey, Store, StoreError, Stream, TenantId};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::account::{Account, account_key, account_of, login_key};
use crate::command::{WorkspaceEntry, workspace_page};
use crate::log::{LoggedEntry, Traces, erase, events_after, learn};
use crate::workspace::USER_KIND;

const PAGE: usize = 100;

/// All that is kept of a person.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonData {
    /// The account; none if there is none, or no more.
    pub account: Option<Account>,
    /// The users of the account.
    pub users: Vec<UserData>,
    /// What logs say of the person.
    pub log: Vec<LoggedIn>,
    /// E-mails to the person, sent or not.
    pub mails: Vec<Value>,
    /// What could not be delivered to the person.
    pub dead_letters: Vec<Value>,
}

/// A user of the person.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UserData {
    /// The workspace.
    pub workspace: String,
    /// The id.
    pub id: String,
    /// When it was created and last changed, in milliseconds since 1970.
    pub created: i64,
    /// Likewise.
    pub modified: i64,
    /// The attributes.
    pub document: Map<String, Value>,
    /// What awork keeps beside them.
    pub extra: Map<String, Value>,
}

/// An entry of the log of a workspace.
#[derive(Debug, Serialize)]
pub struct LoggedIn {
    /// The workspace.
    pub workspace: String,
    /// The entry.
    #[serde(flatten)]
    pub entry: LoggedEntry,
}

/// What was erased.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Erased {
    /// Entries of logs and outboxes.
    pub events: u64,
    /// Dead letters.
    pub dead_letters: u64,
}

/// Collects what is kept of the person with this e-mail.
///
/// # Errors
///
/// Returns a [`StoreError`] when the store cannot answer now.
pub async fn export_person(store: &impl Store, email: &str) -> Result<PersonData, StoreError> {
    let mut data = PersonData { account: account(store, email).await?, ..PersonData::default() };
    for membership in data.account.iter().flat_map(|account| &account.memberships) {
        let Ok(tenant) = TenantId::new(&membership.workspace) else { continue };
        let key = RecordKey::new(&tenant.space(), USER_KIND, &membership.user);
        let Some(record) = record(store, key).await? else { continue };
        data.users.push(UserData {
            workspace: membership.workspace.clone(),
            id: membership.user.clone(),
            created: record.created,
            modified: record.modified,
            document: record.document.into_map(),
            extra: record.extra,
        });
    }
    let (workspaces, traces) = known(store, email, data.account.as_ref()).await?;
    for tenant in &workspaces {
        let space = tenant.space();
        let mut after = 0;
        while let Some(events) = events_after(store, &space, Stream::Log, after).await? {
            after = events.last().map_or(u64::MAX, |event| event.position);
            let entries =
                events.iter().filter_map(LoggedEntry::of).filter(|found| traces.is_in(&found.entry));
            data.log.extend(entries.map(|entry| LoggedIn { workspace: tenant.to_string(), entry }));
        }
        let mut after = 0;
        while let Some(events) = events_after(store, &space, Stream::Outbox, after).await? {
            after = events.last().map_or(u64::MAX, |event| event.position);
            let mails = events.into_iter().filter(|event| traces.erased_event(&event.body).is_some());
            data.mails.extend(mails.map(|mut event| event.body["event"].take()));
        }
        let letters = letters_to(store, tenant, &traces).await?;
        data.dead_letters.extend(letters.into_iter().map(|letter| letter.body));
    }
    Ok(data)
}

/// Erases the person with this e-mail from the logs and outboxes of all workspaces. The users must be deleted
/// for good before: what is still there is kept track of.
///
/// # Errors
///
/// Returns a [`StoreError`] when the store cannot answer now; what is left is erased the next time.
pub async fn erase_person(store: &impl Store, email: &str, now: i64) -> Result<Erased, StoreError> {
    let (workspaces, traces) = known(store, email, None).await?;
    let mut erased = Erased::default();
    for tenant in &workspaces {
        erased.events += erase(store, &tenant.space(), &traces, now).await?;
        for letter in letters_to(store, tenant, &traces).await? {
            if discard(store, tenant, &letter.id, now).await? {
                erased.dead_letters += 1;
            }
        }
    }
    Ok(erased)
}

/// The account that an e-mail leads to.
///
/// # Errors
///
/// Returns a [`StoreError`] when the store cannot answer now.
pub async fn account(store: &impl Store, email: &str) -> Result<Option<Account>, StoreError> {
    let Some(login) = record(store, login_key(email.trim())).await? else { return Ok(None) };
    let Some(id) = account_of(&login) else { return Ok(None) };
    Ok(record(store, account_key(id)).await?.as_ref().and_then(Account::of))
}

/// All workspaces, and under which names their logs know the person.
async fn known(
    store: &impl Store,
    email: &str,
    account: Option<&Account>,
) -> Result<(Vec<TenantId>, Traces), StoreError> {
    let workspaces = workspaces(store).await?;
    let mut traces = Traces::of_email(email);
    let users = account.iter().flat_map(|account| &account.memberships);
    traces.ids.extend(users.map(|membership| membership.user.clone()));
    for tenant in &workspaces {
        learn(store, &tenant.space(), &mut traces).await?;
    }
    Ok((workspaces, traces))
}

/// The names of all workspaces.
///
/// # Errors
///
/// Returns a [`StoreError`] when the store cannot answer now.
pub async fn workspaces(store: &impl Store) -> Result<Vec<TenantId>, StoreError> {
    let mut names = Vec::new();
    while let Some(query) = workspace_page(u64::try_from(names.len()).unwrap_or(u64::MAX), PAGE) {
        let page = listed(store, query).await?;
        let is_last = page.len() < PAGE;
        names.extend(page);
        if is_last {
            break;
        }
    }
    Ok(names)
}

async fn listed(store: &impl Store, query: Query) -> Result<Vec<TenantId>, StoreError> {
    let page = store.query(query).await?;
    let names = page.found.iter().map(|found| WorkspaceEntry::of(&found.record).name);
    Ok(names.filter_map(|name| TenantId::new(&name).ok()).collect())
}

async fn letters_to(
    store: &impl Store,
    tenant: &TenantId,
    traces: &Traces,
) -> Result<Vec<DeadLetter>, StoreError> {
    let mut found = Vec::new();
    let mut last: Option<DeadLetter> = None;
    loop {
        let letters = dead_letters(store, tenant, last.as_ref(), PAGE).await?;
        last = letters.last().cloned();
        let is_last = letters.len() < PAGE;
        found.extend(letters.into_iter().filter(|letter| traces.is_mail_to(&letter.body)));
        if is_last {
            return Ok(found);
        }
    }
}

async fn record(store: &impl Store, key: RecordKey) -> Result<Option<Record>, StoreError> {
    match store.read(vec![ReadKey::Record(key)]).await?.pop() {
        Some(ReadValue::Record(record)) => Ok(record.map(|record| *record)),
        _ => Ok(None),
    }
}
