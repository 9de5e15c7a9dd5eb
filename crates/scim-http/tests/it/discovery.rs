//! What the service says of itself.

use scim_core::schema::urn;
use scim_engine::Features;
use scim_http::HttpConfig;
use serde_json::{Value, json};

use crate::world::{BASE, DEVICE, ask, config, configured, get, service};

/// 7643-5-01, 7643-5-02, 7643-5-03: the configuration has every part, with JSON booleans and numbers.
#[tokio::test]
async fn configuration() {
    let mut config = config();
    config.documentation_uri = Some("https://example.com/help".into());
    let service = configured(config, Features { most_results: 200, ..Features::default() });
    let body = get(&service, "/ServiceProviderConfig").await.json();
    for (feature, supported) in [
        ("patch", true),
        ("bulk", true),
        ("filter", true),
        ("changePassword", false),
        ("sort", true),
        ("etag", true),
    ] {
        assert_eq!(body[feature]["supported"], supported, "{feature}");
    }
    let limits = (&body["bulk"]["maxOperations"], &body["bulk"]["maxPayloadSize"]);
    assert_eq!(limits, (&json!(1_000), &json!(4 * 1024 * 1024)));
    assert_eq!(body["filter"]["maxResults"], 200);
    assert_eq!(body["documentationUri"], "https://example.com/help");
    assert_eq!(body["authenticationSchemes"][0]["type"], "oauthbearertoken");
    assert_eq!(body["authenticationSchemes"][0]["primary"], true);
    assert_eq!(body["schemas"], json!([urn::SERVICE_PROVIDER_CONFIG]));
    assert_eq!(body["meta"]["location"], format!("{BASE}/ServiceProviderConfig"));
    assert_eq!(body["meta"]["resourceType"], "ServiceProviderConfig");
}

/// 7644-4-02, 7644-4-04, 7644-4-07: lists hold everything, and each entry can be followed.
#[tokio::test]
async fn lists_and_entries() {
    let service = service();
    for (list, resource_type, ids) in [
        ("/ResourceTypes", "ResourceType", vec!["User", "Group", "Device"]),
        (
            "/Schemas",
            "Schema",
            vec![
                urn::USER,
                urn::GROUP,
                urn::ENTERPRISE_USER,
                DEVICE,
                urn::SCHEMA,
                urn::RESOURCE_TYPE,
                urn::SERVICE_PROVIDER_CONFIG,
            ],
        ),
    ] {
        let body = get(&service, list).await.json();
        assert_eq!(body["schemas"], json!([urn::LIST_RESPONSE]));
        assert_eq!((&body["totalResults"], &body["startIndex"]), (&json!(ids.len()), &json!(1)));
        let entries = body["Resources"].as_array().unwrap();
        assert_eq!(entries.iter().map(|entry| entry["id"].as_str().unwrap()).collect::<Vec<_>>(), ids);
        for entry in entries {
            assert_eq!(entry["meta"]["resourceType"], resource_type);
            let location = entry["meta"]["location"].as_str().unwrap().strip_prefix(BASE).unwrap();
            assert_eq!(get(&service, location).await.json(), *entry);
            for schema in entry["schemas"].as_array().unwrap() {
                let target = format!("/Schemas/{}", schema.as_str().unwrap());
                assert_eq!(get(&service, &target).await.status, 200, "{target}");
            }
        }
    }
}

/// 7644-4-03, 7644-4-04, 7644-3.1-01: what an entry is called, and what is none.
#[tokio::test]
async fn names_of_entries() {
    let service = service();
    let user = get(&service, &format!("/Schemas/{}", urn::USER)).await;
    for (target, found) in [
        (format!("/Schemas/{}", urn::USER.to_uppercase()), true),
        (format!("/schemas/{}/", urn::USER.replace(':', "%3A")), true),
        ("/Schemas/urn:none".into(), false),
        (format!("/Schemas/{}", urn::LIST_RESPONSE), false),
        (format!("/Schemas/{}", urn::ERROR), false),
        ("/Schemas/User".into(), false),
    ] {
        let answer = get(&service, &target).await;
        assert_eq!(answer.status.as_u16(), if found { 200 } else { 404 }, "{target}");
        assert!(!found || answer.bytes == user.bytes, "{target}");
    }
    assert_eq!(get(&service, "/ResourceTypes/User").await.json()["endpoint"], "/Users");
    for missing in ["/ResourceTypes/user", "/ResourceTypes/Role", "/ServiceProviderConfigs"] {
        assert_eq!(get(&service, missing).await.status, 404, "{missing}");
    }
}

/// 7644-4-05, 7644-4-06, 7643-5-05: no paging, no filter, no write.
#[tokio::test]
async fn reading_is_all_there_is() {
    let service = service();
    let whole = get(&service, "/Schemas").await;
    let query = "?count=1&startIndex=2&sortBy=id&attributes=id&excludedAttributes=name&count=ten";
    assert_eq!(get(&service, &format!("/Schemas{query}")).await.bytes, whole.bytes);
    for target in [
        "/ServiceProviderConfig".to_owned(),
        "/ResourceTypes".into(),
        "/ResourceTypes/User".into(),
        "/Schemas".into(),
        format!("/Schemas/{}", urn::USER),
    ] {
        let filtered = get(&service, &format!("{target}?filter=id+pr")).await;
        assert_eq!(filtered.outcome(), "403", "{target}");
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let answer = ask(&service, &format!("{method} {target}"), &[], "{}").await;
            assert_eq!((answer.outcome().as_str(), answer.header("allow")), ("405", "GET, HEAD"), "{method}");
        }
    }
}

/// 7643-5-04, A20: the two switches.
#[tokio::test]
async fn switches() {
    let service = configured(
        HttpConfig { public_configuration: false, list_meta_schemas: false, ..config() },
        Features::default(),
    );
    let anonymous = [("authorization", "")];
    assert_eq!(ask(&service, "GET /ServiceProviderConfig", &anonymous, "").await.status, 401);
    let schemas = get(&service, "/Schemas").await.json();
    assert_eq!(schemas["totalResults"], 4);
    assert_eq!(get(&service, &format!("/Schemas/{}", urn::SCHEMA)).await.status, 200);
}

/// 7643-6-02: every URI in the `schemas` of a resource type and of its resources is served.
#[tokio::test]
async fn schemas_of_types_are_served() {
    let service = service();
    let types = get(&service, "/ResourceTypes").await.json();
    for entry in types["Resources"].as_array().unwrap() {
        assert_eq!(get(&service, entry["endpoint"].as_str().unwrap()).await.status, 200);
        let extensions = entry["schemaExtensions"].as_array().into_iter().flatten().map(|one| &one["schema"]);
        for uri in extensions.chain([&entry["schema"]]).filter_map(Value::as_str) {
            assert_eq!(get(&service, &format!("/Schemas/{uri}")).await.status, 200, "{uri}");
        }
    }
}
