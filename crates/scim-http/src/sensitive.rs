//! Attributes that no URL may ask about ([RFC 7644 §7.5.2]).
//!
//! [RFC 7644 §7.5.2]: https://www.rfc-editor.org/rfc/rfc7644#section-7.5.2

use std::collections::{BTreeMap, BTreeSet};

use scim_core::syntax::{AttrName, AttrPath, Filter, parse_attr_path, parse_filter};
use scim_core::{Problem, Registry, Resolved, ScimType, TypeDef};

/// The sensitive attributes of each resource type.
#[derive(Debug)]
pub(crate) struct Sensitive(BTreeMap<String, BTreeSet<Attribute>>);

/// An attribute by extension, name and part; without a part, all of them.
type Attribute = (Option<String>, String, Option<String>);

impl Sensitive {
    /// Finds the attributes in every type that has them; what no type has is told to the operator.
    pub(crate) fn new(registry: &Registry, paths: &BTreeSet<String>) -> Self {
        let mut sensitive = BTreeMap::<String, BTreeSet<Attribute>>::new();
        for text in paths {
            let mut known = false;
            for def in registry.types() {
                let found = parse_attr_path(text).ok().and_then(|path| attribute(def, &path));
                if let Some(found) = found {
                    known = true;
                    sensitive.entry(def.name().to_owned()).or_default().insert(found);
                }
            }
            if !known {
                tracing::warn!(path = text, "no resource type has this sensitive attribute");
            }
        }
        Self(sensitive)
    }

    /// 7644-7.5.2-01: refuses a filter of a URL that asks about such an attribute of one of the types.
    ///
    /// A filter that cannot be parsed is refused elsewhere.
    pub(crate) fn check<'d>(
        &self,
        defs: impl Iterator<Item = &'d TypeDef>,
        filter: Option<&str>,
    ) -> Result<(), Problem> {
        let Some(filter) = filter.filter(|_| !self.0.is_empty()) else { return Ok(()) };
        let Ok(filter) = parse_filter(filter) else { return Ok(()) };
        for def in defs {
            let Some(sensitive) = self.0.get(def.name()) else { continue };
            if asks(def, sensitive, &filter, None) {
                let detail = "the filter asks about an attribute that is sensitive, and URLs are logged: \
                              send the query as POST to `.search`";
                return Err(Problem { scim_type: Some(ScimType::Sensitive), ..Problem::plain(403, detail) });
            }
        }
        Ok(())
    }
}

/// Whether the filter has a sensitive attribute in it; `list` is what stands before its brackets.
fn asks(
    def: &TypeDef,
    sensitive: &BTreeSet<Attribute>,
    filter: &Filter<'_>,
    list: Option<&AttrPath<'_>>,
) -> bool {
    let is = |path: &AttrPath<'_>| {
        let whole = list.map(|list| list.clone().with_sub(AttrName::clone(path.name())));
        attribute(def, whole.as_ref().unwrap_or(path)).is_some_and(|(extension, name, sub)| {
            // A complex attribute without a part means its value, and may mean any part of it.
            sensitive.iter().any(|known| {
                known.0 == extension
                    && known.1 == name
                    && (known.2.is_none() || sub.is_none() || known.2 == sub)
            })
        })
    };
    match filter {
        Filter::Present(path) | Filter::Compare { path, .. } => is(path),
        Filter::ValuePath { path, filter } => asks(def, sensitive, filter, Some(path)),
        Filter::Not(inner) => asks(def, sensitive, inner, list),
        Filter::And(terms) | Filter::Or(terms) => terms.iter().any(|term| asks(def, sensitive, term, list)),
    }
}

fn attribute(def: &TypeDef, path: &AttrPath<'_>) -> Option<Attribute> {
    match def.resolve(path) {
        Resolved::Attribute(target) => Some((
            target.extension.map(str::to_owned),
            target.attribute.name.clone(),
            target.sub.map(|sub| sub.name.clone()),
        )),
        _ => None,
    }
}
