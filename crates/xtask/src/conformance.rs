//! `cargo xtask conformance`: the conformance checklist against a server.

use crate::Outcome;
use crate::run::Run;

/// Builds the report and the directory server it looks at, then runs the report with the arguments.
///
/// # Errors
///
/// Says which command failed: the build, or the report with a row that failed.
pub(crate) fn conformance(arguments: &[&str]) -> Outcome {
    // Both in one folder, so that the report finds the server.
    Run::cargo(["build", "--quiet", "--package", "scim-conformance", "--package", "directory-server"])
        .show()?;
    let words = ["run", "--quiet", "--package", "scim-conformance", "--"];
    Run::cargo(words.iter().chain(arguments).copied()).show()
}
