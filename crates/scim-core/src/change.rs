//! What a request wants: the document that should be stored, and what becomes of its links.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::body::{Assertions, AttrKey, read_body};
use crate::document::Document;
use crate::intake::Intake;
use crate::leniency::{Fired, Leniency};
use crate::links::{LinkProgram, LinkShape, LinkStep};
use crate::schema::{Attribute, Mutability};
use crate::schema_error::{Finding, SchemaError};
use crate::type_def::TypeDef;

/// The resource as a request wants it, validated; nothing has happened yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Desired {
    /// The document that should be stored.
    pub document: Document,
    /// What the request says about the attributes it names. Attributes that show a name from links,
    /// and the password, stand only here.
    pub asserted: Assertions,
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
        let mut asserted = self.assertions(body, leniency, &mut desired.fired)?;
        // A null means that there is no opinion, as if it had been left out.
        let active = AttrKey::base("active");
        if asserted.get(&active) == Some(&None) {
            asserted.remove(&active);
        }
        self.store(&mut desired, &asserted);
        if !asserted.contains_key(&active) && self.base_attribute("active").is_some() {
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
        let mut asserted = self.assertions(body, leniency, &mut desired.fired)?;
        let active = AttrKey::base("active");
        if asserted.get(&active) == Some(&None) {
            asserted.remove(&active);
        }
        let mut findings = Vec::new();
        for (extension, attribute) in self.attributes() {
            let key = AttrKey { extension: extension.map(str::to_owned), name: attribute.name.clone() };
            let current = current.get(extension, &attribute.name);
            match asserted.get(&key) {
                Some(value) => {
                    if let Some(finding) = immutable_change(&key, attribute, current, value.as_ref()) {
                        findings.push(finding);
                    }
                }
                None if omitted == Omitted::Cleared
                    && self.cleared_when_omitted(&key, attribute, &asserted) =>
                {
                    desired.document.set(extension, &attribute.name, None);
                }
                None => {}
            }
        }
        SchemaError::check(findings)?;
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
    ) -> Result<Assertions, SchemaError> {
        read_body(self, body, &mut Intake { leniency, fired })
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
                Some(LinkShape::List { .. }) => {
                    let mut program = LinkProgram::default();
                    program.push(LinkStep::Clear);
                    program.push(LinkStep::Add(far_ids(value.as_ref())));
                    desired.links.insert(key.clone(), program);
                }
            }
        }
    }

    /// A12: what a PUT clears when it does not name it.
    fn cleared_when_omitted(&self, key: &AttrKey, attribute: &Attribute, asserted: &Assertions) -> bool {
        let kept = attribute.mutability != Mutability::ReadWrite
            || *key == AttrKey::base("active")
            || self.link(key.extension.as_deref(), &key.name).is_some();
        // An extension that the body does not mention at all keeps everything.
        let mentioned =
            key.extension.is_none() || asserted.keys().any(|other| other.extension == key.extension);
        !kept && mentioned
    }

    /// Checks what only the whole resource shows: required attributes and parts, and `value`s of links.
    pub(crate) fn check_complete(&self, desired: &Desired) -> Result<(), SchemaError> {
        let mut findings = Vec::new();
        for (extension, attribute) in self.attributes() {
            if self.link(extension, &attribute.name).is_some() {
                continue;
            }
            let value = desired.document.get(extension, &attribute.name);
            let path =
                extension.map_or_else(|| attribute.name.clone(), |uri| format!("{uri}:{}", attribute.name));
            match value {
                None if attribute.required && self.must_have(extension, &desired.document) => {
                    findings.push(Finding::value(&path, "is required and must not be empty"));
                }
                None => {}
                Some(Value::Array(elements)) => {
                    elements.iter().for_each(|element| check_parts(&path, attribute, element, &mut findings));
                    if elements.len() > crate::intake::MOST_ELEMENTS {
                        let most = crate::intake::MOST_ELEMENTS;
                        findings.push(Finding::value(&path, format!("holds at most {most} values")));
                    }
                }
                Some(value) => check_parts(&path, attribute, value, &mut findings),
            }
        }
        SchemaError::check(findings)
    }

    fn must_have(&self, extension: Option<&str>, document: &Document) -> bool {
        extension.is_none_or(|uri| {
            document.as_map().contains_key(uri) || self.required_extensions().any(|schema| schema.id == uri)
        })
    }
}

/// The password is handed to the application and kept nowhere (7643-4.1.1-04).
pub(crate) fn is_password(key: &AttrKey) -> bool {
    key.extension.is_none() && key.name == "password"
}

/// The ids in a list of links; intake has made sure that each element is an object.
pub(crate) fn far_ids(value: Option<&Value>) -> Vec<String> {
    let elements = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    elements.iter().filter_map(|element| element.get("value")?.as_str()).map(str::to_owned).collect()
}

/// 7643-7-08: an immutable attribute is set once.
pub(crate) fn immutable_change(
    key: &AttrKey,
    attribute: &Attribute,
    current: Option<&Value>,
    value: Option<&Value>,
) -> Option<Finding> {
    let fixed = attribute.mutability == Mutability::Immutable && current.is_some() && current != value;
    fixed.then(|| Finding::mutability(&key.name, "cannot be changed once it is set"))
}

/// 7643-7-12: a required part only matters when its parent is present.
fn check_parts(path: &str, attribute: &Attribute, value: &Value, findings: &mut Vec<Finding>) {
    for sub in attribute.sub_attributes.iter().filter(|sub| sub.required) {
        if value.get(&sub.name).is_none() {
            findings
                .push(Finding::value(&format!("{path}.{}", sub.name), "is required and must not be empty"));
        }
    }
}
