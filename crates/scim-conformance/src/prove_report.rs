//! How a proof came out: a summary for the terminal, Markdown, JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::fault::Breadth;
use crate::prove::{Proof, Tried};
use crate::rows::{AREAS, area_name, rows};

impl Proof {
    /// The summary for the terminal: the faults that showed nothing, then the rows by how they failed.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut text = String::new();
        let mut line = |what: &str, names: &[&str], between: &str| {
            let names = if names.is_empty() { "none".to_owned() } else { names.join(between) };
            // Writing to a string does not fail.
            let _ = writeln!(text, "{what}: {names}");
        };
        let untouched = self.tried.iter().filter(|tried| tried.touched == 0);
        // One that was tried with part of the rows only may be seen by those that were done before.
        let is_whole = |tried: &&Tried| tried.ran.len() == tried.touched && tried.touched > 0;
        let idle = self.tried.iter().filter(is_whole).filter(|tried| tried.failed.is_empty());
        let untouched: Vec<&str> = untouched.map(|tried| tried.fault.name).collect();
        let idle: Vec<&str> = idle.map(|tried| tried.fault.name).collect();
        line("faults that touch no row", &untouched, "; ");
        line("faults that no row failed with", &idle, "; ");
        line("rows seen failing only with a broad fault", &self.only_broadly(), " ");
        line("rows never seen failing", &self.never(), " ");
        let _ = writeln!(
            text,
            "{} faults; {} rows pass: {} failed with a narrow fault, {} only with a broad one, {} never",
            self.tried.len(),
            self.passing.len(),
            self.narrowly().len(),
            self.only_broadly().len(),
            self.never().len(),
        );
        text
    }

    /// The proof as Markdown: a table of areas, then every row with its fault.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = String::from(
            "# Rows seen failing\n\n| area | passing | narrowly | only broadly | never |\n| --- | --- | --- | --- | --- |\n",
        );
        for area in 1..=AREAS.len() {
            let here: Vec<&str> = rows().iter().filter(|row| row.area == area).map(|row| row.id).collect();
            let count = |ids: &[&str]| ids.iter().filter(|id| here.contains(id)).count();
            let _ = writeln!(
                text,
                "| {area}. {} | {} | {} | {} | {} |",
                area_name(area),
                here.iter().filter(|id| self.passing.contains(*id)).count(),
                count(&self.narrowly()),
                count(&self.only_broadly()),
                count(&self.never()),
            );
        }
        text.push_str("\n| row | failed with | breadth |\n| --- | --- | --- |\n");
        for row in rows().iter().filter(|row| self.passing.contains(row.id)) {
            let (fault, breadth) = match self.fault_of(row.id) {
                Some((fault, Breadth::Narrow)) => (fault.name, "narrow"),
                Some((fault, Breadth::Broad)) => (fault.name, "broad"),
                None => ("nothing", ""),
            };
            let _ = writeln!(text, "| {} | {fault} | {breadth} |", row.id);
        }
        text
    }

    /// The proof as JSON: the rows with their faults, and the faults with their rows.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let row = |row: &&str| {
            let fault = self.fault_of(row);
            json!({
                "id": row,
                "fault": fault.map(|(fault, _)| fault.name),
                "breadth": fault.map(|(_, breadth)| breadth),
            })
        };
        let faults = self.tried.iter().map(|tried| {
            json!({
                "name": tried.fault.name, "breadth": self.breadth(tried), "touched": tried.touched,
                "ran": tried.ran, "failed": tried.failed,
            })
        });
        json!({
            "rows": self.passing.iter().map(row).collect::<Vec<_>>(),
            "faults": faults.collect::<Vec<_>>(),
        })
    }
}
