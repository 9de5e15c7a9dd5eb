//! Clients of the server: some that write as fast as they can, and some that are refused at a steady rate.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use scim_testkit::http::{Connection, Request, Response};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval_at};

/// How many clients write.
pub(crate) const WRITERS: usize = 8;

/// How many writes a second are refused, and how many wrong tokens a second are sent.
pub(crate) const RATE: u32 = 500;

const TEAMS: &str = "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User:teams";

/// On how many connections each of the two comes: enough that no request waits for the answer of another one.
const REFUSED: u32 = 25;

/// How long it is quiet before each phase: what the phase before has left to the log is written down by then.
const PAUSE: Duration = Duration::from_millis(1_500);

/// What happened in a phase.
#[derive(Debug, Default)]
pub(crate) struct Phase {
    time: Duration,
    /// How long each write took.
    writes: Vec<Duration>,
    refused: usize,
    strangers: usize,
}

impl Phase {
    pub(crate) fn writes_per_second(&self) -> f64 {
        self.per_second(self.writes.len())
    }

    pub(crate) fn refused_per_second(&self) -> f64 {
        self.per_second(self.refused)
    }

    pub(crate) fn strangers_per_second(&self) -> f64 {
        self.per_second(self.strangers)
    }

    /// How long the slowest hundredth of the writes took at least, in milliseconds.
    pub(crate) fn slow(&self) -> f64 {
        let mut writes = self.writes.clone();
        writes.sort_unstable();
        writes.get(writes.len() * 99 / 100).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }

    fn per_second(&self, count: usize) -> f64 {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        f64::from(count) / self.time.as_secs_f64()
    }
}

/// Who asks what.
#[derive(Clone, Copy, Debug)]
enum Refusal {
    /// A client that is known asks for what cannot be done.
    Write,
    /// A client that nobody knows.
    Stranger,
}

/// The clients of one server, with a user for each writer.
#[derive(Debug)]
pub(crate) struct Load {
    address: SocketAddr,
    token: Arc<str>,
    users: Vec<String>,
    /// Numbers that no user has yet.
    next: Arc<AtomicU64>,
}

impl Load {
    pub(crate) async fn prepare(address: SocketAddr, token: &str) -> Self {
        let mut load =
            Self { address, token: token.into(), users: Vec::new(), next: Arc::new(AtomicU64::new(0)) };
        let mut connection = connect(address).await;
        for _ in 0..WRITERS {
            let request = create(&load.token, load.next.fetch_add(1, Ordering::Relaxed));
            let created: Value = answer(&mut connection, &request, 201).await.json().expect("a user");
            load.users.push(format!("/Users/{}", created["id"].as_str().expect("an id")));
        }
        load
    }

    /// Writes for so long, alone or while others are refused.
    pub(crate) async fn run(&mut self, time: Duration, in_company: bool) -> Phase {
        tokio::time::sleep(PAUSE).await;
        let begin = Instant::now();
        let end = begin + time;
        let mut writers = JoinSet::new();
        for user in &self.users {
            writers.spawn(write(
                self.address,
                Arc::clone(&self.token),
                user.clone(),
                Arc::clone(&self.next),
                end,
            ));
        }
        let (mut refused, mut strangers) = (JoinSet::new(), JoinSet::new());
        for number in 0..if in_company { REFUSED } else { 0 } {
            let offset = Duration::from_secs(1) / RATE * number;
            let user = self.users[0].clone();
            for (kind, set) in [(Refusal::Write, &mut refused), (Refusal::Stranger, &mut strangers)] {
                set.spawn(be_refused(
                    kind,
                    self.address,
                    Arc::clone(&self.token),
                    user.clone(),
                    begin + offset,
                    end,
                ));
            }
        }
        let writes = writers.join_all().await.concat();
        let (refused, strangers) =
            (refused.join_all().await.iter().sum(), strangers.join_all().await.iter().sum());
        Phase { time: begin.elapsed(), writes, refused, strangers }
    }
}

/// Writes again and again: three changes of the user, then a new user. How long each took.
async fn write(
    address: SocketAddr,
    token: Arc<str>,
    user: String,
    next: Arc<AtomicU64>,
    end: Instant,
) -> Vec<Duration> {
    let mut connection = connect(address).await;
    let mut writes = Vec::new();
    while Instant::now() < end {
        let number = next.fetch_add(1, Ordering::Relaxed);
        let (request, status) = if writes.len() % 4 == 3 {
            (create(&token, number), 201)
        } else {
            (patch(&token, &user, "title", &format!("Title {number}")), 200)
        };
        let begin = Instant::now();
        answer(&mut connection, &request, status).await;
        writes.push(begin.elapsed());
    }
    writes
}

/// Asks for what is refused, at its part of the rate; how often.
async fn be_refused(
    kind: Refusal,
    address: SocketAddr,
    token: Arc<str>,
    user: String,
    begin: Instant,
    end: Instant,
) -> usize {
    let mut connection = connect(address).await;
    let host = address.to_string();
    // Made once: the clients have the same cores as the server.
    let writes = [
        // By itself, and by what the workspace has.
        patch(&token, &user, "timezone", "Mars").to_bytes(&host),
        patch(&token, &user, TEAMS, "Nobody's").to_bytes(&host),
    ];
    let mut ticks = interval_at(begin.into(), Duration::from_secs(1) / RATE * REFUSED);
    // Who is late catches up, so that the rate holds.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut count = 0;
    loop {
        ticks.tick().await;
        if Instant::now() >= end {
            return count;
        }
        let (request, status) = match kind {
            Refusal::Write => (writes[count % 2].clone(), 400),
            // Another one each time, so that it is looked up each time.
            Refusal::Stranger => (patch(&format!("wrong-{count}"), &user, "title", "x").to_bytes(&host), 401),
        };
        let response = connection.exchange(&request).await.expect("an answer");
        assert_eq!(response.status, status, "{}", response.text());
        count += 1;
    }
}

async fn connect(address: SocketAddr) -> Connection {
    Connection::open(address).await.expect("a connection")
}

async fn answer(connection: &mut Connection, request: &Request, status: u16) -> Response {
    let response = connection.send(request).await.expect("an answer");
    assert_eq!(response.status, status, "{}", response.text());
    response
}

fn create(token: &str, number: u64) -> Request {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("user-{number}@bench.example"),
        "name": { "givenName": "Lea", "familyName": format!("Berg {number}") },
    });
    request(token, "POST", "/Users", &body)
}

fn patch(token: &str, user: &str, attribute: &str, value: &str) -> Request {
    let operation = json!({ "op": "replace", "path": attribute, "value": value });
    let body =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] });
    request(token, "PATCH", user, &body)
}

fn request(token: &str, method: &str, path: &str, body: &Value) -> Request {
    Request::new(method, format!("/api/v1/scim{path}"))
        .with_header("Authorization", format!("Bearer {token}"))
        .with_header("Content-Type", "application/scim+json")
        .with_body(body.to_string())
}
