//! The filter in brackets: what one element of a list must be.

use scim_syntax::{AttrPath, CompareOp, Filter};

use super::comparison::Comparison;
use super::{BindError, Binder, element_operand, is_primary, test, value_part};
use crate::predicate::{Check, Predicate};
use crate::schema::AttributeType;
use crate::secret_text::conceal;
use crate::type_def::Target;

impl<'b> Binder<'b> {
    pub(super) fn element_filter(
        &self,
        target: &Target<'b>,
        filter: &Filter<'_>,
    ) -> Result<Predicate, BindError> {
        if !target.attribute.multi_valued || target.sub.is_some() {
            return Err(BindError::NoList { path: target.path() });
        }
        if target.attribute.is_secret() {
            return Err(BindError::Secret { path: target.path() });
        }
        Ok(match filter {
            Filter::And(all) => {
                Predicate::All(all.iter().map(|f| self.element_filter(target, f)).collect::<Result<_, _>>()?)
            }
            Filter::Or(any) => {
                Predicate::Any(any.iter().map(|f| self.element_filter(target, f)).collect::<Result<_, _>>()?)
            }
            Filter::Not(not) => Predicate::Not(Box::new(self.element_filter(target, not)?)),
            Filter::Present(path) => {
                let part = self.part(target, path)?;
                match (target.link, part.sub) {
                    (Some(view), Some(sub)) => self.far_present(view, sub),
                    _ if self.derived(&part).is_some() => test(value_part(), Check::Present),
                    _ => test(element_operand(&part), Check::Present),
                }
            }
            Filter::Compare { path, op, value } => {
                let part = self.part(target, path)?;
                let comparison = Comparison::new(&part, *op, value)?;
                match (target.link, part.sub) {
                    (Some(view), Some(sub)) => match (comparison.op, &comparison.scalar) {
                        (CompareOp::Eq, None) => Predicate::Not(Box::new(self.far_present(view, sub))),
                        (CompareOp::Ne, Some(_)) => {
                            Predicate::Not(Box::new(self.far_equals(view, &part, &comparison)))
                        }
                        _ => self.far(view, &part, &comparison),
                    },
                    _ if is_primary(&part) => comparison.of_primary_part(),
                    _ => match self.derived(&part) {
                        Some(kind) => self.derived_part(kind, &comparison, &value_part),
                        None => {
                            let multi_valued = part.sub.is_some_and(|sub| sub.multi_valued);
                            comparison.of_operand(|| element_operand(&part), multi_valued)
                        }
                    },
                }
            }
            // The grammar has no brackets within brackets (E4690).
            Filter::ValuePath { path, .. } => return Err(BindError::NoList { path: path.to_string() }),
        })
    }

    /// A part of the elements of a list; `value` stands for the element in a list of simple values.
    pub(super) fn part(&self, target: &Target<'b>, path: &AttrPath<'_>) -> Result<Target<'b>, BindError> {
        let unknown = || BindError::UnknownAttribute {
            path: conceal(&format_args!("{}.{path}", target.path())),
            resource_type: self.def.name().to_owned(),
        };
        if path.schema().is_some() || path.sub().is_some() {
            return Err(unknown());
        }
        let name = path.name().as_str();
        if target.attribute.kind != AttributeType::Complex {
            return if name.eq_ignore_ascii_case("value") { Ok(*target) } else { Err(unknown()) };
        }
        let sub = target.attribute.sub_attribute(name).ok_or_else(unknown)?;
        if sub.is_secret() {
            return Err(BindError::Secret { path: target.path() });
        }
        Ok(Target { sub: Some(sub), ..*target })
    }
}
