//! Passwords of users, in all the places where a client may put one, right or wrong.

use serde_json::{Value, json};

use super::Secrets;
use crate::client::{Client, encoded, patch, with};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Sends passwords everywhere; each is another one, so that what is told says where it was sent.
pub(super) async fn send_everywhere(client: &Client, secrets: &mut Secrets) {
    let lea = client.create(with("Lea", json!({ "password": secrets.make_up("create") }))).await;
    secrets.told("create", &lea.to_string());
    let user = format!("/Users/{}", lea["id"].as_str().unwrap());
    let mut tries: Vec<(String, String, String, String)> = Vec::new();
    let mut attempt = |what: &str, method: &str, path: &str, body: String| {
        tries.push((what.to_owned(), method.to_owned(), path.to_owned(), body));
    };
    for (kind, value) in values(secrets) {
        let whole = |place: &str| {
            let mut body = with(&format!("{kind}-{place}"), json!({ "password": value }));
            body["PassWord"] = value.clone();
            body
        };
        attempt(
            &format!("{kind} in POST"),
            "POST",
            "/Users",
            with(&kind, json!({ "password": value })).to_string(),
        );
        attempt(&format!("{kind} twice in POST"), "POST", "/Users", whole("twice").to_string());
        attempt(
            &format!("{kind} in PUT"),
            "PUT",
            &user,
            with("Lea", json!({ "password": value })).to_string(),
        );
        for op in ["add", "replace", "remove"] {
            for path in ["password".to_owned(), "PASSWORD".to_owned(), format!("{USER}:password")] {
                let operation = json!([{ "op": op, "path": path, "value": value }]);
                attempt(&format!("{kind}, {op} {path}"), "PATCH", &user, patch(&operation).to_string());
            }
            let pathless = json!([{ "op": op, "value": { "password": value } }]);
            attempt(&format!("{kind}, {op} without path"), "PATCH", &user, patch(&pathless).to_string());
        }
        let odd = json!([{ "op": "replace", "path": "password", "value": value }, { "op": "odd" }]);
        attempt(&format!("{kind} beside an odd operation"), "PATCH", &user, patch(&odd).to_string());
        let operations = json!([
            { "method": "POST", "path": "/Users", "bulkId": "1", "data": with(&format!("{kind}-bulk"), json!({ "password": value })) },
            { "method": "PATCH", "path": user, "data": patch(&json!([{ "op": "add", "path": "password", "value": value }])) },
            { "method": "PUT", "path": user, "data": { "password": value } },
        ]);
        let bulk = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations });
        attempt(&format!("{kind} in Bulk"), "POST", "/Bulk", bulk.to_string());
    }
    for (what, path) in paths(secrets) {
        for op in ["add", "replace", "remove"] {
            let operation = json!([{ "op": op, "path": path, "value": "x" }]);
            attempt(&format!("{op} {what}"), "PATCH", &user, patch(&operation).to_string());
        }
        let member = with("Lea", json!({ &*path: "x" }));
        attempt(&format!("{what} as a member"), "PUT", &user, member.to_string());
        attempt(
            &format!("{what} as a parameter"),
            "GET",
            &format!("/Users?attributes={}", encoded(&path)),
            String::new(),
        );
        attempt(
            &format!("{what} to sort by"),
            "GET",
            &format!("/Users?sortBy={}", encoded(&path)),
            String::new(),
        );
    }
    for (what, filter) in filters(secrets) {
        let query = format!("filter={}", encoded(&filter));
        attempt(&format!("filter {what}"), "GET", &format!("/Users?{query}"), String::new());
        attempt(&format!("filter of groups {what}"), "GET", &format!("/Groups?{query}"), String::new());
        let search =
            json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": filter });
        attempt(&format!("search {what}"), "POST", "/Users/.search", search.to_string());
        let operation = json!([{ "op": "replace", "path": format!("emails[{filter}].value"), "value": "x" }]);
        attempt(&format!("brackets {what}"), "PATCH", &user, patch(&operation).to_string());
    }
    for (what, text) in broken(secrets) {
        for (method, path) in [("POST", "/Users"), ("PUT", &*user), ("PATCH", &*user), ("POST", "/Bulk")] {
            attempt(&format!("{what} in {method} {path}"), method, path, text.clone());
        }
    }
    for (what, method, path, body) in tries {
        let mut request = client.request(&method, &path);
        if !body.is_empty() {
            request = request.with_header("Content-Type", "application/scim+json").with_body(body);
        }
        secrets.answered(&what, &client.sent(&request).await);
    }
}

/// Makes a value of a text.
type Make = fn(String) -> Value;

/// Values of `password`: one that is right, and wrong ones.
fn values(secrets: &mut Secrets) -> Vec<(String, Value)> {
    let number = 9_081_726_354_112_u64;
    secrets.add("number", number.to_string());
    let kinds: [(&str, Make); 7] = [
        ("text", |text| json!(text)),
        ("object", |text| json!({ "value": text })),
        ("member", |text| json!({ text: "x" })),
        ("list", |text| json!([text])),
        ("deep", |text| json!([[{ "value": [{ "value": text }] }]])),
        ("control", |text| json!(format!("{text}\u{7}"))),
        ("long", |text| json!(text.repeat(200))),
    ];
    let mut values = vec![("number".to_owned(), json!(number))];
    values.extend(kinds.map(|(kind, value)| (kind.to_owned(), value(secrets.make_up(kind)))));
    values
}

/// Paths of which a part is one.
fn paths(secrets: &mut Secrets) -> Vec<(&'static str, String)> {
    let secret = secrets.make_up("path");
    vec![
        ("part", format!("password.{secret}")),
        ("part of the full name", format!("{USER}:password.{secret}")),
        ("part of a part", format!("password.value.{secret}")),
        ("brackets", format!("password[value eq \"{secret}\"]")),
        ("brackets of a part", format!("password[value eq \"{secret}\"].value")),
        ("open brackets", format!("password[value eq \"{secret}")),
        ("behind a blank", format!("password {secret}")),
        ("behind a sign", format!("password={secret}")),
        ("comparison", format!("password eq \"{secret}\"")),
    ]
}

/// Filters that compare with one.
fn filters(secrets: &mut Secrets) -> Vec<(&'static str, String)> {
    let secret = secrets.make_up("filter");
    let number = 7_102_938_475_601_u64;
    secrets.add("number of a filter", number.to_string());
    vec![
        ("eq", format!("password eq \"{secret}\"")),
        ("ne", format!("not (password eq \"{secret}\")")),
        ("co", format!("userName pr and password co \"{secret}\"")),
        ("gt", format!("password gt \"{secret}\"")),
        ("of the full name", format!("{USER}:password eq \"{secret}\"")),
        ("without quotes", format!("password eq {secret}")),
        ("without the end", format!("password eq \"{secret}")),
        ("with an odd escape", format!("password eq \"\\q{secret}\"")),
        ("with an odd operator", format!("password is \"{secret}\"")),
        ("without operator", format!("password \"{secret}\"")),
        ("with something behind", format!("password eq \"x\" \"{secret}\"")),
        ("number", format!("password eq {number}")),
        ("in brackets", format!("password[value eq \"{secret}\"]")),
        ("part", format!("password.value eq \"{secret}\"")),
        ("of a part that is none", format!("password.{secret} eq \"x\"")),
    ]
}

/// Bodies that are no JSON, or no SCIM.
fn broken(secrets: &mut Secrets) -> Vec<(&'static str, String)> {
    let secret = secrets.make_up("broken");
    vec![
        ("a comma too many", format!("{{\"password\": \"{secret}\",}}")),
        ("no end", format!("{{\"password\": \"{secret}")),
        ("no quotes", format!("{{\"password\": {secret}}}")),
        ("twice", format!("{{\"password\": \"{secret}\", \"password\": \"{secret}\"}}")),
        ("text", format!("\"{secret}\"")),
        ("list", format!("[{{\"password\": \"{secret}\"}}]")),
        ("no schema", format!("{{\"password\": \"{secret}\"}}")),
        ("operations", format!("{{\"Operations\": \"{secret}\"}}")),
        ("operation", format!("{{\"Operations\": [\"{secret}\"]}}")),
    ]
}
