//! A directory in which the tests take place: users with two extensions, groups with members.

use std::sync::{Arc, LazyLock};

use scim_core::{
    BindContext, Desired, Document, End, FarEnd, Head, Leniency, LinkShape, LinkView, Linked, Links,
    Locations, Omitted, PatchRequest, Problem, Registry, ResourceType, ScimType, Selection, Subject, TypeDef,
    UnknownAttribute, Whole, schema, schema::Schema,
};
use serde_json::{Map, Value, json};

pub(crate) const USER: &str = schema::urn::USER;
pub(crate) const GROUP: &str = schema::urn::GROUP;
pub(crate) const ENTERPRISE: &str = schema::urn::ENTERPRISE_USER;
pub(crate) const PROBE: &str = "urn:ietf:params:scim:schemas:extension:probe:2.0:User";
pub(crate) const BASE: &str = "https://scim.example/scim/v2";

pub(crate) static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let member = |resource_type, attribute, end, kind| LinkView {
        resource_type,
        extension: None,
        attribute,
        relation: "member",
        end,
        shape: LinkShape::List { kind },
        shows_hidden: false,
    };
    Registry::builder()
        .schema(schema::user())
        .schema(schema::enterprise_user())
        .schema(probe())
        .schema(schema::group())
        .resource_type(
            ResourceType::new("User", "/Users", USER).with_extension(ENTERPRISE).with_extension(PROBE),
        )
        .resource_type(ResourceType::new("Group", "/Groups", GROUP))
        .link(member("User", "groups", End::Member, Some("direct")))
        .link(member("Group", "members", End::Owner, None))
        .build()
        .unwrap()
});

pub(crate) fn probe() -> Schema {
    Schema::from_json(include_str!("../data/probe-schema.json")).unwrap()
}

pub(crate) fn users() -> &'static Arc<TypeDef> {
    REGISTRY.type_named("User").unwrap()
}

pub(crate) fn groups() -> &'static Arc<TypeDef> {
    REGISTRY.type_named("Group").unwrap()
}

pub(crate) static LOCATIONS: LazyLock<Locations> = LazyLock::new(|| Locations {
    base: BASE.to_owned(),
    endpoints: vec![("User".into(), "/Users".into()), ("Group".into(), "/Groups".into())],
});

pub(crate) fn context() -> BindContext<'static> {
    BindContext { base: BASE, endpoints: &LOCATIONS.endpoints, unknown: UnknownAttribute::Refused }
}

pub(crate) fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

/// A user body: `schemas` and `userName` are added where they are missing.
pub(crate) fn user_body(body: Value) -> Map<String, Value> {
    let mut body = map(body);
    body.entry("schemas").or_insert_with(|| json!([USER]));
    body.entry("userName").or_insert_with(|| json!("lea"));
    body
}

pub(crate) fn create_with(leniency: Leniency, body: Value) -> Result<Desired, Problem> {
    users().create(user_body(body), leniency).map_err(|error| error.problem())
}

pub(crate) fn create(body: Value) -> Result<Desired, Problem> {
    create_with(Leniency::default(), body)
}

/// A stored user.
#[track_caller]
pub(crate) fn user(body: Value) -> Document {
    create(body).unwrap().document
}

/// A stored user with values of the probe extension.
#[track_caller]
pub(crate) fn probe_user(values: Value) -> Document {
    user(json!({ PROBE: values }))
}

pub(crate) fn put_with(current: &Document, omitted: Omitted, body: Value) -> Result<Desired, Problem> {
    let desired = users().replace(current, user_body(body), Leniency::default(), omitted);
    desired.map_err(|error| error.problem())
}

pub(crate) fn put(current: &Document, body: Value) -> Result<Desired, Problem> {
    put_with(current, Omitted::Cleared, body)
}

pub(crate) fn patch_of(
    def: &TypeDef,
    leniency: Leniency,
    current: &Document,
    operations: Value,
) -> Result<Desired, Problem> {
    let body = json!({ "schemas": [schema::urn::PATCH_OP], "Operations": operations });
    let request = PatchRequest::read(map(body), leniency).map_err(|error| error.problem())?;
    def.patch(current, request, leniency, &context()).map_err(|error| error.problem())
}

pub(crate) fn patch(current: &Document, operations: Value) -> Result<Desired, Problem> {
    patch_of(users(), Leniency::default(), current, operations)
}

/// The document after operations that succeed.
#[track_caller]
pub(crate) fn patched(current: &Document, operations: Value) -> Document {
    patch(current, operations.clone()).unwrap_or_else(|problem| panic!("{operations}: {problem}")).document
}

/// The keyword of a refusal with status 400, and what its detail must mention.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Problem>, keyword: ScimType, mentions: &str) {
    let problem = result.unwrap_err();
    assert_eq!((problem.status, problem.scim_type), (400, Some(keyword)), "{problem}");
    assert!(problem.detail.contains(mentions), "{problem} does not mention {mentions}");
}

/// What a client sees of a stored user.
pub(crate) fn shown(document: &Document, selection: &Selection) -> Map<String, Value> {
    shown_with(users(), document, &Linked::new(), selection)
}

pub(crate) fn shown_with(
    def: &TypeDef,
    document: &Document,
    linked: &Linked,
    selection: &Selection,
) -> Map<String, Value> {
    let head = Head { id: "1", created: 0, modified: 1_000, version: "W/\"1.0\"" };
    let whole = Whole { head: &head, document, linked, shown: &Map::new() };
    def.represent(&whole, &def.select(selection), &LOCATIONS, &|_| false)
}

/// What a filter says about a user with the far ends of its links.
pub(crate) fn select_linked(
    def: &TypeDef,
    filter: &str,
    document: &Document,
    ends: &[FarEnd],
) -> Result<bool, Problem> {
    let filter = scim_core::syntax::parse_filter(filter)
        .map_err(|error| Problem::bad_request(ScimType::InvalidFilter, error.to_string()))?;
    let predicate = def
        .bind(&filter, &context())
        .map_err(|error| Problem::bad_request(ScimType::InvalidFilter, error.to_string()))?;
    let form = def.match_form(document);
    let links = |_: Links| ends.to_vec();
    let subject = Subject {
        id: "1",
        created: 1_767_315_845_678,
        modified: 1_767_315_846_000,
        version: "W/\"1.0\"",
        form: &form,
        links: &links,
    };
    Ok(predicate.matches(&subject))
}

pub(crate) fn select(filter: &str, document: &Document) -> Result<bool, Problem> {
    select_linked(users(), filter, document, &[])
}

/// Filters and what each says about the document.
#[track_caller]
pub(crate) fn selects(document: &Document, filters: &[(&str, bool)]) {
    for (filter, expected) in filters {
        assert_eq!(select(filter, document), Ok(*expected), "{filter}");
    }
}

pub(crate) fn far_end(kind: &str, id: &str, name: &str) -> FarEnd {
    FarEnd { resource_type: kind.into(), id: id.into(), name: Some(name.into()), visible: true, direct: true }
}
