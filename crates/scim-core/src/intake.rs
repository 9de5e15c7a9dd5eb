//! Takes values in: checks them against their attribute and writes them in canonical form.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use serde_json::{Map, Value};

use crate::instant::Instant;
use crate::leniency::{Fired, Leniency, Tolerance};
use crate::schema::{Attribute, AttributeType, Mutability};
use crate::schema_error::{Finding, quote};

/// How many elements a list of a document may hold.
pub(crate) const MOST_ELEMENTS: usize = 1_000;

/// Reads values with a leniency and notes which tolerances fired.
#[derive(Debug)]
pub(crate) struct Intake<'f> {
    pub(crate) leniency: Leniency,
    pub(crate) fired: &'f mut Fired,
}

impl Intake<'_> {
    /// Whether a tolerance applies; if so, it has fired.
    pub(crate) fn tolerates(&mut self, tolerance: Tolerance) -> bool {
        let allowed = self.leniency.allows(tolerance);
        if allowed {
            self.fired.note(tolerance);
        }
        allowed
    }

    /// The canonical value of an attribute; none for null, an empty list and what counts as such.
    pub(crate) fn attribute(
        &mut self,
        path: &str,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, Finding> {
        if !attribute.multi_valued {
            return self.single(path, attribute, value);
        }
        let elements = self.elements(path, attribute, value)?;
        Ok((!elements.is_empty()).then_some(Value::Array(elements)))
    }

    /// The canonical elements of a list, without repeats.
    pub(crate) fn elements(
        &mut self,
        path: &str,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Vec<Value>, Finding> {
        let values = match value {
            Value::Null => Vec::new(),
            Value::Array(values) => values,
            lone if self.tolerates(Tolerance::LoneValue) => vec![lone],
            other => return Err(Finding::value(path, format!("takes a list, not {}", kind_of(&other)))),
        };
        if values.len() > MOST_ELEMENTS {
            return Err(Finding::value(path, format!("takes at most {MOST_ELEMENTS} values at once")));
        }
        let mut elements: Vec<Value> = Vec::with_capacity(values.len());
        for value in values {
            let Some(element) = self.single(path, attribute, value)? else { continue };
            match elements.iter_mut().find(|known| same_element(known, &element)) {
                Some(known) => merge(known, element),
                None => elements.push(element),
            }
        }
        if elements.iter().filter(|element| is_primary(element)).count() > 1 {
            return Err(Finding::value(path, "has more than one primary value; mark one at most"));
        }
        Ok(elements)
    }

    /// The elements of a linked list, which may be longer than a list in a document.
    pub(crate) fn link_elements(
        &mut self,
        path: &str,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Vec<Value>, Finding> {
        let values = match value {
            Value::Null => Vec::new(),
            Value::Array(values) => values,
            lone if self.tolerates(Tolerance::LoneValue) => vec![lone],
            other => return Err(Finding::value(path, format!("takes a list, not {}", kind_of(&other)))),
        };
        let mut elements = Vec::with_capacity(values.len());
        for value in values {
            if let Some(element) = self.single(path, attribute, value)? {
                elements.push(element);
            }
        }
        Ok(elements)
    }

    /// The canonical value of one element, or of a single-valued attribute.
    pub(crate) fn single(
        &mut self,
        path: &str,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, Finding> {
        if attribute.kind == AttributeType::Complex {
            self.complex(path, attribute, value)
        } else {
            self.simple(path, attribute, value)
        }
    }

    fn complex(&mut self, path: &str, attribute: &Attribute, value: Value) -> Result<Option<Value>, Finding> {
        let parts = match value {
            Value::Null => return Ok(None),
            Value::Object(parts) => parts,
            Value::String(text) if attribute.sub_attribute("value").is_some() => {
                if text.is_empty() && self.tolerates(Tolerance::EmptyString) {
                    return Ok(None);
                }
                if !self.tolerates(Tolerance::BareValue) {
                    return Err(Finding::value(path, "takes an object with `value`, not a bare string"));
                }
                Map::from_iter([("value".to_owned(), Value::String(text))])
            }
            Value::Array(mut list) if !attribute.multi_valued && list.len() <= 1 => {
                if !self.tolerates(Tolerance::WrappedValue) {
                    return Err(Finding::value(path, "takes one object, not a list"));
                }
                return list.pop().map_or(Ok(None), |only| match only {
                    // One level of wrapping is a habit of clients, more is a mistake.
                    Value::Array(_) => Err(Finding::value(path, "takes an object, not a list of lists")),
                    only => self.complex(path, attribute, only),
                });
            }
            other => return Err(Finding::value(path, format!("takes an object, not {}", kind_of(&other)))),
        };
        let mut canonical = Map::new();
        for (name, value) in parts {
            let Some(sub) = attribute.sub_attribute(&name) else {
                if self.tolerates(Tolerance::UnknownAttribute) {
                    continue;
                }
                return Err(Finding::syntax(format!("`{path}` has no sub-attribute {}", quote(&name))));
            };
            if sub.mutability == Mutability::ReadOnly {
                continue;
            }
            let sub_path = format!("{path}.{}", sub.name);
            let value = self.attribute(&sub_path, sub, value)?;
            let known = canonical.contains_key(&sub.name);
            match value {
                Some(value) if !known => {
                    canonical.insert(sub.name.clone(), value);
                }
                Some(_) => {
                    return Err(Finding::syntax(format!(
                        "`{sub_path}` stands twice, in different letter case"
                    )));
                }
                None => {}
            }
        }
        Ok((!canonical.is_empty()).then_some(Value::Object(canonical)))
    }

    fn simple(&mut self, path: &str, attribute: &Attribute, value: Value) -> Result<Option<Value>, Finding> {
        let unfit = |value: &Value| {
            Err(Finding::value(path, format!("takes {}, not {}", expected(attribute.kind), quote(value))))
        };
        match value {
            Value::Null => return Ok(None),
            Value::String(text) if text.is_empty() && self.tolerates(Tolerance::EmptyString) => {
                return Ok(None);
            }
            Value::Array(mut list) if list.len() == 1 => {
                let wrapped = match list.pop() {
                    Some(Value::Object(mut parts)) => parts.remove("value"),
                    _ => None,
                };
                return match wrapped {
                    Some(inner @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)))
                        if self.tolerates(Tolerance::WrappedValue) =>
                    {
                        self.simple(path, attribute, inner)
                    }
                    _ => Err(Finding::value(path, format!("takes {}, not a list", expected(attribute.kind)))),
                };
            }
            _ => {}
        }
        match (attribute.kind, value) {
            (AttributeType::String | AttributeType::Reference, Value::String(text)) => {
                check_text(path, &text)?;
                Ok(Some(Value::String(text)))
            }
            (AttributeType::Boolean, Value::Bool(value)) => Ok(Some(Value::Bool(value))),
            (AttributeType::Boolean, Value::String(text)) => match parse_boolean(&text) {
                Some(value) if self.tolerates(Tolerance::StringBoolean) => Ok(Some(Value::Bool(value))),
                _ => unfit(&Value::String(text)),
            },
            (AttributeType::Integer, Value::Number(number)) if number.is_i64() => {
                Ok(Some(Value::Number(number)))
            }
            (AttributeType::Decimal, Value::Number(number)) if number.is_i64() || number.is_f64() => {
                Ok(Some(Value::Number(number)))
            }
            (AttributeType::DateTime, Value::String(text)) if Instant::parse(&text).is_some() => {
                Ok(Some(Value::String(text)))
            }
            (AttributeType::Binary, Value::String(text)) => match decode_base64(&text) {
                Some(bytes) => Ok(Some(Value::String(encode_base64(&bytes)))),
                None => unfit(&Value::String(text)),
            },
            (_, value) => unfit(&value),
        }
    }
}

/// `true` and `false` in any letter case.
pub(crate) fn parse_boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Reads both alphabets of base64, with or without padding (7643-2.3.6-01).
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, config).decode(text).ok()
}

/// Prints the standard alphabet with padding.
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    general_purpose::STANDARD.encode(bytes)
}

/// No store can be trusted with U+0000, so none is given it (`design` section 4, promise 4).
fn check_text(path: &str, text: &str) -> Result<(), Finding> {
    if text.contains('\0') {
        Err(Finding::value(path, "must not contain the character U+0000"))
    } else {
        Ok(())
    }
}

fn expected(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::String => "a string",
        AttributeType::Reference => "a URI as a string",
        AttributeType::Boolean => "true or false",
        AttributeType::Integer => "a whole number without fraction or exponent",
        AttributeType::Decimal => "a number",
        AttributeType::DateTime => "a date and time such as \"2026-01-02T03:04:05Z\"",
        AttributeType::Binary => "base64 text",
        AttributeType::Complex => "an object",
    }
}

pub(crate) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Whether two elements are one: equal, or of the same type and value (7643-2.4-02).
pub(crate) fn same_element(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => match (one.get("value"), other.get("value")) {
            (Some(a), Some(b)) => a == b && one.get("type") == other.get("type"),
            _ => one == other,
        },
        _ => one == other,
    }
}

/// Lays the parts of `other` over those of `known`.
pub(crate) fn merge(known: &mut Value, other: Value) {
    match (known, other) {
        (Value::Object(known), Value::Object(other)) => known.extend(other),
        (known, other) => *known = other,
    }
}

/// Whether the element is marked as primary.
pub(crate) fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}
