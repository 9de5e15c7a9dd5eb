//! Strategies that generate resources, filters, orders and PATCHes, for property tests with proptest.
//!
//! Values come from small pools, so that they collide: letter case, composed and decomposed
//! characters, whole numbers and fractions, one instant in several zones.
//!
//! ```
//! use proptest::prelude::*;
//! use scim_core::{Leniency, arbitrary};
//!
//! let registry = arbitrary::registry_for_tests();
//! let users = registry.type_named("User").unwrap();
//! proptest!(|(body in arbitrary::bodies(users))| {
//!     prop_assert!(users.create(body, Leniency::default()).is_ok());
//! });
//! ```

mod filters;
mod patches;
mod pools;
mod resources;

pub use filters::{filters, orders};
pub use patches::{any_body, any_patch, operations};
pub use pools::{any_json, texts};
pub use resources::{bodies, documents, far_ends};

use crate::schema::{Attribute, AttributeType, Mutability, Schema, urn};
use crate::{End, LinkShape, LinkView, Registry, ResourceType, TypeDef};

/// The URI of the extension that has one attribute of each kind.
pub const PROBE: &str = "urn:ietf:params:scim:schemas:extension:probe:2.0:User";

/// The URI of the extension whose attributes show links.
pub const LINKED: &str = "urn:ietf:params:scim:schemas:extension:linked.example:2.0:User";

/// Users with the enterprise extension, [`PROBE`] and [`LINKED`], and groups with members.
///
/// Users show their groups (relation `member`), one role by name and several teams in one text.
#[must_use]
pub fn registry_for_tests() -> Registry {
    let probe = Schema::from_json(include_str!("../tests/data/probe-schema.json"));
    let teams = Attribute { case_exact: Some(true), ..Attribute::new("teams", AttributeType::String) };
    let linked = Schema {
        id: LINKED.to_owned(),
        name: None,
        description: None,
        attributes: vec![Attribute::new("role", AttributeType::String), teams],
    };
    let view = |resource_type, extension, attribute, relation, end, shape| LinkView {
        resource_type,
        extension,
        attribute,
        relation,
        end,
        shape,
        shows_hidden: extension.is_some(),
    };
    let list = |kind| LinkShape::List { kind };
    let users = ResourceType::new("User", "/Users", urn::USER);
    let registry = Registry::builder()
        .schema(crate::schema::user())
        .schema(crate::schema::enterprise_user())
        .schema(probe.expect("a test reads the schema"))
        .schema(linked)
        .schema(crate::schema::group())
        .resource_type(
            users.with_extension(urn::ENTERPRISE_USER).with_extension(PROBE).with_extension(LINKED),
        )
        .resource_type(ResourceType::new("Group", "/Groups", urn::GROUP))
        .link(view("User", None, "groups", "member", End::Member, list(Some("direct"))))
        .link(view("User", Some(LINKED), "role", "role", End::Member, LinkShape::Name))
        .link(view("User", Some(LINKED), "teams", "team", End::Member, LinkShape::Names))
        .link(view("Group", None, "members", "member", End::Owner, list(None)));
    registry.build().expect("a test builds the registry")
}

/// An attribute, or a part of one, as the generators see it.
#[derive(Clone, Debug)]
struct Leaf {
    /// The URI of its extension.
    extension: Option<String>,
    /// The attribute.
    name: String,
    /// The part.
    sub: Option<String>,
    kind: AttributeType,
    /// Whether the attribute is a list.
    list: bool,
    /// Whether it shows links.
    linked: bool,
    writable: bool,
}

impl Leaf {
    fn path(&self) -> String {
        let mut path = self.extension.as_ref().map_or_else(String::new, |uri| format!("{uri}:"));
        path.push_str(&self.name);
        if let Some(sub) = &self.sub {
            path.push('.');
            path.push_str(sub);
        }
        path
    }

    /// The path without the part.
    fn list_path(&self) -> String {
        Self { sub: None, ..self.clone() }.path()
    }
}

/// Everything of the type that a filter may ask for, but for `id`, `schemas` and `meta`.
fn leaves(def: &TypeDef) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    for (extension, attribute) in def.attributes().filter(|(_, attribute)| !attribute.is_secret()) {
        let whole = Leaf {
            extension: extension.map(str::to_owned),
            name: attribute.name.clone(),
            sub: None,
            kind: attribute.kind,
            list: attribute.multi_valued,
            linked: def.link(extension, &attribute.name).is_some(),
            writable: attribute.mutability == Mutability::ReadWrite,
        };
        let parts = attribute.sub_attributes.iter().filter(|sub| !sub.is_secret());
        let parts: Vec<Leaf> = parts
            .map(|sub| Leaf {
                sub: Some(sub.name.clone()),
                kind: sub.kind,
                writable: whole.writable && sub.mutability == Mutability::ReadWrite,
                ..whole.clone()
            })
            .collect();
        leaves.push(whole);
        leaves.extend(parts);
    }
    leaves
}
