//! A shell plays the server: its life as a child process is what is tested.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use scim_testkit::server::{Server, ServerError};

const READY: &str =
    r#"echo 'for people'; echo '{"ready":true,"base_url":"http://127.0.0.1:9/scim/v2","token":"t"}'"#;

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

#[test]
fn a_server_is_ready_after_its_line_and_stops_when_asked() {
    let script =
        format!("trap 'echo bye >&2; exit 3' TERM; echo hello >&2; {READY}; while :; do sleep 0.01; done");
    let server = Server::start(&mut shell(&script)).unwrap();
    assert_eq!(server.ready().base_url, "http://127.0.0.1:9/scim/v2");
    assert_eq!(server.target().base_path, "/scim/v2");
    let (status, stderr) = server.terminate().unwrap();
    assert_eq!((status.code(), stderr.as_str()), (Some(3), "hello\nbye\n"));
}

#[test]
fn a_server_dies_of_a_signal_that_it_does_not_catch() {
    let server = Server::start(&mut shell(&format!("{READY}; exec sleep 60"))).unwrap();
    assert_eq!(server.terminate().unwrap().0.signal(), Some(15));
    let server = Server::start(&mut shell(&format!("trap '' TERM; {READY}; exec sleep 60"))).unwrap();
    assert_eq!(server.kill().unwrap().signal(), Some(9));
}

#[test]
fn a_server_does_not_outlive_its_owner() {
    let server = Server::start(&mut shell(&format!("{READY}; exec sleep 60"))).unwrap();
    let process = format!("/proc/{}", server.id());
    assert!(Path::new(&process).exists());
    drop(server);
    assert!(!Path::new(&process).exists());
}

#[test]
fn a_chatty_server_does_not_block() {
    // More than a pipe holds, on both streams, before and after the ready line.
    let chat = "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; \
        echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done";
    let script = format!("{chat}; {READY}; {chat}; echo done >&2; exit 0");
    let server = Server::start(&mut shell(&script)).unwrap();
    // It ends by itself; the signal may come before or after.
    while !server.stderr().ends_with("done\n") {
        std::thread::yield_now();
    }
    server.terminate().unwrap();
}

#[test]
fn a_server_that_does_not_start_is_an_error_with_its_last_words() {
    let not_ready = |script: &str| match Server::start(&mut shell(script)).unwrap_err() {
        ServerError::NotReady { why, stderr } => (why, stderr),
        other => panic!("{other}"),
    };
    assert_eq!(not_ready("echo oops >&2; exit 1"), ("it closed its standard output".into(), "oops\n".into()));
    let (why, _) = not_ready(r#"echo '{"ready":true,"token":"t"}'; exec sleep 60"#);
    assert!(why.contains("missing field `base_url`"), "{why}");
    let outcome = Server::start(&mut Command::new("/no/such/server"));
    assert!(matches!(outcome, Err(ServerError::Process(_))), "{outcome:?}");
}
