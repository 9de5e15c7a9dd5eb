//! Area 2: the `schemas` list, common attributes, extensions.

use scim_core::schema::urn;
use scim_core::{Document, Leniency, Problem, ScimType, Selection, Tolerance};
use serde_json::{Value, json};

use crate::world::{
    ENTERPRISE, GROUP, PROBE, USER, create, create_with, groups, map, patched, refused, select, shown, user,
};

fn schemas_of(document: &Document) -> Value {
    shown(document, &Selection::Default)["schemas"].clone()
}

/// 7643-3-01: a body says of which schemas it is.
#[test]
fn schemas_are_required() {
    for schemas in [json!(null), json!([]), json!({}), json!(7), json!([7])] {
        refused(create(json!({ "schemas": schemas })), ScimType::InvalidSyntax, "schemas");
    }
    let without = groups().create(map(json!({ "displayName": "G" })), Leniency::default());
    refused(without.map_err(|error| error.problem()), ScimType::InvalidSyntax, "schemas");
}

/// 7643-3-02, 7643-3-03: unknown URIs are dropped; repeats, order and letter case say nothing.
#[test]
fn unknown_and_repeated_schemas() {
    let upper = USER.to_uppercase();
    for schemas in [
        json!([USER, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/User"]),
        json!([USER, USER, PROBE]),
        json!([PROBE, USER]),
        json!([upper]),
        json!(USER),
    ] {
        assert_eq!(schemas_of(&user(json!({ "schemas": schemas }))), json!([USER]), "{schemas}");
    }
}

/// 7643-3-04, 7644-3.3-07: the base schema may be left out, but it may not be another one.
#[test]
fn base_schema() {
    assert_eq!(schemas_of(&user(json!({ "schemas": ["urn:scim:schemas:core:1.0"] }))), json!([USER]));
    refused(create(json!({ "schemas": [GROUP] })), ScimType::InvalidSyntax, GROUP);
    refused(create(json!({ "schemas": [USER, GROUP] })), ScimType::InvalidSyntax, GROUP);
    let user_as_group =
        groups().create(map(json!({ "schemas": [USER], "displayName": "x" })), Leniency::default());
    refused(user_as_group.map_err(|error| error.problem()), ScimType::InvalidSyntax, USER);
}

/// 7643-3-05, 7643-3.3-01: an extension is listed as long as it has data, sent under its URI or not.
#[test]
fn extensions_in_use() {
    let document = user(json!({ "schemas": [USER], ENTERPRISE: { "employeeNumber": "7" } }));
    assert_eq!(schemas_of(&document), json!([USER, ENTERPRISE]));
    assert_eq!(shown(&document, &Selection::Default)[ENTERPRISE], json!({ "employeeNumber": "7" }));
    assert_eq!(document.text("employeeNumber"), None);
    assert_eq!(schemas_of(&user(json!({ "schemas": [USER, ENTERPRISE] }))), json!([USER]));
    let cleared =
        patched(&document, json!([{ "op": "remove", "path": format!("{ENTERPRISE}:employeeNumber") }]));
    assert_eq!(schemas_of(&cleared), json!([USER]));
    // Judged by the data, not by what is shown of it.
    let selection = Selection::new(Some("userName"), None).unwrap();
    assert_eq!(shown(&document, &selection)["schemas"], json!([USER, ENTERPRISE]));
}

/// 7643-3.3-01, 7643-3-04: which tolerances stood in for missing URIs.
#[test]
fn missing_schemas_are_noted() {
    let fired = |body| create(body).unwrap().fired.iter().collect::<Vec<_>>();
    assert_eq!(fired(json!({ PROBE: { "text": "x" } })), [Tolerance::MissingSchema]);
    assert_eq!(fired(json!({ "schemas": [USER, PROBE], PROBE: { "text": "x" } })), []);
    assert_eq!(fired(json!({ PROBE: {} })), []);
    assert_eq!(fired(json!({ "schemas": [PROBE] })), [Tolerance::MissingSchema]);
    assert_eq!(fired(json!({ "schemas": [USER, "urn:x:y"] })), [Tolerance::UnknownSchema]);
}

/// 7643-3.1-01, 7643-3.1-07: the server says what `id` and `meta` are.
#[test]
fn id_and_meta_are_ignored() {
    let body = json!({ "id": "mine", "meta": { "resourceType": "Cat", "created": 7 }, "groups": [{ "value": "g" }] });
    assert_eq!(user(body), user(json!({})));
    let shown = shown(&user(json!({})), &Selection::Default);
    assert_eq!(shown["id"], json!("1"));
    assert_eq!(
        shown["meta"],
        json!({ "resourceType": "User", "created": "1970-01-01T00:00:00.000Z",
            "lastModified": "1970-01-01T00:00:01.000Z", "location": "https://scim.example/scim/v2/Users/1",
            "version": "W/\"1.0\"" })
    );
}

/// 7643-3.1-05, 7643-3.1-06: `externalId` is the client's, exact in letter case.
#[test]
fn external_id() {
    assert_eq!(user(json!({})).text("externalId"), None);
    let document = user(json!({ "externalId": "aB" }));
    assert_eq!(select("externalId eq \"aB\"", &document), Ok(true));
    assert_eq!(select("externalId eq \"ab\"", &document), Ok(false));
}

/// 7643-3.1-12: a schema cannot change what `id`, `externalId` and `meta` are.
#[test]
fn common_attributes_in_a_schema() {
    let schema = scim_core::schema::Schema::from_json(
        r#"{ "id": "urn:x:Pet", "attributes": [{ "name": "ID", "caseExact": false, "mutability": "readWrite" },
            { "name": "externalId", "caseExact": false }, { "name": "name" }] }"#,
    );
    let registry = scim_core::Registry::builder()
        .schema(schema.unwrap())
        .resource_type(scim_core::ResourceType::new("Pet", "/Pets", "urn:x:Pet"))
        .build()
        .unwrap();
    let pets = registry.type_named("Pet").unwrap();
    let body = json!({ "schemas": ["urn:x:Pet"], "id": "x", "externalId": "E", "name": "N" });
    let desired = pets.create(map(body), Leniency::default()).unwrap();
    assert_eq!(json!(desired.document), json!({ "externalId": "E", "name": "N" }));
    assert!(pets.base_attribute("externalId").unwrap().is_case_exact());
    assert_eq!(pets.attributes().map(|(_, a)| a.name.as_str()).collect::<Vec<_>>(), ["externalId", "name"]);
}

/// 7644-3.3-08, 7643-3-02, A07: strict settings refuse what they do not know.
#[test]
fn strict_schemas() {
    let strict = |body| create_with(Leniency::strict(), body);
    let refused = |result: Result<_, Problem>, mentions| refused(result, ScimType::InvalidSyntax, mentions);
    assert!(strict(json!({})).is_ok());
    refused(strict(json!({ "schemas": [USER, "urn:x:y"] })), "urn:x:y");
    refused(strict(json!({ "schemas": [PROBE] })), USER);
    refused(strict(json!({ PROBE: { "text": "x" } })), PROBE);
    refused(strict(json!({ "schemas": USER })), "schemas");
    refused(strict(json!({ "shoeSize": 42 })), "shoeSize");
    refused(strict(json!({ "name": { "nick": "x" } })), "nick");
    refused(strict(json!({ "schemas": [USER, PROBE], PROBE: { "shoeSize": 1 } })), "shoeSize");
    refused(strict(json!({ "schemas": [urn::PATCH_OP, USER] })), urn::PATCH_OP);
}
