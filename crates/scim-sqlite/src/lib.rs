//! SCIM storage in SQLite.
