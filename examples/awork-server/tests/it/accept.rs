//! Acceptance scenario 12 of the domain specification: whatever a client accepts, it gets an answer.

use serde_json::json;

use crate::client::{Client, patch, path, person};
use crate::scenarios::{World, on_both};

on_both!(any_accept_works);

/// One header each, or none.
const ACCEPTS: [Option<&str>; 14] = [
    Some("application/scim+json"),
    Some("application/json"),
    Some("*/*"),
    Some("text/html"),
    Some(""),
    None,
    Some("application/*"),
    Some("application/scim+json, application/json;q=0.5"),
    Some("application/json, application/scim+json"),
    Some("text/html, application/xhtml+xml;q=0.9"),
    Some("application/scim+json;q=0"),
    Some("APPLICATION/SCIM+JSON; charset=utf-8"),
    Some("image/png, */*;q=0"),
    Some(";;;,"),
];

/// Scenario 12 (D-48, 7644-3.12-01): every `Accept`, and none, is answered, by `application/scim+json`, or by
/// `application/json` where that alone was asked for; on every route, never by 406. Errors are always of the
/// type of SCIM.
async fn any_accept_works(world: World) {
    let acme = world.acme("onelogin");
    for (number, accept) in ACCEPTS.into_iter().enumerate() {
        let expected =
            if accept == Some("application/json") { "application/json" } else { "application/scim+json" };
        let asked = Asked { client: &acme, accept, expected };
        let created = asked.send("POST", "/Users", Some(person(&format!("P{number}"))), 201).await;
        let user = path("/Users", &created);
        let title = json!([{ "op": "replace", "path": "title", "value": accept.unwrap_or("none") }]);
        asked.send("PATCH", &user, Some(patch(&title)), 200).await;
        let put = json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userType": "x" });
        asked.send("PUT", &user, Some(put), 200).await;
        let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"] });
        for (method, path, body, status) in [
            ("GET", user.as_str(), None, 200),
            ("GET", "/Users?filter=userName%20pr", None, 200),
            ("GET", "/Groups", None, 200),
            ("POST", "/Users/.search", Some(search.clone()), 200),
            ("POST", "/.search", Some(search), 200),
            ("GET", "/Schemas", None, 200),
            ("GET", "/ResourceTypes", None, 200),
            ("GET", "/ServiceProviderConfig", None, 200),
            ("GET", "/Users/none", None, 404),
            ("GET", "/Nothing", None, 404),
            ("POST", "/Users", Some(json!({})), 400),
            ("GET", "/Users?filter=x", None, 400),
        ] {
            asked.send(method, path, body, status).await;
        }
        let wrong = Asked { client: &world.client("awork_scim_x"), ..asked };
        wrong.send("GET", "/Users", None, 401).await;
        let mut request = acme.request("DELETE", &user);
        if let Some(accept) = accept {
            request = request.with_header("Accept", accept);
        }
        assert_eq!(acme.sent(&request).await.status, 204, "{accept:?}");
    }
}

struct Asked<'c> {
    client: &'c Client,
    accept: Option<&'c str>,
    expected: &'c str,
}

impl Asked<'_> {
    /// Sends a request with the header; the body of the answer, which has the status and the media type.
    async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<serde_json::Value>,
        status: u16,
    ) -> serde_json::Value {
        let mut request = self.client.request(method, path);
        if let Some(accept) = self.accept {
            request = request.with_header("Accept", accept);
        }
        if let Some(body) = body {
            request =
                request.with_header("Content-Type", "application/scim+json").with_body(body.to_string());
        }
        let answer = self.client.sent(&request).await;
        let said = format!("{method} {path} with {:?}: {}", self.accept, answer.text());
        assert_eq!(answer.status, status, "{said}");
        let media = answer.header("Content-Type").and_then(|value| value.split(';').next());
        let expected = if status < 400 { self.expected } else { "application/scim+json" };
        assert_eq!(media, Some(expected), "{said}");
        answer.json().unwrap()
    }
}
