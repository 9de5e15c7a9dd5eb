//! The services that the conformance checklist looks at, with what makes each of them special.

use std::collections::BTreeSet;
use std::time::Duration;

use scim_engine::core::Leniency;
use scim_engine::core::message::BulkLimits;
use scim_engine::{DirectoryRules, Features, Paging};
use scim_http::{HttpConfig, Me};
use serde_json::{Value, json};

/// For how long a cursor is good where it is to become too old soon.
const SHORT: Duration = Duration::from_secs(1);

/// How many resources a list may have where there is a ceiling.
const CEILING: u64 = 20;

/// What no filter in a URL may ask about where something is sensitive.
const SENSITIVE: &str = "phoneNumbers.value";

/// The service that the others differ from.
pub(super) const MAIN: &str = "main";

/// A service below a path of its own.
pub(super) struct Profile {
    /// The name in the target, which is also the path and the tenant.
    pub(super) name: &'static str,
    /// The path below the name.
    pub(super) path: &'static str,
    pub(super) features: Features,
    pub(super) config: HttpConfig,
    pub(super) rules: DirectoryRules,
    /// Whether users show the groups that they belong to through others.
    pub(super) indirect_groups: bool,
    /// Whether the token is that of a user.
    pub(super) of_user: bool,
    /// What the target says of it besides its address.
    pub(super) addition: Value,
}

fn plain(name: &'static str) -> Profile {
    Profile {
        name,
        path: "/scim/v2",
        features: Features::default(),
        config: HttpConfig::default(),
        rules: DirectoryRules::default(),
        indirect_groups: false,
        of_user: false,
        addition: json!({}),
    }
}

fn configured(name: &'static str, config: HttpConfig) -> Profile {
    Profile { config, ..plain(name) }
}

fn featured(name: &'static str, features: Features) -> Profile {
    Profile { features, ..plain(name) }
}

fn ruled(name: &'static str, rules: DirectoryRules) -> Profile {
    Profile { rules, ..plain(name) }
}

/// All services, each with a name of its own.
pub(super) fn all() -> Vec<Profile> {
    let off = Features {
        patch: false,
        filter: false,
        sort: false,
        etag: false,
        paging: Paging::Index,
        ..Features::default()
    };
    let small_bulk = BulkLimits { max_operations: 5, max_payload_size: 4096 };
    let checking =
        DirectoryRules { checks_countries: true, checks_certificates: true, ..DirectoryRules::default() };
    let dangling = DirectoryRules { accepts_unknown_managers: true, ..DirectoryRules::default() };
    let sensitive = BTreeSet::from([SENSITIVE.to_owned()]);
    vec![
        configured(MAIN, HttpConfig { me: Me::Direct, ..HttpConfig::default() }),
        configured("strict", HttpConfig { leniency: Leniency::strict(), ..HttpConfig::default() }),
        Profile {
            features: off,
            ..configured("features-off", HttpConfig { bulk: None, ..HttpConfig::default() })
        },
        featured("cursor-only", Features { paging: Paging::Cursor, ..Features::default() }),
        Profile {
            addition: json!({ "seconds": SHORT.as_secs() }),
            ..featured("short-cursor", Features { cursor_life: SHORT, ..Features::default() })
        },
        configured("small-bulk", HttpConfig { bulk: Some(small_bulk), ..HttpConfig::default() }),
        featured("small-pages", Features { most_results: 20, default_count: 10, ..Features::default() }),
        Profile {
            path: "/scim",
            ..configured("versioned", HttpConfig { version_routing: true, ..HttpConfig::default() })
        },
        configured("if-match-required", HttpConfig { require_if_match: true, ..HttpConfig::default() }),
        Profile {
            addition: json!({ "most": CEILING }),
            ..featured("ceiling", Features { ceiling: Some(CEILING), ..Features::default() })
        },
        Profile {
            addition: json!({ "attribute": SENSITIVE }),
            ..configured("sensitive", HttpConfig { sensitive, ..HttpConfig::default() })
        },
        ruled("checking", checking),
        Profile { addition: json!({ "attribute": "manager" }), ..ruled("dangling", dangling) },
        Profile { indirect_groups: true, ..plain("indirect-groups") },
        configured("me-off", HttpConfig { me: Me::Off, ..HttpConfig::default() }),
        Profile {
            of_user: true,
            ..configured("me-redirect", HttpConfig { me: Me::Redirect, ..HttpConfig::default() })
        },
    ]
}
