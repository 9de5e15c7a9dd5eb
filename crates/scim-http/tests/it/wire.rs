//! The service over real connections, asked by clients that know no manners.

use std::net::SocketAddr;
use std::time::Duration;

use scim_engine::{Features, ProvisioningEngine};
use scim_http::{HttpConfig, HttpLimits, ServeConfig, serve};
use scim_testkit::http::{Connection, Request, Response, raw_send, send};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::faulty::faulty;
use crate::world::{Service, config, configured, user};

struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Server {
    async fn start<E: ProvisioningEngine>(service: Service<E>, config: ServeConfig) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve(listener, service, config, async move {
            let _ = stopped.await;
        }));
        Self { address, stop, served }
    }

    /// Everything small and quick, so that a test reaches it.
    async fn strict() -> Self {
        let limits = HttpLimits {
            body_bytes: 1000,
            body_time: Duration::from_millis(200),
            url_bytes: 2000,
            ..HttpLimits::default()
        };
        let service =
            configured(HttpConfig { prefix: "/scim/v2".into(), limits, ..config() }, Features::default());
        Self::start(service, ServeConfig::default()).await
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap();
    }
}

/// 7644-3.12-01, 7644-3.12-02: an error is a SCIM error, with a trace id, whatever was sent.
#[track_caller]
fn is_error(response: &Response, status: u16) {
    assert_eq!(response.status, status, "{response:?}");
    let body = response.json().unwrap_or_default();
    assert_eq!(body["status"], status.to_string(), "{response:?}");
    assert_eq!(response.header("content-type"), Some("application/scim+json"), "{response:?}");
    let trace = response.header("trace-id").unwrap_or_default();
    assert!(trace.len() == 32 && body["detail"].as_str().unwrap().contains(trace), "{response:?}");
}

fn authorized(method: &str, target: &str) -> Request {
    Request::new(method, target).with_header("Authorization", "Bearer secret")
}

#[tokio::test]
async fn a_connection_carries_many_requests() {
    let server = Server::strict().await;
    let mut connection = Connection::open(server.address).await.unwrap();
    let create = authorized("POST", "/scim/v2/Users").with_body(user("lea"));
    let created = connection.send(&create).await.unwrap();
    assert_eq!(created.status, 201);
    let location =
        created.header("location").unwrap().strip_prefix("https://example.com").unwrap().to_owned();
    let read = connection.send(&authorized("GET", &location)).await.unwrap();
    assert_eq!((read.status, &read.body), (200, &created.body));
    let known = authorized("GET", &location).with_header("If-None-Match", read.header("etag").unwrap());
    assert_eq!(connection.send(&known).await.unwrap().status, 304);
    is_error(&connection.send(&authorized("GET", "/scim/v2/Users/none")).await.unwrap(), 404);
    is_error(&connection.send(&authorized("GET", "/elsewhere")).await.unwrap(), 404);
    is_error(&connection.send(&Request::new("GET", &location)).await.unwrap(), 401);
    // What one of the clients sends: an empty User-Agent, no Accept, and a question mark at the end.
    let put = authorized("PUT", &format!("{location}?"))
        .with_header("User-Agent", "")
        .with_header("Content-Type", "application/scim+json")
        .with_body(user(r#"lea","active":"False"#));
    let replaced: Value = connection.send(&put).await.unwrap().json().unwrap();
    assert_eq!(replaced["active"], false);
    assert_eq!(connection.send(&authorized("DELETE", &location)).await.unwrap().status, 204);
    drop(connection);
    server.stop().await;
}

/// Requests that are no HTTP/1.1 at all.
#[tokio::test]
async fn malformed_requests() {
    let server = Server::strict().await;
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(500));
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(70_000));
    for (bytes, status) in [
        ("GARBAGE\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        ("GET / HTTP/3.7\r\n\r\n", 400),
        ("G\u{1}T / HTTP/1.1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: bogus\r\n\r\n", 400),
        (&many, 431),
        (&long, 414),
    ] {
        let shown = bytes.get(..40).unwrap_or(bytes);
        let response = raw_send(server.address, bytes.as_bytes()).await;
        is_error(&response.unwrap_or_else(|error| panic!("{shown}: {error}")), status);
    }
    // Not malformed, only long.
    is_error(
        &send(server.address, &authorized("GET", &format!("/{}", "a".repeat(3000)))).await.unwrap(),
        414,
    );
    // HTTP/2 that nobody asked for ends at once, and the next connection is served.
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    assert!(raw_send(server.address, preface).await.is_err());
    // A host is not needed: the base URI is configured.
    is_error(&raw_send(server.address, b"GET /scim/v2/Users HTTP/1.1\r\n\r\n").await.unwrap(), 401);
    server.stop().await;
}

/// 7644-7.2-01: plain HTTP is offered to this machine alone, unless a proxy stands in front.
#[tokio::test]
async fn plain_http_stays_on_this_machine() {
    use scim_http::{Exposure, listen};
    for (address, exposure, allowed) in [
        ("127.0.0.1:0", Exposure::Direct, true),
        ("127.8.9.1:0", Exposure::Direct, true),
        ("[::ffff:127.0.0.1]:0", Exposure::Direct, true),
        ("0.0.0.0:0", Exposure::Direct, false),
        ("[::]:0", Exposure::Direct, false),
        ("192.0.2.1:0", Exposure::Direct, false),
        ("0.0.0.0:0", Exposure::BehindProxy, true),
    ] {
        let refused = matches!(
            listen(address.parse().unwrap(), exposure).await,
            Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied
        );
        assert_eq!(refused, !allowed, "{address} {exposure:?}");
    }
}

/// Garbage behind a good request: that one is answered first.
#[tokio::test]
async fn pipelined_garbage() {
    let server = Server::strict().await;
    let good = "GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n\r\n";
    let mut connection = Connection::open(server.address).await.unwrap();
    connection.write(format!("{good}{good}\u{0}\u{1}GARBAGE\r\n\r\n").as_bytes()).await.unwrap();
    assert_eq!(connection.read(false).await.unwrap().status, 200);
    assert_eq!(connection.read(false).await.unwrap().status, 200);
    is_error(&connection.read(false).await.unwrap(), 400);
    assert!(connection.read(false).await.is_err());
    drop(connection);
    server.stop().await;
}

const CHUNKED: &str = "POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n\
                       Transfer-Encoding: chunked\r\n\r\n";

/// Bodies without end: chunked, announced, and before anyone was let in.
#[tokio::test]
async fn endless_bodies() {
    let server = Server::strict().await;
    let announced = CHUNKED.replace("Transfer-Encoding: chunked", "Content-Length: 1000000000000");
    let anonymous = CHUNKED.replace("Bearer secret", "Bearer wrong");
    let elsewhere = CHUNKED.replace("/scim/v2/Users", "/elsewhere");
    for (head, piece, status) in [
        (CHUNKED, &b"4\r\nabcd\r\n"[..], 413),
        (&announced, &[b'['; 512], 413),
        (&anonymous, b"4\r\nabcd\r\n", 401),
        (&elsewhere, b"4\r\nabcd\r\n", 404),
    ] {
        let mut connection = Connection::open(server.address).await.unwrap();
        let response = connection.exchange_repeating(head.as_bytes(), piece, u64::MAX).await.unwrap();
        is_error(&response, status);
    }
    server.stop().await;
}

/// Bodies that stop coming, are cut off, or are no chunks.
#[tokio::test]
async fn broken_bodies() {
    let server = Server::strict().await;
    for (tail, status) in [
        ("4\r\n{\"us", 408),
        ("", 408),
        ("zz\r\n", 400),
        ("2\r\n{}\r\n0\r\n\r\n", 400),
        ("fffffffffffffffff\r\n", 400),
    ] {
        let response = raw_send(server.address, format!("{CHUNKED}{tail}").as_bytes()).await.unwrap();
        is_error(&response, status);
    }
    server.stop().await;
}

/// A panic of the engine is an answer, and the connection goes on.
#[tokio::test]
async fn panics_keep_the_connection() {
    let server = Server::start(faulty(), ServeConfig::default()).await;
    let mut connection = Connection::open(server.address).await.unwrap();
    is_error(&connection.send(&authorized("GET", "/Users/panics")).await.unwrap(), 500);
    assert_eq!(connection.send(&authorized("GET", "/Users/fine")).await.unwrap().status, 200);
    let head = connection
        .exchange(b"HEAD /Users/panics HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n\r\n");
    let head = head.await.unwrap();
    assert_eq!((head.status, head.body.len()), (500, 0));
    drop(connection);
    server.stop().await;
}

/// More connections than there may be wait for their turn.
#[tokio::test]
async fn connections_are_bounded() {
    let server = Server::start(faulty(), ServeConfig { connections: 1, ..ServeConfig::default() }).await;
    let mut first = Connection::open(server.address).await.unwrap();
    assert_eq!(first.send(&authorized("GET", "/Users/fine")).await.unwrap().status, 200);
    let address = server.address;
    let waiting = async move { send(address, &authorized("GET", "/Users/fine")).await };
    tokio::pin!(waiting);
    let again = authorized("GET", "/Users/fine");
    // The first connection is still served while the second one waits.
    tokio::select! {
        biased;
        early = &mut waiting => panic!("{early:?}"),
        answer = first.send(&again) => assert_eq!(answer.unwrap().status, 200),
    }
    drop(first);
    assert_eq!(waiting.await.unwrap().status, 200);
    server.stop().await;
}

/// A head that never ends is given up.
#[tokio::test]
async fn slow_heads() {
    let config = ServeConfig { header_time: Duration::from_millis(100), ..ServeConfig::default() };
    let server = Server::start(faulty(), config).await;
    let mut connection = Connection::open(server.address).await.unwrap();
    connection.write(b"GET /Users HTTP/1.1\r\nHost: ").await.unwrap();
    assert!(connection.read(false).await.is_err());
    drop(connection);
    server.stop().await;
}

/// Stopping lets requests finish that have begun, and closes what is idle.
#[tokio::test]
async fn stopping_is_graceful() {
    let service = faulty();
    let gate = service.engine().gate.clone();
    let server = Server::start(service, ServeConfig::default()).await;
    let mut idle = Connection::open(server.address).await.unwrap();
    assert_eq!(idle.send(&Request::new("GET", "/ServiceProviderConfig")).await.unwrap().status, 200);
    let mut busy = Connection::open(server.address).await.unwrap();
    busy.write(b"GET /Users/waits HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n\r\n")
        .await
        .unwrap();
    gate.entered.notified().await;
    server.stop.send(()).unwrap();
    assert!(idle.read(false).await.is_err());
    drop(idle);
    gate.open.notify_one();
    assert_eq!(busy.read(false).await.unwrap().status, 200);
    drop(busy);
    server.served.await.unwrap();
    assert!(Connection::open(server.address).await.is_err());
}

/// What does not finish in time is cut off.
#[tokio::test]
async fn stopping_does_not_wait_for_ever() {
    let config = ServeConfig { grace: Duration::from_millis(50), ..ServeConfig::default() };
    let server = Server::start(faulty(), config).await;
    let mut stuck = Connection::open(server.address).await.unwrap();
    assert_eq!(stuck.send(&authorized("GET", "/Users/fine")).await.unwrap().status, 200);
    stuck
        .write(b"GET /Users/sleeps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n\r\n")
        .await
        .unwrap();
    server.stop().await;
    assert!(stuck.read(false).await.is_err());
}
