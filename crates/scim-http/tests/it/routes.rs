//! Endpoints and methods.

use scim_engine::Features;
use scim_http::HttpConfig;

use crate::world::{ask, config, configured, create_user, get, id, service, user};

/// 7644-3.2-01, 7644-3.2-02: what each method does where.
#[tokio::test]
async fn methods_and_paths() {
    let service = service();
    create_user(&service, "lea").await;
    let lea = id(1);
    let search = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}"#;
    for (line, body, expected, allow) in [
        ("GET /Users", "", "200", ""),
        ("GET /users/", "", "200", ""),
        ("GET /Groups?", "", "200", ""),
        ("GET /devices", "", "200", ""),
        ("GET /", "", "200", ""),
        ("HEAD /Users", "", "200", ""),
        ("POST /Users/.search", search, "200", ""),
        ("POST /.search", search, "200", ""),
        (&format!("GET /Users/{lea}"), "", "200", ""),
        (&format!("GET /USERS/{lea}/?"), "", "200", ""),
        (&format!("HEAD /Users/{lea}"), "", "200", ""),
        (&format!("GET /Groups/{lea}"), "", "404", ""),
        ("GET /Users/none", "", "404", ""),
        ("GET /Users/lea", "", "404", ""),
        ("GET /Users/%00%0a", "", "404", ""),
        ("GET /Users/%ff", "", "404", ""),
        ("PUT /Users/none", &user("x"), "404", ""),
        ("DELETE /Users/none", "", "404", ""),
        ("GET /Widgets", "", "404", ""),
        ("POST /Users/a/b", "", "404", ""),
        ("GET /v2/Users", "", "404", ""),
        ("GET /Schemas/.search", "", "404", ""),
        ("POST /Schemas/.search", search, "404", ""),
        ("PUT /Users", "", "405", "GET, HEAD, POST"),
        ("DELETE /Users/", "", "405", "GET, HEAD, POST"),
        ("BREW /Users", "", "405", "GET, HEAD, POST"),
        ("OPTIONS /Users", "", "405", "GET, HEAD, POST"),
        ("POST /Users/x", "{}", "405", "GET, HEAD, PUT, PATCH, DELETE"),
        ("GET /Users/.search", "", "405", "POST"),
        ("GET /.search", "", "405", "POST"),
        ("POST /", "{}", "405", "GET, HEAD"),
        ("GET /Bulk", "", "405", "POST"),
        ("POST /Bulk/x", "{}", "404", ""),
        ("GET /Me", "", "501", ""),
        ("PATCH /me", "{}", "501", ""),
        ("GET /Users?cursor", "", "200", ""),
    ] {
        let answer = ask(&service, line, &[], body).await;
        assert_eq!(answer.outcome(), expected, "{line}");
        assert_eq!(answer.header("allow"), allow, "{line}");
    }
}

/// 7644-3.13-01, 7644-3.13-02: versions in the path, where they are switched on.
#[tokio::test]
async fn versions() {
    let service = configured(HttpConfig { version_routing: true, ..config() }, Features::default());
    for (target, expected) in [
        ("/v2/Users", "200"),
        ("/Users", "200"),
        ("/v2", "200"),
        ("/v1/Users", "400 invalidVers"),
        ("/v9/Users/1", "400 invalidVers"),
        ("/v2/Widgets", "404"),
        ("/version/Users", "404"),
    ] {
        assert_eq!(get(&service, target).await.outcome(), expected, "{target}");
    }
}

/// 7644-1.3-01: the service can strip its own path.
#[tokio::test]
async fn a_prefix_of_its_own() {
    let service = configured(HttpConfig { prefix: "/api/v1/scim/".into(), ..config() }, Features::default());
    for (target, expected) in [
        ("/api/v1/scim/Users", "200"),
        ("/api/v1/scim//Users", "200"),
        ("/api/v1/scim", "200"),
        ("/Users", "404"),
        ("/api/v1/scimUsers", "404"),
    ] {
        assert_eq!(get(&service, target).await.outcome(), expected, "{target}");
    }
}

/// 7644-3.4.2-06, 7644-3.10-02: parameters as clients write them.
#[tokio::test]
async fn parameters() {
    let service = service();
    for name in ["lea", "mia", "zoe"] {
        create_user(&service, name).await;
    }
    for (target, total, shown) in [
        ("/Users", 3, 3),
        ("/Users?foo=bar&&", 3, 3),
        ("/Users/?filter=userName+eq+%22lea%22&", 1, 1),
        ("/Users?FILTER=userName%20eq%20%22nobody%22&startIndex=1&count=100", 0, 0),
        ("/Users?startIndex=2&count=1", 3, 1),
        ("/?filter=meta.resourceType+eq+%22User%22", 3, 3),
    ] {
        let body = get(&service, target).await.json();
        assert_eq!(
            (&body["totalResults"], body["Resources"].as_array().unwrap().len()),
            (&total.into(), shown),
            "{target}"
        );
        assert_eq!(body["itemsPerPage"], shown, "{target}");
    }
    for (target, expected) in [
        ("/Users?filter=userName+eq+%22", "400 invalidFilter"),
        ("/Users?filter=%ff", "400 invalidValue"),
        ("/Users?count=ten", "400 invalidValue"),
        ("/Users?attributes=id&excludedAttributes=name", "400 invalidValue"),
    ] {
        assert_eq!(get(&service, target).await.outcome(), expected, "{target}");
    }
    let target = format!("/Users/{}?count=ten&filter=((&attributes=userName&attributes=active", id(1));
    let body = get(&service, &target).await.json();
    assert_eq!((&body["userName"], &body["active"], body.get("meta")), (&"lea".into(), &true.into(), None));
}

/// 7644-3.4.2.1-03, 7644-3.4.2.3-02: at the root a type without the attribute has no value there; a word
/// that is no direction is refused with and without anything to sort by.
#[tokio::test]
async fn sorted_listings() {
    let service = service();
    for name in ["lea", "mia"] {
        create_user(&service, name).await;
    }
    let group = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"g"}"#;
    assert_eq!(ask(&service, "POST /Groups", &[], group).await.status, 201);
    let listed = get(&service, "/?sortBy=userName&sortOrder=descending").await.json();
    let names: Vec<&str> = listed["Resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| resource["userName"].as_str().unwrap_or("none"))
        .collect();
    assert_eq!(names, ["none", "mia", "lea"]);
    for (target, expected) in [
        ("/?sortBy=shoeSize", "400 invalidValue"),
        ("/Groups?sortBy=userName", "400 invalidValue"),
        ("/Users?sortOrder=up", "400 invalidValue"),
        ("/?sortOrder=up", "400 invalidValue"),
        ("/Users?sortOrder=Descending", "200"),
    ] {
        assert_eq!(get(&service, target).await.outcome(), expected, "{target}");
    }
}

/// 7644-3.4.3-03: a query by POST says the same as one by GET, and the URL says nothing.
#[tokio::test]
async fn queries_by_post() {
    let service = service();
    for name in ["lea", "mia"] {
        create_user(&service, name).await;
    }
    let post = async |line: &str, members: &str| {
        let body =
            format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]{members}}}"#);
        ask(&service, line, &[], body).await
    };
    let by_post = post(
        "POST /Users/.search?count=0",
        r#","filter":"userName pr","sortBy":"userName","sortOrder":"descending","attributes":["userName"]"#,
    )
    .await;
    let by_get =
        get(&service, "/Users?filter=userName+pr&sortBy=userName&sortOrder=descending&attributes=userName")
            .await;
    assert_eq!(by_post.bytes, by_get.bytes);
    assert_eq!(by_post.json()["Resources"][0]["userName"], "mia");
    for (line, members, expected) in [
        ("POST /.search", r#","filter":"userName eq \"lea\"""#, "200"),
        ("POST /Users/.search", r#","count":"x""#, "400 invalidValue"),
        ("POST /Users/.search", r#","cursor":"","count":"x""#, "400 invalidCount"),
        ("POST /Users/.search", r#","cursor":"""#, "200"),
    ] {
        assert_eq!(post(line, members).await.outcome(), expected, "{members}");
    }
    assert_eq!(ask(&service, "POST /Users/.search", &[], "{}").await.outcome(), "400 invalidSyntax");
}

/// 7643-5-05, 7644-3.12-07: what is switched off is 501, but for filters, which are 400 invalidFilter
/// (7644-3.4.2.2-01), and for sorting, which does not happen (7644-3.4.2.3-01).
#[tokio::test]
async fn features_that_are_off() {
    let off = Features { patch: false, filter: false, sort: false, etag: false, ..Features::default() };
    let service = configured(config(), off);
    let created = create_user(&service, "lea").await;
    assert_eq!(created.header("etag"), "");
    assert_eq!(created.json()["meta"].get("version"), None, "{created:?}");
    let listed = get(&service, "/Users").await.json();
    assert_eq!(listed["Resources"][0]["meta"].get("version"), None, "{listed}");
    let user = format!("/Users/{}", id(1));
    for (line, header, expected) in [
        (format!("PATCH {user}"), "x-none", "501"),
        (format!("PUT {user}"), "if-match", "501"),
        (format!("DELETE {user}"), "if-match", "501"),
        (format!("GET {user}"), "if-none-match", "200"),
        ("GET /Users?filter=userName+pr".into(), "x-none", "400 invalidFilter"),
        ("GET /Users?sortBy=userName".into(), "x-none", "200"),
        ("GET /Users?sortBy=shoeSize&sortOrder=up".into(), "x-none", "200"),
    ] {
        let answer = ask(&service, &line, &[(header, "*")], "{}").await;
        assert_eq!(answer.outcome(), expected, "{line}");
    }
    let body = get(&service, "/ServiceProviderConfig").await.json();
    for feature in ["patch", "filter", "sort", "etag"] {
        assert_eq!(body[feature]["supported"], false, "{feature}");
    }
    assert_eq!(
        ask(&service, &format!("POST {user}"), &[], "").await.header("allow"),
        "GET, HEAD, PUT, DELETE"
    );
}
