//! A case, as it is written in a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::expect::Expect;

/// One case: what is sent to a server, and what it has to answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The name of the case, unique in its file.
    pub id: String,
    /// The client that behaves like this.
    pub idp: String,
    /// How binding the expectation is.
    pub level: Level,
    /// What the case is about, in a sentence.
    pub about: String,
    pub(super) setup: Vec<Setup>,
    pub(super) request: CaseRequest,
    pub(super) expect: Expect,
    #[serde(default)]
    pub(super) then: Vec<Step>,
}

/// How binding an expectation is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A rule of the RFCs, or a need that a provider documents.
    Must,
    /// A tolerance that has been seen to matter.
    Should,
    /// Either answer can be defended; the case picks one.
    Choice,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Choice => "choice",
        })
    }
}

/// What has to be there before the request.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Setup {
    User(SetupUser),
    Role(SetupRole),
    Request(CaseRequest),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetupUser {
    #[serde(rename = "create_user")]
    pub(super) name: String,
    #[serde(default)]
    pub(super) with: Map<String, Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SetupRole {
    #[serde(rename = "seed_role")]
    pub(super) name: String,
    pub(super) members: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseRequest {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Value,
}

/// A further request with its answer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) request: CaseRequest,
    pub(super) expect: Expect,
}

/// Why a file of cases cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct LoadError {
    /// The line at fault, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: String,
}

/// Reads cases, one JSON object a line; empty lines count for nothing.
///
/// # Errors
///
/// Returns a [`LoadError`] for the first line that is not a case, names an unknown expectation, a
/// malformed JSON pointer, or an id that an earlier line has.
pub fn load_cases(text: &str) -> Result<Vec<Case>, LoadError> {
    let mut ids = BTreeSet::new();
    let mut cases = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fault = |why: String| LoadError { line: index + 1, why };
        let case: Case = serde_json::from_str(line).map_err(|error| fault(error.to_string()))?;
        for expect in std::iter::once(&case.expect).chain(case.then.iter().map(|step| &step.expect)) {
            expect.check_pointers().map_err(fault)?;
        }
        if !ids.insert(case.id.clone()) {
            return Err(fault(format!("the id `{}` is taken", case.id)));
        }
        cases.push(case);
    }
    Ok(cases)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::IDP_CASES;

    const CASE: &str = r#"{"id":"a","idp":"x","level":"must","about":"","setup":[],"request":{"method":"GET","path":"/","headers":{},"body":null},"expect":{"status":200}}"#;

    #[track_caller]
    fn refused(text: &str, why: &str) {
        let error = load_cases(text).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }

    #[test]
    fn all_cases_of_the_identity_providers_can_be_read() {
        let cases = load_cases(IDP_CASES).unwrap();
        let count = |level| cases.iter().filter(|case| case.level == level).count();
        assert_eq!((count(Level::Must), count(Level::Should), count(Level::Choice)), (72, 13, 3));
        assert_eq!(cases.iter().map(|case| case.setup.len()).sum::<usize>(), 111);
        assert_eq!(cases.iter().map(|case| case.then.len()).sum::<usize>(), 56);
    }

    #[test]
    fn what_no_runner_would_check_is_refused() {
        assert_eq!(load_cases(&format!("{CASE}\n\n")).unwrap().len(), 1);
        refused("\n{", "line 2: ");
        refused(&format!("{CASE}\n{CASE}"), "line 2: the id `a` is taken");
        refused(
            &CASE.replace("\"status\":200", "\"status\":200,\"json_pointer\":{}"),
            "unknown field `json_pointer`",
        );
        refused(
            &CASE.replace("\"status\":200", "\"status\":200,\"absent\":[\"id\"]"),
            "`id` is no JSON pointer",
        );
        refused(&CASE.replace("\"expect\":{\"status\":200}", "\"expect\":{}"), "missing field `status`");
        refused(
            &CASE.replace("\"setup\":[]", "\"setup\":[{\"create\":\"user\"}]"),
            "did not match any variant",
        );
    }
}
