//! The extension's URN, its attribute names and its schema (D-62, A-36).
//!
//! Every other place takes the names from here, so that a different name is one edit (and one in the
//! JSON beside it, which a test compares).

/// URN of awork's extension of the SCIM user (D-62).
pub const AWORK_USER_URN: &str = "urn:ietf:params:scim:schemas:extension:awork.com:2.0:User";

/// Attribute that lists the user's teams (D-64, A-36).
pub const TEAMS: &str = "teams";

/// Attribute that names the user's absence region (D-65).
pub const ABSENCE_REGION: &str = "absenceRegion";

/// Attribute that names the user's workspace-wide role (D-66).
pub const USER_ROLE: &str = "userRole";

/// The extension as a Schema resource of RFC 7643 section 7, in JSON (D-62).
///
/// # Examples
///
/// ```
/// let schema: serde_json::Value = serde_json::from_str(scim_awork::AWORK_USER_SCHEMA)?;
/// assert_eq!(schema["id"], scim_awork::AWORK_USER_URN);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub const AWORK_USER_SCHEMA: &str = include_str!("../schemas/awork-user.json");

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// D-62, D-63, A-36: three optional single strings that compare exactly, under the constants' names.
    #[test]
    fn the_schema_has_the_three_attributes() {
        let schema: Value = serde_json::from_str(AWORK_USER_SCHEMA).unwrap();
        assert_eq!(schema["schemas"][0], "urn:ietf:params:scim:schemas:core:2.0:Schema");
        assert_eq!(schema["id"], AWORK_USER_URN);
        let attributes = schema["attributes"].as_array().unwrap();
        let names: Vec<_> = attributes.iter().map(|a| a["name"].as_str().unwrap()).collect();
        assert_eq!(names, [TEAMS, ABSENCE_REGION, USER_ROLE]);
        for attribute in attributes {
            assert_eq!(attribute["type"], "string");
            assert_eq!(attribute["multiValued"], false);
            assert_eq!(attribute["required"], false);
            assert_eq!(attribute["caseExact"], true);
            assert_eq!(attribute["mutability"], "readWrite");
            assert_eq!(attribute["returned"], "default");
            assert_eq!(attribute["uniqueness"], "none");
            assert!(attribute["description"].as_str().unwrap().ends_with('.'));
        }
    }
}
