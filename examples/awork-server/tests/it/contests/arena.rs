//! Servers on one store, and all clients at once.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use scim_testkit::http::{Request, Response, send};
use scim_testkit::postgres::Cluster;
use scim_testkit::server::Server;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Barrier;

use super::LONGEST_WAIT;
use super::request::Ask;
use super::workspace::Workspace;
use crate::scenarios::ADMIN;

/// How many servers share a PostgreSQL database.
const SERVERS: usize = 3;

/// What servers report: faults, and invoices that they make out.
const LOG: &str = "warn,scim_awork::delivery=info";

/// Where the data of a contest are.
pub(super) enum Storage {
    Memory,
    Folder(TempDir),
    Database(String),
}

/// Running servers on one store.
pub(super) struct Arena {
    servers: Vec<Server>,
    storage: Storage,
    longest: Arc<Mutex<Duration>>,
}

impl Arena {
    pub(super) fn on_memory() -> Self {
        let server = start(&["demo", "--memory", "--token", "t"]);
        Self::new(vec![server], Storage::Memory)
    }

    pub(super) fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = start(&["serve", "--data", folder.path().to_str().unwrap()]);
        Self::new(vec![server], Storage::Folder(folder))
    }

    /// Three servers that start at once on a new database.
    pub(super) fn on_postgres() -> Self {
        let database = Cluster::shared().database().unwrap();
        let servers = std::thread::scope(|scope| {
            let one = || start(&["serve", "--database-url", &database]);
            let starting: Vec<_> = (0..SERVERS).map(|_| scope.spawn(one)).collect();
            starting.into_iter().map(|server| server.join().unwrap()).collect()
        });
        Self::new(servers, Storage::Database(database))
    }

    fn new(servers: Vec<Server>, storage: Storage) -> Self {
        Self { servers, storage, longest: Arc::default() }
    }

    fn address(&self, client: usize) -> SocketAddr {
        self.servers[client % self.servers.len()].ready().address
    }

    /// Sends one request, and has no patience with it.
    fn send(
        &self,
        client: usize,
        token: &str,
        ask: Ask,
        start: Option<Arc<Barrier>>,
    ) -> impl Future<Output = Response> + Send + use<> {
        let (address, longest) = (self.address(client), Arc::clone(&self.longest));
        let mut request = Request::new(ask.method, format!("/api/v1/scim{}", ask.path))
            .with_header("Authorization", format!("Bearer {token}"));
        if let Some(body) = ask.body {
            request =
                request.with_header("Content-Type", "application/scim+json").with_body(body.to_string());
        }
        async move {
            if let Some(start) = start {
                start.wait().await;
            }
            let sent = Instant::now();
            let answer = send(address, &request).await.unwrap();
            let waited = sent.elapsed();
            assert!(waited < LONGEST_WAIT, "{waited:?}: {}", answer.text());
            assert!(answer.status < 500, "{}", answer.text());
            let mut longest = longest.lock().unwrap();
            *longest = waited.max(*longest);
            answer
        }
    }

    /// What one client is told, who asks alone.
    pub(super) async fn alone(&self, client: usize, token: &str, ask: Ask) -> Response {
        self.send(client, token, ask, None).await
    }

    /// What clients are told who start at the same moment, each with a token. Nobody is told of a clash with
    /// another, or to come back later, and nobody waits for long.
    pub(super) async fn at_once(&self, asks: Vec<(&str, Ask)>) -> Vec<Response> {
        let start = Arc::new(Barrier::new(asks.len()));
        let clients: Vec<_> = asks
            .into_iter()
            .enumerate()
            .map(|(client, (token, ask))| {
                tokio::spawn(self.send(client, token, ask, Some(Arc::clone(&start))))
            })
            .collect();
        let mut answers = Vec::new();
        for client in clients {
            answers.push(client.await.unwrap());
        }
        answers
    }

    /// Gives an order over the admin API of a server; what it tells.
    pub(super) async fn order(&self, order: &str, body: Value) -> Value {
        let url = self.servers[0].ready().admin_url.clone().unwrap();
        let request = Request::new("POST", format!("/admin/v1/{order}"))
            .with_header("Authorization", format!("Bearer {ADMIN}"))
            .with_body(body.to_string());
        let address = url.strip_prefix("http://").unwrap().parse().unwrap();
        let answer = send(address, &request).await.unwrap();
        assert_eq!(answer.status, 200, "{order}: {}", answer.text());
        answer.json().unwrap()
    }

    /// A new workspace with the roles Admin, User, Guest and Lead, its admin `ada@NAME.example`, and its
    /// integration.
    pub(super) async fn workspace(&self, name: &str, seats: usize, automatic_booking: bool) -> Workspace<'_> {
        let create = json!({
            "workspace": name, "seats": seats, "automatic_booking": automatic_booking,
            "enterprise": true, "openid_connect": true,
            "admin_email": format!("ada@{name}.example"),
            "admin_given_name": "Ada", "admin_family_name": "Lovelace",
        });
        self.order("workspace/create", create).await;
        self.order("role/create", json!({ "workspace": name, "name": "Lead", "write_grants": 20 })).await;
        let told = self.order("integration/set-up", json!({ "workspace": name, "provider": "okta" })).await;
        let token = told["token"].as_str().unwrap().to_owned();
        Workspace { arena: self, name: name.to_owned(), token }
    }

    /// Ends a contest: not even PostgreSQL saw two commits that waited for each other in a circle, and no
    /// server has reported an error, or made out an invoice before its time. What is left is the storage.
    pub(super) fn end(self) -> Storage {
        let longest = *self.longest.lock().unwrap();
        std::io::stderr().write_all(format!("the longest wait: {longest:?}\n").as_bytes()).unwrap();
        if let Storage::Database(database) = &self.storage {
            let count = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
            assert_eq!(Cluster::shared().sql(database, count).unwrap(), "0");
        }
        for server in self.servers {
            let (status, said) = server.terminate().unwrap();
            assert!(status.success() && !said.contains("ERROR"), "{said}");
            assert!(!said.contains("an invoice"), "{said}");
        }
        self.storage
    }
}

fn start(words: &[&str]) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awork-server"));
    command.args(words).args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
    command.env_remove("SCIM_DATABASE_URL").env("AWORK_LOG", LOG).env("AWORK_ADMIN_TOKEN", ADMIN);
    Server::start(&mut command).unwrap()
}
