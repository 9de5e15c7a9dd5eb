//! Faults in status, headers and errors.

use serde_json::{Value, json};

use super::Fault;
use super::edit::{drop_header, edit, edit_error, is_discovery, restatus, set_header};

pub(super) const FAULTS: &[Fault] = &[
    Fault::answer("no Location", |_, answer| drop_header(&mut answer.headers, "Location")),
    Fault::answer("no ETag", |_, answer| drop_header(&mut answer.headers, "ETag")),
    Fault::answer("no Allow", |_, answer| drop_header(&mut answer.headers, "Allow")),
    Fault::answer("no challenge", |_, answer| drop_header(&mut answer.headers, "WWW-Authenticate")),
    Fault::answer("no Content-Type", |_, answer| drop_header(&mut answer.headers, "Content-Type")),
    Fault::answer("always plain JSON", |_, answer| {
        set_header(&mut answer.headers, "Content-Type", "application/json");
    }),
    Fault::answer("always SCIM JSON", |_, answer| {
        set_header(&mut answer.headers, "Content-Type", "application/scim+json");
    }),
    Fault::answer("200 for 201", |_, answer| restatus(answer, 201, 200)).broad(),
    Fault::answer("200 for 204", |_, answer| {
        restatus(answer, 204, 200);
        if answer.status == 200 && answer.body.is_empty() {
            answer.body = b"{}".to_vec();
        }
    }),
    Fault::answer("200 for 304", |_, answer| restatus(answer, 304, 200)),
    Fault::answer("200 for 400", |_, answer| restatus(answer, 400, 200)).broad(),
    Fault::answer("201 for 400", |request, answer| {
        if request.method == "POST" {
            restatus(answer, 400, 201);
        }
    })
    .broad(),
    Fault::answer("500 for 400", |_, answer| restatus(answer, 400, 500)).broad(),
    Fault::answer("400 for 409", |_, answer| restatus(answer, 409, 400)),
    Fault::answer("409 for 412", |_, answer| restatus(answer, 412, 409)),
    Fault::answer("410 for 404", |_, answer| restatus(answer, 404, 410)).broad(),
    Fault::answer("200 for 404", |_, answer| restatus(answer, 404, 200)).broad(),
    Fault::answer("404 for 405", |_, answer| restatus(answer, 405, 404)),
    Fault::answer("404 for 501", |_, answer| restatus(answer, 501, 404)),
    Fault::answer("400 for 413", |_, answer| restatus(answer, 413, 400)),
    Fault::answer("400 for 415", |_, answer| restatus(answer, 415, 400)),
    Fault::answer("403 for 401", |_, answer| restatus(answer, 401, 403)),
    Fault::answer("404 for 403", |_, answer| restatus(answer, 403, 404)),
    Fault::answer("400 for 428", |_, answer| restatus(answer, 428, 400)),
    Fault::answer("404 for an empty list", |_, answer| {
        if answer.json().is_ok_and(|body| body["totalResults"] == 0) {
            answer.status = 404;
        }
    })
    .broad(),
    Fault::answer("401 for discovery without a token", |request, answer| {
        let has_token = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("Authorization"));
        if is_discovery(request) && !has_token {
            answer.status = 401;
            answer.body.clear();
        }
    }),
    Fault::answer("errors without a body", |_, answer| {
        if answer.status >= 400 {
            answer.body.clear();
        }
    })
    .broad(),
    Fault::answer("errors without schemas", |_, answer| {
        edit_error(answer, |error| {
            error.remove("schemas");
        });
    })
    .broad(),
    Fault::answer("errors with status as a number", |_, answer| {
        edit_error(answer, |error| {
            let status =
                error.get("status").and_then(Value::as_str).and_then(|text| text.parse::<u16>().ok());
            error.insert("status".into(), json!(status));
        });
    })
    .broad(),
    Fault::answer("errors without scimType", |_, answer| {
        edit_error(answer, |error| {
            error.remove("scimType");
        });
    })
    .broad(),
    Fault::answer("errors with a scimType of its own", |_, answer| {
        edit_error(answer, |error| {
            error.insert("scimType".into(), json!("badRequest"));
        });
    })
    .broad(),
    Fault::answer("errors without detail", |_, answer| {
        edit_error(answer, |error| {
            error.remove("detail");
        });
    }),
    Fault::answer("errors with a stack trace", |_, answer| {
        edit_error(answer, |error| {
            error.insert("detail".into(), json!("thread 'main' panicked at src/main.rs:7:5"));
        });
    }),
    Fault::answer("everything fails", |_, answer| {
        edit(answer, |body| *body = json!({}));
        answer.status = 503;
    })
    .broad(),
];
