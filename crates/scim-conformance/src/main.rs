//! The conformance report at the command line: `cargo xtask conformance`.

// This is a command-line program: what it has to say goes to the terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use clap::{Parser, ValueEnum};
use scim_conformance::{Extent, Override, Report, Session, Target, Tried, prove, run};
use scim_testkit::postgres::Cluster;
use scim_testkit::server::Server;

/// Runs the conformance checklist of RFC 7643, RFC 7644 and RFC 9865 against a SCIM server.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask conformance")]
struct Args {
    /// The server: a file with `{"base_url":…,"token":…}`, and profiles where it has them. Without it
    /// the directory server of the workspace is started, once for each store.
    #[arg(long, value_name = "FILE")]
    target: Option<PathBuf>,
    /// Only this store of the directory server.
    #[arg(long, value_enum, conflicts_with = "target")]
    store: Option<StoreKind>,
    /// The rows that the application breaks on purpose: a file with
    /// `[{"row": …, "by": …, "reason": …}]`. They may fail, and must.
    #[arg(long, value_name = "FILE")]
    overrides: Option<PathBuf>,
    /// Only rows whose id begins with this.
    #[arg(long, value_name = "ID")]
    row: Option<String>,
    /// Show that the rows can fail: run them against a server seen through a proxy with one fault after
    /// the other. With `--json` and `--markdown`, the proof goes into the file.
    #[arg(long)]
    prove: bool,
    /// With `--prove`: run every row through every fault that touches it, which shows how broad each is.
    #[arg(long, requires = "prove")]
    whole: bool,
    /// Where to write the report as Markdown.
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
    /// Where to write the report as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum StoreKind {
    Memory,
    Sqlite,
    Postgres,
}

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let args = Args::parse();
    match conformance(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether no row failed.
fn conformance(args: &Args) -> Outcome<bool> {
    if let Some(file) = &args.target {
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("the target {}: {error}", file.display()))?;
        return report(args, &Target::from_json(&text)?);
    }
    let stores = match args.store {
        Some(store) => vec![store],
        // The store does not matter to whether a row can fail.
        None if args.prove => vec![StoreKind::Memory],
        None => vec![StoreKind::Memory, StoreKind::Sqlite, StoreKind::Postgres],
    };
    let mut all_passed = true;
    for store in stores {
        println!("== directory-server, {store:?} store");
        let server = start(store)?;
        let target: Target = serde_json::from_value(server.ready().line.clone())?;
        all_passed &= report(args, &target)?;
    }
    Ok(all_passed)
}

/// Starts the directory server that was built beside this program.
fn start(store: StoreKind) -> Outcome<Server> {
    let program = std::env::current_exe()?.with_file_name("directory-server");
    let mut command = Command::new(program);
    command.args(["demo", "--conformance", "--listen", "127.0.0.1:0"]).env("SCIM_LOG", "error");
    match store {
        StoreKind::Memory => command.arg("--memory"),
        StoreKind::Sqlite => &mut command,
        StoreKind::Postgres => command.args(["--database-url", &Cluster::shared().database()?]),
    };
    Ok(Server::start(&mut command)?)
}

/// Runs the rows and says how they came out.
fn report(args: &Args, target: &Target) -> Outcome<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if args.prove {
        return runtime.block_on(proof(args, target));
    }
    let overrides = match &args.overrides {
        Some(file) => Override::list_from_json(&std::fs::read_to_string(file)?)?,
        None => Vec::new(),
    };
    let start = Instant::now();
    let report: Report = runtime.block_on(async {
        let session = Session::open(target).await?;
        let row = args.row.as_deref().unwrap_or_default();
        Ok::<_, Box<dyn std::error::Error>>(run(&session, &overrides, |id| id.starts_with(row)).await)
    })?;
    print!("{}", report.summary());
    println!("in {} ms", start.elapsed().as_millis());
    if let Some(file) = &args.markdown {
        std::fs::write(file, report.to_markdown())?;
    }
    if let Some(file) = &args.json {
        std::fs::write(file, format!("{:#}\n", report.to_json()))?;
    }
    for row in report.needless_overrides() {
        println!("{row} does not fail: take it out of the overrides");
    }
    Ok(report.failed().is_empty() && report.needless_overrides().is_empty())
}

/// Whether every row that passes was seen failing.
async fn proof(args: &Args, target: &Target) -> Outcome<bool> {
    let session = Session::open(target).await?;
    let row = args.row.as_deref().unwrap_or_default();
    let extent = if args.whole { Extent::Whole } else { Extent::First };
    let told = |tried: &Tried| {
        let Tried { fault, touched, ran, failed } = tried;
        if !ran.is_empty() {
            let (ran, failed) = (ran.len(), failed.len());
            println!("{touched:>4} touched, {ran:>4} ran, {failed:>4} failed: {}", fault.name);
        }
    };
    let start = Instant::now();
    let proof = prove(&session, extent, |id| id.starts_with(row), told).await?;
    if let Some(file) = &args.json {
        std::fs::write(file, format!("{:#}\n", proof.to_json()))?;
    }
    if let Some(file) = &args.markdown {
        std::fs::write(file, proof.to_markdown())?;
    }
    print!("{}", proof.summary());
    println!("in {} s", start.elapsed().as_secs());
    Ok(proof.never().is_empty())
}
