//! Faults in bulk requests.

use scim_testkit::http::{Request, Response};
use serde_json::{Map, Value, json};

use super::Fault;
use super::edit::{answer, body, edit, edit_body, edit_error, objects, path, set_header};

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

pub(super) fn is_bulk(request: &Request) -> bool {
    path(request).ends_with("/Bulk")
}

/// Changes each operation of a job.
pub(super) fn ask(request: &mut Request, change: impl Fn(&mut Map<String, Value>)) {
    if is_bulk(request) {
        edit_body(request, |body| objects(body, "Operations").for_each(&change));
    }
}

/// Changes the answer to each operation.
pub(super) fn answers(request: &Request, response: &mut Response, change: impl Fn(&mut Map<String, Value>)) {
    if is_bulk(request) {
        edit(response, |body| objects(body, "Operations").for_each(&change));
    }
}

/// The result as if an operation had been done.
fn done(operation: &mut Map<String, Value>) {
    let is_create = operation.get("method") == Some(&json!("POST"));
    operation.insert("status".into(), json!(if is_create { "201" } else { "204" }));
    operation.remove("response");
}

fn has_failed(operation: &Map<String, Value>) -> bool {
    operation.get("status").and_then(Value::as_str).is_some_and(|status| status >= "400")
}

/// An empty job that was done.
fn nothing() -> Response {
    answer(200, &json!({ "schemas": [RESPONSE], "Operations": [] }))
}

/// Makes operations that were refused with a status look as if they had been done, where the job is such.
fn accepts(request: &Request, response: &mut Response, is_such: impl Fn(&Map<String, Value>) -> bool) {
    let Some(mut job) = body(request).filter(|_| is_bulk(request)) else { return };
    if objects(&mut job, "Operations").any(|operation| is_such(operation)) {
        answers(request, response, |result| {
            if has_failed(result) {
                done(result);
            }
        });
    }
}

pub(super) const FAULTS: &[Fault] = &[
    Fault::instead("no bulk requests", |request| is_bulk(request).then(|| answer(404, &Value::Null))).broad(),
    Fault::answer("bulk requests where there are none", |request, response| {
        if is_bulk(request) && response.status == 501 {
            *response = nothing();
        }
    }),
    Fault::ask("any message is a bulk request", |request, _| {
        if is_bulk(request) {
            edit_body(request, |body| body["schemas"] = json!([REQUEST]));
        }
    }),
    Fault::answer("the answer to a job says not what it is", |request, response| {
        if is_bulk(request) && response.status == 200 {
            edit(response, |body| body["schemas"] = json!([REQUEST]));
        }
    }),
    Fault::answer("a job of nothing is done", |request, response| {
        if is_bulk(request)
            && response.status == 400
            && body(request).is_some_and(|job| job["Operations"].is_null())
        {
            *response = nothing();
        }
    }),
    Fault::answer("GET within a job", |request, response| {
        accepts(request, response, |operation| operation.get("method") == Some(&json!("GET")));
    }),
    Fault::answer("jobs and schemas within a job", |request, response| {
        accepts(request, response, |operation| {
            ["/Bulk", "/Schemas"].iter().any(|path| operation.get("path") == Some(&json!(path)))
        });
    }),
    Fault::ask("methods in capitals only", |request, _| {
        ask(request, |operation| {
            if operation.get("method") == Some(&json!("post")) {
                operation.insert("method".into(), json!("GET"));
            }
        });
    }),
    Fault::ask("bulkId made up where it is missing", |request, _| {
        ask(request, |operation| {
            if operation.get("method") == Some(&json!("POST")) {
                operation.entry("bulkId").or_insert_with(|| json!(uuid::Uuid::new_v4().to_string()));
            }
        });
    }),
    Fault::ask("a bulkId twice is another one", |request, _| {
        if !is_bulk(request) {
            return;
        }
        edit_body(request, |body| {
            let mut seen = Vec::new();
            for operation in objects(body, "Operations") {
                let Some(Value::String(id)) = operation.get_mut("bulkId") else { continue };
                if seen.contains(id) {
                    id.push_str("-again");
                }
                seen.push(id.clone());
            }
        });
    }),
    Fault::ask("paths need their slash", |request, _| {
        ask(request, |operation| {
            if operation.get("path") == Some(&json!("Users")) {
                operation.insert("path".into(), json!("/NoUsers"));
            }
        });
    }),
    Fault::ask("paths from the root only", |request, _| {
        ask(request, |operation| {
            if operation.get("path") == Some(&json!("/v2/Users")) {
                operation.insert("path".into(), json!("/NoUsers"));
            }
        });
    }),
    Fault::answer("any path will do", |request, response| {
        accepts(request, response, |operation| {
            let path = operation.get("path").and_then(Value::as_str).unwrap_or_default();
            let is_create = operation.get("method") == Some(&json!("POST"));
            (is_create && path.len() > "/Users/".len()) || (!is_create && path == "/Users")
        });
    }),
    Fault::answer("no data will do", |request, response| {
        accepts(request, response, |operation| {
            operation.get("method") != Some(&json!("DELETE")) && !operation.contains_key("data")
        });
    }),
    Fault::ask("the version of an operation overlooked", |request, _| {
        ask(request, |operation| {
            operation.remove("version");
        });
    }),
    Fault::answer("results in another order", |request, response| {
        if is_bulk(request) {
            edit(response, |body| {
                if let Some(Value::Array(operations)) = body.get_mut("Operations") {
                    operations.reverse();
                }
            });
        }
    }),
    Fault::answer("results without location", |request, response| {
        answers(request, response, |operation| {
            operation.remove("location");
        });
    }),
    Fault::answer("results without version", |request, response| {
        answers(request, response, |operation| {
            operation.remove("version");
        });
    }),
    Fault::answer("results without bulkId", |request, response| {
        answers(request, response, |operation| {
            operation.remove("bulkId");
        });
    }),
    Fault::answer("results without method", |request, response| {
        answers(request, response, |operation| {
            operation.remove("method");
        });
    }),
    Fault::answer("a location for what was not created", |request, response| {
        answers(request, response, |operation| {
            operation.entry("location").or_insert_with(|| json!("http://none/Users/1"));
        });
    }),
    Fault::answer("results with the status as a number", |request, response| {
        answers(request, response, |operation| {
            let code =
                operation.get("status").and_then(Value::as_str).and_then(|code| code.parse::<u16>().ok());
            operation.insert("status".into(), json!(code));
        });
    })
    .broad(),
    Fault::answer("results with the status as an object", |request, response| {
        answers(request, response, |operation| {
            let code = operation.remove("status");
            operation.insert("status".into(), json!({ "code": code }));
        });
    })
    .broad(),
    Fault::answer("200 for 201 in results", |request, response| {
        answers(request, response, |operation| {
            if operation.get("status") == Some(&json!("201")) {
                operation.insert("status".into(), json!("200"));
            }
        });
    }),
    Fault::answer("400 for 409 in results", |request, response| {
        answers(request, response, |operation| {
            if operation.get("status") == Some(&json!("409")) {
                operation.insert("status".into(), json!("400"));
            }
        });
    }),
    Fault::answer("results that failed do not say why", |request, response| {
        answers(request, response, |operation| {
            operation.remove("response");
        });
    }),
    Fault::answer("results that failed have no scimType", |request, response| {
        answers(request, response, |operation| {
            if let Some(Value::Object(error)) = operation.get_mut("response") {
                error.remove("scimType");
            }
        });
    }),
    Fault::answer("results that did not fail have a response", |request, response| {
        answers(request, response, |operation| {
            operation.entry("response").or_insert_with(|| json!({}));
        });
    }),
    Fault::answer("a job fails with all its operations", |request, response| {
        if !is_bulk(request) || response.status != 200 {
            return;
        }
        let Ok(mut job) = response.json() else { return };
        let mut operations = objects(&mut job, "Operations").peekable();
        if operations.peek().is_some() && operations.all(|operation| has_failed(operation)) {
            response.status = 400;
        }
    }),
    Fault::ask("a job stops at the first error", |request, _| {
        if is_bulk(request) {
            edit_body(request, |body| {
                if let Value::Object(job) = body {
                    job.entry("failOnErrors").or_insert_with(|| json!(1));
                }
            });
        }
    }),
    Fault::ask("failOnErrors overlooked", |request, _| {
        if is_bulk(request) {
            edit_body(request, |body| {
                if let Value::Object(job) = body {
                    job.remove("failOnErrors");
                }
            });
        }
    }),
    Fault::ask("failOnErrors one too many", |request, _| {
        if is_bulk(request) {
            edit_body(request, |body| {
                if let Some(most) = body["failOnErrors"].as_u64().filter(|most| *most > 0) {
                    body["failOnErrors"] = json!(most + 1);
                }
            });
        }
    }),
    Fault::ask("a failOnErrors that is no number is 1", |request, _| {
        if is_bulk(request) {
            edit_body(request, |body| {
                if body.get("failOnErrors").is_some_and(|most| !most.is_u64() || *most == 0) {
                    body["failOnErrors"] = json!(1);
                }
            });
        }
    }),
    Fault::ask("a fraction of failOnErrors is dropped", |request, _| {
        if is_bulk(request) {
            edit_body(request, |body| {
                if body["failOnErrors"].as_f64().is_some_and(|most| most.fract() != 0.0) {
                    body["failOnErrors"] = json!(1);
                }
            });
        }
    }),
    Fault::answer("more operations than announced", |request, response| {
        let count = body(request).and_then(|body| body["Operations"].as_array().map(Vec::len));
        if is_bulk(request) && response.status == 413 && count.unwrap_or_default() > 0 {
            let is_small = request.body.as_ref().is_some_and(|body| body.len() < 4096);
            if is_small {
                *response = nothing();
            }
        }
    }),
    Fault::answer("more bytes than announced", |request, response| {
        let is_long = request.body.as_ref().is_some_and(|body| body.len() > 4096);
        if is_bulk(request) && response.status == 413 && is_long && !is_chunked(request) {
            *response = nothing();
        }
    }),
    Fault::answer("more bytes than announced in pieces", |request, response| {
        if is_bulk(request) && response.status == 413 && is_chunked(request) {
            *response = nothing();
        }
    }),
    Fault::answer("a limit that is not named", |_, response| {
        if response.status == 413 {
            edit_error(response, |error| {
                error.insert("detail".into(), json!("that is more than this server takes"));
            });
        }
    }),
    Fault::ask("jobs may do everything", |request, token| {
        if is_bulk(request) {
            set_header(&mut request.headers, "Authorization", &format!("Bearer {token}"));
        }
    }),
];

/// Whether the body comes in pieces of which nobody knows how many there are.
fn is_chunked(request: &Request) -> bool {
    request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Transfer-Encoding"))
}
