//! Three servers on one PostgreSQL database, and 64 clients that want the same thing.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use scim_testkit::http::{Request, Response, send};
use scim_testkit::postgres::Cluster;
use scim_testkit::server::Server;
use serde_json::{Value, json};
use tokio::sync::Barrier;

const SERVERS: usize = 3;
const CLIENTS: usize = 64;
const ROUNDS: usize = 100;

/// Seats that are free in each round.
const FREE: usize = 10;

/// The longest that anybody may wait: as long as a walk is patient.
const PATIENCE: Duration = Duration::from_secs(5);

const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User";

/// D-70, A-27: of two admins one stays, whoever asks for the other one to go.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_admin_stays() {
    let workspace = Workspace::start("500");
    let admins = [workspace.person("ada").await, workspace.person("bob").await];
    let deactivate = patch(&json!([{ "op": "replace", "path": "active", "value": false }]));
    let reactivate = patch(&json!([{ "op": "replace", "path": "active", "value": true }]));
    let demote =
        patch(&json!([{ "op": "replace", "path": format!("{EXTENSION}:userRole"), "value": "User" }]));
    let promote =
        patch(&json!([{ "op": "replace", "path": format!("{EXTENSION}:userRole"), "value": "Admin" }]));
    for round in 0..ROUNDS {
        let (away, back) = if round % 2 == 0 { (&deactivate, &reactivate) } else { (&demote, &promote) };
        let answers = workspace
            .all_at_once(|client| ("PATCH", format!("/Users/{}", admins[client % 2]), Some(away.clone())))
            .await;
        for answer in &answers {
            let expected = if answer.status == 200 { String::new() } else { "mutability".to_owned() };
            assert_eq!(scim_type(answer), expected, "round {round}: {}", answer.text());
            assert!(matches!(answer.status, 200 | 400), "round {round}: {}", answer.text());
            assert!(answer.status == 200 || answer.text().contains("invalid-operation"), "{}", answer.text());
        }
        let mut left = Vec::new();
        for admin in &admins {
            let user = workspace.get(&format!("/Users/{admin}")).await;
            if user["active"] == true && user[EXTENSION]["userRole"] == "Admin" {
                left.push(admin);
            }
        }
        assert_eq!(left.len(), 1, "round {round}");
        for (client, answer) in answers.iter().enumerate() {
            let of_the_last = &admins[client % 2] == left[0];
            assert_eq!(answer.status == 400, of_the_last, "round {round}: {}", answer.text());
        }
        for admin in &admins {
            let answer = workspace.send(0, "PATCH", &format!("/Users/{admin}"), Some(back.clone())).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
    }
    workspace.saw_no_deadlock();
}

/// of those who create one person, whatever the letter case, one does.
#[tokio::test(flavor = "multi_thread")]
async fn one_user_name_has_one_holder() {
    let workspace = Workspace::start("100000");
    for round in 0..ROUNDS {
        let answers = workspace
            .all_at_once(|client| {
                let name = if client % 2 == 0 { "lea" } else { "LEA" };
                ("POST", "/Users".to_owned(), Some(person(&format!("{name}-{round}@example.com"))))
            })
            .await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1, "round {round}");
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!((answer.status, scim_type(answer).as_str()), (409, "uniqueness"), "{}", answer.text());
        }
    }
    workspace.saw_no_deadlock();
}

/// D-69, D-77: whoever is moved to two roles at once has one of them.
#[tokio::test(flavor = "multi_thread")]
async fn everybody_has_one_role() {
    let workspace = Workspace::start("500");
    let cleo = workspace.person("cleo").await;
    let roles = ["Viewer", "Project manager", "User"];
    let mut groups = Vec::new();
    for role in roles {
        let found = workspace
            .get(&format!("/Groups?filter=displayName%20eq%20%22{}%22", role.replace(' ', "%20")))
            .await;
        groups.push(found["Resources"][0]["id"].as_str().unwrap().to_owned());
    }
    for round in 0..ROUNDS {
        let answers = workspace
            .all_at_once(|client| {
                let add = json!([{ "op": "add", "path": "members", "value": [{ "value": cleo }] }]);
                let remove = json!([{ "op": "remove", "path": format!("members[value eq \"{cleo}\"]") }]);
                let set = json!([{ "op": "replace", "path": format!("{EXTENSION}:userRole"), "value": roles[client % 3] }]);
                match client % 4 {
                    0 => ("PATCH", format!("/Users/{cleo}"), Some(patch(&set))),
                    1 => ("PATCH", format!("/Groups/{}", groups[client % 3]), Some(patch(&remove))),
                    _ => ("PATCH", format!("/Groups/{}", groups[client % 3]), Some(patch(&add))),
                }
            })
            .await;
        for answer in &answers {
            assert!(matches!(answer.status, 200 | 204), "round {round}: {}", answer.text());
        }
        let user = workspace.get(&format!("/Users/{cleo}")).await;
        let shown = user["groups"].as_array().unwrap();
        assert_eq!(shown.len(), 1, "round {round}: {user}");
        assert_eq!(shown[0]["display"], user[EXTENSION]["userRole"], "round {round}");
        let mut holding = 0;
        for group in &groups {
            let members = workspace.get(&format!("/Groups/{group}")).await["members"].clone();
            let members = members.as_array().cloned().unwrap_or_default();
            holding += members.iter().filter(|member| member["value"] == cleo.as_str()).count();
        }
        assert_eq!(holding, 1, "round {round}");
    }
    workspace.saw_no_deadlock();
}

/// D-24, D-29: with ten free seats ten of 64 people get in, and all others are refused for the lack of one.
#[tokio::test(flavor = "multi_thread")]
async fn seats_are_never_oversold() {
    // Ada, Bob and Cleo take a seat each, Gus a third of one, and Dan none.
    let workspace = Workspace::start(&(4 + FREE).to_string());
    for round in 0..ROUNDS {
        let answers = workspace
            .all_at_once(|client| {
                ("POST", "/Users".to_owned(), Some(person(&format!("new-{round}-{client}@example.com"))))
            })
            .await;
        let mut created = Vec::new();
        for answer in &answers {
            if answer.status == 201 {
                created.push(answer.json().unwrap()["id"].as_str().unwrap().to_owned());
            } else {
                assert_eq!((answer.status, scim_type(answer).as_str()), (400, ""), "{}", answer.text());
                assert!(answer.text().contains("insufficient-seats"), "{}", answer.text());
            }
        }
        assert_eq!(created.len(), FREE, "round {round}");
        // All at once again, so that seats are given back at the same time as well.
        let answers = workspace
            .all_at_once(|client| {
                created.get(client).map_or(("GET", "/Users?count=1".to_owned(), None), |id| {
                    ("DELETE", format!("/Users/{id}"), None)
                })
            })
            .await;
        for answer in answers {
            assert!(matches!(answer.status, 200 | 204), "round {round}: {}", answer.text());
        }
    }
    workspace.saw_no_deadlock();
}

struct Workspace {
    servers: Vec<Server>,
    database: String,
}

impl Workspace {
    /// Three servers that start at once on a new database.
    fn start(seats: &str) -> Self {
        let database = Cluster::shared().database().unwrap();
        let start = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_awork-server"));
            command.args(["demo", "--listen", "127.0.0.1:0", "--token", "t", "--seats", seats]);
            Server::start(command.args(["--database-url", &database])).unwrap()
        };
        let servers = std::thread::scope(|scope| {
            let starting: Vec<_> = (0..SERVERS).map(|_| scope.spawn(start)).collect();
            starting.into_iter().map(|server| server.join().unwrap()).collect()
        });
        Self { servers, database }
    }

    fn request(
        &self,
        client: usize,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> impl Future<Output = Response> + Send + use<> {
        let address = self.servers[client % SERVERS].ready().address;
        let mut request =
            Request::new(method, format!("/api/v1/scim{path}")).with_header("Authorization", "Bearer t");
        if let Some(body) = body {
            request =
                request.with_header("Content-Type", "application/scim+json").with_body(body.to_string());
        }
        async move { send(address, &request).await.unwrap() }
    }

    async fn send(&self, client: usize, method: &str, path: &str, body: Option<Value>) -> Response {
        self.request(client, method, path, body).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.send(0, "GET", path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json().unwrap()
    }

    /// The id of somebody whom the demo has.
    async fn person(&self, name: &str) -> String {
        let filter = format!("/Users?filter=userName%20eq%20%22{name}@precious-asteroid.example%22");
        self.get(&filter).await["Resources"][0]["id"].as_str().unwrap().to_owned()
    }

    /// Not even PostgreSQL saw two commits that waited for each other in a circle.
    fn saw_no_deadlock(&self) {
        let count = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
        assert_eq!(Cluster::shared().sql(&self.database, count).unwrap(), "0");
    }

    /// What 64 clients are told who all start at the same moment, each at one of the three servers. Nobody
    /// is told of a clash with another, or to come back later.
    async fn all_at_once(
        &self,
        request: impl Fn(usize) -> (&'static str, String, Option<Value>),
    ) -> Vec<Response> {
        let start = Arc::new(Barrier::new(CLIENTS));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (method, path, body) = request(client);
                let (start, sent) = (Arc::clone(&start), self.request(client, method, &path, body));
                tokio::spawn(async move {
                    start.wait().await;
                    tokio::time::timeout(PATIENCE * 2, sent).await.expect("nobody waits for ever")
                })
            })
            .collect();
        let mut answers = Vec::new();
        for client in clients {
            let answer = client.await.unwrap();
            assert!(answer.status < 500, "{}", answer.text());
            assert!(!answer.text().to_lowercase().contains("deadlock"), "{}", answer.text());
            answers.push(answer);
        }
        answers
    }
}

fn person(name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": name,
        "name": { "givenName": "Lea", "familyName": "Berg" },
    })
}

fn patch(operations: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

fn scim_type(answer: &Response) -> String {
    let body: Value = answer.json().unwrap_or_default();
    body["scimType"].as_str().unwrap_or_default().to_owned()
}
