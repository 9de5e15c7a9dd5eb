//! Messages of the protocol, against those that the standard prints.

use scim_core::message::{
    AuthenticationScheme, BulkLimits, BulkMethod, BulkOperation, BulkRequest, BulkResponse, ErrorResponse,
    Keyword, ListResponse, Pagination, PaginationMethod, SearchRequest, ServiceProviderConfig, error_body,
    list_response,
};
use scim_core::{Problem, ScimType, schema};
use scim_testkit::data::rfc_example;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::world::{BASE, map, refused};

/// Reads an example and prints it again.
#[track_caller]
fn comes_back<T: DeserializeOwned + Serialize>(file: &str) -> T {
    let printed = rfc_example(file);
    let read: T = serde_json::from_value(printed.clone()).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(serde_json::to_value(&read).unwrap(), printed, "{file}");
    read
}

/// 7644-3.4.2-01, 7644-3.4.2-03, 9865-2-01: lists by index and by cursor.
#[test]
fn lists() {
    let page: ListResponse<Value> = comes_back("protocol/list-page.response.json");
    assert_eq!((page.total_results, page.items_per_page, page.start_index), (Some(100), Some(10), Some(1)));
    let page: ListResponse<Value> = comes_back("cursor/first-page.response.json");
    assert_eq!(page.next_cursor.as_deref(), Some("VZUTiyhEQJ94IR"));
    for file in [
        "cursor/second-page.response.json",
        "cursor/cursor-only.response.json",
        "protocol/search.response.json",
        "protocol/list-users-attributes.response.json",
        "protocol/list-resource-types.response.json",
    ] {
        comes_back::<ListResponse<Value>>(file);
    }
    let typed = serde_json::to_value(ListResponse::by_index(7, 3, vec![json!({ "id": "1" })])).unwrap();
    assert_eq!(typed, list_response(7, 3, &[json!({ "id": "1" })]));
    let last = ListResponse::by_cursor(None, vec![1], None);
    assert_eq!(
        serde_json::to_value(last).unwrap(),
        json!({ "schemas": [schema::urn::LIST_RESPONSE], "itemsPerPage": 1, "Resources": [1] })
    );
    let other = json!({ "schemas": [schema::urn::ERROR], "totalResults": 0 });
    let error = serde_json::from_value::<ListResponse<Value>>(other).unwrap_err();
    assert!(error.to_string().contains("ListResponse"), "{error}");
}

/// 7644-3.12-01, 7644-3.12-02, 7644-3.12-03: errors, their status a string and their keyword any.
#[test]
fn errors() {
    for file in ["deleted-user", "mutability", "not-found", "payload-too-large", "sensitive-filter"] {
        comes_back::<ErrorResponse>(&format!("errors/{file}.json"));
    }
    let error: ErrorResponse = comes_back("errors/mutability.json");
    assert_eq!((error.status, error.scim_type), (400, Some(Keyword::Known(ScimType::Mutability))));
    let strange = json!({ "schemas": [schema::urn::ERROR], "status": 418, "scimType": "teapot" });
    let error: ErrorResponse = serde_json::from_value(strange).unwrap();
    assert_eq!(
        (error.status, error.scim_type, error.detail),
        (418, Some(Keyword::Other("teapot".into())), None)
    );
    let problem = Problem::bad_request(ScimType::InvalidPath, "no such path");
    let typed = serde_json::to_value(ErrorResponse::from(problem.clone())).unwrap();
    let mut body = error_body(&problem, "7");
    assert_eq!(body["detail"], json!("no such path (trace id 7)"));
    body["detail"] = json!("no such path");
    assert_eq!(typed, body);
    assert_eq!(error_body(&Problem::plain(404, "gone"), "7").get("scimType"), None);
}

/// 7644-3.12-03: each keyword as it is printed.
#[test]
fn keywords() {
    use ScimType as S;
    for keyword in [
        S::InvalidFilter,
        S::TooMany,
        S::Uniqueness,
        S::Mutability,
        S::InvalidSyntax,
        S::InvalidPath,
        S::NoTarget,
        S::InvalidValue,
        S::InvalidVers,
        S::Sensitive,
        S::InvalidCursor,
        S::ExpiredCursor,
        S::InvalidCount,
    ] {
        assert_eq!(serde_json::to_value(keyword).unwrap(), json!(keyword.as_str()));
        assert_eq!(serde_json::from_value::<S>(json!(keyword.to_string())).unwrap(), keyword);
    }
}

/// 7644-3.7-02, 7644-3.7-03, 7644-3.7-09: bulk requests and what becomes of them.
#[test]
fn bulk() {
    for file in ["mixed", "circular", "bulk-id", "bulk-id-enterprise-manager"] {
        comes_back::<BulkRequest>(&format!("bulk/{file}.request.json"));
    }
    for file in ["mixed", "all-failed", "bulk-id", "fail-on-errors"] {
        comes_back::<BulkResponse>(&format!("bulk/{file}.response.json"));
    }
    let request: BulkRequest = comes_back("bulk/mixed.request.json");
    assert_eq!(request.fail_on_errors, Some(1));
    let methods: Vec<_> = request.operations.iter().map(|operation| operation.method.as_str()).collect();
    assert_eq!(methods, ["POST", "PUT", "PATCH", "DELETE"]);
    let failed: BulkResponse = comes_back("bulk/all-failed.response.json");
    assert_eq!(
        failed.operations.iter().map(|result| result.status).collect::<Vec<_>>(),
        [400, 412, 412, 404]
    );
    // An operation that is wrong spoils no other: it is read as it is.
    let odd = json!({ "schemas": [schema::urn::BULK_REQUEST], "operations": [{ "method": "Get", "path": "/Users" }, { "method": "delete" }] });
    let odd: BulkRequest = serde_json::from_value(odd).unwrap();
    assert_eq!(odd.operations[0].method, BulkMethod::Other("Get".into()));
    assert_eq!((&odd.operations[1].method, odd.operations[1].path.as_str()), (&BulkMethod::Delete, ""));
    let one = BulkOperation {
        method: BulkMethod::Patch,
        bulk_id: None,
        version: None,
        path: "/Users/1".into(),
        data: Some(json!({})),
    };
    let printed = serde_json::to_value(BulkRequest::new(vec![one])).unwrap();
    assert_eq!(printed["Operations"], json!([{ "method": "PATCH", "path": "/Users/1", "data": {} }]));
    assert_eq!(
        serde_json::to_value(BulkResponse::new(vec![])).unwrap()["schemas"],
        json!([schema::urn::BULK_RESPONSE])
    );
}

/// 7643-5-01, 7643-5-02, 7643-5-03: the configuration that the standard prints, read and served.
#[test]
fn configuration() {
    let printed = rfc_example("resources/service-provider-config.json");
    let config: ServiceProviderConfig = serde_json::from_value(printed.clone()).unwrap();
    assert_eq!(config.bulk, Some(BulkLimits { max_operations: 1000, max_payload_size: 1_048_576 }));
    let served = config.to_resource("https://example.com/v2");
    for (name, value) in map(printed) {
        if name == "meta" {
            assert_eq!(
                served["meta"],
                json!({ "resourceType": "ServiceProviderConfig", "location": value["location"] })
            );
        } else {
            assert_eq!(served[&name], value, "{name}");
        }
    }
}

/// 7643-5-02, 7643-5-05, 9865-4-01: what is off is said to be off, with limits of 0; pagination only when on.
#[test]
fn configuration_of_little() {
    let bare = ServiceProviderConfig::default().to_resource(BASE);
    assert_eq!(
        bare,
        json!({
            "schemas": [schema::urn::SERVICE_PROVIDER_CONFIG],
            "patch": { "supported": false },
            "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
            "filter": { "supported": false, "maxResults": 0 },
            "changePassword": { "supported": false },
            "sort": { "supported": false },
            "etag": { "supported": false },
            "authenticationSchemes": [],
            "meta": { "resourceType": "ServiceProviderConfig", "location": format!("{BASE}/ServiceProviderConfig") },
        })
    );
    let printed = rfc_example("cursor/service-provider-config-pagination.json");
    let pagination: Pagination = serde_json::from_value(printed.clone()).unwrap();
    assert_eq!(pagination.default_pagination_method, Some(PaginationMethod::Cursor));
    let config = ServiceProviderConfig {
        pagination: Some(pagination),
        authentication_schemes: vec![AuthenticationScheme::bearer_token()],
        ..ServiceProviderConfig::default()
    };
    let served = config.to_resource(BASE);
    assert_eq!(served["pagination"], printed);
    assert_eq!(served["authenticationSchemes"][0]["type"], json!("oauthbearertoken"));
    assert_eq!(serde_json::from_value::<ServiceProviderConfig>(served).unwrap(), config);
}

/// 7644-3.4.2-06, 7644-3.4.2.4-01, 7644-3.4.2.4-08: the parameters of a query.
#[test]
fn parameters() {
    let mut search = SearchRequest::default();
    for (name, value) in [
        ("FILTER", "a pr"),
        ("sortBy", "title"),
        ("sortOrder", "descending"),
        ("startindex", "-5"),
        ("count", "+3"),
        ("attributes", "a"),
        ("attributes", "b, c"),
        ("excludedAttributes", "d"),
        ("cursor", ""),
        ("foo", "bar"),
    ] {
        search.set_parameter(name, value).unwrap();
    }
    let expected = SearchRequest {
        filter: Some("a pr".into()),
        sort_by: Some("title".into()),
        sort_order: Some("descending".into()),
        start_index: Some(-5),
        count: Some(3),
        cursor: Some(String::new()),
        attributes: Some("a,b, c".into()),
        excluded_attributes: Some("d".into()),
    };
    assert_eq!(search, expected);
    for (name, value) in
        [("count", "ten"), ("startIndex", "1.5"), ("count", ""), ("count", "-"), ("count", "1e3")]
    {
        refused(search.set_parameter(name, value), ScimType::InvalidValue, name);
    }
    for (value, number) in
        [("99999999999999999999", i64::MAX), ("-99999999999999999999", i64::MIN), (" 7 ", 7)]
    {
        search.set_parameter("count", value).unwrap();
        assert_eq!(search.count, Some(number));
    }
}

/// 7644-3.4.3-02, 7644-3.4.3-03, 9865-3-01: the body of a query.
#[test]
fn search_bodies() {
    let printed = SearchRequest::from_body(&map(rfc_example("protocol/search.request.json"))).unwrap();
    assert_eq!((printed.start_index, printed.count), (Some(1), Some(10)));
    assert_eq!(printed.attributes.as_deref(), Some("displayName,userName"));
    let cursor = SearchRequest::from_body(&map(rfc_example("cursor/search.request.json"))).unwrap();
    assert!(cursor.cursor.is_some() && cursor.count.is_some());
    let body = |parts: Value| {
        let mut body = map(parts);
        body.insert("schemas".into(), json!([schema::urn::SEARCH_REQUEST]));
        SearchRequest::from_body(&body)
    };
    assert_eq!(
        body(json!({ "attributes": "a,b", "COUNT": 5, "foo": 1, "filter": null })).unwrap().count,
        Some(5)
    );
    assert_eq!(body(json!({ "count": u64::MAX })).unwrap().count, Some(i64::MAX));
    for bad in [
        json!({ "count": "x" }),
        json!({ "startIndex": 1.5 }),
        json!({ "filter": 7 }),
        json!({ "attributes": [7] }),
        json!({ "attributes": {} }),
        json!({ "sortBy": [] }),
        json!({ "cursor": 1 }),
    ] {
        refused(body(bad), ScimType::InvalidValue, "must be");
    }
    for schemas in [json!([schema::urn::PATCH_OP]), json!([]), json!(null)] {
        let body = map(json!({ "schemas": schemas, "filter": "a pr" }));
        refused(SearchRequest::from_body(&body), ScimType::InvalidSyntax, schema::urn::SEARCH_REQUEST);
    }
    refused(SearchRequest::from_body(&map(json!({}))), ScimType::InvalidSyntax, "schemas");
    refused(body(json!({ "count": 1, "Count": 2 })), ScimType::InvalidSyntax, "twice");
}
