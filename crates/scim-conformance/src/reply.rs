//! An answer, and what a row may expect of it.

use scim_testkit::http::Response;
use serde_json::{Value, json};

use crate::check::{Verdict, wrong};

/// How much of a body a report shows, in characters.
const SHOWN: usize = 500;

/// The URI of an error message.
pub(crate) const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
/// The URI of a list.
pub(crate) const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The answer to one request.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The request, as the report shows it.
    pub(crate) request: String,
    /// The endpoint it went to, such as `/Users`.
    pub(crate) endpoint: String,
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The body, where it is JSON; else null.
    pub(crate) json: Value,
}

impl Reply {
    pub(crate) fn new(request: String, endpoint: String, response: Response) -> Self {
        let json = response.json().unwrap_or_default();
        let Response { status, headers, body } = response;
        Self { request, endpoint, status, headers, body, json }
    }

    /// Ends the check: this answer is not what was expected.
    pub(crate) fn wrong<T>(&self, expected: impl Into<String>) -> Verdict<T> {
        wrong(&self.request, expected, self.shown())
    }

    /// Ends the check unless something holds.
    pub(crate) fn expect(&self, holds: bool, expected: impl Into<String>) -> Verdict<&Self> {
        if holds { Ok(self) } else { self.wrong(expected) }
    }

    fn shown(&self) -> String {
        format!("{} {}", self.status, shorten(&String::from_utf8_lossy(&self.body)))
    }

    /// The answer, if it has this status.
    pub(crate) fn is(self, status: u16) -> Verdict<Self> {
        if self.status == status { Ok(self) } else { self.wrong(format!("status {status}")) }
    }

    /// The answer, if its status is one of these.
    pub(crate) fn any_of(self, statuses: &[u16]) -> Verdict<Self> {
        if statuses.contains(&self.status) {
            Ok(self)
        } else {
            self.wrong(format!("a status of {statuses:?}"))
        }
    }

    /// Expects a SCIM error of this status with this keyword, or without one where it is empty.
    pub(crate) fn refuses(&self, status: u16, scim_type: &str) -> Verdict {
        let keyword = self.json["scimType"].as_str().unwrap_or_default();
        let code = status.to_string();
        let is_error = self.json["schemas"] == json!([ERROR]) && self.json["status"] == code;
        if self.status == status && is_error && keyword == scim_type {
            return Ok(());
        }
        let wanted = if scim_type.is_empty() { "no scimType" } else { scim_type };
        self.wrong(format!("a SCIM error with status {status} and {wanted}"))
    }

    /// Expects the same resource as in another answer. The version may differ: a server may raise it for
    /// what others have changed meanwhile.
    pub(crate) fn same_as(&self, other: &Self) -> Verdict {
        let without_version = |reply: &Self| {
            let mut json = reply.json.clone();
            if let Some(meta) = json.get_mut("meta").and_then(Value::as_object_mut) {
                meta.remove("version");
            }
            json
        };
        let same = without_version(self) == without_version(other);
        self.expect(same, format!("the same as before, {}", shorten(&other.json.to_string())))?;
        Ok(())
    }

    /// Expects exactly this value at a JSON pointer.
    pub(crate) fn shows(&self, pointer: &str, value: impl Into<Value>) -> Verdict<&Self> {
        let value = value.into();
        self.expect(self.json.pointer(pointer) == Some(&value), format!("{pointer} = {value}"))
    }

    /// Expects nothing at a JSON pointer.
    pub(crate) fn lacks(&self, pointer: &str) -> Verdict<&Self> {
        self.expect(self.json.pointer(pointer).is_none(), format!("no {pointer}"))
    }

    /// Expects something at a JSON pointer, not null.
    pub(crate) fn has(&self, pointer: &str) -> Verdict<&Value> {
        match self.json.pointer(pointer) {
            Some(value) if !value.is_null() => Ok(value),
            _ => self.wrong(format!("a value at {pointer}")),
        }
    }

    /// The text at a JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> Verdict<&str> {
        match self.json.pointer(pointer).and_then(Value::as_str) {
            Some(text) => Ok(text),
            None => self.wrong(format!("a string at {pointer}")),
        }
    }

    /// The list at a JSON pointer; empty where there is nothing.
    pub(crate) fn list(&self, pointer: &str) -> &[Value] {
        self.json.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Expects a header.
    pub(crate) fn needs_header(&self, name: &str) -> Verdict<&str> {
        match self.header(name) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => self.wrong(format!("a header {name}")),
        }
    }

    /// The id of the resource.
    pub(crate) fn id(&self) -> Verdict<&str> {
        self.text("/id")
    }

    /// The path of the resource below the base URL, such as `/Users/1`.
    pub(crate) fn path(&self) -> Verdict<String> {
        Ok(format!("{}/{}", self.endpoint, crate::call::encode(self.id()?)))
    }

    /// The ids of a list, sorted.
    pub(crate) fn ids(&self) -> Verdict<Vec<String>> {
        let mut ids = self.ids_in_order()?;
        ids.sort_unstable();
        Ok(ids)
    }

    /// The ids of a list, as they come.
    pub(crate) fn ids_in_order(&self) -> Verdict<Vec<String>> {
        if self.status != 200 {
            return self.wrong("status 200 with a list");
        }
        self.list("/Resources")
            .iter()
            .map(|resource| match resource["id"].as_str() {
                Some(id) => Ok(id.to_owned()),
                None => self.wrong("an id in each entry"),
            })
            .collect()
    }

    /// Expects a list of exactly these resources, in any order.
    pub(crate) fn lists(&self, ids: &[&str]) -> Verdict<&Self> {
        let mut wanted: Vec<&str> = ids.to_vec();
        wanted.sort_unstable();
        let found = self.ids()?;
        let is_total = self.json["totalResults"] == wanted.len();
        self.expect(found == wanted && is_total, format!("a list of exactly the ids {wanted:?}"))
    }
}

/// The beginning of a text.
pub(crate) fn shorten(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}
