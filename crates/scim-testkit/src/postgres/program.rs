//! The programs of PostgreSQL: where they are, and as whom they run.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::process::geteuid;

use super::ClusterError;

/// Where Debian keeps each version in a folder of its own.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The oldest version that will do.
const OLDEST: u32 = 15;

#[derive(Debug)]
pub(super) struct Programs {
    folder: PathBuf,
    /// As whom they run, where the test has the privileges of root.
    user: Option<(u32, u32)>,
}

impl Programs {
    pub(super) fn find() -> Result<Self, ClusterError> {
        let versions = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten().filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            let folder = entry.path().join("bin");
            (version >= OLDEST && folder.join("postgres").is_file()).then_some((version, folder))
        });
        let of_debian = versions.max().map(|(_, folder)| folder);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = || std::env::split_paths(&path).find(|folder| folder.join("postgres").is_file());
        let folder = of_debian.or_else(on_path).ok_or(ClusterError::Missing)?;
        let user = if geteuid().is_root() { Some(postgres()?) } else { None };
        Ok(Self { folder, user })
    }

    /// As whom they run, where that is not whom the test runs as: user and group.
    pub(super) fn user(&self) -> Option<(u32, u32)> {
        self.user
    }

    pub(super) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        // The folder that the test runs in may be closed to that user.
        command.current_dir("/").env("LC_ALL", "C.UTF-8");
        command
    }

    /// Gives a folder to the user that the programs run as.
    pub(super) fn own(&self, folder: &Path) -> Result<(), ClusterError> {
        if let Some((user, group)) = self.user {
            chown(folder, Some(user), Some(group))?;
        }
        Ok(())
    }

    /// Runs a program to its end; what it printed.
    pub(super) fn run(
        &self,
        program: &str,
        with: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Result<String, ClusterError> {
        let mut command = self.command(&self.path(program));
        let output = with(&mut command).output()?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
        }
        let output = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(ClusterError::Failed { program: program.to_owned(), output })
    }
}

/// The ids of the user `postgres`, which Debian's package makes.
fn postgres() -> Result<(u32, u32), ClusterError> {
    let users = std::fs::read_to_string("/etc/passwd")?;
    let line = users.lines().find_map(|line| line.strip_prefix("postgres:"));
    let mut parts = line.ok_or(ClusterError::Missing)?.split(':').skip(1).map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(user)), Some(Ok(group))) => Ok((user, group)),
        _ => Err(ClusterError::Missing),
    }
}
