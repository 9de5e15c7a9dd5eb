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
