//! SCIM 2.0 as data and pure functions: schemas, resources, validate, apply, match, order, project.
