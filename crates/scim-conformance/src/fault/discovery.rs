//! Faults in what a server says of itself.

use serde_json::{Value, json};

use super::Fault;
use super::edit::{answer, drop_parameter, edit, edit_list, entries, is_discovery, objects, path, walk};

/// Changes each published attribute.
fn attributes(body: &mut Value, change: fn(&mut serde_json::Map<String, Value>)) {
    walk(body, &|value| {
        if let Value::Object(map) = value
            && map.contains_key("multiValued")
        {
            change(map);
        }
    });
}

pub(super) const FAULTS: &[Fault] = &[
    Fault::ask("filters on discovery overlooked", |request, _| {
        if is_discovery(request) {
            drop_parameter(request, "filter");
        }
    }),
    Fault::answer("discovery can be written", |request, response| {
        if is_discovery(request) && response.status == 405 {
            *response = answer(200, &json!({}));
        }
    }),
    Fault::answer("discovery is paged", |request, response| {
        if is_discovery(request) && request.target.contains("count=") {
            edit_list(response, |list| {
                if let Some(entries) = entries(list) {
                    entries.truncate(1);
                }
            });
        }
    }),
    Fault::answer("discovery without meta", |request, response| {
        if is_discovery(request) {
            edit(response, |body| {
                walk(body, &|value| {
                    if let Value::Object(map) = value {
                        map.remove("meta");
                    }
                });
            });
        }
    }),
    Fault::answer("discovery without schemas", |request, response| {
        if is_discovery(request) {
            edit(response, |body| {
                walk(body, &|value| {
                    if let Value::Object(map) = value {
                        map.remove("schemas");
                    }
                });
            });
        }
    }),
    Fault::answer("a configuration without booleans", |request, response| {
        if path(request).ends_with("Config") {
            edit(response, |body| {
                walk(body, &|value| {
                    if value.is_boolean() {
                        *value = json!(value.to_string());
                    }
                });
            });
        }
    }),
    Fault::answer("a configuration without numbers", |request, response| {
        if path(request).ends_with("Config") {
            edit(response, |body| {
                walk(body, &|value| {
                    if value.is_number() {
                        *value = json!(value.to_string());
                    }
                });
            });
        }
    }),
    Fault::answer("authentication schemes without type", |request, response| {
        if path(request).ends_with("Config") {
            edit(response, |body| {
                for scheme in objects(body, "authenticationSchemes") {
                    scheme.remove("type");
                }
            });
        }
    }),
    Fault::answer("the configuration in a list", |request, response| {
        if path(request).ends_with("Config") {
            edit(response, |body| *body = json!({ "totalResults": 1, "Resources": [body] }));
        }
    }),
    Fault::answer("attributes without characteristics", |request, response| {
        if is_discovery(request) {
            edit(response, |body| attributes(body, |attribute| attribute.retain(|name, _| name == "name")));
        }
    }),
    Fault::answer("attributes without parts", |request, response| {
        if is_discovery(request) {
            edit(response, |body| {
                attributes(body, |attribute| {
                    attribute.remove("subAttributes");
                    attribute.remove("referenceTypes");
                });
            });
        }
    }),
    Fault::answer("complex attributes within complex ones", |request, response| {
        if is_discovery(request) {
            edit(response, |body| {
                attributes(body, |attribute| {
                    attribute.insert("type".into(), json!("complex"));
                });
            });
        }
    }),
    Fault::answer("names with blanks", |request, response| {
        if is_discovery(request) {
            edit(response, |body| {
                attributes(body, |attribute| {
                    attribute.insert("name".into(), json!("first name"));
                });
            });
        }
    }),
    Fault::answer("attributes that nobody keeps", |request, response| {
        if is_discovery(request) {
            edit(response, |body| {
                walk(body, &|value| {
                    if let Some(Value::Array(attributes)) = value.get_mut("attributes") {
                        attributes.push(json!({
                            "name": "shoeSize", "type": "string", "multiValued": false, "required": false,
                            "caseExact": false, "mutability": "readWrite", "returned": "default",
                            "uniqueness": "none",
                        }));
                    }
                });
            });
        }
    }),
    Fault::answer("a schema for each message", |request, response| {
        if is_discovery(request) {
            edit_list(response, |list| {
                let uri = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
                if let Some(entries) = entries(list) {
                    entries.push(json!({ "id": uri, "name": "ListResponse", "endpoint": "/None" }));
                }
            });
        }
    }),
    Fault::answer("resource types of other names", |request, response| {
        if path(request).contains("/ResourceTypes") {
            edit(response, |body| {
                walk(body, &|value| {
                    if let Some(Value::String(name)) = value.get_mut("name") {
                        name.push_str("Type");
                    }
                });
            });
        }
    }),
    Fault::answer("endpoints that are not there", |request, response| {
        if path(request).contains("/ResourceTypes") {
            edit(response, |body| {
                walk(body, &|value| {
                    if let Some(Value::String(endpoint)) = value.get_mut("endpoint") {
                        endpoint.push_str("List");
                    }
                });
            });
        }
    }),
    Fault::instead("no single schema", |request| {
        path(request).contains("/Schemas/").then(|| answer(404, &Value::Null))
    }),
    Fault::answer("any schema there is", |request, response| {
        if path(request).contains("/Schemas/") && response.status == 404 {
            *response = answer(200, &json!({}));
        }
    }),
];
