//! The directory: users with a role each, in groups of a hundred and in one of ten thousand.

use scim_core::{Document, End, LinkShape, LinkView, Registry, ResourceType, schema};
use scim_engine::store::{Batch, LinkKey, PutRecord, RecordKey, RecordRef, Write, indexed_values};
use serde_json::{Map, Value, json};

use super::{FIRST, USERS, tenant};

/// All writes, one batch after the other.
pub(super) fn batches(registry: &Registry) -> impl Iterator<Item = Batch> {
    let groups = std::iter::once_with(|| groups(registry));
    let users = (0..USERS / FIRST).map(move |batch| {
        let mut writes = Vec::with_capacity(FIRST * 4);
        for number in batch * FIRST..(batch + 1) * FIRST {
            user(registry, number, &mut writes);
        }
        writes
    });
    groups.chain(users).zip(999..).map(|(writes, now)| Batch { now, guards: Vec::new(), writes })
}

fn groups(registry: &Registry) -> Vec<Write> {
    let roles = [("r-1", "User"), ("r-2", "Viewer")];
    let mut writes: Vec<Write> =
        roles.iter().map(|(id, name)| put(registry, "Role", id, name, json!({}))).collect();
    for number in 0..1_000 {
        let name = format!("Group {number:03}");
        writes.push(put(registry, "Group", &format!("g-{number:03}"), &name, json!({ "displayName": name })));
    }
    writes
}

fn user(registry: &Registry, number: usize, writes: &mut Vec<Write>) {
    let (id, name) = (format!("u-{number:06}"), format!("Person {number:06}"));
    let mut document = json!({
        "userName": format!("person-{number:06}@example.com"),
        "externalId": format!("x-{number:06}"),
        "emails": [
            { "value": format!("mail-{number:06}@example.com"), "type": "work", "primary": true },
            { "value": format!("home-{number:06}@example.com"), "type": "home" },
        ],
        "title": format!("Engineer {}", number % 7),
        "active": true,
    });
    // Every tenth has none, so that there is a long run of absent values.
    if !number.is_multiple_of(10) || number == 0 {
        document["displayName"] = json!(name);
    }
    writes.push(put(registry, "User", &id, &name, document));
    let role = if number.is_multiple_of(100) { "r-2" } else { "r-1" };
    writes.push(link("role", RecordRef::new("Role", role), &id));
    // Each of the thousand groups has a hundred members; the group 0 has a tenth of all, besides.
    writes.push(link("member", RecordRef::new("Group", &format!("g-{:03}", number % 1_000)), &id));
    if number % 10 == 2 {
        writes.push(link("member", RecordRef::new("Group", "g-000"), &id));
    }
}

fn put(registry: &Registry, kind: &str, id: &str, name: &str, document: Value) -> Write {
    let Value::Object(document) = document else { panic!("a document is an object") };
    let document = Document::from_canonical(document);
    let form = registry.type_named(kind).map_or_else(Map::new, |def| def.match_form(&document));
    let record = PutRecord {
        key: RecordKey::new(&tenant().space(), kind, id),
        visible: true,
        name: Some(name.to_owned()),
        indexed: indexed_values(&form),
        document,
        extra: Map::new(),
        form,
    };
    Write::Put { record: Box::new(record), replaces: None }
}

fn link(relation: &'static str, owner: RecordRef, user: &str) -> Write {
    Write::Link(LinkKey { space: tenant().space(), relation, owner, member: RecordRef::new("User", user) })
}

const EXTENSION: &str = "urn:example:params:scim:schemas:extension:plans:2.0:User";

pub(super) fn registry() -> Registry {
    let view = |resource_type, attribute, relation, end, shape| LinkView {
        resource_type,
        extension: None,
        attribute,
        relation,
        end,
        shape,
        shows_hidden: false,
    };
    let direct = LinkShape::List { kind: Some("direct") };
    let role = schema::Attribute {
        case_exact: Some(true),
        ..schema::Attribute::new("userRole", schema::AttributeType::String)
    };
    let extension =
        schema::Schema { id: EXTENSION.to_owned(), name: None, description: None, attributes: vec![role] };
    Registry::builder()
        .schema(schema::user())
        .schema(schema::group())
        .schema(extension)
        .resource_type(ResourceType::new("User", "/Users", schema::urn::USER).with_extension(EXTENSION))
        .resource_type(ResourceType::new("Group", "/Groups", schema::urn::GROUP))
        .link(view("Group", "members", "member", End::Owner, LinkShape::List { kind: None }))
        .link(view("User", "groups", "member", End::Member, direct))
        .link(LinkView {
            extension: Some(EXTENSION),
            ..view("User", "userRole", "role", End::Member, LinkShape::Name)
        })
        .build()
        .expect("types that contradict nothing")
}
