//! What was acknowledged stays, whatever happens to the process or the power.
//!
//! Each test starts itself again as a child process that only writes: the child sees the folder in its
//! environment.

mod trace;
mod writers;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use scim_engine::store::Stream;
use scim_sqlite::{SqliteOptions, SqliteStore};

use writers::{Acknowledged, FOLDER, Plan};

/// How often the writers are killed.
const KILLS: u64 = 20;

/// Promise 1: writers are killed amid their work, 20 times; what they were told to be written is
/// there, nothing is there by half, and everything agrees with the documents.
#[test]
fn acknowledged_writes_survive_kills() {
    if let Some(plan) = Plan::from_environment() {
        plan.run();
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut all = Acknowledged::default();
    for round in 0..KILLS {
        let mut child = start(
            Command::new(std::env::current_exe().expect("the path of this test")),
            "durability::acknowledged_writes_survive_kills",
            &Plan { folder: folder.path().to_owned(), round, writers: 16, steps: usize::MAX, flushed: true },
        );
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        // Each time a little later, so that it hits groups, checkpoints and the start alike.
        let wanted = 16 + usize::try_from(round).unwrap_or(0) * 23;
        let mut line = String::new();
        while all.of_round(round) < wanted && lines.read_line(&mut line).expect("a line") > 0 {
            all.learn(&line);
            line.clear();
        }
        child.kill().expect("a running child");
        child.wait().expect("an ended child");
        // What it wrote to the pipe before it died was acknowledged, too.
        let mut rest = String::new();
        lines.read_to_string(&mut rest).expect("text");
        // A line that the kill has cut off tells nothing.
        rest.split_inclusive('\n').filter(|line| line.ends_with('\n')).for_each(|line| all.learn(line));
        assert!(all.of_round(round) >= wanted, "round {round}: the writers ended by themselves");
        verify(folder.path(), &all);
    }
}

fn start(mut command: Command, test: &str, plan: &Plan) -> Child {
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command.env(FOLDER, plan.to_environment());
    command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().expect("a child process")
}

/// Opens what the killed writers have left behind.
#[tokio::main(flavor = "current_thread")]
async fn verify(folder: &Path, all: &Acknowledged) {
    let store = SqliteStore::open(folder.join("scim.db"), &SqliteOptions::default()).expect("an intact file");
    let faults = store.check(writers::expected).await.expect("a check");
    assert_eq!(faults, [], "everything agrees with the documents");
    let log = writers::events(&store, Stream::Log).await;
    assert_eq!(log, writers::events(&store, Stream::Outbox).await, "both streams tell the same");
    all.verify(&store, &log).await;
}

/// Promises 1 and 7: every answer is preceded by a flush of the log that covers its writes.
#[test]
fn answers_follow_their_flush() {
    if let Some(plan) = Plan::from_environment() {
        plan.run();
        return;
    }
    let (trace, _) = traced("durability::answers_follow_their_flush", true);
    let seen = trace::verify(&trace).unwrap_or_else(|fault| panic!("{fault}"));
    assert!(seen.answers >= 16 * 6, "only {} answers were seen", seen.answers);
    assert!(seen.flushes > 0 && seen.flushes < seen.answers, "no flush was shared: {seen:?}");
}

/// The proof can fail: without flushes it does.
#[test]
fn without_flushes_answers_come_too_early() {
    if let Some(plan) = Plan::from_environment() {
        plan.run();
        return;
    }
    let (trace, answers) = traced("durability::without_flushes_answers_come_too_early", false);
    assert!(answers >= 16 * 6, "only {answers} answers were seen");
    assert!(trace::verify(&trace).is_err(), "answers came without a flush, and the proof did not see it");
}

/// The system calls of writers that end by themselves, and how many answers they got.
fn traced(test: &str, flushed: bool) -> (String, usize) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("trace.txt");
    let mut strace = Command::new("strace");
    let calls = "trace=write,writev,pwrite64,pwritev,fsync,fdatasync";
    strace.args(["-f", "-y", "-qq", "-s", "5000", "-e", calls, "-o"]).arg(&log);
    strace.arg(std::env::current_exe().expect("the path of this test"));
    let plan = Plan { folder: folder.path().to_owned(), round: 0, writers: 16, steps: 6, flushed };
    let mut child = start(strace, test, &plan);
    let mut text = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut text).expect("text");
    assert!(child.wait().expect("an end").success(), "strace failed; `cargo xtask setup` installs it");
    let answers = text.lines().filter(|line| line.contains(writers::ANSWER)).count();
    (std::fs::read_to_string(log).expect("a trace"), answers)
}
