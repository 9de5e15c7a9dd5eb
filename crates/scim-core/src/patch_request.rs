//! The message of a PATCH: its operations, read with the tolerances that clients need.

use scim_syntax::{Filter, ParsePathError, PatchPath, parse_filter};
use serde_json::{Map, Value};

use crate::intake::check_keys;
use crate::leniency::{Fired, Leniency, Tolerance};
use crate::problem::{Problem, ScimType};
use crate::schema::urn;
use crate::schema_error::quote;
use crate::secret_text::{conceal, names_password};

/// How many operations one PATCH may hold.
const MOST_OPERATIONS: usize = 10_000;

/// A PATCH, read and not yet applied.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchRequest {
    /// The operations, in order; at least one.
    pub operations: Vec<PatchOperation>,
    /// The tolerances that reading it took.
    pub fired: Fired,
}

/// One operation of a PATCH.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchOperation {
    /// What to do.
    pub op: PatchOp,
    /// Where; none means that the value is an object of attributes.
    pub path: Option<PatchPath<'static>>,
    /// With what; a JSON null is a value.
    pub value: Option<Value>,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PatchOp {
    /// Adds values.
    Add,
    /// Removes values.
    Remove,
    /// Replaces values.
    Replace,
}

/// Why a body is no PATCH.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PatchRequestError {
    /// `schemas` does not name the message.
    #[error("`schemas` of a PATCH must be [\"{}\"]", urn::PATCH_OP)]
    Schemas,
    /// Two keys differ in letter case only (7643-2.1-01).
    #[error("{0}")]
    Twice(String),
    /// `Operations` is missing, empty or no list.
    #[error("`Operations` must be a list of at least one operation")]
    NoOperations,
    /// There are too many operations.
    #[error("a PATCH holds at most {MOST_OPERATIONS} operations; send the rest in another one")]
    TooMany,
    /// An operation is no object.
    #[error("operation {index} must be an object with `op`, `path` and `value`")]
    NoObject {
        /// Its position, from 1.
        index: usize,
    },
    /// `op` is missing or unknown.
    #[error("`op` of operation {index} must be `add`, `remove` or `replace`, not {found}")]
    BadOp {
        /// Its position, from 1.
        index: usize,
        /// What stood there.
        found: String,
    },
    /// `path` is no string.
    #[error("`path` of operation {index} must be a string")]
    PathType {
        /// Its position, from 1.
        index: usize,
    },
    /// `path` is malformed; it is never read as no path.
    #[error("`path` of operation {index}, {path}: {error}")]
    BadPath {
        /// Its position, from 1.
        index: usize,
        /// The path.
        path: String,
        /// What is wrong with it.
        error: ParsePathError,
    },
    /// An add or replace without value.
    #[error("operation {index} needs a `value`")]
    NoValue {
        /// Its position, from 1.
        index: usize,
    },
    /// A remove without path (7644-3.5.2.2-01).
    #[error("operation {index} removes something and needs a `path` that says what")]
    NoPath {
        /// Its position, from 1.
        index: usize,
    },
    /// An operation without path, where the settings demand one.
    #[error("operation {index} needs a `path`")]
    PathRequired {
        /// Its position, from 1.
        index: usize,
    },
}

impl PatchRequestError {
    /// The error as an answer.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let scim_type = match self {
            Self::Schemas
            | Self::Twice(_)
            | Self::NoOperations
            | Self::TooMany
            | Self::NoObject { .. }
            | Self::BadOp { .. }
            | Self::PathType { .. } => ScimType::InvalidSyntax,
            // A17: a fault inside the brackets is a fault of the filter.
            Self::BadPath { error, .. } if error.in_filter() => ScimType::InvalidFilter,
            Self::BadPath { .. } | Self::PathRequired { .. } => ScimType::InvalidPath,
            Self::NoValue { .. } => ScimType::InvalidValue,
            Self::NoPath { .. } => ScimType::NoTarget,
        };
        Problem::bad_request(scim_type, self.to_string())
    }
}

impl PatchRequest {
    /// Reads the body of a PATCH.
    ///
    /// # Errors
    ///
    /// Returns a [`PatchRequestError`] when the body is no PatchOp message.
    pub fn read(body: Map<String, Value>, leniency: Leniency) -> Result<Self, PatchRequestError> {
        let mut fired = Fired::default();
        check_keys("the PATCH", &body).map_err(|finding| PatchRequestError::Twice(finding.message))?;
        let mut operations = None;
        let mut schemas = None;
        for (key, value) in body {
            if key.eq_ignore_ascii_case("schemas") {
                schemas = Some(value);
            } else if key.eq_ignore_ascii_case("Operations") {
                operations = Some(value);
            }
        }
        // One without operations is told so first: a request of SCIM 1.1 has other faults besides.
        let Some(Value::Array(operations)) = operations else { return Err(PatchRequestError::NoOperations) };
        if operations.is_empty() {
            return Err(PatchRequestError::NoOperations);
        }
        if operations.len() > MOST_OPERATIONS {
            return Err(PatchRequestError::TooMany);
        }
        match schemas {
            None | Some(Value::Null) if leniency.allows(Tolerance::PatchWithoutSchemas) => {
                fired.note(Tolerance::PatchWithoutSchemas);
            }
            Some(Value::Array(uris))
                if uris
                    .iter()
                    .any(|uri| uri.as_str().is_some_and(|uri| uri.eq_ignore_ascii_case(urn::PATCH_OP))) => {}
            _ => return Err(PatchRequestError::Schemas),
        }
        let operations = operations
            .into_iter()
            .enumerate()
            .map(|(at, operation)| read_operation(at + 1, operation, leniency, &mut fired))
            .collect::<Result<_, _>>()?;
        Ok(Self { operations, fired })
    }
}

fn read_operation(
    index: usize,
    operation: Value,
    leniency: Leniency,
    fired: &mut Fired,
) -> Result<PatchOperation, PatchRequestError> {
    let Value::Object(parts) = operation else { return Err(PatchRequestError::NoObject { index }) };
    check_keys(&format!("operation {index}"), &parts)
        .map_err(|finding| PatchRequestError::Twice(finding.message))?;
    let (mut op, mut path, mut value) = (None, None, None);
    for (key, part) in parts {
        match key.to_ascii_lowercase().as_str() {
            "op" => op = Some(part),
            "path" => path = Some(part),
            "value" => value = Some(part),
            // Clients add `name` and the like; an operation means what its three parts say.
            _ => {}
        }
    }
    let op = read_op(index, op, fired)?;
    let path = match path {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => {
            let bad = |error: ParsePathError| {
                let error = if names_password(&text) { error.concealed() } else { error };
                PatchRequestError::BadPath { index, path: quote(&conceal(&text)), error }
            };
            Some(text.parse().or_else(|error| compared_path(&text).ok_or(error)).map_err(bad)?)
        }
        Some(_) => return Err(PatchRequestError::PathType { index }),
    };
    match (op, &path, &value) {
        (PatchOp::Remove, None, _) => Err(PatchRequestError::NoPath { index }),
        (PatchOp::Add | PatchOp::Replace, _, None) => Err(PatchRequestError::NoValue { index }),
        (_, None, _) if !leniency.allows(Tolerance::NoPath) => Err(PatchRequestError::PathRequired { index }),
        _ => Ok(PatchOperation { op, path, value }),
    }
}

/// `tags eq "a"`, which means the value of the list that compares so (7644-3.5.2.2-09, erratum 7122).
fn compared_path(text: &str) -> Option<PatchPath<'static>> {
    match parse_filter(text).ok()? {
        Filter::Compare { path, op, value } if path.sub().is_none() => {
            format!("{path}[value {op} {value}]").parse().ok()
        }
        _ => None,
    }
}

fn read_op(index: usize, op: Option<Value>, fired: &mut Fired) -> Result<PatchOp, PatchRequestError> {
    let found = match op {
        Some(Value::String(text)) => text,
        other => {
            let found = other.map_or_else(|| "nothing".to_owned(), |other| quote(&other));
            return Err(PatchRequestError::BadOp { index, found });
        }
    };
    let lower = found.to_ascii_lowercase();
    if lower != found {
        fired.note(Tolerance::OpCase);
    }
    match lower.as_str() {
        "add" => Ok(PatchOp::Add),
        "remove" => Ok(PatchOp::Remove),
        "replace" => Ok(PatchOp::Replace),
        _ => Err(PatchRequestError::BadOp { index, found: quote(&found) }),
    }
}
