//! SQLite: JSON in its binary form, texts compared by the collation BINARY.

use std::fmt::Write as _;

use super::{Dialect, JsonPlace, JsonStep, JsonView};
use crate::sql::{Param, Sql};

/// SQLite 3.51 or newer.
///
/// No `LIKE`, which would fold letters; beginnings and ends are compared as blobs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sqlite;

impl Dialect for Sqlite {
    fn placeholder(&self, number: usize, _value: &Param, into: &mut String) {
        // Writing to a String cannot fail.
        let _ = write!(into, "?{number}");
    }

    fn bytewise(&self, text: Sql) -> Sql {
        text
    }

    fn contains(&self, text: Sql, part: &str) -> Sql {
        Sql::template("instr({}, {}) > 0", [text, Sql::text(part)])
    }

    fn starts_with(&self, text: Sql, part: &str) -> Sql {
        let length = Sql::int(i64::try_from(part.len()).unwrap_or(i64::MAX));
        part_is(Sql::template("substr(CAST({} AS BLOB), 1, {})", [text.clone(), length]), text, part)
    }

    fn ends_with(&self, text: Sql, part: &str) -> Sql {
        let length = Sql::int(-i64::try_from(part.len()).unwrap_or(i64::MAX));
        part_is(Sql::template("substr(CAST({} AS BLOB), {})", [text.clone(), length]), text, part)
    }

    fn json(&self, place: &JsonPlace, view: JsonView) -> Sql {
        let (kind, value) = match place {
            JsonPlace::Element { alias, sub: None } => (format!("{alias}.type"), format!("{alias}.value")),
            JsonPlace::Element { alias, sub: Some(sub) } => {
                // Of other elements `value` is no JSON.
                let object = format!("CASE WHEN {alias}.type = 'object' THEN {alias}.value END");
                let path = path([&JsonStep::Key(sub.clone())]);
                (format!("json_type({object}, {path})"), format!("json_extract({object}, {path})"))
            }
            JsonPlace::Column { column, path: steps } => {
                let path = path(steps);
                (format!("json_type({column}, {path})"), format!("json_extract({column}, {path})"))
            }
        };
        Sql::raw(match view {
            JsonView::IsText => format!("{kind} = 'text'"),
            JsonView::IsBool => format!("{kind} IN ('true', 'false')"),
            JsonView::IsNumber => format!("{kind} IN ('integer', 'real')"),
            JsonView::IsList => format!("{kind} = 'array'"),
            JsonView::Text | JsonView::Bool | JsonView::Number => value,
            JsonView::IsPresent => {
                let length = match place {
                    JsonPlace::Element { sub: None, alias } => format!("json_array_length({alias}.value)"),
                    _ => value.replacen("json_extract", "json_array_length", 1),
                };
                let text = match place {
                    JsonPlace::Element { sub: None, alias } => format!("json({alias}.value)"),
                    _ => value,
                };
                format!(
                    "CASE {kind} WHEN 'null' THEN FALSE WHEN 'array' THEN {length} > 0 \
                     WHEN 'object' THEN {text} <> '{{}}' ELSE {kind} IS NOT NULL END"
                )
            }
            JsonView::Rank => format!(
                "CASE {kind} WHEN 'text' THEN 2 WHEN 'integer' THEN 1 WHEN 'real' THEN 1 \
                 WHEN 'true' THEN 0 WHEN 'false' THEN 0 ELSE 3 END"
            ),
            JsonView::SortValue => format!(
                "CASE WHEN {kind} IN ('text', 'integer', 'real', 'true', 'false') THEN {value} ELSE '' END"
            ),
        })
    }

    fn elements(&self, list: &JsonPlace, alias: &str) -> Sql {
        Sql::raw(match list {
            JsonPlace::Column { column, path: steps } => {
                format!("jsonb_each({column}, {}) {alias}", path(steps))
            }
            JsonPlace::Element { alias: outer, sub } => {
                let object = format!("CASE WHEN {outer}.type = 'object' THEN {outer}.value END");
                let steps: Vec<JsonStep> = sub.iter().cloned().map(JsonStep::Key).collect();
                format!("jsonb_each({object}, {}) {alias}", path(&steps))
            }
        })
    }

    fn look_up(&self, from: Option<Sql>, table: &str, alias: &str, on: Sql) -> Sql {
        match from {
            // SQLite never reorders a CROSS JOIN.
            Some(from) => Sql::template(&format!("{{}} CROSS JOIN {table} {alias} ON {{}}"), [from, on]),
            None => Sql::template(&format!("(SELECT * FROM {table} {alias} WHERE {{}}) {alias}"), [on]),
        }
    }

    fn numbered(&self, texts: &[&str], alias: &str) -> Sql {
        let list = serde_json::Value::from(texts).to_string();
        Sql::template(&format!("json_each({{}}) {alias}"), [Sql::text(list)])
    }

    fn joined_names(&self, name: &str) -> Sql {
        // Empty names leave no comma behind.
        Sql::raw(format!(
            "CASE WHEN count({name}) > 0 THEN coalesce(group_concat(\
             CASE WHEN length({name}) > 1 AND substr({name}, 1, 1) = '\"' AND substr({name}, -1) = '\"' \
             THEN {name} \
             WHEN instr({name}, ',') OR instr({name}, '\"') \
             THEN '\"' || replace({name}, '\"', '\"\"') || '\"' ELSE {name} END, ',' ORDER BY {name}) \
             FILTER (WHERE {name} <> ''), '') END"
        ))
    }
}

/// Whether a part of a text, as a blob, is the one that is asked for.
fn part_is(taken: Sql, text: Sql, part: &str) -> Sql {
    if part.is_empty() {
        // `substr` counts from the end only below zero.
        return Sql::template("{} IS NOT NULL", [text]);
    }
    // Of an empty blob `substr` makes null.
    Sql::template("coalesce({}, x'') = CAST({} AS BLOB)", [taken, Sql::text(part)])
}

/// A JSON path as an SQL literal; every key is quoted.
fn path<'s>(steps: impl IntoIterator<Item = &'s JsonStep>) -> String {
    let mut path = String::from("'$");
    for step in steps {
        match step {
            JsonStep::First => path.push_str("[0]"),
            JsonStep::Key(key) => {
                path.push_str(".\"");
                for c in key.chars() {
                    match c {
                        '\'' => path.push_str("''"),
                        '"' | '\\' => path.extend(['\\', c]),
                        _ => path.push(c),
                    }
                }
                path.push('"');
            }
        }
    }
    path.push('\'');
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_cannot_leave_their_quotes() {
        let steps = [JsonStep::Key("it's".into()), JsonStep::First, JsonStep::Key("a\"b\\".into())];
        assert_eq!(path(&steps), r#"'$."it''s"[0]."a\"b\\"'"#);
    }
}
