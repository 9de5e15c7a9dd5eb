//! The program `awork-server`.

use std::process::ExitCode;

fn main() -> ExitCode {
    awork_server::main()
}
