//! What an answer has to be, and what about one is not so.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::values::Values;
use crate::http::Response;

/// Stands for any value but null.
const ANY: &str = "${any}";

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    pub(super) status: Status,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) json_pointers: Map<String, Value>,
    #[serde(default)]
    pub(super) absent: Vec<String>,
    #[serde(default)]
    pub(super) empty: Vec<String>,
    #[serde(default)]
    pub(super) lengths: BTreeMap<String, usize>,
    #[serde(default)]
    pub(super) contains: Map<String, Value>,
    #[serde(default)]
    pub(super) not_contains: Map<String, Value>,
    #[serde(default)]
    pub(super) body_contains: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Status {
    One(u16),
    AnyOf(Vec<u16>),
}

impl Expect {
    /// A pointer that can never match would make `absent` hold of anything.
    pub(super) fn check_pointers(&self) -> Result<(), String> {
        match self.pointers().find(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
            Some(pointer) => Err(format!("`{pointer}` is no JSON pointer")),
            None => Ok(()),
        }
    }

    fn pointers(&self) -> impl Iterator<Item = &String> {
        let lists = self.absent.iter().chain(&self.empty).chain(self.lengths.keys());
        lists.chain(self.json_pointers.keys()).chain(self.contains.keys()).chain(self.not_contains.keys())
    }

    /// Everything about the response that is not as expected, a sentence each.
    ///
    /// An unknown placeholder in the expectation is an error of the case.
    pub(super) fn findings(&self, response: &Response, values: &Values<'_>) -> Result<Vec<String>, String> {
        let mut findings = Vec::new();
        self.check_status(response.status, &mut findings);
        self.check_headers(response, values, &mut findings)?;
        if self.pointers().next().is_some() {
            match response.json() {
                Ok(body) => self.check_body(&body, values, &mut findings)?,
                Err(error) => findings.push(format!("the body is not JSON: {error}")),
            }
        }
        let text = response.text();
        for piece in &self.body_contains {
            let piece = values.fill_text(piece)?;
            if !text.contains(&piece) {
                findings.push(format!("body_contains: `{piece}` is nowhere in the body"));
            }
        }
        Ok(findings)
    }

    fn check_status(&self, status: u16, findings: &mut Vec<String>) {
        let expected = match &self.status {
            Status::One(expected) => std::slice::from_ref(expected),
            Status::AnyOf(expected) => expected,
        };
        if !expected.contains(&status) {
            findings.push(format!("status: expected {expected:?}, got {status}"));
        }
    }

    fn check_headers(
        &self,
        response: &Response,
        values: &Values<'_>,
        findings: &mut Vec<String>,
    ) -> Result<(), String> {
        for (name, start) in &self.headers {
            let start = if start == ANY { String::new() } else { values.fill_text(start)? };
            if !response.all(name).any(|value| value.starts_with(&start)) {
                let got = Vec::from_iter(response.all(name));
                findings.push(format!("headers: expected `{name}` to start with {start:?}, got {got:?}"));
            }
        }
        Ok(())
    }

    fn check_body(
        &self,
        body: &Value,
        values: &Values<'_>,
        findings: &mut Vec<String>,
    ) -> Result<(), String> {
        let at = |pointer: &str| body.pointer(pointer).unwrap_or(&Value::Null);
        for (pointer, expected) in &self.json_pointers {
            let (expected, found) = (values.fill(expected)?, at(pointer));
            let matches = if is_any(&expected) { !found.is_null() } else { *found == expected };
            if !matches {
                findings.push(format!("json_pointers: expected {expected} at `{pointer}`, got {found}"));
            }
        }
        for pointer in &self.absent {
            let found = at(pointer);
            if !found.is_null() {
                findings.push(format!("absent: `{pointer}` is {found}"));
            }
        }
        for pointer in &self.empty {
            let found = at(pointer);
            if !is_empty(found) {
                findings.push(format!("empty: `{pointer}` is {found}"));
            }
        }
        for (pointer, expected) in &self.lengths {
            match at(pointer).as_array() {
                Some(elements) if elements.len() == *expected => {}
                Some(elements) => {
                    findings
                        .push(format!("lengths: expected {expected} at `{pointer}`, got {}", elements.len()));
                }
                None => findings.push(format!("lengths: `{pointer}` is {}, no array", at(pointer))),
            }
        }
        for (pointer, expected) in &self.contains {
            let expected = values.fill(expected)?;
            let elements = at(pointer).as_array();
            if !elements.is_some_and(|elements| elements.iter().any(|element| matches(&expected, element))) {
                findings.push(format!("contains: no {expected} at `{pointer}`, which is {}", at(pointer)));
            }
        }
        for (pointer, expected) in &self.not_contains {
            let expected = values.fill(expected)?;
            match at(pointer) {
                Value::Null => {}
                Value::Array(elements) if !elements.iter().any(|element| matches(&expected, element)) => {}
                found => findings.push(format!("not_contains: {expected} at `{pointer}`, which is {found}")),
            }
        }
        Ok(())
    }
}

fn is_any(expected: &Value) -> bool {
    expected.as_str() == Some(ANY)
}

fn is_empty(found: &Value) -> bool {
    match found {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => false,
    }
}

/// Whether an element of an array is meant: an object by the members it has to have, anything else by equality.
fn matches(expected: &Value, element: &Value) -> bool {
    if is_any(expected) {
        return !element.is_null();
    }
    match (expected, element) {
        (Value::Object(members), Value::Object(element)) => members
            .iter()
            .all(|(name, expected)| matches(expected, element.get(name).unwrap_or(&Value::Null))),
        _ => expected == element,
    }
}
