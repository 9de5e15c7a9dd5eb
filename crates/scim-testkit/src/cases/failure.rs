//! Why a case failed, told so that nobody has to run it again to know.

use std::fmt;

use super::case::{Case, Level};
use crate::http::{Request, Response};

/// How much of a body is shown, in characters.
const SHOWN: usize = 4000;

/// A case that did not go as expected; printed, it shows the request, the response and each finding.
#[derive(Clone, Debug, thiserror::Error)]
pub struct CaseFailure(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    id: String,
    level: Level,
    about: String,
    step: String,
    request: Option<String>,
    response: Option<String>,
    findings: Vec<String>,
}

impl CaseFailure {
    pub(super) fn new(case: &Case, step: &str, problem: Problem) -> Self {
        Self(Box::new(Parts {
            id: case.id.clone(),
            level: case.level,
            about: case.about.clone(),
            step: step.to_owned(),
            request: problem.request.as_ref().map(show_request),
            response: problem.response.as_ref().map(show_response),
            findings: problem.findings,
        }))
    }

    /// The id of the case.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// How binding the case is.
    pub fn level(&self) -> Level {
        self.0.level
    }

    /// Where in the case it happened: `setup 1`, `request`, `then 2`.
    pub fn step(&self) -> &str {
        &self.0.step
    }

    /// What was not as expected, a sentence each.
    pub fn findings(&self) -> &[String] {
        &self.0.findings
    }
}

impl fmt::Display for CaseFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = &self.0;
        writeln!(f, "case {} ({}), {}: {}", parts.id, parts.level, parts.step, parts.about)?;
        for finding in &parts.findings {
            writeln!(f, "  - {finding}")?;
        }
        for (title, text) in [("request", &parts.request), ("response", &parts.response)] {
            if let Some(text) = text {
                writeln!(f, "  {title}:")?;
                text.lines().try_for_each(|line| writeln!(f, "    {line}"))?;
            }
        }
        Ok(())
    }
}

/// What went wrong in one step.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) request: Option<Request>,
    pub(super) response: Option<Response>,
    pub(super) findings: Vec<String>,
}

impl Problem {
    /// A problem with the answer to this request.
    pub(super) fn of(request: &Request, response: &Response, findings: Vec<String>) -> Self {
        Self { request: Some(request.clone()), response: Some(response.clone()), findings }
    }
}

/// A problem with the case itself, before anything was sent.
impl From<String> for Problem {
    fn from(finding: String) -> Self {
        Self { request: None, response: None, findings: vec![finding] }
    }
}

fn show_request(request: &Request) -> String {
    let start = format!("{} {}", request.method, request.target);
    show(start, &request.headers, request.body.as_deref().unwrap_or_default())
}

fn show_response(response: &Response) -> String {
    show(response.status.to_string(), &response.headers, &response.body)
}

fn show(mut text: String, headers: &[(String, String)], body: &[u8]) -> String {
    for (name, value) in headers {
        text.push_str(&format!("\n{name}: {value}"));
    }
    text.push_str("\n\n");
    let body = String::from_utf8_lossy(body);
    text.extend(body.chars().take(SHOWN));
    if body.chars().nth(SHOWN).is_some() {
        text.push_str(" … (cut)");
    }
    text
}
