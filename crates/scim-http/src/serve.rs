//! A small HTTP/1.1 server for any service: bounded connections, time-outs, a graceful end.
//!
//! It speaks no TLS: [`listen`] binds it to the loopback interface, or else only behind a proxy that does
//! (7644-7.2-01).

mod bare_error;
mod stream;

use std::convert::Infallible;
use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::Service;
use tracing::{debug, warn};

use stream::Stream;

/// Who can reach the server, and so how it is protected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exposure {
    /// Whoever can reach the address: only processes of this machine may.
    Direct,
    /// A proxy alone, which speaks TLS to clients; how it reaches the server is the operator's affair.
    BehindProxy,
}

/// Listens where [`serve`] can serve: plain HTTP is offered to this machine, or to a proxy (7644-7.2-01).
///
/// # Errors
///
/// Returns an error when the address can be reached from elsewhere and no proxy was said to stand in front,
/// and that of the system when the address cannot be had.
pub async fn listen(address: SocketAddr, exposure: Exposure) -> io::Result<TcpListener> {
    let loopback = address.ip().to_canonical().is_loopback();
    if exposure == Exposure::Direct && !loopback {
        let message = format!(
            "{address} can be reached from elsewhere, and plain HTTP would show tokens to whoever listens in: \
             listen on 127.0.0.1, or put a proxy that speaks TLS in front and say so"
        );
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    TcpListener::bind(address).await
}

/// How many connections there are and how long they live.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ServeConfig {
    /// How many connections are open at once; more wait to be accepted.
    pub connections: usize,
    /// How long a connection may take to send the head of a request, or stay idle before it. The
    /// default is longer than the minute after which the usual proxies give up an idle connection.
    pub header_time: Duration,
    /// How long requests that have begun may still take when the server is to stop.
    pub grace: Duration,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self { connections: 1024, header_time: Duration::from_secs(75), grace: Duration::from_secs(10) }
    }
}

/// Serves connections until `stop` is ready, then lets those that are open finish.
///
/// What is no HTTP/1.1 gets a SCIM error too, unlike hyper's own empty answer. A client that speaks HTTP/2
/// without having been asked to is hung up on: it could read no other answer.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use scim_engine::ProvisioningEngine;
/// # use scim_http::{Authenticator, HttpConfig, ScimService, ServeConfig, serve, stop_signal};
/// # use scim_http::{Exposure, listen};
/// # async fn run(engine: Arc<impl ProvisioningEngine>, tokens: impl Authenticator) -> std::io::Result<()> {
/// let listener = listen("127.0.0.1:8080".parse().unwrap(), Exposure::Direct).await?;
/// let config = HttpConfig { prefix: "/scim/v2".into(), ..HttpConfig::default() };
/// let service = ScimService::new(engine, tokens, config);
/// serve(listener, service, ServeConfig::default(), stop_signal()?).await;
/// # Ok(())
/// # }
/// ```
pub async fn serve<S, B>(
    listener: TcpListener,
    service: S,
    config: ServeConfig,
    stop: impl Future<Output = ()>,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let free = connections.len() < config.connections.max(1);
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if free => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, service.clone(), config, stopped.clone()));
                }
                Err(error) => not_accepted(&error).await,
            },
        }
    }
    // Whoever connects now is refused at once instead of waiting for nobody.
    drop(listener);
    drop(stopping);
    let all_done = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(config.grace, all_done).await.is_err() {
        warn!(connections = connections.len(), "stopped before these connections were done");
        connections.shutdown().await;
    }
}

/// Is ready when the process is asked to stop, by SIGTERM or from the keyboard.
///
/// The signals are caught from now on, not only once the future is awaited.
///
/// # Errors
///
/// Returns the error of the system when signals cannot be caught.
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// A client that has gone again is nothing; out of descriptors, some must be closed first.
async fn not_accepted(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        warn!(%error, "no connection can be accepted now");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn connection<S, B>(
    stream: TcpStream,
    service: S,
    config: ServeConfig,
    mut stopped: watch::Receiver<()>,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn StdError + Send + Sync>>,
{
    // Answers go out whole; only delay would come of collecting them.
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "a connection keeps its delay");
    }
    let service = service_fn(move |request| {
        let mut service = service.clone();
        async move {
            poll_fn(|context| service.poll_ready(context)).await?;
            service.call(request).await
        }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(config.header_time)
        .serve_connection(TokioIo::new(Stream::new(stream)), service);
    let mut serving = pin!(serving);
    let served = tokio::select! {
        served = serving.as_mut() => served,
        // The sender is only ever dropped.
        _ = stopped.changed() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = served {
        debug!(%error, "a connection ended early");
    }
}
