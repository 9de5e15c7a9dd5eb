//! A token of one workspace never reads, finds, counts or changes anything of another (D-41).
//!
//! Each request is sent twice: with an id or value of the other workspace, and with one that nobody has. The
//! answers must be the same, so nothing can be told from either. What may be told is listed in
//! [`shared_account`](crate::shared_account).

use scim_testkit::http::{Request, Response};
use serde_json::{Value, json};

use crate::client::{Client, EXTENSION, body, encoded, patch, path, trace_id, with};
use crate::scenarios::{World, on_both};

on_both!(foreign_is_as_unknown cursors_are_of_their_workspace);

/// What the other workspace calls all it has: a name, a team, a role, a region, an `externalId`.
const FOREIGN: &str = "secret-of-acme";

/// Two workspaces, seen from the one that must not see the other.
pub(crate) struct Apart {
    pub(crate) acme: Client,
    pub(crate) other: Client,
    /// What acme has, and beside each what nobody has, which sorts next to it.
    pub(crate) secrets: Vec<(&'static str, String, String)>,
    /// An ETag of acme's user.
    version: String,
    pub(crate) own_user: String,
    own_group: String,
}

/// The last character is another one.
fn unknown(text: &str) -> String {
    let (rest, last) = text.split_at(text.len() - 1);
    format!("{rest}{}", if last == "0" { "1" } else { "0" })
}

impl Apart {
    pub(crate) async fn new(world: &World) -> Self {
        let shell = &world.admin;
        let acme = world.acme("okta");
        shell.workspace("other");
        let other = world.client(&shell.set_up("other", "okta"));
        shell.done(&["role", "create", "acme", FOREIGN]);
        shell.done(&["team", "create", "acme", FOREIGN]);
        shell.done(&["region", "create", "acme", FOREIGN, "--default"]);
        let everything = json!({
            "userName": format!("{FOREIGN}@acme.example"), "externalId": FOREIGN, "title": FOREIGN, "userType": FOREIGN,
            "name": { "givenName": FOREIGN, "familyName": FOREIGN }, "displayName": FOREIGN, "timezone": "Asia/Tokyo",
            "phoneNumbers": [{ "value": FOREIGN }], "addresses": [{ "locality": FOREIGN }],
            EXTENSION: { "teams": FOREIGN, "userRole": FOREIGN },
        });
        let answer = acme.post(with("x", everything)).await;
        let user = body(&answer, 201)["id"].as_str().unwrap().to_owned();
        let group = acme.group(FOREIGN).await.rsplit('/').next().unwrap().to_owned();
        let secrets = [
            ("{user}", user),
            ("{group}", group),
            ("{login}", format!("{FOREIGN}@acme.example")),
            ("{name}", FOREIGN.to_owned()),
        ];
        let own = with("Olga", json!({ "userName": "olga@other.example", "title": "Dr" }));
        Self {
            version: answer.header("ETag").unwrap().to_owned(),
            own_user: path("/Users", &other.create(own).await),
            own_group: other.group("User").await,
            secrets: secrets
                .into_iter()
                .map(|(key, secret)| {
                    (
                        key,
                        secret.clone(),
                        if key == "{login}" {
                            // Still an e-mail address, and no other person's.
                            secret.replace(FOREIGN, &unknown(FOREIGN))
                        } else {
                            unknown(&secret)
                        },
                    )
                })
                .collect(),
            acme,
            other,
        }
    }

    /// The text with what acme has, or with what nobody has, in its places.
    fn fill(&self, text: &str, foreign: bool) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, (key, secret, unknown)| {
            text.replace(key, if foreign { secret } else { unknown })
        })
    }

    /// Sends the request both ways and checks that the answers are the same; the answer.
    async fn same(&self, request: impl Fn(&dyn Fn(&str) -> String) -> Request) -> Response {
        let known = self.other.sent(&request(&|text| self.fill(text, true))).await;
        let unknown = self.other.sent(&request(&|text| self.fill(text, false))).await;
        let sent = request(&|text| self.fill(text, true));
        assert!(known.status < 500 || known.status == 501, "{sent:?}: {}", known.text());
        assert_eq!(self.seen(&known), self.seen(&unknown), "{sent:?}");
        known
    }

    /// What is to be the same: status, version and body, but for the values that were sent and the trace id.
    fn seen(&self, answer: &Response) -> (u16, Option<String>, String) {
        let mut text = answer.text();
        for (key, secret, unknown) in &self.secrets {
            // An id is one both raw and in a URL of an answer.
            text = text.replace(secret, key).replace(unknown, key);
        }
        if let Some(trace_id) = answer.header("Trace-Id") {
            text = text.replace(trace_id, "");
        }
        (answer.status, answer.header("ETag").map(str::to_owned), text)
    }

    async fn get(&self, path: &str) -> Response {
        self.same(|fill| self.other.request("GET", &fill(path))).await
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> Response {
        self.same(|fill| {
            let request = self.other.request(method, &fill(path));
            request.with_header("Content-Type", "application/scim+json").with_body(fill(&body.to_string()))
        })
        .await
    }

    /// Every read: verbs, filters, orders and projections of every route, by GET and by POST.
    async fn read_everything(&self) {
        for path in ["/Users/{user}", "/Groups/{group}", "/Users/{group}", "/Groups/{user}", "/Users/{login}"]
        {
            assert_eq!(self.get(path).await.status, 404, "{path}");
            self.get(&format!("{path}?attributes=userName")).await;
            self.get(&format!("{path}?excludedAttributes=meta")).await;
            for header in ["If-None-Match", "If-Match"] {
                let conditional = |fill: &dyn Fn(&str) -> String| {
                    self.other.request("GET", &fill(path)).with_header(header, &self.version)
                };
                assert_eq!(self.same(conditional).await.status, 404, "{path}");
            }
            let head = self.same(|fill| self.other.request("HEAD", &fill(path))).await;
            assert_eq!(head.status, 404, "{path}");
        }
        for path in ["/Schemas/{name}", "/ResourceTypes/{name}", "/{name}", "/Users/{user}/groups"] {
            self.get(path).await;
        }
        assert_eq!(self.get("/Me").await.status, 501);
        for attribute in ATTRIBUTES {
            for value in ["{user}", "{group}", "{login}", "{name}"] {
                for operator in ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"] {
                    self.find(&format!("{attribute} {operator} \"{value}\"")).await;
                }
            }
            self.find(&format!("{attribute} pr")).await;
            self.find(&format!("not ({attribute} pr)")).await;
            for order in ["ascending", "descending"] {
                for route in ["/Users", "/Groups", "/"] {
                    self.get(&format!("{route}?sortBy={attribute}&sortOrder={order}&count=1000")).await;
                }
            }
        }
        for filter in [
            "emails[value eq \"{login}\"]",
            "members[value eq \"{user}\"]",
            "groups[value eq \"{group}\" or display eq \"{name}\"]",
            "id eq \"{user}\" or id eq \"{group}\"",
            "schemas eq \"urn:ietf:params:scim:schemas:core:2.0:User\"",
            "meta.resourceType eq \"User\" and userName co \"acme\"",
        ] {
            self.find(filter).await;
        }
        // What it counts is its own, on every route.
        for (route, own) in [("/Users", 2), ("/Groups", 2), ("/", 4)] {
            for query in ["?count=0", "?count=1", "?startIndex=2", "?filter=id%20pr"] {
                let listed = body(&self.get(&format!("{route}{query}")).await, 200);
                assert_eq!(listed["totalResults"], own, "{route}{query}: {listed}");
            }
        }
    }

    /// Asks with a filter on every route that takes one.
    async fn find(&self, filter: &str) {
        for route in ["/Users", "/Groups", "/"] {
            let asked = |fill: &dyn Fn(&str) -> String| {
                self.other.request("GET", &format!("{route}?count=1000&filter={}", encoded(&fill(filter))))
            };
            self.untold(&self.same(asked).await);
        }
        let search = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
            "filter": filter, "sortBy": "id", "count": 1000,
        });
        for route in ["/Users/.search", "/Groups/.search", "/.search"] {
            self.untold(&self.send("POST", route, &search).await);
        }
    }

    /// No resource in the answer is acme's.
    fn untold(&self, answer: &Response) {
        let listed: Value = answer.json().unwrap();
        let resources = listed["Resources"].to_string();
        for (_, secret, _) in &self.secrets {
            assert!(!resources.contains(secret), "{resources}");
        }
    }

    /// Every write to what acme has, and every mention of it in a write to what is one's own.
    async fn write_everything(&self) {
        let member = json!([{ "value": "{user}" }]);
        let deactivate = patch(&json!([{ "op": "replace", "path": "active", "value": false }]));
        let add = patch(&json!([{ "op": "add", "path": "members", "value": member }]));
        let user =
            json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "{login}" });
        let group = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "{name}", "members": member,
        });
        let mut operations = Vec::new();
        for (method, path, data) in [
            ("PUT", "/Users/{user}", &user),
            ("PATCH", "/Users/{user}", &deactivate),
            ("DELETE", "/Users/{user}", &Value::Null),
            ("PUT", "/Groups/{group}", &group),
            ("PATCH", "/Groups/{group}", &add),
            ("DELETE", "/Groups/{group}", &Value::Null),
        ] {
            assert_eq!(self.send(method, path, data).await.status, 404, "{method} {path}");
            let conditional = |fill: &dyn Fn(&str) -> String| {
                let request = self.other.request(method, &fill(path)).with_header("If-Match", &self.version);
                request
                    .with_header("Content-Type", "application/scim+json")
                    .with_body(fill(&data.to_string()))
            };
            assert_eq!(self.same(conditional).await.status, 404, "{method} {path}");
            operations.push(json!({ "method": method, "path": path, "data": data }));
        }
        let own_group = self.own_group.as_str();
        for operation in ["add", "replace"] {
            let operation = json!([{ "op": operation, "path": "members", "value": member }]);
            let answer = self.send("PATCH", own_group, &patch(&operation)).await;
            assert_eq!(answer.status, 400, "{}", answer.text());
            operations.push(json!({ "method": "PATCH", "path": own_group, "data": patch(&operation) }));
        }
        let own_name = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "User", "members": member,
        });
        assert_eq!(self.send("PUT", own_group, &own_name).await.status, 400);
        let removal = json!([{ "op": "remove", "path": "members[value eq \"{user}\"]" }]);
        assert_eq!(self.send("PATCH", own_group, &patch(&removal)).await.status, 204, "nobody was there");
        assert!(matches!(self.send("POST", "/Groups", &group).await.status, 400 | 403));
        for attribute in ["teams", "userRole", "absenceRegion"] {
            let named = format!("{EXTENSION}:{attribute}");
            let set = patch(&json!([{ "op": "replace", "path": named, "value": "{name}" }]));
            assert_eq!(self.send("PATCH", &self.own_user, &set).await.status, 400, "{attribute}");
            operations.push(json!({ "method": "PATCH", "path": self.own_user, "data": set }));
            let mut new = with("New", json!({ "userName": "new@other.example" }));
            new[EXTENSION] = json!({ attribute: "{name}" });
            assert_eq!(self.send("POST", "/Users", &new).await.status, 400, "{attribute}");
            operations.push(json!({ "method": "POST", "path": "/Users", "bulkId": "b", "data": new }));
        }
        // Read-only, and so ignored.
        let groups = json!([{ "op": "add", "path": "groups", "value": [{ "value": "{group}" }] }]);
        self.send("PATCH", &self.own_user, &patch(&groups)).await;
        for operation in operations {
            let bulk = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [operation],
            });
            let answer = body(&self.send("POST", "/Bulk", &bulk).await, 200);
            let status = answer["Operations"][0]["status"].as_str().unwrap().to_owned();
            assert!(matches!(status.as_str(), "400" | "404"), "{operation}: {answer}");
        }
    }
}

const ATTRIBUTES: [&str; 21] = [
    "id",
    "externalId",
    "userName",
    "name.givenName",
    "name.familyName",
    "displayName",
    "title",
    "userType",
    "timezone",
    "emails.value",
    "phoneNumbers.value",
    "addresses.locality",
    "groups.value",
    "groups.display",
    "members.value",
    "members.display",
    "meta.location",
    "meta.resourceType",
    "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User:teams",
    "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User:userRole",
    "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User:absenceRegion",
];

/// D-41, D-7: whatever is asked or written, with ids and values of another workspace or with ones that nobody
/// has, the answer is the same, and nothing changes on either side.
async fn foreign_is_as_unknown(world: World) {
    let apart = Apart::new(&world).await;
    let seats = || ["acme", "other"].map(|name| world.admin.done(&["seats", "show", name]));
    let before = (apart.acme.snapshot().await, apart.other.snapshot().await, seats());
    // Whose they are tells them apart.
    for path in ["/Users/{user}", "/Groups/{group}", "/Users?filter=userName%20eq%20%22{login}%22"] {
        let known = apart.acme.send("GET", &apart.fill(path, true), None).await;
        let unknown = apart.acme.send("GET", &apart.fill(path, false), None).await;
        assert_ne!(apart.seen(&known), apart.seen(&unknown), "{path}");
    }
    apart.read_everything().await;
    apart.write_everything().await;
    assert_eq!((apart.acme.snapshot().await, apart.other.snapshot().await, seats()), before);
    // The same `externalId` may be in both, and each finds its own.
    let same =
        with("Eva", json!({ "userName": "eva@other.example", "externalId": FOREIGN, "title": FOREIGN }));
    let eva = path("/Users", &apart.other.create(same).await);
    let found =
        apart.other.find("/Users", &format!("externalId eq \"{FOREIGN}\" and title eq \"{FOREIGN}\"")).await;
    assert_eq!(found.iter().map(|user| path("/Users", user)).collect::<Vec<_>>(), vec![eva.clone()]);
    assert_eq!(apart.acme.send("GET", &eva, None).await.status, 404);
    assert_eq!(apart.acme.snapshot().await, before.0);
}

/// D-41: a page of one workspace does not go on with the cursor of another.
async fn cursors_are_of_their_workspace(world: World) {
    let apart = Apart::new(&world).await;
    let first = body(&apart.acme.send("GET", "/Users?cursor=&count=1", None).await, 200);
    let cursor = encoded(first["nextCursor"].as_str().expect("there are two users"));
    let next = body(&apart.acme.send("GET", &format!("/Users?cursor={cursor}&count=1"), None).await, 200);
    assert_eq!(next["Resources"].as_array().unwrap().len(), 1, "it is one of acme");
    for path in ["/Users", "/Groups", "/"] {
        let answer = apart.other.send("GET", &format!("{path}?cursor={cursor}&count=1"), None).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        trace_id(&answer);
        for (_, secret, _) in &apart.secrets {
            assert!(!answer.text().contains(secret), "{path}: {}", answer.text());
        }
    }
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "cursor": first["nextCursor"], "count": 1,
    });
    for path in ["/Users/.search", "/.search"] {
        assert_eq!(apart.other.send("POST", path, Some(search.clone())).await.status, 400, "{path}");
    }
}
