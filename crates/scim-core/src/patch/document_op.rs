//! Operations on what a document holds.

use serde_json::{Map, Value};

use super::{Aim, PatchError, Patcher, from_filter, into_parts, no_list};
use crate::body::AttrKey;
use crate::change::immutable_change;
use crate::intake::{is_primary, merge, same_element};
use crate::leniency::Tolerance;
use crate::match_form::element_form;
use crate::patch_request::PatchOp;
use crate::problem::ScimType;
use crate::schema::{Attribute, AttributeType, Mutability};
use crate::schema_error::{Finding, quote};
use crate::type_def::Target;

pub(super) fn apply(
    patcher: &mut Patcher<'_>,
    op: PatchOp,
    aim: Aim<'_>,
    value: Option<Value>,
) -> Result<(), PatchError> {
    let target = aim.target;
    let current = patcher.desired.document.get(target.extension, &target.attribute.name).cloned();
    let outcome = if target.attribute.multi_valued {
        let elements = match current.clone() {
            Some(Value::Array(elements)) => elements,
            _ => Vec::new(),
        };
        let elements = list(patcher, op, aim, elements, value)?;
        (!elements.is_empty()).then_some(Value::Array(elements))
    } else if aim.filter.is_some() {
        return Err(no_list(&target).into());
    } else {
        single(patcher, op, &target, current.clone(), value)?
    };
    check_change(op, &target, current.as_ref(), outcome.as_ref())?;
    patcher.desired.document.set(target.extension, &target.attribute.name, outcome);
    Ok(())
}

/// What must not happen to the attribute as a whole: required ones stay, immutable ones stay the same.
fn check_change(
    op: PatchOp,
    target: &Target<'_>,
    current: Option<&Value>,
    outcome: Option<&Value>,
) -> Result<(), Finding> {
    if let Some(finding) = immutable_change(&AttrKey::new(target), target.attribute, current, outcome) {
        return Err(finding);
    }
    if target.attribute.required && outcome.is_none() {
        return Err(if op == PatchOp::Remove {
            Finding::mutability(&target.path(), "is required and cannot be removed")
        } else {
            Finding::value(&target.path(), "is required and must not be empty")
        });
    }
    Ok(())
}

/// The new value of a single-valued attribute.
fn single(
    patcher: &mut Patcher<'_>,
    op: PatchOp,
    target: &Target<'_>,
    current: Option<Value>,
    value: Option<Value>,
) -> Result<Option<Value>, PatchError> {
    let path = target.path();
    if let Some(sub) = target.sub {
        let mut parts = current.map(into_parts).unwrap_or_default();
        set_part(patcher, op, &path, sub, &mut parts, value)?;
        return Ok((!parts.is_empty()).then_some(Value::Object(parts)));
    }
    let Some(value) = value.filter(|_| op != PatchOp::Remove) else { return Ok(None) };
    let value = patcher.intake().attribute(&path, target.attribute, value)?;
    let (Some(value), AttributeType::Complex) = (value.clone(), target.attribute.kind) else {
        return Ok(value);
    };
    // A04: the given parts are added or replaced and the others left alone, unless settings say otherwise.
    let whole = op == PatchOp::Replace && !patcher.tolerates(Tolerance::MergeComplex);
    match current {
        Some(mut current) if !whole => {
            check_immutable_parts(target, &current, &value)?;
            merge(&mut current, value);
            Ok(Some(current))
        }
        _ => Ok(Some(value)),
    }
}

fn check_immutable_parts(target: &Target<'_>, current: &Value, value: &Value) -> Result<(), Finding> {
    for sub in target.attribute.sub_attributes.iter().filter(|sub| sub.mutability == Mutability::Immutable) {
        if let (Some(old), Some(new)) = (current.get(&sub.name), value.get(&sub.name))
            && old != new
        {
            let path = format!("{}.{}", target.path(), sub.name);
            return Err(Finding::mutability(&path, "cannot be changed once it is set"));
        }
    }
    Ok(())
}

/// Sets or removes one part of a complex value.
fn set_part(
    patcher: &mut Patcher<'_>,
    op: PatchOp,
    path: &str,
    sub: &Attribute,
    parts: &mut Map<String, Value>,
    value: Option<Value>,
) -> Result<(), PatchError> {
    let value = match value {
        Some(value) if op != PatchOp::Remove => patcher.intake().attribute(path, sub, value)?,
        _ => None,
    };
    if sub.mutability == Mutability::Immutable {
        let current = parts.get(&sub.name);
        if current.is_some() && current != value.as_ref() {
            return Err(Finding::mutability(path, "cannot be changed once it is set").into());
        }
    }
    if sub.required && value.is_none() && parts.contains_key(&sub.name) {
        return Err(if op == PatchOp::Remove {
            Finding::mutability(path, "is required and cannot be removed").into()
        } else {
            Finding::value(path, "is required and must not be empty").into()
        });
    }
    match value {
        Some(value) => parts.insert(sub.name.clone(), value),
        None => parts.remove(&sub.name),
    };
    Ok(())
}

/// The new elements of a list.
fn list(
    patcher: &mut Patcher<'_>,
    op: PatchOp,
    aim: Aim<'_>,
    mut elements: Vec<Value>,
    value: Option<Value>,
) -> Result<Vec<Value>, PatchError> {
    let target = aim.target;
    let path = target.path();
    let selected = select(patcher, aim, &elements)?;
    let value = value.unwrap_or(Value::Null);
    match (op, selected) {
        (PatchOp::Remove, None) if target.sub.is_none() => {
            if value.is_null() {
                return Ok(Vec::new());
            }
            // 7644-3.5.2.2-08: exactly the listed elements go, never the whole list.
            patcher.tolerates(Tolerance::RemoveListed);
            let listed = patcher.intake().elements(&path, target.attribute, value)?;
            elements.retain(|element| !listed.iter().any(|listed| is_listed(element, listed)));
            Ok(elements)
        }
        (PatchOp::Remove, Some(selected)) if target.sub.is_none() => {
            let mut keep = selected.iter().map(|selected| !selected);
            elements.retain(|_| keep.next().unwrap_or(true));
            Ok(elements)
        }
        (PatchOp::Add, None) if target.sub.is_none() => {
            let added = patcher.intake().elements(&path, target.attribute, value)?;
            hand_over_primary(&mut elements, &added);
            for element in added {
                match elements.iter_mut().find(|known| same_element(known, &element)) {
                    Some(known) => merge(known, element),
                    None => elements.push(element),
                }
            }
            Ok(elements)
        }
        (PatchOp::Replace, None) if target.sub.is_none() => {
            Ok(patcher.intake().elements(&path, target.attribute, value)?)
        }
        (op, selected) => {
            let mut selected = selected.unwrap_or_else(|| vec![true; elements.len()]);
            if !selected.contains(&true) {
                match create(patcher, op, aim, &value)? {
                    Some(element) => {
                        elements.push(element);
                        selected.push(true);
                    }
                    None => return Ok(elements),
                }
            }
            change_selected(patcher, op, &target, elements, &selected, &value)
        }
    }
}

/// Which elements the value filter selects; none without a filter.
fn select(patcher: &Patcher<'_>, aim: Aim<'_>, elements: &[Value]) -> Result<Option<Vec<bool>>, PatchError> {
    let Some(filter) = aim.filter else { return Ok(None) };
    let predicate = patcher.def.bind_element(&Target { sub: None, ..aim.target }, filter, patcher.context)?;
    let matches = |element: &Value| {
        element_form(aim.target.extension, aim.target.attribute, element)
            .is_some_and(|form| predicate.matches_value(&form))
    };
    Ok(Some(elements.iter().map(matches).collect()))
}

/// The element to start from where nothing was selected; none if there is nothing to do (A01, A03).
fn create(
    patcher: &mut Patcher<'_>,
    op: PatchOp,
    aim: Aim<'_>,
    value: &Value,
) -> Result<Option<Value>, PatchError> {
    let target = aim.target;
    let empty = value.is_null() || value.as_str().is_some_and(str::is_empty);
    if op == PatchOp::Remove || (aim.filter.is_none() && empty) {
        return Ok(None);
    }
    let no_target = || {
        let filter = aim.filter.map_or_else(String::new, |filter| format!("[{filter}]"));
        let message = format!(
            "no value of `{}` matches {}, so there is nothing to {}",
            target.attribute.name,
            quote(&filter),
            if op == PatchOp::Add { "add to" } else { "replace" }
        );
        PatchError::from(Finding::new(ScimType::NoTarget, message))
    };
    let Some(filter) = aim.filter else { return Ok(Some(Value::Object(Map::new()))) };
    // Without a sub-attribute a replace means what is there, and nothing is (7644-3.5.2.3-07).
    let creates = target.attribute.kind == AttributeType::Complex
        && (target.sub.is_some() || op == PatchOp::Add)
        && (op == PatchOp::Add || patcher.leniency.allows(Tolerance::CreateFromFilter));
    let parts = if creates { from_filter::parts(target.attribute, filter) } else { None };
    let parts = parts.ok_or_else(no_target)?;
    if empty {
        return Ok(None);
    }
    patcher.tolerates(Tolerance::CreateFromFilter);
    let path = target.attribute.name.clone();
    Ok(patcher.intake().single(&path, target.attribute, Value::Object(parts))?)
}

/// Changes the selected elements: one part of each, or each as a whole.
fn change_selected(
    patcher: &mut Patcher<'_>,
    op: PatchOp,
    target: &Target<'_>,
    mut elements: Vec<Value>,
    selected: &[bool],
    value: &Value,
) -> Result<Vec<Value>, PatchError> {
    let path = target.path();
    let mut changed = Vec::with_capacity(elements.len());
    let mut made_primary = false;
    for (element, selected) in elements.iter_mut().zip(selected) {
        let mut element = std::mem::take(element);
        if *selected {
            let was_primary = is_primary(&element);
            element = match target.sub {
                Some(sub) => {
                    let mut parts = into_parts(element);
                    set_part(patcher, op, &path, sub, &mut parts, Some(value.clone()))?;
                    Value::Object(parts)
                }
                None => match patcher.intake().single(&path, target.attribute, value.clone())? {
                    None => Value::Null,
                    Some(new) if op == PatchOp::Replace => new,
                    Some(new) => {
                        check_immutable_parts(target, &element, &new)?;
                        merge(&mut element, new);
                        element
                    }
                },
            };
            if is_primary(&element) && !was_primary {
                if made_primary {
                    return Err(Finding::value(&path, "would have more than one primary value").into());
                }
                made_primary = true;
            }
            changed.push((element, true));
        } else {
            changed.push((element, false));
        }
    }
    // 7644-3.5.2-14: a new primary value takes the place of the old one.
    if made_primary {
        let mut kept_new = false;
        for (element, selected) in &mut changed {
            let is_new = *selected && is_primary(element) && !kept_new;
            kept_new |= is_new;
            if !is_new {
                clear_primary(element);
            }
        }
    }
    // What has lost all its parts, or equals another element now, is gone.
    let mut outcome: Vec<Value> = Vec::with_capacity(changed.len());
    for (element, _) in changed {
        let empty = element.is_null() || element.as_object().is_some_and(Map::is_empty);
        if !empty && !outcome.contains(&element) {
            outcome.push(element);
        }
    }
    Ok(outcome)
}

fn hand_over_primary(elements: &mut [Value], added: &[Value]) {
    if added.iter().any(is_primary) {
        elements.iter_mut().for_each(clear_primary);
    }
}

/// An element that was primary says so no longer.
fn clear_primary(element: &mut Value) {
    if is_primary(element) {
        element["primary"] = Value::Bool(false);
    }
}

/// Whether all parts of the listed element are those of the element.
fn is_listed(element: &Value, listed: &Value) -> bool {
    match (element, listed) {
        (Value::Object(parts), Value::Object(listed)) => {
            listed.iter().all(|(name, value)| parts.get(name) == Some(value))
        }
        _ => element == listed,
    }
}
