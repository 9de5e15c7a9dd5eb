//! `cargo xtask test`: every test of the workspace, in one command.

use crate::run::Run;
use crate::tool::{self, Scope, Tool};
use crate::{Outcome, setup};

/// Runs the tests, then the examples in the documentation.
///
/// # Errors
///
/// Names the tools that are missing, or the command that failed.
pub(crate) fn test() -> Outcome {
    let missing = tool::missing(Scope::Test);
    if !missing.is_empty() {
        return Err(complaint(&missing));
    }
    // The profile `ci` goes on after a failure, so that one run shows them all.
    let profile = if std::env::var_os("CI").is_some() { "ci" } else { "default" };
    Run::cargo(["nextest", "run", "--workspace", "--profile", profile]).show()?;
    // nextest does not run these.
    Run::cargo(["test", "--workspace", "--doc"]).show()
}

fn complaint(missing: &[&Tool]) -> String {
    let mut text = format!("cannot test, missing: {}\n", setup::names(missing));
    for tool in missing {
        text.push_str(&format!("  `{}` {}\n", tool.command, tool.purpose));
    }
    text.push_str("`cargo xtask setup` installs what is missing");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_complaint_names_each_tool_and_the_remedy() {
        let tools: Vec<&Tool> = tool::TOOLS.iter().filter(|tool| tool.scope == Scope::Test).collect();
        let text = complaint(&tools);
        for tool in tools {
            assert!(text.contains(&format!("`{}` {}", tool.command, tool.purpose)), "{text}");
        }
        assert!(text.ends_with("`cargo xtask setup` installs what is missing"), "{text}");
    }
}
