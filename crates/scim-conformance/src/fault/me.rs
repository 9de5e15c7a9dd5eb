//! Faults in `/Me`, and in what only some services offer.

use scim_testkit::http::Request;
use serde_json::{Value, json};

use super::Fault;
use super::edit::{answer, drop_header, edit_error, edit_resources, path, restatus, set_header};

fn is_me(request: &Request) -> bool {
    path(request).ends_with("/Me")
}

pub(super) const FAULTS: &[Fault] = &[
    Fault::answer("/Me where there is none", |request, response| {
        if is_me(request) && response.status == 501 {
            *response = answer(200, &json!({}));
        }
    }),
    Fault::answer("/Me created where there is none", |request, response| {
        if is_me(request) && request.method == "POST" && response.status == 501 {
            *response = answer(201, &json!({}));
        }
    }),
    Fault::answer("/Me redirects for a while", |request, response| {
        if is_me(request) {
            restatus(response, 308, 307);
        }
    }),
    Fault::answer("/Me redirects to itself", |request, response| {
        if is_me(request) && response.status == 308 {
            set_header(&mut response.headers, "Location", path(request));
        }
    }),
    Fault::answer("/Me without Location", |request, response| {
        if is_me(request) {
            drop_header(&mut response.headers, "Location");
        }
    }),
    Fault::answer("/Me is where it is", |request, response| {
        if is_me(request) {
            edit_resources(response, |resource| {
                if let Some(Value::Object(meta)) = resource.get_mut("meta") {
                    meta.insert("location".into(), json!(path(request)));
                }
            });
        }
    }),
    Fault::answer("/Me of nobody", |request, response| {
        if is_me(request) && response.status == 404 {
            *response = answer(200, &json!({}));
        }
    }),
    Fault::answer("/Me of anybody", |request, response| {
        if is_me(request) && response.status == 401 {
            *response = answer(200, &json!({}));
        }
    }),
    Fault::ask("/Me cannot be changed", |request, _| {
        if is_me(request) && ["PUT", "PATCH"].contains(&request.method.as_str()) {
            request.method = "GET".to_owned();
            request.body = None;
        }
    }),
    Fault::answer("too many results are none", |_, response| {
        if response.status == 400 && response.json().is_ok_and(|error| error["scimType"] == "tooMany") {
            *response = answer(200, &json!({ "totalResults": 0, "Resources": [] }));
        }
    }),
    Fault::answer("too many results are a bad value", |_, response| {
        edit_error(response, |error| {
            if error.get("scimType") == Some(&json!("tooMany")) {
                error.insert("scimType".into(), json!("invalidValue"));
            }
        });
    }),
    Fault::answer("a sensitive filter is a bad one", |_, response| {
        if response.json().is_ok_and(|error| error["scimType"] == "sensitive") {
            restatus(response, 403, 400);
        }
    }),
    Fault::answer("a sensitive filter in a body refused", |request, response| {
        if request.target.contains(".search") && response.status == 200 {
            *response = answer(403, &json!({ "status": "403", "scimType": "sensitive" }));
        }
    }),
];
