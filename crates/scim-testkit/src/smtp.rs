//! A real SMTP server for tests: `aiosmtpd`, which keeps what it takes in a folder of its own.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long the server may take to start.
pub const TIMEOUT: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(20);

/// A running server; dropping it stops it and takes its mails away.
#[derive(Debug)]
pub struct SmtpServer {
    process: Child,
    folder: TempDir,
    address: SocketAddr,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum SmtpServerError {
    /// The program or the folder.
    #[error("aiosmtpd, which `cargo xtask setup` installs: {0}")]
    Io(#[from] io::Error),
    /// The server did not answer in time.
    #[error("aiosmtpd did not start")]
    NotReady,
}

/// An address that was free a moment ago, to be used later.
///
/// # Errors
///
/// Returns the error of the system when it has none.
pub fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")?.local_addr()
}

impl SmtpServer {
    /// Starts a server at an address that takes mails of at most that many bytes.
    ///
    /// # Errors
    ///
    /// Returns an [`SmtpServerError`] when it does not start.
    pub fn start(address: SocketAddr, most_bytes: usize) -> Result<Self, SmtpServerError> {
        let folder = tempfile::tempdir()?;
        let process = Command::new("aiosmtpd")
            .args(["--nosetuid", "--smtputf8", "--size", &most_bytes.to_string()])
            .args(["--listen", &address.to_string(), "--class", "aiosmtpd.handlers.Mailbox"])
            .arg(folder.path().join("mail"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Self { process, folder, address };
        let deadline = Instant::now() + TIMEOUT;
        while TcpStream::connect(address).is_err() {
            if Instant::now() > deadline || server.process.try_wait()?.is_some() {
                return Err(SmtpServerError::NotReady);
            }
            std::thread::sleep(PAUSE);
        }
        Ok(server)
    }

    /// The URL of the server.
    #[must_use]
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// The mails that it has taken, as they came, in no order.
    ///
    /// # Errors
    ///
    /// Returns the error of the system when they cannot be read.
    pub fn mails(&self) -> io::Result<Vec<String>> {
        let folder: PathBuf = self.folder.path().join("mail/new");
        let mut mails = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            mails.push(std::fs::read_to_string(entry?.path())?);
        }
        Ok(mails)
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        // Both fail only when it has ended, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
