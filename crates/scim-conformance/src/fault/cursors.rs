//! Faults in cursor pagination.

use scim_testkit::http::{Request, Response};
use serde_json::{Map, Value, json};

use super::Fault;
use super::edit::{
    answer, body, drop_parameter, edit, edit_body, edit_error, edit_list, edit_query, entries, parameter,
    path, set_header,
};

/// The value of a parameter, in the URL or in the body of a search.
fn given(request: &Request, name: &str) -> Option<String> {
    if request.target.contains(".search") {
        let body = body(request)?;
        let value = body.get(name)?;
        return Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    }
    parameter(request, name)
}

/// The cursor with which a walk goes on.
fn cursor(request: &Request) -> Option<String> {
    given(request, "cursor").filter(|cursor| !cursor.is_empty())
}

/// Changes the cursor of a request.
fn edit_cursor(request: &mut Request, change: impl Fn(&str) -> String) {
    edit_query(request, |name, value| Some(if name == "cursor" { change(value) } else { value.to_owned() }));
    if request.target.contains(".search") {
        edit_body(request, |body| {
            if let Some(Value::String(cursor)) = body.get_mut("cursor") {
                *cursor = change(cursor);
            }
        });
    }
}

/// The first page in the place of a refusal.
fn first_page(request: &Request, answer: &Response, keyword: &str) -> Option<Request> {
    let is_refused = answer.json().is_ok_and(|error| error["scimType"] == keyword);
    if !is_refused {
        return None;
    }
    let mut first = request.clone();
    edit_cursor(&mut first, |_| String::new());
    Some(first)
}

/// Changes a page that was asked for by cursor.
fn edit_page(request: &Request, response: &mut Response, change: impl FnOnce(&mut Map<String, Value>)) {
    if given(request, "cursor").is_some() {
        edit_list(response, change);
    }
}

fn keyword(response: &mut Response, from: &str, to: &str) {
    edit_error(response, |error| {
        if error.get("scimType") == Some(&json!(from)) {
            error.insert("scimType".into(), json!(to));
        }
    });
}

/// Changes what the configuration says of pagination.
fn pagination(request: &Request, response: &mut Response, change: impl FnOnce(&mut Value)) {
    if path(request).ends_with("Config") {
        edit(response, |body| {
            if let Some(said) = body.get_mut("pagination") {
                change(said);
            }
        });
    }
}

const SUFFIX: &str = "~.";

pub(super) const FAULTS: &[Fault] = &[
    Fault::ask("each cursor leads to the first page", |request, _| edit_cursor(request, |_| String::new())),
    Fault::again("an old cursor is good", |request, answer| first_page(request, answer, "expiredCursor")),
    Fault::answer("an old cursor is a bad one", |_, answer| {
        keyword(answer, "expiredCursor", "invalidCursor");
    }),
    Fault::again("a bad cursor is none", |request, answer| {
        first_page(request, answer, "invalidCursor")
            .filter(|_| cursor(request).is_some_and(|c| c == "garbage"))
    }),
    Fault::again("an altered cursor is none", |request, answer| {
        first_page(request, answer, "invalidCursor").filter(|_| cursor(request).is_some_and(|c| c.len() > 20))
    }),
    Fault::again("a cursor for another endpoint", |request, answer| {
        first_page(request, answer, "invalidCursor").filter(|_| path(request).ends_with("/Groups"))
    }),
    Fault::again("a cursor for another filter", |request, answer| {
        let other = parameter(request, "filter").is_some_and(|filter| filter.contains("userName pr"));
        first_page(request, answer, "invalidCursor").filter(|_| other)
    }),
    Fault::again("a cursor for another order", |request, answer| {
        first_page(request, answer, "invalidCursor").filter(|_| parameter(request, "sortBy").is_some())
    }),
    Fault::answer("bad cursors are bad values", |_, answer| keyword(answer, "invalidCursor", "invalidValue")),
    Fault::ask("cursor overlooked", |request, _| drop_parameter(request, "cursor")),
    Fault::ask("an empty cursor is none", |request, _| {
        if given(request, "cursor").is_some_and(|cursor| cursor.is_empty()) {
            drop_parameter(request, "cursor");
        }
    }),
    Fault::ask("a cursor without a value is none", |request, _| {
        request.target = request.target.replace("?cursor&", "?");
    }),
    Fault::answer("nextCursor on the last page", |request, response| {
        if cursor(request).is_some() {
            edit_page(request, response, |list| {
                list.entry("nextCursor").or_insert_with(|| json!("the-end"));
            });
        }
    }),
    Fault::answer("no nextCursor", |_, response| {
        edit_list(response, |list| {
            list.remove("nextCursor");
        });
    }),
    Fault::answer("nextCursor for all", |_, response| {
        edit_list(response, |list| {
            list.entry("nextCursor").or_insert_with(|| json!("the-end"));
        });
    })
    .broad(),
    Fault::answer("nextCursor where none was asked for", |request, response| {
        let plain =
            given(request, "cursor").is_none() && given(request, "count").is_some_and(|count| count == "2");
        if plain {
            edit_list(response, |list| {
                list.entry("nextCursor").or_insert_with(|| json!("more"));
            });
        }
    }),
    Fault::answer("nextCursor with no resources", |request, response| {
        edit_page(request, response, |list| {
            if entries(list).is_none_or(|found| found.is_empty()) {
                list.insert("nextCursor".into(), json!("more"));
            }
        });
    }),
    Fault::answer("previousCursor on the first page", |request, response| {
        edit_page(request, response, |list| {
            list.insert("previousCursor".into(), json!("before"));
        });
    }),
    Fault::both(
        "cursors with reserved characters",
        |request, _| {
            edit_cursor(request, |cursor| cursor.trim_end_matches("+/=").to_owned());
        },
        |_, response| {
            edit_list(response, |list| {
                if let Some(Value::String(cursor)) = list.get_mut("nextCursor") {
                    cursor.push_str("+/=");
                }
            });
        },
    ),
    Fault::both(
        "cursors that show an id",
        |request, _| {
            edit_cursor(request, |cursor| cursor.split(SUFFIX).next().unwrap_or_default().to_owned());
        },
        |_, response| {
            edit_list(response, |list| {
                let id = entries(list).and_then(|found| found.last()).map(|user| user["id"].clone());
                let id = id.and_then(|id| id.as_str().map(str::to_owned)).unwrap_or_default();
                if let Some(Value::String(cursor)) = list.get_mut("nextCursor") {
                    cursor.push_str(&format!("{SUFFIX}{id}"));
                }
            });
        },
    ),
    Fault::ask("one more than count", |request, _| {
        if given(request, "cursor").is_some() {
            edit_query(request, |name, value| {
                let count =
                    value.parse::<i64>().ok().filter(|count| name == "count" && (1..100).contains(count));
                Some(count.map_or_else(|| value.to_owned(), |count| (count + 1).to_string()))
            });
        }
    }),
    Fault::ask("count of nothing is 1", |request, _| {
        if given(request, "cursor").is_some() {
            edit_query(request, |name, value| {
                let none = name == "count" && (value == "0" || value.starts_with('-'));
                Some(if none { "1".to_owned() } else { value.to_owned() })
            });
        }
    }),
    Fault::answer("totalResults counts the page in a walk", |request, response| {
        edit_page(request, response, |list| {
            let count = entries(list).map_or(0, |found| found.len());
            list.insert("totalResults".into(), json!(count));
        });
    }),
    Fault::again("any count will do in a walk", |request, answer| {
        first_page(request, answer, "invalidCount")
    }),
    Fault::answer("bad counts are bad values", |_, answer| keyword(answer, "invalidCount", "invalidValue")),
    Fault::answer("a count above the limit is refused in a walk", |request, response| {
        if given(request, "cursor").is_some()
            && given(request, "count").is_some_and(|count| count == "100000")
        {
            *response = answer(400, &json!({ "scimType": "invalidCount", "status": "400" }));
        }
    }),
    Fault::answer("a count above the limit is 1 in a walk", |request, response| {
        if given(request, "count").is_some_and(|count| count == "100000") {
            edit_page(request, response, |list| {
                if let Some(found) = entries(list) {
                    found.truncate(1);
                }
            });
        }
    }),
    Fault::instead("a walk with one selection", |request| {
        let selects = parameter(request, "attributes").is_some();
        (selects && cursor(request).is_some()).then(|| answer(400, &json!({ "scimType": "invalidCursor" })))
    }),
    Fault::answer("pages in another order", |request, response| {
        if given(request, "sortBy").is_some() {
            edit_page(request, response, |list| {
                if let Some(found) = entries(list) {
                    found.reverse();
                }
            });
        }
    }),
    Fault::again("startIndex beside a cursor is overlooked", |request, answer| {
        (answer.status == 400 && given(request, "cursor").is_some() && given(request, "startIndex").is_some())
            .then(|| {
                let mut other = request.clone();
                drop_parameter(&mut other, "startIndex");
                other
            })
    }),
    Fault::again("startIndex where there are cursors only", |request, answer| {
        (answer.status == 400
            && given(request, "cursor").is_none()
            && given(request, "startIndex") == Some("2".into()))
        .then(|| {
            let mut other = request.clone();
            drop_parameter(&mut other, "startIndex");
            other
        })
    }),
    Fault::ask("no cursors in a search", |request, _| {
        if request.target.contains(".search") {
            drop_parameter(request, "cursor");
        }
    }),
    Fault::answer("pagination not announced", |request, response| {
        pagination(request, response, |said| *said = json!({}));
    }),
    Fault::answer("cursors announced nowhere", |request, response| {
        pagination(request, response, |said| said["cursor"] = json!(false));
    }),
    Fault::answer("cursors announced everywhere", |request, response| {
        if path(request).ends_with("Config") {
            edit(response, |body| body["pagination"]["cursor"] = json!(true));
        }
    }),
    Fault::answer("index pages announced everywhere", |request, response| {
        pagination(request, response, |said| said["index"] = json!(true));
    }),
    Fault::answer("another method as the default", |request, response| {
        pagination(request, response, |said| said["defaultPaginationMethod"] = json!("offset"));
    }),
    Fault::answer("a default page beyond the largest", |request, response| {
        pagination(request, response, |said| {
            said["defaultPageSize"] = json!(1_000_000);
            said["maxPageSize"] = json!(10);
        });
    }),
    Fault::ask("a cursor lets in", |request, token| {
        if cursor(request).is_some() {
            set_header(&mut request.headers, "Authorization", &format!("Bearer {token}"));
        }
    }),
];
