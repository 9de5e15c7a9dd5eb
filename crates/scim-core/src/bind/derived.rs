//! Comparisons with references that are printed and not stored: the id beside them is compared.

use scim_syntax::CompareOp;

use super::comparison::Comparison;
use super::{Binder, field, some_element, test, value_part};
use crate::predicate::{Check, List, Operand, Predicate, Scalar};
use crate::reference::{Behind, behind, resource_of};
use crate::type_def::Target;

impl<'b> Binder<'b> {
    /// The resource that a URI names.
    pub(super) fn resource_of<'u>(&self, uri: &'u str) -> Option<(&'b str, &'u str)> {
        resource_of(uri, self.context.base, self.context.endpoints)
    }

    /// The type that a `$ref` points at, if the document holds nothing but the id beside it.
    pub(super) fn derived(&self, target: &Target<'b>) -> Option<&'b str> {
        target.sub.filter(|sub| sub.name == "$ref")?;
        self.def.derived_reference(target.attribute)
    }

    /// A comparison with a derived `$ref`, seen from the field with the id.
    pub(super) fn derived_comparison(
        &self,
        id: &Target<'_>,
        resource_type: &str,
        comparison: &Comparison,
        list: Option<List>,
    ) -> Predicate {
        let Some(list) = list else {
            let operand = || Operand::Field(field(id, id.sub));
            return self.derived_part(resource_type, comparison, &operand);
        };
        let present = || some_element(list.clone(), test(value_part(), Check::Present));
        let some = || some_element(list.clone(), self.derived_part(resource_type, comparison, &value_part));
        match (comparison.op, &comparison.scalar) {
            (CompareOp::Eq, None) => Predicate::Not(Box::new(present())),
            (CompareOp::Ne, Some(_)) => Predicate::Any(vec![some(), Predicate::Not(Box::new(present()))]),
            _ => some(),
        }
    }

    /// A comparison with one derived `$ref`; `operand` is the id beside it.
    pub(super) fn derived_part(
        &self,
        resource_type: &str,
        comparison: &Comparison,
        operand: &dyn Fn() -> Operand,
    ) -> Predicate {
        let present = || test(operand(), Check::Present);
        let check = match (comparison.op, comparison.check()) {
            (CompareOp::Eq, None) => return Predicate::Not(Box::new(present())),
            (_, None) => return present(),
            (_, Some(check)) => check,
        };
        match &check {
            Check::Eq(Scalar::Text(uri)) | Check::Ne(Scalar::Text(uri)) => {
                let equal = match self.resource_of(uri) {
                    Some((kind, id)) if kind == resource_type => {
                        test(operand(), Check::Eq(Scalar::Text(id.to_owned())))
                    }
                    _ => Predicate::Always(false),
                };
                if comparison.op == CompareOp::Eq { equal } else { Predicate::Not(Box::new(equal)) }
            }
            check => {
                let endpoint = self.context.endpoints.iter().find(|(name, _)| name == resource_type);
                let prefix = endpoint.map(|(_, endpoint)| format!("{}{endpoint}/", self.context.base));
                match behind(&prefix.unwrap_or_default(), check) {
                    Behind::Always(true) => present(),
                    Behind::Always(false) => Predicate::Always(false),
                    Behind::Any(any) => {
                        Predicate::Any(any.into_iter().map(|check| test(operand(), check)).collect())
                    }
                }
            }
        }
    }

    /// Whether the resource is the one that the URI names, however it is written (7643-2.4-04).
    pub(super) fn is_at(&self, uri: &str, equal: bool) -> Predicate {
        let is_it = match self.resource_of(uri) {
            Some((kind, id)) if kind == self.def.name() => {
                test(Operand::Id, Check::Eq(Scalar::Text(id.to_owned())))
            }
            _ => Predicate::Always(false),
        };
        if equal { is_it } else { Predicate::Not(Box::new(is_it)) }
    }
}
