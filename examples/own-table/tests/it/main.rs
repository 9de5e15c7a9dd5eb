//! The application from outside: its own page, and SCIM on its own table.

mod conformance;

use std::net::SocketAddr;
use std::process::Command;

use scim_testkit::http::{Request, Response, send};
use scim_testkit::server::Server;
use serde_json::{Value, json};

struct App {
    address: SocketAddr,
    token: String,
    _server: Server,
}

impl App {
    fn start() -> Self {
        let server = Server::start(&mut Command::new(env!("CARGO_BIN_EXE_own-table"))).unwrap();
        let ready = server.ready();
        Self { address: ready.address, token: ready.token.clone(), _server: server }
    }

    async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Response {
        let bearer = format!("Bearer {}", self.token);
        let mut request = Request::new(method, path).with_header("Authorization", &bearer);
        for (name, value) in headers {
            request = request.with_header(*name, *value);
        }
        if let Some(body) = body {
            request =
                request.with_header("Content-Type", "application/scim+json").with_body(body.to_string());
        }
        send(self.address, &request).await.unwrap()
    }

    async fn create(&self, user_name: &str, rest: Value) -> Value {
        let mut body =
            json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": user_name });
        body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let answer = self.send("POST", "/scim/v2/Users", &[], Some(&body)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json().unwrap()
    }

    async fn patch(&self, id: &str, if_match: Option<&str>, operations: Value) -> Response {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        let body = json!({ "schemas": schemas, "Operations": operations });
        let headers: Vec<_> = if_match.map(|tag| ("If-Match", tag)).into_iter().collect();
        self.send("PATCH", &format!("/scim/v2/Users/{id}"), &headers, Some(&body)).await
    }

    /// The user names that a query gives, in order.
    async fn names(&self, query: &str) -> Vec<String> {
        let answer = self.send("GET", &format!("/scim/v2/Users?{query}"), &[], None).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text());
        let list = answer.json().unwrap();
        let names = list["Resources"].as_array().unwrap().iter();
        names.map(|user| user["userName"].as_str().unwrap().to_owned()).collect()
    }
}

/// The application is small: whoever has a table needs no more than this.
#[test]
fn the_application_has_at_most_200_lines() {
    assert!(include_str!("../../src/main.rs").lines().count() <= 200);
}

/// 7644-3.3-01, 7644-3.5.1-08, 7644-3.6-02: the life of a user, who shows in the application's own page.
#[tokio::test]
async fn a_user_lives_in_the_table() {
    let app = App::start();
    let lea =
        app.create("Lea@Example.org", json!({ "name": { "givenName": "Lea" }, "externalId": "7" })).await;
    let path = format!("/scim/v2/Users/{}", lea["id"].as_str().unwrap());
    assert_eq!(lea["active"], true);
    assert_eq!(app.send("GET", "/staff", &[], None).await.text(), "Lea@Example.org");
    assert_eq!(app.send("GET", &path, &[], None).await.json().unwrap(), lea);
    let body = json!({ "schemas": lea["schemas"], "userName": "lea@example.org", "title": "CTO" });
    let put = app.send("PUT", &path, &[], Some(&body)).await.json().unwrap();
    assert_eq!((&put["title"], put.get("name"), &put["active"]), (&json!("CTO"), None, &json!(true)));
    assert_eq!(app.send("DELETE", &path, &[], None).await.status, 204);
    for method in ["GET", "DELETE"] {
        assert_eq!(app.send(method, &path, &[], None).await.status, 404, "{method}");
    }
    assert_eq!(app.send("GET", "/staff", &[], None).await.text(), "");
    assert_ne!(app.create("lea@example.org", json!({})).await["id"], lea["id"]);
}

/// 7643-4.1.1-02: the index of the table decides, as the standard folds names.
#[tokio::test]
async fn a_taken_name_is_a_conflict() {
    let app = App::start();
    app.create("bob", json!({})).await;
    let body = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ＢＯＢ" });
    let answer = app.send("POST", "/scim/v2/Users", &[], Some(&body)).await;
    assert_eq!((answer.status, &answer.json().unwrap()["scimType"]), (409, &json!("uniqueness")));
}

/// 7644-3.4.2.2-01, 7644-3.4.2.3-01: filters and orders run on the columns.
#[tokio::test]
async fn filters_and_orders_run_on_the_columns() {
    let app = App::start();
    app.create("ann", json!({ "title": "Dev", "externalId": "A", "name": { "familyName": "Zoé" } })).await;
    app.create("Bob", json!({ "title": "dev", "externalId": "a", "active": false })).await;
    app.create("cid", json!({ "name": { "givenName": "Cid" } })).await;
    for (query, expected) in [
        ("filter=userName%20eq%20%22BOB%22", &["Bob"][..]),
        ("filter=title%20eq%20%22DEV%22&sortBy=userName", &["ann", "Bob"]),
        ("filter=externalId%20eq%20%22a%22", &["Bob"]),
        ("filter=name.familyName%20co%20%22o%CC%81%22%20or%20title%20pr&sortBy=userName", &["ann", "Bob"]),
        ("filter=name.familyName%20eq%20%22ZOE%CC%81%22", &["ann"]),
        ("filter=not%20(title%20pr)%20and%20active%20eq%20true", &["cid"]),
        ("filter=active%20eq%20%22False%22", &["Bob"]),
        ("sortBy=userName&sortOrder=descending", &["cid", "Bob", "ann"]),
        ("sortBy=name.familyName&count=1", &["ann"]),
        ("sortBy=userName&startIndex=2&count=1", &["Bob"]),
    ] {
        assert_eq!(app.names(query).await, expected, "{query}");
    }
    let unknown = app.send("GET", "/scim/v2/Users?filter=shoeSize%20pr", &[], None).await;
    assert_eq!((unknown.status, &unknown.json().unwrap()["scimType"]), (400, &json!("invalidFilter")));
}

/// 7644-3.14-04, 7644-3.5.2.3-01: Okta's deactivation, by a client that knows the version.
#[tokio::test]
async fn a_stale_version_is_refused() {
    let app = App::start();
    let lea = app.create("lea", json!({})).await;
    let (id, tag) = (lea["id"].as_str().unwrap(), lea["meta"]["version"].as_str().unwrap());
    let off = json!([{ "op": "replace", "value": { "active": false } }]);
    let answer = app.patch(id, Some(tag), off.clone()).await;
    assert_eq!((answer.status, &answer.json().unwrap()["active"]), (200, &json!(false)));
    assert_eq!(app.patch(id, Some(tag), off.clone()).await.status, 412);
    let again = app.patch(id, None, off).await;
    assert_eq!(again.header("etag"), answer.header("etag"), "what changes nothing makes no version");
}

/// 7644-3.14-06: the revision is compared inside the UPDATE, so that of many writers none is lost.
#[tokio::test(flavor = "multi_thread")]
async fn parallel_changes_are_all_there() {
    let app = std::sync::Arc::new(App::start());
    let lea = app.create("lea", json!({})).await;
    let id = lea["id"].as_str().unwrap().to_owned();
    let paths = ["title", "name.givenName", "name.familyName", "externalId"];
    let writers = paths.map(|path| {
        let (app, id) = (std::sync::Arc::clone(&app), id.clone());
        tokio::spawn(async move {
            for turn in 0..25 {
                let value = format!("{path} {turn}");
                let operations = json!([{ "op": "replace", "path": path, "value": value }]);
                assert_eq!(app.patch(&id, None, operations).await.status, 200);
            }
        })
    });
    for writer in writers {
        writer.await.unwrap();
    }
    let lea = app.send("GET", &format!("/scim/v2/Users/{id}"), &[], None).await.json().unwrap();
    for (pointer, path) in ["/title", "/name/givenName", "/name/familyName", "/externalId"].iter().zip(paths)
    {
        assert_eq!(lea.pointer(pointer), Some(&json!(format!("{path} 24"))));
    }
    assert!(lea["meta"]["version"].as_str().unwrap().starts_with("W/\"101."), "{lea}");
}

/// 7644-3.7-01, 7644-3.7.2-02: bulk requests come with the engine; nothing of the application is about them.
#[tokio::test]
async fn bulk_requests_need_nothing_of_the_application() {
    let app = App::start();
    let data = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "lea" });
    let operations = json!([{ "op": "add", "path": "title", "value": "bulkId:u" }]);
    let patch =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations });
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            { "method": "PATCH", "path": "/Users/bulkId:u", "data": patch },
            { "method": "POST", "path": "/Users", "bulkId": "u", "data": data },
            { "method": "POST", "path": "/Users", "bulkId": "v", "data": data },
        ],
    });
    let answer = app.send("POST", "/scim/v2/Bulk", &[], Some(&body)).await;
    let results = answer.json().unwrap()["Operations"].as_array().unwrap().clone();
    let statuses: Vec<_> = results.iter().map(|result| result["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["200", "201", "409"]);
    assert_eq!(results[0]["location"], results[1]["location"]);
    assert_eq!(app.names("filter=title%20eq%20%22bulkId:u%22").await, ["lea"]);
}
