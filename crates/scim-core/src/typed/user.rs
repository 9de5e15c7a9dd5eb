//! The core User ([RFC 7643 §4.1]).
//!
//! [RFC 7643 §4.1]: https://www.rfc-editor.org/rfc/rfc7643#section-4.1

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::enterprise::EnterpriseUser;
use super::names::{self, list, through_json};
use crate::schema::urn;

/// A user.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct User {
    /// The schemas of the resource.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<String>,
    /// The id that the server issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The id that the client issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name to sign in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The parts of the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// The name as it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// What friends say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nick_name: Option<String>,
    /// The page of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_url: Option<String>,
    /// The title, such as `Vice President`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The relation to the organisation, such as `Contractor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_type: Option<String>,
    /// The preferred languages, as in `Accept-Language`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_language: Option<String>,
    /// The locale for dates and numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The time zone, such as `Europe/Berlin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Whether the user may sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// A password that is to be set; no answer holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// E-mail addresses.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Entry>,
    /// Phone numbers.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub phone_numbers: Vec<Entry>,
    /// Addresses of instant messengers.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub ims: Vec<Entry>,
    /// URIs of photos.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<Entry>,
    /// Postal addresses.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// The groups that the user belongs to; only the server writes them.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Entry>,
    /// What the user is entitled to.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub entitlements: Vec<Entry>,
    /// Roles.
    #[serde(deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Entry>,
    /// Certificates in base64.
    #[serde(rename = "x509Certificates", deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub x509_certificates: Vec<Entry>,
    /// The enterprise extension.
    #[serde(
        rename = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        skip_serializing_if = "Option::is_none"
    )]
    pub enterprise: Option<EnterpriseUser>,
    /// What the server says of the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Meta>,
    /// Everything else: other extensions under their URIs, and attributes that are not of the standard.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl User {
    /// A user with that name to sign in with.
    #[must_use]
    pub fn new(user_name: impl Into<String>) -> Self {
        Self { schemas: vec![urn::USER.to_owned()], user_name: Some(user_name.into()), ..Self::default() }
    }

    /// The attributes of another extension; none if there are none.
    ///
    /// # Errors
    ///
    /// Returns the error of serde when they do not fit the type.
    pub fn extension<T: DeserializeOwned>(&self, uri: &str) -> Result<Option<T>, serde_json::Error> {
        let found = self.rest.iter().find(|(key, _)| key.eq_ignore_ascii_case(uri));
        found.map(|(_, parts)| T::deserialize(parts)).transpose()
    }

    /// Sets the attributes of another extension, and lists its URI in `schemas`.
    ///
    /// # Errors
    ///
    /// Returns the error of serde when the type cannot be printed as JSON.
    pub fn set_extension<T: Serialize>(&mut self, uri: &str, parts: &T) -> Result<(), serde_json::Error> {
        self.rest.insert(uri.to_owned(), serde_json::to_value(parts)?);
        if !self.schemas.iter().any(|known| known.eq_ignore_ascii_case(uri)) {
            self.schemas.push(uri.to_owned());
        }
        Ok(())
    }
}

through_json!(User, crate::schema::user());

/// The parts of a person's name.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Name {
    /// All of it, as it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// The family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// The given name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Names in the middle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub middle_name: Option<String>,
    /// What stands before it, such as `Dr.`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_prefix: Option<String>,
    /// What stands behind it, such as `III`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub honorific_suffix: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A value of a list, such as an e-mail address or a member.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Entry {
    /// The value itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The URI of the resource that the value is the id of.
    #[serde(rename = "$ref", skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// How it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<String>,
    /// What it is for, such as `work`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it is the preferred one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

impl Entry {
    /// An entry that is nothing but a value.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self { value: Some(value.into()), ..Self::default() }
    }
}

/// A postal address.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Address {
    /// All of it, as it stands on a letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// The town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// The state or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// The country, in two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What it is for, such as `work`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether it is the preferred one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// What the server says of a resource ([RFC 7643 §3.1]).
///
/// [RFC 7643 §3.1]: https://www.rfc-editor.org/rfc/rfc7643#section-3.1
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Meta {
    /// The resource type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    /// When it was created, as xsd:dateTime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was last modified, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
    /// Its URI.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Its entity tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}
