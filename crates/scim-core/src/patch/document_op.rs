//! Operations on what a document holds.

use serde_json::{Map, Value};

use super::{Aim, PatchError, Patcher, into_parts, list_op};
use crate::change::{immutable_fault, immutable_part_fault, keep_immutable_parts};
use crate::elements::lay_over;
use crate::intake::without_nulls;
use crate::leniency::Tolerance;
use crate::patch_request::PatchOp;
use crate::schema::{Attribute, AttributeType, Mutability};
use crate::schema_error::Finding;
use crate::type_def::Target;

pub(super) fn apply(
    patcher: &mut Patcher<'_>,
    op: PatchOp,
    aim: Aim<'_>,
    value: Option<Value>,
) -> Result<(), PatchError> {
    let Target { extension, attribute, .. } = aim.target;
    // What an operation refuses is thrown away with the whole outcome, so the value can be taken out.
    let current = patcher.desired.document.take(extension, &attribute.name);
    let fixed = if attribute.mutability == Mutability::Immutable { current.clone() } else { None };
    let mut outcome = if attribute.multi_valued {
        let elements = match current {
            Some(Value::Array(elements)) => elements,
            _ => Vec::new(),
        };
        patcher.look_at(elements.len())?;
        let elements = list_op::apply(patcher, op, aim, elements, value)?;
        (!elements.is_empty()).then_some(Value::Array(elements))
    } else {
        single(patcher, op, &aim.target, current, value)?
    };
    if let Some(outcome) = &mut outcome {
        patcher.def.drop_derived(attribute, outcome);
    }
    check_change(op, &aim.target, fixed.as_ref(), outcome.as_ref())?;
    patcher.desired.document.set(extension, &attribute.name, outcome);
    Ok(())
}

/// What must not happen to the attribute as a whole: required ones stay, immutable ones stay the same.
fn check_change(
    op: PatchOp,
    target: &Target<'_>,
    fixed: Option<&Value>,
    outcome: Option<&Value>,
) -> Result<(), Finding> {
    if let Some(finding) = immutable_fault(target, fixed, outcome) {
        return Err(finding);
    }
    if target.attribute.required && outcome.is_none() {
        return Err(required(op, &target.path()));
    }
    Ok(())
}

/// 7644-3.5.2.2-06, 7644-3.5.2.3-08: what is required is neither removed nor emptied.
fn required(op: PatchOp, path: &str) -> Finding {
    if op == PatchOp::Remove {
        Finding::mutability(path, "is required and cannot be removed")
    } else {
        Finding::value(path, "is required and must not be empty")
    }
}

/// The new value of a single-valued attribute.
fn single(
    patcher: &mut Patcher<'_>,
    op: PatchOp,
    target: &Target<'_>,
    current: Option<Value>,
    value: Option<Value>,
) -> Result<Option<Value>, PatchError> {
    if let Some(sub) = target.sub {
        let mut parts = current.map(into_parts).unwrap_or_default();
        set_part(patcher, op, target, sub, &mut parts, value)?;
        return Ok(without_nulls(parts));
    }
    let path = target.path();
    let value = value.filter(|_| op != PatchOp::Remove).unwrap_or(Value::Null);
    if target.attribute.kind != AttributeType::Complex {
        return Ok(patcher.intake().attribute(&path, target.attribute, value)?);
    }
    let given = patcher.intake().parts(&path, target.attribute, value)?.map(Value::Object);
    if let Some(current) = &current
        && let Some(fault) = immutable_part_fault(target.attribute, &|| path.clone(), current, given.as_ref())
    {
        return Err(fault.into());
    }
    let Some(Value::Object(given)) = given else { return Ok(None) };
    let Some(Value::Object(mut parts)) = current else { return Ok(without_nulls(given)) };
    // A04: the given parts are added or replaced and the others left alone, unless settings say otherwise.
    if op == PatchOp::Replace && !patcher.tolerates(Tolerance::MergeComplex) {
        let old = Value::Object(parts);
        let whole = keep_immutable_parts(target.attribute, Some(&old), Some(Value::Object(given)));
        return Ok(whole.map(into_parts).and_then(without_nulls));
    }
    parts.extend(given);
    Ok(without_nulls(parts))
}

/// Sets or removes one part of a complex value.
pub(super) fn set_part(
    patcher: &mut Patcher<'_>,
    op: PatchOp,
    target: &Target<'_>,
    sub: &Attribute,
    parts: &mut Map<String, Value>,
    value: Option<Value>,
) -> Result<(), PatchError> {
    let path = target.path();
    let value = match value {
        Some(value) if op != PatchOp::Remove => {
            patcher.intake().within(target.attribute).attribute(&path, sub, value)?
        }
        _ => None,
    };
    let current = parts.remove(&sub.name);
    let value = match (&current, value) {
        // 7644-3.5.2.1-04: a part may be a list, too.
        (Some(Value::Array(known)), Some(Value::Array(added))) if op == PatchOp::Add => {
            let mut elements = known.clone();
            lay_over(&mut elements, added);
            Some(Value::Array(elements))
        }
        (Some(Value::Array(_)), None) if op == PatchOp::Add => current.clone(),
        (_, value) => value,
    };
    if sub.mutability == Mutability::Immutable && current.is_some() && current != value {
        return Err(Finding::mutability(&path, "cannot be changed once it is set").into());
    }
    if sub.required && value.is_none() && current.is_some() {
        return Err(required(op, &path).into());
    }
    if let Some(value) = value {
        parts.insert(sub.name.clone(), value);
    }
    Ok(())
}
