//! How often a request waits for the server: the round trips of each step, counted on the wire.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use scim_core::message::SearchRequest;
use scim_core::{Leniency, Selection};
use scim_engine::store::TenantId;
use scim_engine::{Caller, Engine, IfMatch, PlainRules, ProvisioningEngine, RequestContext, plain_registry};
use scim_postgres::PostgresStore;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};

use crate::place::{cluster, database, options};

/// What a request has cost.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Trips {
    /// Round trips of connections that read.
    reads: usize,
    /// Round trips of connections that commit.
    commits: usize,
    /// Statements that were prepared to be used again.
    prepared: usize,
}

/// Each request through the engine with the plain rules, reads included, on connections that know their
/// statements already. The documentation of the crate says the same.
///
/// One thread runs all, so that what the store sends together leaves together.
#[tokio::test]
async fn each_request_takes_as_many_round_trips_as_it_must() {
    let folder = tempfile::tempdir().expect("a folder");
    let proxy = Proxy::start(folder.path(), cluster().socket());
    let through =
        database().replace(&cluster().folder().display().to_string(), &folder.path().display().to_string());
    let one_each = options().with_connections(1, 1);
    let store = PostgresStore::open(&through, &one_each).await.expect("a store");
    let registry = plain_registry().expect("types that contradict nothing");
    let directory = Directory(Engine::new(store, PlainRules, registry, "https://example.com/v2"));
    let mut counted = Vec::new();
    // The first time the connections are made and learn their statements.
    for turn in 0..2 {
        counted.clear();
        let [lea, tom, group] = ["lea", "tom", "group"].map(|name| format!("{name}-{turn}"));
        for (id, name) in [(&lea, "lea"), (&tom, "tom")] {
            proxy.reset();
            let name = format!("{name}-{turn}@example.com");
            directory.create("User", id, json!({ "userName": name, "title": "Engineer" })).await;
            counted.push(("create of a user", proxy.seen()));
        }
        counted.remove(0);
        directory.create("Group", &group, json!({ "displayName": group })).await;
        for (what, kind, id, path, value) in [
            ("PATCH of an attribute", "User", &lea, "title", json!("Owner")),
            ("PATCH of a unique attribute", "User", &tom, "userName", json!(format!("t-{turn}@example.com"))),
            ("PATCH that adds a member", "Group", &group, "members", json!([{ "value": lea }])),
            (
                "PATCH that adds two members",
                "Group",
                &group,
                "members",
                json!([{ "value": tom }, { "value": lea }]),
            ),
        ] {
            proxy.reset();
            directory.add(kind, id, path, value).await;
            counted.push((what, proxy.seen()));
        }
        proxy.reset();
        assert_eq!(directory.get("Group", &group).await["members"].as_array().map(Vec::len), Some(2));
        counted.push(("GET by id", proxy.seen()));
        for (what, kind, filter, sort_by) in [
            ("userName eq", "User", Some(format!("userName eq \"t-{turn}@example.com\"")), None),
            ("displayName eq of a group", "Group", Some(format!("displayName eq \"{group}\"")), None),
            ("members.value eq", "Group", Some(format!("members.value eq \"{lea}\"")), None),
            ("groups.value eq", "User", Some(format!("groups.value eq \"{group}\"")), None),
            ("page in the default order", "User", None, None),
            ("page in the order of an indexed attribute", "User", None, Some("userName")),
            ("meta.version sw", "User", Some("meta.version sw \"W/\"".to_owned()), None),
        ] {
            proxy.reset();
            let found = directory.list(kind, filter, sort_by).await;
            assert!(!found.is_empty(), "{what}");
            // What was found has its links with it.
            assert!(found.iter().any(|one| !one["groups"].is_null() || !one["members"].is_null()), "{what}");
            counted.push((what, proxy.seen()));
        }
        proxy.reset();
        directory.0.delete(&context(""), "User", &tom, &IfMatch::Unconditional).await.expect("it is there");
        counted.push(("DELETE of a user", proxy.seen()));
    }
    let trips = |reads, commits| Trips { reads, commits, prepared: 0 };
    assert_eq!(
        counted,
        [
            // Who holds the user name; the commit; the answer.
            ("create of a user", trips(2, 1)),
            // The user; the commit; the answer.
            ("PATCH of an attribute", trips(2, 1)),
            // The user; who holds the name; the commit; the answer.
            ("PATCH of a unique attribute", trips(3, 1)),
            // The group; the link and the member; the commit; the answer.
            ("PATCH that adds a member", trips(3, 1)),
            ("PATCH that adds two members", trips(3, 1)),
            ("GET by id", trips(1, 0)),
            ("userName eq", trips(1, 0)),
            ("displayName eq of a group", trips(1, 0)),
            // First, whether those on the other end are many.
            ("members.value eq", trips(2, 0)),
            ("groups.value eq", trips(2, 0)),
            ("page in the default order", trips(1, 0)),
            // First, whether there are values longer than the index holds.
            ("page in the order of an indexed attribute", trips(2, 0)),
            // First, the version of the names, which is part of every other.
            ("meta.version sw", trips(2, 0)),
            // The user; its groups; the commit.
            ("DELETE of a user", trips(2, 1)),
        ]
    );
}

struct Directory(Engine<PostgresStore, PlainRules>);

fn context(new_id: &str) -> RequestContext {
    RequestContext {
        tenant: TenantId::new("precious-asteroid").expect("letters and a dash"),
        caller: Caller::default(),
        now: 1_700_000_000_000,
        new_id: new_id.to_owned(),
        trace_id: "0".repeat(32),
        leniency: Leniency::default(),
    }
}

fn object(body: Value) -> Map<String, Value> {
    let Value::Object(body) = body else { panic!("{body} is no object") };
    body
}

impl Directory {
    async fn create(&self, kind: &str, id: &str, mut body: Value) {
        body["schemas"] = json!([format!("urn:ietf:params:scim:schemas:core:2.0:{kind}")]);
        self.0.create(&context(id), kind, object(body), &Selection::Default).await.expect("it is new");
    }

    async fn add(&self, kind: &str, id: &str, path: &str, value: Value) {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{ "op": "add", "path": path, "value": value }],
        });
        let any = IfMatch::Unconditional;
        let patched = self.0.patch(&context(""), kind, id, object(body), &Selection::Default, &any).await;
        patched.expect("it is there");
    }

    async fn get(&self, kind: &str, id: &str) -> Value {
        let answer = self.0.get(&context(""), kind, id, &Selection::Default).await;
        Value::Object(answer.expect("it is there").resource)
    }

    async fn list(&self, kind: &str, filter: Option<String>, sort_by: Option<&str>) -> Vec<Value> {
        let sort_by = sort_by.map(str::to_owned);
        let search = SearchRequest { filter, sort_by, ..SearchRequest::default() };
        self.0.query(&context(""), Some(kind), &search).await.expect("a page").resources
    }
}

/// Stands between a store and its server, and counts: each time that the store sends after it has received
/// is a round trip more.
struct Proxy(Arc<Mutex<Trips>>);

impl Proxy {
    fn start(folder: &Path, server: PathBuf) -> Self {
        let name = server.file_name().expect("a socket").to_owned();
        let listener = UnixListener::bind(folder.join(name)).expect("a socket");
        let trips = Arc::default();
        let proxy = Self(Arc::clone(&trips));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&server).await.expect("the server");
                tokio::spawn(pass(client, server, Arc::clone(&trips)));
            }
        });
        proxy
    }

    fn reset(&self) {
        *self.0.lock().expect("nobody panics") = Trips::default();
    }

    fn seen(&self) -> Trips {
        *self.0.lock().expect("nobody panics")
    }
}

async fn pass(mut client: UnixStream, mut server: UnixStream, trips: Arc<Mutex<Trips>>) {
    let (mut sent, mut received) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let (mut messages, mut reads, mut answered) = (Messages::default(), false, true);
    loop {
        tokio::select! {
            count = client.read(&mut sent) => {
                let Ok(count @ 1..) = count else { return };
                let mut prepared = 0;
                for (kind, body) in messages.of(&sent[..count]) {
                    // Who reads says so when the connection begins.
                    reads |= kind == b'Q' && holds(&body, b"default_transaction_read_only = on");
                    // Without a name it is prepared for this once.
                    prepared += usize::from(kind == b'P' && body[0] != 0);
                }
                {
                    let mut trips = trips.lock().expect("nobody panics");
                    trips.prepared += prepared;
                    let of_kind = if reads { &mut trips.reads } else { &mut trips.commits };
                    *of_kind += usize::from(answered);
                }
                answered = false;
                if server.write_all(&sent[..count]).await.is_err() {
                    return;
                }
            }
            count = server.read(&mut received) => {
                let Ok(count @ 1..) = count else { return };
                answered = true;
                if client.write_all(&received[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// The messages of a client, by their types: the first one has none.
#[derive(Default)]
struct Messages {
    begun: bool,
    buffer: Vec<u8>,
}

impl Messages {
    fn of(&mut self, bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
        self.buffer.extend_from_slice(bytes);
        let mut messages = Vec::new();
        loop {
            let head = usize::from(self.begun);
            let Some(length) = self.buffer.get(head..head + 4) else { break };
            let length = u32::from_be_bytes(length.try_into().expect("four bytes"));
            let end = head + usize::try_from(length).expect("a length");
            if self.buffer.len() < end {
                break;
            }
            let message: Vec<u8> = self.buffer.drain(..end).collect();
            let kind = if self.begun { message[0] } else { 0 };
            messages.push((kind, message[head + 4..].to_vec()));
            self.begun = true;
        }
        messages
    }
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
