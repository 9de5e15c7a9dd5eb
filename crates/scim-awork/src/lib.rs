//! awork's SCIM extension, its mapping and its rules.
