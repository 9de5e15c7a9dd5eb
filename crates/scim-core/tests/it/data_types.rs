//! Area 1: types and values of attributes.

use scim_core::{Leniency, ScimType, Tolerance};
use serde_json::{Value, json};

use crate::world::{PROBE, create, create_with, probe_user, refused, select, user};

/// What is stored for a value of the probe extension; none when it is refused.
fn stored(attribute: &str, value: Value) -> Option<Value> {
    let desired = create(json!({ PROBE: { attribute: value } })).ok()?;
    Some(desired.document.get(Some(PROBE), attribute).cloned().unwrap_or(Value::Null))
}

/// 7643-2.1-01: names have no letter case, in bodies and below, and print as the schema spells them.
#[test]
fn names_in_any_letter_case() {
    let document =
        user(json!({ "NICKNAME": "L", "Name": { "GIVENNAME": "Lea" }, "eMails": [{ "VALUE": "a@x" }] }));
    assert_eq!(document.text("nickName"), Some("L"));
    assert_eq!(document.get(None, "name"), Some(&json!({ "givenName": "Lea" })));
    assert_eq!(document.get(None, "emails"), Some(&json!([{ "value": "a@x" }])));
}

/// 7643-2.1-01: two keys of one object that differ in letter case only are a mistake, at each level.
#[test]
fn keys_that_differ_in_letter_case_only() {
    let upper = PROBE.to_uppercase();
    for body in [
        json!({ "title": "a", "TITLE": "b" }),
        json!({ "id": "a", "ID": "b" }),
        json!({ "shoeSize": 1, "shoesize": 2 }),
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "Schemas": [] }),
        json!({ PROBE: { "text": "a" }, upper: { "flag": true } }),
        json!({ PROBE: { "text": "a", "Text": "b" } }),
        json!({ "name": { "givenName": "a", "givenname": "b" } }),
        json!({ "name": { "givenName": null, "givenname": null } }),
        json!({ "emails": [{ "value": "a" }, { "value": "b", "Value": null }] }),
        json!({ "a1": 1, "a2": 1, "a3": 1, "a4": 1, "a5": 1, "a6": 1, "a7": 1, "a8": 1, "a9": 1, "b1": 1, "b2": 1,
            "b3": 1, "B3": 1 }),
        json!({ "userName": "a", "urn:ietf:params:scim:schemas:core:2.0:User": { "userName": "b" } }),
    ] {
        refused(create(body), ScimType::InvalidSyntax, "twice");
    }
}

/// 7643-2.2-01: what a schema leaves out has its default.
#[test]
fn an_attribute_declared_by_name_only() {
    let document = probe_user(json!({ "plain": "Some Text" }));
    assert_eq!(select("plain eq \"some text\"", &document), Ok(true));
    refused(create(json!({ PROBE: { "plain": 7 } })), ScimType::InvalidValue, "plain");
    refused(create(json!({ PROBE: { "plain": ["a", "b"] } })), ScimType::InvalidValue, "not a list");
}

/// 7643-2.3-01: a value has the JSON type of its attribute.
#[test]
fn json_types() {
    for body in [
        json!({ "active": "maybe" }),
        json!({ "active": 1 }),
        json!({ "userName": 7 }),
        json!({ "title": {} }),
        json!({ "title": { "value": "x" } }),
        json!({ "name": "x" }),
        json!({ "name": [{ "givenName": "a" }, { "givenName": "b" }] }),
        json!({ "name": [[{ "givenName": "a" }]] }),
        json!({ "emails": [[{ "value": "a" }]] }),
        json!({ "emails": 7 }),
        json!({ "emails": [{ "value": { "value": "a" } }] }),
        json!({ PROBE: "x" }),
        json!({ PROBE: [] }),
    ] {
        refused(create(body.clone()), ScimType::InvalidValue, "takes");
    }
}

/// 7643-2.3.1-01: text is any Unicode but U+0000, which not every store can keep.
#[test]
fn text() {
    let name = "Łea \u{1F469}\u{200D}\u{1F680} e\u{301} \u{5D0}\u{5D1}\u{202E} \u{10FFFF}\u{FEFF}";
    assert_eq!(user(json!({ "displayName": name })).text("displayName"), Some(name));
    refused(create(json!({ "displayName": "a\u{0}b" })), ScimType::InvalidValue, "U+0000");
    refused(create(json!({ "emails": [{ "value": "\u{0}" }] })), ScimType::InvalidValue, "emails.value");
}

/// 7643-2.3.1-02: canonical values are suggestions.
#[test]
fn canonical_values() {
    let emails = json!([{ "type": "school", "value": "a@x" }]);
    assert_eq!(user(json!({ "emails": emails })).get(None, "emails"), Some(&emails));
}

/// 7643-2.3.4-01: whole numbers and other numbers.
#[test]
fn numbers() {
    for (value, kept) in [
        (json!(5), Some(json!(5))),
        (json!(i64::MAX), Some(json!(i64::MAX))),
        (json!(i64::MIN), Some(json!(i64::MIN))),
        (json!(u64::MAX), None),
        (json!(5.5), None),
        (json!(1e3), None),
        (json!("5"), None),
        (json!(true), None),
        (json!(null), Some(Value::Null)),
    ] {
        assert_eq!(stored("count", value.clone()), kept, "{value}");
    }
    for (value, kept) in [
        (json!(3.15), Some(json!(3.15))),
        (json!(7), Some(json!(7))),
        (json!(-0.5e-7), Some(json!(-0.5e-7))),
        (json!(u64::MAX), Some(json!(18446744073709551615_f64))),
        (json!("3.15"), None),
        (json!(true), None),
    ] {
        assert_eq!(stored("ratio", value.clone()), kept, "{value}");
    }
}

/// 7643-2.3.4-01: a decimal is read to the nearest fraction, so that it prints as it was sent and a
/// filter with the same digits finds it.
#[test]
fn precision() {
    for digits in ["73219.12568077052592", "31101.1832531600219", "0.1", "2.2250738585072011e-308"] {
        let sent: Value = serde_json::from_str(&format!("{{\"ratio\":{digits}}}")).unwrap();
        let document = probe_user(sent);
        let nearest: f64 = digits.parse().unwrap();
        assert_eq!(document.get(Some(PROBE), "ratio").and_then(Value::as_f64), Some(nearest));
        assert_eq!(select(&format!("ratio eq {digits}"), &document), Ok(true), "{digits}");
        let again: Value = serde_json::from_str(&serde_json::to_string(&document).unwrap()).unwrap();
        assert_eq!(again, json!(document));
    }
}

/// 7643-2.3.5-01: a date and a time, in any zone or none.
#[test]
fn date_times() {
    for (value, fits) in [
        ("2026-01-02T03:04:05.678+02:00", true),
        ("2026-01-02T03:04:05", true),
        ("2026-01-02", false),
        ("tomorrow", false),
        ("2026-02-30T00:00:00Z", false),
        ("2026-01-02T25:00:00Z", false),
    ] {
        let kept = if fits { Some(json!(value)) } else { None };
        assert_eq!(stored("at", json!(value)), kept, "{value}");
    }
    refused(create(json!({ PROBE: { "at": 1767315845 } })), ScimType::InvalidValue, "2026-01-02T03:04:05Z");
}

/// 7643-2.3.6-01: either alphabet, with or without padding; printed is the standard one.
#[test]
fn base64() {
    for (value, kept) in [
        ("TWFu", Some("TWFu")),
        ("TWE=", Some("TWE=")),
        ("TWE", Some("TWE=")),
        ("-_8", Some("+/8=")),
        ("+/8=", Some("+/8=")),
        ("***", None),
        ("+_8=", None),
        ("TWE==", None),
        ("T", None),
    ] {
        assert_eq!(stored("blob", json!(value)), kept.map(|kept| json!(kept)), "{value}");
    }
    let document = probe_user(json!({ "blob": "-_8" }));
    assert_eq!(select("blob eq \"+/8=\"", &document), Ok(true));
    assert_eq!(select("blob eq \"-_8\"", &document), Ok(true));
    assert_eq!(select("blob eq \"+/9=\"", &document).unwrap_err().scim_type, Some(ScimType::InvalidFilter));
}

/// 7643-2.3.8-01: the order of members of an object says nothing, not even where paths are keys.
#[test]
fn order_of_keys() {
    let manager = format!("{}:manager.value", crate::world::ENTERPRISE);
    let one = format!(
        r#"{{"title":"a","{manager}":"7","{}":{{"department":"D"}},"userType":"x"}}"#,
        crate::world::ENTERPRISE
    );
    let other = format!(
        r#"{{"userType":"x","{}":{{"department":"D"}},"{manager}":"7","title":"a"}}"#,
        crate::world::ENTERPRISE
    );
    let [one, other] = [one, other].map(|text| user(serde_json::from_str(&text).unwrap()));
    assert_eq!(one, other);
    let enterprise = one.as_map()[crate::world::ENTERPRISE].clone();
    assert_eq!(enterprise, json!({ "department": "D", "manager": { "value": "7" } }));
}

/// 7643-2.4-01: one primary value at most.
#[test]
fn two_primary_values() {
    let body = json!({ "emails": [{ "value": "a", "primary": true }, { "value": "b", "primary": true }] });
    refused(create(body), ScimType::InvalidValue, "more than one primary");
    let same = json!({ "emails": [{ "value": "a", "primary": true }, { "value": "a", "primary": true }] });
    assert_eq!(user(same).get(None, "emails"), Some(&json!([{ "value": "a", "primary": true }])));
}

/// 7643-2.4-01, D-55: several primary values are no fault where the application settles which one is.
#[test]
fn an_application_settles_the_primary_value() {
    let mut schema = scim_core::schema::user();
    for attribute in &mut schema.attributes {
        attribute.settles_primary = attribute.name == "emails";
    }
    let printed = serde_json::to_value(&schema).unwrap();
    assert_eq!(printed, serde_json::to_value(scim_core::schema::user()).unwrap(), "clients are not told");
    let registry = scim_core::Registry::builder()
        .schema(schema)
        .resource_type(scim_core::ResourceType::new("User", "/Users", scim_core::schema::urn::USER))
        .build()
        .unwrap();
    let def = registry.type_named("User").unwrap();
    let two = json!([{ "value": "a", "primary": true }, { "value": "b", "primary": true }]);
    for (attribute, taken) in [("emails", true), ("phoneNumbers", false)] {
        let body = json!({
            "schemas": [scim_core::schema::urn::USER], "userName": "lea", attribute: two,
        });
        let body = body.as_object().unwrap().clone();
        assert_eq!(def.create(body, Leniency::default()).is_ok(), taken, "{attribute}");
    }
}

/// 7643-2.4-02: type and value together stand once in a list.
#[test]
fn repeated_values() {
    let email = |kind, display| json!({ "type": kind, "value": "a@x", "display": display });
    let many: Vec<Value> = (0..200).map(|i| email("work", i.to_string())).collect();
    for (sent, kept) in [
        (json!([email("work", "A".into()), email("work", "B".into())]), json!([email("work", "B".into())])),
        (
            json!([email("work", "A".into()), email("home", "A".into())]),
            json!([email("work", "A".into()), email("home", "A".into())]),
        ),
        (json!(many), json!([email("work", "199".into())])),
    ] {
        assert_eq!(user(json!({ "emails": sent })).get(None, "emails"), Some(&kept));
    }
    assert_eq!(stored("tags", json!(["a", "b", "a"])), Some(json!(["a", "b"])));
}

/// 7643-2.4-03, A21: values come back as they were sent.
#[test]
fn no_rewriting() {
    let emails = json!([{ "value": "B@EXAMPLE.COM" }]);
    assert_eq!(user(json!({ "emails": emails, "userName": " Lea " })).get(None, "emails"), Some(&emails));
    assert_eq!(user(json!({ "userName": "ＬＥＡ" })).text("userName"), Some("ＬＥＡ"));
}

/// 7643-2.5-01: null, an empty list, an empty text and nothing at all are one.
#[test]
fn unassigned() {
    let bare = user(json!({}));
    for empty in [
        json!({ "title": null }),
        json!({ "title": "" }),
        json!({ "emails": [] }),
        json!({ "emails": null }),
        json!({ "emails": "" }),
        json!({ "emails": [null] }),
        json!({ "emails": [{}] }),
        json!({ "emails": [{ "value": null, "type": "" }] }),
        json!({ "emails": [""] }),
        json!({ "name": {} }),
        json!({ "name": { "givenName": null, "familyName": "" } }),
        json!({ "name": "" }),
        json!({ "name": [] }),
        json!({ "active": null }),
        json!({ "active": "" }),
        json!({ PROBE: null }),
        json!({ PROBE: {} }),
        json!({ PROBE: "" }),
        json!({ PROBE: { "tags": [], "count": "", "thing": { "labels": [] } } }),
    ] {
        assert_eq!(user(empty.clone()), bare, "{empty}");
    }
    assert_eq!(select("title pr or emails pr or name pr", &bare), Ok(false));
}

/// 7643-2.5-01: strict settings keep an empty text, which is not present all the same.
#[test]
fn empty_text_in_strict_settings() {
    let desired = create_with(Leniency::strict(), json!({ "title": "" })).unwrap();
    assert_eq!(desired.document.text("title"), Some(""));
    assert_eq!(select("title pr", &desired.document), Ok(false));
    refused(create_with(Leniency::strict(), json!({ "userName": "" })), ScimType::InvalidValue, "userName");
    let lenient = Leniency::strict().with(Tolerance::EmptyString, true);
    refused(create_with(lenient, json!({ "userName": "" })), ScimType::InvalidValue, "userName");
}
