//! Status, headers and body of answers that are no errors.

use scim_core::schema::urn;
use serde_json::json;

use crate::world::{BASE, ask, create_group, create_user, get, id, service, user};

/// 7644-3.3-01, 7644-3.3-02, 7644-3.14-01: a create tells where and what it made.
#[tokio::test]
async fn creates() {
    let service = service();
    let created = create_user(&service, "lea").await;
    let body = created.json();
    let location = format!("{BASE}/Users/{}", id(1));
    assert_eq!(created.header("location"), location);
    assert_eq!(created.header("content-type"), "application/scim+json");
    assert_eq!(body["meta"]["location"], location.as_str());
    assert_eq!(body["meta"]["version"], created.header("etag"));
    assert_eq!(body["meta"]["created"], "2023-11-14T22:13:20.000Z");
    assert!(created.header("etag").starts_with("W/\""));
    let again = ask(&service, "POST /Users", &[], user("LEA")).await;
    assert_eq!(again.outcome(), "409 uniqueness");
    let read = get(&service, &format!("/Users/{}", id(1))).await;
    assert_eq!(
        (read.bytes, read.headers["etag"].clone()),
        (created.bytes.clone(), created.headers["etag"].clone())
    );
    assert_eq!(read.headers["location"], location);
}

/// 7644-3.9-03: the selection works on every answer with a resource.
#[tokio::test]
async fn selections() {
    let service = service();
    let lea = user("lea");
    let user = format!("/Users/{}", id(1));
    let patch = r#"{"Operations":[{"op":"replace","value":{"title":"Prof"}}]}"#;
    for (line, body) in [
        ("POST /Users".to_owned(), lea.as_str()),
        (format!("GET {user}"), ""),
        (format!("PUT {user}"), &lea),
        (format!("PATCH {user}"), patch),
    ] {
        let answer = ask(&service, &(line.clone() + "?attributes=userName"), &[], body).await.json();
        let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["id", "schemas", "userName"], "{line}");
        let both = ask(&service, &(line.clone() + "?attributes=id&excludedAttributes=id"), &[], body).await;
        assert_eq!(both.outcome(), "400 invalidValue", "{line}");
    }
}

/// 7644-3.5.2-17, 7644-3.5.2-18: a PATCH of a user answers 200, of a group 204 unless attributes are
/// asked for. Both have the new entity tag.
#[tokio::test]
async fn patches() {
    let service = service();
    create_user(&service, "lea").await;
    let group = create_group(&service, "Staff", &[]).await;
    let rename = |name: &str| {
        json!({ "Operations": [{ "op": "replace", "path": "displayName", "value": name }] }).to_string()
    };
    let user = ask(&service, &format!("PATCH /Users/{}", id(1)), &[], rename("Lea")).await;
    assert_eq!((user.outcome(), user.json()["displayName"].as_str()), ("200".into(), Some("Lea")));
    assert_eq!(user.json()["meta"]["version"], user.header("etag"));

    let line = format!("PATCH /Groups/{}", id(2));
    let quiet = ask(&service, &line, &[], rename("All")).await;
    assert_eq!(quiet.outcome(), "204");
    assert_ne!(quiet.header("etag"), group.header("etag"));
    assert_eq!(quiet.header("location"), format!("{BASE}/Groups/{}", id(2)));
    assert_eq!(get(&service, &line[6..]).await.header("etag"), quiet.header("etag"));

    let shown = ask(&service, &(line + "?excludedAttributes=members"), &[], rename("Some")).await;
    assert_eq!((shown.outcome(), shown.json()["displayName"].as_str()), ("200".into(), Some("Some")));
}

/// 7644-3.6-01, 7644-3.6-02.
#[tokio::test]
async fn deletes() {
    let service = service();
    create_user(&service, "lea").await;
    let user = format!("/Users/{}", id(1));
    assert_eq!(ask(&service, &format!("DELETE {user}"), &[], "not even JSON").await.outcome(), "204");
    for method in ["GET", "PUT", "PATCH", "DELETE"] {
        let body = format!(
            r#"{{"schemas":["{}"],"userName":"lea","Operations":[{{"op":"add","path":"title","value":"x"}}]}}"#,
            if method == "PATCH" { urn::PATCH_OP } else { urn::USER }
        );
        assert_eq!(ask(&service, &format!("{method} {user}"), &[], body).await.outcome(), "404", "{method}");
    }
}

/// 7644-3.8-02, 7644-3.8-03: the type of the answer, and none is refused.
#[tokio::test]
async fn media_types() {
    let service = service();
    for (accept, expected) in [
        ("application/scim+json", "application/scim+json"),
        ("application/json", "application/json"),
        ("application/json, application/scim+json", "application/scim+json"),
        ("text/html", "application/scim+json"),
        ("", "application/scim+json"),
        (";;;", "application/scim+json"),
    ] {
        for target in ["/Users", "/Schemas", "/ServiceProviderConfig"] {
            let answer = ask(&service, &format!("GET {target}"), &[("accept", accept)], "").await;
            assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, expected), "{accept}");
        }
        let missing = ask(&service, "GET /Users/none", &[("accept", accept)], "").await;
        assert_eq!(missing.header("content-type"), "application/scim+json");
    }
}

/// The answer to HEAD is that to GET without its body.
#[tokio::test]
async fn heads() {
    let service = service();
    create_user(&service, "lea").await;
    for target in [format!("/Users/{}", id(1)), "/Users".into(), "/Users/none".into(), "/Schemas".into()] {
        let (whole, head) =
            (get(&service, &target).await, ask(&service, &format!("HEAD {target}"), &[], "").await);
        assert_eq!(
            (head.status, &head.headers["content-type"]),
            (whole.status, &whole.headers["content-type"])
        );
        assert_eq!(head.header("content-length"), whole.bytes.len().to_string(), "{target}");
        assert_eq!(head.header("etag"), whole.header("etag"));
    }
}

/// 7644-3.4.2-03: all three numbers are on every list, the empty one too.
#[tokio::test]
async fn lists() {
    let service = service();
    let empty = get(&service, "/Users").await;
    assert_eq!(
        empty.json(),
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": [],
        })
    );
    assert_eq!((empty.header("etag"), empty.header("location")), ("", ""));
    create_user(&service, "lea").await;
    create_group(&service, "Staff", &[id(1)]).await;
    let all = get(&service, "/").await.json();
    assert_eq!((&all["totalResults"], &all["itemsPerPage"]), (&json!(2), &json!(2)));
    assert_eq!(all["Resources"][0]["groups"][0]["display"], "Staff");
}
