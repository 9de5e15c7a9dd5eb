//! The schemas and resource types that awork offers (domain section 2).

use scim_core::{
    End, LinkShape, LinkView, Registry, RegistryError, ResourceType, schema,
    schema::{Attribute, Schema},
};

use crate::schema::{ABSENCE_REGION, AWORK_USER_SCHEMA, AWORK_USER_URN, TEAMS, USER_ROLE};
use crate::workspace::{REGION, ROLE, ROLE_KIND, TEAM, USER_KIND};

/// What awork keeps of the core User, beside what every resource has. `displayName` and
/// `name.formatted` are kept for the provider's sake alone, which compares them and would write them
/// again in every cycle; awork's own users have no such field.
const USER_ATTRIBUTES: [&str; 13] = [
    "userName",
    "name",
    "displayName",
    "title",
    "userType",
    "preferredLanguage",
    "timezone",
    "active",
    "emails",
    "phoneNumbers",
    "addresses",
    "ims",
    "groups",
];

/// The parts of a name that awork keeps.
const NAME_PARTS: [&str; 3] = ["formatted", "familyName", "givenName"];

/// The registry of awork: users with the awork extension, and roles as groups (D-62, D-74).
///
/// # Errors
///
/// Returns a [`RegistryError`] if the schemas contradict themselves, which a test rules out.
pub fn awork_registry() -> Result<Registry, RegistryError> {
    let extension =
        Schema::from_json(AWORK_USER_SCHEMA).map_err(|_| RegistryError::BadUri(AWORK_USER_URN.to_owned()))?;
    Registry::builder()
        .schema(user_schema())
        .schema(group_schema())
        .schema(extension)
        .resource_type(
            ResourceType::new(USER_KIND, "/Users", schema::urn::USER)
                .with_description("A person in the workspace")
                .with_extension(AWORK_USER_URN),
        )
        .resource_type(
            ResourceType::new(ROLE_KIND, "/Groups", schema::urn::GROUP)
                .with_description("A permission role of the workspace and the people who hold it"),
        )
        .link(LinkView {
            resource_type: ROLE_KIND,
            extension: None,
            attribute: "members",
            relation: ROLE,
            end: End::Owner,
            shape: LinkShape::List { kind: None },
            shows_hidden: false,
        })
        .link(LinkView {
            resource_type: USER_KIND,
            extension: None,
            attribute: "groups",
            relation: ROLE,
            end: End::Member,
            shape: LinkShape::List { kind: Some("direct") },
            shows_hidden: false,
        })
        .link(extension_view(USER_ROLE, ROLE, LinkShape::Name))
        .link(extension_view(ABSENCE_REGION, REGION, LinkShape::Name))
        .link(extension_view(TEAMS, TEAM, LinkShape::Names))
        .build()
}

fn extension_view(attribute: &'static str, relation: &'static str, shape: LinkShape) -> LinkView {
    LinkView {
        resource_type: USER_KIND,
        extension: Some(AWORK_USER_URN),
        attribute,
        relation,
        end: End::Member,
        shape,
        shows_hidden: true,
    }
}

/// The core User without what awork does not keep, such as photos (D-81).
fn user_schema() -> Schema {
    let mut user = schema::user();
    user.attributes.retain(|attribute| USER_ATTRIBUTES.contains(&attribute.name.as_str()));
    for attribute in &mut user.attributes {
        // D-55: the first work e-mail is primary, whatever the flags say.
        attribute.settles_primary = attribute.name == "emails";
        if attribute.name == "name" {
            attribute.sub_attributes.retain(|sub| NAME_PARTS.contains(&sub.name.as_str()));
        }
    }
    user
}

/// The core Group whose members are users: a role is no member of a role.
fn group_schema() -> Schema {
    let mut group = schema::group();
    let members = group.attributes.iter_mut().filter(|attribute| attribute.name == "members");
    for sub in members.flat_map(|members: &mut Attribute| &mut members.sub_attributes) {
        match sub.name.as_str() {
            "$ref" => sub.reference_types = vec![USER_KIND.to_owned()],
            "type" => sub.canonical_values = vec![USER_KIND.to_owned()],
            _ => {}
        }
    }
    group
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// D-62, D-74, D-81: users with the extension, roles as groups, no photos.
    #[test]
    fn the_registry_builds() {
        let registry = awork_registry().unwrap();
        let users = registry.type_named("User").unwrap();
        assert!(users.extension(AWORK_USER_URN).is_some());
        assert_eq!(users.required_extensions().count(), 0);
        assert!(users.base_attribute("photos").is_none());
        assert_eq!(users.links().len(), 4);
        for name in USER_ATTRIBUTES {
            assert!(users.base_attribute(name).is_some(), "{name}");
        }
        let name = users.base_attribute("name").unwrap();
        let parts: Vec<&str> = name.sub_attributes.iter().map(|sub| sub.name.as_str()).collect();
        assert_eq!(parts.iter().collect::<BTreeSet<_>>(), NAME_PARTS.iter().collect());
    }

    /// D-74: members of a role are users, never other roles.
    #[test]
    fn members_are_users() {
        let registry = awork_registry().unwrap();
        let groups = registry.type_named("Group").unwrap();
        let members = groups.base_attribute("members").unwrap();
        assert_eq!(members.sub_attribute("$ref").unwrap().reference_types, ["User"]);
        assert_eq!(members.sub_attribute("type").unwrap().canonical_values, ["User"]);
    }
}
