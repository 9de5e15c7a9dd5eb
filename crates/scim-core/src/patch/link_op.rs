//! Operations on a linked list, such as the members of a group.

use scim_syntax::{AttrPath, CompareOp, Filter, Literal};
use serde_json::{Map, Value};

use super::list_op::{may_list, single_of};
use super::{Aim, PatchError, Patcher, from_filter};
use crate::body::AttrKey;
use crate::change::far_ids;
use crate::leniency::Tolerance;
use crate::links::{LinkStep, Refusal};
use crate::patch_request::PatchOp;
use crate::predicate::{Check, Operand, Part, Predicate, Scalar, Test};
use crate::problem::ScimType;
use crate::schema::Attribute;
use crate::schema_error::{Finding, quote};
use crate::type_def::Target;

/// What a filter that the store must run counts for, in values looked at: a hundred are too many.
const FILTER: usize = 10_001;

pub(super) fn apply(
    patcher: &mut Patcher<'_>,
    op: PatchOp,
    aim: Aim<'_>,
    value: Option<Value>,
) -> Result<(), PatchError> {
    let path = aim.target.path();
    let steps = match (op, aim.target.sub, aim.filter) {
        (PatchOp::Remove, None, Some(filter)) => {
            let step = remove_where(element_filter(patcher, aim, filter)?);
            if matches!(step, LinkStep::RemoveWhere(_)) {
                patcher.look_at(FILTER)?;
            }
            vec![step]
        }
        (PatchOp::Remove, None, None) => match value {
            None => vec![LinkStep::Clear],
            // 7644-3.5.2.2-08: exactly the listed ones go, never the whole list.
            Some(value) => {
                may_list(patcher, &path)?;
                vec![LinkStep::Remove(ids(patcher, aim, value)?)]
            }
        },
        (PatchOp::Add, None, None) => vec![LinkStep::Add(ids(patcher, aim, value.unwrap_or(Value::Null))?)],
        (PatchOp::Replace, None, None) => {
            let ids = ids(patcher, aim, value.unwrap_or(Value::Null))?;
            vec![LinkStep::Clear, LinkStep::Add(ids)]
        }
        (PatchOp::Add | PatchOp::Replace, _, Some(filter)) => {
            selected(patcher, op, aim, filter, value.unwrap_or(Value::Null))?
        }
        // 7643-4.2-02: a member comes and goes whole.
        (_, Some(_), _) => return Err(unchangeable(&path).into()),
    };
    let key = AttrKey::new(&aim.target);
    let program = patcher.desired.links.entry(key).or_default();
    steps.into_iter().for_each(|step| program.push(step));
    Ok(())
}

/// An add to selected values, or a replace of them. The parts of a value are immutable (7643-4.2-02), so it
/// can only be set to what it is (7644-3.5.2-09), or be created where there is none (7644-3.5.2.1-08).
fn selected(
    patcher: &mut Patcher<'_>,
    op: PatchOp,
    aim: Aim<'_>,
    filter: &Filter<'_>,
    value: Value,
) -> Result<Vec<LinkStep>, PatchError> {
    let target = aim.target;
    let attribute = target.attribute;
    let predicate = element_filter(patcher, aim, filter)?;
    // What a selected value is to have in its parts.
    let parts = match target.sub {
        Some(sub) => {
            let part = patcher.intake().attribute(&target.path(), sub, value)?;
            part.map(|part| Map::from_iter([(sub.name.clone(), part)]))
        }
        None => {
            let value = single_of(patcher, attribute, value);
            let mut parts = patcher.intake().parts(&target.path(), attribute, value)?;
            // Of what else is said of a value as a whole, the server knows better (7643-4.2-03).
            if let Some(parts) = &mut parts {
                parts.retain(|name, _| name == "value");
            }
            parts
        }
    };
    let Some(mut parts) = parts else { return Err(unchangeable(&target.path()).into()) };
    parts.retain(|_, part| !part.is_null());
    let mut steps = Vec::new();
    for (name, part) in &parts {
        if let Some(filter) = differs(patcher, aim, &predicate, name, part)? {
            // Whatever is linked, nothing can be both: the filter says one id and the value another.
            if target.sub.is_some() && name == "value" && named_ids(&predicate).is_some() {
                return Err(unchangeable(&target.path()).into());
            }
            patcher.look_at(FILTER)?;
            let finding = unchangeable(&target.path());
            steps.push(LinkStep::Refuse(Refusal { filter, when: true, finding }));
        }
    }
    let may_create =
        op == PatchOp::Add || (target.sub.is_some() && patcher.leniency.allows(Tolerance::CreateFromFilter));
    let id = if may_create { created_id(attribute, filter, &parts) } else { None };
    match id {
        // One that is there already stays as it is.
        Some(id) => steps.push(LinkStep::Add(vec![id])),
        None => {
            let verb = if op == PatchOp::Add { "add to" } else { "replace" };
            let message = format!(
                "no value of `{}` matches {}, so there is nothing to {verb}",
                attribute.name,
                quote(&filter)
            );
            patcher.look_at(FILTER)?;
            let finding = Finding::new(ScimType::NoTarget, message);
            steps.insert(0, LinkStep::Refuse(Refusal { filter: predicate, when: false, finding }));
        }
    }
    Ok(steps)
}

/// The far ends that the filter selects and whose part is not that; none if there cannot be any.
fn differs(
    patcher: &Patcher<'_>,
    aim: Aim<'_>,
    selected: &Predicate,
    name: &str,
    part: &Value,
) -> Result<Option<Predicate>, PatchError> {
    if let (Some(ids), Some(id), "value") = (named_ids(selected), part.as_str(), name)
        && ids.iter().all(|named| named == id)
    {
        return Ok(None);
    }
    let text = part.as_str().unwrap_or_default();
    let literal = Literal::String(text.into());
    let Ok(path) = name.parse::<AttrPath<'_>>() else { return Ok(None) };
    let same = Filter::Compare { path, op: CompareOp::Eq, value: literal };
    let same = element_filter(patcher, aim, &same)?;
    Ok(Some(selected.clone().and(Predicate::Not(Box::new(same)))))
}

/// The id of the value that an add creates where the filter selects none; none if it does not say one.
fn created_id(attribute: &Attribute, filter: &Filter<'_>, parts: &Map<String, Value>) -> Option<String> {
    let mut whole = from_filter::parts(attribute, filter)?;
    whole.extend(parts.clone());
    whole.get("value")?.as_str().filter(|id| !id.is_empty()).map(str::to_owned)
}

fn element_filter(patcher: &Patcher<'_>, aim: Aim<'_>, filter: &Filter<'_>) -> Result<Predicate, PatchError> {
    let list = Target { sub: None, ..aim.target };
    Ok(patcher.def.bind_element(&list, filter, patcher.context)?)
}

fn unchangeable(path: &str) -> Finding {
    Finding::mutability(path, "cannot be changed in parts: remove the value and add another one")
}

/// A filter on ids alone names the far ends; it need not be run.
fn remove_where(predicate: Predicate) -> LinkStep {
    named_ids(&predicate).map_or(LinkStep::RemoveWhere(predicate), LinkStep::Remove)
}

/// The ids that the filter names, if it selects by nothing else.
fn named_ids(predicate: &Predicate) -> Option<Vec<String>> {
    let mut ids = Vec::new();
    collect_ids(predicate, &mut ids).then_some(ids)
}

fn collect_ids(predicate: &Predicate, ids: &mut Vec<String>) -> bool {
    match predicate {
        Predicate::Test(Test { operand: Operand::Part(Part::FarId), check: Check::Eq(Scalar::Text(id)) }) => {
            ids.push(id.clone());
            true
        }
        Predicate::Any(any) => any.iter().all(|one| collect_ids(one, ids)),
        _ => false,
    }
}

fn ids(patcher: &mut Patcher<'_>, aim: Aim<'_>, value: Value) -> Result<Vec<String>, PatchError> {
    let elements = patcher.intake().link_elements(&aim.target.path(), aim.target.attribute, value)?;
    Ok(far_ids(&elements))
}
