//! Which server is looked at, and what of it may be used.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A server under test: one URL and one token, and whatever else it offers.
///
/// ```
/// use scim_conformance::{Profile, Target};
///
/// let target = Target::from_json(
///     r#"{ "base_url": "http://127.0.0.1:8080/scim/v2", "token": "t",
///          "profiles": { "read-only": { "token": "r" } } }"#,
/// )?;
/// let reader = target.service(Profile::ReadOnly).unwrap();
/// assert_eq!((reader.base_url.as_str(), reader.token.as_str()), ("http://127.0.0.1:8080/scim/v2", "r"));
/// # Ok::<(), scim_conformance::TargetError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Target {
    /// Where SCIM is served, such as `http://127.0.0.1:8080/scim/v2`.
    pub base_url: String,
    /// A token that may do everything.
    pub token: String,
    /// What each user has who is made here, besides what a check is about: a server may want a name of
    /// everybody.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub user: Map<String, Value>,
    /// What names of users end with, such as `@example.com` where they must be e-mail addresses. Other texts
    /// that are made up here end so too.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ending: String,
    /// What else there is.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub profiles: BTreeMap<Profile, Addition>,
}

/// Something that a target may offer beyond its main service.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// The same server with the strict settings of the checklist.
    Strict,
    /// A token that may read and not write.
    ReadOnly,
    /// A token that may see and change users only.
    UsersOnly,
    /// A token that may see and change groups only.
    GroupsOnly,
    /// The token of one user, `user_id`, who may see and change nobody else.
    SelfService,
    /// A token that was good once.
    Expired,
    /// A token of another tenant, at the same URL.
    SecondTenant,
    /// A service that offers no PATCH, filter, sort, entity tags, bulk and cursors.
    FeaturesOff,
    /// A service whose page holds few resources.
    SmallPages,
    /// A service that pages by cursor only.
    CursorOnly,
    /// A service whose cursors live for `seconds`.
    ShortCursor,
    /// A service that takes few and small bulk operations.
    SmallBulk,
    /// A service with the version before the endpoint: the base URL has none.
    Versioned,
    /// A service that wants `If-Match` with each write.
    IfMatchRequired,
    /// A service that refuses lists of more than `most` resources.
    Ceiling,
    /// A service where no filter in a URL may ask about `attribute` of a user, such as `title` or
    /// `phoneNumbers.value`.
    Sensitive,
    /// A service that takes references to what is not there: in `attribute`, which is `members` or
    /// `manager`.
    Dangling,
    /// A service that lists indirect groups.
    IndirectGroups,
    /// A service that checks what is checked on request only: countries, certificates.
    Checking,
    /// A service that forwards `/Me` by 308, to the user `user_id`.
    MeRedirect,
    /// A service without `/Me`.
    MeOff,
}

/// How a profile differs from the main service.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Addition {
    /// Where it is served, if elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The token, if another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The user whose token it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// How long something lasts, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// The attribute that the profile is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// How many there may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<u64>,
}

/// A service and a way in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Service {
    /// Where SCIM is served, without a slash at its end.
    pub base_url: String,
    /// The token.
    pub token: String,
}

/// Why a target cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// It is no JSON of that shape.
    #[error("the target is not `{{\"base_url\": …, \"token\": …}}`: {0}")]
    Json(#[from] serde_json::Error),
    /// A URL that this program cannot reach.
    #[error("`{0}` is no URL of the form `http://host:port/path`; for TLS, put a proxy in between")]
    Url(String),
    /// The host has no address.
    #[error("the host of `{url}` cannot be found: {why}")]
    Host {
        /// The URL.
        url: String,
        /// What the system says.
        why: std::io::Error,
    },
}

impl Target {
    /// Reads a target from the text of a target file.
    ///
    /// # Errors
    ///
    /// Returns a [`TargetError`] when the text says too little, or names a profile nobody knows.
    pub fn from_json(text: &str) -> Result<Self, TargetError> {
        Ok(serde_json::from_str(text)?)
    }

    /// The main service.
    #[must_use]
    pub fn main(&self) -> Service {
        Service { base_url: trimmed(&self.base_url), token: self.token.clone() }
    }

    /// The service of a profile, where the target has it.
    #[must_use]
    pub fn service(&self, profile: Profile) -> Option<Service> {
        let addition = self.profiles.get(&profile)?;
        Some(Service {
            base_url: trimmed(addition.base_url.as_ref().unwrap_or(&self.base_url)),
            token: addition.token.as_ref().unwrap_or(&self.token).clone(),
        })
    }

    /// The same target with every URL changed.
    #[must_use]
    pub fn map_urls(&self, change: impl Fn(&str) -> String) -> Self {
        let mut target = self.clone();
        target.base_url = change(&target.base_url);
        for addition in target.profiles.values_mut() {
            addition.base_url = addition.base_url.as_deref().map(&change);
        }
        target
    }
}

impl Profile {
    /// The name in the target file.
    pub(crate) fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

fn trimmed(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}
