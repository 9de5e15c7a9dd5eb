//! The tolerant service and the strict one, side by side.

use scim_core::schema::urn;
use scim_core::{Leniency, Tolerance};
use scim_engine::Features;
use scim_http::HttpConfig;
use serde_json::{Value, json};

use crate::world::{ask, config, configured, id, service};

const PREFER: (&str, &str) = ("prefer", "scim-tolerances");

/// Every row with a strict reading: what is sent, what the default makes of it and by which tolerance, and
/// what the letter of the standard does.
fn rows() -> Vec<(&'static str, &'static str, Value, &'static str, &'static str, &'static str)> {
    let create = |mut body: Value| {
        let schemas = body.as_object_mut().unwrap().entry("schemas");
        schemas.or_insert(json!([urn::USER]));
        body["userName"] = json!("new");
        body
    };
    let patch = |operation: Value| json!({ "schemas": [urn::PATCH_OP], "Operations": [operation] });
    let replace = |path: &str, value: Value| patch(json!({ "op": "replace", "path": path, "value": value }));
    let enterprise = json!([urn::USER, urn::ENTERPRISE_USER]);
    let manager = json!({ "schemas": enterprise, urn::ENTERPRISE_USER: { "manager": id(1) } });
    vec![
        (
            "7643-2.3-01",
            "POST",
            create(json!({ "active": "False" })),
            "string-boolean",
            "",
            "400 invalidValue",
        ),
        (
            "7643-2.3-01",
            "POST",
            create(json!({ "emails": { "value": "a" } })),
            "lone-value",
            "",
            "400 invalidValue",
        ),
        (
            "7643-2.5-01",
            "PATCH",
            replace("emails", json!("")),
            "lone-value, empty-string",
            "",
            "400 invalidValue",
        ),
        (
            "7643-3-02",
            "POST",
            create(json!({ "schemas": [urn::USER, "urn:x:y"] })),
            "unknown-schema",
            "",
            "400 invalidSyntax",
        ),
        (
            "7643-3-04",
            "POST",
            create(json!({ "schemas": [urn::ENTERPRISE_USER] })),
            "missing-schema",
            "",
            "400 invalidSyntax",
        ),
        (
            "7643-3.3-01",
            "POST",
            create(json!({ urn::ENTERPRISE_USER: { "department": "D" } })),
            "missing-schema",
            "",
            "400 invalidSyntax",
        ),
        ("7643-4.3-01", "POST", create(manager), "bare-value", "", "400 invalidValue"),
        (
            "7644-3.3-08",
            "POST",
            create(json!({ "shoeSize": 42 })),
            "unknown-attribute",
            "",
            "400 invalidSyntax",
        ),
        (
            "7644-3.5.2-02",
            "PATCH",
            json!({ "Operations": [{ "op": "add", "path": "title", "value": "x" }] }),
            "patch-without-schemas",
            "",
            "400 invalidSyntax",
        ),
        (
            "7644-3.5.2-04",
            "PATCH",
            patch(json!({ "op": "Add", "path": "title", "value": "x" })),
            "op-case",
            "op-case",
            "200",
        ),
        (
            "7644-3.5.2-07",
            "PATCH",
            patch(json!({ "op": "add", "value": { "shoeSize": 1 } })),
            "unknown-attribute, no-path",
            "",
            "400 invalidPath",
        ),
        (
            "7644-3.5.2-10",
            "PATCH",
            replace("title", json!([{ "value": "x" }])),
            "wrapped-value",
            "",
            "400 invalidValue",
        ),
        (
            "7644-3.5.2.1-02",
            "PATCH",
            patch(json!({ "op": "add", "value": { "name.givenName": "x" } })),
            "path-as-key, no-path",
            "",
            "400 invalidPath",
        ),
        (
            "7644-3.5.2.2-08",
            "PATCH",
            patch(json!({ "op": "remove", "path": "emails", "value": [{ "value": "a" }] })),
            "remove-listed",
            "",
            "400 invalidValue",
        ),
        (
            "7644-3.5.2.3-01",
            "PATCH",
            patch(json!({ "op": "replace", "value": { "title": "x" } })),
            "no-path",
            "",
            "400 invalidPath",
        ),
        (
            "7644-3.5.2.3-04",
            "PATCH",
            replace("name", json!({ "givenName": "X" })),
            "merge-complex",
            "",
            "200",
        ),
        (
            "7644-3.5.2.3-07",
            "PATCH",
            replace("emails[type eq \"zzz\"].value", json!("a")),
            "create-from-filter",
            "",
            "400 noTarget",
        ),
    ]
}

/// Each tolerance is told in a header to whoever asks for it, and not taken by the strict service.
#[tokio::test]
async fn tolerances_are_told_and_can_be_switched_off() {
    for (row, method, body, fired, fired_strictly, strict) in rows() {
        for (leniency, fired, expected) in
            [(Leniency::default(), fired, "20"), (Leniency::strict(), fired_strictly, strict)]
        {
            let service = configured(HttpConfig { leniency, ..config() }, Features::default());
            let lea = json!({ "schemas": [urn::USER], "userName": "lea", "name": { "familyName": "B" } });
            ask(&service, "POST /Users", &[], lea.to_string()).await;
            let line =
                if method == "POST" { "POST /Users".into() } else { format!("PATCH /Users/{}", id(1)) };
            let answer = ask(&service, &line, &[PREFER], body.to_string()).await;
            assert!(answer.outcome().starts_with(expected), "{row} {body}: {answer:?}");
            assert_eq!(answer.header("scim-tolerances"), fired, "{row} {body}");
            let applied = if answer.status.as_u16() < 400 { PREFER.1 } else { "" };
            assert_eq!(answer.header("preference-applied"), applied, "{row}");
            let silent = ask(&service, &line, &[], body.to_string()).await;
            assert!(!silent.headers.contains_key("scim-tolerances"), "{row}");
        }
    }
    let plain = ask(&service(), "GET /Users", &[PREFER], "").await;
    assert_eq!((plain.header("preference-applied"), plain.header("scim-tolerances")), (PREFER.1, ""));
}

/// 7644-3.5.2.3-04: strictly a complex value is replaced whole; 7643-2.5-01: an empty string stays one.
#[tokio::test]
async fn strict_outcomes() {
    for (leniency, family_name, title) in
        [(Leniency::default(), json!("B"), Value::Null), (Leniency::strict(), Value::Null, json!(""))]
    {
        let service = configured(HttpConfig { leniency, ..config() }, Features::default());
        let body = json!({ "schemas": [urn::USER], "userName": "lea", "name": { "givenName": "A", "familyName": "B" } });
        ask(&service, "POST /Users", &[], body.to_string()).await;
        let patch = json!({ "schemas": [urn::PATCH_OP], "Operations": [
            { "op": "replace", "path": "name", "value": { "givenName": "X" } },
            { "op": "replace", "path": "title", "value": "" },
        ] });
        let answer = ask(&service, &format!("PATCH /Users/{}", id(1)), &[], patch.to_string()).await.json();
        assert_eq!((&answer["name"]["familyName"], &answer["title"]), (&family_name, &title), "{answer}");
        assert_eq!(answer["name"]["givenName"], "X");
        let present = ask(&service, "GET /Users?filter=title+pr", &[], "").await.json();
        assert_eq!(present["totalResults"], 0);
    }
}

/// Every tolerance but one is in the table above or has a reason not to be.
#[test]
fn the_table_is_whole() {
    let told =
        rows().into_iter().flat_map(|row| row.3.split(", ")).collect::<std::collections::BTreeSet<_>>();
    let missing: Vec<&str> =
        Tolerance::ALL.iter().map(|one| one.as_str()).filter(|name| !told.contains(name)).collect();
    // The directory here keeps all that RFC 7643 defines.
    assert_eq!(missing, ["not-kept"]);
}
