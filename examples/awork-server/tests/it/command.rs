//! The built binary as a command line, on the data or at a running server.

use std::process::{Command, Output};

use serde_json::Value;

/// Where orders of a test go.
pub(crate) struct Shell {
    place: Vec<String>,
    /// How much the program logs.
    level: Option<&'static str>,
    /// All that orders have printed so far.
    said: std::cell::RefCell<String>,
}

impl Shell {
    pub(crate) fn new<'p>(place: impl IntoIterator<Item = &'p str>) -> Self {
        let place = place.into_iter().map(str::to_owned).collect();
        Self { place, level: None, said: Default::default() }
    }

    /// The same, and the program logs all it can.
    pub(crate) fn talkative<'p>(place: impl IntoIterator<Item = &'p str>) -> Self {
        Self { level: Some("trace"), ..Self::new(place) }
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_awork-server"));
        for name in ["SCIM_DATABASE_URL", "AWORK_SERVER", "AWORK_ADMIN_TOKEN", "AWORK_LOG"] {
            command.env_remove(name);
        }
        command.envs(self.level.map(|level| ("AWORK_LOG", level)));
        let output = command.args(words).args(&self.place).output().unwrap();
        let mut said = self.said.borrow_mut();
        said.push_str(&String::from_utf8_lossy(&output.stdout));
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        output
    }

    /// Gives an order that is carried out; what it tells scripts.
    #[track_caller]
    pub(crate) fn done(&self, words: &[&str]) -> Value {
        let output = self.run(&[words, &["--json"]].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {error}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Gives an order that is refused; the error for scripts.
    #[track_caller]
    pub(crate) fn refused(&self, words: &[&str]) -> Value {
        let output = self.run(&[words, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(1), "{words:?}");
        assert_eq!(output.stdout, b"", "{words:?}");
        serde_json::from_slice(&output.stderr).unwrap()
    }

    /// Checks data in which something differs; what is told scripts.
    #[track_caller]
    pub(crate) fn differing(&self, words: &[&str]) -> Value {
        let output = self.run(&[words, &["--json"]].concat());
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*error), (Some(1), ""), "{words:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// The same, for people.
    pub(crate) fn text(&self, words: &[&str]) -> (bool, String) {
        let output = self.run(words);
        let text = if output.status.success() { output.stdout } else { output.stderr };
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    /// The words that say where orders go.
    pub(crate) fn place(&self) -> Vec<String> {
        self.place.clone()
    }

    /// All that orders have printed so far.
    pub(crate) fn said(&self) -> String {
        self.said.borrow().clone()
    }

    /// Makes a workspace with Enterprise and OpenID Connect, and its admin `ada@NAME.example`.
    pub(crate) fn workspace(&self, name: &str) {
        let email = format!("ada@{name}.example");
        let admin = ["--admin-email", &email, "--admin-given-name", "Ada", "--admin-family-name", "Lovelace"];
        self.done(&[&["workspace", "create", name, "--enterprise", "--openid-connect"], &admin[..]].concat());
    }

    /// Sets SCIM up; the token.
    pub(crate) fn set_up(&self, workspace: &str, provider: &str) -> String {
        let told = self.done(&["integration", "set-up", workspace, "--provider", provider]);
        told["token"].as_str().unwrap().to_owned()
    }
}

/// D-34: whoever says nothing of where, or too much, is told what to say.
#[test]
fn orders_go_somewhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none");
    let path = path.to_str().unwrap();
    for (place, words) in [
        (vec![], "say where"),
        (vec!["--data", path, "--server", "http://127.0.0.1:1"], "one of them only"),
        (vec!["--data", path], "no data"),
        (vec!["--server", "http://127.0.0.1:1"], "--admin-token"),
        (vec!["--server", "https://127.0.0.1:1", "--admin-token", "a"], "http://"),
        (vec!["--server", "http://127.0.0.1:1", "--admin-token", "a"], "cannot be asked"),
    ] {
        let (done, text) = Shell::new(place).text(&["workspace", "list"]);
        assert!(!done && text.starts_with("error: ") && text.contains(words), "{text}");
    }
}

/// What people read: lines for one thing, a table for many, and help for each command.
#[test]
fn orders_speak_to_people() {
    let folder = tempfile::tempdir().unwrap();
    let shell = Shell::new(["--data", folder.path().to_str().unwrap()]);
    shell.workspace("acme");
    let (_, text) = shell.text(&["role", "list", "acme"]);
    assert!(text.lines().next().unwrap().contains("name") && text.contains("Admin"), "{text}");
    let (_, text) = shell.text(&["user", "show", "acme", "ADA@acme.example"]);
    assert!(
        text.lines().any(|line| line.starts_with("email") && line.ends_with("ada@acme.example")),
        "{text}"
    );
    assert_eq!(shell.text(&["integration", "clients", "acme"]), (true, "none\n".to_owned()));
    for subject in ["workspace", "integration", "role", "team", "region", "seats", "user", "outbox"] {
        let (done, help) = Shell::new([]).text(&[subject, "--help"]);
        assert!(done && help.contains("Commands:") && help.contains("--server <URL>"), "{help}");
    }
}
