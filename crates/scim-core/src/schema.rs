//! Schemas as data: what [RFC 7643 §7] says an attribute is.
//!
//! [RFC 7643 §7]: https://www.rfc-editor.org/rfc/rfc7643#section-7

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// URIs of the schemas and messages that the standard defines.
pub mod urn {
    /// The core User schema.
    pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    /// The core Group schema.
    pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
    /// The enterprise extension of User.
    pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    /// The schema of a schema.
    pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
    /// The schema of a resource type.
    pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
    /// The schema of the service provider configuration.
    pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
    /// The message that lists resources.
    pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    /// The message of a query by POST.
    pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
    /// The message of a PATCH.
    pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    /// The message of a bulk request.
    pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
    /// The message of a bulk response.
    pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
    /// The message of an error.
    pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
}

/// A schema: a URI and the attributes it defines.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Schema {
    /// The URI of the schema.
    pub id: String,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the schema is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The attributes, in the order in which they are published.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// Reads a schema from the JSON that `/Schemas` serves.
    ///
    /// # Errors
    ///
    /// Returns the error of serde when the text is no schema.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The resource that `/Schemas/{id}` serves, below `base` (7644-4-07).
    #[must_use]
    pub fn to_resource(&self, base: &str) -> Value {
        let mut spelled_out = self.clone();
        spelled_out.attributes.iter_mut().for_each(Attribute::spell_out);
        let mut resource = match serde_json::to_value(&spelled_out) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        };
        resource.insert("schemas".into(), json!([urn::SCHEMA]));
        resource.insert(
            "meta".into(),
            json!({ "resourceType": "Schema", "location": format!("{base}/Schemas/{}", self.id) }),
        );
        Value::Object(resource)
    }

    /// The attribute of that name, whatever its letter case (7643-2.1-01).
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
    }
}

/// The core User schema, corrected as the errata say.
#[must_use]
pub fn user() -> Schema {
    built_in(include_str!("../schemas/user.json"))
}

/// The core Group schema, corrected as the errata say.
#[must_use]
pub fn group() -> Schema {
    built_in(include_str!("../schemas/group.json"))
}

/// The Enterprise User extension, corrected as the errata say.
#[must_use]
pub fn enterprise_user() -> Schema {
    built_in(include_str!("../schemas/enterprise-user.json"))
}

/// The three schemas that describe the service itself: schema, resource type, configuration.
#[must_use]
pub fn meta_schemas() -> Vec<Schema> {
    [
        include_str!("../schemas/schema.json"),
        include_str!("../schemas/resource-type.json"),
        include_str!("../schemas/service-provider-config.json"),
    ]
    .map(built_in)
    .into()
}

/// The text is part of the crate, and a test reads each one.
fn built_in(text: &str) -> Schema {
    Schema::from_json(text).expect("a built-in schema is valid JSON")
}

/// One attribute of a schema, with its characteristics ([RFC 7643 §2.2] gives the defaults).
///
/// [RFC 7643 §2.2]: https://www.rfc-editor.org/rfc/rfc7643#section-2.2
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    /// The name, as it is printed.
    pub name: String,
    /// The type of its values.
    #[serde(default, rename = "type")]
    pub kind: AttributeType,
    /// Whether it holds a list.
    #[serde(default)]
    pub multi_valued: bool,
    /// What it means.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a stored resource must have it.
    #[serde(default)]
    pub required: bool,
    /// Values that are suggested (7643-2.3.1-02).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Whether letter case counts in comparisons; absent where the type has no case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case_exact: Option<bool>,
    /// Who may write it, and when.
    #[serde(default)]
    pub mutability: Mutability,
    /// When it is part of an answer.
    #[serde(default)]
    pub returned: Returned,
    /// Whether two resources may share a value; absent on complex attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uniqueness: Option<Uniqueness>,
    /// What a reference may point at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// The parts of a complex attribute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Attribute>,
    /// Whether the application decides which element of the list is primary, so that a request which marks
    /// several is not at fault (7643-2.4-01 otherwise). Clients are not told.
    #[serde(skip)]
    pub settles_primary: bool,
}

impl Attribute {
    /// An attribute of the given name and type with the default characteristics.
    #[must_use]
    pub fn new(name: &str, kind: AttributeType) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            multi_valued: false,
            description: None,
            required: false,
            canonical_values: Vec::new(),
            case_exact: None,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: None,
            reference_types: Vec::new(),
            sub_attributes: Vec::new(),
            settles_primary: false,
        }
    }

    /// The part of that name, whatever its letter case.
    #[must_use]
    pub fn sub_attribute(&self, name: &str) -> Option<&Attribute> {
        self.sub_attributes.iter().find(|sub| sub.name.eq_ignore_ascii_case(name))
    }

    /// Sets what was left out and applies to the type (7643-2.2-01, 7643-7-02).
    fn spell_out(&mut self) {
        if matches!(self.kind, AttributeType::String | AttributeType::Reference | AttributeType::Binary) {
            self.case_exact = Some(self.is_case_exact());
        }
        if !matches!(self.kind, AttributeType::Boolean | AttributeType::Binary | AttributeType::Complex) {
            self.uniqueness.get_or_insert_default();
        }
        self.sub_attributes.iter_mut().for_each(Self::spell_out);
    }

    /// Whether letter case counts when values are compared.
    #[must_use]
    pub fn is_case_exact(&self) -> bool {
        match self.kind {
            // Erratum 6001: a URI is compared as it is written.
            AttributeType::Reference | AttributeType::Binary => true,
            _ => self.case_exact.unwrap_or(false),
        }
    }

    /// Whether no two resources of a tenant may share a value (7643-7-11).
    #[must_use]
    pub fn is_unique(&self) -> bool {
        matches!(self.uniqueness, Some(Uniqueness::Server | Uniqueness::Global))
    }

    /// Whether a client never sees the value, so that no filter may ask for it (7643-4.1.1-06).
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.returned == Returned::Never || self.mutability == Mutability::WriteOnly
    }
}

/// The type of a value.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum AttributeType {
    /// Unicode text.
    #[default]
    String,
    /// `true` or `false`.
    Boolean,
    /// A number with or without a fraction.
    Decimal,
    /// A whole number.
    Integer,
    /// An instant, as xsd:dateTime.
    DateTime,
    /// Bytes, as base64.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

impl AttributeType {
    /// The word that schemas and error messages use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }
}

/// Who may write an attribute, and when.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Only the server writes it.
    ReadOnly,
    /// Clients read and write it.
    #[default]
    ReadWrite,
    /// Set once, at creation or while it is empty.
    Immutable,
    /// Clients write it and never read it.
    WriteOnly,
}

/// When an attribute is part of an answer.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// In every answer.
    Always,
    /// In none.
    Never,
    /// Unless the client deselects it.
    #[default]
    Default,
    /// Only when the client asks for it.
    Request,
}

/// Whether two resources may share a value.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// They may.
    #[default]
    None,
    /// Not within a tenant.
    Server,
    /// Nowhere.
    Global,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 7643-7-02: what we publish is what the corrected files say.
    #[test]
    fn built_in_schemas_round_trip() {
        for schema in [user(), group(), enterprise_user()].into_iter().chain(meta_schemas()) {
            let printed = serde_json::to_string(&schema).unwrap();
            assert_eq!(Schema::from_json(&printed).unwrap(), schema, "{}", schema.id);
            assert!(!schema.attributes.is_empty(), "{}", schema.id);
        }
    }

    /// 7643-2.2-01: a characteristic that is left out has its default.
    #[test]
    fn a_name_alone_declares_an_attribute() {
        let probe: Attribute = serde_json::from_str(r#"{"name":"probe"}"#).unwrap();
        assert_eq!(probe, Attribute::new("probe", AttributeType::String));
        assert!(!probe.is_case_exact() && !probe.is_unique() && !probe.required);
    }
}
