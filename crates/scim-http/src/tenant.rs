//! A tenant that is named beside the credentials ([RFC 7644 §6]).
//!
//! [RFC 7644 §6]: https://www.rfc-editor.org/rfc/rfc7644#section-6

use http::{HeaderName, request};
use scim_core::Problem;
use scim_engine::store::TenantId;

/// The tenant that a request names, put into the extensions of the request by whoever reads it from a
/// path or a host name: 403 unless the credentials are of that tenant (7644-6-01).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ExplicitTenant(pub String);

/// Refuses a request that names another tenant than its credentials do. Which one the credentials are of
/// is not told.
pub(crate) fn check(
    head: &request::Parts,
    header: Option<&HeaderName>,
    tenant: &TenantId,
) -> Result<(), Problem> {
    let is_other = |named: &[u8]| named != tenant.as_str().as_bytes();
    let mut headers = header.into_iter().flat_map(|name| head.headers.get_all(name));
    let extension = head.extensions.get::<ExplicitTenant>();
    if headers.any(|value| is_other(value.as_bytes()))
        || extension.is_some_and(|ExplicitTenant(named)| is_other(named.as_bytes()))
    {
        let detail =
            "the request names a tenant that its token does not belong to: use a token of that tenant";
        return Err(Problem::plain(403, detail));
    }
    Ok(())
}
