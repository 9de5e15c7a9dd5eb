//! Sets up, tests and checks the workspace: `cargo xtask setup`, `cargo xtask test`, `cargo xtask ci`.

// This is a command-line program: what it has to say goes to the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod ci;
mod conformance;
mod fuzz;
mod house;
mod mutants;
mod run;
mod setup;
mod test;
mod tool;

use std::process::ExitCode;

use tool::Scope;

/// What a command answers: nothing, or a message for the person at the terminal.
type Outcome = Result<(), String>;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  setup        install what the tests need, where it is missing
  setup --ci   install what the further checks of `ci` need as well
  test         run every test of the workspace
  ci           every check there is, tests included
  ci --tested  the same without the tests, for a caller that has just run them
  house        of these, the layout: top level, arrows between crates, who names awork
  fuzz         of these, the fuzz targets: build them, run each for 30 s
  advisories   look the dependencies up in the RustSec database (needs the network)

  mutants      change each function of scim-awork that cites a rule, and name the changes that no test
               notices (hours; --shard 0/8 does a part; wants cargo-mutants)
  conformance  run the conformance checklist against the directory server with each store, or against
               any server with --target FILE; --help tells more";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["setup"] => setup::setup(Scope::Test),
        ["setup", "--ci"] => setup::setup(Scope::Test).and_then(|()| setup::setup(Scope::Ci)),
        ["test"] => test::test(),
        ["ci"] => ci::ci(ci::Tests::Run),
        ["ci", "--tested"] => ci::ci(ci::Tests::DoneBefore),
        ["house"] => house::house(),
        ["fuzz"] => setup::setup(Scope::Ci).and_then(|()| fuzz::fuzz()),
        ["advisories"] => ci::advisories(),
        ["mutants", rest @ ..] => mutants::mutants(rest),
        ["conformance", rest @ ..] => conformance::conformance(rest),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
