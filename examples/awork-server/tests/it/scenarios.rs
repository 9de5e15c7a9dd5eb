//! Acceptance scenarios 1, 6 and 11 of the domain specification, with the built binary, on both databases.

use std::process::Command;

use scim_testkit::http::{Request, Response, send};
use scim_testkit::server::Server;
use serde_json::{Value, json};

use crate::command::Shell;

pub(crate) const ADMIN: &str = "the-admin-token";
const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User";

/// A server without a workspace file, and the shell of its admin API.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) admin: Shell,
    pub(crate) on_data: Shell,
}

impl World {
    pub(crate) fn start(storage: [&str; 2]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_awork-server"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]).args(storage);
        let server = Server::start(command.env("AWORK_ADMIN_TOKEN", ADMIN)).unwrap();
        let url = server.ready().admin_url.clone().unwrap();
        Self {
            server,
            admin: Shell::new(["--server", &url, "--admin-token", ADMIN]),
            on_data: Shell::new(storage),
        }
    }

    pub(crate) async fn send(&self, token: &str, method: &str, path: &str, body: Option<Value>) -> Response {
        let mut request = Request::new(method, format!("/api/v1/scim{path}"))
            .with_header("Authorization", format!("Bearer {token}"));
        if let Some(body) = body {
            request =
                request.with_header("Content-Type", "application/scim+json").with_body(body.to_string());
        }
        send(self.server.ready().address, &request).await.unwrap()
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Value {
        let answer = self.send(token, "GET", path, None).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json().unwrap()
    }

    async fn status(&self, token: &str) -> u16 {
        self.send(token, "GET", "/Users", None).await.status
    }
}

/// Runs each function with a server on SQLite, and with one on PostgreSQL.
macro_rules! on_both {
    ($($name:ident)+) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                let folder = tempfile::tempdir().unwrap();
                let storage = ["--data", folder.path().to_str().unwrap()];
                super::$name($crate::scenarios::World::start(storage)).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                let database = scim_testkit::postgres::Cluster::shared().database().unwrap();
                super::$name($crate::scenarios::World::start(["--database-url", &database])).await;
            })+
        }
    };
}

pub(crate) use on_both;

on_both!(set_up_once logins_are_no_matter_of_scim the_guide_of_entra roles_and_groups tokens_and_repair orders_on_the_data_of_a_server);

fn detail(error: &Value) -> &str {
    error["detail"].as_str().unwrap()
}

/// Scenario 1 (D-36, D-37, A-45): refused without Enterprise, then without SSO; then the token, `API Access`,
/// and no second one.
async fn set_up_once(world: World) {
    let shell = &world.admin;
    shell.workspace("acme");
    let set_up = ["integration", "set-up", "acme", "--provider", "okta"];
    let plan = ["workspace", "plan", "acme", "--enterprise"];
    shell.done(&[&plan[..], &["false", "--openid-connect", "false"]].concat());
    let error = shell.refused(&set_up);
    assert!(
        error["status"] == "403" && detail(&error).contains("(insufficient-subscription-level)"),
        "{error}"
    );
    shell.done(&[&plan[..], &["true"]].concat());
    let error = shell.refused(&set_up);
    assert!(error["status"] == "403" && detail(&error).contains("(invalid-operation)"), "{error}");
    shell.done(&["workspace", "plan", "acme", "--openid-connect", "true"]);
    let told = shell.done(&set_up);
    let token = told["token"].as_str().unwrap();
    assert!(token.starts_with("awork_scim_") && token.len() == 61, "{token}");
    assert_eq!(told["base_url"], world.server.ready().base_url);
    assert_eq!(shell.done(&["integration", "clients", "acme"])[0]["name"], "API Access");
    assert_eq!(shell.refused(&set_up)["status"], "409");
    assert_eq!(world.get(token, "/Users").await["totalResults"], 1);
    let shown = shell.done(&["integration", "show", "acme"]);
    assert_eq!((&shown["state"], &shown["token"]), (&json!("working"), &Value::Null));
    assert!(token.ends_with(shown["token_hint"].as_str().unwrap()));
}

/// D-9: SCIM is set up, repaired and deleted, and the ways to sign in stay as the admin has set them: only single
/// sign-on, or passwords for people from outside as well.
async fn logins_are_no_matter_of_scim(world: World) {
    let shell = &world.admin;
    shell.workspace("acme");
    let logins = || shell.done(&["workspace", "show", "acme"])["logins"].clone();
    assert_eq!(logins(), json!({ "sso": true, "credentials": true, "social": true }));
    for (credentials, social) in [("false", "false"), ("true", "false")] {
        let switches =
            ["--credentials-login", credentials, "--social-login", social, "--as", "ada@acme.example"];
        let told = shell.done(&[&["workspace", "settings", "acme"], &switches[..]].concat());
        let set = json!({ "sso": true, "credentials": credentials == "true", "social": false });
        assert_eq!(told["logins"], set);
        let token = shell.set_up("acme", "entra-id");
        assert_eq!(logins(), set);
        shell.done(&["integration", "regenerate", "acme"]);
        assert_eq!((logins(), world.status(&token).await), (set.clone(), 401));
        shell.done(&["integration", "delete-client", "acme", "API Access", "--force"]);
        assert_eq!(logins(), set);
        shell.done(&["integration", "delete", "acme"]);
        assert_eq!(logins(), set);
    }
    // And the other way round: who signs in by password is provisioned all the same.
    let token = shell.set_up("acme", "okta");
    shell.done(&["workspace", "settings", "acme", "--sso-login", "false"]);
    assert_eq!(world.status(&token).await, 200);
}

/// D-87, D-49 to D-51: the admin who has set SCIM up for Entra ID is told what to do there.
async fn the_guide_of_entra(world: World) {
    let shell = &world.admin;
    shell.workspace("acme");
    shell.set_up("acme", "entra-id");
    let notes = shell.done(&["integration", "show", "acme"])["notes"].to_string();
    for words in ["tenant URL", "groups off", "such as 50", "assigned users", "P2", "40 minutes", "licences"]
    {
        assert!(notes.contains(words), "{words} in {notes}");
    }
}

/// Scenario 6 (D-67, D-73, D-75): roles by exact name and as groups, renamed in awork, never made by SCIM.
async fn roles_and_groups(world: World) {
    let shell = &world.admin;
    shell.workspace("acme");
    let token = shell.set_up("acme", "onelogin");
    let lead = shell.done(&["role", "create", "acme", "Lead", "--write-grants", "20"]);
    let person = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "lea@acme.example",
        "name": { "givenName": "Lea", "familyName": "Berg" },
    });
    let created = world.send(&token, "POST", "/Users", Some(person)).await.json().unwrap();
    let user = format!("/Users/{}", created["id"].as_str().unwrap());
    let patch = async |path: &str, operation: Value| {
        let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation] });
        world.send(&token, "PATCH", path, Some(body)).await
    };
    let role = format!("{EXTENSION}:userRole");
    for (name, status) in [("lead", 400), ("Guest", 400), ("Lead", 200), ("Admin", 200), ("", 200)] {
        let answer = patch(&user, json!({ "op": "replace", "path": role, "value": name })).await;
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
    }
    assert_eq!(patch(&user, json!({ "op": "remove", "path": role })).await.status, 200);
    assert_eq!(world.get(&token, &user).await[EXTENSION]["userRole"], "Admin");
    let group = format!("/Groups/{}", lead["id"].as_str().unwrap());
    let add = json!({ "op": "add", "path": "members", "value": [{ "value": created["id"] }] });
    assert!(patch(&group, add.clone()).await.status < 300);
    shell.done(&["role", "rename", "acme", "Lead", "Head"]);
    let shown = world.get(&token, &user).await;
    assert_eq!(shown[EXTENSION]["userRole"], "Head");
    assert_eq!(world.get(&token, &group).await["displayName"], "Head");
    assert!(patch(&group, add).await.status < 300);
    let names: Vec<Value> = world.get(&token, "/Groups").await["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| group["displayName"].clone())
        .collect();
    assert_eq!(names, ["Admin", "User", "Head"]);
    let new = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "New" });
    assert_eq!(world.send(&token, "POST", "/Groups", Some(new)).await.status, 403);
    shell.done(&["role", "delete", "acme", "Head", "--target", "User"]);
    assert_eq!(world.get(&token, &user).await[EXTENSION]["userRole"], "User");
    assert_eq!(world.send(&token, "GET", &group, None).await.status, 404);
}

/// Scenario 11 (D-39, D-40, A-46): regenerate, break, repair; and the ids of another workspace are none.
async fn tokens_and_repair(world: World) {
    let shell = &world.admin;
    shell.workspace("acme");
    shell.workspace("other");
    let first = shell.set_up("acme", "okta");
    let other = shell.set_up("other", "okta");
    assert_eq!(world.status(&first).await, 200);
    let told = shell.done(&["integration", "regenerate", "acme"]);
    let second = told["token"].as_str().unwrap();
    assert_eq!((world.status(&first).await, world.status(second).await), (401, 200));
    let users = world.get(second, "/Users").await["Resources"].clone();
    let delete = ["integration", "delete-client", "acme", "API Access"];
    assert_eq!(shell.refused(&delete)["status"], "409");
    let rename = ["integration", "rename-client", "acme", "API Access", "Mine"];
    assert_eq!(shell.refused(&rename)["status"], "409");
    shell.done(&[&delete[..], &["--force"]].concat());
    let answer = world.send(second, "GET", "/Users", None).await;
    assert_eq!(answer.status, 401);
    assert!(
        answer.text().contains("API Access") && answer.text().contains("(unauthorized)"),
        "{}",
        answer.text()
    );
    assert!(answer.header("WWW-Authenticate").is_some());
    assert_eq!(shell.done(&["integration", "show", "acme"])["state"], "broken");
    assert_eq!(shell.refused(&["integration", "regenerate", "acme"])["status"], "409");
    shell.done(&["integration", "delete", "acme"]);
    let third = shell.set_up("acme", "okta");
    assert_eq!((world.status(second).await, world.status(&third).await), (401, 200));
    assert_eq!(world.get(&third, "/Users").await["Resources"], users);
    let id = users[0]["id"].as_str().unwrap();
    assert_eq!(world.send(&other, "GET", &format!("/Users/{id}"), None).await.status, 404);
    // A slip in a token is told like any other wrong one.
    let slip = format!("{}x", &third[..third.len() - 1]);
    assert_eq!(world.status(&slip).await, 401);
}

/// D-76, D-38, A-46: orders on the data themselves, while a server uses them, show in its next answer; and
/// its own in theirs.
async fn orders_on_the_data_of_a_server(world: World) {
    let World { on_data, admin, .. } = &world;
    on_data.workspace("acme");
    let token = on_data.set_up("acme", "generic");
    std::thread::scope(|scope| {
        for shell in 0..2 {
            let place: Vec<String> = if shell == 0 { vec!["a".into()] } else { vec!["b".into()] };
            let admin_url = world.server.ready().admin_url.clone().unwrap();
            let data = world.on_data.place();
            scope.spawn(move || {
                let shell = if place == ["a"] {
                    Shell::new(["--server", &admin_url, "--admin-token", ADMIN])
                } else {
                    Shell::new(data.iter().map(String::as_str))
                };
                for number in 0..5 {
                    shell.done(&["team", "create", "acme", &format!("{}-{number}", place[0])]);
                }
            });
        }
    });
    assert_eq!(admin.done(&["team", "list", "acme"]).as_array().unwrap().len(), 10);
    on_data.done(&["role", "rename", "acme", "User", "Staff"]);
    let found = world.get(&token, "/Groups?filter=displayName%20eq%20%22Staff%22").await;
    assert_eq!(found["totalResults"], 1);
    let told = on_data.done(&["integration", "regenerate", "acme"]);
    assert_eq!((world.status(&token).await, world.status(told["token"].as_str().unwrap()).await), (401, 200));
    admin.done(&["user", "create", "acme", "lea@acme.example", "--given-name", "L", "--family-name", "B"]);
    assert_eq!(on_data.done(&["user", "list", "acme"])["total"], 2);
    // What was noted of uses is written down when the server stops.
    let World { server, on_data, .. } = world;
    let (status, said) = server.terminate().unwrap();
    assert!(status.success(), "{said}");
    let shown = on_data.done(&["integration", "show", "acme"]);
    assert!(shown["token_last_used"].is_string(), "{shown}");
}

/// D-29: a second server on a data folder is refused, and says what may be done instead.
#[test]
fn one_server_has_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let storage = ["--data", folder.path().to_str().unwrap()];
    let world = World::start(storage);
    let mut command = Command::new(env!("CARGO_BIN_EXE_awork-server"));
    let second = command.args(["serve", "--listen", "127.0.0.1:0"]).args(storage).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && said.contains("another server has the data folder"), "{said}");
    world.server.kill().unwrap();
    World::start(storage);
}
