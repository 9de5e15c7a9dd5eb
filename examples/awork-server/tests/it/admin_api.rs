//! The admin API as HTTP: its token, its errors, and who acts.

use scim_testkit::http::{Request, Response, send};
use serde_json::{Value, json};

use crate::scenarios::{ADMIN, World};

async fn order(world: &World, path: &str, headers: &[(&str, &str)], body: &str) -> Response {
    let url = world.server.ready().admin_url.clone().unwrap();
    let mut request = Request::new("POST", path.to_owned()).with_body(body);
    for (name, value) in headers {
        request = request.with_header(*name, *value);
    }
    send(url.strip_prefix("http://").unwrap().parse().unwrap(), &request).await.unwrap()
}

/// D-82, D-84: errors look like those of SCIM, say what to do, and carry a trace id.
#[tokio::test]
async fn errors_look_like_those_of_scim() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::start(["--data", folder.path().to_str().unwrap()]);
    world.admin.workspace("acme");
    let bearer = format!("Bearer {ADMIN}");
    let known = [("Authorization", bearer.as_str())];
    for (path, headers, body, status, words) in [
        ("/admin/v1/role/list", &[][..], r#"{"workspace":"acme"}"#, 401, "(unauthorized)"),
        ("/admin/v1/role/list", &[("Authorization", "Bearer x")], "{}", 401, "(unauthorized)"),
        ("/admin/v1/role/list", &known, "{}", 400, "workspace"),
        ("/admin/v1/role/list", &known, "[", 400, "cannot be read"),
        ("/admin/v1/role/paint", &known, "{}", 400, "paint"),
        ("/admin/v1/role/list", &known, r#"{"workspace":"acme","of":"x"}"#, 400, "of"),
        ("/admin/v1/role/list", &known, r#"{"workspace":"nowhere"}"#, 404, "`nowhere`"),
        ("/admin/v1/role/list", &known, r#"{"workspace":"a/../b"}"#, 404, "(not-found)"),
        ("/admin/v2", &known, "{}", 404, "/admin/v1/SUBJECT/VERB"),
    ] {
        let answer = order(&world, path, headers, body).await;
        let error: Value = answer.json().unwrap();
        let detail = error["detail"].as_str().unwrap();
        assert_eq!(answer.status, status, "{path} {body}: {detail}");
        assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
        assert_eq!(error["status"], status.to_string());
        let trace_id = format!("(trace id {})", answer.header("Trace-Id").unwrap());
        assert!(detail.contains(words) && detail.ends_with(&trace_id), "{detail}");
    }
    let answer = order(&world, "/admin/v1/role/list", &known, r#"{"workspace":"acme"}"#).await;
    assert_eq!((answer.status, answer.header("Cache-Control")), (200, Some("no-store")));
    // Neither token is one of the other service.
    assert_eq!(world.send(ADMIN, "GET", "/Users", None).await.status, 401);
    let token = world.admin.set_up("acme", "okta");
    let scim = format!("Bearer {token}");
    let answer = order(&world, "/admin/v1/role/list", &[("Authorization", &scim)], "{}").await;
    assert_eq!(answer.status, 401);
}

/// D-23: an order may be given on behalf of a user, who has to be an admin.
#[tokio::test]
async fn orders_on_behalf_of_a_user() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::start(["--data", folder.path().to_str().unwrap()]);
    let shell = &world.admin;
    shell.workspace("acme");
    shell.done(&["user", "create", "acme", "lea@acme.example", "--given-name", "L", "--family-name", "B"]);
    let allow = ["workspace", "settings", "acme", "--automatic-booking", "true", "--as"];
    let error = shell.refused(&[&allow[..], &["lea@acme.example"]].concat());
    assert_eq!(error["status"], "403", "{error}");
    let told = shell.done(&[&allow[..], &["ada@acme.example"]].concat());
    assert_eq!(told["automatic_booking"], true);
}
