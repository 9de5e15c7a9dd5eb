//! The admin API: the orders of the command line over HTTP, on a listener of its own.
//!
//! `POST /admin/v1/role/rename` with `{"workspace": "acme", "of": "User", "name": "Staff"}` is
//! `awork-server role rename acme User Staff`. Errors look like those of SCIM.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Router, http};
use scim_awork::command::Actor;
use scim_engine::check::Checked;
use scim_engine::core::Problem;
use scim_engine::core::message::ErrorResponse;
use scim_http::{Clock, Token, TokenHash};
use serde_json::{Map, Value};

use crate::execute::{Awork, Desk};
use crate::orders::Order;

/// Below which path the orders lie.
pub(crate) const PATH: &str = "/admin/v1";

/// The header that names the user on whose behalf an order is given.
pub(crate) const ACTING_USER: &str = "acting-user";

struct Api<S> {
    engine: Arc<Awork<S>>,
    /// Compared as a hash, so that the time it takes tells nothing of the token.
    token: TokenHash,
    clock: Clock,
}

/// The API as a service.
pub(crate) fn router<S: Checked>(engine: Arc<Awork<S>>, token: &str, clock: Clock) -> Router {
    let api = Arc::new(Api { engine, token: Token::from_text(token).hash(), clock });
    Router::new()
        .route(&format!("{PATH}/{{subject}}/{{verb}}"), post(take::<S>))
        .fallback(async |request: http::Request<axum::body::Body>| {
            let path = request.uri().path().chars().take(200).collect::<String>();
            let detail = format!(
                "there is no {} {path}: send `POST {PATH}/SUBJECT/VERB`, such as {PATH}/role/list (not-found)",
                request.method()
            );
            refuse(Problem::plain(404, detail), &trace_id())
        })
        .method_not_allowed_fallback(async || {
            refuse(Problem::plain(405, "orders are given by POST (invalid-operation)"), &trace_id())
        })
        .with_state(api)
}

fn trace_id() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

async fn take<S: Checked>(
    State(api): State<Arc<Api<S>>>,
    Path((subject, verb)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let trace_id = trace_id();
    match api.answer(&subject, &verb, &headers, &body, &trace_id).await {
        Ok(told) => {
            let mut response = (StatusCode::OK, told.to_string()).into_response();
            finish(&mut response, &trace_id);
            response
        }
        Err(problem) => refuse(problem, &trace_id),
    }
}

impl<S: Checked> Api<S> {
    async fn answer(
        &self,
        subject: &str,
        verb: &str,
        headers: &HeaderMap,
        body: &[u8],
        trace_id: &str,
    ) -> Result<Value, Problem> {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = bearer.and_then(|value| value.strip_prefix("Bearer "));
        if token.is_none_or(|token| TokenHash::of(token.trim()) != self.token) {
            let detail = "the admin token is missing or wrong: send the one the server was started with as \
                          `Authorization: Bearer …` (unauthorized)";
            return Err(Problem::plain(401, detail));
        }
        let by = match headers.get(ACTING_USER).map(HeaderValue::to_str) {
            None => Actor::Operator,
            Some(Ok(user)) => Actor::User(user.to_owned()),
            Some(Err(_)) => {
                return Err(Problem::plain(400, "the header Acting-User is no text (validation-failed)"));
            }
        };
        let order = order(subject, verb, body)?;
        tracing::info!(trace_id, subject, verb, "order");
        let (trace_id, now) = (trace_id.to_owned(), self.clock.now());
        Desk { engine: &self.engine, by, trace_id: trace_id.clone(), now }.execute(order).await.map_err(
            |error| {
                tracing::warn!(trace_id, error = &error as &dyn std::error::Error, "order refused");
                error.problem()
            },
        )
    }
}

/// Reads an order: the path says which, the body with what.
fn order(subject: &str, verb: &str, body: &[u8]) -> Result<Order, Problem> {
    let unfit = |reason: &dyn std::fmt::Display| {
        Problem::plain(
            400,
            format!("the order {subject}/{verb} cannot be read: {reason} (validation-failed)"),
        )
    };
    let body: Map<String, Value> = match body {
        [] => Map::new(),
        bytes => serde_json::from_slice(bytes).map_err(|error| unfit(&format!("{:?}", error.classify())))?,
    };
    let tagged = |key: &str, value| Value::Object(Map::from_iter([(key.to_owned(), value)]));
    let order = serde_json::from_value(tagged(subject, tagged(verb, Value::Object(body))));
    order.map_err(|error| unfit(&error))
}

fn refuse(mut problem: Problem, trace_id: &str) -> Response {
    problem.detail.push_str(&format!(" (trace id {trace_id})"));
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_string(&ErrorResponse::from(problem)).unwrap_or_default();
    let mut response = (status, body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer realm=\"awork admin\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    finish(&mut response, trace_id);
    response
}

fn finish(response: &mut Response, trace_id: &str) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Tokens are among what is told.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(trace_id) {
        headers.insert("trace-id", value);
    }
}
