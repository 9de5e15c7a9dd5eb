//! The service inside a router of axum, under any path (7644-1.3-01).

use axum::Router;
use axum::routing::get;
use http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;

use crate::world::{id, service, user};

#[tokio::test]
async fn it_nests_under_any_path() {
    for prefix in ["/scim/v2", "/api/v1/scim", "/t/acme/scim"] {
        let app: Router =
            Router::new().route("/health", get(async || "well")).nest_service(prefix, service());
        let send = async |method: &str, path: &str, body: String| {
            let request = Request::builder()
                .method(method)
                .uri(format!("{prefix}{path}"))
                .header("authorization", "Bearer secret")
                .body(axum::body::Body::from(body))
                .unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            let traced = response.headers().contains_key("trace-id");
            let bytes = response.into_body().collect().await.unwrap().to_bytes();
            (status, traced, serde_json::from_slice::<serde_json::Value>(&bytes).unwrap_or_default())
        };
        assert_eq!(send("POST", "/Users", user("lea")).await.0, 201);
        for (method, path, expected) in [
            ("GET", "/Users/", 200),
            ("GET", "/Users?filter=userName+eq+%22LEA%22&", 200),
            ("GET", &format!("/Users/{}", id(1)), 200),
            ("GET", "", 200),
            ("GET", "/", 200),
            ("GET", "//Users", 200),
            ("GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", 200),
            ("GET", "/nothing/here", 404),
            ("POST", "/Users", 400),
            ("PUT", "/Users", 405),
            ("POST", "/Bulk", 400),
        ] {
            let (status, traced, body) = send(method, path, String::new()).await;
            assert_eq!((status, traced), (expected, true), "{method} {prefix}{path}");
            if expected >= 400 {
                assert_eq!(body["status"], expected.to_string());
            } else if path.contains("filter") {
                assert_eq!(body["totalResults"], 1);
            }
        }
        let health = app.clone().oneshot(Request::get("/health").body(axum::body::Body::empty()).unwrap());
        assert_eq!(health.await.unwrap().status(), 200);
    }
}
