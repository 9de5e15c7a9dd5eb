//! What faults do to messages.

use percent_encoding::percent_decode_str;
use scim_testkit::http::{Request, Response};
use serde_json::{Map, Value, json};

use crate::call::encode;

/// Takes headers of that name away.
pub(super) fn drop_header(headers: &mut Vec<(String, String)>, name: &str) {
    headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
}

/// Sets a header.
pub(super) fn set_header(headers: &mut Vec<(String, String)>, name: &str, value: &str) {
    if headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).count() > 1 {
        drop_header(headers, name);
    }
    match headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        Some((_, known)) => value.clone_into(known),
        None => headers.push((name.to_owned(), value.to_owned())),
    }
}

/// Answers with another status, in the error body too.
pub(super) fn restatus(response: &mut Response, from: u16, to: u16) {
    if response.status == from {
        response.status = to;
        edit(response, |body| {
            if let Some(status) = body.get_mut("status") {
                *status = json!(to.to_string());
            }
        });
    }
}

/// Changes a body of JSON; other bodies stay.
pub(super) fn edit(response: &mut Response, change: impl FnOnce(&mut Value)) {
    if let Ok(before) = response.json() {
        let mut body = before.clone();
        change(&mut body);
        if body != before {
            response.body = body.to_string().into_bytes();
        }
    }
}

/// Changes the error in the answer, if it is one.
pub(super) fn edit_error(response: &mut Response, change: impl FnOnce(&mut Map<String, Value>)) {
    if response.status >= 400 {
        edit(response, |body| {
            if let Value::Object(error) = body {
                change(error);
            }
        });
    }
}

/// Changes each resource in the answer, alone or in a list; not what discovery answers.
pub(super) fn edit_resources(response: &mut Response, change: impl Fn(&mut Map<String, Value>)) {
    if response.status >= 300 {
        return;
    }
    edit(response, |body| {
        let kind = |resource: &Value| resource["meta"]["resourceType"].as_str().map(str::to_owned);
        let ours = |resource: &Value| {
            !matches!(kind(resource).as_deref(), Some("Schema" | "ResourceType" | "ServiceProviderConfig"))
        };
        if let Some(resources) = body.get_mut("Resources").and_then(Value::as_array_mut) {
            for resource in resources.iter_mut().filter(|resource| ours(resource)) {
                if let Value::Object(resource) = resource {
                    change(resource);
                }
            }
        } else if body.get("totalResults").is_none()
            && ours(body)
            && let Value::Object(resource) = body
        {
            change(resource);
        }
    });
}

/// Changes the list in the answer, if it is one.
pub(super) fn edit_list(response: &mut Response, change: impl FnOnce(&mut Map<String, Value>)) {
    edit(response, |body| {
        if let Value::Object(list) = body
            && list.contains_key("totalResults")
        {
            change(list);
        }
    });
}

/// The entries of a list.
pub(super) fn entries(list: &mut Map<String, Value>) -> Option<&mut Vec<Value>> {
    list.get_mut("Resources")?.as_array_mut()
}

/// Every value in a tree, from the leaves up.
pub(super) fn walk(value: &mut Value, change: &impl Fn(&mut Value)) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| walk(value, change)),
        Value::Object(map) => map.values_mut().for_each(|value| walk(value, change)),
        _ => {}
    }
    change(value);
}

/// Every object of a resource that is below the first level, such as `name` and each email.
pub(super) fn parts(resource: &mut Map<String, Value>, change: &impl Fn(&mut Map<String, Value>)) {
    for (name, value) in resource {
        if name == "meta" {
            continue;
        }
        walk(value, &|value| {
            if let Value::Object(map) = value {
                change(map);
            }
        });
    }
}

/// The body of a request, if it is JSON.
pub(super) fn body(request: &Request) -> Option<Value> {
    serde_json::from_slice(request.body.as_deref()?).ok()
}

/// Changes the body of a request, if it is JSON.
pub(super) fn edit_body(request: &mut Request, change: impl FnOnce(&mut Value)) {
    if let Some(before) = body(request) {
        let mut body = before.clone();
        change(&mut body);
        if body != before {
            request.body = Some(body.to_string().into_bytes());
        }
    }
}

/// The text of a query value.
fn decoded(value: &str) -> String {
    percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// A query parameter.
pub(super) fn parameter(request: &Request, name: &str) -> Option<String> {
    let (_, query) = request.target.split_once('?')?;
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.into_iter().find(|(known, _)| *known == name).map(|(_, value)| decoded(value))
}

/// Changes each query parameter, or takes it away.
pub(super) fn edit_query(request: &mut Request, change: impl Fn(&str, &str) -> Option<String>) {
    let Some((path, query)) = request.target.split_once('?') else { return };
    let pairs: Vec<String> = query
        .split('&')
        .filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let text = decoded(value);
            let changed = change(name, &text)?;
            // What is not changed keeps its spelling.
            Some(if changed == text { pair.to_owned() } else { format!("{name}={}", encode(&changed)) })
        })
        .collect();
    request.target = if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) };
}

/// The objects in a list of the body, such as the operations of a PATCH.
pub(super) fn objects<'b>(
    body: &'b mut Value,
    list: &str,
) -> impl Iterator<Item = &'b mut Map<String, Value>> + use<'b> {
    let list = body.get_mut(list).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

/// Takes query parameters away, in the body of a `.search` too.
pub(super) fn drop_parameter(request: &mut Request, name: &str) {
    edit_query(request, |known, value| (known != name).then(|| value.to_owned()));
    if request.target.contains(".search") {
        edit_body(request, |body| {
            if let Value::Object(body) = body {
                body.remove(name);
            }
        });
    }
}

/// The path without the query.
pub(super) fn path(request: &Request) -> &str {
    request.target.split('?').next().unwrap_or_default()
}

/// Whether the request is one of discovery.
pub(super) fn is_discovery(request: &Request) -> bool {
    ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"].iter().any(|part| request.target.contains(part))
}

/// An answer of this status with this body.
pub(super) fn answer(status: u16, body: &Value) -> Response {
    let headers = vec![("Content-Type".to_owned(), "application/scim+json".to_owned())];
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    Response { status, headers, body }
}
