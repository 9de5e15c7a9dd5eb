//! Settings of a workspace, and its plan.

use scim_engine::store::Write;
use serde::Serialize;

use super::AworkCommand;
use super::desk::{Desk, Done, Halt};
use super::refusal::CommandRefusal;
use crate::account::bare;
use crate::language::{GermanVariants, normalise_language};
use crate::login_url::subdomain_label;
use crate::preconditions::Preconditions;
use crate::workspace::Workspace;

/// Changes settings of a workspace; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct ChangeSettings {
    /// The language of those who come without one that awork has.
    pub language: Option<String>,
    /// The label before `awork.com`; empty for none (D-47).
    pub subdomain: Option<String>,
    /// Whether variants of German count as German.
    pub german_variants_as_german: Option<bool>,
    /// Whether provisioning may book seats; only admins may say so (D-23).
    pub automatic_booking: Option<bool>,
    /// Whether people may sign in by single sign-on (D-9).
    pub sso_login: Option<bool>,
    /// Whether they may by password.
    pub credentials_login: Option<bool>,
    /// Whether they may by accounts of other services.
    pub social_login: Option<bool>,
}

impl AworkCommand for ChangeSettings {
    type Output = ();

    const OPERATION: &'static str = "workspace.settings";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<()>, Halt> {
        let (before, version) = desk.workspace()?;
        let mut after = before.clone();
        if let Some(language) = &self.language {
            after.language = check_language(language)?;
        }
        if let Some(subdomain) = &self.subdomain {
            after.subdomain = check_subdomain(subdomain)?;
        }
        if let Some(as_german) = self.german_variants_as_german {
            after.german_variants_as_german = as_german;
        }
        if let Some(booking) = self.automatic_booking {
            after.automatic_booking = booking;
        }
        let logins = &mut after.logins;
        for (login, switch) in [
            (&mut logins.sso, self.sso_login),
            (&mut logins.credentials, self.credentials_login),
            (&mut logins.social, self.social_login),
        ] {
            *login = switch.unwrap_or(*login);
        }
        if after == before {
            return Ok(Done::seen(()));
        }
        let record = bare(Workspace::key(desk.scene.space), Some(&after.name), after.to_extra());
        let writes = vec![Write::Put { record: Box::new(record), replaces: Some(version) }];
        Ok(Done::written(writes, (), ("Workspace", &after.name)))
    }
}

/// One of awork's two languages, in its own spelling.
pub(super) fn check_language(sent: &str) -> Result<String, CommandRefusal> {
    let language = normalise_language(sent, GermanVariants::AsGerman);
    let unknown = || CommandRefusal::UnknownLanguage { sent: sent.to_owned() };
    language.map(|language| language.to_string()).ok_or_else(unknown)
}

/// The label of a subdomain; none for empty text.
pub(super) fn check_subdomain(sent: &str) -> Result<Option<String>, CommandRefusal> {
    if sent.trim().is_empty() {
        return Ok(None);
    }
    let unfit = || CommandRefusal::UnfitSubdomain { sent: sent.to_owned() };
    subdomain_label(sent).map(Some).ok_or_else(unfit)
}

/// Changes what the workspace has of what SCIM needs: the Enterprise plan and single sign-on; what is none
/// stays (D-10, D-11).
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct ChangePlan {
    /// Whether it has an active Enterprise subscription.
    pub enterprise: Option<bool>,
    /// Whether it has single sign-on with OpenID Connect.
    pub openid_connect: Option<bool>,
}

impl AworkCommand for ChangePlan {
    type Output = Preconditions;

    const OPERATION: &'static str = "workspace.plan";

    fn decide(&self, desk: &Desk<'_>) -> Result<Done<Preconditions>, Halt> {
        let (workspace, _) = desk.workspace()?;
        let record = desk.record(Preconditions::key(desk.scene.space))?;
        let before = record.and_then(Preconditions::of);
        let known = before.unwrap_or(Preconditions { enterprise: false, openid_connect: false });
        let after = Preconditions {
            enterprise: self.enterprise.unwrap_or(known.enterprise),
            openid_connect: self.openid_connect.unwrap_or(known.openid_connect),
        };
        if before == Some(after) {
            return Ok(Done::seen(after));
        }
        let put = after.record(desk.scene.space);
        let write = Write::Put { record: Box::new(put), replaces: record.map(|record| record.version) };
        Ok(Done::written(vec![write], after, ("Workspace", &workspace.name)))
    }
}
