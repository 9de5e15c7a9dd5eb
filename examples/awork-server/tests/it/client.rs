//! A client of SCIM with its token, as an identity provider is one.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use scim_testkit::http::{Request, Response, send};
use serde_json::{Map, Value, json};

use crate::log::PATIENCE;
use crate::scenarios::World;

/// awork's extension of a user.
pub(crate) const EXTENSION: &str = "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User";

/// Places in the table of error answers: status, `scimType` and awork's code.
pub(crate) type Place = (u16, Option<&'static str>, &'static str);

pub(crate) const INVALID: Place = (400, Some("invalidValue"), "validation-failed");
pub(crate) const LAST_ADMIN: Place = (400, Some("mutability"), "invalid-operation");
pub(crate) const NO_SEAT: Place = (400, None, "insufficient-seats");
pub(crate) const NOT_FOUND: Place = (404, None, "not-found");

/// One token, at one server.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    address: SocketAddr,
    token: String,
}

impl World {
    /// The client that has this token.
    pub(crate) fn client(&self, token: &str) -> Client {
        Client::new(self.server.ready().address, token)
    }

    /// The client of a new workspace `acme`.
    pub(crate) fn acme(&self, provider: &str) -> Client {
        self.admin.workspace("acme");
        self.client(&self.admin.set_up("acme", provider))
    }
}

impl Client {
    pub(crate) fn new(address: SocketAddr, token: &str) -> Self {
        Self { address, token: token.to_owned() }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> Request {
        Request::new(method, format!("/api/v1/scim{path}"))
            .with_header("Authorization", format!("Bearer {}", self.token))
    }

    pub(crate) async fn sent(&self, request: &Request) -> Response {
        send(self.address, request).await.unwrap()
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Response {
        let request = self.request(method, path);
        match body {
            None => self.sent(&request).await,
            Some(body) => {
                let request = request.with_header("Content-Type", "application/scim+json");
                self.sent(&request.with_body(body.to_string())).await
            }
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        body(&self.send("GET", path, None).await, 200)
    }

    /// Waits until the resource shows the text, which comes with a copy after the commit.
    pub(crate) async fn shows(&self, path: &str, attribute: &str, text: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shown = self.get(path).await;
            if shown[attribute] == text {
                return shown;
            }
            assert!(Instant::now() < deadline, "{shown}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn post(&self, person: Value) -> Response {
        self.send("POST", "/Users", Some(person)).await
    }

    /// Creates a user; what the server says of it.
    pub(crate) async fn create(&self, person: Value) -> Value {
        body(&self.post(person).await, 201)
    }

    pub(crate) async fn put(&self, path: &str, attributes: Value) -> Response {
        let schema = if path.starts_with("/Groups") { "Group" } else { "User" };
        let mut body = object(attributes);
        body.insert("schemas".into(), json!([format!("urn:ietf:params:scim:schemas:core:2.0:{schema}")]));
        self.send("PUT", path, Some(Value::Object(body))).await
    }

    pub(crate) async fn patch(&self, path: &str, operations: Value) -> Response {
        self.send("PATCH", path, Some(patch(&operations))).await
    }

    /// Replaces one attribute of a user, by its path.
    pub(crate) async fn set(&self, user: &str, attribute: &str, value: Value) -> Response {
        self.patch(user, json!([{ "op": "replace", "path": attribute, "value": value }])).await
    }

    /// The same, which is done; what the server says of the user.
    pub(crate) async fn change(&self, user: &str, attribute: &str, value: Value) -> Value {
        body(&self.set(user, attribute, value).await, 200)
    }

    pub(crate) async fn find(&self, kind: &str, filter: &str) -> Vec<Value> {
        let found = self.get(&format!("{kind}?count=1000&filter={}", encoded(filter))).await;
        let resources = found["Resources"].as_array().cloned().unwrap_or_default();
        assert_eq!(found["totalResults"], resources.len(), "{found}");
        resources
    }

    /// The path of the user who signs in with this e-mail.
    pub(crate) async fn user(&self, email: &str) -> String {
        path("/Users", &self.find("/Users", &format!("userName eq \"{email}\"")).await[0])
    }

    /// The path of the group of this role.
    pub(crate) async fn group(&self, name: &str) -> String {
        path("/Groups", &self.find("/Groups", &format!("displayName eq \"{name}\"")).await[0])
    }

    /// Every user and every group, each by its path, byte for byte and with its version.
    pub(crate) async fn snapshot(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for kind in ["/Users", "/Groups"] {
            for resource in self.find(kind, "id pr").await {
                let path = path(kind, &resource);
                let answer = self.send("GET", &path, None).await;
                assert_eq!(answer.status, 200, "{}", answer.text());
                all.insert(path, format!("{} {}", answer.header("ETag").unwrap_or_default(), answer.text()));
            }
        }
        all
    }

    /// Every user but this one, byte for byte.
    pub(crate) async fn others(&self, path: &str) -> BTreeMap<String, String> {
        let mut all = self.snapshot().await;
        all.retain(|key, _| key.starts_with("/Users/") && key != path);
        all
    }
}

/// The path of a resource.
pub(crate) fn path(kind: &str, resource: &Value) -> String {
    format!("{kind}/{}", resource["id"].as_str().unwrap())
}

/// The body of an answer with this status.
#[track_caller]
pub(crate) fn body(answer: &Response, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    answer.json().unwrap()
}

/// D-82, D-84: checks what a refusal says: its place in the table of error answers, these words, and last
/// the trace id of the header, 32 digits. Gives the trace id.
#[track_caller]
pub(crate) fn refused(answer: &Response, (status, scim_type, code): Place, words: &[&str]) -> String {
    let body = body(answer, status);
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{body}");
    assert_eq!(
        (&body["status"], body["scimType"].as_str()),
        (&json!(status.to_string()), scim_type),
        "{body}"
    );
    let detail = body["detail"].as_str().unwrap();
    let trace_id = trace_id(answer);
    assert!(detail.ends_with(&format!("({code}) (trace id {trace_id})")), "{detail}");
    for word in words {
        assert!(detail.contains(word), "{word:?} in {detail}");
    }
    trace_id
}

/// D-82, A-56: the trace id of an error: in the header, 32 lower-case hexadecimal digits, and at the end of
/// what admins read.
#[track_caller]
pub(crate) fn trace_id(answer: &Response) -> String {
    let trace_id = answer.header("Trace-Id").expect("a trace id").to_owned();
    let digits = trace_id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    assert!(digits && trace_id.len() == 32, "{trace_id}");
    let error: Value = answer.json().unwrap();
    let detail = error["detail"].as_str().unwrap();
    assert!(detail.ends_with(&format!("(trace id {trace_id})")), "{detail}");
    trace_id
}

pub(crate) fn patch(operations: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

/// The least that a create needs (D-3), for the person of `acme` with this first name.
pub(crate) fn person(name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("{}@acme.example", name.to_lowercase()),
        "name": { "givenName": name, "familyName": "Berg" },
    })
}

/// The least that a create needs, and more.
pub(crate) fn with(name: &str, more: Value) -> Value {
    let mut body = object(person(name));
    body.extend(object(more));
    Value::Object(body)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

/// Text as part of a query.
pub(crate) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
