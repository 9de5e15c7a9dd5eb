//! Area 15: the message of a PATCH.

use scim_core::schema::urn;
use scim_core::{Leniency, PatchOp, PatchRequest, Problem, ScimType, Tolerance};
use serde_json::{Value, json};

use crate::world::{map, refused};

fn read_with(leniency: Leniency, body: Value) -> Result<PatchRequest, Problem> {
    PatchRequest::read(map(body), leniency).map_err(|error| error.problem())
}

fn read(body: Value) -> Result<PatchRequest, Problem> {
    read_with(Leniency::default(), body)
}

/// A PATCH of one operation.
fn one(operation: Value) -> Result<PatchRequest, Problem> {
    read(json!({ "schemas": [urn::PATCH_OP], "Operations": [operation] }))
}

/// 7644-3.5.2-02: the body says that it is a PATCH; one client leaves that out.
#[test]
fn schemas() {
    let operations = json!([{ "op": "remove", "path": "title" }]);
    let body = |schemas: Value| json!({ "schemas": schemas, "Operations": operations });
    for schemas in [json!([urn::USER]), json!([]), json!({}), json!([7]), json!(urn::USER)] {
        refused(read(body(schemas)), ScimType::InvalidSyntax, urn::PATCH_OP);
    }
    assert!(read(body(json!([urn::PATCH_OP.to_uppercase(), "urn:x:y"]))).is_ok());
    for missing in [json!({ "Operations": operations }), body(json!(null))] {
        let request = read(missing.clone()).unwrap();
        assert_eq!(request.fired.iter().collect::<Vec<_>>(), [Tolerance::PatchWithoutSchemas]);
        refused(read_with(Leniency::strict(), missing), ScimType::InvalidSyntax, "schemas");
    }
}

/// 7644-3.5.2-03: operations are a list of at least one; the key has no letter case.
#[test]
fn operations() {
    for body in [
        json!({}),
        json!({ "Operations": null }),
        json!({ "Operations": {} }),
        json!({ "Operations": [] }),
        json!({ "members": [{ "value": "U", "operation": "delete" }] }),
    ] {
        refused(read(body), ScimType::InvalidSyntax, "`Operations`");
    }
    for key in ["operations", "OPERATIONS"] {
        let body = json!({ "schemas": [urn::PATCH_OP], key: [{ "op": "remove", "path": "title" }] });
        assert_eq!(read(body).unwrap().operations.len(), 1);
    }
    refused(one(json!("remove")), ScimType::InvalidSyntax, "operation 1");
}

/// 7644-3.5.2-04: an operation is one of three, in any letter case, strict settings included (A13).
#[test]
fn op() {
    for (op, expected) in [("add", PatchOp::Add), ("Remove", PatchOp::Remove), ("REPLACE", PatchOp::Replace)]
    {
        let body = json!({ "schemas": [urn::PATCH_OP], "Operations": [{ "OP": op, "Path": "title", "VALUE": "x" }] });
        let request = read_with(Leniency::strict(), body).unwrap();
        assert_eq!(request.operations[0].op, expected);
        assert_eq!(request.fired.is_empty(), op == "add");
    }
    for op in [json!("move"), json!(null), json!(7), json!("")] {
        refused(one(json!({ "op": op, "path": "title" })), ScimType::InvalidSyntax, "`op` of operation 1");
    }
    refused(one(json!({ "path": "title" })), ScimType::InvalidSyntax, "not nothing");
    assert!(one(json!({ "op": "remove", "path": "title", "name": "x", "id": 7 })).is_ok());
}

/// 7643-2.1-01: keys that differ in letter case only are a mistake here as well.
#[test]
fn keys_that_differ_in_letter_case_only() {
    refused(one(json!({ "op": "add", "Op": "remove", "path": "title" })), ScimType::InvalidSyntax, "twice");
    let body = json!({ "schemas": [urn::PATCH_OP], "Operations": [], "operations": [{ "op": "remove", "path": "title" }] });
    refused(read(body), ScimType::InvalidSyntax, "twice");
}

/// 7644-3.5.2-05, A17: a bad path is never no path, and a fault in brackets is one of the filter.
#[test]
fn bad_paths() {
    for (path, keyword) in [
        ("a..b", ScimType::InvalidPath),
        ("emails[type is \"x\"]", ScimType::InvalidFilter),
        ("emails[type eq \"x\" and]", ScimType::InvalidFilter),
        ("emails[type eq \"x\"].a.b", ScimType::InvalidPath),
        ("", ScimType::InvalidPath),
        (" ", ScimType::InvalidPath),
        ("title x", ScimType::InvalidPath),
        ("a b eq \"x\"", ScimType::InvalidPath),
    ] {
        refused(
            one(json!({ "op": "replace", "path": path, "value": { "title": "x" } })),
            keyword,
            "operation 1",
        );
    }
    // Which of the two keywords these get is a matter of the parser; that they are refused is not.
    for path in ["members[", "members[0]", "emails[type eq \"x\""] {
        assert_eq!(one(json!({ "op": "remove", "path": path })).unwrap_err().status, 400, "{path}");
    }
    for path in [json!(7), json!([]), json!({})] {
        refused(
            one(json!({ "op": "remove", "path": path })),
            ScimType::InvalidSyntax,
            "`path` of operation 1",
        );
    }
}

/// 7644-3.5.2-05: every path that the standard prints is one.
#[test]
fn printed_paths() {
    let example = scim_testkit::data::rfc_example("patch/paths.json");
    let paths = example["valid"].as_array().unwrap();
    assert_eq!(paths.len(), 5);
    for path in paths {
        assert!(one(json!({ "op": "remove", "path": path })).is_ok(), "{path}");
    }
}

/// 7644-3.5.2.1-01, 7644-3.5.2.3-08, 7644-3.5.2.2-01: what an operation cannot do without.
#[test]
fn missing_parts() {
    refused(
        one(json!({ "op": "add", "path": "title" })),
        ScimType::InvalidValue,
        "operation 1 needs a `value`",
    );
    refused(one(json!({ "op": "replace", "path": "title" })), ScimType::InvalidValue, "`value`");
    refused(one(json!({ "op": "replace" })), ScimType::InvalidValue, "`value`");
    refused(one(json!({ "op": "remove" })), ScimType::NoTarget, "`path`");
    refused(
        one(json!({ "op": "remove", "path": null, "value": { "title": "x" } })),
        ScimType::NoTarget,
        "`path`",
    );
    let no_path =
        json!({ "schemas": [urn::PATCH_OP], "Operations": [{ "op": "add", "value": { "title": "x" } }] });
    refused(read_with(Leniency::strict(), no_path), ScimType::InvalidPath, "operation 1 needs a `path`");
}

/// 7644-3.5.2.2-09: a comparison may stand for brackets around it (erratum 7122).
#[test]
fn compared_paths() {
    for (path, expected) in [
        ("tags eq \"a\"", "tags[value eq \"a\"]"),
        ("members eq \"a b\"", "members[value eq \"a b\"]"),
        ("urn:x:y:tags eq \"a\"", "urn:x:y:tags[value eq \"a\"]"),
    ] {
        let request = one(json!({ "op": "remove", "path": path })).unwrap();
        assert_eq!(request.operations[0].path.as_ref().map(ToString::to_string).as_deref(), Some(expected));
    }
    refused(one(json!({ "op": "remove", "path": "tags eq" })), ScimType::InvalidPath, "tags eq");
    refused(one(json!({ "op": "remove", "path": "a eq 1 and b eq 2" })), ScimType::InvalidPath, "a eq 1");
}

/// 7644-3.5.2-03: there is an end to the number of operations.
#[test]
fn too_many() {
    let operations = |n| json!({ "schemas": [urn::PATCH_OP], "Operations": vec![json!({ "op": "remove", "path": "title" }); n] });
    assert_eq!(read(operations(10_000)).unwrap().operations.len(), 10_000);
    refused(read(operations(10_001)), ScimType::InvalidSyntax, "10000");
}
