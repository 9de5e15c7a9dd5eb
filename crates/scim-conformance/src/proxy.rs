//! An HTTP proxy that breaks what passes through it in one way.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use scim_testkit::http::{self, MAX_BODY, Response};
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::call::cut;
use crate::fault::Fault;

/// A proxy in front of a server; it ends with the value.
///
/// Where the server names its own address, the client sees that of the proxy, and the other way round.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    task: JoinHandle<()>,
}

/// What stands behind a proxy.
#[derive(Debug)]
struct Upstream {
    address: SocketAddr,
    /// Host and port of the server, as its URLs name them.
    host: String,
    /// Host and port of the proxy.
    own: String,
    /// The token of the main service, for a fault that lets everybody in.
    token: String,
    fault: Option<Fault>,
}

impl Proxy {
    /// Starts a proxy in front of the server that is called `host` in its URLs; without a fault it
    /// passes everything on.
    ///
    /// # Errors
    ///
    /// Returns the error of the system when there is no free port.
    pub async fn start(
        address: SocketAddr,
        host: &str,
        token: &str,
        fault: Option<Fault>,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let own = listener.local_addr()?;
        let upstream =
            Upstream { address, host: host.to_owned(), own: own.to_string(), token: token.to_owned(), fault };
        Ok(Self { address: own, task: tokio::spawn(accept(listener, Arc::new(upstream))) })
    }

    /// Host and port of the proxy.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, upstream: Arc<Upstream>) {
    // The connections end with this task, which owns them.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            Ok((stream, _)) = listener.accept() => {
                let upstream = Arc::clone(&upstream);
                connections.spawn(async move {
                    let service = service_fn(|request| upstream.pass(request));
                    // A client that goes away early is nothing to the proxy.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        }
    }
}

impl Upstream {
    async fn pass(
        &self,
        request: hyper::Request<Incoming>,
    ) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
        let (head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
            return Ok(bad_gateway("the body of the request cannot be read"));
        };
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let mut asked = http::Request::new(head.method.as_str(), self.inward(target));
        for (name, value) in &head.headers {
            let own = ["host", "content-length", "connection"].contains(&name.as_str());
            if let (false, Ok(value)) = (own, value.to_str()) {
                asked = asked.with_header(name.as_str(), self.inward(value));
            }
        }
        let body = replace(&body.to_bytes(), &self.own, &self.host);
        if !body.is_empty() {
            asked.body = Some(body);
        }
        let answer = match &self.fault {
            Some(fault) => fault.apply(asked, &self.token, |request| self.forward(request)).await,
            None => self.forward(asked).await,
        };
        Ok(match answer {
            Ok(answer) => self.outward(&answer),
            Err(error) => bad_gateway(&error.to_string()),
        })
    }

    async fn forward(&self, request: http::Request) -> Result<Response, http::HttpError> {
        // A body that came in pieces goes on in pieces.
        http::send(self.address, &cut(&request.with_header("Host", self.host.clone()))).await
    }

    /// A text of the client, with the server's address in place of the proxy's.
    fn inward(&self, text: &str) -> String {
        let encoded = |host: &str| host.replace(':', "%3A");
        text.replace(&self.own, &self.host).replace(&encoded(&self.own), &encoded(&self.host))
    }

    fn outward(&self, answer: &Response) -> hyper::Response<Full<Bytes>> {
        let mut response = hyper::Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            let own = ["content-length", "transfer-encoding", "connection"];
            if !own.iter().any(|own| own.eq_ignore_ascii_case(name)) {
                response = response.header(name, value.replace(&self.host, &self.own));
            }
        }
        let body = replace(&answer.body, &self.host, &self.own);
        response.body(Full::from(body)).unwrap_or_else(|error| bad_gateway(&error.to_string()))
    }
}

fn bad_gateway(why: &str) -> hyper::Response<Full<Bytes>> {
    let mut response = hyper::Response::new(Full::from(why.to_owned()));
    *response.status_mut() = hyper::StatusCode::BAD_GATEWAY;
    response
}

/// Replaces a text in bytes that need not be text.
fn replace(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let from = from.as_bytes();
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len().max(1)).position(|window| window == from) {
        replaced.extend_from_slice(&rest[..at]);
        replaced.extend_from_slice(to.as_bytes());
        rest = &rest[at + from.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_replaced_in_any_bytes() {
        assert_eq!(replace(b"\xffab-ab-a", "ab", "c"), b"\xffc-c-a");
        assert_eq!(replace(b"", "ab", "c"), b"");
        assert_eq!(replace(b"a", "ab", "c"), b"a");
    }
}
