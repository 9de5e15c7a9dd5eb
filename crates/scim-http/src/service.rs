//! The service: a request in, an answer out, whatever happens in between.

use std::convert::Infallible;
use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt;
use http::header::HeaderName;
use http::{Method, Request, Response, Version};
use http_body::Body;
use http_body_util::Full;
use scim_engine::ProvisioningEngine;
use tower::Service;

use crate::auth::Authenticator;
use crate::body::RequestBody;
use crate::config::HttpConfig;
use crate::discovery::Discovery;
use crate::failure::Failure;
use crate::log::Facts;
use crate::media::answer_type;
use crate::preferences::Preferences;
use crate::reply::{error_response, without_body};
use crate::sensitive::Sensitive;
use crate::trace_id::TraceId;

/// The body of every answer: all bytes at once.
pub type ResponseBody = Full<Bytes>;

/// A [`ProvisioningEngine`] as an HTTP service.
///
/// It can be cloned freely, never fails, and answers everything that goes wrong with a SCIM error:
/// unknown paths, wrong methods, malformed, oversized and endless bodies, faults and panics of the
/// engine. Every answer carries a `Trace-Id`, under which the log tells more (D-82).
pub struct ScimService<E, A> {
    shared: Arc<Shared<E, A>>,
}

/// What all clones of a service share.
pub(crate) struct Shared<E, A> {
    pub(crate) engine: Arc<E>,
    pub(crate) authenticator: A,
    pub(crate) config: HttpConfig,
    pub(crate) discovery: Discovery,
    pub(crate) sensitive: Sensitive,
}

impl<E: ProvisioningEngine, A: Authenticator> ScimService<E, A> {
    /// A service for the engine. What it says of itself is settled now and stays so.
    pub fn new(engine: Arc<E>, authenticator: A, mut config: HttpConfig) -> Self {
        config.prefix = config.prefix.trim_matches('/').to_owned();
        // What cannot stand between the quotes of the header.
        let plain = |c: char| if c.is_ascii_graphic() && !"\"\\".contains(c) { c } else { ' ' };
        config.realm = config.realm.chars().map(plain).collect();
        let discovery = Discovery::new(&*engine, &config);
        let sensitive = Sensitive::new(engine.registry(), &config.sensitive);
        Self { shared: Arc::new(Shared { engine, authenticator, config, discovery, sensitive }) }
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Arc<E> {
        &self.shared.engine
    }
}

impl<E, A> Clone for ScimService<E, A> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<E, A> fmt::Debug for ScimService<E, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScimService").field("config", &self.shared.config).finish_non_exhaustive()
    }
}

impl<E, A, B> Service<Request<B>> for ScimService<E, A>
where
    E: ProvisioningEngine,
    A: Authenticator,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move { Ok(shared.respond(request).await) })
    }
}

impl<E: ProvisioningEngine, A: Authenticator> Shared<E, A> {
    async fn respond<B: RequestBody>(&self, request: Request<B>) -> Response<ResponseBody> {
        const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
        let (head, body) = request.into_parts();
        let traceparent = head.headers.get(TRACEPARENT).map(http::HeaderValue::as_bytes);
        let trace = TraceId::of_request(traceparent, || self.config.ids.trace());
        let mut facts = Facts::new();
        // A panic leaves nothing behind but `facts`, which are only logged.
        let handled = AssertUnwindSafe(self.handle(&head, body, &trace, &mut facts)).catch_unwind().await;
        let outcome = handled.unwrap_or_else(|_| Err(Failure::panicked()));
        facts.log(&trace, &outcome);
        if let Err(failure) = &outcome {
            let now = self.config.clock.now();
            self.config.audit.refused(|| facts.refusal(&trace, now, failure));
        }
        let response = match outcome {
            Ok(reply) => {
                reply.into_response(answer_type(&head.headers), Preferences::of(&head.headers), &trace)
            }
            Err(failure) => error_response(&failure, head.version <= Version::HTTP_11, &trace),
        };
        if head.method == Method::HEAD { without_body(response) } else { response }
    }
}
