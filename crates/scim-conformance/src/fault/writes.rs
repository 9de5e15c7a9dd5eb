//! Faults in what is created and replaced: what should be refused, and is taken; what should be taken, and is
//! refused.

use scim_testkit::http::{Request, Response};
use serde_json::{Map, Value, json};

use super::Fault;
use super::edit::{answer, body, edit_body, edit_resources, parts, path, walk};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PROBE: &str = "urn:ietf:params:scim:schemas:extension:probe:2.0:User";
const GADGET_TAG: &str = "urn:ietf:params:scim:schemas:extension:probe:2.0:Gadget";

fn is_write(request: &Request) -> bool {
    ["POST", "PUT"].contains(&request.method.as_str()) && !request.target.contains(".search")
}

/// The write asked once more with another body, if it was refused as it was.
fn mended(request: &Request, answer: &Response, mend: impl Fn(&mut Map<String, Value>)) -> Option<Request> {
    if !is_write(request) || answer.status != 400 {
        return None;
    }
    let mut other = request.clone();
    edit_body(&mut other, |body| {
        if let Value::Object(body) = body {
            mend(body);
        }
    });
    (other != *request).then_some(other)
}

/// Refuses writes of a kind.
fn refuses(request: &Request, is_such: impl Fn(&Value) -> bool) -> Option<Response> {
    let body = body(request).filter(|_| is_write(request))?;
    is_such(&body).then(|| {
        answer(
            400,
            &json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400",
                "scimType": "invalidValue", "detail": "the value is not taken here",
            }),
        )
    })
}

/// A name that nobody has.
fn name() -> Value {
    json!(format!("made-up-{}", uuid::Uuid::new_v4()))
}

pub(super) const FAULTS: &[Fault] = &[
    Fault::ask("a title before schemas overlooked", |request, _| {
        let is_first = request.body.as_ref().is_some_and(|body| body.starts_with(b"{\"title\""));
        if is_first && is_write(request) {
            edit_body(request, |body| {
                if let Value::Object(body) = body {
                    body.remove("title");
                }
            });
        }
    }),
    Fault::again("a name given twice is one", |request, answer| {
        let twice =
            request.body.as_deref().is_some_and(|body| body.windows(10).any(|w| w == b"\"USERNAME\""));
        (answer.status == 400 && twice && is_write(request)).then(|| Request {
            body: body(request).map(|body| body.to_string().replace("USERNAME", "nickName").into_bytes()),
            ..request.clone()
        })
    }),
    Fault::instead("locales checked", |request| {
        refuses(request, |body| body["locale"] == "en_US" || body["timezone"] == "Mars/Olympus")
    }),
    Fault::instead("countries checked", |request| {
        refuses(request, |body| body.to_string().contains("\"USA\""))
    }),
    Fault::instead("types of emails checked", |request| {
        refuses(request, |body| body["emails"].to_string().contains("school"))
    }),
    Fault::instead("unknown attributes refused", |request| {
        refuses(request, |body| body.get("shoeSize").is_some())
    }),
    Fault::instead("booleans as texts refused", |request| {
        refuses(request, |body| body["active"].is_string())
    }),
    Fault::answer("emails in lower case", |_, answer| {
        edit_resources(answer, |resource| {
            if let Some(emails) = resource.get_mut("emails") {
                walk(emails, &|value| {
                    if let Value::String(text) = value {
                        *text = text.to_lowercase();
                    }
                });
            }
        });
    }),
    Fault::answer("phone numbers as URIs", |_, answer| {
        edit_resources(answer, |resource| {
            let numbers = resource.get_mut("phoneNumbers").and_then(Value::as_array_mut);
            for number in numbers.into_iter().flatten() {
                if let Some(Value::String(text)) = number.get_mut("value") {
                    text.insert_str(0, "tel:");
                }
            }
        });
    }),
    Fault::answer("an email given twice is kept", |_, answer| {
        edit_resources(answer, |resource| {
            if let Some(Value::Array(emails)) = resource.get_mut("emails")
                && emails.len() == 2
                && emails[0]["value"] == emails[1]["value"]
            {
                emails.push(emails[0].clone());
            }
        });
    }),
    Fault::again("a user needs no name", |request, answer| {
        if !path(request).contains("/Users") {
            return None;
        }
        mended(request, answer, |body| {
            if body.get("userName").is_none_or(|name| name == "" || name.is_null()) {
                body.insert("userName".into(), name());
            }
        })
    }),
    Fault::again("a group needs no name", |request, answer| {
        if !path(request).contains("/Groups") {
            return None;
        }
        mended(request, answer, |body| {
            body.entry("displayName").or_insert_with(name);
        })
    }),
    Fault::again("a required extension may be missing", |request, answer| {
        if !path(request).contains("/Gadgets") {
            return None;
        }
        mended(request, answer, |body| {
            body.insert(
                "schemas".into(),
                json!(["urn:ietf:params:scim:schemas:probe:2.0:Gadget", GADGET_TAG]),
            );
            body.insert(GADGET_TAG.into(), json!({ "tag": "T" }));
        })
    }),
    Fault::again("members that do not fit are left out", |request, answer| {
        mended(request, answer, |body| {
            body.remove("members");
        })
    }),
    Fault::again("the endpoint says what a body is", |request, answer| {
        if !path(request).ends_with("/Users") {
            return None;
        }
        mended(request, answer, |body| {
            if body.get("schemas").is_some_and(|schemas| schemas.to_string().contains("core:2.0:Group")) {
                body.insert("schemas".into(), json!([USER]));
                body.insert("userName".into(), name());
            }
        })
    }),
    Fault::again("unfit values are left out", |request, answer| {
        mended(request, answer, |body| {
            body.retain(|key, value| match key.as_str() {
                "active" => value.is_boolean(),
                "title" => value.is_string(),
                "emails" => value.as_array().is_some_and(|list| list.iter().all(Value::is_object)),
                "name" => value.is_object(),
                _ => true,
            });
        })
    }),
    Fault::again("numbers and times that do not fit are left out", |request, answer| {
        mended(request, answer, |body| {
            if let Some(Value::Object(probe)) = body.get_mut(PROBE) {
                probe.retain(|key, _| !["count", "ratio", "at"].contains(&key.as_str()));
            }
        })
    }),
    Fault::again("anything is base64", |request, answer| {
        mended(request, answer, |body| {
            body.remove("x509Certificates");
        })
    }),
    Fault::again("the last primary counts", |request, answer| {
        mended(request, answer, |body| {
            let emails = body.get_mut("emails").and_then(Value::as_array_mut).into_iter().flatten();
            for email in emails.skip(1) {
                email["primary"] = json!(false);
            }
        })
    }),
    Fault::again("what is immutable is kept by PUT", |request, answer| {
        mended(request, answer, |body| {
            if request.method == "PUT"
                && let Some(Value::Object(probe)) = body.get_mut(PROBE)
            {
                probe.remove("immutableText");
            }
        })
    }),
    Fault::ask("title overlooked by PUT", |request, _| {
        if request.method == "PUT" {
            edit_body(request, |body| {
                if let Value::Object(body) = body {
                    body.remove("title");
                }
            });
        }
    }),
    Fault::ask("PUT keeps what is omitted", |request, _| {
        if request.method == "PUT" {
            edit_body(request, |body| {
                if let Value::Object(body) = body {
                    body.entry("title").or_insert_with(|| json!("T"));
                }
            });
        }
    }),
    Fault::ask("active is true where PUT omits it", |request, _| {
        if request.method == "PUT" && path(request).contains("/Users") {
            edit_body(request, |body| {
                if let Value::Object(body) = body {
                    body.entry("active").or_insert(json!(true));
                }
            });
        }
    }),
    Fault::answer("what may only be written is shown", |request, answer| {
        let written = body(request).and_then(|body| body[PROBE].get("writeOnlyText").cloned());
        if let Some(written) = written {
            edit_resources(answer, |resource| {
                resource.insert("writeOnlyText".into(), written.clone());
            });
        }
    }),
    Fault::answer("groups as the client has them", |request, answer| {
        let groups = body(request).and_then(|body| body.get("groups").cloned());
        if let Some(groups) = groups.filter(|_| is_write(request)) {
            edit_resources(answer, |resource| {
                resource.insert("groups".into(), groups.clone());
            });
        }
    }),
    Fault::answer("meta as the client has it", |request, answer| {
        let meta = body(request).and_then(|body| body.get("meta").cloned()).filter(|_| is_write(request));
        if let Some(Value::Object(forged)) = meta {
            edit_resources(answer, |resource| {
                if let Some(Value::Object(meta)) = resource.get_mut("meta") {
                    meta.extend(forged.clone());
                }
            });
        }
    }),
    Fault::answer("members with the type of the client", |_, answer| {
        edit_resources(answer, |resource| {
            if let Some(Value::Array(members)) = resource.get_mut("members") {
                for member in members {
                    if member["type"] == "User" {
                        member["type"] = json!("Group");
                    }
                }
            }
        });
    }),
    Fault::answer("a manager named by the client", |_, answer| {
        edit_resources(answer, |resource| {
            parts(resource, &|part| {
                if let Some(Value::Object(manager)) = part.get_mut("manager") {
                    manager.insert("displayName".into(), json!("Somebody"));
                }
            });
        });
    }),
    Fault::answer("DELETE answers with the resource", |request, answer| {
        if request.method == "DELETE" && answer.status == 204 {
            answer.status = 200;
            answer.body = b"{}".to_vec();
        }
    }),
    Fault::answer("a second DELETE is done", |request, response| {
        if request.method == "DELETE" && response.status == 404 {
            *response = answer(204, &Value::Null);
        }
    }),
];
