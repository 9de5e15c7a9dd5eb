//! Whether the process lives and whether it can answer, for whoever watches over it.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use scim_engine::store::{MarkKey, ReadKey, Space, Store};
use tower::Service;

use crate::reply::without_body;
use crate::service::ResponseBody;

/// How long the store may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers `GET /livez` and `GET /readyz`, and hands every other request to the service within.
///
/// `/livez` is 200 as long as the process answers at all. `/readyz` is 200 while the store answers a
/// read, and 503 with `Retry-After` while it does not. Neither needs a token, and neither tells more.
#[derive(Debug)]
pub struct Probes<V, S> {
    service: V,
    store: Arc<S>,
}

impl<V, S: Store> Probes<V, S> {
    /// Probes beside a service whose data are in the store.
    pub fn new(service: V, store: Arc<S>) -> Self {
        Self { service, store }
    }
}

impl<V: Clone, S> Clone for Probes<V, S> {
    fn clone(&self) -> Self {
        Self { service: self.service.clone(), store: Arc::clone(&self.store) }
    }
}

impl<V, S, B> Service<Request<B>> for Probes<V, S>
where
    V: Service<Request<B>, Response = Response<ResponseBody>, Error = Infallible>,
    V::Future: Send + 'static,
    S: Store,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let head = request.method() == Method::HEAD;
        let asks = head || request.method() == Method::GET;
        let answer = move |response| if head { without_body(response) } else { response };
        match request.uri().path() {
            "/livez" if asks => Box::pin(async move { Ok(answer(says(StatusCode::OK, "alive\n"))) }),
            "/readyz" if asks => {
                let store = Arc::clone(&self.store);
                Box::pin(async move { Ok(answer(readiness(&*store).await)) })
            }
            _ => Box::pin(self.service.call(request)),
        }
    }
}

async fn readiness(store: &impl Store) -> Response<ResponseBody> {
    // There is no such mark, which is an answer too.
    let key = ReadKey::Mark(MarkKey::names(&Space::shared("probe", "readyz")));
    match tokio::time::timeout(PATIENCE, store.read(vec![key])).await {
        Ok(Ok(_)) => says(StatusCode::OK, "ready\n"),
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            not_ready()
        }
        Err(_) => {
            tracing::warn!("not ready: the store does not answer");
            not_ready()
        }
    }
}

fn not_ready() -> Response<ResponseBody> {
    let mut response = says(StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n");
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(1));
    response
}

fn says(status: StatusCode, text: &'static str) -> Response<ResponseBody> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
