//! Faults in PATCH.

use scim_testkit::http::{Request, Response};
use serde_json::{Map, Value, json};

use super::Fault;
use super::edit::{answer, body, edit_body, objects};

pub(super) fn is_patch(request: &Request) -> bool {
    request.method == "PATCH"
}

/// Changes each operation.
pub(super) fn operations(request: &mut Request, change: impl Fn(&mut Map<String, Value>)) {
    if is_patch(request) {
        edit_body(request, |body| objects(body, "Operations").for_each(&change));
    }
}

/// Whether an operation is an `add`, `remove` or `replace`.
pub(super) fn is(operation: &Map<String, Value>, op: &str) -> bool {
    operation.get("op").and_then(Value::as_str).is_some_and(|known| known.eq_ignore_ascii_case(op))
}

/// Where an operation applies; empty where it has no path.
pub(super) fn target(operation: &Map<String, Value>) -> &str {
    operation.get("path").and_then(Value::as_str).unwrap_or_default()
}

/// Changes the path of an operation.
pub(super) fn retarget(operation: &mut Map<String, Value>, path: impl Into<String>) {
    operation.insert("path".into(), Value::String(path.into()));
}

/// Reads the resource in the place of a PATCH that was refused with this keyword, where its body is such: as if
/// it had been done, and had done nothing.
pub(super) fn done(
    request: &Request,
    answer: &Response,
    keyword: &str,
    is_such: impl Fn(&Value) -> bool,
) -> Option<Request> {
    let refused = answer.status == 400 && answer.json().is_ok_and(|error| error["scimType"] == keyword);
    let body = body(request).filter(|_| is_patch(request) && refused)?;
    is_such(&body).then(|| {
        let mut read = request.clone();
        read.method = "GET".to_owned();
        read.body = None;
        read
    })
}

/// Whether a body has an operation of a kind.
pub(super) fn has(body: &Value, is_such: impl Fn(&Map<String, Value>) -> bool) -> bool {
    let operations = body["Operations"].as_array().into_iter().flatten();
    operations.filter_map(Value::as_object).any(is_such)
}

/// Refuses a PATCH with an operation of a kind.
pub(super) fn refuses(request: &Request, is_such: impl Fn(&Map<String, Value>) -> bool) -> Option<Response> {
    let body = body(request).filter(|_| is_patch(request))?;
    has(&body, is_such).then(|| {
        answer(
            400,
            &json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400",
                "scimType": "invalidPath", "detail": "the operation cannot be done",
            }),
        )
    })
}

pub(super) const FAULTS: &[Fault] = &[
    Fault::answer("PATCH where there is none", |request, response| {
        if is_patch(request) && response.status == 501 {
            *response = answer(204, &Value::Null);
        }
    }),
    Fault::answer("PATCH of nobody is done", |request, response| {
        if is_patch(request) && response.status == 404 {
            *response = answer(204, &Value::Null);
        }
    }),
    Fault::ask("any message is a PATCH", |request, _| {
        if is_patch(request) {
            edit_body(request, |body| {
                if body.get("schemas").is_some() {
                    body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]);
                }
            });
        }
    }),
    Fault::again("a PATCH of nothing is done", |request, answer| {
        done(request, answer, "invalidSyntax", |body| {
            body["operations"].is_null()
                && !body["Operations"].as_array().is_some_and(|list| list.len() == 1 && list[0].is_object())
        })
    }),
    Fault::ask("Operations in one spelling", |request, _| {
        if is_patch(request) {
            edit_body(request, |body| {
                if let Value::Object(body) = body
                    && let Some(operations) = body.remove("operations")
                {
                    body.insert("none".into(), operations);
                }
            });
        }
    }),
    Fault::again("an unknown op does nothing", |request, answer| {
        done(request, answer, "invalidSyntax", |body| {
            has(body, |operation| !["add", "remove", "replace"].iter().any(|op| is(operation, op)))
        })
    }),
    Fault::instead("op in lower case only", |request| {
        refuses(request, |operation| {
            let op = operation.get("op").and_then(Value::as_str).unwrap_or_default();
            op.chars().any(|c| c.is_ascii_uppercase())
        })
    }),
    Fault::again("a bad path leads nowhere", |request, answer| {
        done(request, answer, "invalidPath", |body| {
            has(body, |operation| {
                ["a..b", "name.", ".name", ""].contains(&target(operation)) && operation.contains_key("path")
            })
        })
    }),
    Fault::again("a bad filter in a path matches nothing", |request, answer| {
        done(request, answer, "invalidFilter", |body| has(body, |operation| target(operation).contains('[')))
    }),
    Fault::instead("no URIs in paths", |request| {
        refuses(request, |operation| target(operation).starts_with("urn:ietf:params:scim:schemas:core"))
    }),
    Fault::instead("URIs in paths in one letter case", |request| {
        refuses(request, |operation| target(operation).starts_with("URN:"))
    }),
    Fault::again("a path to an unknown attribute leads nowhere", |request, answer| {
        done(request, answer, "invalidPath", |body| {
            has(body, |operation| target(operation).contains("shoeSize"))
        })
    }),
    Fault::again("what is read only is left alone", |request, answer| {
        done(request, answer, "mutability", |body| {
            has(body, |operation| {
                !is(operation, "remove")
                    && ["id", "meta", "groups"].iter().any(|path| target(operation).starts_with(path))
            })
        })
    }),
    Fault::again("the name of a manager is left alone", |request, answer| {
        done(request, answer, "mutability", |body| {
            has(body, |operation| target(operation).contains("manager"))
        })
    }),
    Fault::again("the value of a member is left alone", |request, answer| {
        done(request, answer, "mutability", |body| {
            has(body, |operation| target(operation).starts_with("members"))
        })
    }),
    Fault::again("what is immutable is left alone", |request, answer| {
        done(request, answer, "mutability", |body| {
            has(body, |operation| target(operation).contains("immutable"))
        })
    }),
    Fault::again("readOnlyText is left alone", |request, answer| {
        done(request, answer, "mutability", |body| {
            has(body, |operation| target(operation).contains("readOnlyText"))
        })
    }),
    Fault::again("a value of another type is left out", |request, answer| {
        done(request, answer, "invalidValue", |body| {
            has(body, |operation| ["active", "title", "name", "emails"].contains(&target(operation)))
                && has(body, |operation| !operation.get("value").is_none_or(Value::is_null))
        })
    }),
    Fault::again("a reference to nobody is left out", |request, answer| {
        done(request, answer, "invalidValue", |body| has(body, |operation| target(operation) == "members"))
    }),
    Fault::again("add of nothing is done", |request, answer| {
        done(request, answer, "invalidValue", |body| {
            has(body, |operation| is(operation, "add") && !operation.contains_key("value"))
        })
    }),
    Fault::ask("add to a single value appends", |request, _| {
        operations(request, |operation| {
            if is(operation, "add")
                && target(operation) == "title"
                && let Some(Value::String(text)) = operation.get_mut("value")
            {
                text.push('+');
            }
        });
    }),
    Fault::ask("add of a part is a replacement of the whole", |request, _| {
        operations(request, |operation| {
            if ["add", "replace"].iter().any(|op| is(operation, op))
                && target(operation) == "name"
                && let Some(Value::Object(parts)) = operation.get_mut("value")
            {
                parts.insert("familyName".into(), Value::Null);
            }
        });
    }),
    Fault::ask("add to a list replaces it", |request, _| {
        operations(request, |operation| {
            if is(operation, "add") && ["emails", "members"].contains(&target(operation)) {
                operation.insert("op".into(), json!("replace"));
            }
        });
    }),
    Fault::ask("add takes one value of a list", |request, _| {
        operations(request, |operation| {
            if is(operation, "add")
                && target(operation) == "emails"
                && let Some(Value::Array(list)) = operation.get_mut("value")
            {
                list.truncate(1);
            }
        });
    }),
    Fault::ask("dotted keys overlooked", |request, _| {
        operations(request, |operation| {
            if let Some(Value::Object(value)) = operation.get_mut("value") {
                value.retain(|key, _| {
                    !key.contains('.') || key.starts_with("urn:ietf:params:scim:schemas:extension")
                });
            }
        });
    }),
    Fault::ask("any filter tells what to create", |request, _| {
        operations(request, |operation| {
            if is(operation, "add") && target(operation).contains(" or ") {
                retarget(operation, "emails[type eq \"x\"].value");
            }
        });
    }),
    Fault::instead("an element that is not there is not created", |request| {
        // With the path as the one operation: whether it is there already the proxy does not know.
        let alone = body(request)
            .is_some_and(|body| body["Operations"].as_array().is_some_and(|list| list.len() == 1));
        let paths =
            ["emails[type eq \"work\"].value", "phoneNumbers[type eq \"work\" and primary eq true].value"];
        refuses(request, |operation| alone && paths.contains(&target(operation)))
    }),
    Fault::ask("primary set by a path is overlooked", |request, _| {
        operations(request, |operation| {
            if target(operation).ends_with(".primary") {
                operation.insert("value".into(), json!(false));
            }
        });
    }),
    Fault::answer("PATCH answers without a tag", |request, response| {
        if is_patch(request) {
            response.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("ETag"));
        }
    }),
    Fault::answer("PATCH answers without a body", |request, response| {
        if is_patch(request) && response.status == 200 && request.target.contains('?') {
            *response = answer(204, &Value::Null);
        }
    }),
];
