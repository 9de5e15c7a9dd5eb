//! Gives an order to a running server, over its admin API.

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use scim_awork::command::Actor;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::admin_api::{ACTING_USER, PATH};
use crate::ask::AskError;
use crate::orders::Order;

/// The longest answer that is read, in bytes.
const MOST: usize = 64 << 20;

/// Gives the order; what the server tells.
pub(crate) async fn give(server: &str, token: &str, by: &Actor, order: &Order) -> Result<Value, AskError> {
    let unreachable = |reason: String| AskError::Unreachable { server: server.to_owned(), reason };
    let uri: Uri = server.parse().map_err(|error| unreachable(format!("{error}")))?;
    if uri.scheme_str() != Some("http") {
        let reason = "use an http:// URL; the admin API speaks no TLS, so reach it through a tunnel";
        return Err(unreachable(reason.to_owned()));
    }
    let authority = uri.authority().ok_or_else(|| unreachable("there is no host in it".to_owned()))?;
    let stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80))).await;
    let stream = stream.map_err(|error| unreachable(error.to_string()))?;
    let (subject, verb, body) =
        parts(order).ok_or_else(|| unreachable("the order has no name".to_owned()))?;
    let mut request = Request::post(format!("{PATH}/{subject}/{verb}"))
        .header(HOST, authority.as_str())
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(CONTENT_TYPE, "application/json");
    if let Actor::User(user) = by {
        request = request.header(ACTING_USER, user);
    }
    let request = request.body(Full::new(Bytes::from(body.to_string())));
    let request = request.map_err(|_| unreachable("the token or the user cannot be sent".to_owned()))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| unreachable(error.to_string()))?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(|error| unreachable(error.to_string()))?;
    let status = response.status();
    let body = Limited::new(response.into_body(), MOST).collect().await;
    let body = body.map_err(|error| unreachable(error.to_string()))?.to_bytes();
    connection.abort();
    let told: Value = serde_json::from_slice(&body)
        .map_err(|_| unreachable(format!("it answered {status}, and not as an admin API does")))?;
    if status.is_success() { Ok(told) } else { Err(AskError::Refused(told)) }
}

/// The words of an order, and what it says.
fn parts(order: &Order) -> Option<(String, String, Value)> {
    let one = |value: Value| match value {
        Value::Object(object) => object.into_iter().next(),
        _ => None,
    };
    let (subject, rest) = one(serde_json::to_value(order).ok()?)?;
    let (verb, body) = one(rest)?;
    Some((subject, verb, body))
}
