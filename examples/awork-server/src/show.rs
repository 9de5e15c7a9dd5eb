//! What an order comes to, as text for people: a table for a list, a line for each member of an object.

use serde_json::{Map, Value};

/// The text.
pub(crate) fn text(told: &Value) -> String {
    let mut text = String::new();
    match told {
        Value::Null => text.push_str("done\n"),
        Value::Array(rows) => table(rows, &mut text),
        Value::Object(members) => lines(members, &mut text),
        other => text.push_str(&format!("{}\n", cell(other))),
    }
    text
}

/// The entries of a log, one in a line.
pub(crate) fn json_lines(told: &Value) -> String {
    told["entries"].as_array().into_iter().flatten().map(|entry| format!("{entry}\n")).collect()
}

/// The entries of a log for people: a line for each, and below it what it says in detail.
pub(crate) fn log_text(told: &Value) -> String {
    let entries = told["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut text: String = entries.iter().map(log_entry).collect();
    if entries.is_empty() {
        text.push_str("none\n");
    }
    if let Some(next) = told["next"].as_u64() {
        text.push_str(&format!("older ones: --before {next}\n"));
    }
    text
}

fn log_entry(entry: &Value) -> String {
    let word = |key: &str| entry.get(key).filter(|value| !value.is_null()).map(cell);
    let mut line: Vec<String> = Vec::new();
    line.extend(["time", "workspace", "outcome"].into_iter().filter_map(word));
    line.extend(entry["refusal"]["status"].as_u64().map(|status| status.to_string()));
    line.extend(["operation", "resourceType"].into_iter().filter_map(word));
    line.extend(word("name").or_else(|| word("resource")));
    line.extend(word("by").map(|by| format!("by {by}")));
    line.extend(word("provider").map(|provider| format!("from {provider}")));
    line.extend(word("traceId").filter(|id| !id.is_empty()).map(|id| format!("trace id {id}")));
    let mut text = format!("{}\n", line.join("  "));
    let mut below = |more: String| text.push_str(&format!("    {more}\n"));
    for change in entry["changes"].as_array().into_iter().flatten() {
        let person = change.get("person").map(|person| format!("{}: ", cell(person))).unwrap_or_default();
        let [attribute, old, new] = ["attribute", "old", "new"].map(|key| cell(&change[key]));
        below(format!("{person}{attribute}: {old} -> {new}"));
    }
    entry["warnings"].as_array().into_iter().flatten().for_each(|warning| below(cell(warning)));
    if let Some(fired) = word("tolerances") {
        below(format!("tolerated: {fired}"));
    }
    if let Some(detail) = entry["refusal"].get("detail") {
        below(cell(detail));
    }
    if let Some(count) = entry["sum"]["count"].as_u64() {
        below(format!("{count} of them"));
    }
    text
}

fn lines(members: &Map<String, Value>, text: &mut String) {
    let width = members.keys().map(|key| key.chars().count()).max().unwrap_or(0);
    // Lists come last, so that the rest stands together.
    let is_list = |value: &Value| matches!(value, Value::Array(rows) if rows.iter().any(Value::is_object));
    for (key, value) in members.iter().filter(|(_, value)| !is_list(value)) {
        match value {
            Value::Array(items) if items.iter().any(|item| cell(item).chars().count() > 40) => {
                text.push_str(&format!("{}\n", title(key)));
                items.iter().for_each(|item| text.push_str(&format!("  - {}\n", cell(item))));
            }
            value => text.push_str(&format!("{:width$}  {}\n", title(key), cell(value))),
        }
    }
    for (key, value) in members.iter().filter(|(_, value)| is_list(value)) {
        text.push_str(&format!("\n{}\n", title(key)));
        if let Value::Array(rows) = value {
            table(rows, text);
        }
    }
}

fn table(rows: &[Value], text: &mut String) {
    let mut heads: Vec<&str> = Vec::new();
    for key in rows.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if !heads.contains(&key.as_str()) {
            heads.push(key);
        }
    }
    if heads.is_empty() {
        text.push_str(if rows.is_empty() { "none\n" } else { "" });
        rows.iter().for_each(|row| text.push_str(&format!("{}\n", cell(row))));
        return;
    }
    let body = rows.iter().map(|row| heads.iter().map(|head| cell(&row[*head])).collect::<Vec<_>>());
    let all: Vec<Vec<String>> =
        std::iter::once(heads.iter().map(|head| title(head)).collect()).chain(body).collect();
    let width = |at: usize| all.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    for row in &all {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}", width = *width)).collect();
        text.push_str(&format!("  {}\n", cells.join("  ").trim_end()));
    }
}

fn title(key: &str) -> String {
    key.replace('_', " ")
}

/// A value in a line. Control characters of names would move the cursor of a terminal.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => "-".to_owned(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let parts = members.iter().map(|(key, value)| format!("{} {}", title(key), cell(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
        Value::Number(number) => number.to_string(),
    };
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// D-83, D-85: what support reads of a refusal and of a change.
    #[test]
    fn the_log_for_people() {
        let told = json!({ "next": 7, "entries": [
            { "time": "T", "outcome": "refused", "operation": "create", "resourceType": "User", "name": "a@b.c",
              "provider": "okta", "traceId": "t1", "warnings": [], "sum": { "count": 3 },
              "refusal": { "status": 400, "detail": "bad\u{1b}" } },
            { "time": "T", "outcome": "warned", "operation": "update", "resource": "u", "by": "operator",
              "traceId": "t2", "warnings": ["odd"], "tolerances": ["opCase"],
              "changes": [{ "attribute": "title", "old": null, "new": "Dr." }] },
        ] });
        assert_eq!(
            log_text(&told),
            "T  refused  400  create  User  a@b.c  from okta  trace id t1\n    bad \n    3 of them\n\
             T  warned  update  u  by operator  trace id t2\n    title: - -> Dr.\n    odd\n    tolerated: opCase\n\
             older ones: --before 7\n"
        );
        assert_eq!(log_text(&json!({ "entries": [], "next": null })), "none\n");
        assert_eq!(json_lines(&json!({ "entries": [1, { "a": 2 }] })), "1\n{\"a\":2}\n");
    }

    #[test]
    fn what_people_read() {
        assert_eq!(text(&Value::Null), "done\n");
        assert_eq!(text(&json!([])), "none\n");
        let roles = json!([{ "name": "User", "is_admin": false }, { "name": "A\u{1b}", "is_admin": true }]);
        assert_eq!(text(&roles), "  is admin  name\n  no        User\n  yes       A\n");
        let shown = json!({ "name": "acme", "subdomain": null, "teams": [{ "name": "Ops" }], "seats": { "used": 3 } });
        assert_eq!(
            text(&shown),
            "name       acme\nseats      used 3\nsubdomain  -\n\nteams\n  name\n  Ops\n"
        );
    }
}
