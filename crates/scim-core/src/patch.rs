//! Applies a PATCH to a document, in order, all or nothing ([RFC 7644 §3.5.2]).
//!
//! [RFC 7644 §3.5.2]: https://www.rfc-editor.org/rfc/rfc7644#section-3.5.2

mod document_op;
mod from_filter;
mod link_op;
mod list_op;

use scim_syntax::{Filter, PatchPath, parse_patch_path};
use serde_json::{Map, Value};

use crate::bind::{BindContext, BindError};
use crate::body::AttrKey;
use crate::change::{Desired, immutable_fault, is_password};
use crate::document::Document;
use crate::intake::{Intake, check_keys, kind_of};
use crate::leniency::{Leniency, Tolerance};
use crate::links::LinkShape;
use crate::patch_request::{PatchOp, PatchRequest};
use crate::problem::{Problem, ScimType};
use crate::schema::{AttributeType, Mutability};
use crate::schema_error::{Finding, SchemaError, quote};
use crate::secret_text::conceal;
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
        let mut patcher = Patcher { def: self, leniency, context, desired: &mut desired, work: 0 };
        for operation in request.operations {
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

/// How many values of lists the operations of one PATCH may look at, taken together; each comparison of a
/// filter looks at its own.
const MOST_WORK: usize = 1_000_000;

/// Applies operations, one after the other.
struct Patcher<'p> {
    def: &'p TypeDef,
    leniency: Leniency,
    context: &'p BindContext<'p>,
    desired: &'p mut Desired,
    /// How many values of lists the operations have looked at.
    work: usize,
}

/// What an operation is aimed at.
#[derive(Clone, Copy)]
struct Aim<'a> {
    target: Target<'a>,
    filter: Option<&'a Filter<'a>>,
}

impl<'p> Patcher<'p> {
    fn intake(&mut self) -> Intake<'_> {
        Intake::new(self.leniency, &mut self.desired.fired)
    }

    /// Counts the values that an operation looks at, so that no PATCH takes for ever.
    fn look_at(&mut self, values: usize) -> Result<(), Finding> {
        self.work = self.work.saturating_add(values);
        if self.work > MOST_WORK {
            let message = "the operations go through too many values: send them in several requests";
            return Err(Finding::new(ScimType::TooMany, message));
        }
        Ok(())
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
        check_keys("the value", &parts)?;
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
        self.path_key(op, &path, self.def.resolve_patch(&path), value)
    }

    fn path_key(
        &mut self,
        op: PatchOp,
        path: &PatchPath<'_>,
        resolved: Resolved<'p>,
        value: Value,
    ) -> Result<(), PatchError> {
        match resolved {
            Resolved::Attribute(target) if self.tolerates(Tolerance::PathAsKey) => {
                self.implied(op, Aim { target, filter: path.filter() }, value)
            }
            // It is known, so it must not be passed over as an unknown key would be.
            Resolved::Attribute(_) => {
                let message = format!("the key {} is a path: give it an operation of its own", quote(path));
                Err(Finding::new(ScimType::InvalidPath, message).into())
            }
            Resolved::NotKept if self.tolerates(Tolerance::NotKept) => Ok(()),
            _ => self.unknown_key(&path.to_string()),
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
        let uri = extension.unwrap_or(&def.base().id);
        let parts = match value {
            Value::Object(parts) => parts,
            Value::String(text) if text.is_empty() && self.tolerates(Tolerance::EmptyString) => {
                return self.unset_container(op, extension);
            }
            Value::Null => return self.unset_container(op, extension),
            other => {
                let message = format!("takes an object of attributes, not {}", kind_of(&other));
                return Err(Finding::value(uri, message).into());
            }
        };
        check_keys(&format!("`{uri}`"), &parts)?;
        for (name, value) in parts {
            if let Some(target) = def.target(extension, &name) {
                self.implied(op, Aim { target, filter: None }, value)?;
                continue;
            }
            match parse_patch_path(&name) {
                Ok(path) => self.path_key(op, &path, def.resolve_within(extension, &path), value)?,
                Err(_) => self.unknown_key(&name)?,
            }
        }
        Ok(())
    }

    /// Replacing by nothing removes; adding nothing changes nothing.
    fn unset_container(&mut self, op: PatchOp, extension: Option<&str>) -> Result<(), PatchError> {
        match op {
            PatchOp::Replace | PatchOp::Remove => self.clear_container(extension),
            PatchOp::Add => Ok(()),
        }
    }

    fn clear_container(&mut self, extension: Option<&str>) -> Result<(), PatchError> {
        let def = self.def;
        let Some(schema) = extension.and_then(|uri| def.extension(uri)) else {
            return Err(Finding::mutability(&def.base().id, "cannot be removed").into());
        };
        // What is required of an extension is required only as long as there is some of it.
        let required = def.required_extensions().any(|required| required.id == schema.id);
        for attribute in &schema.attributes {
            let target = def.target(extension, &attribute.name);
            let Some(target) = target.filter(|_| attribute.mutability != Mutability::ReadOnly) else {
                continue;
            };
            if attribute.required && !required && target.link.is_none() {
                let old = self.desired.document.take(extension, &attribute.name);
                if let Some(fault) = immutable_fault(&target, old.as_ref(), None) {
                    return Err(fault.into());
                }
                self.desired.asserted.insert(AttrKey::new(&target), None);
            } else {
                self.apply(PatchOp::Remove, Aim { target, filter: None }, None)?;
            }
        }
        Ok(())
    }

    fn at_path(&mut self, op: PatchOp, path: &PatchPath<'_>, value: Option<Value>) -> Result<(), PatchError> {
        let def = self.def;
        match def.resolve_patch(path) {
            Resolved::Attribute(target) => {
                check_writable(&target)?;
                self.desired.by_path.insert(AttrKey::new(&target));
                self.apply(op, Aim { target, filter: path.filter() }, value)
            }
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
        let message = format!("the path {} names no attribute of {}", quote(&conceal(path)), self.def.name());
        Err(Finding::new(ScimType::InvalidPath, message).into())
    }

    fn apply(&mut self, op: PatchOp, aim: Aim<'_>, value: Option<Value>) -> Result<(), PatchError> {
        if aim.filter.is_some() && !aim.target.attribute.multi_valued {
            return Err(no_list(&aim.target).into());
        }
        let key = AttrKey::new(&aim.target);
        if let Some(view) = aim.target.link {
            return match view.shape {
                LinkShape::List { .. } | LinkShape::Nested => link_op::apply(self, op, aim, value),
                LinkShape::Name | LinkShape::Names => self.assert_only(op, aim, key, value),
            };
        }
        if is_password(&key) {
            return self.assert_only(op, aim, key, value);
        }
        let value = if key == AttrKey::base("active") && aim.target.leaf().kind == AttributeType::Boolean {
            // Nothing but a value of its own turns a person on or off (`idp-behaviour` tolerance 24).
            let value = value.filter(|_| op != PatchOp::Remove).unwrap_or(Value::Null);
            match self.intake().attribute(&aim.target.path(), aim.target.leaf(), value)? {
                None => return Ok(()),
                value => value,
            }
        } else {
            value
        };
        let is_single = aim.target.sub.is_none()
            && !aim.target.attribute.multi_valued
            && aim.target.attribute.kind != AttributeType::Complex;
        let said = is_single && self.desired.asserted.contains_key(&key);
        let before = self.desired.document.get(key.extension.as_deref(), &key.name).filter(|_| said).cloned();
        document_op::apply(self, op, aim, value)?;
        if let Some(before) = before {
            self.desired.said_before.entry(key.clone()).or_default().push(before);
        }
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
        let value = match (op, value) {
            (PatchOp::Remove, _) | (_, None) => None,
            (_, Some(value)) => self.intake().attribute(&aim.target.path(), aim.target.attribute, value)?,
        };
        let before = self.desired.asserted.insert(key.clone(), value).flatten();
        // A secret is told once, and not kept a moment longer than it is of use.
        if let Some(before) = before.filter(|_| !is_password(&key)) {
            self.desired.said_before.entry(key).or_default().push(before);
        }
        Ok(())
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
