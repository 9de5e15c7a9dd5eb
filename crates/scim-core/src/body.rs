//! What a client asserts: the body of a POST or PUT, attribute by attribute.

use std::collections::BTreeMap;

use scim_syntax::parse_patch_path;
use serde_json::{Map, Value};

use crate::intake::Intake;
use crate::leniency::Tolerance;
use crate::links::LinkShape;
use crate::schema::{Mutability, urn};
use crate::schema_error::{Finding, SchemaError, quote};
use crate::type_def::{Resolved, Target, TypeDef};

/// An attribute, by the URI of its extension and its canonical name.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct AttrKey {
    /// The URI of the extension; none for the base schema.
    pub extension: Option<String>,
    /// The canonical name.
    pub name: String,
}

impl AttrKey {
    /// An attribute of the base schema.
    #[must_use]
    pub fn base(name: &str) -> Self {
        Self { extension: None, name: name.to_owned() }
    }

    /// An attribute of an extension.
    #[must_use]
    pub fn of(extension: &str, name: &str) -> Self {
        Self { extension: Some(extension.to_owned()), name: name.to_owned() }
    }

    pub(crate) fn new(target: &Target<'_>) -> Self {
        Self { extension: target.extension.map(str::to_owned), name: target.attribute.name.clone() }
    }
}

/// What a request says about each attribute it names: a value, or none at all.
///
/// An attribute that the request does not name is not in it.
pub type Assertions = BTreeMap<AttrKey, Option<Value>>;

/// The assertions of a POST or PUT body; read-only attributes are left out (7644-3.3-03).
pub(crate) fn read_body(
    def: &TypeDef,
    body: Map<String, Value>,
    intake: &mut Intake<'_>,
) -> Result<Assertions, SchemaError> {
    let mut reader = BodyReader { def, intake, assertions: Assertions::new(), findings: Vec::new() };
    reader.check_schemas(&body)?;
    for (key, value) in body {
        reader.entry(&key, value);
    }
    SchemaError::check(reader.findings)?;
    Ok(reader.assertions)
}

struct BodyReader<'r, 'f> {
    def: &'r TypeDef,
    intake: &'r mut Intake<'f>,
    assertions: Assertions,
    findings: Vec<Finding>,
}

impl<'r> BodyReader<'r, '_> {
    /// 7643-3-01 to 7643-3-04 and 7644-3.3-07.
    fn check_schemas(&mut self, body: &Map<String, Value>) -> Result<(), Finding> {
        let missing = || Finding::syntax("`schemas` must list the URI of at least one schema");
        let mut lists = body.iter().filter(|(key, _)| key.eq_ignore_ascii_case("schemas"));
        let uris = match lists.next() {
            Some((_, Value::Array(uris))) if !uris.is_empty() => uris,
            _ => return Err(missing()),
        };
        let mut has_base = false;
        for uri in uris {
            let Some(uri) = uri.as_str() else {
                return Err(Finding::syntax("`schemas` must be a list of strings"));
            };
            if uri.eq_ignore_ascii_case(&self.def.base().id) {
                has_base = true;
            } else if [urn::USER, urn::GROUP].iter().any(|other| uri.eq_ignore_ascii_case(other)) {
                return Err(Finding::syntax(format!(
                    "`schemas` names {}, but resources here are of the schema `{}`",
                    quote(&uri),
                    self.def.base().id
                )));
            } else if self.def.extension(uri).is_none() && !self.intake.tolerates(Tolerance::UnknownSchema) {
                return Err(Finding::syntax(format!(
                    "`schemas` names {}, which is unknown here",
                    quote(&uri)
                )));
            }
        }
        if !has_base && !self.intake.tolerates(Tolerance::MissingSchema) {
            return Err(Finding::syntax(format!("`schemas` must contain `{}`", self.def.base().id)));
        }
        Ok(())
    }

    fn entry(&mut self, key: &str, value: Value) {
        if key.eq_ignore_ascii_case("schemas") {
            return;
        }
        let def = self.def;
        if let Some(target) = def.target(None, key) {
            return self.assert(&target, value);
        }
        if let Some(extension) = def.extension(key) {
            return self.container(Some(&extension.id), value);
        }
        if key.eq_ignore_ascii_case(&self.def.base().id) {
            return self.container(None, value);
        }
        if key.contains(':')
            && let Some(target) = self.flattened(key)
        {
            return self.assert_part(&target, value);
        }
        self.unknown(key);
    }

    /// The attributes under the URI of a schema.
    fn container(&mut self, extension: Option<&str>, value: Value) {
        let def = self.def;
        let uri = extension.unwrap_or(&def.base().id).to_owned();
        let parts = match value {
            Value::Object(parts) => parts,
            Value::Null => Map::new(),
            other => {
                let message = format!("takes an object of attributes, not {}", quote(&other));
                return self.findings.push(Finding::value(&uri, message));
            }
        };
        for (name, value) in parts {
            match def.target(extension, &name) {
                Some(target) => self.assert(&target, value),
                None => self.unknown(&format!("{uri}:{name}")),
            }
        }
    }

    /// A key such as `urn:…:2.0:User:userRole`.
    fn flattened(&self, key: &str) -> Option<Target<'r>> {
        let path = parse_patch_path(key).ok()?;
        if path.filter().is_some() {
            return None;
        }
        match self.def.resolve(path.path()) {
            Resolved::Attribute(target) => Some(target),
            _ => None,
        }
    }

    fn assert(&mut self, target: &Target<'_>, value: Value) {
        if target.attribute.mutability == Mutability::ReadOnly {
            return;
        }
        let key = AttrKey::new(target);
        let value = match target.link.map(|view| view.shape) {
            Some(LinkShape::List { .. }) => self.linked(target, value),
            _ => self.intake.attribute(&target.path(), target.attribute, value),
        };
        match value {
            Err(finding) => self.findings.push(finding),
            Ok(value) => {
                if self.assertions.insert(key, value).is_some() {
                    let message = format!("`{}` stands twice in the body", target.path());
                    self.findings.push(Finding::syntax(message));
                }
            }
        }
    }

    /// A linked list: as long as it may be, each element with the id of a resource (7643-4.2-03).
    fn linked(&mut self, target: &Target<'_>, value: Value) -> Result<Option<Value>, Finding> {
        let path = target.path();
        let elements = self.intake.link_elements(&path, target.attribute, value)?;
        if elements.iter().any(|element| element.get("value").is_none()) {
            return Err(Finding::value(&format!("{path}.value"), "is required: the id of a resource"));
        }
        Ok((!elements.is_empty()).then_some(Value::Array(elements)))
    }

    /// As [`Self::assert`]; where the key names a sub-attribute, the other parts stay.
    fn assert_part(&mut self, target: &Target<'_>, value: Value) {
        let Some(sub) = target.sub else { return self.assert(target, value) };
        if target.attribute.multi_valued || sub.mutability == Mutability::ReadOnly {
            return self.unknown(&target.path());
        }
        let path = target.path();
        match self.intake.attribute(&path, sub, value) {
            Err(finding) => self.findings.push(finding),
            Ok(value) => {
                let whole = self.assertions.entry(AttrKey::new(target)).or_default();
                let parts = whole.get_or_insert_with(|| Value::Object(Map::new()));
                if let (Value::Object(parts), Some(value)) = (parts, value) {
                    parts.insert(sub.name.clone(), value);
                }
                if whole.as_ref().and_then(Value::as_object).is_some_and(Map::is_empty) {
                    *whole = None;
                }
            }
        }
    }

    fn unknown(&mut self, name: &str) {
        if !self.intake.tolerates(Tolerance::UnknownAttribute) {
            let message = format!("{} has no attribute {}", self.def.name(), quote(&name));
            self.findings.push(Finding::syntax(message));
        }
    }
}
