//! Runs the rows against a server.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::areas;
use crate::check::{Failure, How, Outcome, Running, Stop};
use crate::cx::{Cx, Place};
use crate::facts::Facts;
use crate::overrides::Override;
use crate::report::{Report, Setting};
use crate::target::{Profile, Service, Target, TargetError};
use crate::traffic::Traffic;

/// How many checks run at once.
const AT_ONCE: usize = 12;

/// A server whose addresses are found and which has said what it offers.
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) target: Target,
    /// Stands in every name that a check makes up.
    pub(crate) mark: String,
    main: Arc<Place>,
    places: BTreeMap<Profile, Arc<Place>>,
    facts: BTreeMap<Setting, Facts>,
    /// Where the exchanges of the checks are written down, if they are.
    pub(crate) traffic: Option<Arc<Traffic>>,
}

/// Why a server cannot be looked at.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The target is of no use.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// No proxy can be started.
    #[error("a proxy cannot be started: {0}")]
    Proxy(#[source] std::io::Error),
    /// Nobody is there, or it is no SCIM server.
    #[error("{url} gives no list of users to the token: {why}")]
    NoAnswer {
        /// The base URL.
        url: String,
        /// What came instead.
        why: String,
    },
}

impl Session {
    /// Finds the server, and asks what it offers.
    ///
    /// # Errors
    ///
    /// Returns a [`SessionError`] when the server is not there, or does not take the token.
    pub async fn open(target: &Target) -> Result<Arc<Self>, SessionError> {
        let mut session = Self::find(target).await?;
        for setting in [Setting::Default, Setting::Strict] {
            let Some(cx) = Arc::new(session.clone()).cx(setting) else { continue };
            let facts = ask(&cx).await?;
            session.facts.insert(setting, facts);
        }
        Ok(Arc::new(session))
    }

    /// The same server, found at other addresses: what it says of itself is not asked again.
    pub(crate) async fn moved(&self, target: &Target) -> Result<Arc<Self>, SessionError> {
        let session = Self::find(target).await?;
        Ok(Arc::new(Self { facts: self.facts.clone(), ..session }))
    }

    /// The same server, with the exchanges of the checks written down.
    pub(crate) fn recorded(&self, traffic: &Arc<Traffic>) -> Arc<Self> {
        Arc::new(Self { traffic: Some(Arc::clone(traffic)), ..self.clone() })
    }

    async fn find(target: &Target) -> Result<Self, SessionError> {
        let main = Arc::new(place(&target.main(), true).await?);
        let mut places = BTreeMap::new();
        for &profile in target.profiles.keys() {
            if let Some(service) = target.service(profile) {
                let is_main = matches!(profile, Profile::Strict);
                places.insert(profile, Arc::new(place(&service, is_main).await?));
            }
        }
        let mark = uuid::Uuid::new_v4().simple().to_string()[..8].to_owned();
        Ok(Self { target: target.clone(), mark, main, places, facts: BTreeMap::new(), traffic: None })
    }

    pub(crate) fn place(&self, profile: Profile) -> Option<Arc<Place>> {
        self.places.get(&profile).cloned()
    }

    /// Every service of the target.
    pub(crate) fn places(&self) -> impl Iterator<Item = &Arc<Place>> {
        std::iter::once(&self.main).chain(self.places.values())
    }

    pub(crate) fn main(&self) -> Arc<Place> {
        Arc::clone(&self.main)
    }

    pub(crate) fn facts(&self, setting: Setting) -> &Facts {
        const NONE: &Facts = &Facts { config: Value::Null, types: Vec::new() };
        self.facts.get(&setting).unwrap_or(NONE)
    }

    /// What a check in that setting works with; none where the target does not have the setting.
    pub(crate) fn cx(self: Arc<Self>, setting: Setting) -> Option<Cx> {
        let place = match setting {
            Setting::Default => Arc::clone(&self.main),
            Setting::Strict => self.place(Profile::Strict)?,
        };
        Some(Cx::new(self, setting, place))
    }
}

/// Finds the address of a service.
async fn place(service: &Service, is_main: bool) -> Result<Place, TargetError> {
    let url = &service.base_url;
    let wrong = || TargetError::Url(url.clone());
    let rest = url.strip_prefix("http://").ok_or_else(wrong)?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let with_port = if host.rsplit(']').next().is_some_and(|end| end.contains(':')) {
        host.to_owned()
    } else {
        format!("{host}:80")
    };
    let mut found = tokio::net::lookup_host(with_port)
        .await
        .map_err(|why| TargetError::Host { url: url.clone(), why })?;
    Ok(Place {
        address: found.next().ok_or_else(wrong)?,
        host: host.to_owned(),
        origin: format!("http://{host}"),
        path: path.to_owned(),
        token: service.token.clone(),
        is_main,
    })
}

/// Reads the discovery endpoints, and sees that the token is taken.
async fn ask(cx: &Cx) -> Result<Facts, SessionError> {
    let url = cx.place.service_url();
    let why = match cx.get("/Users").query("count", 1).await {
        Ok(reply) if reply.status == 200 => None,
        Ok(reply) => Some(format!("status {}", reply.status)),
        Err(Stop::Failed(failure)) => Some(failure.got),
        Err(Stop::NotTestable(reason)) => Some(reason),
    };
    if let Some(why) = why {
        return Err(SessionError::NoAnswer { url, why });
    }
    let read = async |path: &str| cx.get(path).await.map(|reply| reply.json).unwrap_or_default();
    let list = |json: Value| json["Resources"].as_array().cloned().unwrap_or_default();
    Ok(Facts { config: read("/ServiceProviderConfig").await, types: list(read("/ResourceTypes").await) })
}

/// Runs the rows that are wanted, in each setting the target has.
pub async fn run(session: &Arc<Session>, overrides: &[Override], wanted: impl Fn(&str) -> bool) -> Report {
    let mut report = Report::new(overrides);
    let mut tasks = JoinSet::new();
    let mut alone = Vec::new();
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    for setting in [Setting::Default, Setting::Strict] {
        for entry in areas::entries().filter(|entry| wanted(entry.id)) {
            match (entry.how, Arc::clone(session).cx(setting)) {
                (How::Never(reason), _) => {
                    report.note(entry.id, setting, Outcome::NotTestable(reason.to_owned()));
                }
                (How::Check(check), Some(cx)) => {
                    let cx = cx.of(entry.id);
                    let slots = Arc::clone(&slots);
                    tasks.spawn(async move {
                        // The semaphore is never closed.
                        let _slot = slots.acquire().await;
                        (entry.id, setting, one(check, cx).await)
                    });
                }
                (How::Alone(check), Some(cx)) => {
                    alone.push((entry.id, setting, check, cx.of(entry.id)));
                }
                (How::Check(_) | How::Alone(_), None) => {}
            }
        }
    }
    while let Some(done) = tasks.join_next().await {
        match done {
            Ok((id, setting, (outcome, unseen))) => {
                report.note(id, setting, outcome);
                report.not_seen(id, unseen);
            }
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    for (id, setting, check, cx) in alone {
        let (outcome, unseen) = one(check, cx).await;
        report.note(id, setting, outcome);
        report.not_seen(id, unseen);
    }
    report
}

/// Runs one check, and says why parts of it were not looked at. One that stumbles over an answer has failed
/// too.
async fn one(check: for<'a> fn(&'a Cx) -> Running<'a>, cx: Cx) -> (Outcome, BTreeSet<String>) {
    let checking = cx.clone();
    let outcome = match tokio::spawn(async move { check(&checking).await }).await {
        Ok(verdict) => outcome(verdict),
        Err(error) => Outcome::Failed(Failure {
            request: "those of the check".to_owned(),
            expected: "answers that the check can read".to_owned(),
            got: error.to_string(),
        }),
    };
    cx.clean_up().await;
    (outcome, cx.unseen())
}

fn outcome(verdict: Result<(), Stop>) -> Outcome {
    match verdict {
        Ok(()) => Outcome::Passed,
        Err(Stop::Failed(failure)) => Outcome::Failed(*failure),
        Err(Stop::NotTestable(reason)) => Outcome::NotTestable(reason),
    }
}
