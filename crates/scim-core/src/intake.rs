//! Takes values in: checks them against their attribute and writes them in canonical form.

use std::collections::HashSet;

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose};
use serde_json::{Map, Number, Value};

use crate::elements::{Elements, is_primary};
use crate::instant::Instant;
use crate::leniency::{Fired, Leniency, Tolerance};
use crate::schema::{Attribute, AttributeType, Mutability};
use crate::schema_error::{Finding, quote};

/// How many elements a list of a document may hold.
pub(crate) const MOST_ELEMENTS: usize = 1_000;

/// Reads values with a leniency and notes which tolerances fired.
#[derive(Debug)]
pub(crate) struct Intake<'f> {
    leniency: Leniency,
    fired: &'f mut Fired,
    /// Whether the values at hand are secret, so that no message may show them (7643-4.1.1-03).
    secret: bool,
}

impl<'f> Intake<'f> {
    pub(crate) fn new(leniency: Leniency, fired: &'f mut Fired) -> Self {
        Self { leniency, fired, secret: false }
    }

    /// The same, for the parts of `attribute`.
    pub(crate) fn within(mut self, attribute: &Attribute) -> Self {
        self.secret |= attribute.is_secret();
        self
    }

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
        let values = self.list(path, value)?;
        if values.len() > MOST_ELEMENTS {
            return Err(Finding::value(path, format!("takes at most {MOST_ELEMENTS} values at once")));
        }
        let mut elements = Elements::default();
        for value in values {
            if let Some(element) = self.single(path, attribute, value)? {
                elements.add(element);
            }
        }
        let elements = elements.into_values();
        let primaries = elements.iter().filter(|element| is_primary(element)).count();
        if primaries > 1 && !attribute.settles_primary {
            return Err(Finding::value(path, "has more than one primary value; mark one at most"));
        }
        Ok(elements)
    }

    /// The elements of a linked list, each with the id of a resource (7643-4.2-03); it may be longer
    /// than a list in a document.
    pub(crate) fn link_elements(
        &mut self,
        path: &str,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Vec<Value>, Finding> {
        // One empty string is no list of one nameless member, but no list at all.
        if value.as_str().is_some_and(str::is_empty) && self.tolerates(Tolerance::EmptyString) {
            return Ok(Vec::new());
        }
        let values = self.list(path, value)?;
        let mut elements = Vec::with_capacity(values.len());
        for value in values.into_iter().filter(|value| !value.is_null()) {
            match self.single(path, attribute, value)? {
                Some(element) if element.get("value").is_some() => elements.push(element),
                _ => {
                    return Err(Finding::value(
                        &format!("{path}.value"),
                        "is required: the id of a resource",
                    ));
                }
            }
        }
        Ok(elements)
    }

    fn list(&mut self, path: &str, value: Value) -> Result<Vec<Value>, Finding> {
        match value {
            Value::Null => Ok(Vec::new()),
            Value::Array(values) => Ok(values),
            lone if self.tolerates(Tolerance::LoneValue) => Ok(vec![lone]),
            other => Err(Finding::value(path, format!("takes a list, not {}", kind_of(&other)))),
        }
    }

    /// The canonical value of one element, or of a single-valued attribute.
    pub(crate) fn single(
        &mut self,
        path: &str,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, Finding> {
        if attribute.kind == AttributeType::Complex {
            let parts = self.parts(path, attribute, value)?;
            Ok(parts.and_then(without_nulls))
        } else {
            let outer = self.secret;
            self.secret |= attribute.is_secret();
            let value = self.simple(path, attribute, value);
            self.secret = outer;
            value
        }
    }

    /// The parts of a complex value, canonical, and null where one is to be cleared; none for null.
    pub(crate) fn parts(
        &mut self,
        path: &str,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Map<String, Value>>, Finding> {
        let outer = self.secret;
        self.secret |= attribute.is_secret();
        let parts = self.complex(path, attribute, value);
        self.secret = outer;
        parts
    }

    fn complex(
        &mut self,
        path: &str,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Map<String, Value>>, Finding> {
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
            Value::String(text) if text.is_empty() && self.tolerates(Tolerance::EmptyString) => {
                return Ok(None);
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
        check_keys(&format!("`{path}`"), &parts)?;
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
            let value = self.attribute(&format!("{path}.{}", sub.name), sub, value)?;
            canonical.insert(sub.name.clone(), value.unwrap_or(Value::Null));
        }
        Ok(Some(canonical))
    }

    fn simple(&mut self, path: &str, attribute: &Attribute, value: Value) -> Result<Option<Value>, Finding> {
        let value = match value {
            Value::Null => return Ok(None),
            Value::String(text) if text.is_empty() && self.tolerates(Tolerance::EmptyString) => {
                return Ok(None);
            }
            Value::Array(list) => match unwrapped(list) {
                Some(inner) if self.tolerates(Tolerance::WrappedValue) => {
                    return self.simple(path, attribute, inner);
                }
                _ => {
                    let message = format!("takes {}, not a list", expected(attribute.kind));
                    return Err(Finding::value(path, message));
                }
            },
            value => value,
        };
        match (attribute.kind, value) {
            (AttributeType::String | AttributeType::Reference, Value::String(text)) => {
                check_text(path, &text)?;
                Ok(Some(Value::String(text)))
            }
            (AttributeType::Boolean, Value::Bool(value)) => Ok(Some(Value::Bool(value))),
            (AttributeType::Boolean, Value::String(text)) => match parse_boolean(&text) {
                Some(value) if self.tolerates(Tolerance::StringBoolean) => Ok(Some(Value::Bool(value))),
                _ => Err(self.unfit(path, attribute.kind, &Value::String(text))),
            },
            (AttributeType::Integer, Value::Number(number)) if number.is_i64() => {
                Ok(Some(Value::Number(number)))
            }
            (AttributeType::Decimal, Value::Number(number)) => {
                let number = if number.is_i64() { Some(number) } else { finite(&number) };
                let beyond = || Finding::value(path, "takes no number as large as that");
                Ok(Some(Value::Number(number.ok_or_else(beyond)?)))
            }
            (AttributeType::DateTime, Value::String(text)) if Instant::parse(&text).is_some() => {
                Ok(Some(Value::String(text)))
            }
            (AttributeType::Binary, Value::String(text)) => match decode_base64(&text) {
                Some(bytes) => Ok(Some(Value::String(encode_base64(&bytes)))),
                None => Err(self.unfit(path, attribute.kind, &Value::String(text))),
            },
            (kind, value) => Err(self.unfit(path, kind, &value)),
        }
    }

    fn unfit(&self, path: &str, kind: AttributeType, value: &Value) -> Finding {
        let found = if self.secret { kind_of(value).to_owned() } else { quote(value) };
        Finding::value(path, format!("takes {}, not {found}", expected(kind)))
    }
}

/// 7643-2.1-01: two keys of one object may not differ in letter case only.
pub(crate) fn check_keys(holder: &str, parts: &Map<String, Value>) -> Result<(), Finding> {
    const FEW: usize = 12;
    let twice = if parts.len() <= FEW {
        let mut keys = parts.keys();
        std::iter::from_fn(|| keys.next().map(|key| (key, keys.clone())))
            .find(|(key, rest)| rest.clone().any(|other| other.eq_ignore_ascii_case(key)))
            .map(|(key, _)| key)
    } else {
        let mut seen = HashSet::with_capacity(parts.len());
        parts.keys().find(|key| !seen.insert(key.to_ascii_lowercase()))
    };
    match twice {
        None => Ok(()),
        Some(key) => {
            Err(Finding::syntax(format!("{holder} holds {} twice, in different letter case", quote(key))))
        }
    }
}

/// The parts that have a value; none when no part has one.
pub(crate) fn without_nulls(mut parts: Map<String, Value>) -> Option<Value> {
    parts.retain(|_, value| !value.is_null());
    (!parts.is_empty()).then_some(Value::Object(parts))
}

/// The `value` in a list of one object, which some clients wrap around a simple value.
fn unwrapped(mut list: Vec<Value>) -> Option<Value> {
    let (Some(Value::Object(parts)), true) = (list.pop(), list.is_empty()) else { return None };
    let (_, inner) = parts.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("value"))?;
    matches!(inner, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)).then_some(inner)
}

/// The nearest binary fraction of a number that is no i64.
fn finite(number: &Number) -> Option<Number> {
    number.as_f64().and_then(Number::from_f64)
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
