//! What a request wants: the document that should be stored, and what becomes of its links.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::body::{Assertions, AttrKey, Body, read_body};
use crate::document::Document;
use crate::intake::{Intake, MOST_ELEMENTS, without_nulls};
use crate::leniency::{Fired, Leniency};
use crate::links::{LinkProgram, LinkShape, LinkStep};
use crate::schema::{Attribute, AttributeType, Mutability, Schema};
use crate::schema_error::{Finding, SchemaError};
use crate::type_def::{Target, TypeDef};

/// The resource as a request wants it, validated; nothing has happened yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desired {
    /// The document that should be stored.
    pub document: Document,
    /// What the request says about the attributes it names. Attributes that show a name from links,
    /// and the password, stand only here.
    pub asserted: Assertions,
    /// What earlier operations of a PATCH said, in order, of single values and of names that are shown from
    /// links, before the last word in `asserted`.
    pub said_before: BTreeMap<AttrKey, Vec<Value>>,
    /// The attributes that operations of a PATCH name by a path of their own.
    pub by_path: BTreeSet<AttrKey>,
    /// What becomes of linked lists.
    pub links: BTreeMap<AttrKey, LinkProgram>,
    /// The tolerances that fired.
    pub fired: Fired,
}

/// What a PUT does to attributes that it does not name (A12).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Omitted {
    /// They are cleared, but for `active`, write-only and immutable values, whole extensions and
    /// linked lists (7644-3.5.1-03).
    #[default]
    Cleared,
    /// They keep their values.
    Kept,
}

impl TypeDef {
    /// What a POST wants.
    ///
    /// # Errors
    ///
    /// Returns every fault of the body.
    pub fn create(&self, body: Map<String, Value>, leniency: Leniency) -> Result<Desired, SchemaError> {
        let mut desired = Desired::default();
        let mut asserted = self.assertions(body, leniency, &mut desired.fired)?.asserted;
        for (key, value) in &mut asserted {
            *value = self.settle(key, value.take());
        }
        self.store(&mut desired, &asserted);
        let active = self.base_attribute("active").filter(|active| active.kind == AttributeType::Boolean);
        if active.is_some() && !asserted.contains_key(&AttrKey::base("active")) {
            desired.document.set(None, "active", Some(Value::Bool(true)));
        }
        desired.asserted = asserted;
        self.check_complete(&desired)?;
        Ok(desired)
    }

    /// What a PUT wants.
    ///
    /// # Errors
    ///
    /// Returns every fault of the body, also where it changes what is immutable.
    pub fn replace(
        &self,
        current: &Document,
        body: Map<String, Value>,
        leniency: Leniency,
        omitted: Omitted,
    ) -> Result<Desired, SchemaError> {
        let mut desired = Desired { document: current.clone(), ..Desired::default() };
        let Body { mut asserted, mentioned } = self.assertions(body, leniency, &mut desired.fired)?;
        let mut findings = Vec::new();
        for (key, value) in &mut asserted {
            let Some(target) = self.target(key.extension.as_deref(), &key.name) else { continue };
            let old = current.get(key.extension.as_deref(), &key.name);
            if let Some(finding) = immutable_fault(&target, old, value.as_ref()) {
                findings.push(finding);
            }
            let new = match (value.take(), old, omitted) {
                // parts that are not sent stay.
                (Some(Value::Object(new)), Some(Value::Object(old)), Omitted::Kept)
                    if !target.attribute.multi_valued =>
                {
                    let mut whole = old.clone();
                    whole.extend(new);
                    Some(Value::Object(whole))
                }
                (new, old, _) => keep_immutable_parts(target.attribute, old, new),
            };
            *value = self.settle(key, new);
        }
        SchemaError::check(findings)?;
        if omitted == Omitted::Cleared {
            for (extension, attribute) in self.attributes() {
                if self.cleared_when_omitted(extension, attribute, &asserted, &mentioned) {
                    let old = current.get(extension, &attribute.name);
                    let kept = keep_immutable_parts(attribute, old, None);
                    desired.document.set(extension, &attribute.name, kept);
                }
            }
        }
        self.store(&mut desired, &asserted);
        desired.asserted = asserted;
        self.check_complete(&desired)?;
        Ok(desired)
    }

    fn assertions(
        &self,
        body: Map<String, Value>,
        leniency: Leniency,
        fired: &mut Fired,
    ) -> Result<Body, SchemaError> {
        let mut body = read_body(self, body, &mut Intake::new(leniency, fired))?;
        // A null means that there is no opinion, as if it had been left out (7643-2.5-01).
        let active = AttrKey::base("active");
        if body.asserted.get(&active) == Some(&None) {
            body.asserted.remove(&active);
        }
        Ok(body)
    }

    /// The value as a document holds it: without parts that have none, and without what is derived.
    fn settle(&self, key: &AttrKey, value: Option<Value>) -> Option<Value> {
        let mut value = match value? {
            Value::Object(parts) => without_nulls(parts)?,
            value => value,
        };
        if let Some(target) = self.target(key.extension.as_deref(), &key.name)
            && target.link.is_none()
        {
            self.drop_derived(target.attribute, &mut value);
        }
        Some(value)
    }

    /// Takes out `$ref` where the id beside it says the same (7643-4.3-01), or is what a relative one names, which
    /// is printed in full (7643-2.3.7-01).
    pub(crate) fn drop_derived(&self, attribute: &Attribute, value: &mut Value) {
        if attribute.sub_attribute("$ref").is_none() || self.derived_reference(attribute).is_none() {
            return;
        }
        let elements = match value {
            Value::Array(elements) => elements.as_mut_slice(),
            one => std::slice::from_mut(one),
        };
        for parts in elements.iter_mut().filter_map(Value::as_object_mut) {
            let named = parts.get("$ref").and_then(Value::as_str).and_then(id_in_relative).map(str::to_owned);
            if let (Some(id), false) = (named, parts.contains_key("value")) {
                parts.insert("value".to_owned(), Value::String(id));
            }
            if parts.contains_key("value") {
                parts.remove("$ref");
            }
        }
    }

    /// Writes what is asserted into the document, or turns it into links.
    fn store(&self, desired: &mut Desired, asserted: &Assertions) {
        for (key, value) in asserted {
            let extension = key.extension.as_deref();
            if is_password(key) {
                continue;
            }
            match self.link(extension, &key.name).map(|view| view.shape) {
                None => desired.document.set(extension, &key.name, value.clone()),
                Some(LinkShape::Name | LinkShape::Names) => {}
                Some(LinkShape::List { .. } | LinkShape::Nested) => {
                    let mut program = LinkProgram::default();
                    program.push(LinkStep::Clear);
                    let elements = value.as_ref().and_then(Value::as_array);
                    program.push(LinkStep::Add(far_ids(elements.map_or(&[], Vec::as_slice))));
                    desired.links.insert(key.clone(), program);
                }
            }
        }
    }

    /// A12: what a PUT clears when it does not name it.
    fn cleared_when_omitted(
        &self,
        extension: Option<&str>,
        attribute: &Attribute,
        asserted: &Assertions,
        mentioned: &BTreeSet<String>,
    ) -> bool {
        // An extension that the body does not mention at all keeps everything.
        let mentioned = extension.is_none_or(|uri| mentioned.contains(uri));
        // What no client can read, no client can send back.
        let kept = attribute.mutability != Mutability::ReadWrite
            || attribute.is_secret()
            || (extension.is_none() && attribute.name == "active")
            || self.link(extension, &attribute.name).is_some();
        let key = || AttrKey { extension: extension.map(str::to_owned), name: attribute.name.clone() };
        mentioned && !kept && !asserted.contains_key(&key())
    }

    /// Checks what only the whole resource shows: required extensions, attributes and parts.
    pub(crate) fn check_complete(&self, desired: &Desired) -> Result<(), SchemaError> {
        let document = &desired.document;
        let mut findings = Vec::new();
        for schema in self.required_extensions().filter(|schema| self.is_missing(schema, document)) {
            let message = "is required: send its attributes in an object of that name";
            findings.push(Finding::value(&schema.id, message));
        }
        for (extension, attribute) in self.attributes() {
            if self.link(extension, &attribute.name).is_some() {
                continue;
            }
            let path = || {
                extension.map_or_else(|| attribute.name.clone(), |uri| format!("{uri}:{}", attribute.name))
            };
            match document.get(extension, &attribute.name) {
                Some(Value::Array(elements)) => {
                    elements.iter().for_each(|element| check_parts(&path, attribute, element, &mut findings));
                    if elements.len() > MOST_ELEMENTS {
                        findings
                            .push(Finding::value(&path(), format!("holds at most {MOST_ELEMENTS} values")));
                    }
                }
                Some(value) if !is_empty_text(value) => check_parts(&path, attribute, value, &mut findings),
                _ if must_have(attribute) && self.needs(extension, document) => {
                    findings.push(Finding::value(&path(), "is required and must not be empty"));
                }
                _ => {}
            }
        }
        SchemaError::check(findings)
    }

    /// Whether a required extension is not there. One with links may be there without data.
    fn is_missing(&self, schema: &Schema, document: &Document) -> bool {
        let linked = |attribute: &Attribute| self.link(Some(&schema.id), &attribute.name).is_some();
        let writable = |attribute: &Attribute| attribute.mutability != Mutability::ReadOnly;
        !document.as_map().contains_key(&schema.id)
            && schema.attributes.iter().any(writable)
            && !schema.attributes.iter().any(linked)
    }

    /// Whether the resource must have the required attributes of the extension (7643-6-03).
    pub(crate) fn needs(&self, extension: Option<&str>, document: &Document) -> bool {
        extension.is_none_or(|uri| {
            document.as_map().contains_key(uri) || self.required_extensions().any(|schema| schema.id == uri)
        })
    }
}

/// What is required of a client; what only the server writes is the server's own affair.
fn must_have(attribute: &Attribute) -> bool {
    attribute.required && attribute.mutability != Mutability::ReadOnly
}

/// Strict settings keep an empty string; a required value it is not (A22).
fn is_empty_text(value: &Value) -> bool {
    value.as_str().is_some_and(str::is_empty)
}

/// The password is handed to the application and kept nowhere (7643-4.1.1-04).
pub(crate) fn is_password(key: &AttrKey) -> bool {
    key.extension.is_none() && key.name == "password"
}

/// The id at the end of a relative reference; whose an absolute one is, its host says.
fn id_in_relative(uri: &str) -> Option<&str> {
    let (_, id) = uri.rsplit_once('/')?;
    let is_id = !id.is_empty() && !id.contains(['?', '#']) && !uri.contains("://");
    is_id.then_some(id)
}

/// The ids in a list of links; intake has made sure that each element has one.
pub(crate) fn far_ids(elements: &[Value]) -> Vec<String> {
    elements.iter().filter_map(|element| element.get("value")?.as_str()).map(str::to_owned).collect()
}

/// 7643-7-08: what is immutable is set once, be it the attribute or a part of it.
///
/// `new` is a value as it was given, with a null for each part that is to be cleared.
pub(crate) fn immutable_fault(
    target: &Target<'_>,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Option<Finding> {
    let old = old?;
    let fault = |path: &str| Some(Finding::mutability(path, "cannot be changed once it is set"));
    let path = || Target { sub: None, ..*target }.path();
    if target.attribute.mutability == Mutability::Immutable {
        return if is_same(old, new) { None } else { fault(&path()) };
    }
    if target.attribute.multi_valued {
        return None;
    }
    immutable_part_fault(target.attribute, &path, old, new)
}

/// The same for the parts of one complex value.
pub(crate) fn immutable_part_fault(
    attribute: &Attribute,
    path: &dyn Fn() -> String,
    old: &Value,
    new: Option<&Value>,
) -> Option<Finding> {
    attribute.sub_attributes.iter().filter(|sub| sub.mutability == Mutability::Immutable).find_map(|sub| {
        let was = old.get(&sub.name)?;
        let same = match new {
            None => false,
            Some(new) => new.get(&sub.name).is_none_or(|new| new == was),
        };
        (!same).then(|| {
            Finding::mutability(&format!("{}.{}", path(), sub.name), "cannot be changed once it is set")
        })
    })
}

/// Whether two values are the same; the order of a list does not count.
fn is_same(old: &Value, new: Option<&Value>) -> bool {
    match (old, new) {
        (Value::Array(old), Some(Value::Array(new))) => {
            old.len() == new.len() && new.iter().all(|element| old.contains(element))
        }
        (old, new) => Some(old) == new,
    }
}

/// Parts that are set for good stay when a new value does not name them.
pub(crate) fn keep_immutable_parts(
    attribute: &Attribute,
    old: Option<&Value>,
    new: Option<Value>,
) -> Option<Value> {
    let fixed = attribute.sub_attributes.iter().filter(|sub| sub.mutability == Mutability::Immutable);
    // A list has no parts itself; its elements come and go.
    let kept: Map<String, Value> =
        fixed.filter_map(|sub| Some((sub.name.clone(), old?.get(&sub.name)?.clone()))).collect();
    match new {
        _ if kept.is_empty() => new,
        Some(Value::Object(mut parts)) => {
            for (name, part) in kept {
                parts.entry(name).or_insert(part);
            }
            Some(Value::Object(parts))
        }
        Some(other) => Some(other),
        None => Some(Value::Object(kept)),
    }
}

/// 7643-7-12: a required part only matters when its parent is present.
fn check_parts(path: &dyn Fn() -> String, attribute: &Attribute, value: &Value, findings: &mut Vec<Finding>) {
    for sub in attribute.sub_attributes.iter().filter(|sub| must_have(sub)) {
        if value.get(&sub.name).is_none_or(is_empty_text) {
            let path = format!("{}.{}", path(), sub.name);
            findings.push(Finding::value(&path, "is required and must not be empty"));
        }
    }
}
