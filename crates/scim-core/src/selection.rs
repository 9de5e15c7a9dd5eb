//! Which attributes an answer holds: `attributes` and `excludedAttributes` ([RFC 7644 §3.9]).
//!
//! [RFC 7644 §3.9]: https://www.rfc-editor.org/rfc/rfc7644#section-3.9

use scim_syntax::parse_attr_path;

use crate::body::AttrKey;
use crate::problem::{Problem, ScimType};
use crate::schema::{Attribute, Returned};
use crate::type_def::{Resolved, TypeDef, is_common};

/// What a request asks to see, as it was sent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Selection {
    /// The default set.
    #[default]
    Default,
    /// The always set, and these.
    Only(Vec<String>),
    /// The default set without these.
    Except(Vec<String>),
}

impl Selection {
    /// Reads both parameters; names are separated by commas, blanks around them do not count. A
    /// parameter without any name says nothing.
    ///
    /// # Errors
    ///
    /// Returns 400 `invalidValue` when both are given (7644-3.9-04).
    pub fn new(attributes: Option<&str>, excluded: Option<&str>) -> Result<Self, Problem> {
        let names = |list: &str| {
            let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
            Some(names.map(str::to_owned).collect::<Vec<_>>()).filter(|names| !names.is_empty())
        };
        match (attributes.and_then(names), excluded.and_then(names)) {
            (Some(_), Some(_)) => Err(Problem::bad_request(
                ScimType::InvalidValue,
                "`attributes` and `excludedAttributes` exclude each other: send one of them",
            )),
            (Some(names), None) => Ok(Self::Only(names)),
            (None, Some(names)) => Ok(Self::Except(names)),
            (None, None) => Ok(Self::Default),
        }
    }

    /// Whether the client named attributes either way (7644-3.5.2-18).
    #[must_use]
    pub fn is_explicit(&self) -> bool {
        *self != Self::Default
    }
}

/// A [`Selection`] resolved for one resource type.
#[derive(Clone, Debug, Default)]
pub struct Selected {
    only: bool,
    named: Vec<Name>,
}

#[derive(Clone, Debug)]
enum Name {
    /// All attributes of a schema; of the base schema if there is no URI.
    Schema(Option<String>),
    Attribute {
        key: AttrKey,
        sub: Option<String>,
    },
}

/// What of an attribute is shown.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Shown {
    /// Nothing.
    Not,
    /// Everything but these parts.
    Without(Vec<String>),
    /// Only these parts.
    Parts(Vec<String>),
}

impl TypeDef {
    /// Resolves a selection; names that the type does not have are ignored (7644-3.10-02).
    #[must_use]
    pub fn select(&self, selection: &Selection) -> Selected {
        let (only, names) = match selection {
            Selection::Default => return Selected::default(),
            Selection::Only(names) => (true, names),
            Selection::Except(names) => (false, names),
        };
        let named = names.iter().filter_map(|name| {
            if let Some(schema) = self.extension(name) {
                return Some(Name::Schema(Some(schema.id.clone())));
            }
            if name.eq_ignore_ascii_case(&self.base().id) {
                return Some(Name::Schema(None));
            }
            let path = parse_attr_path(name).ok()?;
            match self.resolve(&path) {
                Resolved::Attribute(target) => Some(Name::Attribute {
                    key: AttrKey::new(&target),
                    sub: target.sub.map(|sub| sub.name.clone()),
                }),
                Resolved::Extension(_) | Resolved::Base | Resolved::NotKept | Resolved::Unknown => None,
            }
        });
        Selected { only, named: named.collect() }
    }
}

impl Selected {
    /// Whether the attribute can be part of the answer, so that its value must be known.
    #[must_use]
    pub fn shows(&self, extension: Option<&str>, attribute: &Attribute) -> bool {
        self.shown(extension, attribute, false) != Shown::Not
    }

    /// What is shown of an attribute; `supplied` where a write named it (7643-7-10).
    pub(crate) fn shown(&self, extension: Option<&str>, attribute: &Attribute, supplied: bool) -> Shown {
        let all = || Shown::Without(Vec::new());
        if attribute.is_secret() {
            return Shown::Not;
        }
        match attribute.returned {
            Returned::Never => return Shown::Not,
            Returned::Always => return all(),
            Returned::Default | Returned::Request => {}
        }
        let mut whole = false;
        let mut parts = Vec::new();
        for name in &self.named {
            match name {
                // What every resource has is part of no schema.
                Name::Schema(uri) => {
                    whole |= extension == uri.as_deref() && !(uri.is_none() && is_common(&attribute.name));
                }
                Name::Attribute { key, sub } => {
                    if key.extension.as_deref() == extension && key.name == attribute.name {
                        match sub {
                            None => whole = true,
                            Some(sub) => parts.push(sub.clone()),
                        }
                    }
                }
            }
        }
        match (self.only, whole, parts.is_empty()) {
            (true, true, _) => all(),
            (true, false, false) => Shown::Parts(parts),
            (true, false, true) | (false, true, _) => Shown::Not,
            (false, false, _) if attribute.returned == Returned::Request && !supplied => Shown::Not,
            (false, false, true) => all(),
            (false, false, false) => Shown::Without(parts),
        }
    }
}
