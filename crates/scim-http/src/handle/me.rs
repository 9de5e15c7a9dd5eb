//! `/Me`: the resource of whoever asks ([RFC 7644 §3.11]).
//!
//! [RFC 7644 §3.11]: https://www.rfc-editor.org/rfc/rfc7644#section-3.11

use std::borrow::Cow;

use http::{HeaderValue, request};
use scim_core::Problem;
use scim_engine::{Caller, ProvisioningEngine};

use crate::auth::{Authenticator, Operation};
use crate::config::Me;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::route::Route;
use crate::service::Shared;

/// What `/Me` comes down to.
pub(super) enum Own<'r> {
    /// The route of the caller's resource, and where that lives for good.
    Resource(Route<'r>, HeaderValue),
    /// The client is sent there.
    Moved(Reply),
}

impl<E: ProvisioningEngine, A: Authenticator> Shared<E, A> {
    /// Finds the resource of the caller (7644-3.11-01 to 7644-3.11-03).
    pub(super) fn own(&self, caller: &Caller, head: &request::Parts) -> Result<Own<'_>, Failure> {
        if self.config.me == Me::Off {
            return Err(Failure::not_offered("`/Me`: use the location of the resource"));
        }
        if Operation::on_resource(&head.method) == Operation::Other {
            return Err(Failure::not_offered("this method at `/Me`: create users at their endpoint"));
        }
        let nobody = || {
            let detail = "the token does not belong to a user, so there is nothing at `/Me`: use the location of the resource";
            Failure::from(Problem::plain(404, detail))
        };
        let user = caller.user.as_ref().ok_or_else(nobody)?;
        let def = self.engine.registry().type_named(&user.kind).ok_or_else(nobody)?;
        let location = self.engine.locations().of(&user.kind, &user.id).ok_or_else(nobody)?;
        if self.config.me == Me::Redirect {
            let query = head.uri.query().map_or_else(String::new, |query| format!("?{query}"));
            return Ok(Own::Moved(Reply::moved(&(location + &query))));
        }
        let location = HeaderValue::try_from(location).map_err(|_| nobody())?;
        Ok(Own::Resource(Route::Resource(def, Cow::Owned(user.id.clone())), location))
    }
}
