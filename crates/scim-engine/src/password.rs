//! New passwords: handed to the application, and kept nowhere ([RFC 7643 §4.1.1], [§9.2]).
//!
//! [RFC 7643 §4.1.1]: https://www.rfc-editor.org/rfc/rfc7643#section-4.1.1
//! [§9.2]: https://www.rfc-editor.org/rfc/rfc7643#section-9.2

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use scim_core::text::prepare_password;
use scim_core::{AttrKey, Problem, ScimType};
use serde_json::Value;

use crate::context::RequestContext;
use crate::rules::Action;

/// The key in a record's `extra` under which stands what a [`PasswordHook`] kept of a password.
pub const KEPT_PASSWORD: &str = "$password";

/// What an application does with new passwords.
///
/// The engine asks it once per request, when everything else about the request is settled and before the
/// commit. What it keeps, such as a salted hash, is committed with the resource, in the record's `extra`
/// under [`KEPT_PASSWORD`], and shown to no client. The password itself is kept nowhere, logged nowhere and
/// shown in no answer; without a hook it is accepted and forgotten.
///
/// ```
/// use scim_core::{Problem, ScimType};
/// use scim_engine::{NewPassword, PasswordDecision, PasswordHook};
///
/// /// Wants long passwords, and keeps what `hash` makes of them.
/// struct Policy;
///
/// impl PasswordHook for Policy {
///     fn decide<'a>(&'a self, new: NewPassword<'a>) -> PasswordDecision<'a> {
///         Box::pin(async move {
///             let Some(password) = new.reveal() else { return Ok(None) };
///             if password.chars().count() < 12 {
///                 let message = "`password` is too short: take at least 12 characters";
///                 return Err(Problem::bad_request(ScimType::InvalidValue, message));
///             }
///             Ok(Some(hash(password).into()))
///         })
///     }
/// }
/// # fn hash(password: &str) -> String { format!("{} characters", password.len()) }
/// ```
pub trait PasswordHook: Send + Sync + 'static {
    /// Says what is to be kept of the password, if anything, or why it is refused. A refusal is what the
    /// client is told, so it must not hold the password.
    fn decide<'a>(&'a self, new: NewPassword<'a>) -> PasswordDecision<'a>;
}

/// What is to be kept of a password, or the refusal: 400 `invalidValue` where a policy says no.
pub type PasswordDecision<'a> = Pin<Box<dyn Future<Output = Result<Option<Value>, Problem>> + Send + 'a>>;

/// A password that a request wants to set or to take away. It is not printed by accident.
pub struct NewPassword<'a> {
    /// Who asks, when, for which tenant.
    pub context: &'a RequestContext,
    /// The resource type.
    pub kind: &'a str,
    /// The id of the resource.
    pub id: &'a str,
    password: Option<String>,
}

impl NewPassword<'_> {
    /// The password, prepared as RFC 8265 §4.2 says: blanks of all kinds are spaces, and characters are
    /// composed. None where it is taken away.
    #[must_use]
    pub fn reveal(&self) -> Option<&str> {
        self.password.as_deref()
    }
}

impl fmt::Debug for NewPassword<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewPassword").field("kind", &self.kind).field("id", &self.id).finish_non_exhaustive()
    }
}

/// Asks the hook about the password that the request names; none if it names none.
pub(crate) async fn decide(
    hook: &dyn PasswordHook,
    may_change: bool,
    context: &RequestContext,
    kind: &str,
    id: &str,
    action: Action<'_>,
) -> Result<Option<Option<Value>>, Problem> {
    let asserted = action.desired().and_then(|desired| desired.asserted.get(&AttrKey::base("password")));
    let Some(asserted) = asserted else { return Ok(None) };
    if action.current().is_some() && !may_change {
        let message = "passwords cannot be changed here: leave `password` out";
        return Err(Problem::plain(501, message));
    }
    let unfit = || {
        let message = "`password` is empty or holds control characters: choose another one";
        Problem::bad_request(ScimType::InvalidValue, message)
    };
    let password = match asserted {
        Some(Value::String(text)) => Some(prepare_password(text).ok_or_else(unfit)?.into_owned()),
        _ => None,
    };
    hook.decide(NewPassword { context, kind, id, password }).await.map(Some)
}
