//! Comparisons with attributes that show links.

use scim_syntax::CompareOp;

use super::comparison::Comparison;
use super::{Binder, shown_key, some_element, test};
use crate::bind::BindError;
use crate::links::{LinkShape, LinkView};
use crate::predicate::{Check, Links, List, Names, Operand, Part, Predicate, Scalar};
use crate::schema::Attribute;
use crate::text::Folding;
use crate::type_def::Target;

impl<'b> Binder<'b> {
    pub(super) fn link_comparison(
        &self,
        target: &Target<'b>,
        view: &LinkView,
        comparison: Option<Comparison>,
    ) -> Result<Predicate, BindError> {
        let links = Links::from(view);
        match view.shape {
            LinkShape::List { .. } | LinkShape::Nested => {
                let list = List::Links(links);
                let Some(sub) = target.sub else { return Ok(some_element(list, Predicate::Always(true))) };
                Ok(match comparison {
                    None => some_element(list, self.far_present(view, sub)),
                    Some(comparison) => {
                        let holds = self.far(view, target, &comparison);
                        match comparison.op {
                            CompareOp::Ne if comparison.scalar.is_some() => Predicate::Any(vec![
                                some_element(list.clone(), holds),
                                Predicate::Not(Box::new(some_element(list, self.far_present(view, sub)))),
                            ]),
                            CompareOp::Eq if comparison.scalar.is_none() => {
                                Predicate::Not(Box::new(some_element(list, self.far_present(view, sub))))
                            }
                            _ => some_element(list, holds),
                        }
                    }
                })
            }
            LinkShape::Name => {
                let list = List::Links(links);
                let part = || Operand::Part(Part::FarName(target.folding()));
                Ok(match comparison {
                    None => some_element(list, test(part(), Check::Present)),
                    Some(comparison) => comparison.of_only_element(&list, part),
                })
            }
            LinkShape::Names => {
                let names = Names { links, shown: shown_key(target.extension, &target.attribute.name) };
                let operand = || Operand::Names(names.clone());
                Ok(match comparison {
                    None => test(operand(), Check::Present),
                    Some(comparison) => comparison.of_operand(operand, false),
                })
            }
        }
    }

    pub(super) fn far_present(&self, view: &LinkView, sub: &Attribute) -> Predicate {
        match sub.name.as_str() {
            "display" => test(Operand::Part(Part::FarName(Folding::CaseFolded)), Check::Present),
            "value" | "$ref" => Predicate::Always(true),
            "type" => Predicate::Always(view.shape.is_list()),
            _ => Predicate::Always(false),
        }
    }

    /// Whether a part of a far end equals what is compared.
    pub(super) fn far_equals(
        &self,
        view: &LinkView,
        part: &Target<'_>,
        comparison: &Comparison,
    ) -> Predicate {
        let equal = Comparison { op: CompareOp::Eq, scalar: comparison.scalar.clone() };
        self.far(view, part, &equal)
    }

    /// A comparison with a part of a far end; `ne` means that there is a value that differs.
    pub(super) fn far(&self, view: &LinkView, part: &Target<'_>, comparison: &Comparison) -> Predicate {
        let Some(sub) = part.sub else { return Predicate::Always(true) };
        let Some(check) = comparison.check() else { return self.far_present(view, sub) };
        let of_type =
            |name: &str| test(Operand::Part(Part::FarType), Check::Eq(Scalar::Text(name.to_owned())));
        match sub.name.as_str() {
            "value" => test(Operand::Part(Part::FarId), check),
            "display" => test(Operand::Part(Part::FarName(part.folding())), check),
            "type" => match view.shape {
                LinkShape::List { kind: Some(kind) } => {
                    comparison.of_constants(&[(kind, Predicate::Always(true))], Folding::CaseFolded)
                }
                LinkShape::Nested => {
                    let direct = |is| test(Operand::Part(Part::FarDirect), Check::Eq(Scalar::Bool(is)));
                    let kinds = [("direct", direct(true)), ("indirect", direct(false))];
                    comparison.of_constants(&kinds, Folding::CaseFolded)
                }
                _ => {
                    let types = self.context.endpoints.iter().map(|(name, _)| (name.as_str(), of_type(name)));
                    comparison.of_constants(&types.collect::<Vec<_>>(), Folding::CaseFolded)
                }
            },
            "$ref" => match &check {
                Check::Eq(Scalar::Text(uri)) => match self.resource_of(uri) {
                    Some((kind, id)) => {
                        let is_id = test(Operand::Part(Part::FarId), Check::Eq(Scalar::Text(id.to_owned())));
                        Predicate::All(vec![of_type(kind), is_id])
                    }
                    None => Predicate::Always(false),
                },
                Check::Ne(_) => Predicate::Not(Box::new(self.far_equals(view, part, comparison))),
                check => Predicate::Any(
                    self.context
                        .endpoints
                        .iter()
                        .map(|(name, endpoint)| {
                            let prefix = format!("{}{endpoint}/", self.context.base);
                            let behind = test(Operand::Part(Part::FarLocation(prefix)), check.clone());
                            Predicate::All(vec![of_type(name), behind])
                        })
                        .collect(),
                ),
            },
            _ => Predicate::Always(false),
        }
    }
}
