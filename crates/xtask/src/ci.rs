//! `cargo xtask ci`: every check that a change has to pass.

use std::time::Instant;

use crate::run::Run;
use crate::tool::Scope;
use crate::{Outcome, fuzz, house, setup, test};

/// Whether the tests are among the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Tests {
    /// They are.
    Run,
    /// The caller has just run them.
    DoneBefore,
}

type Check = (&'static str, fn() -> Outcome);

/// Cheap checks first. Advisories are not among them, see [`advisories`].
const CHECKS: &[Check] = &[
    ("format", || Run::cargo(["fmt", "--all", "--check"]).show()),
    ("house", house::house),
    ("dependencies", || Run::cargo(["deny", "check", "bans", "licenses", "sources"]).show()),
    ("lints", || Run::cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).show()),
    ("tests", test::test),
    ("documentation", || {
        Run::cargo(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings").show()
    }),
    // Built as the tests are, and run for a moment each: to measure is for whoever has an idle machine.
    ("benchmarks", || Run::cargo(["test", "--workspace", "--bench", "*"]).show()),
    ("fuzzing", fuzz::fuzz),
];

/// Installs the tools of the checks where they are missing, then runs the checks up to the first that fails.
///
/// # Errors
///
/// Names the check that failed, and why.
pub(crate) fn ci(tests: Tests) -> Outcome {
    if tests == Tests::Run {
        setup::setup(Scope::Test)?;
    }
    setup::setup(Scope::Ci)?;
    let mut passed = 0;
    for (name, check) in CHECKS {
        if *name == "tests" && tests == Tests::DoneBefore {
            continue;
        }
        println!("\n== {name}");
        let start = Instant::now();
        check().map_err(|why| format!("\n== {name} FAILED\n{why}\n\nchecks: {passed} passed, 1 failed"))?;
        println!("== {name}: passed in {} s", start.elapsed().as_secs());
        passed += 1;
    }
    println!("\nchecks: {passed} passed, 0 failed");
    Ok(())
}

/// Looks the dependencies up in the RustSec database.
///
/// Apart from `ci`, for two reasons: the database is fetched from the network, which a build machine
/// may not reach, and its answer changes without a change of ours. It belongs into a daily job.
///
/// # Errors
///
/// Says that the look-up failed; the findings stand in its output.
pub(crate) fn advisories() -> Outcome {
    setup::setup(Scope::Ci)?;
    Run::cargo(["deny", "check", "advisories"]).show()
}
