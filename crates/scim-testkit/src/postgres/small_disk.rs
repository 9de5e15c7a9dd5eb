//! A file system of a few megabytes that a server has a tablespace on, so that it can be filled to the last byte.
//!
//! Where the test may mount one, or is given a namespace to do so, the server sees a file system in memory that
//! nobody else sees. Where it may not, as in a container without privileges, the shared memory of the
//! container is that small already.

use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::{getegid, geteuid};
use tempfile::TempDir;

use super::program::Programs;
use super::{Cluster, ClusterError, MEMORY};

/// How many megabytes it has.
const SIZE: u64 = 48;

/// The shared memory of a container that nobody has enlarged, in megabytes.
const CONTAINER: u64 = 64;

const DATABASE: &str = "on_small_disk";

/// Mounts, then becomes what it was told to.
const MOUNT: &str = r#"mount -t tmpfs -o "$OPTIONS" tmpfs "$PLACE" && exec "$@""#;

#[derive(Debug)]
pub(super) struct SmallDisk {
    place: PathBuf,
    way: Way,
    _shared: Option<TempDir>,
}

/// How a server comes to see the file system.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// Root may mount, in a namespace of the server's own.
    Root,
    /// Anybody may, in a namespace where they are root.
    User,
    /// Who may become root without a password.
    Sudo,
    /// It is there.
    Shared,
}

impl SmallDisk {
    fn new(folder: &Path, programs: &Programs) -> Result<Self, ClusterError> {
        let place = folder.join("small");
        std::fs::create_dir(&place)?;
        programs.own(&place)?;
        let ways = if geteuid().is_root() { [Way::Root].as_slice() } else { &[Way::User, Way::Sudo] };
        for way in ways {
            let disk = Self { place: place.clone(), way: *way, _shared: None };
            if disk.command(programs, Path::new("true")).status().is_ok_and(|status| status.success()) {
                return Ok(disk);
            }
        }
        let small = |of: rustix::fs::StatVfs| of.f_blocks.saturating_mul(of.f_frsize) <= CONTAINER << 20;
        if !rustix::fs::statvfs(MEMORY).is_ok_and(small) {
            return Err(ClusterError::NoSmallDisk);
        }
        let shared = tempfile::Builder::new().prefix("scim-small-").tempdir_in(MEMORY)?;
        programs.own(shared.path())?;
        Ok(Self { place: shared.path().to_owned(), way: Way::Shared, _shared: Some(shared) })
    }

    /// What runs a program, as the user of the server, so that it sees the file system.
    pub(super) fn command(&self, programs: &Programs, program: &Path) -> Command {
        let (user, group) = programs.user().unwrap_or((geteuid().as_raw(), getegid().as_raw()));
        let become_again = ["--reuid", &user.to_string(), "--regid", &group.to_string(), "--clear-groups"];
        let unshare = ["--mount", "--propagation", "private", "sh", "-c", MOUNT, "sh"];
        let owner = format!(",uid={user},gid={group}");
        let mut command = match self.way {
            Way::Shared => return programs.command(program),
            Way::Sudo => Command::new("sudo"),
            Way::Root | Way::User => Command::new("unshare"),
        };
        command.current_dir("/").env("LC_ALL", "C.UTF-8").env("PLACE", &self.place);
        let options = format!("size={SIZE}m,mode=0700");
        match self.way {
            Way::User => {
                command.env("OPTIONS", options).args(["--user", "--map-root-user"]).args(unshare);
                command.args(["unshare", "--user"]);
                command.args([format!("--map-user={user}"), format!("--map-group={group}")]);
            }
            Way::Root | Way::Sudo | Way::Shared => {
                command.env("OPTIONS", options + &owner);
                if matches!(self.way, Way::Sudo) {
                    command.args(["-n", "--preserve-env=FOLDER,LC_ALL,PLACE,OPTIONS", "unshare"]);
                }
                command.args(unshare).arg("setpriv").args(become_again);
            }
        }
        command.arg(program);
        command
    }
}

impl Cluster {
    /// A new server, and a database on a small disk; how to connect to it. What is on that disk is gone when
    /// the server stops.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when PostgreSQL is not installed or does not start, or there is no way to
    /// a small disk.
    pub fn on_small_disk(settings: &[&str]) -> Result<(Self, String), ClusterError> {
        let mut cluster = Self::empty()?;
        let disk = SmallDisk::new(cluster.folder(), &cluster.programs)?;
        let place = disk.place.display().to_string();
        cluster.small_disk = Some(disk);
        cluster.run(settings)?;
        cluster.sql("postgres", &format!("CREATE TABLESPACE small LOCATION '{place}'"))?;
        cluster.sql("postgres", &format!("CREATE DATABASE {DATABASE} TABLESPACE small"))?;
        let database = cluster.connection(DATABASE);
        Ok((cluster, database))
    }

    /// Fills the small disk: no table gets another page.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when the server refuses for another reason.
    pub fn fill_small_disk(&self) -> Result<(), ClusterError> {
        self.sql(DATABASE, "CREATE TABLE ballast (page text) WITH (autovacuum_enabled = off)")?;
        self.sql(DATABASE, "ALTER TABLE ballast ALTER page SET STORAGE PLAIN")?;
        // What fails leaves its pages behind.
        for pages in [100, 1] {
            self.sql(
                DATABASE,
                &format!(
                    "DO $$ BEGIN LOOP INSERT INTO ballast SELECT repeat('x', 8000) \
                     FROM generate_series(1, {pages}); END LOOP; EXCEPTION WHEN disk_full THEN END $$"
                ),
            )?;
        }
        Ok(())
    }

    /// Makes room on the small disk again.
    ///
    /// # Errors
    ///
    /// Returns a [`ClusterError`] when the server refuses.
    pub fn free_small_disk(&self) -> Result<(), ClusterError> {
        self.sql(DATABASE, "DROP TABLE ballast").map(drop)
    }
}
