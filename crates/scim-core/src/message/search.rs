//! Queries: the parameters of a GET, or the body of a POST to `.search`.

use serde_json::{Map, Value};

use crate::intake::check_keys;
use crate::problem::{Problem, ScimType};
use crate::schema::urn;
use crate::schema_error::quote;

/// What a query asks for, by GET or POST ([RFC 7644 §3.4.2], [§3.4.3]).
///
/// [RFC 7644 §3.4.2]: https://www.rfc-editor.org/rfc/rfc7644#section-3.4.2
/// [§3.4.3]: https://www.rfc-editor.org/rfc/rfc7644#section-3.4.3
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SearchRequest {
    /// The filter, as sent.
    pub filter: Option<String>,
    /// The attribute to sort by.
    pub sort_by: Option<String>,
    /// `ascending` or `descending`.
    pub sort_order: Option<String>,
    /// The number of the first result, from 1; what is below counts as 1.
    pub start_index: Option<i64>,
    /// How many results at most; what is below 0 counts as 0.
    pub count: Option<i64>,
    /// The cursor of RFC 9865; empty to start a walk.
    pub cursor: Option<String>,
    /// What to show, names separated by commas.
    pub attributes: Option<String>,
    /// What not to show, likewise.
    pub excluded_attributes: Option<String>,
}

impl SearchRequest {
    /// Takes one parameter of a URL; unknown ones are ignored (7644-3.4.2-06).
    ///
    /// # Errors
    ///
    /// Returns 400 `invalidValue` for a number that is none.
    pub fn set_parameter(&mut self, name: &str, value: &str) -> Result<(), Problem> {
        match name.to_ascii_lowercase().as_str() {
            "filter" => self.filter = Some(value.to_owned()),
            "sortby" => self.sort_by = Some(value.to_owned()),
            "sortorder" => self.sort_order = Some(value.to_owned()),
            "startindex" => self.start_index = Some(parse_number("startIndex", value)?),
            "count" => self.count = Some(parse_number("count", value)?),
            "cursor" => self.cursor = Some(value.to_owned()),
            "attributes" => join(&mut self.attributes, value),
            "excludedattributes" => join(&mut self.excluded_attributes, value),
            _ => {}
        }
        Ok(())
    }

    /// Reads the body of a `.search` (7644-3.4.3-02, 7644-3.4.3-03).
    ///
    /// # Errors
    ///
    /// Returns 400 `invalidSyntax` when the body is no SearchRequest, and `invalidValue` when a
    /// member has the wrong type; `invalidCount` for a count beside a cursor (9865-2.1-03).
    pub fn from_body(body: &Map<String, Value>) -> Result<Self, Problem> {
        let mut search = Self::default();
        let mut announced = false;
        let walks = body.iter().any(|(key, value)| key.eq_ignore_ascii_case("cursor") && !value.is_null());
        check_keys("the query", body)
            .map_err(|finding| Problem::bad_request(finding.scim_type, finding.message))?;
        for (key, value) in body {
            match (key.to_ascii_lowercase().as_str(), value) {
                ("schemas", Value::Array(uris)) => {
                    announced = uris.iter().any(|uri| {
                        uri.as_str().is_some_and(|uri| uri.eq_ignore_ascii_case(urn::SEARCH_REQUEST))
                    });
                }
                (_, Value::Null) => {}
                ("filter", value) => search.filter = Some(text("filter", value)?),
                ("sortby", value) => search.sort_by = Some(text("sortBy", value)?),
                ("sortorder", value) => search.sort_order = Some(text("sortOrder", value)?),
                ("cursor", value) => search.cursor = Some(text("cursor", value)?),
                ("startindex", value) => search.start_index = Some(number("startIndex", value)?),
                ("count", value) => {
                    search.count = Some(number("count", value).map_err(|problem| problem.of_count(walks))?);
                }
                ("attributes", value) => search.attributes = Some(names("attributes", value)?),
                ("excludedattributes", value) => {
                    search.excluded_attributes = Some(names("excludedAttributes", value)?);
                }
                _ => {}
            }
        }
        if announced {
            Ok(search)
        } else {
            let message = format!("`schemas` of a query by POST must be [\"{}\"]", urn::SEARCH_REQUEST);
            Err(Problem::bad_request(ScimType::InvalidSyntax, message))
        }
    }
}

impl Problem {
    /// The same about a count: in a walk by cursor it has a keyword of its own (9865-2.1-03).
    #[must_use]
    pub fn of_count(self, walks: bool) -> Self {
        if walks { Self { scim_type: Some(ScimType::InvalidCount), ..self } } else { self }
    }
}

fn bad(name: &str, expected: &str, found: &impl std::fmt::Display) -> Problem {
    Problem::bad_request(ScimType::InvalidValue, format!("`{name}` must be {expected}, not {}", quote(found)))
}

fn join(list: &mut Option<String>, value: &str) {
    match list {
        Some(list) => {
            list.push(',');
            list.push_str(value);
        }
        None => *list = Some(value.to_owned()),
    }
}

/// A whole number of any size; what does not fit is as good as the largest one.
fn parse_number(name: &str, value: &str) -> Result<i64, Problem> {
    let text = value.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad(name, "a whole number", &value));
    }
    Ok(text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

fn number(name: &str, value: &Value) -> Result<i64, Problem> {
    let beyond = || value.is_u64().then_some(i64::MAX);
    value.as_i64().or_else(beyond).ok_or_else(|| bad(name, "a whole number", value))
}

fn text(name: &str, value: &Value) -> Result<String, Problem> {
    value.as_str().map(str::to_owned).ok_or_else(|| bad(name, "a string", value))
}

fn names(name: &str, value: &Value) -> Result<String, Problem> {
    match value {
        Value::String(names) => Ok(names.clone()),
        Value::Array(names) if names.iter().all(Value::is_string) => {
            Ok(names.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","))
        }
        other => Err(bad(name, "a list of strings", other)),
    }
}
