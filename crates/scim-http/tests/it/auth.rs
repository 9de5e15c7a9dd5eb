//! Who is let in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use scim_core::Problem;
use scim_engine::Features;
use scim_http::{Access, AuthError, Authenticator, HttpConfig, Operation, Principal, ScimService};

use crate::world::{
    ask, config, configured, create_user, directory, get, id, principal, send, service, user,
};

/// 7644-2-01, 7644-7.3-01: no token, a wrong one, an expired one, and one in the URL.
#[tokio::test]
async fn who_has_no_token_stays_outside() {
    let service = service();
    for (authorization, challenge) in [
        ("", "Bearer realm=\"scim\""),
        ("non-token", "Bearer realm=\"scim\""),
        ("Basic c2VjcmV0OnNlY3JldA==", "Bearer realm=\"scim\""),
        ("Bearer wrong", "Bearer realm=\"scim\", error=\"invalid_token\""),
        ("Bearer", "Bearer realm=\"scim\", error=\"invalid_token\""),
        ("Bearer old", "Bearer realm=\"scim\", error=\"invalid_token\""),
    ] {
        for line in [
            "GET /Users?access_token=secret",
            "POST /Users",
            "GET /Schemas",
            "GET /ResourceTypes",
            "GET /",
            "GET /nothing",
            "PUT /ServiceProviderConfig",
            "GET /Me",
            "POST /Bulk",
        ] {
            let answer = ask(&service, line, &[("authorization", authorization)], "{").await;
            assert_eq!(answer.outcome(), "401", "{line} {authorization}");
            assert_eq!(answer.header("www-authenticate"), challenge, "{line}");
        }
    }
    for authorization in ["", "Bearer wrong"] {
        let answer =
            ask(&service, "GET /ServiceProviderConfig", &[("authorization", authorization)], "").await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(ask(&service, "GET /Users", &[("authorization", "bEARER  secret ")], "").await.status, 200);
}

/// 7644-2-02: a token that may only read.
#[tokio::test]
async fn a_reader_may_not_write() {
    let service = service();
    create_user(&service, "lea").await;
    let user = format!("/Users/{}", id(1));
    let search = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}"#;
    for (line, expected) in [
        (format!("GET {user}"), "200"),
        ("POST /Users/.search".into(), "200"),
        ("GET /Schemas".into(), "200"),
        ("POST /Users".into(), "403"),
        (format!("PUT {user}"), "403"),
        (format!("PATCH {user}"), "403"),
        (format!("DELETE {user}"), "403"),
    ] {
        let answer = ask(&service, &line, &[("authorization", "Bearer reader")], search).await;
        assert_eq!(answer.outcome(), expected, "{line}");
    }
}

/// 7644-6-02: the token decides whose data it is.
#[tokio::test]
async fn tenants_do_not_see_each_other() {
    let service = service();
    create_user(&service, "lea").await;
    let other = [("authorization", "Bearer other")];
    assert_eq!(ask(&service, &format!("GET /Users/{}", id(1)), &other, "").await.status, 404);
    assert_eq!(ask(&service, "GET /Users", &other, "").await.json()["totalResults"], 0);
    assert_eq!(ask(&service, "POST /Users", &other, user("lea")).await.status, 201);
    assert_eq!(get(&service, "/Users").await.json()["totalResults"], 1);
}

/// Says what each token in its name is to be told, and counts how often it is asked.
#[derive(Clone, Default)]
struct Told(Arc<AtomicUsize>);

impl Authenticator for Told {
    async fn authenticate(&self, bearer: Option<&str>, access: &Access<'_>) -> Result<Principal, AuthError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        match bearer {
            None => Err(AuthError::Missing),
            Some("plan") => Err(AuthError::Forbidden(Problem::plain(403, "the plan of acme has ended"))),
            Some("revoked") => Err(AuthError::Forbidden(Problem::plain(401, "revoked by an admin"))),
            Some("often") => Err(AuthError::TooMany { retry_after: 17 }),
            Some("broken") => Err(AuthError::Unavailable("the database is gone".into())),
            Some("slow") => std::future::pending().await,
            Some("panics") => panic!("on purpose"),
            // 7644-2-03: a person who may read herself alone.
            Some("self") if access.operation == Operation::Read && access.id == Some("me-1") => {
                Ok(principal("acme"))
            }
            Some("self") => Err(AuthError::Forbidden(Problem::plain(403, format!("not {:?}", access.kind)))),
            Some(_) => Err(AuthError::Invalid),
        }
    }

    fn reword(&self, error: &AuthError) -> String {
        match error {
            AuthError::TooMany { .. } => "acme asks too often".to_owned(),
            other => other.to_string(),
        }
    }
}

/// 7644-2-03, 7644-3.12-09: what an authenticator says becomes the answer, and is asked each time.
#[tokio::test(start_paused = true)]
async fn authenticators_have_the_last_word() {
    let told = Told::default();
    let service = ScimService::new(Arc::new(directory(Features::default())), told.clone(), config());
    let rows = [
        ("plan", "403", "the plan of acme has ended", "", ""),
        (
            "revoked",
            "401",
            "revoked by an admin",
            "www-authenticate",
            "Bearer realm=\"scim\", error=\"invalid_token\"",
        ),
        ("often", "429", "acme asks too often", "retry-after", "17"),
        ("broken", "503", "cannot be checked now", "retry-after", "1"),
        ("slow", "503", "not finish in time", "retry-after", "1"),
        ("panics", "500", "internal fault", "", ""),
        ("self", "403", "not Some(\"User\")", "", ""),
        ("unknown", "401", "not valid", "", ""),
    ];
    for (token, expected, detail, header, value) in rows {
        let request = Request::get("/Users/other").header("authorization", format!("Bearer {token}"));
        let answer = send(&service, request.body(Full::<Bytes>::default()).unwrap()).await;
        assert_eq!(answer.outcome(), expected, "{token}");
        let shown = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(shown.contains(detail) && !shown.contains("database"), "{shown}");
        assert!(header.is_empty() || answer.header(header) == value, "{token}: {answer:?}");
    }
    let request = Request::get("/Users/me-1").header("authorization", "Bearer self");
    let answer = send(&service, request.body(Full::<Bytes>::default()).unwrap()).await;
    assert_eq!(answer.outcome(), "404");
    assert_eq!(told.0.load(Ordering::Relaxed), rows.len() + 1);
}

/// The realm cannot break out of its header.
#[tokio::test]
async fn realms_are_made_plain() {
    let service = configured(HttpConfig { realm: "a\"b\r\nc".into(), ..config() }, Features::default());
    let answer = ask(&service, "GET /Users", &[("authorization", "")], "").await;
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"a b  c\"");
}
