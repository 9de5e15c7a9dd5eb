//! Binds a filter to the schema of a resource type.

use scim_syntax::{AttrPath, CompareOp, Filter, Literal};

use crate::instant::Instant;
use crate::intake::{decode_base64, encode_base64, parse_boolean};
use crate::links::{LinkShape, LinkView};
use crate::predicate::{Check, Field, Links, List, Names, Operand, Part, Predicate, Scalar, Test};
use crate::schema::{Attribute, AttributeType};
use crate::schema_error::quote;
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
        /// The path as sent.
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
                    path: path.to_string(),
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
        let multi_valued = field.multi_valued;
        if multi_valued && target.sub.is_some_and(|sub| sub.name == "primary") {
            // An element without the key is not primary, so `eq false` must look at each element.
            let list = List::Field(Field { sub: None, ..field });
            let part = || Operand::Part(Part::Sub("primary".to_owned()));
            return Ok(match comparison {
                None => some_element(list, test(part(), Check::Present)),
                Some(comparison) => comparison.of_element(list, part),
            });
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

    fn link_comparison(
        &self,
        target: &Target<'b>,
        view: &LinkView,
        comparison: Option<Comparison>,
    ) -> Result<Predicate, BindError> {
        let links = Links::from(view);
        match view.shape {
            LinkShape::List { .. } => {
                let list = List::Links(links);
                let Some(sub) = target.sub else { return Ok(some_element(list, Predicate::Always(true))) };
                Ok(match comparison {
                    None => some_element(list, self.far_present(view, sub)),
                    Some(comparison) => {
                        let holds = self.far(view, sub, &comparison);
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

    fn far_present(&self, view: &LinkView, sub: &Attribute) -> Predicate {
        match sub.name.as_str() {
            "display" => test(Operand::Part(Part::FarName(Folding::CaseFolded)), Check::Present),
            "value" | "$ref" => Predicate::Always(true),
            "type" => Predicate::Always(matches!(view.shape, LinkShape::List { .. })),
            _ => Predicate::Always(false),
        }
    }

    /// A comparison with a part of a far end; `ne` means that there is a value that differs.
    fn far(&self, view: &LinkView, sub: &Attribute, comparison: &Comparison) -> Predicate {
        let Some(check) = comparison.check() else { return self.far_present(view, sub) };
        match sub.name.as_str() {
            "value" => test(Operand::Part(Part::FarId), check),
            "display" => test(Operand::Part(Part::FarName(Folding::CaseFolded)), check),
            "type" => match view.shape {
                LinkShape::List { kind: Some(kind) } => {
                    comparison.of_constants(&[(kind, Predicate::Always(true))], Folding::CaseFolded)
                }
                _ => {
                    let types = self.context.endpoints.iter().map(|(name, _)| {
                        let is = test(Operand::Part(Part::FarType), Check::Eq(Scalar::Text(name.clone())));
                        (name.as_str(), is)
                    });
                    comparison.of_constants(&types.collect::<Vec<_>>(), Folding::CaseFolded)
                }
            },
            "$ref" => Predicate::Any(
                self.context
                    .endpoints
                    .iter()
                    .map(|(name, endpoint)| {
                        let prefix = format!("{}{endpoint}/", self.context.base);
                        Predicate::All(vec![
                            test(Operand::Part(Part::FarType), Check::Eq(Scalar::Text(name.clone()))),
                            test(Operand::Part(Part::FarLocation(prefix)), check.clone()),
                        ])
                    })
                    .collect(),
            ),
            _ => Predicate::Always(false),
        }
    }

    fn element_filter(&self, target: &Target<'b>, filter: &Filter<'_>) -> Result<Predicate, BindError> {
        if !target.attribute.multi_valued || target.sub.is_some() {
            return Err(BindError::NoList { path: target.path() });
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
                            let equal = Comparison { op: CompareOp::Eq, ..comparison };
                            Predicate::Not(Box::new(self.far(view, sub, &equal)))
                        }
                        _ => self.far(view, sub, &comparison),
                    },
                    _ => comparison.of_operand(|| element_operand(&part), false),
                }
            }
            // The grammar has no brackets within brackets (E4690).
            Filter::ValuePath { path, .. } => return Err(BindError::NoList { path: path.to_string() }),
        })
    }

    /// A part of the elements of a list; `value` stands for the element in a list of simple values.
    fn part(&self, target: &Target<'b>, path: &AttrPath<'_>) -> Result<Target<'b>, BindError> {
        let unknown = || BindError::UnknownAttribute {
            path: format!("{}.{path}", target.path()),
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

fn test(operand: Operand, check: Check) -> Predicate {
    Predicate::Test(Test { operand, check })
}

fn some_element(list: List, predicate: Predicate) -> Predicate {
    Predicate::Element { list, predicate: Box::new(predicate) }
}

fn complex(target: &Target<'_>) -> BindError {
    BindError::Complex {
        path: target.path(),
        example: target.attribute.sub_attributes.first().map_or_else(String::new, |sub| sub.name.clone()),
    }
}

fn unfit(target: &Target<'_>, value: &Literal<'_>) -> BindError {
    let value = match value {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => format!("`{value}`"),
        Literal::Number(number) => quote(&number.as_str()),
        Literal::String(text) => quote(text),
    };
    BindError::Operand { path: target.path(), kind: target.leaf().kind.as_str(), value }
}

fn wrong_operator(target: &Target<'_>, op: CompareOp) -> BindError {
    BindError::Operator { operator: op.as_str(), path: target.path(), kind: target.leaf().kind.as_str() }
}

/// An operator with an operand that suits the attribute; without one it is compared with null.
struct Comparison {
    op: CompareOp,
    scalar: Option<Scalar>,
}

impl Comparison {
    fn new(target: &Target<'_>, op: CompareOp, value: &Literal<'_>) -> Result<Self, BindError> {
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
    fn check(&self) -> Option<Check> {
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
    fn of_operand(&self, operand: impl Fn() -> Operand, multi_valued: bool) -> Predicate {
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
    fn of_element(&self, list: List, part: impl Fn() -> Operand) -> Predicate {
        let is_true = || test(part(), Check::Eq(Scalar::Bool(true)));
        let wanted = match (self.op, &self.scalar) {
            (CompareOp::Eq, Some(Scalar::Bool(value))) => *value,
            (CompareOp::Ne, Some(Scalar::Bool(value))) => !*value,
            (CompareOp::Eq, _) => {
                return Predicate::Not(Box::new(some_element(list, test(part(), Check::Present))));
            }
            _ => return some_element(list, test(part(), Check::Present)),
        };
        if wanted {
            some_element(list, is_true())
        } else {
            some_element(list, Predicate::Not(Box::new(is_true())))
        }
    }

    /// The only element of a list of links, which stands for a single value.
    fn of_only_element(&self, list: &List, part: impl Fn() -> Operand) -> Predicate {
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
    fn of_constants(&self, values: &[(&str, Predicate)], folding: Folding) -> Predicate {
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
