//! A server binary as a child process: started, awaited until it is ready, stopped or killed.

mod capture;
mod ready;

use std::io;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use self::capture::Capture;
pub use self::ready::Ready;
use crate::cases::Target;

/// How long a server may take to become ready, and to stop.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// How often a stopping server is looked at.
const PAUSE: Duration = Duration::from_millis(5);

/// A running server; dropping it kills it.
#[derive(Debug)]
pub struct Server {
    process: Process,
    ready: Ready,
    stderr: Capture,
}

/// Why a server did not start or stop.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The process could not be started, signalled or awaited.
    #[error("the server process: {0}")]
    Process(#[from] io::Error),
    /// The process did not say that it is ready.
    #[error("the server did not become ready: {why}; it said:\n{stderr}")]
    NotReady {
        /// What happened instead.
        why: String,
        /// What it printed on standard error.
        stderr: String,
    },
    /// The process still ran long after it was told to stop, and was killed.
    #[error("the server did not stop within {} s; it said:\n{stderr}", TIMEOUT.as_secs())]
    NotStopped {
        /// What it printed on standard error.
        stderr: String,
    },
}

impl Server {
    /// Starts a server and waits for its ready line: JSON with `"ready":true` on standard output.
    ///
    /// The calling thread blocks meanwhile. A command may wrap the server (`strace -D …`), as long as
    /// the process it starts is the server itself: signals go to that one.
    ///
    /// # Errors
    ///
    /// Returns a [`ServerError`] when the process cannot be started, closes its standard output, prints
    /// a ready line that says too little, or prints none within [`TIMEOUT`]. It is killed then.
    pub fn start(command: &mut Command) -> Result<Self, ServerError> {
        let (process, stdout, stderr) = Process::spawn(command)?;
        let lines = capture::lines(stdout);
        let stderr = Capture::start(stderr);
        let deadline = Instant::now() + TIMEOUT;
        let why = loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => match Ready::parse(&line) {
                    Some(Ok(ready)) => return Ok(Self { process, ready, stderr }),
                    Some(Err(why)) => break format!("{why} in its ready line {line}"),
                    None => {}
                },
                Err(RecvTimeoutError::Timeout) => {
                    break format!("no ready line within {} s", TIMEOUT.as_secs());
                }
                Err(RecvTimeoutError::Disconnected) => break "it closed its standard output".to_owned(),
            }
        };
        drop(process);
        Err(ServerError::NotReady { why, stderr: stderr.to_the_end() })
    }

    /// What the server said when it was ready.
    pub fn ready(&self) -> &Ready {
        &self.ready
    }

    /// The server as the target of cases.
    pub fn target(&self) -> Target {
        self.ready.target()
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.0.id()
    }

    /// What the server has printed on standard error so far, its last 256 KiB.
    pub fn stderr(&self) -> String {
        self.stderr.so_far()
    }

    /// Kills the server with SIGKILL and waits for its end.
    ///
    /// # Errors
    ///
    /// Returns a [`ServerError`] when the system refuses.
    pub fn kill(mut self) -> Result<ExitStatus, ServerError> {
        self.process.0.kill()?;
        Ok(self.process.0.wait()?)
    }

    /// Asks the server to stop with SIGTERM, waits for its end, and returns its status and what it
    /// printed on standard error.
    ///
    /// # Errors
    ///
    /// Returns a [`ServerError`] when the server runs on for longer than [`TIMEOUT`]; it is killed then.
    pub fn terminate(mut self) -> Result<(ExitStatus, String), ServerError> {
        kill_process(Pid::from_child(&self.process.0), Signal::TERM).map_err(io::Error::from)?;
        let deadline = Instant::now() + TIMEOUT;
        while Instant::now() < deadline {
            if let Some(status) = self.process.0.try_wait()? {
                return Ok((status, self.stderr.to_the_end()));
            }
            std::thread::sleep(PAUSE);
        }
        drop(self.process);
        Err(ServerError::NotStopped { stderr: self.stderr.to_the_end() })
    }
}

/// A child process that does not outlive its owner.
#[derive(Debug)]
struct Process(Child);

impl Process {
    fn spawn(command: &mut Command) -> io::Result<(Self, ChildStdout, ChildStderr)> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = Self(command.spawn()?);
        match (process.0.stdout.take(), process.0.stderr.take()) {
            (Some(stdout), Some(stderr)) => Ok((process, stdout, stderr)),
            _ => Err(io::Error::other("no pipe from the process")),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when the process has ended and was awaited, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
