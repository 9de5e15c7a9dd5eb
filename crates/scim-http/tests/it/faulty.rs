//! An engine whose every fault can be asked for: the id or `userName` says which.

use std::sync::Arc;
use std::time::Duration;

use scim_core::message::SearchRequest;
use scim_core::{Fired, Locations, Problem, Registry, Selection, Tolerance};
use scim_engine::store::StoreError;
use scim_engine::{Answer, EngineError, Features, IfMatch, Listing, ProvisioningEngine, RequestContext};
use scim_http::{HttpConfig, HttpLimits, ScimService};
use serde_json::{Map, Value};
use tokio::sync::Notify;

use crate::world::{Directory, Service, config, directory, tokens};

pub(crate) struct Faulty {
    directory: Directory,
    pub(crate) gate: Arc<Gate>,
}

/// Where a read of `waits` waits.
#[derive(Default)]
pub(crate) struct Gate {
    pub(crate) entered: Notify,
    pub(crate) open: Notify,
}

/// A service over it that waits 5 s for an answer.
pub(crate) fn faulty() -> Service<Faulty> {
    faulty_with(|_| {})
}

/// The same with other settings.
pub(crate) fn faulty_with(set: impl FnOnce(&mut HttpConfig)) -> Service<Faulty> {
    let time = Duration::from_secs(5);
    let limits = HttpLimits { request_time: time, bulk_time: time, ..HttpLimits::default() };
    let engine = Faulty { directory: directory(Features::default()), gate: Arc::default() };
    let mut config = HttpConfig { limits, ..config() };
    set(&mut config);
    ScimService::new(Arc::new(engine), tokens(), config)
}

async fn act(fault: &str) -> Result<Answer, EngineError> {
    let mut answer = Answer {
        resource: Map::new(),
        version: "W/\"1\"".into(),
        location: "https://example.com/Users/1".into(),
        fired: Fired::default(),
        warnings: Vec::new(),
    };
    match fault {
        "unavailable" => Err(StoreError::Unavailable("secret-host refused: disk 7 gone".into()).into()),
        "damaged" => Err(StoreError::Damaged("row 17 is no JSON".into()).into()),
        "too-slow" => Err(StoreError::TooSlow.into()),
        "undecided" => Err(EngineError::Undecided),
        "busy" => Err(EngineError::Busy),
        "too-many-links" => Err(EngineError::TooManyLinks { attribute: "members".into(), most: 10 }),
        "no-error" => Err(Problem::plain(200, "all is well").into()),
        "no-status" => Err(Problem::plain(7, "what is this").into()),
        "sleeps" => std::future::pending().await,
        "panics" => panic!("on purpose"),
        "warns" => {
            answer.fired.note(Tolerance::StringBoolean);
            answer.warnings.push("the value private-value was ignored".into());
            Ok(answer)
        }
        "splits-headers" => {
            answer.version = "1\r\nX-Evil: 1".into();
            answer.location = "https://example.com/\r\nX-Evil: 1".into();
            Ok(answer)
        }
        _ => Ok(answer),
    }
}

impl ProvisioningEngine for Faulty {
    fn registry(&self) -> &Registry {
        self.directory.registry()
    }

    fn locations(&self) -> &Locations {
        self.directory.locations()
    }

    fn features(&self) -> &Features {
        self.directory.features()
    }

    async fn create(
        &self,
        _: &RequestContext,
        _: &str,
        body: Map<String, Value>,
        _: &Selection,
    ) -> Result<Answer, EngineError> {
        act(body["userName"].as_str().unwrap()).await
    }

    async fn get(&self, _: &RequestContext, _: &str, id: &str, _: &Selection) -> Result<Answer, EngineError> {
        if id == "waits" {
            self.gate.entered.notify_one();
            self.gate.open.notified().await;
        }
        act(id).await
    }

    async fn replace(
        &self,
        _: &RequestContext,
        _: &str,
        id: &str,
        _: Map<String, Value>,
        _: &Selection,
        _: &IfMatch,
    ) -> Result<Answer, EngineError> {
        act(id).await
    }

    async fn patch(
        &self,
        _: &RequestContext,
        kind: &str,
        id: &str,
        _: Map<String, Value>,
        selection: &Selection,
        _: &IfMatch,
    ) -> Result<Answer, EngineError> {
        // A group's answer is empty, so nothing of it may be asked for.
        assert!(kind != "Group" || *selection == Selection::Only(Vec::new()));
        act(id).await
    }

    async fn delete(&self, _: &RequestContext, _: &str, id: &str, _: &IfMatch) -> Result<(), EngineError> {
        act(id).await.map(|_| ())
    }

    async fn query(
        &self,
        _: &RequestContext,
        _: Option<&str>,
        search: &SearchRequest,
    ) -> Result<Listing, EngineError> {
        act(search.filter.as_deref().unwrap_or_default()).await.map(|_| Listing::default())
    }
}
