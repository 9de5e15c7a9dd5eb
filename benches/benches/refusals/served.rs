//! awork's server in this process, on threads of its own, with a database of its own.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use awork_server::{Addresses, Integration, Outgoing, Place, Service, run};
use scim_awork::log::Retention;
use scim_awork::{
    AworkToken, LogDelivery, PersonKind, PersonSetup, Provider, RoleKind, RoleSetup, WorkspaceSetup,
};
use scim_http::{Clock, Exposure};
use scim_testkit::postgres::Cluster;
use tempfile::TempDir;
use tokio::sync::oneshot;

const TOKEN: &str = "the-token-of-the-bench";

/// A server that runs, and what its data are in.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) token: &'static str,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
    _folder: TempDir,
    _cluster: Option<Cluster>,
}

impl Served {
    /// Starts a server on the store of this name.
    pub(crate) fn start(store: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let cluster = (store == "PostgreSQL").then(|| Cluster::start(&[]).expect("PostgreSQL"));
        let place = match &cluster {
            Some(cluster) => Place::Database(cluster.database().expect("a database")),
            None => Place::Folder(folder.path().to_owned()),
        };
        let (is_ready, ready) = oneshot::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
            let ready = |addresses: &Addresses| {
                is_ready.send(addresses.clone()).map_err(|_| std::io::Error::other("nobody waits for it"))
            };
            runtime.block_on(run(place, service(), ready, async { drop(stopped.await) })).expect("a server");
        });
        let addresses = ready.blocking_recv().expect("a server that starts");
        let address = addresses.base_url.strip_prefix("http://").and_then(|rest| rest.split('/').next());
        Self {
            address: address.and_then(|address| address.parse().ok()).expect("an address"),
            token: TOKEN,
            stop,
            thread,
            _folder: folder,
            _cluster: cluster,
        }
    }

    /// Stops the server before its data go.
    pub(crate) fn stop(self) {
        self.stop.send(()).expect("a server that runs");
        self.thread.join().expect("a server that ends");
    }
}

fn service() -> Service {
    let token = AworkToken::from_text(TOKEN).expect("a token").kept();
    let integration = Integration { id: "bench".into(), provider: Provider::Okta, token };
    Service {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        exposure: Exposure::Direct,
        base_url: None,
        setup: Some((workspace(), Some(integration))),
        outgoing: Outgoing::Log(LogDelivery),
        admin: None,
        rate: None,
        log_retention: Retention::default(),
        clock: Clock::default(),
    }
}

/// A workspace with an admin and more seats than are ever taken.
fn workspace() -> WorkspaceSetup {
    let role = |name: &str, kind, grants| RoleSetup {
        name: name.to_owned(),
        kind,
        write_grants: grants,
        read_grants: grants,
    };
    WorkspaceSetup {
        name: "bench".into(),
        language: "en-GB".into(),
        seats: 1_000_000,
        subdomain: None,
        automatic_booking: false,
        enterprise: true,
        openid_connect: true,
        roles: vec![
            role("Admin", RoleKind::Admin, 40),
            role("User", RoleKind::Ordinary, 10),
            role("Guest", RoleKind::Guest, 0),
        ],
        teams: Vec::new(),
        absence_regions: vec!["Berlin".into()],
        default_absence_region: Some("Berlin".into()),
        people: vec![PersonSetup {
            email: "ada@bench.example".into(),
            given_name: "Ada".into(),
            family_name: "Lovelace".into(),
            role: "Admin".into(),
            kind: PersonKind::Person,
            active: true,
            other_workspaces: Vec::new(),
        }],
    }
}
