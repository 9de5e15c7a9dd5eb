//! What can be set: limits, switches, and where time and ids come from.

use std::collections::BTreeSet;
use std::time::Duration;

use http::HeaderName;
use scim_core::Leniency;
use scim_core::message::BulkLimits;

use scim_engine::AuditHook;

use crate::clock::{Clock, Ids};

/// How a [`ScimService`](crate::ScimService) behaves. The defaults suit the identity providers.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// The path below which the service answers, such as `/scim/v2`. It is empty where a router in
    /// front strips the path, as `nest_service` of axum does.
    pub prefix: String,
    /// How much a request may hold and how long it may take.
    pub limits: HttpLimits,
    /// Which tolerances apply.
    pub leniency: Leniency,
    /// Whether a version may stand before the endpoint: `/v2/Users` answers as `/Users`, and other
    /// versions are 400 `invalidVers` (7644-3.13-01, 7644-3.13-02). Otherwise it is an unknown path.
    pub version_routing: bool,
    /// Whether the service provider configuration is read without authentication (7643-5-04).
    pub public_configuration: bool,
    /// Whether `/Schemas` lists the schemas of schemas, resource types and configuration (A20).
    pub list_meta_schemas: bool,
    /// Whether a write must say which version it expects, else 428 (7644-3.14-05).
    pub require_if_match: bool,
    /// Resource types whose PATCH answers 204, unless the client asks for attributes (A06).
    pub quiet_patch: BTreeSet<String>,
    /// What `/Me` does.
    pub me: Me,
    /// Paths of attributes, such as `emails.value`, that no filter in a URL may ask about, for URLs are
    /// logged on their way: 403 `sensitive`. A query by POST may (7644-7.5.2-01).
    pub sensitive: BTreeSet<String>,
    /// A header in which a proxy or a client may name the tenant it means. Which tenant it is, the
    /// credentials say; another one in the header is 403 (7644-6-01). See also [`ExplicitTenant`].
    ///
    /// [`ExplicitTenant`]: crate::ExplicitTenant
    pub tenant_header: Option<HeaderName>,
    /// How much a bulk request may hold; none where the service takes no such requests (7644-3.7-01).
    pub bulk: Option<BulkLimits>,
    /// What the 401 calls the protected area; blanks replace what cannot stand in the header.
    pub realm: String,
    /// Where people read about the service.
    pub documentation_uri: Option<String>,
    /// Tells the time.
    pub clock: Clock,
    /// Makes ids.
    pub ids: Ids,
    /// Hears of refused requests, and of refused operations of bulk requests.
    pub audit: AuditHook,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            limits: HttpLimits::default(),
            leniency: Leniency::default(),
            version_routing: false,
            public_configuration: true,
            list_meta_schemas: true,
            require_if_match: false,
            quiet_patch: BTreeSet::from(["Group".to_owned()]),
            me: Me::Off,
            sensitive: BTreeSet::new(),
            tenant_header: None,
            bulk: Some(BulkLimits { max_operations: 1_000, max_payload_size: 4 * 1024 * 1024 }),
            realm: "scim".to_owned(),
            documentation_uri: None,
            clock: Clock::default(),
            ids: Ids::default(),
            audit: AuditHook::default(),
        }
    }
}

/// What `/Me` does ([RFC 7644 §3.11](https://www.rfc-editor.org/rfc/rfc7644#section-3.11)).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Me {
    /// It is not offered: 501 (7644-3.11-01).
    #[default]
    Off,
    /// It stands for the caller's own resource (7644-3.11-03).
    Direct,
    /// It sends the client to that resource with 308 (7644-3.11-02).
    Redirect,
}

/// How much a request may hold and how long it may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HttpLimits {
    /// Bytes of a body; more is 413. Bulk requests have a limit of their own.
    pub body_bytes: usize,
    /// How long a body may take to arrive; longer is 408.
    pub body_time: Duration,
    /// Bytes of path and query; more is 414. The `http` crate takes no more than 65,534.
    pub url_bytes: usize,
    /// How long a request may take once it has arrived; longer is 503.
    pub request_time: Duration,
    /// The same for a bulk request, which holds many. Its operations have five sixths of it; those that are
    /// not done by then are answered with 503, each of them.
    pub bulk_time: Duration,
}

impl Default for HttpLimits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            body_time: Duration::from_secs(30),
            url_bytes: 60 * 1024,
            request_time: Duration::from_secs(30),
            bulk_time: Duration::from_secs(60),
        }
    }
}
