//! What a check works with: the service it looks at, and short ways to ask it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};

use crate::call::Call;
use crate::check::{Stop, Verdict, not_testable};
use crate::facts::Facts;
use crate::reply::Reply;
use crate::report::Setting;
use crate::run::Session;
use crate::target::{Addition, Profile};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const PROBE: &str = "urn:ietf:params:scim:schemas:extension:probe:2.0:User";
pub(crate) const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// A service with its address found.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    /// Host and port, as the URL has them.
    pub(crate) host: String,
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// The path of the base URL.
    pub(crate) path: String,
    pub(crate) token: String,
    /// Whether what the server says of itself is said of this service.
    pub(crate) is_main: bool,
}

impl Place {
    /// The base URL, without a slash at its end.
    pub(crate) fn service_url(&self) -> String {
        format!("{}{}", self.origin, self.path)
    }
}

/// A resource that is to go when the check is done.
#[derive(Debug)]
struct Made {
    place: Arc<Place>,
    path: String,
}

/// What a check works with.
#[derive(Clone, Debug)]
pub(crate) struct Cx {
    pub(crate) session: Arc<Session>,
    pub(crate) setting: Setting,
    pub(crate) place: Arc<Place>,
    /// The row that is checked; empty outside of checks.
    pub(crate) row: &'static str,
    made: Arc<Mutex<Vec<Made>>>,
    unseen: Arc<Mutex<BTreeSet<String>>>,
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

impl Cx {
    pub(crate) fn new(session: Arc<Session>, setting: Setting, place: Arc<Place>) -> Self {
        Self { session, setting, place, row: "", made: Arc::default(), unseen: Arc::default() }
    }

    /// The same for the check of a row.
    pub(crate) fn of(self, row: &'static str) -> Self {
        Self { row, ..self }
    }

    /// Whether the strict settings are looked at. Where the target does not have them, a row that asks has
    /// been seen in part.
    pub(crate) fn is_strict(&self) -> bool {
        if self.session.place(Profile::Strict).is_none() {
            self.not_seen(lacks(Profile::Strict));
        }
        self.setting == Setting::Strict
    }

    /// What a part of the row needs; where it is missing, the rest of the row is looked at all the same, and
    /// the report says what was not.
    pub(crate) fn part<T>(&self, needed: Verdict<T>) -> Verdict<Option<T>> {
        match needed {
            Ok(there) => Ok(Some(there)),
            Err(Stop::NotTestable(reason)) => {
                self.not_seen(reason);
                Ok(None)
            }
            Err(failed) => Err(failed),
        }
    }

    fn not_seen(&self, reason: String) {
        self.unseen.lock().unwrap_or_else(PoisonError::into_inner).insert(reason);
    }

    /// Why parts of the row were not looked at; empty where all of it was.
    pub(crate) fn unseen(&self) -> BTreeSet<String> {
        self.unseen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the server says of itself.
    pub(crate) fn facts(&self) -> &Facts {
        self.session.facts(self.setting)
    }

    /// A name that nobody else uses.
    pub(crate) fn unique(&self, label: &str) -> String {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        format!("{label}-{}-{number}{}", self.session.mark, self.session.target.ending)
    }

    /// The same check, looking at the service of a profile.
    pub(crate) fn at(&self, profile: Profile) -> Verdict<Self> {
        match self.session.place(profile) {
            Some(place) => Ok(Self { place, ..self.clone() }),
            None => not_testable(lacks(profile)),
        }
    }

    /// The same check, looking at the main service, whatever the setting.
    pub(crate) fn main(&self) -> Self {
        Self { place: self.session.main(), ..self.clone() }
    }

    /// What the target says of a profile.
    pub(crate) fn addition(&self, profile: Profile) -> Verdict<&Addition> {
        match self.session.target.profiles.get(&profile) {
            Some(addition) => Ok(addition),
            None => not_testable(lacks(profile)),
        }
    }

    /// The user whose token a profile has.
    pub(crate) fn user_of(&self, profile: Profile) -> Verdict<String> {
        match &self.addition(profile)?.user_id {
            Some(id) => Ok(id.clone()),
            None => {
                not_testable(format!("the target names no user_id with the profile `{}`", profile.name()))
            }
        }
    }

    /// The same place, entered with the main token.
    pub(crate) fn with_main_token(&self) -> Self {
        let place = Place { token: self.session.main().token.clone(), ..Place::clone(&self.place) };
        Self { place: Arc::new(place), ..self.clone() }
    }

    /// Ends the check unless the server has groups.
    pub(crate) fn needs_groups(&self) -> Verdict {
        self.needs_type("Group")
    }

    fn needs_type(&self, name: &str) -> Verdict {
        // A server without discovery is asked all the same.
        if self.facts().types.is_empty() || self.facts().resource_type(name).is_some() {
            return Ok(());
        }
        not_testable(format!("the server has no resource type {name}"))
    }

    /// Ends the check unless users have the enterprise extension.
    pub(crate) fn needs_enterprise(&self) -> Verdict {
        if self.facts().extends("User", ENTERPRISE) {
            return Ok(());
        }
        not_testable("users have no enterprise extension here")
    }

    /// Ends the check unless users have the probe extension.
    pub(crate) fn needs_probe(&self) -> Verdict {
        if self.facts().extends("User", PROBE) {
            return Ok(());
        }
        not_testable("users have no probe extension here")
    }

    pub(crate) fn call(&self, method: &str, path: &str) -> Call<'_> {
        Call::new(self, method, path)
    }

    pub(crate) fn get(&self, path: &str) -> Call<'_> {
        self.call("GET", path)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Call<'_> {
        self.call("POST", path).json(body)
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Call<'_> {
        self.call("PUT", path).json(body)
    }

    pub(crate) fn delete(&self, path: &str) -> Call<'_> {
        self.call("DELETE", path)
    }

    /// A PATCH with these operations.
    pub(crate) fn patch(&self, path: &str, operations: &Value) -> Call<'_> {
        let body = json!({ "schemas": [PATCH_OP], "Operations": operations });
        self.call("PATCH", path).json(&body)
    }

    /// A list by filter.
    pub(crate) fn filter(&self, path: &str, filter: &str) -> Call<'_> {
        self.get(path).query("filter", filter)
    }

    /// The body of a user: `schemas`, a user name of its own, and what users must have here are added where
    /// they are missing.
    pub(crate) fn user_body(&self, with: Value) -> Value {
        let mut body = complete(USER, with);
        if let Some(map) = body.as_object_mut() {
            if !map.contains_key("userName") {
                map.insert("userName".to_owned(), json!(self.unique("user")));
            }
            for (name, value) in &self.session.target.user {
                add(map.entry(name.as_str()).or_insert_with(|| value.clone()), value);
            }
        }
        body
    }

    /// The body of a group: `schemas` and a name of its own are added where they are missing.
    pub(crate) fn group_body(&self, with: Value) -> Value {
        let mut body = complete(GROUP, with);
        if let Some(map) = body.as_object_mut()
            && !map.contains_key("displayName")
        {
            map.insert("displayName".to_owned(), json!(self.unique("group")));
        }
        body
    }

    /// Creates a user with these attributes.
    pub(crate) async fn user(&self, with: Value) -> Verdict<Reply> {
        self.post("/Users", &self.user_body(with)).await?.is(201)
    }

    /// Creates a group with these attributes.
    pub(crate) async fn group(&self, with: Value) -> Verdict<Reply> {
        self.needs_groups()?;
        self.post("/Groups", &self.group_body(with)).await?.is(201)
    }

    /// Creates a group with these members.
    pub(crate) async fn group_of(&self, members: &[&Reply]) -> Verdict<Reply> {
        let mut values = Vec::new();
        for member in members {
            values.push(json!({ "value": member.id()? }));
        }
        self.group(json!({ "members": values })).await
    }

    /// Reads a resource.
    pub(crate) async fn read(&self, path: &str) -> Verdict<Reply> {
        self.get(path).await?.is(200)
    }

    /// Changes a resource and reads it.
    pub(crate) async fn patched(&self, path: &str, operations: Value) -> Verdict<Reply> {
        self.patch(path, &operations).await?.any_of(&[200, 204])?;
        self.read(path).await
    }

    /// Notes a resource that is to go when the check is done.
    pub(crate) fn made(&self, path: String) {
        self.made
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Made { place: Arc::clone(&self.place), path });
    }

    /// Deletes what the check has made. What is gone already, or will not go, stays as it is.
    pub(crate) async fn clean_up(&self) {
        let made = std::mem::take(&mut *self.made.lock().unwrap_or_else(PoisonError::into_inner));
        for Made { place, path } in made.into_iter().rev() {
            let cx = Self { place, row: "", ..self.clone() };
            let _ = cx.delete(&path).await;
        }
    }
}

/// Adds the parts that a complex value lacks.
fn add(value: &mut Value, parts: &Value) {
    if let (Some(value), Value::Object(parts)) = (value.as_object_mut(), parts) {
        for (name, part) in parts {
            value.entry(name.as_str()).or_insert_with(|| part.clone());
        }
    }
}

fn lacks(profile: Profile) -> String {
    format!("the target names no profile `{}`", profile.name())
}

/// Adds `schemas`: the base URI, and the extensions whose data stand in the body.
fn complete(base: &str, with: Value) -> Value {
    let Value::Object(with) = with else { return with };
    let mut schemas = vec![json!(base)];
    schemas.extend(with.keys().filter(|key| key.starts_with("urn:")).map(|key| json!(key)));
    let mut body = Map::from_iter([("schemas".to_owned(), json!(schemas))]);
    body.extend(with);
    Value::Object(body)
}
