//! PostgreSQL: JSON as `jsonb`, texts compared in the collation "C".

use std::fmt::Write as _;

use super::{Dialect, JsonPlace, JsonStep, JsonView};
use crate::sql::{Param, Sql};

/// PostgreSQL 15 or newer.
///
/// Every parameter is written with its type, so that nothing depends on what the server would infer. Real
/// numbers travel as text, in [exact](exact_digits) digits, and are compared as `numeric`: a `float8` would not tell
/// apart what a whole number does. The order of JSON values needs the function `scim_number_key`, which
/// the migrations of `scim-postgres` install.
#[derive(Clone, Copy, Debug, Default)]
pub struct Postgres;

impl Dialect for Postgres {
    fn placeholder(&self, number: usize, value: &Param, into: &mut String) {
        let kind = match value {
            Param::Text(_) => "text",
            Param::Int(_) => "bigint",
            Param::Real(_) => "text::numeric",
            Param::Bool(_) => "boolean",
        };
        // Writing to a String cannot fail.
        let _ = write!(into, "${number}::{kind}");
    }

    fn bytewise(&self, text: Sql) -> Sql {
        Sql::template("({}) COLLATE \"C\"", [text])
    }

    fn contains(&self, text: Sql, part: &str) -> Sql {
        Sql::template("strpos({}, {}) > 0", [self.bytewise(text), Sql::text(part)])
    }

    fn starts_with(&self, text: Sql, part: &str) -> Sql {
        Sql::template("starts_with({}, {})", [self.bytewise(text), Sql::text(part)])
    }

    fn ends_with(&self, text: Sql, part: &str) -> Sql {
        let length = Sql::raw(part.chars().count().to_string());
        Sql::template("right({}, {}) = {}", [self.bytewise(text), length, Sql::text(part)])
    }

    fn json(&self, place: &JsonPlace, view: JsonView) -> Sql {
        let value = value(place);
        let kind = format!("jsonb_typeof({value})");
        let text = format!("({value} #>> '{{}}')");
        Sql::raw(match view {
            JsonView::IsText => format!("{kind} = 'string'"),
            JsonView::IsBool => format!("{kind} = 'boolean'"),
            JsonView::IsNumber => format!("{kind} = 'number'"),
            JsonView::IsList => format!("{kind} = 'array'"),
            JsonView::Text => text,
            JsonView::Bool => format!("{value}::boolean"),
            JsonView::Number => format!("{value}::numeric"),
            JsonView::IsPresent => {
                format!("coalesce({value} NOT IN ('null'::jsonb, '[]'::jsonb, '{{}}'::jsonb), FALSE)")
            }
            JsonView::Rank => {
                format!(
                    "CASE {kind} WHEN 'string' THEN 2 WHEN 'number' THEN 1 WHEN 'boolean' THEN 0 ELSE 3 END"
                )
            }
            JsonView::SortValue => format!(
                "(CASE {kind} WHEN 'string' THEN {text} WHEN 'boolean' THEN {text} \
                 WHEN 'number' THEN scim_number_key({value}::numeric) ELSE '' END) COLLATE \"C\""
            ),
        })
    }

    fn elements(&self, list: &JsonPlace, alias: &str) -> Sql {
        let list = value(list);
        Sql::raw(format!(
            "jsonb_array_elements(CASE WHEN jsonb_typeof({list}) = 'array' THEN {list} END) {alias}(value)"
        ))
    }

    fn look_up(&self, from: Option<Sql>, table: &str, alias: &str, on: Sql) -> Sql {
        // A subquery with an OFFSET is planned by itself: it can be neither merged with what is around it
        // nor given conditions from there, so that only this condition chooses the index.
        let rows =
            Sql::template(&format!("(SELECT * FROM {table} {alias} WHERE {{}} OFFSET 0) {alias}"), [on]);
        match from {
            Some(from) => Sql::template("{} CROSS JOIN LATERAL {}", [from, rows]),
            None => rows,
        }
    }

    fn exists(&self, from: Sql, condition: Sql) -> Sql {
        // Without the OFFSET it would become a join, which may begin at the far end.
        Sql::template("EXISTS (SELECT 1 FROM {} WHERE {} OFFSET 0)", [from, condition])
    }

    fn numbered(&self, texts: &[&str], alias: &str) -> Sql {
        let list = serde_json::Value::from(texts).to_string();
        Sql::template(
            &format!("json_array_elements_text({{}}::json) WITH ORDINALITY {alias}(value, key)"),
            [Sql::text(list)],
        )
    }

    fn joined_names(&self, name: &str) -> Sql {
        // Empty names leave no comma behind.
        Sql::raw(format!(
            "CASE WHEN count({name}) > 0 THEN coalesce(string_agg(\
             CASE WHEN length({name}) > 1 AND left({name}, 1) = '\"' AND right({name}, 1) = '\"' \
             THEN {name} \
             WHEN strpos({name}, ',') > 0 OR strpos({name}, '\"') > 0 \
             THEN '\"' || replace({name}, '\"', '\"\"') || '\"' ELSE {name} END, ',' \
             ORDER BY {name} COLLATE \"C\") FILTER (WHERE {name} <> ''), '') END"
        ))
    }

    fn sort_param(&self, value: Param) -> Sql {
        match value {
            Param::Int(_) | Param::Real(_) => Sql::template("scim_number_key({})", [Sql::param(value)]),
            Param::Bool(value) => Sql::text(value.to_string()),
            Param::Text(_) => Sql::param(value),
        }
    }
}

/// The decimal digits of a number: the exact ones from 2^53 on, where whole numbers stand beside it, the
/// shortest ones below.
#[must_use]
pub fn exact_digits(number: f64) -> String {
    if number.abs() >= 9_007_199_254_740_992.0 { format!("{number:.1}") } else { format!("{number:?}") }
}

/// The JSON value at a place, as `jsonb`.
fn value(place: &JsonPlace) -> String {
    match place {
        JsonPlace::Column { column, path } => {
            let mut sql = format!("({column}");
            for step in path {
                match step {
                    JsonStep::First => sql.push_str(" -> 0"),
                    JsonStep::Key(key) => {
                        sql.push_str(" -> ");
                        sql.push_str(&literal(key));
                    }
                }
            }
            sql.push(')');
            sql
        }
        JsonPlace::Element { alias, sub: None } => format!("{alias}.value"),
        JsonPlace::Element { alias, sub: Some(sub) } => format!("({alias}.value -> {})", literal(sub)),
    }
}

/// A text as an SQL literal, whatever `standard_conforming_strings` says.
fn literal(text: &str) -> String {
    let mut sql = String::from(if text.contains('\\') { " E'" } else { "'" });
    for c in text.chars() {
        if matches!(c, '\'' | '\\') {
            sql.push(c);
        }
        sql.push(c);
    }
    sql.push('\'');
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_cannot_leave_their_quotes() {
        let path = vec![JsonStep::Key("it's".into()), JsonStep::First, JsonStep::Key("a\"b\\".into())];
        let place = JsonPlace::Column { column: "r.form".into(), path };
        assert_eq!(value(&place), r#"(r.form -> 'it''s' -> 0 ->  E'a"b\\')"#);
    }

    #[test]
    fn every_parameter_says_its_type() {
        let mut sql = Sql::text("a");
        sql.push(", ")
            .bind(Param::Int(1))
            .push(", ")
            .bind(Param::Real(0.5))
            .push(", ")
            .bind(Param::Bool(true));
        assert_eq!(sql.finish(&Postgres).0, "$1::text, $2::bigint, $3::text::numeric, $4::boolean");
    }

    /// A real number equals the whole number that it is, and no other.
    #[test]
    fn large_numbers_are_written_exactly() {
        assert_eq!(exact_digits(9_007_199_254_740_992.0), "9007199254740992.0");
        assert_eq!(exact_digits(-9_223_372_036_854_775_808.0), "-9223372036854775808.0");
        assert_eq!(exact_digits(0.1), "0.1");
        assert_eq!(exact_digits(1e-7), "1e-7");
    }
}
