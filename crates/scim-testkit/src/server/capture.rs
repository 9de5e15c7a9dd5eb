//! What a process prints, read on a thread of its own so that its pipes never fill up.

use std::io::{BufRead, BufReader, Read};
use std::process::{ChildStderr, ChildStdout};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How much of the output is kept: the last so many bytes.
const KEPT: usize = 256 * 1024;

/// How many lines are kept for a reader that is not there yet.
const LINES: usize = 1024;

/// How long the end of the output is awaited once the process has ended.
const PATIENCE: Duration = Duration::from_secs(2);

/// The last part of what a process prints.
#[derive(Debug)]
pub(super) struct Capture {
    text: Arc<Mutex<Vec<u8>>>,
    thread: JoinHandle<()>,
}

impl Capture {
    pub(super) fn start(mut stream: ChildStderr) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&text);
        let thread = std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut piece) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&piece[..count]);
                // Cut in big steps, so that each byte is moved once.
                if kept.len() > 2 * KEPT {
                    let surplus = kept.len() - KEPT;
                    kept.drain(..surplus);
                }
            }
        });
        Self { text, thread }
    }

    pub(super) fn so_far(&self) -> String {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&text[text.len().saturating_sub(KEPT)..]).into_owned()
    }

    /// Everything up to the end of a process that has ended.
    pub(super) fn to_the_end(&self) -> String {
        // A child of the process may hold the pipe open for ever, so this does not join the thread.
        let deadline = Instant::now() + PATIENCE;
        while !self.thread.is_finished() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.so_far()
    }
}

/// The lines that a process prints; those that nobody waits for any more are dropped.
pub(super) fn lines(stream: ChildStdout) -> Receiver<String> {
    let (sender, receiver) = sync_channel(LINES);
    std::thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while let Ok(1..) = stream.read_until(b'\n', &mut line) {
            // After the receiver has gone this still reads on, so that the process can print.
            let _ = sender.send(String::from_utf8_lossy(&line).trim_end().to_owned());
            line.clear();
        }
    });
    receiver
}
