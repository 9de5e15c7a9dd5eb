//! No secret is ever told.

mod password;
mod token;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use scim_testkit::http::Response;
use scim_testkit::postgres::Cluster;
use scim_testkit::server::Server;
use scim_testkit::smtp::free_address;

use crate::client::Client;
use crate::command::Shell;
use crate::scenarios::ADMIN;

/// All that must be told nowhere, and all that was told.
#[derive(Default)]
pub(crate) struct Secrets {
    /// What each one is, and its text.
    secrets: Vec<(String, String)>,
    /// Where something was told, and what.
    told: Vec<(String, Vec<u8>)>,
}

impl Secrets {
    /// Notes a secret.
    fn add(&mut self, what: &str, text: String) {
        self.secrets.push((what.to_owned(), text));
    }

    /// Makes up a secret.
    fn make_up(&mut self, what: &str) -> String {
        let text = format!("Tr0ub4dor{}x", self.secrets.len());
        self.add(what, text.clone());
        text
    }

    fn told(&mut self, place: &str, text: &str) {
        self.told.push((place.to_owned(), text.as_bytes().to_vec()));
    }

    /// Notes an answer, with its headers.
    fn answered(&mut self, what: &str, answer: &Response) {
        self.told(&format!("answer to {what}"), &format!("{:?}\n{}", answer.headers, answer.text()));
    }

    /// Looks for each secret in all that was told, as text and as the digits of bytes.
    #[track_caller]
    fn check(&self) {
        let mut leaks = BTreeSet::new();
        for (place, told) in &self.told {
            for (what, secret) in &self.secrets {
                let digits: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
                if let Some(at) = [secret, &digits].iter().find_map(|text| found(told, text)) {
                    let around = &told[at.saturating_sub(120)..told.len().min(at + 80)];
                    leaks.insert(format!("{what} in {place}: …{}…", String::from_utf8_lossy(around)));
                }
            }
        }
        let leaks: Vec<String> = leaks.into_iter().collect();
        assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    }

    /// Whether something of this place was told, that holds the text.
    fn holds(&self, place: &str, text: &str) -> bool {
        self.told.iter().any(|(at, told)| at.starts_with(place) && found(told, text).is_some())
    }
}

fn found(told: &[u8], text: &str) -> Option<usize> {
    // The first byte alone first, which is much faster on megabytes.
    let (first, text) = (*text.as_bytes().first()?, text.as_bytes());
    (0..told.len().saturating_sub(text.len() - 1))
        .find(|&at| told[at] == first && told[at..].starts_with(text))
}

/// D-36, D-83: neither log nor files nor any answer or order holds a token or password; only who makes a token is
/// told it, once.
#[tokio::test]
async fn on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let mut secrets = Secrets::default();
    serve(["--data", data], &mut secrets, |secrets| {
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap();
            let place = format!("file {}", file.file_name().display());
            secrets.told.push((place, std::fs::read(file.path()).unwrap()));
        }
    })
    .await;
    for file in ["file awork.sqlite", "file awork.sqlite-wal", "file awork.sqlite-shm"] {
        assert!(secrets.told.iter().any(|(place, told)| place == file && !told.is_empty()), "{file}");
    }
    assert!(secrets.holds("file awork.sqlite", "lea@acme.example"), "the files are those of the data");
    secrets.check();
}

/// The same on PostgreSQL, whose own log and the password of whose user count too.
#[tokio::test]
async fn on_postgres() {
    let cluster = Cluster::start(&["log_min_messages=debug1"]).unwrap();
    let mut secrets = Secrets::default();
    let password = secrets.make_up("database password");
    cluster.sql("postgres", &format!("CREATE ROLE scim LOGIN PASSWORD '{password}'")).unwrap();
    // From here on: who makes a user tells the password.
    cluster.sql("postgres", "ALTER SYSTEM SET log_statement = 'all'").unwrap();
    cluster.sql("postgres", "CREATE DATABASE awork OWNER scim").unwrap();
    cluster.allow("local all scim scram-sha-256").unwrap();
    let to = |password: &str| {
        cluster.connection("awork").replace("user=postgres", &format!("user=scim password={password}"))
    };
    let wrong = secrets.make_up("wrong database password");
    for (what, url) in [
        ("wrong password", to(&wrong)),
        ("odd URL", format!("postgres://scim:{wrong}/x{wrong}@127.0.0.1:1/awork")),
        ("odd port", format!("postgres://scim:{wrong}@127.0.0.1:{wrong}/awork")),
        ("odd option", format!("postgres://scim:{wrong}@127.0.0.1:1/awork?password={wrong}&odd={wrong}")),
        ("odd words", format!("host=127.0.0.1 password = '{wrong} port=1")),
        ("nobody there", format!("postgres://scim:{wrong}@127.0.0.1:1/awork")),
    ] {
        for words in [&["serve", "--listen", "127.0.0.1:0"][..], &["check"], &["check", "--json"]] {
            refused(&mut secrets, what, words, &[("SCIM_DATABASE_URL", &url)]);
        }
    }
    let url = to(&password);
    serve(["--database-url", &url], &mut secrets, |secrets| {
        let tables = "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables \
                      WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
        for table in cluster.sql("awork", tables).unwrap().lines() {
            let rows =
                cluster.sql("awork", &format!("COPY (SELECT t::text FROM {table} t) TO STDOUT")).unwrap();
            secrets.told(&format!("table {table}"), &rows);
        }
    })
    .await;
    assert!(secrets.holds("table ", "lea@acme.example"), "the tables are those of the data");
    secrets.told("the log of PostgreSQL", &cluster.log().unwrap());
    secrets.check();
}

/// Runs the program, which does not start; what it says is told.
fn refused(secrets: &mut Secrets, what: &str, words: &[&str], environment: &[(&str, &str)]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awork-server"));
    command.args(words).env("AWORK_LOG", "trace").envs(environment.iter().copied());
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{what}: {words:?}");
    let said = [output.stdout, output.stderr].concat();
    secrets.told(&format!("{words:?} with {what}"), &String::from_utf8_lossy(&said));
}

/// A server that says all it can say into a file.
fn start(storage: [&str; 2], log: &Path, smtp: &str) -> Server {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", r#"exec "$@" 2>"$LOG_FILE""#, "sh", env!("CARGO_BIN_EXE_awork-server"), "serve"]);
    command.args(["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]);
    command.args(["--mail-from", "awork <no-reply@awork.example>"]);
    command.env(if storage[0] == "--data" { "UNUSED" } else { "SCIM_DATABASE_URL" }, storage[1]);
    if storage[0] == "--data" {
        command.args(storage);
    }
    command.env("LOG_FILE", log).env("AWORK_LOG", "trace").env("AWORK_SMTP_URL", smtp);
    Server::start(command.env("AWORK_ADMIN_TOKEN", ADMIN)).unwrap()
}

/// All that a server and its commands are asked with secrets in it; `read` tells what is stored.
async fn serve(storage: [&str; 2], secrets: &mut Secrets, read: impl Fn(&mut Secrets)) {
    starts_that_fail(secrets);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mail = secrets.make_up("SMTP password");
    let smtp = format!("smtp://mail:{mail}@{}", free_address().unwrap());
    let server = start(storage, &log, &smtp);
    let admin_url = server.ready().admin_url.clone().unwrap();
    secrets.add("admin token", ADMIN.to_owned());
    let shells =
        [Shell::talkative(["--server", &admin_url, "--admin-token", ADMIN]), Shell::talkative(storage)];
    let shell = &shells[0];
    shell.workspace("acme");
    let first = shell.set_up("acme", "okta");
    let second = shell.done(&["integration", "regenerate", "acme"])["token"].as_str().unwrap().to_owned();
    let slip = format!("{}{}", &second[..second.len() - 1], if second.ends_with('a') { 'b' } else { 'a' });
    let wrong = [
        slip,
        secrets.make_up("wrong token"),
        format!("awork_scim_{}", secrets.make_up("token of awork")),
        first.clone(),
    ];
    let address = server.ready().address;
    let admin = admin_url.strip_prefix("http://").unwrap().parse().unwrap();
    let mut tokens = wrong.to_vec();
    tokens.extend([second.clone(), ADMIN.to_owned()]);
    for token in &tokens {
        secrets.add("token", token.clone());
    }
    token::send_everywhere(address, admin, &tokens, secrets).await;
    password::send_everywhere(&Client::new(address, &second), secrets).await;
    let email = "lea@acme.example";
    // An e-mail that does not arrive.
    shell.done(&["user", "deactivate", "acme", email]);
    shell.done(&["user", "reactivate", "acme", email]);
    for token in &wrong {
        let shell = Shell::talkative(["--server", &admin_url, "--admin-token", token]);
        assert!(!shell.text(&["workspace", "list"]).0);
        secrets.told("an order with a wrong token", &shell.said());
    }
    // Refusals are written down once a second: what came before is there when the newest of them is.
    let newest = Client::new(address, &second).send("GET", "/Users/none", None).await;
    shell.logged(&["acme", "--trace", newest.header("Trace-Id").unwrap()]).await;
    // Orders on the data empty the log of SQLite when they end, so it is read before.
    read(secrets);
    for shell in &shells {
        for words in [
            &["workspace", "list"][..],
            &["workspace", "show", "acme"],
            &["integration", "show", "acme"],
            &["integration", "clients", "acme"],
            &["user", "list", "acme"],
            &["user", "show", "acme", email],
            &["log", "list"],
            &["log", "list", "acme", "--limit", "1000"],
            &["log", "list", "acme", "--outcome", "refused", "--limit", "1000"],
            &["outbox", "list", "acme"],
            &["outbox", "dead", "acme"],
            &["person", "export", email],
            &["check"],
        ] {
            shell.done(words);
            assert!(shell.text(words).0, "{words:?}");
        }
        assert!(shell.text(&["log", "export", "acme"]).0);
    }
    read(secrets);
    let status = server.terminate().unwrap().0;
    assert!(status.success());
    read(secrets);
    let log = String::from_utf8_lossy(&std::fs::read(log).unwrap()).into_owned();
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "{log}");
    assert!(log.contains("refused"), "{log}");
    secrets.told("log", &log);
    // Who makes a token is told it, once.
    let mut said = shells[0].said();
    for token in [&first, &second] {
        assert_eq!(said.matches(token.as_str()).count(), 1, "told once");
        said = said.replacen(token.as_str(), "", 1);
    }
    secrets.told("orders at the server", &said);
    secrets.told("orders on the data", &shells[1].said());
    assert!(secrets.holds("orders on the data", "\"refusal\""), "the provisioning log is among it");
}

/// Servers that do not start, because something about a secret is wrong.
fn starts_that_fail(secrets: &mut Secrets) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("workspace.json");
    let path = file.to_str().unwrap();
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data", folder.path().to_str().unwrap()];
    let number = "6100293847561";
    secrets.add("number as a token", number.to_owned());
    let secret = secrets.make_up("token of a file");
    for entry in [
        format!(r#"{{"id": "i", "token": {number}}}"#),
        format!(r#"{{"id": "i", "token": ["{secret}"]}}"#),
        format!(r#"{{"id": "i", "token": "awork_scim_{secret}"}}"#),
        format!(r#"{{"id": "i", "token_sha256": "{secret}"}}"#),
        format!(r#"{{"id": "i", "token": "{secret}", "token_sha256": "{secret}"}}"#),
        format!(r#"{{"id": "i", "provider": "{secret}"}}"#),
        format!(r#"{{"id": {number}, "token": "x"}}"#),
        format!(r#""{secret}""#),
        number.to_owned(),
        format!(r#"{{"id": "i", "token": "{secret}" "#),
    ] {
        let workspace = include_str!("../data/workspace.json").split("\"integrations\"").next().unwrap();
        std::fs::write(&file, format!("{workspace}\"integrations\": [{entry}]}}")).unwrap();
        refused(
            secrets,
            &entry.chars().take(26).collect::<String>(),
            &[&serve[..], &["--workspace", path]].concat(),
            &[],
        );
    }
    let token = format!("awork_scim_{secret}");
    refused(
        secrets,
        "a slip",
        &["demo", "--listen", "127.0.0.1:0", "--memory"],
        &[("AWORK_TOKEN", "x"), ("AWORK_SMTP_URL", &format!("smtp:/mail:{secret}@x"))],
    );
    let demo =
        Command::new(env!("CARGO_BIN_EXE_awork-server")).args(["demo", "--token", &token]).output().unwrap();
    assert!(!demo.status.success());
    secrets.told("demo with a slip", &String::from_utf8_lossy(&demo.stderr));
    for url in [
        format!("smtp:/mail:{secret}@x"),
        format!("ftp://mail:{secret}@x"),
        format!("smtp://mail:{secret}/@x:y{secret}"),
    ] {
        let words = [&serve[..], &["--mail-from", "a@b.example"]].concat();
        refused(secrets, "an SMTP URL that is none", &words, &[("AWORK_SMTP_URL", &url)]);
    }
}
