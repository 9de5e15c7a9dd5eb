//! Faults in lists.

use serde_json::{Value, json};

use super::Fault;
use super::edit::{edit, edit_list, entries};

pub(super) const FAULTS: &[Fault] = &[
    Fault::answer("totalResults counts the page", |_, answer| {
        edit_list(answer, |list| {
            let count = entries(list).map_or(0, |entries| entries.len());
            list.insert("totalResults".into(), json!(count));
        });
    }),
    Fault::answer("totalResults as a text", |_, answer| {
        edit_list(answer, |list| {
            let total = list["totalResults"].to_string();
            list.insert("totalResults".into(), json!(total));
        });
    })
    .broad(),
    Fault::answer("totalResults one too many", |_, answer| {
        edit_list(answer, |list| {
            let total = list["totalResults"].as_u64().unwrap_or_default();
            list.insert("totalResults".into(), json!(total + 1));
        });
    })
    .broad(),
    Fault::answer("no startIndex, no itemsPerPage", |_, answer| {
        edit_list(answer, |list| list.retain(|name, _| name != "startIndex" && name != "itemsPerPage"));
    }),
    Fault::answer("itemsPerPage is the total", |_, answer| {
        edit_list(answer, |list| {
            list.insert("itemsPerPage".into(), list["totalResults"].clone());
        });
    }),
    Fault::answer("startIndex from 0", |_, answer| {
        edit_list(answer, |list| {
            let start = list.get("startIndex").and_then(Value::as_u64).unwrap_or(1);
            list.insert("startIndex".into(), json!(start.saturating_sub(1)));
        });
    }),
    Fault::answer("lists without schemas", |_, answer| {
        edit_list(answer, |list| {
            list.remove("schemas");
        });
    }),
    Fault::answer("lists as bare arrays", |_, answer| {
        edit(answer, |body| {
            if let Some(entries) = body.get_mut("Resources") {
                *body = entries.take();
            }
        });
    })
    .broad(),
    Fault::answer("lists backwards", |_, answer| {
        edit_list(answer, |list| {
            if let Some(entries) = entries(list) {
                entries.reverse();
            }
        });
    }),
    Fault::answer("the first entry twice", |_, answer| {
        edit_list(answer, |list| {
            if let Some(entries) = entries(list) {
                entries.extend(entries.first().cloned());
            }
        });
    })
    .broad(),
    Fault::answer("the last entry lost", |_, answer| {
        edit_list(answer, |list| {
            if let Some(entries) = entries(list) {
                entries.pop();
            }
        });
    })
    .broad(),
    Fault::answer("no entries", |_, answer| {
        edit_list(answer, |list| {
            list.remove("Resources");
        });
    })
    .broad(),
    Fault::answer("entries of nothing but ids", |_, answer| {
        edit_list(answer, |list| {
            for entry in entries(list).into_iter().flatten() {
                *entry = json!({ "id": entry["id"] });
            }
        });
    })
    .broad(),
];
