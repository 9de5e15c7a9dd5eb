//! Faults in the representation of resources.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Map, Value, json};

use super::Fault;
use super::edit::{edit, edit_resources, parts, set_header, walk};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Changes the texts of a resource, apart from those the server makes.
fn texts(resource: &mut Map<String, Value>, change: fn(&str) -> String) {
    for (name, value) in resource {
        if ["meta", "schemas", "id"].contains(&name.as_str()) {
            continue;
        }
        walk(value, &|value| {
            if let Value::String(text) = value {
                *text = change(text);
            }
        });
    }
}

/// Changes each list of a resource.
fn lists(resource: &mut Map<String, Value>, change: fn(&mut Vec<Value>)) {
    for (name, value) in resource {
        if let (false, Value::Array(list)) = (name == "schemas", value) {
            change(list);
        }
    }
}

/// Changes `meta`.
fn meta(resource: &mut Map<String, Value>, change: impl Fn(&mut Map<String, Value>)) {
    if let Some(Value::Object(meta)) = resource.get_mut("meta") {
        change(meta);
    }
}

static COUNT: AtomicU64 = AtomicU64::new(0);

/// A tag that was never there before.
fn next_tag() -> String {
    format!("W/\"{}\"", COUNT.fetch_add(1, Ordering::Relaxed))
}

pub(super) const FAULTS: &[Fault] = &[
    Fault::answer("no schemas", |_, answer| {
        edit_resources(answer, |resource| {
            resource.remove("schemas");
        });
    }),
    Fault::answer("an unknown URI in schemas", |_, answer| {
        edit_resources(answer, |resource| {
            if let Some(Value::Array(schemas)) = resource.get_mut("schemas") {
                schemas.push(json!("urn:example:unknown"));
            }
        });
    }),
    Fault::answer("no extension in schemas", |_, answer| {
        edit_resources(answer, |resource| {
            if let Some(Value::Array(schemas)) = resource.get_mut("schemas") {
                schemas.retain(|uri| uri == USER);
            }
        });
    }),
    Fault::answer("no extensions", |_, answer| {
        edit_resources(answer, |resource| resource.retain(|name, _| !name.starts_with("urn:")));
    })
    .broad(),
    Fault::answer("extensions at the top level", |_, answer| {
        edit_resources(answer, |resource| {
            let own: Vec<String> = resource.keys().filter(|name| name.starts_with("urn:")).cloned().collect();
            for name in own {
                if let Some(Value::Object(data)) = resource.remove(&name) {
                    resource.extend(data);
                }
            }
        });
    })
    .broad(),
    Fault::answer("no id", |_, answer| {
        edit_resources(answer, |resource| {
            resource.remove("id");
        });
    })
    .broad(),
    Fault::answer("bulkId in id", |_, answer| {
        edit_resources(answer, |resource| {
            if let Some(Value::String(id)) = resource.get_mut("id") {
                id.insert_str(0, "bulkId");
            }
        });
    })
    .broad(),
    Fault::answer("an id of its own each time", |_, answer| {
        edit_resources(answer, |resource| {
            resource.insert("id".into(), json!(format!("new-{}", COUNT.fetch_add(1, Ordering::Relaxed))));
        });
    })
    .broad(),
    Fault::answer("no meta", |_, answer| {
        edit_resources(answer, |resource| {
            resource.remove("meta");
        });
    })
    .broad(),
    Fault::answer("no meta.location", |_, answer| {
        edit_resources(answer, |resource| {
            meta(resource, |meta| {
                meta.remove("location");
            });
        });
    }),
    Fault::answer("a relative location", |_, answer| {
        edit_resources(answer, |resource| {
            meta(resource, |meta| {
                if let Some(Value::String(location)) = meta.get_mut("location") {
                    *location = location.rsplit('/').next().unwrap_or_default().to_owned();
                }
            });
        });
        if let Some((_, location)) = answer.headers.iter_mut().find(|(name, _)| name == "location") {
            *location = location.rsplit('/').next().unwrap_or_default().to_owned();
        }
    }),
    Fault::answer("another meta.resourceType", |_, answer| {
        edit_resources(answer, |resource| {
            meta(resource, |meta| {
                meta.insert("resourceType".into(), json!("Person"));
            });
        });
    }),
    Fault::answer("times without milliseconds, before their time", |_, answer| {
        edit_resources(answer, |resource| {
            meta(resource, |meta| {
                meta.insert("lastModified".into(), json!("2001-01-01T00:00:00Z"));
            });
        });
    }),
    Fault::answer("created changes", |_, answer| {
        edit_resources(answer, |resource| {
            meta(resource, |meta| {
                let count = COUNT.fetch_add(1, Ordering::Relaxed);
                meta.insert("created".into(), json!(format!("2026-01-01T00:00:00.{count}+01:00")));
            });
        });
    }),
    Fault::answer("no meta.version", |_, answer| {
        edit_resources(answer, |resource| {
            meta(resource, |meta| {
                meta.remove("version");
            });
        });
    }),
    Fault::answer("one version for ever", |_, answer| {
        edit_resources(answer, |resource| {
            meta(resource, |meta| {
                meta.insert("version".into(), json!("W/\"1\""));
            });
        });
        set_header(&mut answer.headers, "ETag", "W/\"1\"");
    }),
    Fault::answer("a new version each time", |_, answer| {
        let tag = next_tag();
        edit_resources(answer, |resource| {
            meta(resource, |meta| {
                meta.insert("version".into(), json!(tag));
            });
        });
        set_header(&mut answer.headers, "ETag", &tag);
    }),
    Fault::answer("a version without W/ in the body", |_, answer| {
        edit_resources(answer, |resource| {
            meta(resource, |meta| {
                meta.insert("version".into(), json!("1"));
            });
        });
    }),
    Fault::answer("nulls for what is not there", |_, answer| {
        edit_resources(answer, |resource| {
            for name in ["title", "name", "groups", "externalId"] {
                resource.entry(name).or_insert(Value::Null);
            }
        });
    })
    .broad(),
    Fault::answer("an externalId for everybody", |_, answer| {
        edit_resources(answer, |resource| {
            resource.entry("externalId").or_insert(json!("made up"));
        });
    }),
    Fault::answer("a password for everybody", |_, answer| {
        edit_resources(answer, |resource| {
            resource.insert("password".into(), json!("*****"));
        });
    }),
    Fault::answer("unknown attributes", |_, answer| {
        edit_resources(answer, |resource| {
            resource.insert("shoeSize".into(), json!(42));
        });
    }),
    Fault::answer("lower case texts", |_, answer| {
        edit_resources(answer, |resource| texts(resource, str::to_lowercase));
    })
    .broad(),
    Fault::answer("ASCII only", |_, answer| {
        edit_resources(answer, |resource| {
            texts(resource, |text| text.chars().filter(char::is_ascii).collect());
        });
    }),
    Fault::answer("texts cut to 8 characters", |_, answer| {
        edit_resources(answer, |resource| texts(resource, |text| text.chars().take(8).collect()));
    })
    .broad(),
    Fault::answer("names as the client spells them", |request, answer| {
        let spelled = request.body.as_deref().is_some_and(|body| body.windows(8).any(|w| w == b"USERNAME"));
        if spelled {
            edit(answer, |body| {
                if let Value::Object(map) = body
                    && let Some(name) = map.remove("userName")
                {
                    map.insert("USERNAME".into(), name);
                }
            });
        }
    }),
    Fault::answer("no title, no displayName", |_, answer| {
        edit_resources(answer, |resource| {
            resource.retain(|name, _| name != "title" && name != "displayName");
        });
    })
    .broad(),
    Fault::answer("no active", |_, answer| {
        edit_resources(answer, |resource| {
            resource.remove("active");
        });
    }),
    Fault::answer("booleans and numbers as texts", |_, answer| {
        edit_resources(answer, |resource| {
            for value in resource.values_mut() {
                walk(value, &|value| {
                    if value.is_boolean() || value.is_number() {
                        *value = json!(value.to_string());
                    }
                });
            }
        });
    }),
    Fault::answer("elements of lists twice", |_, answer| {
        edit_resources(answer, |resource| {
            lists(resource, |list| list.extend(list.first().cloned()));
        });
    })
    .broad(),
    Fault::answer("one element of each list", |_, answer| {
        edit_resources(answer, |resource| lists(resource, |list| list.truncate(1)));
    })
    .broad(),
    Fault::answer("no lists", |_, answer| {
        edit_resources(answer, |resource| {
            resource.retain(|name, value| name == "schemas" || !value.is_array());
        });
    })
    .broad(),
    Fault::answer("no $ref", |_, answer| {
        edit_resources(answer, |resource| {
            parts(resource, &|part| {
                part.remove("$ref");
            });
        });
    }),
    Fault::answer("a $ref that leads nowhere", |_, answer| {
        edit_resources(answer, |resource| {
            parts(resource, &|part| {
                if let Some(Value::String(reference)) = part.get_mut("$ref") {
                    reference.push('0');
                }
            });
        });
    }),
    Fault::answer("no types, displays and primaries in elements", |_, answer| {
        edit_resources(answer, |resource| {
            parts(resource, &|part| {
                part.retain(|name, _| !["type", "display", "primary"].contains(&name.as_str()));
            });
        });
    })
    .broad(),
    Fault::answer("what the client calls things", |_, answer| {
        edit_resources(answer, |resource| {
            parts(resource, &|part| {
                if part.contains_key("$ref") {
                    part.insert("display".into(), json!("X"));
                    part.insert("displayName".into(), json!("Somebody"));
                    part.insert("type".into(), json!("Group"));
                }
            });
        });
    }),
    Fault::answer("the echo of a create", |request, answer| {
        let sent: Option<Value> = request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok());
        if let (201, Some(Value::Object(sent))) = (answer.status, sent) {
            edit_resources(answer, |resource| {
                let (id, meta) = (resource.remove("id"), resource.remove("meta"));
                *resource = sent.clone();
                resource.insert("id".into(), id.unwrap_or_default());
                resource.insert("meta".into(), meta.unwrap_or_default());
            });
        }
    })
    .broad(),
    Fault::answer("no body after a write", |request, answer| {
        if request.method != "GET" && answer.status < 300 {
            answer.body = b"{}".to_vec();
        }
    })
    .broad(),
    Fault::answer("what is returned on request, always", |_, answer| {
        let uri = "urn:ietf:params:scim:schemas:extension:probe:2.0:User";
        edit_resources(answer, |resource| {
            if let Some(Value::Object(probe)) = resource.get_mut(uri) {
                probe.insert("requestText".into(), json!("r"));
                probe.insert("readOnlyText".into(), json!("r"));
            }
        });
    }),
];
