//! Values that are likely to meet.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::schema::AttributeType;

/// Texts that differ in little: letter case, composition, width, one character more.
pub fn texts() -> impl Strategy<Value = String> {
    let pool = vec![
        "a",
        "A",
        "ab",
        "Ab",
        "b",
        "ba",
        "e\u{301}",
        "\u{e9}",
        "\u{c9}",
        "E",
        "ß",
        "ss",
        "ｂ",
        "ж",
        "Ж",
        "\u{FF5E}",
        "\u{1F600}",
        "a b",
        "a%",
        "_",
        "\"",
        "\\",
        "'",
        "Σ",
        "ς",
        "İ",
        "ǆ",
        "ǅ",
        "10",
        "9",
        " ",
    ];
    prop_oneof![9 => select(pool).prop_map(str::to_owned), 1 => "[^\0]{0,4}"]
}

/// Ids that links and references name.
pub(super) fn ids() -> impl Strategy<Value = String> {
    select(vec!["u1", "u2", "U1", "g1", "g2"]).prop_map(str::to_owned)
}

pub(super) fn kinds_of_elements() -> impl Strategy<Value = String> {
    select(vec!["work", "Work", "home", "other"]).prop_map(str::to_owned)
}

fn instants() -> impl Strategy<Value = String> {
    select(vec![
        "2026-01-02T03:04:05Z",
        "2026-01-02T04:04:05+01:00",
        "2026-01-02T03:04:05",
        "2026-01-02T03:04:05.000000001Z",
        "2026-01-02T03:04:05.5-00:30",
        "1969-12-31T23:59:59.9Z",
        "1970-01-01T00:00:01.000Z",
    ])
    .prop_map(str::to_owned)
}

fn uris() -> impl Strategy<Value = String> {
    let known = select(vec![
        "https://scim.example/v2/Users/u1",
        "https://scim.example/Users/u1",
        "https://scim.example/v2/Groups/g1",
        "../Users/u1",
        "Users/U1",
        "https://scim.example/v2/",
        "https://scim.example/v2/Users/",
        "/u1",
    ]);
    prop_oneof![3 => known.prop_map(str::to_owned), 1 => texts()]
}

fn numbers() -> impl Strategy<Value = Value> {
    select(vec![
        json!(0),
        json!(-0.0),
        json!(1),
        json!(1.0),
        json!(1.5),
        json!(-1),
        json!(9_007_199_254_740_993_i64),
        json!(9_007_199_254_740_992.0),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(9.3e18),
        json!(1e300),
        json!(0.1),
    ])
}

/// A value of a simple type.
pub(super) fn values(kind: AttributeType) -> BoxedStrategy<Value> {
    let text = |texts: BoxedStrategy<String>| texts.prop_map(Value::String).boxed();
    match kind {
        AttributeType::String | AttributeType::Complex => text(texts().boxed()),
        AttributeType::Reference => text(uris().boxed()),
        AttributeType::DateTime => text(instants().boxed()),
        AttributeType::Binary => {
            text(select(vec!["TWE=", "TWE", "-_8", "+/8="]).prop_map(str::to_owned).boxed())
        }
        AttributeType::Boolean => prop_oneof![
            4 => any::<bool>().prop_map(Value::Bool),
            1 => select(vec![json!("True"), json!("false")]),
        ]
        .boxed(),
        AttributeType::Integer => numbers().prop_filter("whole", Value::is_i64).boxed(),
        AttributeType::Decimal => numbers().boxed(),
    }
}

/// JSON of any shape, as deep as a few levels, with keys that attributes have.
pub fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        numbers(),
        any::<u64>().prop_map(Value::from),
        texts().prop_map(Value::String),
        Just(json!("")),
        Just(json!("a\0")),
        select(vec!["True", "work", "u1", "2026-01-02T03:04:05Z"]).prop_map(Value::from),
    ];
    let keys = select(vec![
        "value",
        "Value",
        "type",
        "primary",
        "display",
        "$ref",
        "givenName",
        "familyName",
        "size",
        "serial",
        "labels",
        "displayName",
        "x",
    ]);
    leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((keys.clone(), inner), 0..4).prop_map(|parts| {
                let parts = parts.into_iter().map(|(key, value)| (key.to_owned(), value));
                Value::Object(Map::from_iter(parts))
            }),
        ]
    })
}
