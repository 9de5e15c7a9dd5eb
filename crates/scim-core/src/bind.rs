//! Binds a filter to the schema of a resource type.

mod comparison;
mod derived;
mod element;
mod link;

use self::comparison::{Comparison, complex, unfit, wrong_operator};
use scim_syntax::{AttrPath, CompareOp, Filter, Literal};

use crate::instant::Instant;
use crate::predicate::{Check, Field, List, Operand, Part, Predicate, Scalar, Test};
use crate::schema::{Attribute, AttributeType};
use crate::secret_text::conceal;
use crate::text::Folding;
use crate::type_def::{Resolved, Target, TypeDef};

/// What binding must know beside the schema.
#[derive(Clone, Copy, Debug)]
pub struct BindContext<'c> {
    /// The base URI of the service, without a slash at the end.
    pub base: &'c str,
    /// The endpoint of each resource type: name and path, such as `User` and `/Users`.
    pub endpoints: &'c [(String, String)],
    /// What a filter on an attribute that the type does not have means.
    pub unknown: UnknownAttribute,
}

/// What a filter on an attribute that the type does not have means (A08).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UnknownAttribute {
    /// It is refused: the endpoint serves one type (7644-3.4.2.2-24).
    Refused,
    /// It has no value: the endpoint serves many types (7644-3.4.2.1-03).
    HasNoValue,
}

/// Why a filter does not suit a resource type: always 400 `invalidFilter`.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BindError {
    /// The type has no such attribute.
    #[error("`{path}` is no attribute of {resource_type}")]
    UnknownAttribute {
        /// The path as sent, but for what stands behind `password`.
        path: String,
        /// The resource type.
        resource_type: String,
    },
    /// Clients never see the attribute, so they may not ask for it (7643-4.1.1-06).
    #[error("`{path}` cannot be used in a filter")]
    Secret {
        /// The path.
        path: String,
    },
    /// A complex attribute has no value of its own (7644-3.4.2.2-20).
    #[error("`{path}` is complex: name one of its parts, such as `{path}.{example}`")]
    Complex {
        /// The path.
        path: String,
        /// One of its parts.
        example: String,
    },
    /// The operator does not suit the type.
    #[error("`{operator}` cannot be used with `{path}`, which is of type {kind}")]
    Operator {
        /// The operator.
        operator: &'static str,
        /// The path.
        path: String,
        /// Its type.
        kind: &'static str,
    },
    /// The operand does not suit the type.
    #[error("`{path}` is of type {kind}: it cannot be compared with {value}")]
    Operand {
        /// The path.
        path: String,
        /// Its type.
        kind: &'static str,
        /// The operand.
        value: String,
    },
    /// Brackets stand behind something that is no list.
    #[error("`{path}` takes no brackets: it is no list of values")]
    NoList {
        /// The path.
        path: String,
    },
}

impl TypeDef {
    /// Binds a filter.
    ///
    /// # Errors
    ///
    /// Returns a [`BindError`] when the filter names an unknown attribute or compares what cannot be
    /// compared.
    pub fn bind(&self, filter: &Filter<'_>, context: &BindContext<'_>) -> Result<Predicate, BindError> {
        Binder { def: self, context }.filter(filter)
    }

    /// Binds the filter in the brackets behind a list, such as `type eq "work"`.
    ///
    /// # Errors
    ///
    /// As [`TypeDef::bind`].
    pub fn bind_element(
        &self,
        target: &Target<'_>,
        filter: &Filter<'_>,
        context: &BindContext<'_>,
    ) -> Result<Predicate, BindError> {
        Binder { def: self, context }.element_filter(target, filter)
    }
}

struct Binder<'b> {
    def: &'b TypeDef,
    context: &'b BindContext<'b>,
}

impl<'b> Binder<'b> {
    fn filter(&self, filter: &Filter<'_>) -> Result<Predicate, BindError> {
        Ok(match filter {
            Filter::And(all) => Predicate::All(all.iter().map(|f| self.filter(f)).collect::<Result<_, _>>()?),
            Filter::Or(any) => Predicate::Any(any.iter().map(|f| self.filter(f)).collect::<Result<_, _>>()?),
            Filter::Not(not) => Predicate::Not(Box::new(self.filter(not)?)),
            Filter::Present(path) => match self.target(path)? {
                Some(target) => self.comparison(&target, None)?,
                None => self.no_value(None),
            },
            Filter::Compare { path, op, value } => match self.target(path)? {
                Some(target) => self.comparison(&target, Some((*op, value)))?,
                None => self.no_value(Some((*op, value))),
            },
            Filter::ValuePath { path, filter } => match self.target(path)? {
                None => Predicate::Always(false),
                Some(target) => {
                    let predicate = Box::new(self.element_filter(&target, filter)?);
                    match target.link {
                        Some(view) => Predicate::Element { list: List::Links(view.into()), predicate },
                        None => Predicate::Element { list: List::Field(field(&target, None)), predicate },
                    }
                }
            },
        })
    }

    /// What a comparison with something absent means: only `ne` and `eq null` hold.
    fn no_value(&self, comparison: Option<(CompareOp, &Literal<'_>)>) -> Predicate {
        Predicate::Always(match comparison {
            None => false,
            Some((CompareOp::Eq, value)) => matches!(value, Literal::Null),
            Some((CompareOp::Ne, value)) => !matches!(value, Literal::Null),
            Some(_) => false,
        })
    }

    fn target(&self, path: &AttrPath<'_>) -> Result<Option<Target<'b>>, BindError> {
        let target = match self.def.resolve(path) {
            Resolved::Attribute(target) => target,
            _ if self.context.unknown == UnknownAttribute::HasNoValue => return Ok(None),
            _ => {
                return Err(BindError::UnknownAttribute {
                    path: conceal(path),
                    resource_type: self.def.name().to_owned(),
                });
            }
        };
        if target.attribute.is_secret() || target.leaf().is_secret() {
            return Err(BindError::Secret { path: target.path() });
        }
        Ok(Some(target))
    }

    /// A comparison outside brackets; without one, `pr`.
    fn comparison(
        &self,
        target: &Target<'b>,
        comparison: Option<(CompareOp, &Literal<'_>)>,
    ) -> Result<Predicate, BindError> {
        // A bare complex attribute means its value part, if it has one (A10).
        let mut target = *target;
        if comparison.is_some() && target.sub.is_none() && target.attribute.kind == AttributeType::Complex {
            match target.attribute.sub_attribute("value") {
                Some(value) => target.sub = Some(value),
                None => return Err(complex(&target)),
            }
        }
        if target.extension.is_none()
            && crate::type_def::is_common(&target.attribute.name)
            && let Some(predicate) = self.common(&target, comparison)?
        {
            return Ok(predicate);
        }
        let comparison = comparison.map(|(op, value)| Comparison::new(&target, op, value)).transpose()?;
        if let Some(view) = target.link {
            return self.link_comparison(&target, view, comparison);
        }
        let field = field(&target, target.sub);
        let multi_valued = field.multi_valued || target.sub.is_some_and(|sub| sub.multi_valued);
        if let (Some(comparison), true) = (&comparison, is_primary(&target)) {
            // An element without the key is not primary, so `eq false` must look at each element.
            return Ok(comparison.of_primary(List::Field(Field { sub: None, ..field })));
        }
        if let Some(resource_type) = self.derived(&target) {
            let value = target.attribute.sub_attribute("value");
            let whole = Target { sub: value, ..target };
            let Some(comparison) = comparison else { return self.comparison(&whole, None) };
            let list = multi_valued.then(|| List::Field(Field { sub: None, ..field.clone() }));
            return Ok(self.derived_comparison(&whole, resource_type, &comparison, list));
        }
        let operand = || Operand::Field(field.clone());
        Ok(match comparison {
            None => test(operand(), Check::Present),
            Some(comparison) => comparison.of_operand(operand, multi_valued),
        })
    }

    /// `id`, `schemas` and `meta`, which no document holds (7644-3.4.2.2-29); none for `externalId`.
    fn common(
        &self,
        target: &Target<'b>,
        comparison: Option<(CompareOp, &Literal<'_>)>,
    ) -> Result<Option<Predicate>, BindError> {
        let operand = match (target.attribute.name.as_str(), target.sub.map(|sub| sub.name.as_str())) {
            ("id", _) => Operand::Id,
            ("meta", Some("version")) => Operand::Version,
            ("meta", Some("location")) => {
                if let Some((op @ (CompareOp::Eq | CompareOp::Ne), value @ Literal::String(uri))) = comparison
                {
                    Comparison::new(target, op, value)?;
                    return Ok(Some(self.is_at(uri, op == CompareOp::Eq)));
                }
                Operand::Location(format!("{}{}/", self.context.base, self.def.resource_type().endpoint))
            }
            ("meta", Some(part @ ("created" | "lastModified"))) => {
                let operand = if part == "created" { Operand::Created } else { Operand::Modified };
                let Some((op, value)) = comparison else { return Ok(Some(Predicate::Always(true))) };
                return self.instant(target, &operand, op, value).map(Some);
            }
            ("meta", Some("resourceType")) => {
                return self
                    .constants(target, comparison, &[(self.def.name(), Predicate::Always(true))])
                    .map(Some);
            }
            ("schemas", _) => return self.schemas(target, comparison).map(Some),
            ("meta", None) => return Ok(Some(Predicate::Always(true))),
            _ => return Ok(None),
        };
        let Some((op, value)) = comparison else { return Ok(Some(Predicate::Always(true))) };
        let comparison = Comparison::new(target, op, value)?;
        Ok(Some(comparison.of_operand(|| operand.clone(), false)))
    }

    /// The URIs in `schemas`: the base always, an extension while it has data (7643-3-05).
    fn schemas(
        &self,
        target: &Target<'b>,
        comparison: Option<(CompareOp, &Literal<'_>)>,
    ) -> Result<Predicate, BindError> {
        let mut uris = vec![(self.def.base().id.as_str(), Predicate::Always(true))];
        for schema in self.def.extensions() {
            let in_use = schema.attributes.iter().map(|attribute| {
                let target = Target {
                    extension: Some(&schema.id),
                    attribute,
                    sub: None,
                    link: self.def.link(Some(&schema.id), &attribute.name),
                };
                self.comparison(&target, None)
            });
            uris.push((schema.id.as_str(), Predicate::Any(in_use.collect::<Result<_, _>>()?)));
        }
        self.constants(target, comparison, &uris)
    }

    /// A list whose possible values are known, each with the condition under which it is there.
    fn constants(
        &self,
        target: &Target<'b>,
        comparison: Option<(CompareOp, &Literal<'_>)>,
        values: &[(&str, Predicate)],
    ) -> Result<Predicate, BindError> {
        let Some((op, value)) = comparison else { return Ok(Predicate::Always(true)) };
        let comparison = Comparison::new(target, op, value)?;
        // URIs of schemas have no letter case (7643-3-03).
        let folding = if target.attribute.name == "schemas" { Folding::CaseFolded } else { Folding::Exact };
        Ok(comparison.of_constants(values, folding))
    }

    /// `meta.created` and `meta.lastModified`, which are whole milliseconds.
    fn instant(
        &self,
        target: &Target<'b>,
        operand: &Operand,
        op: CompareOp,
        value: &Literal<'_>,
    ) -> Result<Predicate, BindError> {
        let comparison = Comparison::new(target, op, value)?;
        let Literal::String(text) = value else {
            return Ok(comparison.of_operand(|| operand.clone(), false));
        };
        let Some((millis, beyond)) = Instant::parse(text).map(Instant::millis) else {
            return Err(unfit(target, value));
        };
        let whole = beyond == 0;
        let bound = Scalar::Int(millis);
        let check = match op {
            CompareOp::Eq if whole => Check::Eq(bound),
            CompareOp::Ne if whole => Check::Ne(bound),
            CompareOp::Eq => return Ok(Predicate::Always(false)),
            CompareOp::Ne => return Ok(Predicate::Always(true)),
            CompareOp::Ge if whole => Check::Ge(bound),
            CompareOp::Gt | CompareOp::Ge => Check::Gt(bound),
            CompareOp::Lt if whole => Check::Lt(bound),
            CompareOp::Le | CompareOp::Lt => Check::Le(bound),
            CompareOp::Co | CompareOp::Sw | CompareOp::Ew => return Err(wrong_operator(target, op)),
        };
        Ok(test(operand.clone(), check))
    }
}

/// The key under which the text that a client last sent for joined names is kept.
#[must_use]
pub fn shown_key(extension: Option<&str>, attribute: &str) -> String {
    extension.map_or_else(|| attribute.to_owned(), |uri| format!("{uri}:{attribute}"))
}

fn field(target: &Target<'_>, sub: Option<&Attribute>) -> Field {
    Field {
        extension: target.extension.map(str::to_owned),
        name: target.attribute.name.clone(),
        sub: sub.map(|sub| sub.name.clone()),
        multi_valued: target.attribute.multi_valued,
    }
}

fn element_operand(part: &Target<'_>) -> Operand {
    Operand::Part(part.sub.map_or(Part::Whole, |sub| Part::Sub(sub.name.clone())))
}

fn value_part() -> Operand {
    Operand::Part(Part::Sub("value".to_owned()))
}

fn primary() -> Operand {
    Operand::Part(Part::Sub("primary".to_owned()))
}

/// Whether the target is the mark of the primary element of a list.
fn is_primary(target: &Target<'_>) -> bool {
    target.attribute.multi_valued
        && target.sub.is_some_and(|sub| sub.name == "primary" && sub.kind == AttributeType::Boolean)
}

fn test(operand: Operand, check: Check) -> Predicate {
    Predicate::Test(Test { operand, check })
}

fn some_element(list: List, predicate: Predicate) -> Predicate {
    Predicate::Element { list, predicate: Box::new(predicate) }
}
