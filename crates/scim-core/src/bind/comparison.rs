//! One comparison: whether it suits the attribute, and what it means.

use scim_syntax::{CompareOp, Literal};

use super::{BindError, primary, some_element, test};
use crate::instant::Instant;
use crate::intake::{decode_base64, encode_base64, parse_boolean};
use crate::predicate::{Check, List, Operand, Part, Predicate, Scalar};
use crate::schema::AttributeType;
use crate::schema_error::quote;
use crate::text::Folding;
use crate::type_def::Target;

/// An operator with an operand that suits the attribute; without one it is compared with null.
pub(super) struct Comparison {
    pub(super) op: CompareOp,
    pub(super) scalar: Option<Scalar>,
}

impl Comparison {
    pub(super) fn new(target: &Target<'_>, op: CompareOp, value: &Literal<'_>) -> Result<Self, BindError> {
        let kind = target.leaf().kind;
        if kind == AttributeType::Complex {
            return Err(complex(target));
        }
        let texts = matches!(kind, AttributeType::String | AttributeType::Reference);
        let ordered = !matches!(kind, AttributeType::Boolean | AttributeType::Binary);
        let suits = match op {
            CompareOp::Eq | CompareOp::Ne => true,
            CompareOp::Co | CompareOp::Sw | CompareOp::Ew => texts,
            CompareOp::Gt | CompareOp::Ge | CompareOp::Lt | CompareOp::Le => ordered,
        };
        if !suits {
            return Err(wrong_operator(target, op));
        }
        let scalar = match (kind, value) {
            (_, Literal::Null) if matches!(op, CompareOp::Eq | CompareOp::Ne) => None,
            (AttributeType::String | AttributeType::Reference, Literal::String(text)) => {
                Some(Scalar::Text(target.folding().fold(text).into_owned()))
            }
            (AttributeType::DateTime, Literal::String(text)) => {
                Some(Scalar::Text(Instant::parse(text).ok_or_else(|| unfit(target, value))?.sortable()))
            }
            (AttributeType::Binary, Literal::String(text)) => {
                Some(Scalar::Text(encode_base64(&decode_base64(text).ok_or_else(|| unfit(target, value))?)))
            }
            (AttributeType::Boolean, Literal::Bool(value)) => Some(Scalar::Bool(*value)),
            (AttributeType::Boolean, Literal::String(text)) => {
                Some(Scalar::Bool(parse_boolean(text).ok_or_else(|| unfit(target, value))?))
            }
            (AttributeType::Integer | AttributeType::Decimal, Literal::Number(number)) => {
                Some(match (number.as_i64(), number.as_f64()) {
                    (Some(int), _) => Scalar::Int(int),
                    (None, Some(real)) => Scalar::Real(real),
                    (None, None) => return Err(unfit(target, value)),
                })
            }
            _ => return Err(unfit(target, value)),
        };
        Ok(Self { op, scalar })
    }

    /// The check of a value that is there; none for a comparison with null.
    pub(super) fn check(&self) -> Option<Check> {
        let scalar = self.scalar.clone()?;
        let text = |scalar: Scalar| match scalar {
            Scalar::Text(text) => text,
            // `new` lets only texts through to these operators.
            Scalar::Bool(_) | Scalar::Int(_) | Scalar::Real(_) => String::new(),
        };
        Some(match self.op {
            CompareOp::Eq => Check::Eq(scalar),
            CompareOp::Ne => Check::Ne(scalar),
            CompareOp::Co => Check::Contains(text(scalar)),
            CompareOp::Sw => Check::StartsWith(text(scalar)),
            CompareOp::Ew => Check::EndsWith(text(scalar)),
            CompareOp::Gt => Check::Gt(scalar),
            CompareOp::Ge => Check::Ge(scalar),
            CompareOp::Lt => Check::Lt(scalar),
            CompareOp::Le => Check::Le(scalar),
        })
    }

    /// A single value, or a list of which one value is enough.
    pub(super) fn of_operand(&self, operand: impl Fn() -> Operand, multi_valued: bool) -> Predicate {
        let absent = || Predicate::Not(Box::new(test(operand(), Check::Present)));
        match (self.op, self.check()) {
            (CompareOp::Eq, None) => absent(),
            (_, None) => test(operand(), Check::Present),
            (CompareOp::Ne, Some(check)) if multi_valued => {
                Predicate::Any(vec![test(operand(), check), absent()])
            }
            (CompareOp::Ne, Some(Check::Ne(scalar))) => {
                Predicate::Not(Box::new(test(operand(), Check::Eq(scalar))))
            }
            (_, Some(check)) => test(operand(), check),
        }
    }

    /// `primary` of the elements of a list, where absent means false (7643-2.4-01).
    pub(super) fn of_primary(&self, list: List) -> Predicate {
        let holds = self.of_primary_part();
        match (self.op, &self.scalar) {
            (CompareOp::Eq, None) => {
                let present = test(primary(), Check::Present);
                Predicate::Not(Box::new(some_element(list, present)))
            }
            // A09: of no value at all, `ne` holds.
            (CompareOp::Ne, Some(_)) => Predicate::Any(vec![
                some_element(list.clone(), holds),
                Predicate::Not(Box::new(some_element(list, Predicate::Always(true)))),
            ]),
            _ => some_element(list, holds),
        }
    }

    /// `primary` of one element.
    pub(super) fn of_primary_part(&self) -> Predicate {
        let is_true = || test(primary(), Check::Eq(Scalar::Bool(true)));
        match (self.op, &self.scalar) {
            (CompareOp::Eq, Some(Scalar::Bool(true))) | (CompareOp::Ne, Some(Scalar::Bool(false))) => {
                is_true()
            }
            (CompareOp::Eq | CompareOp::Ne, Some(Scalar::Bool(_))) => Predicate::Not(Box::new(is_true())),
            (CompareOp::Eq, _) => Predicate::Not(Box::new(test(primary(), Check::Present))),
            _ => test(primary(), Check::Present),
        }
    }

    /// The only element of a list of links, which stands for a single value.
    pub(super) fn of_only_element(&self, list: &List, part: impl Fn() -> Operand) -> Predicate {
        match (self.op, self.check()) {
            (CompareOp::Eq, None) => {
                Predicate::Not(Box::new(some_element(list.clone(), test(part(), Check::Present))))
            }
            (_, None) => some_element(list.clone(), test(part(), Check::Present)),
            (CompareOp::Ne, Some(Check::Ne(scalar))) => {
                Predicate::Not(Box::new(some_element(list.clone(), test(part(), Check::Eq(scalar)))))
            }
            (_, Some(check)) => some_element(list.clone(), test(part(), check)),
        }
    }

    /// Constants, each there under its condition.
    pub(super) fn of_constants(&self, values: &[(&str, Predicate)], folding: Folding) -> Predicate {
        let Some(check) = self.check() else {
            return Predicate::Always(self.op == CompareOp::Ne);
        };
        let check = refold(check, folding);
        let holding = values.iter().filter(|(value, _)| {
            let subject = serde_json::Value::String(folding.fold(value).into_owned());
            test(Operand::Part(Part::Whole), check.clone()).matches_value(&subject)
        });
        Predicate::Any(holding.map(|(_, condition)| condition.clone()).collect())
    }
}

fn refold(check: Check, folding: Folding) -> Check {
    let fold = |text: String| folding.fold(&text).into_owned();
    let scalar = |scalar| match scalar {
        Scalar::Text(text) => Scalar::Text(fold(text)),
        other => other,
    };
    match check {
        Check::Present => Check::Present,
        Check::Eq(s) => Check::Eq(scalar(s)),
        Check::Ne(s) => Check::Ne(scalar(s)),
        Check::Contains(t) => Check::Contains(fold(t)),
        Check::StartsWith(t) => Check::StartsWith(fold(t)),
        Check::EndsWith(t) => Check::EndsWith(fold(t)),
        Check::Gt(s) => Check::Gt(scalar(s)),
        Check::Ge(s) => Check::Ge(scalar(s)),
        Check::Lt(s) => Check::Lt(scalar(s)),
        Check::Le(s) => Check::Le(scalar(s)),
    }
}

pub(super) fn complex(target: &Target<'_>) -> BindError {
    BindError::Complex {
        path: target.path(),
        example: target.attribute.sub_attributes.first().map_or_else(String::new, |sub| sub.name.clone()),
    }
}

pub(super) fn unfit(target: &Target<'_>, value: &Literal<'_>) -> BindError {
    let value = match value {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => format!("`{value}`"),
        Literal::Number(number) => quote(&number.as_str()),
        Literal::String(text) => quote(text),
    };
    BindError::Operand { path: target.path(), kind: target.leaf().kind.as_str(), value }
}

pub(super) fn wrong_operator(target: &Target<'_>, op: CompareOp) -> BindError {
    BindError::Operator { operator: op.as_str(), path: target.path(), kind: target.leaf().kind.as_str() }
}
