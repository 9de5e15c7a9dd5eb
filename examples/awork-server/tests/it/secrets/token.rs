//! Tokens that let nobody in, in all the places where one may be put.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scim_testkit::http::{Request, send};

use super::Secrets;

/// Sends tokens everywhere: to SCIM, to what watches over the server, and to the admin API.
pub(super) async fn send_everywhere(
    scim: SocketAddr,
    admin: SocketAddr,
    tokens: &[String],
    secrets: &mut Secrets,
) {
    let users = "/api/v1/scim/Users";
    let order = "/admin/v1/workspace/show";
    for token in tokens {
        let basic = STANDARD.encode(format!("scim:{token}"));
        secrets.add("token in Basic", basic.clone());
        let headers = [
            ("Authorization", format!("Bearer {token}")),
            ("Authorization", format!("bearer  {token} ")),
            ("Authorization", format!("Bearer {token}, Bearer {token}")),
            ("Authorization", format!("Bearer \"{token}\"")),
            ("Authorization", format!("Basic {basic}")),
            ("Authorization", format!("Token {token}")),
            ("Authorization", token.clone()),
            ("X-Api-Key", token.clone()),
            ("Cookie", format!("session={token}")),
            ("Acting-User", token.clone()),
            ("traceparent", format!("00-{token}-00f067aa0ba902b7-01")),
            ("If-Match", token.clone()),
            ("Content-Type", token.clone()),
        ];
        for (name, value) in headers {
            let what = format!("{name}: {}…", value.chars().take(8).collect::<String>());
            for path in [users, "/livez", "/readyz", "/metrics", "/nothing"] {
                let request = Request::new("GET", path).with_header(name, value.clone());
                secrets.answered(&format!("{path} with {what}"), &send(scim, &request).await.unwrap());
            }
            for method in ["POST", "PATCH"] {
                let request = Request::new(method, users).with_header(name, value.clone()).with_body("{}");
                secrets.answered(&format!("{method} with {what}"), &send(scim, &request).await.unwrap());
                let request = Request::new(method, order).with_header(name, value.clone()).with_body("{}");
                secrets.answered(&format!("order with {what}"), &send(admin, &request).await.unwrap());
            }
        }
        for path in [users, "/readyz", "/metrics"] {
            let request = Request::new("GET", format!("{path}?access_token={token}&token={token}"));
            secrets.answered("token in the query", &send(scim, &request).await.unwrap());
            let request = Request::new("GET", format!("{order}?access_token={token}"));
            secrets.answered("token in the query of an order", &send(admin, &request).await.unwrap());
        }
        let form = format!("access_token={token}");
        let form = Request::new("POST", users)
            .with_header("Content-Type", "application/x-www-form-urlencoded")
            .with_body(form);
        secrets.answered("token in a form", &send(scim, &form).await.unwrap());
    }
}
