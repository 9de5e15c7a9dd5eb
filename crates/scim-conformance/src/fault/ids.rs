//! Faults in what a path leads to: ids, versions, parameters that do not apply.

use scim_testkit::http::Request;
use serde_json::{Value, json};

use super::Fault;
use super::edit::{answer, parameter, path};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// The last part of the path.
fn last(request: &Request) -> &str {
    path(request).rsplit('/').next().unwrap_or_default()
}

/// Where the ids of the server stand in a text: it gives UUIDs.
fn ids(text: &str) -> Vec<usize> {
    let is_id = |at: usize| {
        text.as_bytes().get(at..at + 36).is_some_and(|bytes| {
            bytes.iter().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => *byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
        })
    };
    (0..text.len()).filter(|at| is_id(*at)).collect()
}

const BULK_ID: &str = "bulkId.";

/// Puts the word in front of each id.
fn marked(text: &str) -> String {
    let mut marked = text.to_owned();
    for at in ids(text).into_iter().rev() {
        marked.insert_str(at, BULK_ID);
    }
    marked
}

pub(super) const FAULTS: &[Fault] = &[
    Fault::both(
        "ids with the word bulkId",
        |request, _| {
            request.target = request.target.replace(BULK_ID, "");
            if let Some(text) = request.body.as_ref().and_then(|body| std::str::from_utf8(body).ok()) {
                request.body = Some(text.replace(BULK_ID, "").into_bytes());
            }
        },
        |_, answer| {
            if let Ok(text) = std::str::from_utf8(&answer.body) {
                answer.body = marked(text).into_bytes();
            }
            for (name, value) in &mut answer.headers {
                if name.eq_ignore_ascii_case("Location") {
                    *value = marked(value);
                }
            }
        },
    ),
    Fault::ask("ids in any letter case", |request, _| {
        let id = last(request).to_owned();
        if ids(&id).len() == 1 && id.chars().any(|c| c.is_ascii_uppercase()) {
            request.target = request.target.replace(&id, &id.to_ascii_lowercase());
        }
    }),
    Fault::again("users by their names", |request, answer| {
        let id = last(request);
        let is_name = id.contains("user-") || id.contains("external-");
        (request.method == "GET" && answer.status == 404 && is_name).then(|| Request {
            target: path(request).trim_end_matches(id).trim_end_matches('/').to_owned(),
            ..request.clone()
        })
    }),
    Fault::answer("somebody for any id", |request, response| {
        if request.method == "GET" && response.status == 404 && last(request).starts_with("none") {
            *response = answer(200, &json!({ "schemas": [USER], "id": "none" }));
        }
    }),
    Fault::answer("a filter on a single resource", |request, response| {
        let single = ids(last(request)).len() == 1;
        if single && request.method == "GET" && parameter(request, "filter").is_some() {
            *response = answer(404, &Value::Null);
        }
    }),
    Fault::instead("unknown parameters refused", |request| {
        parameter(request, "foo").map(|_| answer(400, &Value::Null))
    }),
    Fault::instead("the version in each path", |request| {
        let has_version = path(request).split('/').any(|part| part == "v2" || part == "v1" || part == "v9");
        (!has_version).then(|| answer(404, &Value::Null))
    }),
    Fault::again("any version is the latest", |request, answer| {
        let other = request.target.replace("/v1/", "/v2/").replace("/v9/", "/v2/");
        (answer.status == 400 && other != request.target)
            .then(|| Request { target: other, ..request.clone() })
    }),
    Fault::answer("what was deleted is empty", |request, response| {
        if request.method == "GET" && response.status == 404 && ids(last(request)).len() == 1 {
            *response = answer(200, &json!({}));
        }
    }),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_and_marked() {
        let id = "01a213e9-0d9e-79da-9d74-a4d521c63a90";
        assert_eq!(marked(&format!("/Users/{id}\"")), format!("/Users/bulkId.{id}\""));
        assert_eq!(marked("no id é"), "no id é");
    }
}
