//! What tokens may do, and `/Me`.

use std::sync::Arc;

use scim_core::schema::urn;
use scim_engine::Features;
use scim_http::{Grant, HttpConfig, Me, ScimService, StaticTokens, Token};

use crate::world::{
    Service, ask, config, configured, create_group, create_user, directory, id, principal, service, user,
};

/// A service whose tokens are called by their scopes, as the user that is created first; with a user and a
/// group in it.
async fn scoped(config: HttpConfig) -> Service {
    let grant = |scopes: &str| Grant::new(principal("acme")).with_scopes(scopes.parse().unwrap());
    let scopes = ["read", "read write:Group", "write:User", "create:User", "read:self", "write:self", ""];
    let hash = |text: &str| Token::from_text(text).hash();
    let own = scopes.into_iter().map(|scopes| (hash(scopes), grant(scopes).of_user(&id(1))));
    let all = [
        (hash("secret"), Grant::new(principal("acme"))),
        (hash("gone"), grant("write").of_user("gone")),
        (hash("other"), Grant::new(principal("umbrella")).of_user(&id(1))),
    ];
    let tokens = StaticTokens::new(own.chain(all));
    let service = ScimService::new(Arc::new(directory(Features::default())), tokens, config);
    create_user(&service, "lea").await;
    create_user(&service, "max").await;
    create_group(&service, "Staff", &[id(1)]).await;
    service
}

async fn outcome(service: &Service, token: &str, line: &str, body: &str) -> String {
    ask(service, line, &[("authorization", &format!("Bearer {token}"))], body).await.outcome()
}

/// 7644-2-02, 7644-2-03: each operation needs its scope; `self` is the own user alone.
#[tokio::test]
async fn operations_need_scopes() {
    let (own, other, group) =
        (format!("/Users/{}", id(1)), format!("/Users/{}", id(2)), format!("/Groups/{}", id(3)));
    let search = format!(r#"{{"schemas":["{}"]}}"#, urn::SEARCH_REQUEST);
    let put = user("lea");
    let patch = r#"{"Operations":[{"op":"add","path":"displayName","value":"D"}]}"#;
    let rows = [
        (
            "read",
            vec!["GET own", "GET other", "GET /Users", "POST /.search", "GET /Schemas"],
            vec!["PUT own", "POST /Users", "DELETE other", "PATCH group"],
        ),
        ("read write:Group", vec!["GET other", "PATCH group", "GET /"], vec!["PATCH own", "POST /Users"]),
        (
            "write:User",
            vec!["GET other", "PUT own", "GET /Users", "GET /"],
            vec!["GET group", "GET /Groups", "POST /Groups/.search", "PATCH group"],
        ),
        (
            "create:User",
            vec!["GET /ServiceProviderConfig", "GET /ResourceTypes"],
            vec!["GET own", "GET /Users", "PUT own", "GET /", "POST /Groups"],
        ),
        (
            "read:self",
            vec!["GET own", "HEAD own"],
            vec!["GET other", "GET /Users", "GET /", "GET group", "PUT own", "POST /Users"],
        ),
        (
            "write:self",
            vec!["GET own", "PUT own", "PATCH own"],
            vec!["GET other", "PATCH other", "DELETE other", "POST /Users/.search", "POST /Users"],
        ),
        ("", vec!["GET /Schemas"], vec!["GET own", "GET /Users", "POST /Users"]),
    ];
    for (token, allowed, refused) in rows {
        let service = scoped(config()).await;
        for (line, expected) in
            allowed.iter().map(|line| (line, false)).chain(refused.iter().map(|line| (line, true)))
        {
            let line = line.replace("own", &own).replace("other", &other).replace("group", &group);
            let body = match line.split_once(' ').unwrap() {
                ("PATCH", _) => patch,
                ("PUT", _) => &put,
                _ => &search,
            };
            let outcome = outcome(&service, token, &line, body).await;
            assert_eq!(outcome == "403", expected, "{token}: {line}: {outcome}");
            assert!(expected || outcome.starts_with("20"), "{token}: {line}: {outcome}");
        }
    }
    let service = scoped(config()).await;
    assert_eq!(outcome(&service, "create:User", "POST /Users", &user("new")).await, "201");
}

/// 7644-2-02: a query over all types holds the types that its client may read, by GET and by POST.
#[tokio::test]
async fn root_queries_cover_what_may_be_read() {
    let service = scoped(config()).await;
    let search = format!(r#"{{"schemas":["{}"]}}"#, urn::SEARCH_REQUEST);
    for (token, total) in [("secret", 3), ("read", 3), ("write:User", 2)] {
        let header = [("authorization", &*format!("Bearer {token}"))];
        let by_get = ask(&service, "GET /?filter=id+pr&sortBy=displayName", &header, "").await.json();
        let by_post = ask(&service, "POST /.search", &header, &search).await.json();
        assert_eq!(
            (&by_get["totalResults"], &by_post["totalResults"]),
            (&total.into(), &total.into()),
            "{token}"
        );
    }
}

/// 7644-3.7-14: an operation of a bulk request needs the scope that it would need alone.
#[tokio::test]
async fn operations_in_bulk_need_scopes() {
    let service = scoped(config()).await;
    let rename = r#"{"Operations":[{"op":"add","path":"displayName","value":"D"}]}"#;
    let bulk = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
            {{"method":"POST","path":"/Users","bulkId":"1","data":{}}},
            {{"method":"PATCH","path":"/Groups/{}","data":{rename}}},
            {{"method":"DELETE","path":"/Users/{}"}}]}}"#,
        user("new"),
        id(3),
        id(2),
    );
    for (token, expected) in [
        ("read", [false; 3]),
        ("read write:Group", [false, true, false]),
        ("write:self", [false; 3]),
        ("write:User", [true, false, true]),
    ] {
        let header = [("authorization", &*format!("Bearer {token}"))];
        let answer = ask(&service, "POST /Bulk", &header, &bulk).await.json();
        let statuses =
            answer["Operations"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap());
        let allowed: Vec<bool> = statuses
            .map(|status| status != "403" && (status.starts_with("20") || panic!("{token}: {answer}")))
            .collect();
        assert_eq!(allowed, expected, "{token}: {answer}");
    }
}

/// 7644-3.11-01: without support 501, and creating stays so with it; without credentials 401.
#[tokio::test]
async fn me_is_offered_on_purpose_alone() {
    let off = service();
    for method in ["GET", "PUT", "PATCH", "DELETE", "POST"] {
        assert_eq!(outcome(&off, "secret", &format!("{method} /Me"), "{}").await, "501", "{method}");
    }
    for me in [Me::Direct, Me::Redirect] {
        let on = scoped(HttpConfig { me, ..config() }).await;
        for (token, line, expected) in [
            ("read", "POST /Me", "501"),
            ("read", "OPTIONS /Me", "501"),
            ("secret", "GET /Me", "404"),
            ("wrong", "GET /Me", "401"),
            ("", "GET /Me/x", "404"),
        ] {
            assert_eq!(outcome(&on, token, line, "{}").await, expected, "{line}");
        }
        assert_eq!(ask(&on, "GET /Me", &[("authorization", "")], "").await.outcome(), "401");
    }
}

/// 7644-3.11-03: every operation as on the resource itself, with its permanent location.
#[tokio::test]
async fn me_is_the_own_resource() {
    let service = scoped(HttpConfig { me: Me::Direct, ..config() }).await;
    let location = format!("{}/Users/{}", crate::world::BASE, id(1));
    let header = ("authorization", "Bearer write:self");
    let me = ask(&service, "GET /me", &[header], "").await;
    assert_eq!(me.json(), ask(&service, &format!("GET /Users/{}", id(1)), &[], "").await.json());
    let etag = me.header("etag").to_owned();
    let patch = r#"{"Operations":[{"op":"add","path":"title","value":"T"}]}"#;
    for (line, condition, body, expected) in [
        ("HEAD /Me", ("if-none-match", &*etag), "", "304"),
        ("GET /Me/?attributes=userName", ("x-none", ""), "", "200"),
        ("PATCH /Me", ("if-match", "W/\"0\""), patch, "412"),
        ("PATCH /Me", ("if-match", &*etag), patch, "200"),
        ("PUT /Me", ("if-match", &*etag), &user("lea"), "412"),
        ("PUT /Me", ("x-none", ""), &user("lea"), "200"),
        ("DELETE /Me", ("x-none", ""), "", "204"),
        ("DELETE /Me", ("x-none", ""), "", "404"),
    ] {
        let answer = ask(&service, line, &[header, condition], body).await;
        assert_eq!(answer.outcome(), expected, "{line}");
        if answer.status.as_u16() < 400 {
            assert_eq!(answer.header("location"), location, "{line}");
        }
        if line.contains("attributes") {
            assert_eq!(answer.json().as_object().unwrap().len(), 3, "{answer:?}");
        } else if answer.status == 200 {
            assert_eq!(answer.json()["meta"]["location"], location);
        }
    }
    assert_eq!(outcome(&service, "read:self", "PATCH /Me", patch).await, "403");
    // Nobody, and the user of another tenant, is not there.
    for token in ["gone", "other"] {
        assert_eq!(outcome(&service, token, "GET /Me", "").await, "404", "{token}");
    }
}

/// 7644-3.11-02: or the client is sent there, with its query.
#[tokio::test]
async fn me_redirects() {
    let service = scoped(HttpConfig { me: Me::Redirect, ..config() }).await;
    let header = [("authorization", "Bearer read:self")];
    for (line, query) in
        [("GET /Me?attributes=userName", "?attributes=userName"), ("PUT /Me", ""), ("DELETE /Me", "")]
    {
        let answer = ask(&service, line, &header, "").await;
        let expected = format!("{}/Users/{}{query}", crate::world::BASE, id(1));
        assert_eq!((answer.status.as_u16(), answer.header("location")), (308, &*expected), "{line}");
        assert!(answer.bytes.is_empty());
    }
}

/// 7644-2.2-01: people who register themselves may do that and nothing else.
#[tokio::test]
async fn anonymous_clients_register() {
    let grant = Grant::new(principal("acme")).with_scopes("create:User".parse().unwrap());
    let tokens = StaticTokens::new([]).with_anonymous(grant);
    let service = ScimService::new(Arc::new(directory(Features::default())), tokens, config());
    let nobody = [("authorization", "")];
    assert_eq!(ask(&service, "POST /Users", &nobody, user("lea")).await.outcome(), "201");
    for line in [format!("GET /Users/{}", id(1)), "GET /Users".into(), "POST /Groups".into()] {
        assert_eq!(ask(&service, &line, &nobody, user("lea")).await.outcome(), "403", "{line}");
    }
    let wrong = [("authorization", "Bearer wrong")];
    assert_eq!(ask(&service, "POST /Users", &wrong, user("max")).await.outcome(), "401");
    let closed = configured(config(), Features::default());
    assert_eq!(ask(&closed, "POST /Users", &nobody, user("lea")).await.outcome(), "401");
}
