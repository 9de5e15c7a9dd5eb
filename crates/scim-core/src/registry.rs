//! The schemas and resource types of a server, checked once at start-up.

use std::collections::HashSet;
use std::sync::Arc;

use crate::links::{LinkShape, LinkView};
use crate::represent::Locations;
use crate::resource_type::{ResourceType, SchemaExtension};
use crate::schema::{self, Attribute, AttributeType, Mutability, Schema};
use crate::type_def::{ExtensionDef, TypeDef, is_common};

/// Every resource type that a server offers.
#[derive(Clone, Debug)]
pub struct Registry {
    schemas: Vec<Arc<Schema>>,
    types: Vec<Arc<TypeDef>>,
}

/// Collects schemas, resource types and link views for a [`Registry`].
#[derive(Clone, Debug, Default)]
pub struct RegistryBuilder {
    schemas: Vec<Schema>,
    types: Vec<ResourceType>,
    extensions: Vec<(String, SchemaExtension)>,
    links: Vec<LinkView>,
    /// The resource types and attributes whose links are nested.
    nested: Vec<(String, String)>,
    unique_external_ids: bool,
}

/// Why schemas and resource types do not fit together.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RegistryError {
    /// Two schemas share a URI.
    #[error("the schema `{0}` is registered twice")]
    DuplicateSchema(String),
    /// Two resource types share a name or an endpoint.
    #[error("two resource types share the name or endpoint `{0}`")]
    DuplicateType(String),
    /// A resource type names a schema that nobody registered.
    #[error("the resource type `{resource_type}` needs the schema `{schema}`, which is not registered")]
    MissingSchema {
        /// The resource type.
        resource_type: String,
        /// The URI.
        schema: String,
    },
    /// An extension is for a resource type that nobody registered.
    #[error("the schema `{schema}` extends `{name}`, a resource type that is not registered")]
    UnknownType {
        /// The resource type.
        name: String,
        /// The URI.
        schema: String,
    },
    /// A resource type names a schema twice.
    #[error("the resource type `{resource_type}` names the schema `{schema}` twice")]
    DuplicateExtension {
        /// The resource type.
        resource_type: String,
        /// The URI.
        schema: String,
    },
    /// The name of a resource type cannot stand in a URI.
    #[error("the resource type `{0}` needs a name of letters, digits, `-` and `_`")]
    BadTypeName(String),
    /// An endpoint is not one path segment behind a slash.
    #[error("the endpoint `{0}` must be one path segment behind a slash, such as `/Users`")]
    BadEndpoint(String),
    /// A schema URI cannot stand in a path.
    #[error("the schema URI `{0}` must hold a colon and neither blanks nor brackets")]
    BadUri(String),
    /// The name of an attribute does not follow the grammar (7643-2.1-02).
    #[error(
        "`{attribute}` in `{schema}` is no attribute name: a letter, then letters, digits, `-`, `_`, `$`"
    )]
    BadName {
        /// The URI.
        schema: String,
        /// The name.
        attribute: String,
    },
    /// Two attributes differ only in letter case.
    #[error("the attribute `{attribute}` stands twice in `{schema}`")]
    DuplicateAttribute {
        /// The URI.
        schema: String,
        /// The name.
        attribute: String,
    },
    /// A complex attribute holds a complex one, or none at all (7643-2.3.8-02).
    #[error(
        "the complex attribute `{attribute}` of `{schema}` must hold simple sub-attributes, at least one"
    )]
    BadComplex {
        /// The URI.
        schema: String,
        /// The name.
        attribute: String,
    },
    /// A simple attribute holds sub-attributes.
    #[error("`{attribute}` of `{schema}` is not complex, so it has no sub-attributes")]
    UnexpectedParts {
        /// The URI.
        schema: String,
        /// The name.
        attribute: String,
    },
    /// Uniqueness is asked of something that has no single simple value.
    #[error(
        "`{attribute}` of `{schema}` cannot be unique: only single-valued strings, references and integers can"
    )]
    BadUniqueness {
        /// The URI.
        schema: String,
        /// The name.
        attribute: String,
    },
    /// A link view names what is not there, or an attribute of another shape.
    #[error("the links of `{resource_type}` cannot be shown in `{attribute}`: {reason}")]
    BadLink {
        /// The resource type.
        resource_type: String,
        /// The attribute.
        attribute: String,
        /// What is wrong.
        reason: &'static str,
    },
}

impl Registry {
    /// Starts an empty registry.
    #[must_use]
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::default()
    }

    /// The resource types, in order of registration.
    #[must_use]
    pub fn types(&self) -> &[Arc<TypeDef>] {
        &self.types
    }

    /// The schemas of resources, in order of registration.
    #[must_use]
    pub fn schemas(&self) -> &[Arc<Schema>] {
        &self.schemas
    }

    /// The resource type of that name.
    #[must_use]
    pub fn type_named(&self, name: &str) -> Option<&Arc<TypeDef>> {
        self.types.iter().find(|def| def.name() == name)
    }

    /// Where the resources of each type are, below `base`, such as `https://example.com/scim/v2`.
    #[must_use]
    pub fn locations(&self, base: &str) -> Locations {
        let endpoint = |def: &Arc<TypeDef>| (def.name().to_owned(), def.resource_type().endpoint.clone());
        let endpoints = self.types.iter().map(endpoint).collect();
        Locations { base: base.trim_end_matches('/').to_owned(), endpoints }
    }

    /// The resource type at that endpoint, given without slash and in any letter case (7644-3.2-01).
    #[must_use]
    pub fn type_at(&self, endpoint: &str) -> Option<&Arc<TypeDef>> {
        self.types.iter().find(|def| def.resource_type().endpoint[1..].eq_ignore_ascii_case(endpoint))
    }
}

impl RegistryBuilder {
    /// Adds a schema.
    #[must_use]
    pub fn schema(mut self, schema: Schema) -> Self {
        self.schemas.push(schema);
        self
    }

    /// Adds a resource type.
    #[must_use]
    pub fn resource_type(mut self, resource_type: ResourceType) -> Self {
        self.types.push(resource_type);
        self
    }

    /// Adds a schema whose attributes resources of a type may carry, as an extension that is not required.
    ///
    /// The type may be added before or afterwards.
    #[must_use]
    pub fn extend(mut self, resource_type: &str, schema: Schema) -> Self {
        let extension = SchemaExtension { schema: schema.id.clone(), required: false };
        self.extensions.push((resource_type.to_owned(), extension));
        self.schema(schema)
    }

    /// Says that an attribute shows links.
    #[must_use]
    pub fn link(mut self, view: LinkView) -> Self {
        self.links.push(view);
        self
    }

    /// Says that an attribute which lists links lists what is reached through others as well, as
    /// [`LinkShape::Nested`] says (7643-4.1.2-04): `with_nested("User", "groups")` shows the indirect groups of
    /// users.
    ///
    /// The link may be added before or afterwards.
    #[must_use]
    pub fn with_nested(mut self, resource_type: &str, attribute: &str) -> Self {
        self.nested.push((resource_type.to_owned(), attribute.to_owned()));
        self
    }

    /// Says that no two resources of a type and tenant may share an `externalId` (7643-3.1-06); by default
    /// they may, for clients do not know of each other.
    #[must_use]
    pub fn with_unique_external_ids(mut self) -> Self {
        self.unique_external_ids = true;
        self
    }

    /// Checks everything and compiles the resource types.
    ///
    /// # Errors
    ///
    /// Returns the first [`RegistryError`] found.
    pub fn build(mut self) -> Result<Registry, RegistryError> {
        for (name, extension) in std::mem::take(&mut self.extensions) {
            match self.types.iter_mut().find(|resource_type| resource_type.name == name) {
                Some(resource_type) => resource_type.schema_extensions.push(extension),
                None => return Err(RegistryError::UnknownType { name, schema: extension.schema }),
            }
        }
        for (resource_type, attribute) in std::mem::take(&mut self.nested) {
            let named = |view: &&mut LinkView| {
                view.resource_type == resource_type && view.attribute == attribute && view.shape.is_list()
            };
            match self.links.iter_mut().find(named) {
                Some(view) => view.shape = LinkShape::Nested,
                None => {
                    let reason = "it lists no links";
                    return Err(RegistryError::BadLink { resource_type, attribute, reason });
                }
            }
        }
        let mut uris = HashSet::new();
        for schema in &self.schemas {
            if !uris.insert(schema.id.to_ascii_lowercase()) {
                return Err(RegistryError::DuplicateSchema(schema.id.clone()));
            }
            check_schema(schema)?;
        }
        let schemas: Vec<Arc<Schema>> = self.schemas.into_iter().map(Arc::new).collect();
        let standard: Arc<[Schema]> =
            [schema::user(), schema::group(), schema::enterprise_user()].into_iter().collect();
        let siblings: Arc<[(String, String)]> =
            self.types.iter().map(|kind| (kind.name.clone(), kind.schema.clone())).collect();
        let mut names = HashSet::new();
        let mut types = Vec::with_capacity(self.types.len());
        for resource_type in self.types {
            for key in [resource_type.name.clone(), resource_type.endpoint.to_ascii_lowercase()] {
                if !names.insert(key.clone()) {
                    return Err(RegistryError::DuplicateType(key));
                }
            }
            check_endpoint(&resource_type.endpoint)?;
            let find = |uri: &str| {
                schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(uri)).cloned().ok_or_else(|| {
                    RegistryError::MissingSchema {
                        resource_type: resource_type.name.clone(),
                        schema: uri.to_owned(),
                    }
                })
            };
            check_type_name(&resource_type.name)?;
            let base = find(&resource_type.schema)?;
            let mut used = HashSet::from([base.id.to_ascii_lowercase()]);
            for extension in &resource_type.schema_extensions {
                if !used.insert(extension.schema.to_ascii_lowercase()) {
                    return Err(RegistryError::DuplicateExtension {
                        resource_type: resource_type.name.clone(),
                        schema: extension.schema.clone(),
                    });
                }
            }
            let extensions = resource_type
                .schema_extensions
                .iter()
                .map(|extension| {
                    find(&extension.schema)
                        .map(|schema| ExtensionDef { schema, required: extension.required })
                })
                .collect::<Result<Vec<_>, _>>()?;
            let links: Vec<LinkView> =
                self.links.iter().filter(|view| view.resource_type == resource_type.name).cloned().collect();
            let standard = standard_for(&resource_type, &standard);
            let mut def =
                TypeDef::new(resource_type, base, extensions, links, standard, Arc::clone(&siblings));
            if self.unique_external_ids {
                def.make_external_id_unique();
            }
            check_links(&def)?;
            types.push(Arc::new(def));
        }
        for view in &self.links {
            if !types.iter().any(|def| def.name() == view.resource_type) {
                return Err(bad_link(view, "the resource type is not registered"));
            }
        }
        Ok(Registry { schemas, types })
    }
}

/// What the standard defines for a type: User with its extension, Group, or nothing.
fn standard_for(resource_type: &ResourceType, standard: &[Schema]) -> Arc<[Schema]> {
    let uris: &[&str] = match resource_type.schema.as_str() {
        schema::urn::USER => &[schema::urn::USER, schema::urn::ENTERPRISE_USER],
        schema::urn::GROUP => &[schema::urn::GROUP],
        _ => &[],
    };
    standard.iter().filter(|schema| uris.contains(&schema.id.as_str())).cloned().collect()
}

/// The name is the last segment of a URI below `/ResourceTypes` (7643-6-01).
fn check_type_name(name: &str) -> Result<(), RegistryError> {
    if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) {
        Ok(())
    } else {
        Err(RegistryError::BadTypeName(name.to_owned()))
    }
}

fn check_endpoint(endpoint: &str) -> Result<(), RegistryError> {
    let segment = endpoint.strip_prefix('/').unwrap_or_default();
    let plain =
        !segment.is_empty() && segment.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let reserved = ["schemas", "resourcetypes", "serviceproviderconfig", "bulk", "me"];
    if plain && !reserved.contains(&segment.to_ascii_lowercase().as_str()) {
        Ok(())
    } else {
        Err(RegistryError::BadEndpoint(endpoint.to_owned()))
    }
}

fn check_schema(schema: &Schema) -> Result<(), RegistryError> {
    let plain = |c: char| c.is_ascii_graphic() && !"[]()\"\\".contains(c);
    if !schema.id.contains(':') || !schema.id.chars().all(plain) {
        return Err(RegistryError::BadUri(schema.id.clone()));
    }
    check_names(schema, &schema.attributes)?;
    // A leading `$` is for `$ref` (7643-2.1-02); at the top level the match form has keys of its own.
    if let Some(attribute) = schema.attributes.iter().find(|attribute| attribute.name.starts_with('$')) {
        let (schema, attribute) = (schema.id.clone(), attribute.name.clone());
        return Err(RegistryError::BadName { schema, attribute });
    }
    schema.attributes.iter().try_for_each(|attribute| check_attribute(schema, attribute))
}

fn check_names(schema: &Schema, attributes: &[Attribute]) -> Result<(), RegistryError> {
    let mut names = HashSet::new();
    for attribute in attributes {
        let fault = || (schema.id.clone(), attribute.name.clone());
        if attribute.name.parse::<scim_syntax::AttrName<'_>>().is_err() {
            let (schema, attribute) = fault();
            return Err(RegistryError::BadName { schema, attribute });
        }
        if !names.insert(attribute.name.to_ascii_lowercase()) {
            let (schema, attribute) = fault();
            return Err(RegistryError::DuplicateAttribute { schema, attribute });
        }
    }
    Ok(())
}

fn check_attribute(schema: &Schema, attribute: &Attribute) -> Result<(), RegistryError> {
    let named = |attribute: &Attribute| (schema.id.clone(), attribute.name.clone());
    let complex = attribute.kind == AttributeType::Complex;
    if complex {
        let simple = |sub: &Attribute| sub.kind != AttributeType::Complex;
        if attribute.sub_attributes.is_empty() || !attribute.sub_attributes.iter().all(simple) {
            let (schema, attribute) = named(attribute);
            return Err(RegistryError::BadComplex { schema, attribute });
        }
        check_names(schema, &attribute.sub_attributes)?;
        attribute.sub_attributes.iter().try_for_each(|sub| check_attribute(schema, sub))?;
    } else if !attribute.sub_attributes.is_empty() {
        let (schema, attribute) = named(attribute);
        return Err(RegistryError::UnexpectedParts { schema, attribute });
    }
    if attribute.is_unique() && !is_common(&attribute.name) {
        let simple = matches!(
            attribute.kind,
            AttributeType::String | AttributeType::Reference | AttributeType::Integer
        );
        if attribute.multi_valued || !simple {
            let (schema, attribute) = named(attribute);
            return Err(RegistryError::BadUniqueness { schema, attribute });
        }
    }
    Ok(())
}

fn check_links(def: &TypeDef) -> Result<(), RegistryError> {
    for (at, view) in def.links().iter().enumerate() {
        let same = |other: &LinkView| (other.extension, other.attribute) == (view.extension, view.attribute);
        if def.links()[..at].iter().any(same) {
            return Err(bad_link(view, "it shows other links already"));
        }
        let Some(target) = def.target(view.extension, view.attribute) else {
            return Err(bad_link(view, "the resource type has no such attribute"));
        };
        let attribute = target.attribute;
        let fits = match view.shape {
            LinkShape::List { .. } | LinkShape::Nested => {
                attribute.multi_valued
                    && attribute.kind == AttributeType::Complex
                    && attribute.sub_attribute("value").is_some()
            }
            LinkShape::Name => !attribute.multi_valued && attribute.kind == AttributeType::String,
            // Joined names are compared as they are shown, so letter case counts.
            LinkShape::Names => {
                !attribute.multi_valued
                    && attribute.kind == AttributeType::String
                    && attribute.is_case_exact()
            }
        };
        if !fits {
            return Err(bad_link(
                view,
                "a list needs a complex attribute with `value`, a name a simple string",
            ));
        }
        if view.shape == LinkShape::Nested && attribute.mutability != Mutability::ReadOnly {
            return Err(bad_link(view, "what is reached through others cannot be written"));
        }
        if target.attribute.name != view.attribute {
            return Err(bad_link(view, "the attribute is spelled otherwise in its schema"));
        }
    }
    Ok(())
}

fn bad_link(view: &LinkView, reason: &'static str) -> RegistryError {
    RegistryError::BadLink {
        resource_type: view.resource_type.to_owned(),
        attribute: view.attribute.to_owned(),
        reason,
    }
}
