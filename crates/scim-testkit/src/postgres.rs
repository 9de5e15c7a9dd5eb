//! Real PostgreSQL servers for tests, each in a temporary folder, gone when the test is.
//!
//! The folders are in memory where there is room, since a server has more than a thousand files; if `TMPDIR`
//! is set they are there, on a disk if that matters.
//!
//! PostgreSQL refuses to run as root, so root's privileges are dropped to those of the user `postgres`.

mod pair;
mod program;
mod small_disk;
mod template;
mod tls;

use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub use self::pair::Pair;
use self::program::Programs;
use self::small_disk::SmallDisk;
use self::template::{Made, Template};

/// How long a server may take to start, and to stop.
pub const TIMEOUT: Duration = Duration::from_secs(60);

const PAUSE: Duration = Duration::from_millis(10);

/// The port; it is only part of the name of the socket.
const PORT: u16 = 5432;

/// A file system in memory, where Linux has one, and how many bytes must be free there to be used.
const MEMORY: &str = "/dev/shm";
const ROOM: u64 = 4 << 30;

/// How a new server is made: it sorts texts as no store may, by the rules of a language.
const INIT: &[&str] = &[
    "--no-sync",
    "--auth=trust",
    "-U",
    "postgres",
    "-E",
    "UTF8",
    "--locale=C.UTF-8",
    "--locale-provider=icu",
    "--icu-locale=en-US",
    // Megabytes in each segment of the log: there is less to copy.
    "--wal-segsize=1",
];

/// Runs the server until the other end of standard input is closed, which the end of the test does
/// whatever way it comes; then takes the folder away, unless it was told to keep it.
const WATCHED: &str = r#"
"$@" </dev/null & server=$!
read -r word
kill -QUIT "$server" 2>/dev/null
wait "$server"
[ "$word" = keep ] || rm -rf "$FOLDER"
"#;

/// What becomes of the data of a server that stops.
#[derive(Clone, Copy, Debug)]
enum Data {
    Kept,
    Gone,
}

/// A running server; dropping it stops it at once, as a crash would, and takes its data away.
#[derive(Debug)]
pub struct Cluster {
    folder: TempDir,
    programs: Programs,
    watcher: Option<Child>,
    databases: AtomicUsize,
    /// Of its own, if it listens to the network.
    port: Option<u16>,
    small_disk: Option<SmallDisk>,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// A program or a folder.
    #[error("PostgreSQL: {0}")]
    Io(#[from] io::Error),
    /// No PostgreSQL of version 15 or newer is installed.
    #[error("PostgreSQL 15 or newer is not installed; `cargo xtask setup` installs it")]
    Missing,
    /// A program failed.
    #[error("{program} failed: {output}")]
    Failed {
        /// Which one.
        program: String,
        /// What it printed.
        output: String,
    },
    /// The test may not mount a file system.
    #[error("no small file system can be made: it takes root, user namespaces, or sudo without a password")]
    NoSmallDisk,
    /// The server did not become ready.
    #[error("PostgreSQL did not start; its log says:\n{log}")]
    NotReady {
        /// What it printed.
        log: String,
    },
}

impl Cluster {
    /// A new and empty server that sorts texts as no store may: by the rules of a language.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when PostgreSQL is not installed or does not start.
    pub fn start(settings: &[&str]) -> Result<Self, ClusterError> {
        let mut cluster = Self::empty()?;
        cluster.run(settings)?;
        Ok(cluster)
    }

    /// The data of a new server, which does not run yet.
    fn empty() -> Result<Self, ClusterError> {
        let cluster = Self::new()?;
        let template = Template::new("empty", INIT, &cluster.programs)?;
        template.copy(&cluster.data(), &cluster.programs, || {
            let new = Self::new()?;
            let data = new.data();
            new.programs.run("initdb", |command| command.args(INIT).arg("-D").arg(&data))?;
            Ok(Made { data, _of: new })
        })?;
        Ok(cluster)
    }

    /// A server that begins with what `prepare` has made of a new one.
    ///
    /// It is prepared once and copied from then on, for as long as nothing in `of` changes: all that
    /// `prepare` depends on, such as the text of migrations.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when PostgreSQL is not installed or does not start, or when it cannot be
    /// prepared.
    pub fn prepared(
        name: &str,
        of: &[&str],
        settings: &[&str],
        prepare: impl FnOnce(&Self) -> Result<(), ClusterError>,
    ) -> Result<Self, ClusterError> {
        let mut cluster = Self::new()?;
        let template = Template::new(name, &[INIT, of].concat(), &cluster.programs)?;
        template.copy(&cluster.data(), &cluster.programs, || {
            let new = Self::start(&[])?;
            prepare(&new)?;
            new.shut_down()?;
            Ok(Made { data: new.data(), _of: new })
        })?;
        cluster.run(settings)?;
        Ok(cluster)
    }

    /// A standby that follows this server and can take its place. The setting `cluster_name` is what the
    /// server knows it by.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when the copy cannot be made or does not start.
    pub fn standby(&self, settings: &[&str]) -> Result<Self, ClusterError> {
        let mut standby = Self::new()?;
        standby.follow(self, settings)?;
        Ok(standby)
    }

    /// Starts again as a standby of that server, with a copy of its data instead of what was here.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when the copy cannot be made or does not start.
    pub fn follow(&mut self, primary: &Self, settings: &[&str]) -> Result<(), ClusterError> {
        self.stop(Data::Kept);
        let data = self.data();
        if data.exists() {
            std::fs::remove_dir_all(&data)?;
        }
        let from = primary.connection("postgres");
        self.programs.run("pg_basebackup", |command| {
            command
                .args(["-R", "-X", "stream", "-c", "fast", "--no-sync", "-d"])
                .arg(from)
                .arg("-D")
                .arg(data)
        })?;
        self.run(settings)
    }

    /// The server that all tests of a process share. It ends with the process.
    ///
    /// # Panics
    ///
    /// Panics when there is none; a test can do nothing else.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[]).unwrap_or_else(|error| panic!("{error}")))
    }

    fn new() -> Result<Self, ClusterError> {
        let programs = Programs::find()?;
        let folder = tempfile::Builder::new().prefix("scim-pg-").tempdir_in(place())?;
        programs.own(folder.path())?;
        let databases = AtomicUsize::new(0);
        Ok(Self { folder, programs, watcher: None, databases, port: None, small_disk: None })
    }

    /// The folder that the socket is in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The socket that the server listens on.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.folder().join(format!(".s.PGSQL.{}", self.port()))
    }

    fn data(&self) -> PathBuf {
        self.folder().join("data")
    }

    /// The data source name of a database on whichever of the two servers takes writes.
    #[must_use]
    pub fn either(&self, other: &Self, database: &str) -> String {
        let database = database.rsplit_once("dbname=").map_or(database, |(_, name)| name);
        let (one, two) = (self.folder().display(), other.folder().display());
        format!(
            "host={one},{two} port={PORT},{PORT} user=postgres dbname={database} \
             target_session_attrs=read-write"
        )
    }

    /// How to connect to a database.
    #[must_use]
    pub fn connection(&self, database: &str) -> String {
        format!("host={} port={} user=postgres dbname={database}", self.folder().display(), self.port())
    }

    /// Makes a new and empty database; how to connect to it.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when the server refuses.
    pub fn database(&self) -> Result<String, ClusterError> {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(self.connection(&name))
    }

    /// Makes a new database that is a copy of another one, to which nobody is connected.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when the server refuses.
    pub fn copy(&self, template: &str) -> Result<String, ClusterError> {
        let template = template.rsplit_once("dbname=").map_or(template, |(_, name)| name);
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE {template}"))?;
        Ok(self.connection(&name))
    }

    /// Runs SQL as the superuser; what it prints, unaligned.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] with what the server said when it fails.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String, ClusterError> {
        let database = database.rsplit_once("dbname=").map_or(database, |(_, name)| name);
        self.programs.run("psql", |command| {
            command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", sql, "-d"]);
            command.arg(self.connection(database))
        })
    }

    /// Starts the server, again if it was killed or still runs.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when it does not start.
    pub fn run(&mut self, settings: &[&str]) -> Result<(), ClusterError> {
        let deadline = Instant::now() + TIMEOUT;
        self.spawn(settings)?;
        while Instant::now() < deadline {
            if self.is_ready() {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
            // A process of one that was killed is not quite gone yet.
            if self.log()?.contains("pre-existing shared memory block") {
                self.spawn(settings)?;
            }
        }
        self.stop(Data::Kept);
        Err(ClusterError::NotReady { log: self.log().unwrap_or_default() })
    }

    /// Starts the server, which is not ready yet.
    fn spawn(&mut self, settings: &[&str]) -> Result<(), ClusterError> {
        self.stop(Data::Kept);
        // The file of a killed server would say that it is ready.
        let _ = std::fs::remove_file(self.data().join("postmaster.pid"));
        let shell = Path::new("/bin/sh");
        let mut command = match &self.small_disk {
            Some(disk) => disk.command(&self.programs, shell),
            None => self.programs.command(shell),
        };
        command.args(["-c", WATCHED, "sh"]).arg(self.programs.path("postgres"));
        command.arg("-D").arg(self.data()).arg("-k").arg(self.folder());
        command.args([
            "-p",
            &self.port().to_string(),
            "-c",
            "listen_addresses=",
            "-c",
            "max_connections=200",
        ]);
        // With its data, which are taken away: a server that is killed leaves it behind.
        command.args(["-c", "dynamic_shared_memory_type=mmap"]);
        for setting in settings {
            command.args(["-c", setting]);
        }
        let output = std::fs::File::create(self.folder().join("log"))?;
        command.env("FOLDER", self.folder());
        // Who ends a test ends its group: not the watcher, which sees to it that the server ends, too.
        command.process_group(0);
        command.stdin(Stdio::piped()).stdout(output.try_clone()?).stderr(output);
        self.watcher = Some(command.spawn()?);
        Ok(())
    }

    fn is_ready(&self) -> bool {
        let state = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
        matches!(state.lines().nth(7).map(str::trim), Some("ready" | "standby"))
    }

    /// What the server has printed since it was last started.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when that cannot be read.
    pub fn log(&self) -> Result<String, ClusterError> {
        Ok(String::from_utf8_lossy(&std::fs::read(self.folder().join("log"))?).into_owned())
    }

    /// Decides who may connect, as `pg_hba.conf` does; the superuser may in any case.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when the server does not take it.
    pub fn allow(&self, rules: &str) -> Result<(), ClusterError> {
        std::fs::write(self.data().join("pg_hba.conf"), format!("local all postgres trust\n{rules}\n"))?;
        self.sql("postgres", "SELECT pg_reload_conf()").map(drop)
    }

    /// Kills the server and all its processes with SIGKILL. The data stay until it is dropped.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when it is not running.
    pub fn kill(&self) -> Result<(), ClusterError> {
        let id = self.id()?;
        // Its children would see that it is gone, but each in its own time.
        let children = format!("/proc/{0}/task/{0}/children", id.as_raw_nonzero());
        let children = std::fs::read_to_string(children).unwrap_or_default();
        kill_process(id, Signal::KILL).map_err(io::Error::from)?;
        for child in children.split_whitespace().filter_map(|id| id.parse().ok()).filter_map(Pid::from_raw) {
            // It fails when that one has ended already.
            let _ = kill_process(child, Signal::KILL);
        }
        Ok(())
    }

    /// Ends the server in order: its data are complete without its log.
    fn shut_down(&self) -> Result<(), ClusterError> {
        kill_process(self.id()?, Signal::INT).map_err(io::Error::from)?;
        let deadline = Instant::now() + TIMEOUT;
        while self.data().join("postmaster.pid").exists() {
            if Instant::now() > deadline {
                return Err(io::Error::other("the server does not shut down").into());
            }
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    fn id(&self) -> Result<Pid, ClusterError> {
        let state = std::fs::read_to_string(self.data().join("postmaster.pid"))?;
        let id = state.lines().next().and_then(|id| id.parse().ok()).and_then(Pid::from_raw);
        Ok(id.ok_or_else(|| io::Error::other("no process id of the server"))?)
    }

    /// Makes a standby the primary.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when the server refuses.
    pub fn promote(&self) -> Result<(), ClusterError> {
        let data = self.data();
        self.programs.run("pg_ctl", |command| command.args(["promote", "-w", "-D"]).arg(data)).map(drop)
    }

    fn stop(&mut self, data: Data) {
        if let Some(mut watcher) = self.watcher.take() {
            if let (Some(mut stdin), Data::Kept) = (watcher.stdin.take(), data) {
                // It fails only when the watcher is gone, and then nothing is taken away.
                let _ = stdin.write_all(b"keep\n");
            }
            // It fails only when it was awaited already.
            let _ = watcher.wait();
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.stop(Data::Gone);
    }
}

/// Where servers have their folders.
fn place() -> PathBuf {
    let free = || rustix::fs::statvfs(MEMORY).is_ok_and(|of| of.f_bavail.saturating_mul(of.f_frsize) >= ROOM);
    if std::env::var_os("TMPDIR").is_none() && free() { MEMORY.into() } else { std::env::temp_dir() }
}
