//! What the targets share: resource types, and what holds of every document.

use std::sync::LazyLock;

use scim_core::{BindContext, Document, Registry, TypeDef, UnknownAttribute, arbitrary};
use scim_engine::plain_registry;
use serde_json::{Map, Value};

static PLAIN: LazyLock<Registry> = LazyLock::new(|| plain_registry().unwrap());

/// Users that have an attribute of each kind besides.
static PROBE: LazyLock<Registry> = LazyLock::new(arbitrary::registry_for_tests);

/// Groups, users with the enterprise extension, or users with all there is.
pub(crate) fn def(choice: u8) -> &'static TypeDef {
    let registry = if choice & 8 != 0 { &PROBE } else { &PLAIN };
    registry.type_named(if choice & 1 != 0 { "Group" } else { "User" }).unwrap()
}

/// A service at some place.
pub(crate) fn context(endpoints: &[(String, String)]) -> BindContext<'_> {
    BindContext { base: "https://x.example/v2", endpoints, unknown: UnknownAttribute::Refused }
}

/// The endpoints of the service.
pub(crate) fn endpoints() -> [(String, String); 2] {
    [("User", "/Users"), ("Group", "/Groups")].map(|(name, path)| (name.to_owned(), path.to_owned()))
}

/// Whatever a request makes of a resource: canonical names, nothing empty, nothing twice, one primary
/// value at most, and a match form of the same shape.
pub(crate) fn check(def: &TypeDef, document: &Document) {
    for (key, value) in document.as_map() {
        match def.extension(key) {
            Some(schema) => {
                assert_eq!(*key, schema.id);
                let parts = value.as_object().unwrap();
                assert!(!parts.is_empty(), "{key} is empty");
                for (name, value) in parts {
                    assert_eq!(schema.attribute(name).unwrap().name, *name);
                    check_value(name, value);
                }
            }
            None => {
                assert_eq!(def.base_attribute(key).unwrap().name, *key);
                check_value(key, value);
            }
        }
    }
    let form: Map<String, Value> = def.match_form(document);
    assert!(form.keys().all(|key| document.as_map().contains_key(key)));
}

fn check_value(path: &str, value: &Value) {
    match value {
        Value::Null => panic!("{path} is null"),
        Value::String(text) => assert!(!text.contains('\0'), "{path} holds U+0000"),
        Value::Array(elements) => {
            assert!(!elements.is_empty(), "{path} is empty");
            let primary =
                elements.iter().filter(|element| element.get("primary") == Some(&Value::Bool(true)));
            assert!(primary.count() <= 1, "{path} has several primary values");
            let same = |one: &Value, other: &Value| match (one.get("value"), other.get("value")) {
                (Some(value), Some(again)) => value == again && one.get("type") == other.get("type"),
                _ => one == other,
            };
            for (at, element) in elements.iter().enumerate() {
                assert!(!elements[..at].iter().any(|other| same(element, other)), "{path} repeats {element}");
            }
            elements.iter().for_each(|element| check_value(path, element));
        }
        Value::Object(parts) => {
            assert!(!parts.is_empty(), "{path} is empty");
            parts.iter().for_each(|(name, part)| check_value(name, part));
        }
        Value::Bool(_) | Value::Number(_) => {}
    }
}
