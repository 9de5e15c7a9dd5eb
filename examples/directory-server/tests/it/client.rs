//! A server of the test's own, and requests to it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use scim_testkit::http::{Connection, Request, Response, send};
use scim_testkit::postgres::Cluster;
use scim_testkit::server::Server;
use serde_json::{Value, json};

/// A running directory; it ends with the value.
pub(crate) struct Directory {
    pub(crate) address: SocketAddr,
    _server: Server,
}

impl Directory {
    /// One that keeps its data in a folder of its own.
    pub(crate) fn on_sqlite() -> Self {
        Self::start(&[])
    }

    /// One that keeps its data in that folder.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self::start(&["--data", folder.to_str().unwrap()])
    }

    /// One with a database of its own.
    pub(crate) fn on_postgres() -> Self {
        Self::on(&Cluster::shared().database().unwrap())
    }

    /// One that shares a database with others.
    pub(crate) fn on(database: &str) -> Self {
        Self::start(&["--database-url", database])
    }

    /// One that is started with these arguments besides.
    pub(crate) fn start(storage: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_directory-server"));
        command.args(["demo", "--listen", "127.0.0.1:0", "--token", "t"]).args(storage);
        let server = Server::start(&mut command).unwrap();
        Self { address: server.ready().address, _server: server }
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Response {
        self.send_if(method, path, body, None).await
    }

    /// A request that is authenticated, for a connection that carries many.
    pub(crate) fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Request {
        let request =
            Request::new(method, format!("/scim/v2{path}")).with_header("Authorization", "Bearer t");
        match body {
            Some(body) => {
                request.with_header("Content-Type", "application/scim+json").with_body(body.to_string())
            }
            None => request,
        }
    }

    pub(crate) async fn connect(&self) -> Connection {
        Connection::open(self.address).await.unwrap()
    }

    /// Sends a request, on the condition that the resource has this version.
    pub(crate) async fn send_if(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        if_match: Option<&str>,
    ) -> Response {
        let mut request = self.request(method, path, body.as_ref());
        if let Some(tag) = if_match {
            request = request.with_header("If-Match", tag);
        }
        send(self.address, &request).await.unwrap()
    }

    pub(crate) async fn create_user(&self, name: &str) -> Value {
        let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name });
        let response = self.send("POST", "/Users", Some(body)).await;
        assert_eq!(response.status, 201, "{}", response.text());
        response.json().unwrap()
    }

    pub(crate) async fn create_group(&self, name: &str, members: &[&Value]) -> Value {
        let members: Vec<Value> = members.iter().map(|member| json!({ "value": member["id"] })).collect();
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": name,
            "members": members,
        });
        let response = self.send("POST", "/Groups", Some(body)).await;
        assert_eq!(response.status, 201, "{}", response.text());
        response.json().unwrap()
    }

    pub(crate) async fn patch(&self, path: &str, operations: Value) -> Response {
        self.send("PATCH", path, Some(patch_op(&operations))).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.send("GET", path, None).await;
        assert_eq!(response.status, 200, "{}", response.text());
        response.json().unwrap()
    }
}

pub(crate) fn patch_op(operations: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

/// The path of a resource, such as `/Users/1`.
pub(crate) fn path_of(resource: &Value) -> String {
    let location = resource["meta"]["location"].as_str().unwrap();
    location.split_once("/scim/v2").unwrap().1.to_owned()
}
