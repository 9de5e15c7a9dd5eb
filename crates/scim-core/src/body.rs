//! What a client asserts: the body of a POST or PUT, attribute by attribute.

use std::collections::{BTreeMap, BTreeSet};

use scim_syntax::parse_patch_path;
use serde_json::{Map, Value};

use crate::intake::{Intake, check_keys, kind_of};
use crate::leniency::Tolerance;
use crate::schema::{AttributeType, Mutability};
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

/// A POST or PUT body, read.
#[derive(Debug)]
pub(crate) struct Body {
    /// What it asserts; a single complex value holds a null for each part that is to be cleared.
    pub(crate) asserted: Assertions,
    /// The extensions that it mentions.
    pub(crate) mentioned: BTreeSet<String>,
}

/// Reads a POST or PUT body; read-only attributes are left out (7644-3.3-03).
pub(crate) fn read_body(
    def: &TypeDef,
    body: Map<String, Value>,
    intake: &mut Intake<'_>,
) -> Result<Body, SchemaError> {
    check_keys("the body", &body)?;
    let read = Body { asserted: Assertions::new(), mentioned: BTreeSet::new() };
    let mut reader = BodyReader { def, intake, listed: BTreeSet::new(), read, findings: Vec::new() };
    reader.check_schemas(&body)?;
    // Keys that are paths come last, so that their place among the others does not count.
    let (paths, names): (Vec<_>, Vec<_>) = body.into_iter().partition(|(key, _)| reader.is_path(key));
    for (key, value) in names {
        reader.entry(&key, value);
    }
    for (key, value) in paths {
        reader.flattened(&key, value);
    }
    reader.check_listed();
    SchemaError::check(reader.findings)?;
    Ok(reader.read)
}

struct BodyReader<'r, 'f> {
    def: &'r TypeDef,
    intake: &'r mut Intake<'f>,
    /// The extensions that `schemas` lists.
    listed: BTreeSet<&'r str>,
    read: Body,
    findings: Vec<Finding>,
}

impl<'r> BodyReader<'r, '_> {
    /// 7643-3-01 to 7643-3-04 and 7644-3.3-07.
    fn check_schemas(&mut self, body: &Map<String, Value>) -> Result<(), Finding> {
        let missing = || Finding::syntax("`schemas` must list the URI of at least one schema");
        let uris = match body.iter().find(|(key, _)| key.eq_ignore_ascii_case("schemas")) {
            Some((_, Value::Array(uris))) if !uris.is_empty() => uris.as_slice(),
            Some((_, lone @ Value::String(_))) if self.intake.tolerates(Tolerance::LoneValue) => {
                std::slice::from_ref(lone)
            }
            _ => return Err(missing()),
        };
        let def = self.def;
        let mut has_base = false;
        for uri in uris {
            let Some(uri) = uri.as_str() else {
                return Err(Finding::syntax("`schemas` must be a list of strings"));
            };
            if uri.eq_ignore_ascii_case(&def.base().id) {
                has_base = true;
            } else if let Some(extension) = def.extension(uri) {
                self.listed.insert(&extension.id);
            } else if def.is_base_of_another(uri) {
                return Err(Finding::syntax(format!(
                    "`schemas` names {}, but resources here are of the schema `{}`",
                    quote(&uri),
                    def.base().id
                )));
            } else if !self.intake.tolerates(Tolerance::UnknownSchema) {
                return Err(Finding::syntax(format!(
                    "`schemas` names {}, which is unknown here",
                    quote(&uri)
                )));
            }
        }
        if !has_base && !self.intake.tolerates(Tolerance::MissingSchema) {
            return Err(Finding::syntax(format!("`schemas` must contain `{}`", def.base().id)));
        }
        Ok(())
    }

    /// 7643-3.3-01: data of an extension says itself which extension it is of.
    fn check_listed(&mut self) {
        let used: BTreeSet<&str> = (self.read.asserted.iter())
            .filter(|(_, value)| value.is_some())
            .filter_map(|(key, _)| key.extension.as_deref())
            .collect();
        for uri in used {
            if !self.listed.contains(uri) && !self.intake.tolerates(Tolerance::MissingSchema) {
                self.findings.push(Finding::syntax(format!("`schemas` must contain `{uri}`")));
            }
        }
    }

    /// Whether the key is a path such as `urn:…:2.0:User:userRole`, not a name or URI.
    fn is_path(&self, key: &str) -> bool {
        key.contains(':')
            && self.def.extension(key).is_none()
            && !key.eq_ignore_ascii_case(&self.def.base().id)
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
        self.unknown(key);
    }

    /// The attributes under the URI of a schema.
    fn container(&mut self, extension: Option<&'r str>, value: Value) {
        let uri = extension.unwrap_or(&self.def.base().id);
        let parts = match value {
            Value::Object(parts) => parts,
            Value::Null => return self.clear(extension),
            Value::String(text) if text.is_empty() && self.intake.tolerates(Tolerance::EmptyString) => {
                return self.clear(extension);
            }
            other => {
                let message = format!("takes an object of attributes, not {}", kind_of(&other));
                return self.findings.push(Finding::value(uri, message));
            }
        };
        if let Err(finding) = check_keys(&format!("`{uri}`"), &parts) {
            return self.findings.push(finding);
        }
        self.read.mentioned.extend(extension.map(str::to_owned));
        for (name, value) in parts {
            match self.def.target(extension, &name) {
                Some(target) => self.assert(&target, value),
                None => self.unknown(&format!("{uri}:{name}")),
            }
        }
    }

    /// A null where the attributes of an extension belong: none of them has a value (7643-2.5-01).
    fn clear(&mut self, extension: Option<&'r str>) {
        let def = self.def;
        let Some(schema) = extension.and_then(|uri| def.extension(uri)) else { return };
        self.read.mentioned.insert(schema.id.clone());
        for attribute in &schema.attributes {
            if let Some(target) = def.target(Some(&schema.id), &attribute.name) {
                self.assert(&target, Value::Null);
            }
        }
    }

    fn flattened(&mut self, key: &str, value: Value) {
        let path = parse_patch_path(key).ok().filter(|path| path.filter().is_none());
        match path.map(|path| self.def.resolve(path.path())) {
            Some(Resolved::Attribute(target)) => {
                self.read.mentioned.extend(target.extension.map(str::to_owned));
                self.assert_part(&target, value);
            }
            _ => self.unknown(key),
        }
    }

    fn assert(&mut self, target: &Target<'_>, value: Value) {
        if target.attribute.mutability == Mutability::ReadOnly {
            return;
        }
        let key = AttrKey::new(target);
        match self.value(target, value) {
            Err(finding) => self.findings.push(finding),
            Ok(value) => {
                if self.read.asserted.insert(key, value).is_some() {
                    let message = format!("`{}` stands twice in the body", target.path());
                    self.findings.push(Finding::syntax(message));
                }
            }
        }
    }

    fn value(&mut self, target: &Target<'_>, value: Value) -> Result<Option<Value>, Finding> {
        let (path, attribute) = (target.path(), target.attribute);
        if target.link.is_some_and(|view| view.shape.is_list()) {
            let elements = self.intake.link_elements(&path, attribute, value)?;
            return Ok((!elements.is_empty()).then_some(Value::Array(elements)));
        }
        if attribute.kind == AttributeType::Complex && !attribute.multi_valued {
            return Ok(self.intake.parts(&path, attribute, value)?.map(Value::Object));
        }
        self.intake.attribute(&path, attribute, value)
    }

    /// As [`Self::assert`]; where the key names a sub-attribute, the other parts stay.
    fn assert_part(&mut self, target: &Target<'_>, value: Value) {
        let Some(sub) = target.sub else { return self.assert(target, value) };
        let read_only = |mutability| mutability == Mutability::ReadOnly;
        if read_only(target.attribute.mutability) || read_only(sub.mutability) {
            return;
        }
        let path = target.path();
        if target.attribute.multi_valued {
            // It does not say which value of the list.
            return self.unknown(&path);
        }
        match self.intake.attribute(&path, sub, value) {
            Err(finding) => self.findings.push(finding),
            Ok(value) => {
                let whole = self.read.asserted.entry(AttrKey::new(target)).or_default();
                let parts = whole.get_or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(parts) = parts
                    && parts.insert(sub.name.clone(), value.unwrap_or(Value::Null)).is_some()
                {
                    self.findings.push(Finding::syntax(format!("`{path}` stands twice in the body")));
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
