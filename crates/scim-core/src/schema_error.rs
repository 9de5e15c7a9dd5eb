//! What is wrong with a body or a PATCH, seen from the schema: all findings, not only the first.

use std::fmt;

use crate::problem::{Problem, ScimType};

/// How many findings a message spells out.
const SPELLED_OUT: usize = 8;

/// One fault: where, what, and what would be right.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// The keyword of the fault.
    pub scim_type: ScimType,
    /// The text for the provider's admin, naming attribute and value.
    pub message: String,
}

impl Finding {
    pub(crate) fn new(scim_type: ScimType, message: impl Into<String>) -> Self {
        Self { scim_type, message: message.into() }
    }

    pub(crate) fn value(path: &str, message: impl fmt::Display) -> Self {
        Self::new(ScimType::InvalidValue, format!("`{path}` {message}"))
    }

    pub(crate) fn mutability(path: &str, message: impl fmt::Display) -> Self {
        Self::new(ScimType::Mutability, format!("`{path}` {message}"))
    }

    pub(crate) fn syntax(message: impl Into<String>) -> Self {
        Self::new(ScimType::InvalidSyntax, message)
    }
}

/// Why a body or PATCH does not fit the schema. It holds at least one [`Finding`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}", self.detail())]
pub struct SchemaError {
    findings: Vec<Finding>,
}

impl SchemaError {
    /// The findings, in the order of the body.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The error of some findings, if there are any.
    pub(crate) fn check(findings: Vec<Finding>) -> Result<(), Self> {
        if findings.is_empty() { Ok(()) } else { Err(Self { findings }) }
    }

    /// As an answer: the keyword of the first finding, the text of all.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let scim_type = self.findings.first().map_or(ScimType::InvalidValue, |finding| finding.scim_type);
        Problem::bad_request(scim_type, self.detail())
    }

    fn detail(&self) -> String {
        let mut detail = String::new();
        for (i, finding) in self.findings.iter().take(SPELLED_OUT).enumerate() {
            if i > 0 {
                detail.push_str("; ");
            }
            detail.push_str(&finding.message);
        }
        if self.findings.len() > SPELLED_OUT {
            detail.push_str(&format!("; and {} more", self.findings.len() - SPELLED_OUT));
        }
        detail
    }
}

impl From<Finding> for SchemaError {
    fn from(finding: Finding) -> Self {
        Self { findings: vec![finding] }
    }
}

/// A value as it may stand in a message: short, on one line.
pub(crate) fn quote(value: &impl fmt::Display) -> String {
    let mut short = Short { text: String::from("`"), left: LONGEST_QUOTE };
    // The only error is that the quote is full; what is printed beyond that is of no use.
    if fmt::write(&mut short, format_args!("{value}")).is_err() {
        short.text.push('…');
    }
    short.text.push('`');
    short.text
}

/// How many characters of a value a message shows.
const LONGEST_QUOTE: usize = 80;

/// Takes the beginning of what is printed, and then refuses more, however long it is.
struct Short {
    text: String,
    left: usize,
}

impl fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(if c.is_control() { ' ' } else { c });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_short_and_on_one_line() {
        assert_eq!(quote(&"a\nb"), "`a b`");
        let (fits, longer) = ("ä".repeat(80), "ä".repeat(81));
        assert_eq!(quote(&fits), format!("`{fits}`"));
        assert_eq!(quote(&longer), format!("`{fits}…`"));
        assert_eq!(quote(&serde_json::json!(["x".repeat(200)])).chars().count(), 83);
    }
}
