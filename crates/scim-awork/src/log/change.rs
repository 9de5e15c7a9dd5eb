//! What became different: pure comparisons of documents and of settings.

use scim_core::schema::{Attribute, Mutability, Returned};
use scim_core::{Document, TypeDef};
use serde_json::{Map, Value};

use super::entry::ValueChange;

/// How many characters of a value the log keeps.
const MOST_CHARS: usize = 1_000;

/// The attributes that differ between two documents of a type; nothing that clients are never shown.
pub(crate) fn document_changes(
    def: &TypeDef,
    before: Option<&Document>,
    after: &Document,
) -> Vec<ValueChange> {
    let nothing = Document::new();
    let (before, after) = (before.unwrap_or(&nothing), after);
    let mut changes = Vec::new();
    for (extension, attribute) in def.attributes().filter(|(_, attribute)| !is_secret(attribute)) {
        let (old, new) = (before.get(extension, &attribute.name), after.get(extension, &attribute.name));
        if old == new {
            continue;
        }
        let path = attribute.name.as_str();
        match (old, new) {
            (None | Some(Value::Object(_)), None | Some(Value::Object(_))) => {
                let part = |value: Option<&Value>, name: &str| {
                    value.and_then(|value| value.get(name)).cloned().unwrap_or_default()
                };
                for sub in attribute.sub_attributes.iter().filter(|sub| !is_secret(sub)) {
                    let path = format!("{path}.{}", sub.name);
                    note(&mut changes, path, part(old, &sub.name), part(new, &sub.name));
                }
            }
            (old, new) => {
                let value = |value: Option<&Value>| value.cloned().unwrap_or_default();
                note(&mut changes, path.to_owned(), value(old), value(new));
            }
        }
    }
    changes
}

fn is_secret(attribute: &Attribute) -> bool {
    attribute.mutability == Mutability::WriteOnly || attribute.returned == Returned::Never
}

/// The settings that differ between two versions; of lists of things with ids, the members that do.
pub(crate) fn settings_changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<ValueChange> {
    let mut changes = Vec::new();
    members_changed("", before, after, &mut changes);
    changes
}

fn members_changed(
    path: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    changes: &mut Vec<ValueChange>,
) {
    let added = after.keys().filter(|key| !before.contains_key(*key));
    for key in before.keys().chain(added) {
        let (old, new) = (before.get(key), after.get(key));
        if old == new {
            continue;
        }
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (old, new) {
            (Some(Value::Array(old)), Some(Value::Array(new))) => things_changed(&path, old, new, changes),
            (Some(Value::Object(old)), Some(Value::Object(new))) => members_changed(&path, old, new, changes),
            (old, new) => {
                note(changes, path, old.cloned().unwrap_or_default(), new.cloned().unwrap_or_default());
            }
        }
    }
}

/// Members of a list that are known by their `id`, and shown by their `name`.
fn things_changed(path: &str, before: &[Value], after: &[Value], changes: &mut Vec<ValueChange>) {
    let with_id = |list: &[Value], id: &Value| list.iter().find(|thing| thing.get("id") == Some(id)).cloned();
    for old in before {
        let Some(id) = old.get("id") else { continue };
        let shown = format!("{path}[{}]", old.get("name").and_then(Value::as_str).unwrap_or_default());
        match (old, with_id(after, id)) {
            (Value::Object(old), Some(Value::Object(new))) => members_changed(&shown, old, &new, changes),
            (old, _) => note(changes, path.to_owned(), old.clone(), Value::Null),
        }
    }
    for new in after {
        if new.get("id").is_some_and(|id| with_id(before, id).is_none()) {
            note(changes, path.to_owned(), Value::Null, new.clone());
        }
    }
}

fn note(changes: &mut Vec<ValueChange>, attribute: String, old: Value, new: Value) {
    if old != new {
        changes.push(ValueChange { attribute, person: None, old: bounded(old), new: bounded(new) });
    }
}

/// The value, or its beginning where it is long.
fn bounded(value: Value) -> Value {
    let text = match &value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => value.to_string(),
        Value::Null | Value::Bool(_) | Value::Number(_) => return value,
    };
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => Value::String(format!("{}…", &text[..end])),
        None => value,
    }
}

#[cfg(test)]
mod tests {
    use scim_core::Leniency;
    use serde_json::json;

    use super::*;

    fn document(body: Value) -> Document {
        let registry = crate::awork_registry().unwrap();
        let Value::Object(body) = body else { panic!("{body}") };
        registry.type_named("User").unwrap().create(body, Leniency::default()).unwrap().document
    }

    fn told(changes: &[ValueChange]) -> Vec<(&str, Value, Value)> {
        changes
            .iter()
            .map(|change| (change.attribute.as_str(), change.old.clone(), change.new.clone()))
            .collect()
    }

    /// D-85: the log says which attribute was what before, part by part; and never a password.
    #[test]
    fn documents() {
        let user = |given: &str, title: Option<&str>| {
            document(json!({
                "schemas": [scim_core::schema::urn::USER], "userName": "lea@w.example", "password": "pass-word", "title": title,
                "name": { "givenName": given, "familyName": "B" }, "emails": [{ "value": "lea@w.example" }],
            }))
        };
        let registry = crate::awork_registry().unwrap();
        let def = registry.type_named("User").unwrap();
        let (before, after) = (user("Lea", Some("Dr.")), user("Leah", None));
        let changes = document_changes(def, Some(&before), &after);
        assert_eq!(
            told(&changes),
            [("name.givenName", json!("Lea"), json!("Leah")), ("title", json!("Dr."), Value::Null)]
        );
        assert_eq!(document_changes(def, Some(&after), &after), []);
        let all = document_changes(def, None, &before);
        assert!(all.iter().any(|change| change.attribute == "userName" && change.old.is_null()), "{all:?}");
        assert!(all.iter().any(|change| change.attribute == "emails"), "{all:?}");
        assert!(!format!("{all:?}").contains("pass"), "{all:?}");
    }

    /// D-75: a renamed role is one change of one name.
    #[test]
    fn settings() {
        let Value::Object(before) = json!({
            "language": "de-DE", "booking": { "on": false },
            "roles": [{ "id": 1, "name": "User", "rights": 3 }, { "id": 2, "name": "Old" }, "odd"],
        }) else {
            panic!()
        };
        let Value::Object(after) = json!({
            "language": "de-DE", "booking": { "on": true }, "subdomain": "acme",
            "roles": [{ "id": 1, "name": "Staff", "rights": 3 }, { "id": 3, "name": "New" }],
        }) else {
            panic!()
        };
        assert_eq!(
            told(&settings_changes(&before, &after)),
            [
                ("booking.on", json!(false), json!(true)),
                ("roles[User].name", json!("User"), json!("Staff")),
                ("roles", json!({ "id": 2, "name": "Old" }), Value::Null),
                ("roles", Value::Null, json!({ "id": 3, "name": "New" })),
                ("subdomain", Value::Null, json!("acme")),
            ]
        );
    }

    /// What is long is cut at a character, never within one.
    #[test]
    fn long_values() {
        for (value, cut) in [
            (json!("ä".repeat(MOST_CHARS)), false),
            (json!("ä".repeat(MOST_CHARS + 1)), true),
            (json!(["x".repeat(MOST_CHARS)]), true),
            (json!(7), false),
        ] {
            let kept = bounded(value.clone());
            assert_eq!(kept != value, cut);
            assert!(kept.as_str().is_none_or(|text| text.chars().count() <= MOST_CHARS + 1));
        }
    }
}
