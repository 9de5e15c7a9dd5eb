//! Schemas and resource types at start-up: what is served, and what is refused.

use scim_core::schema::{Attribute, AttributeType, Schema, Uniqueness};
use scim_core::{End, LinkShape, LinkView, Registry, RegistryError, ResourceType, schema};
use scim_testkit::data::rfc_example;
use serde_json::{Value, json};

use crate::world::{BASE, ENTERPRISE, GROUP, PROBE, REGISTRY, USER, probe, users};

fn schema_with(attributes: Vec<Attribute>) -> Schema {
    Schema { id: "urn:x:Thing".into(), name: None, description: None, attributes }
}

fn built(schema: Schema) -> Result<Registry, RegistryError> {
    Registry::builder()
        .schema(schema)
        .resource_type(ResourceType::new("Thing", "/Things", "urn:x:Thing"))
        .build()
}

fn attribute(name: &str) -> Attribute {
    Attribute::new(name, AttributeType::String)
}

/// 7643-2.1-02: names of attributes follow the grammar, and stand once.
#[test]
fn names_of_attributes() {
    for name in ["", "1a", "a b", "a.b", "a:b", "ä", "$", "$shown", "a["] {
        let result = built(schema_with(vec![attribute(name)]));
        assert!(matches!(result, Err(RegistryError::BadName { .. })), "{name}");
    }
    for name in ["a", "A1", "a-b", "a_b", "a$"] {
        assert!(built(schema_with(vec![attribute(name)])).is_ok(), "{name}");
    }
    let twice = built(schema_with(vec![attribute("a"), attribute("A")]));
    assert!(matches!(twice, Err(RegistryError::DuplicateAttribute { .. })));
    let reference =
        Attribute { sub_attributes: vec![attribute("$ref")], ..Attribute::new("a", AttributeType::Complex) };
    assert!(built(schema_with(vec![reference])).is_ok());
}

/// 7643-2.3.8-02: a complex attribute holds simple ones, and only a complex one does.
#[test]
fn complex_attributes() {
    let with = |kind, sub_attributes| Attribute { sub_attributes, ..Attribute::new("a", kind) };
    let nested = with(AttributeType::Complex, vec![with(AttributeType::Complex, vec![attribute("b")])]);
    for bad in [nested, with(AttributeType::Complex, vec![])] {
        assert!(matches!(built(schema_with(vec![bad])), Err(RegistryError::BadComplex { .. })));
    }
    let simple = with(AttributeType::String, vec![attribute("b")]);
    assert!(matches!(built(schema_with(vec![simple])), Err(RegistryError::UnexpectedParts { .. })));
}

/// 7643-7-11: only a single text, reference or whole number can be unique.
#[test]
fn unique_attributes() {
    let unique = |kind, multi_valued| Attribute {
        multi_valued,
        uniqueness: Some(Uniqueness::Server),
        ..Attribute::new("a", kind)
    };
    for (kind, multi_valued, fits) in [
        (AttributeType::String, false, true),
        (AttributeType::Integer, false, true),
        (AttributeType::Reference, false, true),
        (AttributeType::String, true, false),
        (AttributeType::Boolean, false, false),
        (AttributeType::Decimal, false, false),
    ] {
        assert_eq!(built(schema_with(vec![unique(kind, multi_valued)])).is_ok(), fits, "{kind:?}");
    }
}

/// 7643-6-01, 7643-6-02: resource types have names, endpoints and schemas of their own.
#[test]
fn resource_types() {
    let build = |types: Vec<ResourceType>| {
        let builder = Registry::builder().schema(schema::user()).schema(schema::group()).schema(probe());
        types.into_iter().fold(builder, scim_core::RegistryBuilder::resource_type).build().unwrap_err()
    };
    let users = || ResourceType::new("User", "/Users", USER);
    assert!(matches!(
        build(vec![users(), ResourceType::new("User", "/People", USER)]),
        RegistryError::DuplicateType(_)
    ));
    assert!(matches!(
        build(vec![users(), ResourceType::new("Person", "/users", USER)]),
        RegistryError::DuplicateType(_)
    ));
    assert!(matches!(
        build(vec![ResourceType::new("Cat", "/Cats", "urn:x:Cat")]),
        RegistryError::MissingSchema { .. }
    ));
    assert!(matches!(build(vec![users().with_extension(ENTERPRISE)]), RegistryError::MissingSchema { .. }));
    assert!(matches!(
        build(vec![users().with_extension(PROBE).with_extension(PROBE)]),
        RegistryError::DuplicateExtension { .. }
    ));
    assert!(matches!(build(vec![users().with_extension(USER)]), RegistryError::DuplicateExtension { .. }));
    for endpoint in [
        "Users",
        "/",
        "/a/b",
        "/a b",
        "",
        "/Schemas",
        "/ResourceTypes",
        "/ServiceProviderConfig",
        "/Bulk",
        "/me",
        "/.search",
    ] {
        assert!(
            matches!(build(vec![ResourceType::new("User", endpoint, USER)]), RegistryError::BadEndpoint(_)),
            "{endpoint}"
        );
    }
    for name in ["", "a b", "a/b"] {
        assert!(
            matches!(build(vec![ResourceType::new(name, "/Users", USER)]), RegistryError::BadTypeName(_)),
            "{name}"
        );
    }
    let twice = Registry::builder()
        .schema(schema::user())
        .schema(Schema { id: USER.to_uppercase(), ..schema::user() });
    assert!(matches!(twice.build(), Err(RegistryError::DuplicateSchema(_))));
    for id in ["thing", "urn:x y", "urn:x[y]", "urn:x\"y", "urn:ä"] {
        let bad = Schema { id: id.into(), ..schema_with(vec![]) };
        assert!(matches!(Registry::builder().schema(bad).build(), Err(RegistryError::BadUri(_))), "{id}");
    }
}

/// Links are shown where they fit, and once.
#[test]
fn links() {
    let view = |attribute, shape| LinkView {
        resource_type: "Group",
        extension: None,
        attribute,
        relation: "r",
        end: End::Owner,
        shape,
        shows_hidden: false,
    };
    let list = LinkShape::List { kind: None };
    let build = |views: Vec<LinkView>| {
        let builder = Registry::builder()
            .schema(schema::group())
            .resource_type(ResourceType::new("Group", "/Groups", GROUP));
        views.into_iter().fold(builder, scim_core::RegistryBuilder::link).build()
    };
    assert!(build(vec![view("members", list), view("displayName", LinkShape::Name)]).is_ok());
    // 7643-4.1.2-04: nobody writes what is reached through others.
    assert!(build(vec![view("members", LinkShape::Nested)]).is_err());
    for bad in [
        vec![view("nobody", list)],
        vec![view("Members", list)],
        vec![view("displayName", list)],
        vec![view("members", LinkShape::Name)],
        vec![view("displayName", LinkShape::Names)],
        vec![view("members", list), view("members", list)],
        vec![LinkView { resource_type: "Cat", ..view("members", list) }],
    ] {
        assert!(matches!(build(bad.clone()), Err(RegistryError::BadLink { .. })), "{bad:?}");
    }
}

/// 7644-3.2-01, 7643-6-01: types are found by name, and by endpoint in any letter case.
#[test]
fn look_up() {
    assert_eq!(REGISTRY.type_at("users").unwrap().name(), "User");
    assert_eq!(REGISTRY.type_at("GROUPS").unwrap().name(), "Group");
    assert!(REGISTRY.type_at("/Users").is_none() && REGISTRY.type_at("").is_none());
    assert!(REGISTRY.type_named("user").is_none());
    assert_eq!(users().extension(&PROBE.to_uppercase()).unwrap().id, PROBE);
    assert_eq!(users().base_attribute("USERNAME").unwrap().name, "userName");
    assert_eq!(REGISTRY.schemas().len(), 4);
}

/// 7643-6-01, 7643-6-02, 7644-4-07: a resource type as it is published.
#[test]
fn published_resource_types() {
    let published = users().resource_type().to_resource(BASE);
    assert_eq!(
        published,
        json!({
            "schemas": [schema::urn::RESOURCE_TYPE], "id": "User", "name": "User", "endpoint": "/Users", "schema": USER,
            "schemaExtensions": [{ "schema": ENTERPRISE, "required": false }, { "schema": PROBE, "required": false }],
            "meta": { "resourceType": "ResourceType", "location": format!("{BASE}/ResourceTypes/User") },
        })
    );
    for printed in rfc_example("resources/resource-types.json").as_array().unwrap() {
        let read: ResourceType = serde_json::from_value(printed.clone()).unwrap();
        assert_eq!(read.to_resource(BASE)["endpoint"], printed["endpoint"]);
    }
}

/// 7643-7-02, 7643-7-03, 7643-2.2-01: schemas as they are published, defaults spelled out and nothing null.
#[test]
fn published_schemas() {
    fn check(attribute: &Value) {
        for key in ["name", "type", "multiValued", "required", "mutability", "returned"] {
            assert!(!attribute[key].is_null(), "{attribute} lacks {key}");
        }
        let parts = attribute.as_object().unwrap();
        assert!(parts.values().all(|value| !value.is_null()));
        assert_eq!(attribute["type"] == "complex", parts.contains_key("subAttributes"));
        parts.get("subAttributes").and_then(Value::as_array).into_iter().flatten().for_each(check);
    }
    for schema in REGISTRY.schemas() {
        let published = schema.to_resource(BASE);
        assert_eq!(published["meta"]["location"], json!(format!("{BASE}/Schemas/{}", schema.id)));
        assert_eq!(published["schemas"], json!([schema::urn::SCHEMA]));
        published["attributes"].as_array().unwrap().iter().for_each(check);
    }
    let published = users().extension(PROBE).unwrap().to_resource(BASE);
    let attribute = |name: &str| {
        let attributes = published["attributes"].as_array().unwrap();
        attributes.iter().find(|attribute| attribute["name"] == name).unwrap().clone()
    };
    let defaults = json!({ "name": "plain", "type": "string", "multiValued": false, "required": false,
        "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none" });
    assert_eq!(attribute("plain"), defaults);
    assert_eq!(attribute("link")["caseExact"], json!(true));
    for (name, unique) in [("count", true), ("at", true), ("flag", false), ("blob", false), ("thing", false)]
    {
        assert_eq!(attribute(name).get("uniqueness").is_some(), unique, "{name}");
    }
    assert_eq!(attribute("count").get("caseExact"), None);
    assert_eq!(attribute("uniqueText")["uniqueness"], json!("server"));
}

/// 7643-7-02: the built-in schemas are the corrected ones of the examples, word for word.
#[test]
fn built_in_schemas() {
    for (schema, file) in
        [(schema::user(), "user"), (schema::group(), "group"), (schema::enterprise_user(), "enterprise-user")]
    {
        let printed = rfc_example(&format!("schemas/corrected/{file}.json"));
        assert_eq!(schema.to_resource(BASE)["attributes"], printed["attributes"], "{file}");
    }
}

/// 7643-6-02: an extension may be added to a type that is there, before it or after it.
#[test]
fn types_are_extended() {
    let thing = || ResourceType::new("Thing", "/Things", "urn:x:Thing");
    let more = || Schema { id: "urn:x:More".into(), ..schema_with(vec![attribute("b")]) };
    let base = || Registry::builder().schema(schema_with(vec![attribute("a")]));
    let before = base().extend("Thing", more()).resource_type(thing()).build().unwrap();
    let after = base().resource_type(thing()).extend("Thing", more()).build().unwrap();
    for registry in [before, after] {
        let def = registry.type_named("Thing").unwrap();
        assert!(def.extension("URN:x:more").is_some() && def.required_extensions().next().is_none());
    }
    let unknown = base().resource_type(thing()).extend("Other", more()).build();
    assert!(matches!(unknown, Err(RegistryError::UnknownType { .. })));
}
