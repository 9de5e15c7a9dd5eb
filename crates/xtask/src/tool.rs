//! The programs that the tests and checks use, and where each comes from.
//!
//! A test that needs another program gets a row in [`TOOLS`]: `setup` then installs it and `test`
//! says so when it is missing.

use crate::run::Run;

/// Which command needs a tool.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scope {
    /// `cargo xtask test`.
    Test,
    /// `cargo xtask ci`, beyond the tests.
    Ci,
}

/// Where a tool comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Source {
    /// A package of Debian.
    Debian(&'static str),
    /// A crate that `cargo install` builds.
    Crate(&'static str),
    /// A component of the Rust toolchain.
    Component(&'static str),
}

/// One program.
#[derive(Debug)]
pub(crate) struct Tool {
    /// The command, as it is typed.
    pub(crate) command: &'static str,
    /// What needs it, for the person who reads that it is missing.
    pub(crate) purpose: &'static str,
    pub(crate) source: Source,
    pub(crate) scope: Scope,
}

/// Every program that is not part of a bare Rust toolchain.
pub(crate) const TOOLS: &[Tool] = &[
    Tool {
        command: "gcc",
        purpose: "builds the bundled SQLite",
        source: Source::Debian("build-essential"),
        scope: Scope::Test,
    },
    Tool {
        command: "strace",
        purpose: "shows a test the order of flushes and answers",
        source: Source::Debian("strace"),
        scope: Scope::Test,
    },
    Tool {
        command: "psql",
        purpose: "comes with the PostgreSQL server that the store is tried on",
        source: Source::Debian("postgresql"),
        scope: Scope::Test,
    },
    Tool {
        command: "openssl",
        purpose: "makes certificates for the server",
        source: Source::Debian("openssl"),
        scope: Scope::Test,
    },
    Tool {
        command: "unshare",
        purpose: "gives the server a disk that is soon full",
        source: Source::Debian("util-linux"),
        scope: Scope::Test,
    },
    Tool {
        command: "mount",
        purpose: "makes the disk that is soon full",
        source: Source::Debian("mount"),
        scope: Scope::Test,
    },
    Tool {
        command: "aiosmtpd",
        purpose: "takes the e-mails that are sent in tests",
        source: Source::Debian("python3-aiosmtpd"),
        scope: Scope::Test,
    },
    Tool {
        command: "cargo nextest",
        purpose: "runs the tests",
        source: Source::Crate("cargo-nextest"),
        scope: Scope::Test,
    },
    Tool {
        command: "cargo fmt",
        purpose: "checks the formatting",
        source: Source::Component("rustfmt"),
        scope: Scope::Ci,
    },
    Tool {
        command: "cargo clippy",
        purpose: "checks the lints",
        source: Source::Component("clippy"),
        scope: Scope::Ci,
    },
    Tool {
        command: "g++",
        purpose: "builds libFuzzer",
        source: Source::Debian("build-essential"),
        scope: Scope::Ci,
    },
    Tool {
        command: "cargo deny",
        purpose: "checks licences and sources of the dependencies",
        source: Source::Crate("cargo-deny"),
        scope: Scope::Ci,
    },
    Tool {
        command: "cargo fuzz",
        purpose: "builds and runs the fuzz targets",
        source: Source::Crate("cargo-fuzz"),
        scope: Scope::Ci,
    },
];

impl Tool {
    /// Whether the program is there and answers.
    pub(crate) fn is_present(&self) -> bool {
        match self.command.split_once(' ') {
            // A sub-command may be known to the toolchain's proxy and still be missing: only running it tells.
            Some((program, sub_command)) => Run::new([program, sub_command, "--version"]).succeeds(),
            None => is_on_path(self.command),
        }
    }
}

/// The tools of `scope` that are missing.
pub(crate) fn missing(scope: Scope) -> Vec<&'static Tool> {
    TOOLS.iter().filter(|tool| tool.scope == scope && !tool.is_present()).collect()
}

/// Whether a file of this name lies in a folder of `PATH`.
pub(crate) fn is_on_path(command: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(command).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_by_name_and_an_unknown_one_is_missing() {
        assert!(is_on_path("cargo"));
        assert!(!is_on_path("no-such-program"));
    }

    #[test]
    fn a_sub_command_that_does_not_run_is_missing() {
        let tool = |command| Tool { command, purpose: "", source: Source::Crate(""), scope: Scope::Ci };
        assert!(tool("cargo nextest").is_present());
        assert!(!tool("cargo no-such-command").is_present());
    }
}
