//! What a server writes into its log.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::Shell;
use crate::scenarios::World;

/// How long a test waits for what comes in seconds.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

impl World {
    /// Waits until the log has so many lines that hold all these words; the lines.
    pub(crate) async fn logged(&self, count: usize, words: &[&str]) -> Vec<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let log = self.server.stderr();
            let lines = lines(&log, words);
            if lines.len() >= count {
                return lines.into_iter().map(str::to_owned).collect();
            }
            assert!(Instant::now() < deadline, "{} of {count} lines hold {words:?}: {log}", lines.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until so many e-mails have been sent, by a server that writes them into its log.
    pub(crate) async fn mails(&self, count: usize) -> Vec<String> {
        self.logged(count, &[MAIL]).await
    }
}

impl Shell {
    /// Waits until the provisioning log has what these words ask for; refusals are written down once a second.
    pub(crate) async fn logged(&self, words: &[&str]) -> Vec<Value> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let told = self.done(&[&["log", "list"], words].concat());
            let entries = told["entries"].as_array().unwrap();
            if !entries.is_empty() {
                return entries.clone();
            }
            assert!(Instant::now() < deadline, "{words:?} is not in the provisioning log");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

const MAIL: &str = "an e-mail that nobody sends";

/// The e-mails in the log of a server without an SMTP server.
pub(crate) fn mails(log: &str) -> Vec<&str> {
    lines(log, &[MAIL])
}

/// The lines that hold all these words.
pub(crate) fn lines<'l>(log: &'l str, words: &[&str]) -> Vec<&'l str> {
    log.lines().filter(|line| words.iter().all(|word| line.contains(word))).collect()
}
