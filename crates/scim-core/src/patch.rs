//! Applies a PATCH to a document, in order, all or nothing ([RFC 7644 §3.5.2]).
//!
//! [RFC 7644 §3.5.2]: https://www.rfc-editor.org/rfc/rfc7644#section-3.5.2

mod document_op;
mod from_filter;
mod link_op;

use scim_syntax::{Filter, PatchPath, parse_patch_path};
use serde_json::{Map, Value};

use crate::bind::{BindContext, BindError};
use crate::body::AttrKey;
use crate::change::{Desired, is_password};
use crate::document::Document;
use crate::intake::Intake;
use crate::leniency::{Leniency, Tolerance};
use crate::links::LinkShape;
use crate::patch_request::{PatchOp, PatchRequest};
use crate::problem::{Problem, ScimType};
use crate::schema::Mutability;
use crate::schema_error::{Finding, SchemaError, quote};
use crate::type_def::{Resolved, Target, TypeDef};

/// Why a PATCH does not suit the resource.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PatchError {
    /// A value, or the outcome, does not fit the schema.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A value filter does not suit the attribute.
    #[error(transparent)]
    Filter(#[from] BindError),
}

impl PatchError {
    /// The error as an answer.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self {
            Self::Schema(error) => error.problem(),
            Self::Filter(error) => Problem::bad_request(ScimType::InvalidFilter, error.to_string()),
        }
    }
}

impl From<Finding> for PatchError {
    fn from(finding: Finding) -> Self {
        Self::Schema(finding.into())
    }
}

impl TypeDef {
    /// What a PATCH wants of the resource.
    ///
    /// # Errors
    ///
    /// Returns the first operation's fault, or what is wrong with the outcome.
    pub fn patch(
        &self,
        current: &Document,
        request: PatchRequest,
        leniency: Leniency,
        context: &BindContext<'_>,
    ) -> Result<Desired, PatchError> {
        let mut desired = Desired { document: current.clone(), fired: request.fired, ..Desired::default() };
        for operation in request.operations {
            let mut patcher = Patcher { def: self, leniency, context, desired: &mut desired };
            match operation.path {
                None => patcher.without_path(operation.op, operation.value.unwrap_or(Value::Null))?,
                Some(path) => patcher.at_path(operation.op, &path, operation.value)?,
            }
        }
        for (key, outcome) in &mut desired.asserted {
            if !is_password(key) && self.link(key.extension.as_deref(), &key.name).is_none() {
                *outcome = desired.document.get(key.extension.as_deref(), &key.name).cloned();
            }
        }
        self.check_complete(&desired)?;
        Ok(desired)
    }
}

/// Applies one operation.
struct Patcher<'p> {
    def: &'p TypeDef,
    leniency: Leniency,
    context: &'p BindContext<'p>,
    desired: &'p mut Desired,
}

/// What an operation is aimed at.
#[derive(Clone, Copy)]
struct Aim<'a> {
    target: Target<'a>,
    filter: Option<&'a Filter<'a>>,
}

impl<'p> Patcher<'p> {
    fn intake(&mut self) -> Intake<'_> {
        Intake { leniency: self.leniency, fired: &mut self.desired.fired }
    }

    fn tolerates(&mut self, tolerance: Tolerance) -> bool {
        self.intake().tolerates(tolerance)
    }

    /// An operation whose value is an object of attributes.
    fn without_path(&mut self, op: PatchOp, value: Value) -> Result<(), PatchError> {
        self.tolerates(Tolerance::NoPath);
        let Value::Object(parts) = value else {
            let message = "an operation without `path` needs an object of attributes as `value`";
            return Err(Finding::new(ScimType::InvalidValue, message).into());
        };
        for (key, value) in parts {
            self.key(op, &key, value)?;
        }
        Ok(())
    }

    /// A key of a path-less value: an attribute, a URI with an object, or a path (7644-3.5.2.1-02).
    fn key(&mut self, op: PatchOp, key: &str, value: Value) -> Result<(), PatchError> {
        if key.eq_ignore_ascii_case("schemas") {
            return Ok(());
        }
        let def = self.def;
        if let Some(target) = def.target(None, key) {
            return self.implied(op, Aim { target, filter: None }, value);
        }
        if let Some(extension) = def.extension(key) {
            return self.container(op, Some(&extension.id), value);
        }
        if key.eq_ignore_ascii_case(&def.base().id) {
            return self.container(op, None, value);
        }
        let Ok(path) = parse_patch_path(key) else { return self.unknown_key(key) };
        match self.def.resolve(path.path()) {
            Resolved::Attribute(target) => {
                self.tolerates(Tolerance::PathAsKey);
                let target = with_path_sub(target, &path);
                match target {
                    Some(target) => self.implied(op, Aim { target, filter: path.filter() }, value),
                    None => self.unknown_key(key),
                }
            }
            _ => self.unknown_key(key),
        }
    }

    /// Read-only keys of a path-less value are ignored: clients send them along (A05).
    fn implied(&mut self, op: PatchOp, aim: Aim<'_>, value: Value) -> Result<(), PatchError> {
        let read_only = |mutability| mutability == Mutability::ReadOnly;
        if read_only(aim.target.attribute.mutability) || read_only(aim.target.leaf().mutability) {
            return Ok(());
        }
        self.apply(op, aim, Some(value))
    }

    fn unknown_key(&mut self, key: &str) -> Result<(), PatchError> {
        if self.tolerates(Tolerance::UnknownAttribute) {
            return Ok(());
        }
        let message = format!("{} has no attribute {}", self.def.name(), quote(&key));
        Err(Finding::new(ScimType::InvalidPath, message).into())
    }

    /// The attributes under the URI of a schema.
    fn container(&mut self, op: PatchOp, extension: Option<&str>, value: Value) -> Result<(), PatchError> {
        let def = self.def;
        match value {
            Value::Object(parts) => {
                for (name, value) in parts {
                    match def.target(extension, &name) {
                        Some(target) => self.implied(op, Aim { target, filter: None }, value)?,
                        None => self.unknown_key(&name)?,
                    }
                }
                Ok(())
            }
            Value::Null if op == PatchOp::Replace => self.clear_container(extension),
            Value::Null => Ok(()),
            other => {
                let uri = extension.unwrap_or(&self.def.base().id);
                Err(Finding::value(uri, format!("takes an object of attributes, not {}", quote(&other)))
                    .into())
            }
        }
    }

    fn clear_container(&mut self, extension: Option<&str>) -> Result<(), PatchError> {
        let def = self.def;
        let Some(schema) = extension.and_then(|uri| def.extension(uri)) else {
            return Err(Finding::mutability(&def.base().id, "cannot be removed").into());
        };
        for attribute in &schema.attributes {
            if attribute.mutability == Mutability::ReadOnly {
                continue;
            }
            if let Some(target) = def.target(extension, &attribute.name) {
                self.apply(PatchOp::Remove, Aim { target, filter: None }, None)?;
            }
        }
        Ok(())
    }

    fn at_path(&mut self, op: PatchOp, path: &PatchPath<'_>, value: Option<Value>) -> Result<(), PatchError> {
        let def = self.def;
        match def.resolve(path.path()) {
            Resolved::Attribute(target) => match with_path_sub(target, path) {
                Some(target) => {
                    check_writable(&target)?;
                    self.desired.by_path.insert(AttrKey::new(&target));
                    self.apply(op, Aim { target, filter: path.filter() }, value)
                }
                None => self.unknown_path(path),
            },
            Resolved::Extension(schema) => match (op, value) {
                (PatchOp::Remove, _) => self.clear_container(Some(&schema.id)),
                (op, value) => self.container(op, Some(&schema.id), value.unwrap_or(Value::Null)),
            },
            Resolved::Base => match (op, value) {
                (PatchOp::Remove, _) => self.clear_container(None),
                (op, value) => self.container(op, None, value.unwrap_or(Value::Null)),
            },
            Resolved::NotKept if self.tolerates(Tolerance::NotKept) => Ok(()),
            Resolved::NotKept | Resolved::Unknown => self.unknown_path(path),
        }
    }

    fn unknown_path(&self, path: &PatchPath<'_>) -> Result<(), PatchError> {
        let message = format!("the path {} names no attribute of {}", quote(path), self.def.name());
        Err(Finding::new(ScimType::InvalidPath, message).into())
    }

    fn apply(&mut self, op: PatchOp, aim: Aim<'_>, value: Option<Value>) -> Result<(), PatchError> {
        let key = AttrKey::new(&aim.target);
        if let Some(view) = aim.target.link {
            return match view.shape {
                LinkShape::List { .. } => link_op::apply(self, op, aim, value),
                LinkShape::Name | LinkShape::Names => self.assert_only(op, aim, key, value),
            };
        }
        if is_password(&key) {
            return self.assert_only(op, aim, key, value);
        }
        // Nothing but a value of its own turns a person on or off (`idp-behaviour` tolerance 24).
        let no_opinion = key == AttrKey::base("active")
            && (op == PatchOp::Remove || matches!(value, None | Some(Value::Null)));
        if no_opinion {
            return Ok(());
        }
        document_op::apply(self, op, aim, value)?;
        self.desired.asserted.entry(key).or_insert(None);
        Ok(())
    }

    /// A single value that no document holds: the request's word is noted for the application.
    fn assert_only(
        &mut self,
        op: PatchOp,
        aim: Aim<'_>,
        key: AttrKey,
        value: Option<Value>,
    ) -> Result<(), PatchError> {
        if aim.filter.is_some() || aim.target.sub.is_some() {
            return Err(no_list(&aim.target).into());
        }
        let value = match (op, value) {
            (PatchOp::Remove, _) | (_, None) => None,
            (_, Some(value)) => self.intake().attribute(&aim.target.path(), aim.target.attribute, value)?,
        };
        self.desired.asserted.insert(key, value);
        Ok(())
    }
}

/// The sub-attribute behind the brackets, if the path has one.
fn with_path_sub<'d>(target: Target<'d>, path: &PatchPath<'_>) -> Option<Target<'d>> {
    match path.sub() {
        Some(sub) if target.sub.is_none() => {
            let sub = target.attribute.sub_attribute(sub.as_str())?;
            Some(Target { sub: Some(sub), ..target })
        }
        _ => Some(target),
    }
}

/// 7644-3.5.2-08: a path that names what only the server writes.
fn check_writable(target: &Target<'_>) -> Result<(), Finding> {
    let read_only = |mutability| mutability == Mutability::ReadOnly;
    if read_only(target.attribute.mutability) || read_only(target.leaf().mutability) {
        return Err(Finding::mutability(&target.path(), "is read-only"));
    }
    Ok(())
}

fn no_list(target: &Target<'_>) -> Finding {
    let message = format!("`{}` takes no brackets: it is no list of values", target.path());
    Finding::new(ScimType::InvalidPath, message)
}

/// The parts of an object, or nothing.
fn into_parts(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(parts) => parts,
        _ => Map::new(),
    }
}
