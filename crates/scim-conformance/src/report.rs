//! How a server came out: a summary for the terminal, Markdown, JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use crate::check::{Failure, Outcome};
use crate::overrides::Override;
use crate::rows::{AREAS, Row, area_name, rows};

/// Which settings of a server are looked at.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// What the checklist calls default: it takes what the large clients send.
    Default,
    /// The letter of the RFCs and of the interop profile draft.
    Strict,
}

impl Setting {
    fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Strict => "strict",
        }
    }
}

/// The outcome of every row, in each setting that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Report {
    outcomes: BTreeMap<&'static str, BTreeMap<Setting, Outcome>>,
    /// Why parts of a row were not looked at.
    unseen: BTreeMap<&'static str, BTreeSet<String>>,
    overrides: Vec<Override>,
}

/// A row over all settings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Result<'r> {
    Passed,
    Failed,
    /// It fails, and the application says why it has to.
    Overridden(&'r Override),
    NotTestable,
}

impl Report {
    /// An empty report of a server whose application overrides these rows.
    #[must_use]
    pub fn new(overrides: &[Override]) -> Self {
        Self { overrides: overrides.to_vec(), ..Self::default() }
    }

    /// Notes an outcome.
    pub(crate) fn note(&mut self, row: &'static str, setting: Setting, outcome: Outcome) {
        self.outcomes.entry(row).or_default().insert(setting, outcome);
    }

    /// Notes why parts of a row were not looked at.
    pub(crate) fn not_seen(&mut self, row: &'static str, reasons: BTreeSet<String>) {
        self.unseen.entry(row).or_default().extend(reasons);
    }

    /// The outcome of a row in a setting.
    #[must_use]
    pub fn outcome(&self, row: &str, setting: Setting) -> Option<&Outcome> {
        self.outcomes.get(row)?.get(&setting)
    }

    /// The ids of the rows that failed and may not.
    #[must_use]
    pub fn failed(&self) -> Vec<&'static str> {
        self.ids(None, |result| result == Result::Failed)
    }

    /// The ids of the rows that passed.
    #[must_use]
    pub fn passed(&self) -> Vec<&'static str> {
        self.ids(None, |result| result == Result::Passed)
    }

    /// The ids of the rows that failed, as the application says that they have to.
    #[must_use]
    pub fn overridden(&self) -> Vec<&'static str> {
        self.ids(None, |result| matches!(result, Result::Overridden(_)))
    }

    /// The ids of the rows that could not be tested.
    #[must_use]
    pub fn not_testable(&self) -> Vec<&'static str> {
        self.ids(None, |result| result == Result::NotTestable)
    }

    /// The rows that the application overrides and that were looked at and do not fail: the list of overrides
    /// is wrong.
    #[must_use]
    pub fn needless_overrides(&self) -> Vec<&'static str> {
        let named = |id: &str| self.overrides.iter().any(|known| known.row == id);
        let overridden = self.overridden();
        let run = self.outcomes.keys().copied();
        run.filter(|row| named(row) && !overridden.contains(row)).collect()
    }

    /// The rows that passed as far as they could be tested, each with the reasons why parts of it could not.
    #[must_use]
    pub fn passed_in_part(&self) -> BTreeMap<&'static str, &BTreeSet<String>> {
        let passed = self.passed().into_iter();
        let unseen = |row| Some((row, self.unseen.get(row).filter(|reasons| !reasons.is_empty())?));
        passed.filter_map(unseen).collect()
    }

    fn ids(&self, area: Option<usize>, wanted: impl Fn(Result<'_>) -> bool) -> Vec<&'static str> {
        let here = rows().iter().filter(|row| area.is_none_or(|area| row.area == area));
        here.filter(|row| wanted(self.result(row))).map(|row| row.id).collect()
    }

    fn result(&self, row: &Row) -> Result<'_> {
        let Some(outcomes) = self.outcomes.get(row.id) else { return Result::NotTestable };
        if outcomes.values().any(|outcome| matches!(outcome, Outcome::Failed(_))) {
            let known = self.overrides.iter().find(|known| known.row == row.id);
            return known.map_or(Result::Failed, Result::Overridden);
        }
        if outcomes.values().any(|outcome| *outcome == Outcome::Passed) {
            return Result::Passed;
        }
        Result::NotTestable
    }

    /// Why a row could not be tested.
    fn reason(&self, row: &str) -> &str {
        let outcomes = self.outcomes.get(row).into_iter().flat_map(BTreeMap::values);
        let mut reasons = outcomes.filter_map(|outcome| match outcome {
            Outcome::NotTestable(reason) => Some(reason.as_str()),
            _ => None,
        });
        reasons.next().unwrap_or("no check is written yet")
    }

    fn failures(&self, row: &str) -> impl Iterator<Item = (Setting, &Failure)> {
        self.outcomes.get(row).into_iter().flatten().filter_map(|(setting, outcome)| match outcome {
            Outcome::Failed(failure) => Some((*setting, failure)),
            _ => None,
        })
    }

    /// The summary for the terminal: numbers per area, then what failed and what could not be tested.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut text = String::new();
        let mut line = |words: std::fmt::Arguments<'_>| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{words}");
        };
        line(format_args!("{:<68} passed failed overridden not testable", "area"));
        for area in 1..=AREAS.len() {
            let count = |wanted: fn(Result<'_>) -> bool| self.ids(Some(area), wanted).len();
            line(format_args!(
                "{area:>2}. {:<64} {:>6} {:>6} {:>10} {:>12}",
                area_name(area),
                count(|result| result == Result::Passed),
                count(|result| result == Result::Failed),
                count(|result| matches!(result, Result::Overridden(_))),
                count(|result| result == Result::NotTestable),
            ));
        }
        for row in rows() {
            match self.result(row) {
                Result::Failed => {
                    line(format_args!("\nFAILED {} ({}) {}", row.id, row.level, row.title));
                    for (setting, failure) in self.failures(row.id) {
                        let shown = failure.to_string().replace('\n', "\n  ");
                        line(format_args!("  [{}]\n  {shown}", setting.name()));
                    }
                }
                Result::Overridden(known) => {
                    line(format_args!("overridden {} by {}: {}", row.id, known.by, known.reason));
                }
                Result::Passed | Result::NotTestable => {}
            }
        }
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for id in self.not_testable() {
            reasons.entry(self.reason(id)).or_default().push(id);
        }
        line(format_args!(""));
        for (reason, ids) in reasons {
            line(format_args!("not testable, {reason}: {}", ids.join(" ")));
        }
        let count = |wanted: fn(Result<'_>) -> bool| self.ids(None, wanted).len();
        let in_part = self.passed_in_part();
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (row, unseen) in &in_part {
            for reason in *unseen {
                reasons.entry(reason).or_default().push(row);
            }
        }
        for (reason, ids) in reasons {
            line(format_args!("passed in part, {reason}: {}", ids.join(" ")));
        }
        line(format_args!(
            "\n{} rows: {} passed{}, {} failed, {} overridden, {} not testable",
            rows().len(),
            count(|result| result == Result::Passed),
            if in_part.is_empty() { String::new() } else { format!(" ({} in part)", in_part.len()) },
            count(|result| result == Result::Failed),
            count(|result| matches!(result, Result::Overridden(_))),
            count(|result| result == Result::NotTestable),
        ));
        text
    }

    /// The report as Markdown: a table of areas, then every row.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let in_part = self.passed_in_part();
        let mut text = String::from(
            "# SCIM conformance\n\n| area | passed | failed | overridden | not testable |\n| --- | --- | --- | --- | --- |\n",
        );
        for area in 1..=AREAS.len() {
            let count = |wanted: fn(Result<'_>) -> bool| self.ids(Some(area), wanted).len();
            let _ = writeln!(
                text,
                "| {area}. {} | {} | {} | {} | {} |",
                area_name(area),
                count(|result| result == Result::Passed),
                count(|result| result == Result::Failed),
                count(|result| matches!(result, Result::Overridden(_))),
                count(|result| result == Result::NotTestable),
            );
        }
        for area in 1..=AREAS.len() {
            let _ = writeln!(
                text,
                "\n## {area}. {}\n\n| row | level | requirement | outcome |\n| --- | --- | --- | --- |",
                area_name(area)
            );
            for row in rows().iter().filter(|row| row.area == area) {
                let outcome = match self.result(row) {
                    Result::Passed => match in_part.get(row.id) {
                        Some(reasons) => {
                            let reasons: Vec<&str> = reasons.iter().map(String::as_str).collect();
                            format!("passed in part: {}", reasons.join("; "))
                        }
                        None => "passed".to_owned(),
                    },
                    Result::NotTestable => format!("not testable: {}", self.reason(row.id)),
                    Result::Overridden(known) => format!("overridden by {}: {}", known.by, known.reason),
                    Result::Failed => {
                        let parts = self.failures(row.id).map(|(setting, failure)| {
                            let Failure { request, expected, got } = failure;
                            format!(
                                "**failed** ({}): `{request}` should give {expected}, gave `{got}`",
                                setting.name()
                            )
                        });
                        parts.collect::<Vec<_>>().join("; ")
                    }
                };
                let cell = |text: &str| text.replace('|', "\\|");
                let _ = writeln!(
                    text,
                    "| {} | {} | {} | {} |",
                    row.id,
                    row.level,
                    cell(row.title),
                    cell(&outcome)
                );
            }
        }
        text
    }

    /// The report as JSON: one object a row.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let shown = |outcome: &Outcome| match outcome {
            Outcome::Passed => json!({ "outcome": "passed" }),
            Outcome::Failed(failure) => json!({ "outcome": "failed", "failure": failure }),
            Outcome::NotTestable(reason) => json!({ "outcome": "notTestable", "reason": reason }),
        };
        let row = |row: &Row| {
            let settings: BTreeMap<&str, Value> = self
                .outcomes
                .get(row.id)
                .into_iter()
                .flatten()
                .map(|(setting, outcome)| (setting.name(), shown(outcome)))
                .collect();
            let result = match self.result(row) {
                Result::Passed => "passed",
                Result::Failed => "failed",
                Result::Overridden(_) => "overridden",
                Result::NotTestable => "notTestable",
            };
            let by = match self.result(row) {
                Result::Overridden(known) => json!({ "by": known.by, "reason": known.reason }),
                _ => Value::Null,
            };
            json!({
                "id": row.id, "area": row.area, "level": row.level.to_string(), "title": row.title,
                "result": result, "override": by, "settings": settings, "notSeen": self.unseen.get(row.id),
            })
        };
        json!({ "rows": rows().iter().map(row).collect::<Vec<_>>() })
    }
}
