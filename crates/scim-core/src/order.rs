//! The order of a listing ([RFC 7644 §3.4.2.3]).
//!
//! [RFC 7644 §3.4.2.3]: https://www.rfc-editor.org/rfc/rfc7644#section-3.4.2.3

use std::cmp::Ordering;

use scim_syntax::{AttrPath, parse_attr_path};
use serde_json::Value;

use crate::links::LinkShape;
use crate::predicate::{FarEnd, Field, Links, Names, Subject, compare_int_real};
use crate::problem::{Problem, ScimType};
use crate::schema::AttributeType;
use crate::schema_error::quote;
use crate::secret_text::conceal;
use crate::text::Folding;
use crate::type_def::{Resolved, Target, TypeDef};

/// By what a listing is ordered; ties go by creation, then id.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The value that is compared.
    pub key: SortKey,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// The value that an order compares. What has none comes last, or first when descending.
#[derive(Clone, Debug, PartialEq)]
pub enum SortKey {
    /// The id.
    Id,
    /// When it was created.
    Created,
    /// When it was last modified.
    Modified,
    /// `meta.version`.
    Version,
    /// A field of the match form; of a list, its primary or else first element.
    Field(Field),
    /// What the first far end by folded name is called, in this folding.
    FarName(Links, Folding),
    /// The id of the first far end by folded name.
    FarId(Links),
    /// The joined names of far ends, as they are shown.
    Names(Names),
    /// No value: the type does not have the attribute.
    Nothing,
}

/// Resolves `sortBy` and `sortOrder` for a listing of these types; none when the order would say nothing.
///
/// There is one order for each type, in turn. A type that lacks the attribute has no value there, as
/// in a filter (7644-3.4.2.1-03).
///
/// # Errors
///
/// Returns 400 `invalidValue` for a word that is no direction, even without anything to sort by, and
/// for an attribute that no type has or that has no order (7644-3.4.2.3-02, 7644-3.4.2.3-04).
pub fn orders(
    types: &[&TypeDef],
    sort_by: Option<&str>,
    sort_order: Option<&str>,
) -> Result<Option<Vec<Order>>, Problem> {
    let descending = is_descending(sort_order)?;
    let Some(by) = sort_by.map(str::trim).filter(|by| !by.is_empty()) else { return Ok(None) };
    let keys = types.iter().map(|def| def.find_key(by)).collect::<Result<Vec<_>, _>>()?;
    if keys.iter().all(|key| matches!(key, Found::Unknown)) {
        return Err(unknown(by, types));
    }
    let order = |key| match key {
        Found::Key(key) => Some(Order { key, descending }),
        Found::Unknown => Some(Order { key: SortKey::Nothing, descending }),
        // Either all types have an order or none has.
        Found::Unordered => None,
    };
    Ok(keys.into_iter().map(order).collect())
}

/// What `sortBy` means for a type.
enum Found {
    /// A value to compare.
    Key(SortKey),
    /// An attribute whose order would say nothing.
    Unordered,
    /// No attribute of the type.
    Unknown,
}

impl TypeDef {
    /// Resolves `sortBy` and `sortOrder`; none when the order would say nothing.
    ///
    /// # Errors
    ///
    /// Returns 400 `invalidValue` for an attribute that is unknown or has no order (7644-3.4.2.3-04).
    pub fn order(&self, sort_by: &str, sort_order: Option<&str>) -> Result<Option<Order>, Problem> {
        let descending = is_descending(sort_order)?;
        match self.find_key(sort_by.trim())? {
            Found::Key(key) => Ok(Some(Order { key, descending })),
            Found::Unordered => Ok(None),
            Found::Unknown => Err(unknown(sort_by, &[self])),
        }
    }

    fn find_key(&self, sort_by: &str) -> Result<Found, Problem> {
        let Ok(path) = parse_attr_path(sort_by) else { return Ok(Found::Unknown) };
        let Resolved::Attribute(target) = self.resolve(&path) else { return Ok(Found::Unknown) };
        Ok(self.sort_key(&path, target)?.map_or(Found::Unordered, Found::Key))
    }

    fn sort_key(&self, path: &AttrPath<'_>, mut target: Target<'_>) -> Result<Option<SortKey>, Problem> {
        if target.attribute.is_secret() || target.leaf().is_secret() {
            return Err(bad(format!("`sortBy` cannot name {}", quote(path))));
        }
        if target.sub.is_none() && target.attribute.kind == AttributeType::Complex {
            match target.attribute.sub_attribute("value") {
                Some(value) => target.sub = Some(value),
                None => {
                    return Err(bad(format!(
                        "`sortBy` must name a part of {}, which is complex",
                        quote(path)
                    )));
                }
            }
        }
        let sub = target.sub.map(|sub| sub.name.as_str());
        if target.extension.is_none() {
            match (target.attribute.name.as_str(), sub) {
                ("id", _) | ("meta", Some("location")) => return Ok(Some(SortKey::Id)),
                ("meta", Some("created")) => return Ok(Some(SortKey::Created)),
                ("meta", Some("lastModified")) => return Ok(Some(SortKey::Modified)),
                ("meta", Some("version")) => return Ok(Some(SortKey::Version)),
                ("schemas" | "meta", _) => return Ok(None),
                _ => {}
            }
        }
        let Some(view) = target.link else {
            // Behind a prefix that is always the same, ids sort as they do alone.
            if sub == Some("$ref") && self.derived_reference(target.attribute).is_some() {
                target.sub = target.attribute.sub_attribute("value");
            }
            return Ok(Some(SortKey::Field(Field {
                extension: target.extension.map(str::to_owned),
                name: target.attribute.name.clone(),
                sub: target.sub.map(|sub| sub.name.clone()),
                multi_valued: target.attribute.multi_valued,
            })));
        };
        let links = Links::from(view);
        Ok(match (view.shape, sub) {
            (LinkShape::Names, _) => {
                let shown = crate::bind::shown_key(target.extension, &target.attribute.name);
                Some(SortKey::Names(Names { links, shown }))
            }
            (LinkShape::Name, _) | (_, Some("display")) => Some(SortKey::FarName(links, target.folding())),
            (_, Some("value" | "$ref")) => Some(SortKey::FarId(links)),
            _ => None,
        })
    }
}

fn is_descending(sort_order: Option<&str>) -> Result<bool, Problem> {
    match sort_order.map(str::trim) {
        None | Some("") => Ok(false),
        Some(order) if order.eq_ignore_ascii_case("ascending") => Ok(false),
        Some(order) if order.eq_ignore_ascii_case("descending") => Ok(true),
        Some(other) => {
            Err(bad(format!("`sortOrder` must be ascending or descending, not {}", quote(&other))))
        }
    }
}

fn unknown(sort_by: &str, types: &[&TypeDef]) -> Problem {
    let names: Vec<&str> = types.iter().map(|def| def.name()).collect();
    bad(format!(
        "`sortBy` names {}, which is no attribute of {}",
        quote(&conceal(&sort_by)),
        names.join(" or ")
    ))
}

fn bad(message: String) -> Problem {
    Problem::bad_request(ScimType::InvalidValue, message)
}

/// A value that an order compares.
#[derive(Clone, Debug, PartialEq)]
pub enum SortValue {
    /// None; it comes last when ascending.
    Absent,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Real(f64),
    /// Text of the match form.
    Text(String),
}

impl SortKey {
    /// The value of the subject that the key compares.
    #[must_use]
    pub fn value(&self, subject: &Subject<'_>) -> SortValue {
        match self {
            Self::Id => SortValue::Text(subject.id.to_owned()),
            Self::Created => SortValue::Int(subject.created),
            Self::Modified => SortValue::Int(subject.modified),
            Self::Version => SortValue::Text(subject.version.to_owned()),
            Self::Field(field) => field_value(subject, field),
            Self::FarName(links, folding) => first_far(subject, *links)
                .and_then(|end| end.name)
                .map_or(SortValue::Absent, |name| SortValue::Text(folding.fold(&name).into_owned())),
            Self::FarId(links) => {
                first_far(subject, *links).map_or(SortValue::Absent, |end| SortValue::Text(end.id))
            }
            Self::Names(names) => names.text(subject).map_or(SortValue::Absent, SortValue::Text),
            Self::Nothing => SortValue::Absent,
        }
    }
}

impl Order {
    /// Compares two resources, ties included.
    #[must_use]
    pub fn compare(&self, one: &Subject<'_>, other: &Subject<'_>) -> Ordering {
        let by_key = self.key.value(one).compare(&self.key.value(other));
        let by_key = if self.descending { by_key.reverse() } else { by_key };
        by_key.then_with(|| default_order(one, other))
    }
}

/// The order of a listing that asks for none: by creation, then id (7644-3.4.2.4-09).
#[must_use]
pub fn default_order(one: &Subject<'_>, other: &Subject<'_>) -> Ordering {
    one.created.cmp(&other.created).then_with(|| one.id.cmp(other.id))
}

impl SortValue {
    /// The order of values, absent last.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Absent, Self::Absent) => Ordering::Equal,
            (Self::Absent, _) => Ordering::Greater,
            (_, Self::Absent) => Ordering::Less,
            (Self::Bool(one), Self::Bool(other)) => one.cmp(other),
            (Self::Int(one), Self::Int(other)) => one.cmp(other),
            (Self::Text(one), Self::Text(other)) => one.cmp(other),
            (Self::Real(one), Self::Real(other)) => one.total_cmp(other),
            (Self::Int(one), Self::Real(other)) => compare_int_real(*one, *other).unwrap_or(Ordering::Equal),
            (Self::Real(one), Self::Int(other)) => {
                compare_int_real(*other, *one).map_or(Ordering::Equal, Ordering::reverse)
            }
            // An attribute has one type, so that kinds never meet; the order stays total all the same.
            (one, other) => one.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Bool(_) => 0,
            Self::Int(_) | Self::Real(_) => 1,
            Self::Text(_) => 2,
            Self::Absent => 3,
        }
    }
}

fn field_value(subject: &Subject<'_>, field: &Field) -> SortValue {
    let holder = match &field.extension {
        None => Some(subject.form),
        Some(uri) => subject.form.get(uri).and_then(Value::as_object),
    };
    let value = holder.and_then(|holder| holder.get(&field.name));
    let value = match value {
        Some(Value::Array(elements)) => elements.first(),
        other => other,
    };
    let value = match &field.sub {
        None => value,
        Some(sub) => value.and_then(|value| value.get(sub)),
    };
    match value {
        Some(Value::Bool(value)) => SortValue::Bool(*value),
        Some(Value::String(text)) => SortValue::Text(text.clone()),
        Some(Value::Number(number)) => match (number.as_i64(), number.as_f64()) {
            (Some(int), _) => SortValue::Int(int),
            // Zero has one sign, as in SQL.
            (None, Some(real)) => SortValue::Real(real + 0.0),
            (None, None) => SortValue::Absent,
        },
        _ => SortValue::Absent,
    }
}

/// The far end that comes first by folded name, then id; one without a name comes last.
fn first_far(subject: &Subject<'_>, links: Links) -> Option<FarEnd> {
    let key = |end: &FarEnd| {
        let name = end.name.as_deref().map(|name| Folding::CaseFolded.fold(name).into_owned());
        (name.is_none(), name, end.id.clone())
    };
    (subject.links)(links).into_iter().filter(|end| end.visible || links.shows_hidden).min_by_key(key)
}
