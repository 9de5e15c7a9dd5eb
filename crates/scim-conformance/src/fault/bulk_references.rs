//! Faults in the references between the operations of a bulk request.

use scim_testkit::http::Request;
use serde_json::{Value, json};

use super::Fault;
use super::bulk::{answers, ask, is_bulk};
use super::edit::{body, edit_body, objects, walk};

/// Changes each text in the data of a job in which a reference may stand.
fn references(request: &mut Request, part: &str, change: impl Fn(&str) -> String) {
    ask(request, |operation| {
        let Some(data) = operation.get_mut("data") else { return };
        walk(data, &|value| {
            if let Some(Value::String(text)) = value.get_mut(part) {
                *text = change(text);
            }
        });
    });
}

/// A reference that nobody resolves.
fn unresolved(text: &str) -> String {
    text.replace("bulkId:", "bulkId-")
}

pub(super) const FAULTS: &[Fault] = &[
    Fault::ask("no references in value", |request, _| references(request, "value", unresolved)),
    Fault::ask("no references in $ref", |request, _| references(request, "$ref", unresolved)),
    Fault::ask("no references in the paths of a PATCH", |request, _| references(request, "path", unresolved)),
    Fault::ask("no references in the path of an operation", |request, _| {
        ask(request, |operation| {
            if let Some(Value::String(path)) = operation.get_mut("path") {
                *path = unresolved(path);
            }
        });
    }),
    Fault::ask("no references to managers", |request, _| {
        ask(request, |operation| {
            let Some(data) = operation.get_mut("data") else { return };
            walk(data, &|value| {
                if let Some(Value::String(id)) =
                    value.get_mut("manager").and_then(|manager| manager.get_mut("value"))
                {
                    *id = unresolved(id);
                }
            });
        });
    }),
    Fault::ask("no references in the value of a PATCH", |request, _| {
        ask(request, |operation| {
            if operation.get("method") == Some(&json!("PATCH"))
                && let Some(data) = operation.get_mut("data")
            {
                walk(data, &|value| {
                    if let Some(Value::String(id)) = value.get_mut("value") {
                        *id = unresolved(id);
                    }
                });
            }
        });
    }),
    Fault::ask("no references forward", |request, _| {
        if !is_bulk(request) {
            return;
        }
        edit_body(request, |body| {
            let mut known = Vec::new();
            for operation in objects(body, "Operations") {
                if let Some(id) = operation.get("bulkId").and_then(Value::as_str) {
                    known.push(format!("bulkId:{id}"));
                }
                let Some(data) = operation.get_mut("data") else { continue };
                walk(data, &|value| {
                    if let Value::String(text) = value
                        && text.starts_with("bulkId:")
                        && !known.contains(text)
                    {
                        *text = unresolved(text);
                    }
                });
            }
        });
    }),
    Fault::answer("a circle of references is a conflict", |request, response| {
        let Some(mut job) = body(request).filter(|_| is_bulk(request)) else { return };
        let referring = objects(&mut job, "Operations")
            .filter(|operation| {
                operation.get("data").is_some_and(|data| data.to_string().contains("bulkId:"))
            })
            .count();
        if referring > 1 {
            answers(request, response, |operation| {
                operation.insert("status".into(), json!("409"));
            });
        }
    }),
    Fault::answer("a reference to nothing is a conflict", |request, response| {
        answers(request, response, |operation| {
            if operation.get("bulkId") == Some(&json!("g")) && operation.get("status") == Some(&json!("400"))
            {
                operation.insert("status".into(), json!("409"));
            }
        });
    }),
    Fault::answer("a reference to what failed is a bad value", |request, response| {
        answers(request, response, |operation| {
            if operation.get("bulkId") == Some(&json!("g")) && operation.get("status") == Some(&json!("409"))
            {
                operation.insert("status".into(), json!("400"));
            }
        });
    }),
];
