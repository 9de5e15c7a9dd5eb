//! E-mails that cannot be delivered, with the built binary: seen, retried and discarded.

use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};

use scim_testkit::server::Server;
use scim_testkit::smtp::{SmtpServer, free_address};
use serde_json::{Value, json};

use crate::command::Shell;
use crate::scenarios::ADMIN;

/// How long a test waits for what comes in seconds.
const PATIENCE: Duration = Duration::from_secs(60);

fn serve(folder: &str, smtp: SocketAddr) -> Server {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awork-server"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--data", folder]);
    command.args(["--smtp-url", &format!("smtp://{smtp}"), "--mail-from", "awork <no-reply@awork.example>"]);
    Server::start(command.env("AWORK_ADMIN_TOKEN", ADMIN)).unwrap()
}

fn come_back(shell: &Shell, email: &str) {
    shell.done(&["user", "create", "acme", email, "--given-name", "L", "--family-name", "B"]);
    shell.done(&["user", "deactivate", "acme", email]);
    shell.done(&["user", "reactivate", "acme", email]);
}

/// Asks again until the list is as wanted.
fn wait(shell: &Shell, words: &[&str], wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let told = shell.done(words);
        let rows = told.as_array().unwrap();
        if wanted(rows) {
            return rows.clone();
        }
        assert!(Instant::now() < deadline, "{words:?}: {told}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// D-31: what waits for a mail server is seen with attempts and the last error; what it refuses is a dead letter,
/// sent when it is retried, and never when it is discarded. The same at a running server and on the data.
#[test]
fn letters_are_seen_and_sent_again() {
    let (folder, smtp) = (tempfile::tempdir().unwrap(), free_address().unwrap());
    let path = folder.path().to_str().unwrap();
    let server = serve(path, smtp);
    let url = server.ready().admin_url.clone().unwrap();
    let (shell, on_data) =
        (Shell::new(["--server", &url, "--admin-token", ADMIN]), Shell::new(["--data", path]));
    shell.workspace("acme");
    assert_eq!(shell.text(&["outbox", "list", "acme"]), (true, "none\n".to_owned()));
    // Nobody listens: it is tried again.
    come_back(&shell, "lea@acme.example");
    for shell in [&shell, &on_data] {
        let rows = wait(shell, &["outbox", "list", "acme"], |rows| {
            rows.len() == 1 && rows[0]["attempts"].as_u64() > Some(0)
        });
        assert_eq!(rows[0]["event"], "e-mail about the reactivation to lea@acme.example");
        assert_eq!(rows[0]["consumer"], "deliveries");
        assert!(rows[0]["last_error"].is_string() && rows[0]["next_attempt"].is_string(), "{rows:?}");
        assert!(rows[0]["age_seconds"].as_i64() < Some(600), "{rows:?}");
    }
    // One listens and takes no e-mail of this size: it is given up at once.
    let strict = SmtpServer::start(smtp, 100).unwrap();
    for email in ["max@acme.example", "kim@acme.example"] {
        come_back(&shell, email);
    }
    let dead = wait(&shell, &["outbox", "dead", "acme"], |rows| rows.len() == 3);
    for letter in &dead {
        assert!(!letter["last_error"].as_str().unwrap().is_empty(), "{letter}");
    }
    assert_eq!(on_data.done(&["outbox", "dead", "acme"]), json!(dead));
    let first = dead[0]["id"].as_str().unwrap();
    let rest = shell.done(&["outbox", "dead", "acme", "--after", first, "--limit", "1"]);
    assert_eq!(rest, json!(dead[1..2]));
    assert_eq!(strict.mails().unwrap(), [] as [String; 0]);
    drop(strict);
    let lenient = SmtpServer::start(smtp, 100_000).unwrap();
    let of = |email: &str| {
        let is = |letter: &&Value| letter["event"].as_str().unwrap().ends_with(email);
        dead.iter().find(is).unwrap()["id"].as_str().unwrap()
    };
    let told = shell.done(&["outbox", "retry", "acme", of("lea@acme.example")]);
    assert_eq!(told[0]["id"], of("lea@acme.example"));
    let error = shell.refused(&["outbox", "discard", "acme", of("max@acme.example"), "--reason", ""]);
    assert_eq!(error["status"], "400", "{error}");
    on_data.done(&["outbox", "discard", "acme", of("max@acme.example"), "--reason", "told by phone"]);
    let told = on_data.done(&["outbox", "retry", "acme", "--all"]);
    assert_eq!((told.as_array().unwrap().len(), &told[0]["id"]), (1, &json!(of("kim@acme.example"))));
    wait(&shell, &["outbox", "list", "acme"], <[Value]>::is_empty);
    let mut mails = lenient.mails().unwrap();
    mails.sort_by_key(|mail| mail.contains("<lea@acme.example>"));
    assert!(mails.len() == 2 && mails[0].contains("<kim@acme.example>"), "{mails:?}");
    assert_eq!(shell.done(&["outbox", "dead", "acme"]), json!([]));
    assert_eq!(shell.done(&["outbox", "retry", "acme", "--all"]), json!([]));
    for words in [&["outbox", "retry", "acme", first][..], &["outbox", "list", "nowhere"]] {
        assert_eq!(shell.refused(words)["status"], "404", "{words:?}");
    }
}
