//! Filters, PATCH paths and attribute names of SCIM 2.0: text to tree and back.
