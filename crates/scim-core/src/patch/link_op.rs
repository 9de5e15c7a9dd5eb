//! Operations on a linked list, such as the members of a group.

use serde_json::Value;

use super::list_op::may_list;
use super::{Aim, PatchError, Patcher};
use crate::body::AttrKey;
use crate::change::far_ids;
use crate::links::LinkStep;
use crate::patch_request::PatchOp;
use crate::predicate::{Check, Operand, Part, Predicate, Scalar, Test};
use crate::schema_error::Finding;
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
    let selected = aim
        .filter
        .map(|filter| patcher.def.bind_element(&Target { sub: None, ..aim.target }, filter, patcher.context))
        .transpose()?;
    let steps = match (op, aim.target.sub.is_some(), selected) {
        (PatchOp::Remove, false, Some(predicate)) => {
            let step = remove_where(predicate);
            if matches!(step, LinkStep::RemoveWhere(_)) {
                patcher.look_at(FILTER)?;
            }
            vec![step]
        }
        (PatchOp::Remove, false, None) => match value {
            None | Some(Value::Null) => vec![LinkStep::Clear],
            // 7644-3.5.2.2-08: exactly the listed ones go, never the whole list.
            Some(value) => {
                may_list(patcher, &path)?;
                vec![LinkStep::Remove(ids(patcher, aim, value)?)]
            }
        },
        (PatchOp::Add, false, None) => vec![LinkStep::Add(ids(patcher, aim, value.unwrap_or(Value::Null))?)],
        (PatchOp::Replace, false, None) => {
            let ids = ids(patcher, aim, value.unwrap_or(Value::Null))?;
            vec![LinkStep::Clear, LinkStep::Add(ids)]
        }
        // 7643-4.2-02: a member comes and goes whole.
        (PatchOp::Add | PatchOp::Replace, false, Some(_)) | (_, true, _) => {
            let message = "cannot be changed in parts: remove the value and add another one";
            return Err(Finding::mutability(&path, message).into());
        }
    };
    let key = AttrKey::new(&aim.target);
    let program = patcher.desired.links.entry(key).or_default();
    steps.into_iter().for_each(|step| program.push(step));
    Ok(())
}

/// A filter on ids alone names the far ends; it need not be run.
fn remove_where(predicate: Predicate) -> LinkStep {
    let mut ids = Vec::new();
    if collect_ids(&predicate, &mut ids) { LinkStep::Remove(ids) } else { LinkStep::RemoveWhere(predicate) }
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
