//! `cargo xtask mutants`: changes each function of `scim-awork` that cites a rule, one change at a time, and wants
//! a test to notice.
//!
//! Fields left out of a struct are always among the changes, wherever that is: `cargo mutants` 27 chooses them
//! whatever it is told.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::Outcome;
use crate::run::{Run, root};

const PACKAGE: &str = "scim-awork";

/// Which tests are built and run: not `on_sqlite` and `on_postgres`, which run the tests of the rules over again
/// and take minutes.
const TESTS: [&str; 3] = ["--cargo-arg=--lib", "--cargo-arg=--test", "--cargo-arg=it"];

/// Runs `cargo mutants` with these arguments, such as `--shard 0/4`, on the functions that cite a rule.
///
/// # Errors
///
/// Says that a change was not noticed, or that `cargo mutants` is not there.
pub(crate) fn mutants(arguments: &[&str]) -> Outcome {
    let list = Run::cargo(["mutants", "--list", "--json", "--package", PACKAGE]).read()?;
    let list: Vec<Value> = serde_json::from_str(&list).map_err(|error| format!("the mutants: {error}"))?;
    let mut sources: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut chosen = Vec::new();
    for mutant in &list {
        let text = |key: &str| mutant[key].as_str().unwrap_or_default();
        let file = text("file");
        if !sources.contains_key(file) {
            let source = fs::read_to_string(root().join(file)).map_err(|error| format!("{file}: {error}"))?;
            sources.insert(file.to_owned(), source.lines().map(str::to_owned).collect());
        }
        let lines = sources.get(file).map_or(&[][..], Vec::as_slice);
        let line = |end: &str| {
            let line = mutant["function"]["span"][end]["line"].as_u64();
            line.and_then(|line| usize::try_from(line).ok()).unwrap_or_default()
        };
        if cites_a_rule(lines, line("start"), line("end")) {
            let place = text("name").split(": ").next().unwrap_or_default();
            chosen.push(format!("^{}:", place.replace('.', "\\.")));
        }
    }
    chosen.dedup();
    println!("{} of {} changes are in functions that cite a rule", chosen.len(), list.len());
    let mut words = vec!["mutants", "--package", PACKAGE];
    words.extend(chosen.iter().flat_map(|pattern| ["--re", pattern]));
    words.extend(TESTS);
    words.extend(arguments);
    Run::cargo(words).quietly()
}

/// Whether a rule such as D-64 or A-9 is named in the lines of a function, counted from 1, or in the comment
/// above it.
fn cites_a_rule(lines: &[String], start: usize, end: usize) -> bool {
    let first = start.saturating_sub(1).min(lines.len());
    let above = lines.get(..first).unwrap_or_default().iter().rev();
    let comment = above.take_while(|line| line.trim().starts_with("//") || line.trim().starts_with("#["));
    let within = lines.get(first..end.min(lines.len())).unwrap_or_default().iter();
    comment.chain(within).any(|line| names_a_rule(line))
}

fn names_a_rule(line: &str) -> bool {
    line.char_indices().any(|(at, _)| {
        let digits = line[at..].strip_prefix("D-").or_else(|| line[at..].strip_prefix("A-"));
        let starts = !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        starts && digits.is_some_and(|digits| digits.starts_with(|c: char| c.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_cited_above_or_within() {
        let source = "/// D-64: the teams.\n#[must_use]\nfn one() {\n}\n\nfn two() {\n    // A-9\n}\n\nfn three() {\n}\n";
        let lines: Vec<String> = source.lines().map(str::to_owned).collect();
        assert!(cites_a_rule(&lines, 3, 4));
        assert!(cites_a_rule(&lines, 6, 8));
        assert!(!cites_a_rule(&lines, 10, 11));
        assert!(!cites_a_rule(&lines, 90, 91), "no such lines");
    }

    #[test]
    fn names_of_rules() {
        for (line, expected) in
            [("(D-7, A-30)", true), ("see A-1", true), ("ID-1", false), ("D-x", false), ("ä D-5 ö", true)]
        {
            assert_eq!(names_a_rule(line), expected, "{line}");
        }
    }
}
