//! Runs other programs, in the root of the workspace, and says which.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::Outcome;

/// A program with its arguments and environment, not yet started.
#[derive(Debug)]
pub(crate) struct Run {
    command: Command,
    shown: String,
}

impl Run {
    /// `words` are the program and its arguments.
    pub(crate) fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let words: Vec<&str> = words.into_iter().collect();
        let mut command = Command::new(words.first().copied().unwrap_or_default());
        command.args(words.iter().skip(1)).current_dir(root()).stdin(Stdio::null());
        // `cargo run` describes this package in the environment; a build that sees it is a different build.
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&*name);
            }
        }
        Self { command, shown: words.join(" ") }
    }

    /// `cargo` with these arguments.
    pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(std::iter::once("cargo").chain(arguments))
    }

    /// Adds a variable to the environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self.shown = format!("{name}={value:?} {}", self.shown);
        self
    }

    /// Shows the command, runs it with its output on the terminal, and wants success.
    pub(crate) fn show(mut self) -> Outcome {
        println!("$ {}", self.shown);
        match self.command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("`{}` failed: {status}", self.shown)),
            Err(error) => Err(format!("`{}` could not be started: {error}", self.shown)),
        }
    }

    /// As [`Run::show`], for a command that is too long to be shown.
    pub(crate) fn quietly(mut self) -> Outcome {
        let program = self.shown.split(' ').take(2).collect::<Vec<_>>().join(" ");
        match self.command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("`{program}` failed: {status}")),
            Err(error) => Err(format!("`{program}` could not be started: {error}")),
        }
    }

    /// Runs the command and returns what it printed on standard output; wants success.
    pub(crate) fn read(mut self) -> Result<String, String> {
        let output = self
            .command
            .output()
            .map_err(|error| format!("`{}` could not be started: {error}", self.shown))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            return Err(format!("`{}` failed: {}\n{}", self.shown, output.status, said.trim_end()));
        }
        String::from_utf8(output.stdout).map_err(|error| format!("`{}`: {error}", self.shown))
    }

    /// Whether the command can be started and succeeds; it prints nothing.
    pub(crate) fn succeeds(mut self) -> bool {
        self.command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }
}

/// The root of the workspace: two folders above this package.
pub(crate) fn root() -> PathBuf {
    let package = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).map_or_else(|| package.clone(), PathBuf::from)
}
