//! Faults in what PATCH removes and replaces.

use serde_json::{Value, json};

use super::Fault;
use super::edit::{answer, body};
use super::patch::{done, has, is, is_patch, operations, refuses, retarget, target};

/// The part of a path in brackets, with them.
fn brackets(path: &str) -> Option<&str> {
    path.get(path.find('[')?..=path.rfind(']')?)
}

pub(super) const FAULTS: &[Fault] = &[
    Fault::again("remove without a path is done", |request, answer| {
        done(request, answer, "noTarget", |body| {
            has(body, |operation| is(operation, "remove") && !operation.contains_key("path"))
        })
    }),
    Fault::again("replace of what is not there is done", |request, answer| {
        done(request, answer, "noTarget", |body| has(body, |operation| is(operation, "replace")))
    }),
    Fault::ask("remove of a single value overlooked", |request, _| {
        operations(request, |operation| {
            if is(operation, "remove") && ["title", "name", "name.givenName"].contains(&target(operation)) {
                retarget(operation, "nickName");
            }
        });
    }),
    Fault::ask("remove of a list removes what is of type work", |request, _| {
        operations(request, |operation| {
            if is(operation, "remove") && target(operation) == "emails" && !operation.contains_key("value") {
                retarget(operation, "emails[type eq \"work\"]");
            }
        });
    }),
    Fault::ask("remove of members overlooked", |request, _| {
        operations(request, |operation| {
            if is(operation, "remove") && target(operation) == "members" && !operation.contains_key("value") {
                operation.insert("value".into(), json!([]));
            }
        });
    }),
    Fault::again("remove of what is needed is left out", |request, answer| {
        done(request, answer, "mutability", |body| has(body, |operation| is(operation, "remove")))
    }),
    Fault::ask("remove of a part removes the element", |request, _| {
        operations(request, |operation| {
            if is(operation, "remove")
                && let Some((path, _)) = target(operation).split_once("].")
            {
                let path = format!("{path}]");
                retarget(operation, path);
            }
        });
    }),
    Fault::ask("remove by the first condition", |request, _| {
        operations(request, |operation| {
            if is(operation, "remove")
                && let Some((path, _)) = target(operation).split_once(" and ")
            {
                let path = format!("{path}]");
                retarget(operation, path);
            }
        });
    }),
    Fault::ask("remove of listed elements removes all", |request, _| {
        operations(request, |operation| {
            if is(operation, "remove") {
                operation.remove("value");
            }
        });
    }),
    Fault::answer("remove of what is not there is an error", |request, response| {
        let gone = body(request).is_some_and(|body| {
            has(&body, |operation| is(operation, "remove") && target(operation).contains("type eq \"home\""))
        });
        if gone && is_patch(request) && response.status < 300 {
            *response = answer(400, &json!({ "scimType": "noTarget" }));
        }
    }),
    Fault::instead("no filter on simple values", |request| {
        refuses(request, |operation| target(operation).contains("tags"))
    }),
    Fault::ask("replace without a path clears the rest", |request, _| {
        operations(request, |operation| {
            if is(operation, "replace")
                && !operation.contains_key("path")
                && let Some(Value::Object(value)) = operation.get_mut("value")
            {
                value.entry("title").or_insert(Value::Null);
            }
        });
    }),
    Fault::ask("replace of a single value clears it", |request, _| {
        operations(request, |operation| {
            if is(operation, "replace") && target(operation) == "title" {
                operation.insert("value".into(), Value::Null);
            }
        });
    }),
    Fault::ask("replace of a list appends", |request, _| {
        operations(request, |operation| {
            if is(operation, "replace") && ["emails", "members"].contains(&target(operation)) {
                operation.insert("op".into(), json!("add"));
            }
        });
    }),
    Fault::ask("replace of an element merges", |request, _| {
        operations(request, |operation| {
            if is(operation, "replace")
                && target(operation).starts_with("addresses[")
                && target(operation).ends_with(']')
            {
                operation.insert("op".into(), json!("add"));
            }
        });
    }),
    Fault::ask("replace of a part touches every element", |request, _| {
        operations(request, |operation| {
            if is(operation, "replace")
                && target(operation).starts_with("addresses[")
                && let Some(filter) = brackets(target(operation))
            {
                let path = target(operation).replace(filter, "");
                retarget(operation, path);
            }
        });
    }),
    Fault::ask("null in a replacement is a text", |request, _| {
        operations(request, |operation| {
            if is(operation, "replace")
                && target(operation) == "title"
                && operation.get("value") == Some(&Value::Null)
            {
                operation.insert("value".into(), json!("null"));
            }
        });
    }),
    Fault::again("replace by nothing is done", |request, answer| {
        done(request, answer, "invalidValue", |body| {
            has(body, |operation| {
                is(operation, "replace") && operation.get("value").is_none_or(Value::is_null)
            })
        })
    }),
];
