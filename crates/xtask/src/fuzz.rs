//! Builds the fuzz targets and runs each for a while.

use crate::Outcome;
use crate::run::{Run, root};

/// How long each target runs.
const SECONDS: u32 = 30;

/// Builds every target of `fuzz/Cargo.toml` and runs each in turn.
///
/// # Errors
///
/// Names the command that failed: the build, or the target with a finding.
pub(crate) fn fuzz() -> Outcome {
    let toolchain = Toolchain::found();
    let list = toolchain.cargo_fuzz(&["list"]).read()?;
    let targets: Vec<&str> = list.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if targets.is_empty() {
        return Err("fuzz/Cargo.toml lists no target".to_owned());
    }
    toolchain.cargo_fuzz(&["build"]).show()?;
    targets.into_iter().try_for_each(|target| {
        // What a run learns goes into `corpus`, the first folder; `seeds` are kept with the code.
        let (corpus, seeds) = (format!("fuzz/corpus/{target}"), format!("fuzz/seeds/{target}"));
        let folder = root().join(&corpus);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut arguments = vec!["run", target, &corpus];
        if root().join(&seeds).is_dir() {
            arguments.push(&seeds);
        }
        let seconds = format!("-max_total_time={SECONDS}");
        arguments.extend(["--", &seconds, "-timeout=10", "-rss_limit_mb=2048"]);
        toolchain.cargo_fuzz(&arguments).show()
    })
}

/// The sanitizers are unstable: they want a nightly compiler, or a stable one that is told to pretend.
#[derive(Clone, Copy, Debug)]
enum Toolchain {
    Nightly,
    Pretending,
}

impl Toolchain {
    fn found() -> Self {
        if Run::cargo(["+nightly", "--version"]).succeeds() { Self::Nightly } else { Self::Pretending }
    }

    fn cargo_fuzz(self, arguments: &[&str]) -> Run {
        let (sub_command, rest) = arguments.split_at(1.min(arguments.len()));
        let words = ["fuzz"].iter().chain(sub_command).chain(&["--fuzz-dir", "fuzz"]).chain(rest).copied();
        match self {
            Self::Nightly => Run::cargo(std::iter::once("+nightly").chain(words)),
            Self::Pretending => Run::cargo(words).env("RUSTC_BOOTSTRAP", "1"),
        }
    }
}
