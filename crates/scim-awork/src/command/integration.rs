//! The SCIM integration of a workspace: set up, shown, repaired (D-34 to D-41).

use chrono::{DateTime, Utc};
use scim_engine::store::{Counter, Guard, Record, Write};
use serde::Serialize;

use super::AworkCommand;
use super::desk::{Desk, Done, Halt};
use super::refusal::CommandRefusal;
use crate::integration::{CLIENT_NAME, ClientApplication, Integration, last_use};
use crate::login_url::login_url;
use crate::preconditions::Preconditions;
use crate::provider::Provider;
use crate::token::{KeptToken, TokenLead};

const KIND: &str = "Integration";

/// Sets the integration up, with a client application `API Access` and its token (D-35 to D-38).
///
/// Refused without the Enterprise plan, then without OpenID Connect (D-10, D-11), and where there is one
/// already.
#[derive(Clone, Debug)]
pub struct SetUpIntegration {
    /// The identity provider.
    pub provider: Provider,
    /// The token, made by the caller, who shows it once.
    pub token: KeptToken,
    /// The id under which the log names the integration.
    pub id: String,
}

impl AworkCommand for SetUpIntegration {
    type Output = ();

    const OPERATION: &'static str = "integration.set-up";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<()>, Halt> {
        let space = desk.scene.space;
        let hash = self.token.hash.clone();
        let (preconditions, known, taken) = desk.all(|lookup| {
            (
                lookup.record(Preconditions::key(space)),
                lookup.record(Integration::key(space)),
                lookup.record(TokenLead::key(&hash)),
            )
        })?;
        desk.workspace()?;
        let allowed = preconditions.and_then(Preconditions::of);
        allowed.unwrap_or(Preconditions { enterprise: false, openid_connect: false }).check()?;
        if known.is_some() {
            return Err(CommandRefusal::IntegrationExists.into());
        }
        if taken.is_some() {
            return Err(CommandRefusal::TokenTaken.into());
        }
        let context = desk.scene.context;
        let integration = Integration {
            id: self.id.clone(),
            provider: self.provider,
            client: context.new_id.clone(),
            token: hash.clone(),
            hint: self.token.hint.clone(),
            token_created: context.now,
            created_by: context.caller.id.clone(),
        };
        let client = ClientApplication {
            id: context.new_id.clone(),
            name: CLIENT_NAME.to_owned(),
            integration: self.id.clone(),
        };
        let lead = TokenLead {
            workspace: context.tenant.to_string(),
            integration: self.id.clone(),
            provider: self.provider,
            is_orphaned: false,
        };
        let put = |record| Write::Put { record: Box::new(record), replaces: None };
        let writes = vec![
            put(integration.record(space)),
            put(client.record(space)),
            put(lead.record(&hash)),
            Write::SetCounter(last_use(space), Counter::default()),
        ];
        let guard = preconditions.map(|record| Guard::Version(record.key.clone(), Some(record.version)));
        Ok(Done::written(writes, (), (KIND, &self.id)).guarded(guard))
    }
}

/// The integration and what stands around it.
pub(super) struct Known<'d> {
    pub(super) record: &'d Record,
    pub(super) integration: Integration,
    pub(super) client: Option<&'d Record>,
    pub(super) lead: Option<&'d Record>,
}

pub(super) fn known<'d>(desk: &Desk<'d>) -> Result<Known<'d>, Halt> {
    let space = desk.scene.space;
    let record = desk.record(Integration::key(space))?;
    if record.is_none() {
        // Whoever mistypes the workspace is told so.
        desk.workspace()?;
    }
    let record = record.ok_or(CommandRefusal::NoIntegration)?;
    let integration = Integration::of(record).ok_or_else(Halt::damaged)?;
    let (client, lead) = desk.all(|lookup| {
        let client = lookup.record(ClientApplication::key(space, &integration.client));
        (client, lookup.record(TokenLead::key(&integration.token)))
    })?;
    Ok(Known { record, integration, client, lead })
}

/// Makes a new token; the old one is dead at the next request, on every server (D-38, A-46).
#[derive(Clone, Debug)]
pub struct RegenerateToken {
    /// The new token, made by the caller, who shows it once.
    pub token: KeptToken,
}

impl AworkCommand for RegenerateToken {
    type Output = Provider;

    const OPERATION: &'static str = "integration.regenerate";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Provider>, Halt> {
        let space = desk.scene.space;
        let Known { record, integration, client, lead } = known(desk)?;
        let client = client.ok_or(CommandRefusal::ClientMissing)?;
        let hash = self.token.hash.clone();
        let provider = integration.provider;
        if hash == integration.token {
            return Ok(Done::seen(provider));
        }
        if desk.record(TokenLead::key(&hash))?.is_some() {
            return Err(CommandRefusal::TokenTaken.into());
        }
        let next = TokenLead {
            workspace: desk.scene.context.tenant.to_string(),
            integration: integration.id.clone(),
            provider,
            is_orphaned: false,
        };
        let after = Integration {
            token: hash.clone(),
            hint: self.token.hint.clone(),
            token_created: desk.scene.context.now,
            ..integration.clone()
        };
        let mut writes = vec![
            Write::Put { record: Box::new(after.record(space)), replaces: Some(record.version) },
            Write::Put { record: Box::new(next.record(&hash)), replaces: None },
            Write::SetCounter(last_use(space), Counter::default()),
        ];
        writes.extend(lead.map(deletion));
        let guard = Guard::Version(client.key.clone(), Some(client.version));
        Ok(Done::written(writes, provider, (KIND, &integration.id)).guarded([guard]))
    }
}

/// Deletes the integration: its token is dead, and users stay as they are (D-40).
#[derive(Clone, Copy, Debug)]
pub struct DeleteIntegration;

impl AworkCommand for DeleteIntegration {
    type Output = ();

    const OPERATION: &'static str = "integration.delete";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<()>, Halt> {
        let Known { record, integration, client, lead } = known(desk)?;
        let writes = [Some(record), client, lead].into_iter().flatten().map(deletion).collect();
        Ok(Done::written(writes, (), (KIND, &integration.id)))
    }
}

pub(super) fn deletion(record: &Record) -> Write {
    Write::Delete { key: record.key.clone(), replaces: record.version }
}

/// Shows the integration (D-37).
#[derive(Clone, Debug)]
pub struct ShowIntegration {
    /// Where the service is, such as `https://app.awork.com/api/v1/scim` (D-41).
    pub base_url: String,
}

/// The integration as its admins see it, and what they paste into the identity provider.
#[derive(Clone, Debug, Serialize)]
pub struct IntegrationView {
    /// The id.
    pub id: String,
    /// The identity provider.
    pub provider: Provider,
    /// Whether SCIM works, and why not.
    pub state: IntegrationState,
    /// The base URL; Entra ID calls it the tenant URL (D-41, D-49).
    pub base_url: String,
    /// Where people sign in (D-47).
    pub login_url: String,
    /// The last characters of the token.
    pub token_hint: String,
    /// When the token was made.
    pub token_created: DateTime<Utc>,
    /// When it was last used, to the minute; none if it never was.
    pub token_last_used: Option<DateTime<Utc>>,
    /// When the integration was set up.
    pub created: DateTime<Utc>,
    /// Who set it up.
    pub created_by: String,
    /// What is to be done in the identity provider.
    pub notes: &'static [&'static str],
}

/// Whether SCIM works.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IntegrationState {
    /// It does.
    Working,
    /// The client application is missing: delete the integration and set it up again (D-39, D-40).
    Broken,
    /// The Enterprise plan is missing; it works again when that is back.
    PlanMissing,
    /// Single sign-on with OpenID Connect is missing; it works again when that is back.
    SsoMissing,
}

impl AworkCommand for ShowIntegration {
    type Output = IntegrationView;

    const OPERATION: &'static str = "integration.show";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<IntegrationView>, Halt> {
        let space = desk.scene.space;
        let (preconditions, used) =
            desk.all(|lookup| (lookup.record(Preconditions::key(space)), lookup.counter(last_use(space))))?;
        let (workspace, _) = desk.workspace()?;
        let Known { record, integration, client, lead } = known(desk)?;
        let allowed = preconditions.and_then(Preconditions::of);
        let state = match (client.and(lead), allowed) {
            (None, _) => IntegrationState::Broken,
            (Some(_), Some(Preconditions { enterprise: false, .. })) => IntegrationState::PlanMissing,
            (Some(_), Some(Preconditions { openid_connect: false, .. })) => IntegrationState::SsoMissing,
            (Some(_), _) => IntegrationState::Working,
        };
        Ok(Done::seen(IntegrationView {
            id: integration.id,
            provider: integration.provider,
            state,
            base_url: self.base_url.clone(),
            login_url: login_url(workspace.subdomain.as_deref()),
            token_hint: integration.hint,
            token_created: instant(integration.token_created),
            token_last_used: used.map(|counter| counter.value).filter(|used| *used > 0).map(instant),
            created: instant(record.created),
            created_by: integration.created_by,
            notes: integration.provider.notes(),
        }))
    }
}

/// A time in milliseconds since 1970, as people read it.
pub(super) fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or_default()
}

/// Notes when the token of a workspace was last used; an older time changes nothing.
#[derive(Clone, Copy, Debug)]
pub struct NoteTokenUse {
    /// When, in milliseconds since 1970.
    pub at: i64,
}

impl AworkCommand for NoteTokenUse {
    type Output = ();

    const OPERATION: &'static str = "token.use";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<()>, Halt> {
        let key = last_use(desk.scene.space);
        let known = desk.all(|lookup| lookup.counter(key.clone()))?;
        if known.is_none_or(|known| known.value >= self.at) {
            return Ok(Done::seen(()));
        }
        let counter = Counter { value: self.at, ..Counter::default() };
        Ok(Done::written(vec![Write::SetCounter(key, counter)], (), (KIND, "scim")).unlogged())
    }
}
