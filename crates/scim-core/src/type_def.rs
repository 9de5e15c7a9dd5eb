//! A resource type ready for use: every attribute it has, found by name in any letter case.

use std::collections::HashMap;
use std::sync::Arc;

use scim_syntax::{AttrPath, PatchPath};

use crate::links::LinkView;
use crate::resource_type::ResourceType;
use crate::schema::{Attribute, AttributeType, Mutability, Returned, Schema, Uniqueness, urn};
use crate::text::Folding;

/// A resource type with its schemas, compiled for look-ups.
#[derive(Clone, Debug)]
pub struct TypeDef {
    resource_type: ResourceType,
    base: Arc<Schema>,
    extensions: Vec<ExtensionDef>,
    /// Attributes of the base schema and the common ones, by lower-case name.
    base_index: HashMap<String, Arc<Attribute>>,
    common: Vec<Arc<Attribute>>,
    links: Vec<LinkView>,
    /// What the standard defines for resources of this kind, kept by this server or not.
    standard: Arc<[Schema]>,
    /// Name and base schema of every resource type of the server.
    siblings: Arc<[(String, String)]>,
}

#[derive(Clone, Debug)]
pub(crate) struct ExtensionDef {
    pub(crate) schema: Arc<Schema>,
    pub(crate) required: bool,
}

/// What a name or path stands for in a resource type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Resolved<'d> {
    /// An attribute or sub-attribute.
    Attribute(Target<'d>),
    /// A whole extension, by its URI.
    Extension(&'d Schema),
    /// The base schema, by its URI.
    Base,
    /// An attribute of RFC 7643 that this server does not keep.
    NotKept,
    /// Nothing that is known.
    Unknown,
}

/// An attribute of a resource type, or a part of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target<'d> {
    /// The URI of the extension that holds it; none for the base schema.
    pub extension: Option<&'d str>,
    /// The attribute.
    pub attribute: &'d Attribute,
    /// The part of the attribute.
    pub sub: Option<&'d Attribute>,
    /// The links it shows, if it is not part of the document.
    pub link: Option<&'d LinkView>,
}

impl Target<'_> {
    /// The sub-attribute, or else the attribute.
    #[must_use]
    pub fn leaf(&self) -> &Attribute {
        self.sub.unwrap_or(self.attribute)
    }

    /// The path as a client would write it.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::new();
        if let Some(uri) = self.extension {
            path.push_str(uri);
            path.push(':');
        }
        path.push_str(&self.attribute.name);
        if let Some(sub) = self.sub {
            path.push('.');
            path.push_str(&sub.name);
        }
        path
    }

    /// How values are compared.
    #[must_use]
    pub fn folding(&self) -> Folding {
        folding(self.extension, self.attribute, self.leaf())
    }
}

/// How values of `leaf` are compared: `userName` as a user name, the rest as caseExact says.
pub(crate) fn folding(extension: Option<&str>, attribute: &Attribute, leaf: &Attribute) -> Folding {
    if leaf.is_case_exact() {
        Folding::Exact
    } else if extension.is_none() && attribute.name == "userName" {
        Folding::UserName
    } else {
        Folding::CaseFolded
    }
}

impl TypeDef {
    pub(crate) fn new(
        resource_type: ResourceType,
        base: Arc<Schema>,
        extensions: Vec<ExtensionDef>,
        links: Vec<LinkView>,
        standard: Arc<[Schema]>,
        siblings: Arc<[(String, String)]>,
    ) -> Self {
        let common: Vec<Arc<Attribute>> = common_attributes().into_iter().map(Arc::new).collect();
        let mut base_index: HashMap<String, Arc<Attribute>> = HashMap::new();
        for attribute in &base.attributes {
            base_index.insert(attribute.name.to_ascii_lowercase(), Arc::new(attribute.clone()));
        }
        // The rules for id, externalId, meta and schemas override a schema that lists them (7643-3.1-12).
        for attribute in &common {
            base_index.insert(attribute.name.to_ascii_lowercase(), Arc::clone(attribute));
        }
        Self { resource_type, base, extensions, base_index, common, links, standard, siblings }
    }

    /// No two resources may share an `externalId`.
    pub(crate) fn make_external_id_unique(&mut self) {
        for attribute in self.common.iter_mut().filter(|attribute| attribute.name == "externalId") {
            Arc::make_mut(attribute).uniqueness = Some(Uniqueness::Server);
            self.base_index.insert(attribute.name.to_ascii_lowercase(), Arc::clone(attribute));
        }
    }

    /// The resource type as it is published.
    #[must_use]
    pub fn resource_type(&self) -> &ResourceType {
        &self.resource_type
    }

    /// The name, such as `User`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.resource_type.name
    }

    /// The base schema.
    #[must_use]
    pub fn base(&self) -> &Schema {
        &self.base
    }

    /// The schemas of the extensions, in order.
    pub fn extensions(&self) -> impl Iterator<Item = &Schema> {
        self.extensions.iter().map(|extension| &*extension.schema)
    }

    /// The schemas of extensions that each resource must carry (7643-6-03).
    pub fn required_extensions(&self) -> impl Iterator<Item = &Schema> {
        self.extensions.iter().filter(|extension| extension.required).map(|extension| &*extension.schema)
    }

    /// The attributes that show links.
    #[must_use]
    pub fn links(&self) -> &[LinkView] {
        &self.links
    }

    /// The extension with that URI, whatever its letter case (7643-3-03).
    #[must_use]
    pub fn extension(&self, uri: &str) -> Option<&Schema> {
        self.extensions().find(|schema| schema.id.eq_ignore_ascii_case(uri))
    }

    /// Attributes of the base schema that a document may hold, `externalId` first.
    pub fn base_attributes(&self) -> impl Iterator<Item = &Attribute> {
        let external_id = self.common.iter().map(AsRef::as_ref).filter(|a| a.name == "externalId");
        external_id.chain(self.base.attributes.iter().filter(|a| !is_common(&a.name)))
    }

    /// Every attribute a document may hold, with the URI of its extension.
    pub fn attributes(&self) -> impl Iterator<Item = (Option<&str>, &Attribute)> {
        let base = self.base_attributes().map(|attribute| (None, attribute));
        base.chain(
            self.extensions()
                .flat_map(|schema| schema.attributes.iter().map(|a| (Some(schema.id.as_str()), a))),
        )
    }

    /// The attribute of the base schema, or common one, with that name.
    #[must_use]
    pub fn base_attribute(&self, name: &str) -> Option<&Attribute> {
        match self.base_index.get(name) {
            Some(found) => Some(found),
            None => self.base_index.get(&name.to_ascii_lowercase()).map(AsRef::as_ref),
        }
    }

    /// The attribute with its links, found in the extension or else in the base schema.
    #[must_use]
    pub fn target(&self, extension: Option<&str>, name: &str) -> Option<Target<'_>> {
        let (extension, attribute) = match extension {
            None => (None, self.base_attribute(name)?),
            Some(uri) => {
                let schema = self.extension(uri)?;
                (Some(schema.id.as_str()), schema.attribute(name)?)
            }
        };
        Some(Target { extension, attribute, sub: None, link: self.link(extension, &attribute.name) })
    }

    /// The links that the attribute shows, if it shows any.
    #[must_use]
    pub fn link(&self, extension: Option<&str>, attribute: &str) -> Option<&LinkView> {
        self.links.iter().find(|view| view.extension == extension && view.attribute == attribute)
    }

    /// Whether the URI is the base schema of another resource type (7644-3.3-07).
    pub(crate) fn is_base_of_another(&self, uri: &str) -> bool {
        let known = [urn::USER, urn::GROUP].into_iter();
        known
            .chain(self.siblings.iter().map(|(_, schema)| schema.as_str()))
            .any(|other| other.eq_ignore_ascii_case(uri) && !other.eq_ignore_ascii_case(&self.base.id))
    }

    /// Which resource type the `value` of the attribute is an id of, where that alone says what its
    /// `$ref` is (7643-4.3-01). Such a `$ref` is ours: it is printed and compared, and never stored.
    #[must_use]
    pub fn derived_reference<'a>(&self, attribute: &'a Attribute) -> Option<&'a str> {
        let value = attribute.sub_attribute("value")?;
        let reference = attribute.sub_attribute("$ref")?;
        let [resource_type] = reference.reference_types.as_slice() else { return None };
        let derived = value.kind == AttributeType::String
            && value.is_case_exact()
            && self.siblings.iter().any(|(name, _)| name == resource_type);
        derived.then_some(resource_type)
    }

    /// Finds what a path names.
    ///
    /// Known URIs are matched before anything is split, since URIs contain dots and colons
    /// (`idp-behaviour` tolerance 10). An unqualified name of an extension is found when no other
    /// attribute has it (7644-3.4.2.2-21).
    #[must_use]
    pub fn resolve(&self, path: &AttrPath<'_>) -> Resolved<'_> {
        let Some(uri) = path.schema() else {
            return self
                .resolve_unqualified(path.name().as_str(), path.sub().map(scim_syntax::AttrName::as_str));
        };
        let name = path.name().as_str();
        let sub = path.sub().map(scim_syntax::AttrName::as_str);
        if uri.eq_ignore_ascii_case(&self.base.id) {
            return match self.target(None, name) {
                Some(target) => self.with_sub(target, sub),
                None => self.resolve_standard(Some(uri), name, sub),
            };
        }
        if let Some(extension) = self.extension(uri) {
            return match self.target(Some(&extension.id), name) {
                Some(target) => self.with_sub(target, sub),
                None => self.resolve_standard(Some(uri), name, sub),
            };
        }
        self.resolve_bare_uri(path).unwrap_or_else(|| self.resolve_standard(Some(uri), name, sub))
    }

    /// A URI without an attribute, or with one behind a dot, as clients of old wrote it.
    fn resolve_bare_uri(&self, path: &AttrPath<'_>) -> Option<Resolved<'_>> {
        let text = path.to_string();
        if text.eq_ignore_ascii_case(&self.base.id) {
            return Some(Resolved::Base);
        }
        if let Some(extension) = self.extension(&text) {
            return Some(Resolved::Extension(extension));
        }
        for schema in self.extensions().chain([self.base()]) {
            if let Some(rest) = strip_uri(&text, &schema.id) {
                let (name, sub) = rest.split_once('.').map_or((rest, None), |(name, sub)| (name, Some(sub)));
                let extension = (schema.id != self.base.id).then_some(schema.id.as_str());
                return Some(self.target(extension, name).map_or_else(
                    || self.resolve_standard(Some(&schema.id), name, sub),
                    |t| self.with_sub(t, sub),
                ));
            }
        }
        if self.standard.iter().any(|schema| {
            schema.id.eq_ignore_ascii_case(&text)
                || strip_uri(&text, &schema.id)
                    .is_some_and(|rest| schema.attribute(rest.split('.').next().unwrap_or(rest)).is_some())
        }) {
            return Some(Resolved::NotKept);
        }
        None
    }

    fn resolve_unqualified(&self, name: &str, sub: Option<&str>) -> Resolved<'_> {
        if let Some(target) = self.target(None, name) {
            return self.with_sub(target, sub);
        }
        let mut found = self.extensions().filter(|schema| schema.attribute(name).is_some());
        match (found.next(), found.next()) {
            (Some(schema), None) => self
                .target(Some(&schema.id), name)
                .map_or(Resolved::Unknown, |target| self.with_sub(target, sub)),
            (Some(_), Some(_)) => Resolved::Unknown,
            (None, _) => self.resolve_standard(None, name, sub),
        }
    }

    /// As [`TypeDef::resolve`], for the path of a PATCH, whose brackets stand behind a list.
    pub(crate) fn resolve_patch(&self, path: &PatchPath<'_>) -> Resolved<'_> {
        let resolved = self.resolve(path.path());
        if path.filter().is_none() {
            return resolved;
        }
        match resolved {
            Resolved::Attribute(target) => {
                self.with_sub(target, path.sub().map(scim_syntax::AttrName::as_str))
            }
            Resolved::NotKept => Resolved::NotKept,
            // A schema is no list of values.
            Resolved::Extension(_) | Resolved::Base | Resolved::Unknown => Resolved::Unknown,
        }
    }

    /// As [`TypeDef::resolve`], for a name within the object under the URI of a schema.
    pub(crate) fn resolve_within(&self, extension: Option<&str>, path: &PatchPath<'_>) -> Resolved<'_> {
        if path.path().schema().is_some() {
            return Resolved::Unknown;
        }
        let uri = extension.unwrap_or(&self.base.id);
        let (name, sub) = (path.path().name().as_str(), path.sub().map(scim_syntax::AttrName::as_str));
        match self.target(extension, name) {
            Some(target) => self.with_sub(target, sub),
            None => self.resolve_standard(Some(uri), name, sub),
        }
    }

    fn with_sub<'d>(&'d self, target: Target<'d>, sub: Option<&str>) -> Resolved<'d> {
        let Some(sub) = sub else { return Resolved::Attribute(target) };
        match target.attribute.sub_attribute(sub) {
            Some(sub) => Resolved::Attribute(Target { sub: Some(sub), ..target }),
            None => {
                let uri = target.extension.unwrap_or(&self.base.id);
                self.resolve_standard(Some(uri), &target.attribute.name, Some(sub))
            }
        }
    }

    /// Whether the standard knows what this server does not keep (7644-3.5.2-07).
    fn resolve_standard(&self, uri: Option<&str>, name: &str, sub: Option<&str>) -> Resolved<'_> {
        let known = self
            .standard
            .iter()
            .filter(|schema| uri.is_none_or(|uri| schema.id.eq_ignore_ascii_case(uri)))
            .filter_map(|schema| schema.attribute(name))
            .any(|attribute| sub.is_none_or(|sub| attribute.sub_attribute(sub).is_some()));
        if known { Resolved::NotKept } else { Resolved::Unknown }
    }
}

/// What stands behind `uri` and a dot or colon.
fn strip_uri<'t>(text: &'t str, uri: &str) -> Option<&'t str> {
    let head = text.get(..uri.len())?;
    let rest = &text[uri.len()..];
    (head.eq_ignore_ascii_case(uri)).then_some(rest)?.strip_prefix(['.', ':'])
}

/// Whether the name is one of `schemas`, `id`, `externalId` and `meta`.
pub(crate) fn is_common(name: &str) -> bool {
    ["schemas", "id", "externalId", "meta"].iter().any(|common| common.eq_ignore_ascii_case(name))
}

/// The attributes every resource has ([RFC 7643 §3.1]).
///
/// [RFC 7643 §3.1]: https://www.rfc-editor.org/rfc/rfc7643#section-3.1
fn common_attributes() -> [Attribute; 4] {
    let read_only = |name: &str, kind, returned| Attribute {
        mutability: Mutability::ReadOnly,
        returned,
        case_exact: Some(true),
        ..Attribute::new(name, kind)
    };
    let schemas = Attribute {
        multi_valued: true,
        // URIs of schemas are compared without case, but for the server they are settled by the type.
        ..read_only("schemas", AttributeType::Reference, Returned::Always)
    };
    let id = Attribute {
        uniqueness: Some(Uniqueness::Server),
        ..read_only("id", AttributeType::String, Returned::Always)
    };
    let external_id =
        Attribute { case_exact: Some(true), ..Attribute::new("externalId", AttributeType::String) };
    let meta = Attribute {
        sub_attributes: vec![
            read_only("resourceType", AttributeType::String, Returned::Default),
            read_only("created", AttributeType::DateTime, Returned::Default),
            read_only("lastModified", AttributeType::DateTime, Returned::Default),
            read_only("location", AttributeType::Reference, Returned::Default),
            read_only("version", AttributeType::String, Returned::Default),
        ],
        ..read_only("meta", AttributeType::Complex, Returned::Default)
    };
    [schemas, id, external_id, meta]
}
