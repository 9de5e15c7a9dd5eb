//! Operations on a list of a document.

use scim_syntax::Filter;
use serde_json::{Map, Value};

use super::document_op::set_part;
use super::{Aim, PatchError, Patcher, from_filter, into_parts};
use crate::change::{immutable_part_fault, keep_immutable_parts};
use crate::elements::{distinct, is_primary, is_same, join_same, lay_over, set_primary};
use crate::intake::{MOST_ELEMENTS, without_nulls};
use crate::leniency::Tolerance;
use crate::match_form::element_form;
use crate::patch_request::PatchOp;
use crate::problem::ScimType;
use crate::schema::{Attribute, AttributeType};
use crate::schema_error::{Finding, quote};
use crate::type_def::Target;

/// The elements that the list holds afterwards.
pub(super) fn apply(
    patcher: &mut Patcher<'_>,
    op: PatchOp,
    aim: Aim<'_>,
    mut elements: Vec<Value>,
    value: Option<Value>,
) -> Result<Vec<Value>, PatchError> {
    let listed = value.is_some();
    let value = value.unwrap_or(Value::Null);
    let elements = match (op, aim.filter.is_some(), aim.target.sub) {
        (PatchOp::Remove, false, None) if !listed => Vec::new(),
        (PatchOp::Remove, false, None) => remove(patcher, &aim.target, elements, value)?,
        (PatchOp::Remove, true, None) => {
            let selected = select(patcher, aim, &elements)?;
            let mut keep = selected.iter().map(|selected| !selected);
            elements.retain(|_| keep.next().unwrap_or(true));
            elements
        }
        (PatchOp::Add, false, None) => {
            let added = patcher.intake().elements(&aim.target.path(), aim.target.attribute, value)?;
            patcher.look_at(added.len())?;
            // 7644-3.5.2-14: a new primary value takes the place of the old one.
            let primary = added.iter().find(|element| is_primary(element)).cloned();
            lay_over(&mut elements, added);
            if let Some(primary) = primary {
                elements.iter_mut().filter(|element| !is_same(element, &primary)).for_each(clear_primary);
                elements = distinct(elements);
            }
            elements
        }
        (PatchOp::Replace, false, None) => {
            patcher.intake().elements(&aim.target.path(), aim.target.attribute, value)?
        }
        _ => change(patcher, op, aim, elements, value)?,
    };
    if elements.len() > MOST_ELEMENTS {
        let message = format!("holds at most {MOST_ELEMENTS} values");
        return Err(Finding::value(&aim.target.path(), message).into());
    }
    Ok(elements)
}

/// 7644-3.5.2.2-08: exactly the listed elements go, never the whole list because of one.
fn remove(
    patcher: &mut Patcher<'_>,
    target: &Target<'_>,
    mut elements: Vec<Value>,
    value: Value,
) -> Result<Vec<Value>, PatchError> {
    let path = target.path();
    may_list(patcher, &path)?;
    let listed = patcher.intake().elements(&path, target.attribute, value)?;
    patcher.look_at(elements.len().saturating_mul(listed.len()))?;
    let form = |element: &Value| element_form(target.extension, target.attribute, element);
    let listed: Vec<Value> = listed.iter().filter_map(form).collect();
    elements.retain(|element| {
        form(element).is_none_or(|element| !listed.iter().any(|listed| is_listed(&element, listed)))
    });
    Ok(elements)
}

/// A remove with a list of what to remove is not in the RFC; literally read it would empty the list.
pub(super) fn may_list(patcher: &mut Patcher<'_>, path: &str) -> Result<(), Finding> {
    if patcher.tolerates(Tolerance::RemoveListed) {
        return Ok(());
    }
    let message =
        format!("a remove takes no `value`: say which value of `{path}` in brackets behind the path");
    Err(Finding::new(ScimType::InvalidValue, message))
}

/// Whether all parts of the listed element are those of the element, as comparisons see them.
fn is_listed(element: &Value, listed: &Value) -> bool {
    match (element, listed) {
        (Value::Object(parts), Value::Object(listed)) => listed.iter().all(|(name, value)| {
            // Not to be primary goes without saying (7643-2.4-01).
            let unsaid = name == "primary" && *value == Value::Bool(false);
            parts.get(name).map_or(unsaid, |part| part == value)
        }),
        _ => element == listed,
    }
}

/// Which elements the value filter selects; all without one.
fn select(patcher: &mut Patcher<'_>, aim: Aim<'_>, elements: &[Value]) -> Result<Vec<bool>, PatchError> {
    let Some(filter) = aim.filter else { return Ok(vec![true; elements.len()]) };
    // Each element was counted once already; each further term looks at it again.
    let size: usize = elements.iter().map(text_weight).sum();
    patcher.look_at(size.saturating_add(elements.len().saturating_mul(terms(filter) - 1)))?;
    let predicate = patcher.def.bind_element(&Target { sub: None, ..aim.target }, filter, patcher.context)?;
    let matches = |element: &Value| {
        element_form(aim.target.extension, aim.target.attribute, element)
            .is_some_and(|form| predicate.matches_value(&form))
    };
    Ok(elements.iter().map(matches).collect())
}

/// How many comparisons are in a filter; at least one.
fn terms(filter: &Filter<'_>) -> usize {
    match filter {
        Filter::Present(_) | Filter::Compare { .. } => 1,
        Filter::ValuePath { filter, .. } | Filter::Not(filter) => terms(filter),
        Filter::And(all) | Filter::Or(all) => all.iter().map(terms).sum::<usize>().max(1),
    }
}

/// What the texts of an element count for beyond one value: long ones take their time to be compared.
fn text_weight(element: &Value) -> usize {
    const ONE_VALUE: usize = 100;
    match element {
        Value::String(text) => text.len() / ONE_VALUE,
        Value::Object(parts) => parts.values().map(text_weight).sum(),
        _ => 0,
    }
}

/// Changes the selected elements: one part of each, or each as a whole.
fn change(
    patcher: &mut Patcher<'_>,
    op: PatchOp,
    aim: Aim<'_>,
    mut elements: Vec<Value>,
    value: Value,
) -> Result<Vec<Value>, PatchError> {
    let value = single_of(patcher, aim.target.leaf(), value);
    let mut selected = select(patcher, aim, &elements)?;
    let mut sets_primary = false;
    if !selected.contains(&true) {
        let Some(element) = create(patcher, op, aim, &value)? else { return Ok(elements) };
        sets_primary = is_primary(&element);
        elements.push(element);
        selected.push(true);
    }
    let new = match aim.target.sub {
        Some(_) => None,
        None => new_element(patcher, &aim.target, value.clone())?,
    };
    sets_primary |= new.as_ref().is_some_and(is_primary);
    let mut changed = Vec::with_capacity(elements.len());
    for (element, selected) in elements.into_iter().zip(selected) {
        if !selected {
            changed.push((element, false));
            continue;
        }
        let element = match aim.target.sub {
            Some(sub) => {
                let mut parts = into_parts(element);
                set_part(patcher, op, &aim.target, sub, &mut parts, Some(value.clone()))?;
                sets_primary |= sub.name == "primary" && parts.get("primary") == Some(&Value::Bool(true));
                without_nulls(parts)
            }
            None => changed_whole(op, &aim.target, element, new.as_ref())?,
        };
        changed.extend(element.map(|element| (element, true)));
    }
    settle_primary(&aim.target, sets_primary, join_same(changed))
}

/// A list of one where an element belongs.
pub(super) fn single_of(patcher: &mut Patcher<'_>, leaf: &Attribute, value: Value) -> Value {
    match value {
        Value::Array(mut list)
            if list.len() <= 1
                && leaf.multi_valued
                && leaf.kind == AttributeType::Complex
                && patcher.tolerates(Tolerance::WrappedValue) =>
        {
            list.pop().unwrap_or_default()
        }
        value => value,
    }
}

/// The value of an operation on whole elements, with a null for each part that is to be cleared.
fn new_element(
    patcher: &mut Patcher<'_>,
    target: &Target<'_>,
    value: Value,
) -> Result<Option<Value>, PatchError> {
    let path = target.path();
    Ok(if target.attribute.kind == AttributeType::Complex {
        patcher.intake().parts(&path, target.attribute, value)?.map(Value::Object)
    } else {
        patcher.intake().single(&path, target.attribute, value)?
    })
}

/// A selected element afterwards; none if it goes.
fn changed_whole(
    op: PatchOp,
    target: &Target<'_>,
    element: Value,
    new: Option<&Value>,
) -> Result<Option<Value>, PatchError> {
    // Nothing is added, or nothing takes the place.
    let Some(new) = new else { return Ok((op == PatchOp::Add).then_some(element)) };
    if let Some(fault) = immutable_part_fault(target.attribute, &|| target.path(), &element, Some(new)) {
        return Err(fault.into());
    }
    Ok(match (element, new.clone()) {
        (Value::Object(mut parts), Value::Object(new)) if op == PatchOp::Add => {
            parts.extend(new);
            without_nulls(parts)
        }
        (old, new @ Value::Object(_)) => {
            let new = keep_immutable_parts(target.attribute, Some(&old), Some(new));
            new.map(into_parts).and_then(without_nulls)
        }
        (_, new) => Some(new),
    })
}

/// 7644-3.5.2-14: a new primary value takes the place of the old one; there cannot be two.
fn settle_primary(
    target: &Target<'_>,
    sets_primary: bool,
    mut elements: Vec<(Value, bool)>,
) -> Result<Vec<Value>, PatchError> {
    if !sets_primary {
        return Ok(elements.into_iter().map(|(element, _)| element).collect());
    }
    let primaries = elements.iter().filter(|(element, changed)| *changed && is_primary(element)).count();
    if primaries > 1 && !target.attribute.settles_primary {
        let message = "would have more than one primary value; select one to be primary";
        return Err(Finding::value(&target.attribute.name, message).into());
    }
    elements.iter_mut().filter(|(_, changed)| !changed).for_each(|(element, _)| clear_primary(element));
    Ok(distinct(elements.into_iter().map(|(element, _)| element)))
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
    if op == PatchOp::Remove {
        return Ok(None);
    }
    let Some(filter) = aim.filter else { return Ok((!empty).then(|| Value::Object(Map::new()))) };
    let no_target = || {
        let verb = if op == PatchOp::Add { "add to" } else { "replace" };
        let message = format!(
            "no value of `{}` matches {}, so there is nothing to {verb}",
            target.attribute.name,
            quote(&filter),
        );
        PatchError::from(Finding::new(ScimType::NoTarget, message))
    };
    // Without a sub-attribute a replace means what is there, and nothing is (7644-3.5.2.3-07).
    let creates = target.attribute.kind == AttributeType::Complex
        && (op == PatchOp::Add
            || (target.sub.is_some() && patcher.leniency.allows(Tolerance::CreateFromFilter)));
    let parts = if creates { from_filter::parts(target.attribute, filter) } else { None };
    let parts = parts.ok_or_else(no_target)?;
    if empty {
        return Ok(None);
    }
    patcher.tolerates(Tolerance::CreateFromFilter);
    let path = Target { sub: None, ..target }.path();
    let element = patcher.intake().single(&path, target.attribute, Value::Object(parts))?;
    element.map(Some).ok_or_else(no_target)
}

/// An element that was primary says so no longer.
fn clear_primary(element: &mut Value) {
    if is_primary(element) {
        set_primary(element, false);
    }
}
