//! The server in this process, with a clock that a test moves, and stopped and started on the same data.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use awork_server::{Addresses, Outgoing, Place, ServerError, Service, run};
use scim_awork::log::Retention;
use scim_awork::{LogDelivery, SmtpDelivery, SmtpOptions};
use scim_http::{Clock, Exposure, Rate};
use scim_testkit::postgres::Cluster;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::command::Shell;
use crate::scenarios::ADMIN;

/// When a test begins, in milliseconds since 1970.
pub(crate) const START: i64 = 1_700_000_000_000;

pub(crate) const MINUTE: i64 = 60_000;

/// A real store, which stays when a server on it stops.
#[derive(Clone)]
pub(crate) enum Data {
    Sqlite(Arc<TempDir>),
    Postgres(String),
}

impl Data {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(Arc::new(tempfile::tempdir().unwrap()))
    }

    pub(crate) fn postgres() -> Self {
        Self::Postgres(Cluster::shared().database().unwrap())
    }

    fn place(&self) -> Place {
        match self {
            Self::Sqlite(folder) => Place::Folder(folder.path().to_owned()),
            Self::Postgres(url) => Place::Database(url.clone()),
        }
    }
}

/// The time that a test says it is.
#[derive(Clone)]
pub(crate) struct Time(Arc<AtomicI64>);

impl Time {
    pub(crate) fn start() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }

    /// So many milliseconds after the start.
    pub(crate) fn at(&self, after: i64) {
        self.0.store(START + after, Ordering::SeqCst);
    }

    fn clock(&self) -> Clock {
        let time = Arc::clone(&self.0);
        Clock::new(move || time.load(Ordering::SeqCst))
    }
}

/// A server that runs.
pub(crate) struct Running {
    address: SocketAddr,
    pub(crate) admin: Shell,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Result<(), ServerError>>,
    /// They outlive the server.
    _data: Data,
}

impl Running {
    pub(crate) async fn start(
        data: &Data,
        time: &Time,
        smtp: Option<&SmtpOptions>,
        rate: Option<Rate>,
    ) -> Self {
        let outgoing = match smtp {
            Some(options) => Outgoing::Smtp(Box::new(SmtpDelivery::new(options).unwrap())),
            None => Outgoing::Log(LogDelivery),
        };
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let service = Service {
            listen: any,
            exposure: Exposure::Direct,
            base_url: None,
            setup: None,
            outgoing,
            admin: Some((any, ADMIN.to_owned())),
            rate,
            log_retention: Retention::default(),
            clock: time.clock(),
        };
        let (is_ready, ready) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let place = data.place();
        let served = tokio::spawn(async move {
            let ready = |addresses: &Addresses| {
                is_ready.send(addresses.clone()).map_err(|_| std::io::Error::other("nobody waits for it"))
            };
            run(place, service, ready, async move { drop(stopped.await) }).await
        });
        let Addresses { base_url, admin_url } = ready.await.expect("the server starts");
        let address = base_url.strip_prefix("http://").and_then(|rest| rest.split('/').next()).unwrap();
        let admin = Shell::new(["--server", &admin_url.unwrap(), "--admin-token", ADMIN]);
        Self { address: address.parse().unwrap(), admin, stop, served, _data: data.clone() }
    }

    /// Stops the server and waits until it has closed its store.
    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap().unwrap();
    }

    pub(crate) fn client(&self, token: &str) -> Client {
        Client::new(self.address, token)
    }
}
