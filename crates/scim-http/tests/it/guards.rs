//! What is refused because of how it is asked: sensitive filters, other tenants.

use bytes::Bytes;
use http::{HeaderName, Request};
use http_body_util::Full;
use scim_core::schema::urn;
use scim_engine::Features;
use scim_http::{ExplicitTenant, HttpConfig};

use crate::world::{Service, ask, config, configured, create_user, get, send};

fn guarded() -> Service {
    let sensitive = [
        "emails.value",
        "title",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
    ];
    let sensitive = sensitive.into_iter().map(str::to_owned).collect();
    configured(HttpConfig { sensitive, ..config() }, Features::default())
}

/// 7644-7.5.2-01: a filter in a URL may not ask about what is sensitive, however it is written.
#[tokio::test]
async fn sensitive_filters_stay_out_of_urls() {
    let service = guarded();
    create_user(&service, "lea").await;
    for (filter, refused) in [
        ("title eq \"x\"", true),
        ("TITLE pr", true),
        ("urn:ietf:params:scim:schemas:core:2.0:User:Title pr", true),
        ("userName pr and not (userName eq \"a\" or title pr)", true),
        ("emails.value co \"x\"", true),
        ("emails co \"x\"", true),
        ("emails pr", true),
        ("emails[type eq \"work\" and Value eq \"x\"]", true),
        ("emails[type eq \"work\"].value eq \"x\"", true),
        ("employeeNumber eq \"1\"", true),
        ("emails.type eq \"work\"", false),
        ("emails[type eq \"work\"]", false),
        ("userName eq \"title\"", false),
        ("department eq \"1\"", false),
    ] {
        let query = filter.replace(' ', "+").replace('"', "%22").replace('[', "%5B").replace(']', "%5D");
        let search = serde_json::json!({ "schemas": [urn::SEARCH_REQUEST], "filter": filter }).to_string();
        for path in ["/Users", "/"] {
            let answer = get(&service, &format!("{path}?filter={query}")).await;
            assert_eq!(answer.outcome(), if refused { "403 sensitive" } else { "200" }, "{path} {filter}");
            assert!(!refused || answer.json()["status"] == "403");
        }
        for path in ["/Users/.search", "/.search"] {
            assert_eq!(
                ask(&service, &format!("POST {path}"), &[], &search).await.outcome(),
                "200",
                "{filter}"
            );
        }
    }
    // Other types, other outcomes: groups have no title, and broken filters are told so.
    assert_eq!(get(&service, "/Groups?filter=displayName+pr").await.outcome(), "200");
    assert_eq!(get(&service, "/Users?filter=title").await.outcome(), "400 invalidFilter");
    assert_eq!(
        get(&configured(config(), Features::default()), "/Users?filter=title+pr").await.outcome(),
        "200"
    );
}

/// 7644-6-01: the credentials say which tenant it is; another one that is named beside them is 403.
#[tokio::test]
async fn explicit_tenants_agree_with_the_credentials() {
    let tenant_header = Some(HeaderName::from_static("x-tenant"));
    let service = configured(HttpConfig { tenant_header, ..config() }, Features::default());
    for (named, expected) in [("acme", "200"), ("umbrella", "403"), ("Acme", "403"), ("", "403")] {
        assert_eq!(
            ask(&service, "GET /Users", &[("x-tenant", named)], "").await.outcome(),
            expected,
            "{named}"
        );
        let mut request = Request::get("/Users").header("authorization", "Bearer secret");
        request.extensions_mut().unwrap().insert(ExplicitTenant(named.to_owned()));
        let answer = send(&service, request.body(Full::<Bytes>::default()).unwrap()).await;
        assert_eq!(answer.outcome(), expected, "{named}");
    }
    let twice = [("x-tenant", "acme"), ("x-tenant", "umbrella")];
    assert_eq!(ask(&service, "GET /Users", &twice, "").await.outcome(), "403");
    // Who has no valid token is not told anything of tenants.
    let wrong = [("x-tenant", "umbrella"), ("authorization", "Bearer wrong")];
    assert_eq!(ask(&service, "GET /Users", &wrong, "").await.outcome(), "401");
    let unaware = configured(config(), Features::default());
    assert_eq!(ask(&unaware, "GET /Users", &[("x-tenant", "umbrella")], "").await.outcome(), "200");
}
