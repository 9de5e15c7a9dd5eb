//! `cargo xtask setup`: installs the tools that are missing, and only those.

use crate::Outcome;
use crate::run::Run;
use crate::tool::{self, Scope, Source, Tool};

/// Installs what `scope` needs and does not find.
///
/// # Errors
///
/// Says what could not be installed, and the command that would.
pub(crate) fn setup(scope: Scope) -> Outcome {
    for tool in tool::TOOLS.iter().filter(|tool| tool.scope == scope) {
        let state = if tool.is_present() { "found  " } else { "missing" };
        println!("{state}  {} ({})", tool.command, tool.purpose);
    }
    install(&tool::missing(scope))?;
    match tool::missing(scope).as_slice() {
        [] => Ok(()),
        left => Err(format!("still missing after the installation: {}", names(left))),
    }
}

/// What the tools are called, for a message.
pub(crate) fn names(tools: &[&Tool]) -> String {
    tools.iter().map(|tool| format!("`{}`", tool.command)).collect::<Vec<_>>().join(", ")
}

fn install(tools: &[&Tool]) -> Outcome {
    let packages = packages(tools);
    if !packages.is_empty() {
        install_packages(&packages)?;
    }
    for tool in tools {
        match tool.source {
            Source::Debian(_) => {}
            // Without optimisation, which takes minutes: what they do themselves is little.
            Source::Crate(name) => Run::cargo(["install", "--locked", "--debug", name]).show()?,
            Source::Component(name) => Run::new(["rustup", "component", "add", name]).show()?,
        }
    }
    Ok(())
}

/// The Debian packages of these tools, each once.
fn packages(tools: &[&Tool]) -> Vec<&'static str> {
    let mut packages: Vec<_> = tools
        .iter()
        .filter_map(|tool| match tool.source {
            Source::Debian(package) => Some(package),
            Source::Crate(_) | Source::Component(_) => None,
        })
        .collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

fn install_packages(packages: &[&str]) -> Outcome {
    let advice = |why: &str| {
        let packages = packages.join(" ");
        format!(
            "{why}; install these yourself and run `cargo xtask setup` again:\n  apt-get install {packages}"
        )
    };
    if !tool::is_on_path("apt-get") {
        return Err(advice("there is no apt-get here"));
    }
    // Non-interactive, so that neither a password nor a question of a package waits for an answer.
    let prefix: &[&str] = if is_root() {
        &["env", "DEBIAN_FRONTEND=noninteractive"]
    } else if Run::new(["sudo", "-n", "true"]).succeeds() {
        &["sudo", "-n", "env", "DEBIAN_FRONTEND=noninteractive"]
    } else {
        return Err(advice("installing packages needs root, or sudo without a password"));
    };
    let apt = |arguments: &[&'static str], packages: &[&str]| {
        Run::new(prefix.iter().chain(["apt-get"].iter()).chain(arguments).chain(packages).copied()).show()
    };
    apt(&["update", "--quiet"], &[])?;
    apt(&["install", "--yes", "--quiet", "--no-install-recommends"], packages)
}

fn is_root() -> bool {
    Run::new(["id", "-u"]).read().is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_that_brings_two_tools_is_installed_once() {
        let tool = |source| Tool { command: "x", purpose: "", source, scope: Scope::Test };
        let tools = [
            tool(Source::Debian("b")),
            tool(Source::Crate("c")),
            tool(Source::Debian("a")),
            tool(Source::Debian("b")),
        ];
        assert_eq!(packages(&tools.iter().collect::<Vec<_>>()), ["a", "b"]);
    }
}
