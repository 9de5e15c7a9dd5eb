//! Faults in what reaches the server: parameters, conditions and writes that are overlooked.

use serde_json::{Map, Value, json};

use super::Fault;
use super::edit::{
    answer, drop_header, drop_parameter, edit_body, edit_query, is_discovery, objects, path, set_header,
};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

pub(super) const FAULTS: &[Fault] = &[
    Fault::ask("filter overlooked", |request, _| drop_parameter(request, "filter")).broad(),
    Fault::ask("filter in lower case", |request, _| {
        edit_query(request, |name, value| {
            Some(if name == "filter" { value.to_lowercase() } else { value.to_owned() })
        });
    }),
    Fault::ask("sortBy overlooked", |request, _| drop_parameter(request, "sortBy")),
    Fault::ask("sortOrder overlooked", |request, _| drop_parameter(request, "sortOrder")),
    Fault::ask("startIndex overlooked", |request, _| drop_parameter(request, "startIndex")),
    Fault::ask("count overlooked", |request, _| drop_parameter(request, "count")).broad(),
    Fault::ask("attributes overlooked", |request, _| drop_parameter(request, "attributes")),
    Fault::ask("excludedAttributes overlooked", |request, _| drop_parameter(request, "excludedAttributes")),
    Fault::ask("If-Match overlooked", |request, _| drop_header(&mut request.headers, "If-Match")),
    Fault::ask("If-None-Match overlooked", |request, _| drop_header(&mut request.headers, "If-None-Match")),
    Fault::ask("everybody may do everything", |request, token| {
        set_header(&mut request.headers, "Authorization", &format!("Bearer {token}"));
    }),
    Fault::ask("a token in the URL counts", |request, token| {
        if request.target.contains("access_token") {
            set_header(&mut request.headers, "Authorization", &format!("Bearer {token}"));
        }
    }),
    Fault::ask("any media type will do", |request, _| {
        set_header(&mut request.headers, "Content-Type", "application/scim+json");
    }),
    Fault::ask("missing schemas made up", |request, _| {
        edit_body(request, |body| {
            let empty = body["schemas"].as_array().is_none_or(Vec::is_empty);
            if let (true, Value::Object(body)) = (empty, body) {
                body.insert("schemas".into(), json!([USER]));
            }
        });
    }),
    Fault::ask("names made unique", |request, _| {
        if matches!(request.method.as_str(), "POST" | "PUT") {
            edit_body(request, |body| {
                if let Some(name) = body["userName"].as_str().filter(|name| !name.is_empty()) {
                    body["userName"] = json!(format!("{name}-{}", uuid::Uuid::new_v4()));
                }
            });
        }
    }),
    Fault::ask("PUT adds to what is there", |request, _| {
        if request.method == "PUT" {
            request.method = "PATCH".to_owned();
            edit_body(request, |body| {
                let value = body.take();
                *body = json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [{ "op": "add", "value": value }],
                });
            });
        }
    })
    .broad(),
    Fault::ask("PUT lost", |request, _| {
        if request.method == "PUT" {
            request.method = "GET".to_owned();
            request.body = None;
        }
    })
    .broad(),
    Fault::ask("PATCH lost", |request, _| {
        if request.method == "PATCH" {
            request.method = "GET".to_owned();
            request.body = None;
        }
    })
    .broad(),
    Fault::instead("DELETE lost", |request| {
        (request.method == "DELETE" && !is_discovery(request)).then(|| answer(204, &Value::Null))
    }),
    Fault::instead("POST lost", |request| {
        let is_create = request.method == "POST" && !path(request).ends_with(".search");
        let mut made: Map<String, Value> = serde_json::from_slice(request.body.as_deref()?).ok()?;
        is_create.then(|| {
            let location = format!("http://none{}", path(request));
            made.insert("id".into(), json!(uuid::Uuid::new_v4().to_string()));
            made.insert("meta".into(), json!({ "resourceType": "User", "location": location }));
            answer(201, &Value::Object(made))
        })
    })
    .broad(),
    Fault::ask("only the first operation", |request, _| {
        edit_body(request, |body| {
            if let Some(Value::Array(operations)) = body.get_mut("Operations") {
                operations.truncate(1);
            }
        });
    })
    .broad(),
    Fault::ask("operations backwards", |request, _| {
        edit_body(request, |body| {
            if let Some(Value::Array(operations)) = body.get_mut("Operations") {
                operations.reverse();
            }
        });
    }),
    Fault::ask("add for replace, replace for add", |request, _| {
        edit_body(request, |body| {
            for operation in objects(body, "Operations") {
                let Some(op) = operation.get_mut("op") else { continue };
                match op.as_str().unwrap_or_default().to_ascii_lowercase().as_str() {
                    "add" => *op = json!("replace"),
                    "replace" => *op = json!("add"),
                    _ => {}
                }
            }
        });
    }),
    Fault::ask("remove removes the whole attribute", |request, _| {
        edit_body(request, |body| {
            for operation in objects(body, "Operations") {
                let op = operation.get("op").and_then(Value::as_str).unwrap_or_default();
                if op.eq_ignore_ascii_case("remove") {
                    operation.remove("value");
                    if let Some(Value::String(path)) = operation.get_mut("path") {
                        *path = path.split('[').next().unwrap_or_default().to_owned();
                    }
                }
            }
        });
    }),
    Fault::ask("value filters overlooked", |request, _| {
        edit_body(request, |body| {
            for operation in objects(body, "Operations") {
                if let Some(Value::String(path)) = operation.get_mut("path")
                    && let (Some(from), Some(to)) = (path.find('['), path.rfind(']'))
                    && from < to
                {
                    path.replace_range(from..=to, "");
                }
            }
        });
    }),
    Fault::instead("no slash at the end, no other letter case", |request| {
        let path = path(request);
        let strange = path.ends_with("s/") || path.contains("/users") || path.contains("/groups");
        strange.then(|| answer(404, &Value::Null))
    }),
    Fault::instead("no query at the root", |request| {
        let at_root = path(request).ends_with("/v2/") || path(request).ends_with("/v2");
        (request.method == "GET" && at_root).then(|| answer(404, &Value::Null))
    }),
    Fault::instead("no .search", |request| {
        path(request).ends_with(".search").then(|| answer(404, &Value::Null))
    }),
];
