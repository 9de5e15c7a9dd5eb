//! Faults in sorting and in pages by index.

use std::cmp::Ordering;

use scim_testkit::http::{Request, Response};
use serde_json::{Value, json};

use super::Fault;
use super::edit::{
    answer, drop_parameter, edit_list, edit_query, edit_resources, entries, is_discovery, parameter,
};

/// What a list is sorted by.
fn sort_by(request: &Request) -> Option<String> {
    parameter(request, "sortBy")
}

/// Sorts a list anew that is sorted by one of these attributes, ascending.
fn resort(
    request: &Request,
    answer: &mut Response,
    attributes: &[&str],
    order: impl Fn(&Value, &Value) -> Ordering,
) {
    let is_such = sort_by(request).is_some_and(|by| attributes.contains(&by.as_str()));
    if is_such && parameter(request, "sortOrder").is_none() {
        edit_list(answer, |list| {
            if let Some(found) = entries(list) {
                found.sort_by(order);
            }
        });
    }
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The request without a parameter, if it was refused because of it.
fn without(request: &Request, answer: &Response, name: &str, value: &str) -> Option<Request> {
    if answer.status != 400 || parameter(request, name).is_none_or(|given| given != value) {
        return None;
    }
    let mut other = request.clone();
    drop_parameter(&mut other, name);
    Some(other)
}

/// Changes a number among the parameters.
fn renumber(request: &mut Request, name: &str, change: impl Fn(i64) -> i64) {
    if is_discovery(request) {
        return;
    }
    edit_query(request, |known, value| {
        let number = value.parse::<i64>().ok().filter(|_| known == name);
        Some(number.map_or_else(|| value.to_owned(), |number| change(number).to_string()))
    });
}

const PROBE: &str = "urn:ietf:params:scim:schemas:extension:probe:2.0:User";

pub(super) const FAULTS: &[Fault] = &[
    Fault::answer("sorting backwards", |request, answer| {
        if sort_by(request).is_some() {
            edit_list(answer, |list| {
                if let Some(found) = entries(list) {
                    found.reverse();
                }
            });
        }
    }),
    Fault::instead("sorting by userName refused", |request| {
        let plain =
            sort_by(request).is_some_and(|by| by == "userName") && parameter(request, "filter").is_none();
        (plain && parameter(request, "cursor").is_none()).then(|| answer(501, &Value::Null))
    }),
    Fault::instead("sortOrder in lower case only", |request| {
        let order = parameter(request, "sortOrder");
        order.is_some_and(|order| order == "DESCENDING").then(|| answer(400, &Value::Null))
    }),
    Fault::again("sortOrder of any word", |request, answer| without(request, answer, "sortOrder", "upwards")),
    Fault::answer("sorting by the first value", |request, answer| {
        resort(request, answer, &["emails", "emails.value"], |a, b| {
            text(a, "/emails/0/value").cmp(text(b, "/emails/0/value"))
        });
    }),
    Fault::again("sorting by a complex attribute is none", |request, answer| {
        without(request, answer, "sortBy", "name")
    }),
    Fault::again("sorting by an unknown attribute is none", |request, answer| {
        without(request, answer, "sortBy", "shoeSize")
    }),
    Fault::answer("no value comes first", |request, answer| {
        resort(request, answer, &["title"], |a, b| text(a, "/title").cmp(text(b, "/title")));
    }),
    Fault::answer("texts sorted by their bytes", |request, answer| {
        resort(request, answer, &["displayName"], |a, b| {
            text(a, "/displayName").cmp(text(b, "/displayName"))
        });
    }),
    Fault::answer("exact texts sorted without case", |request, answer| {
        resort(request, answer, &["externalId"], |a, b| {
            text(a, "/externalId").to_lowercase().cmp(&text(b, "/externalId").to_lowercase())
        });
    }),
    Fault::answer("numbers sorted as texts", |request, answer| {
        let by = format!("{PROBE}:count");
        resort(request, answer, &[&by], |a, b| {
            a[PROBE]["count"].to_string().cmp(&b[PROBE]["count"].to_string())
        });
    }),
    Fault::answer("ties by the last id first", |request, answer| {
        resort(request, answer, &["active"], |a, b| {
            let active = |user: &Value| user["active"] == true;
            active(a).cmp(&active(b)).then_with(|| text(b, "/id").cmp(text(a, "/id")))
        });
    }),
    Fault::ask("startIndex counts from 0", |request, _| {
        renumber(request, "startIndex", |start| if start > 0 { start + 1 } else { start });
    }),
    Fault::instead("startIndex below 1 refused", |request| {
        let start = parameter(request, "startIndex").and_then(|start| start.parse::<i64>().ok());
        start.is_some_and(|start| start < 1).then(|| answer(400, &Value::Null))
    }),
    Fault::answer("startIndex below 1 echoed", |request, answer| {
        let start = parameter(request, "startIndex").and_then(|start| start.parse::<i64>().ok());
        if let Some(start) = start.filter(|start| *start < 1) {
            edit_list(answer, |list| {
                list.insert("startIndex".into(), json!(start));
            });
        }
    }),
    Fault::ask("one more than count on pages by index", |request, _| {
        if parameter(request, "cursor").is_none() {
            renumber(request, "count", |count| if (1..100).contains(&count) { count + 1 } else { count });
        }
    }),
    Fault::ask("count of nothing is all", |request, _| {
        if parameter(request, "cursor").is_none() {
            renumber(request, "count", |count| if count < 1 { 100 } else { count });
        }
    }),
    Fault::instead("a negative count refused", |request| {
        let is_negative = parameter(request, "count").is_some_and(|count| count.starts_with('-'));
        is_negative.then(|| answer(400, &Value::Null))
    }),
    Fault::answer("a count above the limit refused", |request, response| {
        let is_large = parameter(request, "count").is_some_and(|count| count == "100000");
        if is_large && parameter(request, "cursor").is_none() {
            *response = answer(400, &Value::Null);
        }
    }),
    Fault::answer("itemsPerPage is count", |request, answer| {
        let count = parameter(request, "count").and_then(|count| count.parse::<u64>().ok());
        if let Some(count) = count.filter(|count| (1..200).contains(count)) {
            edit_list(answer, |list| {
                if list.contains_key("itemsPerPage") {
                    list.insert("itemsPerPage".into(), json!(count));
                }
            });
        }
    }),
    Fault::answer("beyond the end there is nothing", |request, response| {
        if parameter(request, "startIndex").is_some_and(|start| start == "999") {
            *response = answer(404, &Value::Null);
        }
    }),
    Fault::answer("beyond the end the total is 0", |request, answer| {
        if parameter(request, "startIndex").is_some_and(|start| start == "999") {
            edit_list(answer, |list| {
                list.insert("totalResults".into(), json!(0));
            });
        }
    }),
    Fault::again("a startIndex with a fraction is none", |request, answer| {
        without(request, answer, "startIndex", "1.5")
    }),
    Fault::again("a count in words is none", |request, answer| without(request, answer, "count", "ten")),
    Fault::answer("pages overlap", |request, answer| {
        // The first page that is followed by others ends with its own beginning.
        let is_page = parameter(request, "count").is_some_and(|count| count == "100");
        if is_page {
            edit_list(answer, |list| {
                if let Some(found) = entries(list)
                    && found.len() > 1
                {
                    found.pop();
                    found.extend(found.first().cloned());
                }
            });
        }
    }),
    Fault::answer("entries without what is always shown", |request, answer| {
        if parameter(request, "attributes").is_some() && parameter(request, "filter").is_some() {
            edit_resources(answer, |resource| {
                resource.remove("schemas");
            });
        }
    }),
];
