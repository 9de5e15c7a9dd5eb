//! Entity tags, and requests that depend on them.

use scim_core::schema::urn;
use scim_engine::Features;
use scim_http::HttpConfig;

use crate::world::{ask, config, configured, create_group, create_user, get, id, service};

/// A body that gives `lea` a title, by PUT or by PATCH.
fn body(method: &str) -> String {
    let (schema, title) = if method == "PATCH" { (urn::PATCH_OP, "new") } else { (urn::USER, "newer") };
    format!(
        r#"{{"schemas":["{schema}"],"userName":"lea","title":"{title}",
            "Operations":[{{"op":"add","path":"title","value":"{title}"}}]}}"#
    )
}

/// 7644-3.14-03: a version that the client has is not sent again.
#[tokio::test]
async fn reading_what_is_known() {
    let service = service();
    let etag = create_user(&service, "lea").await.header("etag").to_owned();
    let strong = etag.strip_prefix("W/").unwrap().to_owned();
    let line = format!("GET /Users/{}", id(1));
    for (tag, expected) in [
        (etag.clone(), "304"),
        (strong, "304"),
        (format!("W/\"0\", {etag}"), "304"),
        ("*".into(), "304"),
        ("W/\"0\"".into(), "200"),
        ("lea".into(), "200"),
        (String::new(), "200"),
    ] {
        for line in [line.clone(), line.clone() + "?attributes=userName"] {
            let answer = ask(&service, &line, &[("if-none-match", &tag)], "").await;
            assert_eq!(
                (answer.outcome().as_str(), answer.header("etag")),
                (expected, etag.as_str()),
                "{tag}"
            );
        }
    }
    let missing = ask(&service, "GET /Users/none", &[("if-none-match", "*")], "").await;
    assert_eq!(missing.outcome(), "404");
}

/// 7644-3.14-03: a rename elsewhere shows here, so the old tag is not current, yet no conflict.
#[tokio::test]
async fn a_renamed_group_changes_what_its_members_show() {
    let service = service();
    create_user(&service, "lea").await;
    create_group(&service, "Staff", &[id(1)]).await;
    let user = format!("/Users/{}", id(1));
    let before = get(&service, &user).await.header("etag").to_owned();
    let rename = r#"{"Operations":[{"op":"replace","path":"displayName","value":"All"}]}"#;
    ask(&service, &format!("PATCH /Groups/{}", id(2)), &[], rename).await;
    let read = ask(&service, &format!("GET {user}"), &[("if-none-match", &before)], "").await;
    assert_eq!((read.outcome().as_str(), read.json()["groups"][0]["display"].as_str()), ("200", Some("All")));
    let put = ask(&service, &format!("PUT {user}"), &[("if-match", &before)], body("PUT")).await;
    assert_eq!(put.outcome(), "200");
}

/// 7644-3.14-04, 7644-3.14-05: a write of a version that is gone changes nothing.
#[tokio::test]
async fn writing_what_has_changed() {
    let service = service();
    let stale = create_user(&service, "lea").await.header("etag").to_owned();
    let user = format!("/Users/{}", id(1));
    let put = ask(&service, &format!("PUT {user}"), &[("if-match", &stale)], body("PUT")).await;
    let current = put.header("etag").to_owned();
    assert_eq!(put.outcome(), "200");
    assert_ne!(stale, current);
    for method in ["PUT", "PATCH", "DELETE"] {
        for tag in [stale.as_str(), "W/\"x\"", "", "nonsense"] {
            let answer = ask(&service, &format!("{method} {user}"), &[("if-match", tag)], body(method)).await;
            assert_eq!(answer.outcome(), "412", "{method} {tag}");
        }
    }
    assert_eq!(get(&service, &user).await.header("etag"), current);
    for (method, tag, expected) in [("PATCH", "*", "200"), ("DELETE", "*", "204"), ("DELETE", "*", "404")] {
        let answer = ask(&service, &format!("{method} {user}"), &[("if-match", tag)], body(method)).await;
        assert_eq!(answer.outcome(), expected, "{method}");
    }
}

/// RFC 9110 §13.1.2: who expects nothing there overwrites nothing; what is not there is still 404.
#[tokio::test]
async fn writing_where_nothing_is_expected() {
    let service = service();
    let etag = create_user(&service, "lea").await.header("etag").to_owned();
    for method in ["PUT", "PATCH", "DELETE"] {
        for (user, expected) in [(id(1), "412"), ("none".into(), "404")] {
            let line = format!("{method} /Users/{user}");
            let answer = ask(&service, &line, &[("if-none-match", "*")], body(method)).await;
            assert_eq!(answer.outcome(), expected, "{line}");
        }
    }
    assert_eq!(get(&service, &format!("/Users/{}", id(1))).await.header("etag"), etag);
}

/// 7644-3.14-05: the switch that makes writers say what they expect.
#[tokio::test]
async fn conditions_can_be_asked_for() {
    let service = configured(HttpConfig { require_if_match: true, ..config() }, Features::default());
    create_user(&service, "lea").await;
    for method in ["PUT", "PATCH", "DELETE"] {
        let answer = ask(&service, &format!("{method} /Users/{}", id(1)), &[], "{}").await;
        assert_eq!(answer.outcome(), "428", "{method}");
    }
    assert_eq!(
        ask(&service, &format!("DELETE /Users/{}", id(1)), &[("if-match", "*")], "").await.outcome(),
        "204"
    );
}
