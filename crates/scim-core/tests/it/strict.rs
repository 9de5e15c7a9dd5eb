//! The strict settings, and each tolerance switched off alone.

use scim_core::{Leniency, ScimType, Tolerance};
use serde_json::{Value, json};

use crate::world::{ENTERPRISE, PROBE, USER, create_with, patch_of, refused, user, users};

/// Every tolerance has a name of its own.
#[test]
fn names() {
    let names: std::collections::BTreeSet<_> =
        Tolerance::ALL.iter().map(|tolerance| tolerance.as_str()).collect();
    assert_eq!(names.len(), Tolerance::ALL.len());
}

/// What each tolerance is about: taken by default, noted when it fired, refused without it.
#[test]
fn one_by_one() {
    let body = |body: Value| (true, body);
    let operation = |operation: Value| (false, json!([operation]));
    let cases = [
        (Tolerance::StringBoolean, body(json!({ "active": "True" })), ScimType::InvalidValue),
        (Tolerance::LoneValue, body(json!({ "emails": { "value": "a" } })), ScimType::InvalidValue),
        (Tolerance::WrappedValue, body(json!({ "title": [{ "value": "a" }] })), ScimType::InvalidValue),
        (Tolerance::BareValue, body(json!({ "emails": ["a"] })), ScimType::InvalidValue),
        (Tolerance::UnknownAttribute, body(json!({ "shoeSize": 1 })), ScimType::InvalidSyntax),
        (Tolerance::UnknownSchema, body(json!({ "schemas": [USER, "urn:x:y"] })), ScimType::InvalidSyntax),
        (Tolerance::MissingSchema, body(json!({ PROBE: { "text": "x" } })), ScimType::InvalidSyntax),
        (Tolerance::EmptyString, body(json!({ PROBE: { "count": "" } })), ScimType::InvalidValue),
        (
            Tolerance::PathAsKey,
            operation(json!({ "op": "add", "value": { "name.givenName": "x" } })),
            ScimType::InvalidPath,
        ),
        (
            Tolerance::RemoveListed,
            operation(json!({ "op": "remove", "path": "emails", "value": "a" })),
            ScimType::InvalidValue,
        ),
        (
            Tolerance::CreateFromFilter,
            operation(json!({ "op": "replace", "path": "emails[type eq \"x\"].value", "value": "a" })),
            ScimType::NoTarget,
        ),
        (
            Tolerance::NoPath,
            operation(json!({ "op": "add", "value": { "title": "x" } })),
            ScimType::InvalidPath,
        ),
        (
            Tolerance::WrappedValue,
            operation(json!({ "op": "add", "path": "emails[type eq \"x\"]", "value": [{ "value": "a" }] })),
            ScimType::InvalidValue,
        ),
        (
            Tolerance::EmptyString,
            operation(json!({ "op": "replace", "path": PROBE, "value": "" })),
            ScimType::InvalidValue,
        ),
    ];
    for (tolerance, (is_body, request), keyword) in cases {
        let run = |leniency| {
            let result = if is_body {
                create_with(leniency, request.clone())
            } else {
                patch_of(users(), leniency, &user(json!({})), request.clone())
            };
            result.map(|desired| desired.fired.iter().any(|fired| fired == tolerance))
        };
        assert_eq!(run(Leniency::default()), Ok(true), "{tolerance:?}");
        let without = run(Leniency::default().with(tolerance, false));
        assert!(without.is_err(), "{tolerance:?}");
        refused(without, keyword, "");
    }
}

/// A13: in strict settings no string is a boolean, and no bare string a manager.
#[test]
fn strict_values() {
    let strict = |body| create_with(Leniency::strict(), body);
    let listed = json!([USER, ENTERPRISE]);
    refused(strict(json!({ "active": "true" })), ScimType::InvalidValue, "active");
    for manager in [json!("7"), json!([{ "value": "7" }]), json!("")] {
        refused(
            strict(json!({ "schemas": listed, ENTERPRISE: { "manager": manager } })),
            ScimType::InvalidValue,
            "manager",
        );
    }
    assert!(strict(json!({ "schemas": listed, ENTERPRISE: { "manager": { "value": "7" } } })).is_ok());
    refused(strict(json!({ "emails": { "value": "a" } })), ScimType::InvalidValue, "takes a list");
}

/// 7644-3.5.2-07: in strict settings unknown keys of a value are refused as well.
#[test]
fn strict_keys() {
    let leniency = Leniency::strict().with(Tolerance::NoPath, true);
    for value in [
        json!({ "shoeSize": 1 }),
        json!({ "name.givenName": "x" }),
        json!({ PROBE: { "shoeSize": 1 } }),
        json!({ "a b": 1 }),
    ] {
        let result = patch_of(users(), leniency, &user(json!({})), json!([{ "op": "add", "value": value }]));
        refused(result, ScimType::InvalidPath, "");
    }
}

/// Which tolerances fired is told in one order, whatever the order in the request.
#[test]
fn fired() {
    let body = json!({ "title": [{ "value": "" }], "active": "True", "shoeSize": 1, "emails": "a" });
    let fired = create_with(Leniency::default(), body).unwrap().fired;
    let expected = "string-boolean,lone-value,wrapped-value,bare-value,unknown-attribute,empty-string";
    assert_eq!(fired.to_string(), expected);
    assert!(!fired.is_empty());
    let plain = create_with(Leniency::default(), json!({ "title": "x", "emails": [{ "value": "a" }] }))
        .unwrap()
        .fired;
    assert_eq!((plain.to_string().as_str(), plain.is_empty()), ("", true));
}
