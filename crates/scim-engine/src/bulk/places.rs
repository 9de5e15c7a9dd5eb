//! Where the body of an operation may refer to a resource: as the schema says, never by how a text looks.

use scim_core::schema::{Attribute, AttributeType, Mutability};
use scim_core::syntax::{Filter, Literal, parse_attr_path, parse_filter, parse_patch_path};
use scim_core::{Resolved, Target, TypeDef};
use serde_json::{Map, Value};

/// What a text that refers holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Holds {
    /// The id of a resource.
    Id,
    /// Its URI.
    Uri,
}

/// Is shown each text that refers, and may change it.
pub(crate) type Visit<'v> = dyn FnMut(&mut String, Holds) + 'v;

/// How many lists may stand around a value that should have none: clients wrap single values in one.
const MOST_WRAPS: u8 = 2;

/// Visits the attributes of a POST or PUT body that are known; those for which `keep` says no are taken
/// out.
pub(crate) fn attributes<'d>(
    def: &'d TypeDef,
    body: &mut Map<String, Value>,
    keep: &mut dyn FnMut(&Target<'d>, &mut Value) -> bool,
) {
    body.retain(|key, value| {
        if let Some(target) = def.target(None, key) {
            return keep(&target, value);
        }
        let extension = def.extension(key).map(|schema| schema.id.as_str());
        if extension.is_some() || key.eq_ignore_ascii_case(&def.base().id) {
            if let Value::Object(parts) = value {
                parts.retain(|name, value| {
                    def.target(extension, name).is_none_or(|target| keep(&target, value))
                });
            }
            return true;
        }
        // A path as a key, such as `urn:…:2.0:User:manager.value`.
        match parse_attr_path(key).map(|path| def.resolve(&path)) {
            Ok(Resolved::Attribute(target)) if key.contains(':') => keep(&target, value),
            _ => true,
        }
    });
}

/// Visits what refers in the body of a POST or PUT.
pub(crate) fn in_body(def: &TypeDef, body: &mut Map<String, Value>, visit: &mut Visit<'_>) {
    attributes(def, body, &mut |target, value| {
        in_value(target, value, visit);
        true
    });
}

/// Visits what refers in a PATCH: values, and filters of paths.
pub(crate) fn in_patch(def: &TypeDef, body: &mut Map<String, Value>, visit: &mut Visit<'_>) {
    let operations = body.iter_mut().filter(|(key, _)| key.eq_ignore_ascii_case("Operations"));
    for operation in operations.filter_map(|(_, list)| list.as_array_mut()).flatten() {
        let Some(parts) = operation.as_object_mut() else { continue };
        let mut path = None;
        let mut value = None;
        for (key, part) in parts.iter_mut() {
            if key.eq_ignore_ascii_case("path") {
                path = Some(part);
            } else if key.eq_ignore_ascii_case("value") {
                value = Some(part);
            }
        }
        match path {
            Some(Value::String(path)) => {
                let place = in_path(def, path, visit);
                if let Some(value) = value {
                    in_place(def, &place, value, visit);
                }
            }
            _ => {
                if let Some(Value::Object(value)) = value {
                    in_pathless(def, value, visit);
                }
            }
        }
    }
}

/// What a path of a PATCH names.
enum Place<'d> {
    Attribute(Target<'d>),
    /// All attributes of a schema, by its URI; none for the base schema.
    Schema(Option<&'d str>),
    Nothing,
}

/// The value of an operation without path, whose keys may be paths.
fn in_pathless(def: &TypeDef, value: &mut Map<String, Value>, visit: &mut Visit<'_>) {
    let entries = std::mem::take(value);
    value.extend(entries.into_iter().map(|(mut key, mut value)| {
        let place = in_path(def, &mut key, visit);
        in_place(def, &place, &mut value, visit);
        (key, value)
    }));
}

fn in_place(def: &TypeDef, place: &Place<'_>, value: &mut Value, visit: &mut Visit<'_>) {
    match place {
        Place::Attribute(target) => in_value(target, value, visit),
        Place::Schema(extension) => {
            for (name, value) in value.as_object_mut().into_iter().flatten() {
                if let Some(target) = def.target(*extension, name) {
                    in_value(&target, value, visit);
                }
            }
        }
        Place::Nothing => {}
    }
}

/// What the path names; the filter in it is visited.
fn in_path<'d>(def: &'d TypeDef, text: &mut String, visit: &mut Visit<'_>) -> Place<'d> {
    let (place, changed) = match parse_patch_path(text) {
        Ok(path) => {
            let place = match def.resolve(path.path()) {
                Resolved::Attribute(target) => Place::Attribute(target),
                Resolved::Extension(schema) => Place::Schema(Some(&schema.id)),
                Resolved::Base => Place::Schema(None),
                Resolved::NotKept | Resolved::Unknown => Place::Nothing,
            };
            match (place, path.filter()) {
                (Place::Attribute(mut target), Some(filter)) => {
                    let mut filter = filter.clone();
                    let changed = in_filter(&target, &mut filter, visit);
                    target.sub = path.sub().and_then(|sub| target.attribute.sub_attribute(sub.as_str()));
                    let behind = path.sub().map(|sub| format!(".{sub}")).unwrap_or_default();
                    let changed = changed.then(|| format!("{}[{filter}]{behind}", path.path()));
                    (Place::Attribute(target), changed)
                }
                (place, _) => (place, None),
            }
        }
        // `members eq "1"`, which means the elements whose value it is.
        Err(_) => match parse_filter(text) {
            Ok(Filter::Compare { path, op, mut value }) => match def.resolve(&path) {
                Resolved::Attribute(target) => {
                    let changed = in_literal(&target, "value", &mut value, visit);
                    (Place::Attribute(target), changed.then(|| format!("{path} {op} {value}")))
                }
                _ => (Place::Nothing, None),
            },
            _ => (Place::Nothing, None),
        },
    };
    if let Some(changed) = changed {
        *text = changed;
    }
    place
}

/// Visits the filter on an element, which the parser keeps shallow; true if it was changed.
fn in_filter(target: &Target<'_>, filter: &mut Filter<'_>, visit: &mut Visit<'_>) -> bool {
    match filter {
        Filter::Present(_) => false,
        Filter::Compare { path, value, .. } => in_literal(target, path.name().as_str(), value, visit),
        Filter::ValuePath { filter, .. } | Filter::Not(filter) => in_filter(target, filter, visit),
        Filter::And(terms) | Filter::Or(terms) => {
            // Each is visited, also after one that was changed.
            let mut changed = false;
            for term in terms {
                changed |= in_filter(target, term, visit);
            }
            changed
        }
    }
}

/// Visits what a part of an element is compared with; true if it was changed.
fn in_literal(target: &Target<'_>, part: &str, value: &mut Literal<'_>, visit: &mut Visit<'_>) -> bool {
    let holds = match target.attribute.sub_attribute(part) {
        Some(sub) => part_holds(target, sub),
        None if part.eq_ignore_ascii_case("value") => whole_holds(target.attribute),
        None => None,
    };
    let (Some(holds), Literal::String(text)) = (holds, value) else { return false };
    let mut new = text.clone().into_owned();
    visit(&mut new, holds);
    let changed = new != *text;
    *text = new.into();
    changed
}

/// Visits what refers in the value of an attribute or of a part of it.
pub(crate) fn in_value(target: &Target<'_>, value: &mut Value, visit: &mut Visit<'_>) {
    if target.attribute.mutability == Mutability::ReadOnly {
        return;
    }
    match target.sub {
        Some(sub) => in_texts(part_holds(target, sub), value, MOST_WRAPS, visit),
        None if target.attribute.kind == AttributeType::Complex => in_parts(target, value, MOST_WRAPS, visit),
        None => in_texts(whole_holds(target.attribute), value, MOST_WRAPS, visit),
    }
}

fn in_parts(target: &Target<'_>, value: &mut Value, wraps: u8, visit: &mut Visit<'_>) {
    match value {
        Value::Object(parts) => {
            for (name, part) in parts {
                if let Some(sub) = target.attribute.sub_attribute(name) {
                    in_texts(part_holds(target, sub), part, wraps, visit);
                }
            }
        }
        // A bare string stands for the part `value`.
        Value::String(text) => {
            let part = target.attribute.sub_attribute("value");
            if let Some(holds) = part.and_then(|part| part_holds(target, part)) {
                visit(text, holds);
            }
        }
        Value::Array(elements) if wraps > 0 => {
            elements.iter_mut().for_each(|element| in_parts(target, element, wraps - 1, visit));
        }
        _ => {}
    }
}

fn in_texts(holds: Option<Holds>, value: &mut Value, wraps: u8, visit: &mut Visit<'_>) {
    let Some(holds) = holds else { return };
    match value {
        Value::String(text) => visit(text, holds),
        Value::Array(elements) if wraps > 0 => {
            elements.iter_mut().for_each(|element| in_texts(Some(holds), element, wraps - 1, visit));
        }
        // A simple value wrapped in an object, as some clients do.
        Value::Object(parts) if wraps > 0 => {
            let inner = parts.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("value"));
            inner.for_each(|(_, inner)| in_texts(Some(holds), inner, 0, visit));
        }
        _ => {}
    }
}

/// What the values of a simple attribute refer with, if they do.
fn whole_holds(attribute: &Attribute) -> Option<Holds> {
    points_at_resources(attribute).then_some(Holds::Uri)
}

/// What a part of a complex attribute refers with, if it does.
fn part_holds(target: &Target<'_>, sub: &Attribute) -> Option<Holds> {
    if sub.mutability == Mutability::ReadOnly {
        return None;
    }
    if points_at_resources(sub) {
        return Some(Holds::Uri);
    }
    let linked = || target.link.is_some_and(|view| view.shape.is_list());
    let beside = || target.attribute.sub_attribute("$ref").is_some_and(points_at_resources);
    let is_id = sub.name == "value" && sub.kind == AttributeType::String && (linked() || beside());
    is_id.then_some(Holds::Id)
}

/// Whether the attribute is a reference to resources of a service, not to something elsewhere (7643-2.3.7-01).
fn points_at_resources(attribute: &Attribute) -> bool {
    let elsewhere = |name: &String| name == "external" || name == "uri";
    attribute.kind == AttributeType::Reference
        && (attribute.reference_types.is_empty() || !attribute.reference_types.iter().all(elsewhere))
}
