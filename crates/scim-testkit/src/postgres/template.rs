//! Data folders that are made once and copied for each server: a copy costs a tenth of what making one does.
//!
//! They lie in cargo's target folder, and go with it. What a folder depends on is part of its name, so that one
//! that is there is never out of date. Each has a lock beside it: whoever makes it holds it alone, whoever
//! copies it holds it with others. The system takes a lock away from a process that ends, in whatever way,
//! and a folder gets its name when it is complete. Nothing is flushed: what a machine that lost its power has
//! left behind is never copied, since the start of the machine is part of the name, too.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::program::Programs;
use super::{Cluster, ClusterError};

/// What Linux calls this start of the machine.
const BOOT: &str = "/proc/sys/kernel/random/boot_id";

/// After how long one that nobody is copying goes; it is made again when it is wanted.
const KEPT: Duration = Duration::from_secs(24 * 60 * 60);

/// A data folder to be copied.
#[derive(Debug)]
pub(super) struct Template {
    /// Where templates are kept. None where this is no test that cargo has built.
    place: Option<PathBuf>,
    name: String,
}

/// A data folder that no server uses, and what must live for as long as it is read.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) data: PathBuf,
    pub(super) _of: Cluster,
}

impl Template {
    /// The template of that name; `of` is all that it depends on, beside PostgreSQL itself.
    pub(super) fn new(name: &str, of: &[&str], programs: &Programs) -> Result<Self, ClusterError> {
        let mut hasher = DefaultHasher::new();
        let version = programs.run("postgres", |command| command.arg("--version"))?;
        (of, programs.path("postgres"), version, fs::read(BOOT).unwrap_or_default()).hash(&mut hasher);
        Ok(Self { place: place(), name: format!("{name}-{:016x}", hasher.finish()) })
    }

    /// Fills `to`, which is not there yet, with a copy. Where there is nothing to copy yet, `make` makes it
    /// and says where it is.
    pub(super) fn copy(
        &self,
        to: &Path,
        programs: &Programs,
        make: impl FnOnce() -> Result<Made, ClusterError>,
    ) -> Result<(), ClusterError> {
        let Some(place) = &self.place else { return Ok(copy(&make()?.data, to, programs.user())?) };
        fs::create_dir_all(place)?;
        let (lock, folder) = (lock(place, &self.name)?, place.join(&self.name));
        lock.lock_shared()?;
        if !folder.is_dir() {
            // Alone now. Another process may come first, and has then made it.
            lock.unlock()?;
            lock.lock()?;
            if !folder.is_dir() {
                let part = place.join(format!("{}.part", self.name));
                remove(&part)?;
                copy(&make()?.data, &part, None)?;
                fs::rename(part, &folder)?;
                tidy(place, &self.name)?;
            }
        }
        Ok(copy(&folder, to, programs.user())?)
    }
}

/// The folder for temporary files in the target folder, which is known by the tag that cargo puts there.
fn place() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let target = program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file())?;
    Some(target.join("tmp").join("scim-pg-templates"))
}

fn lock(place: &Path, name: &str) -> io::Result<File> {
    File::options().create(true).append(true).open(place.join(format!("{name}.lock")))
}

/// Takes old templates away that nobody is making or copying.
fn tidy(place: &Path, except: &str) -> io::Result<()> {
    for entry in fs::read_dir(place)?.flatten() {
        let (name, folder) = (entry.file_name(), entry.path());
        let Some(name) = name.to_str().map(|name| name.trim_end_matches(".part")) else { continue };
        let old = || entry.metadata()?.modified()?.elapsed().map_err(io::Error::other);
        if name != except && folder.is_dir() && old().is_ok_and(|age| age > KEPT) {
            let lock = lock(place, name)?;
            if lock.try_lock().is_ok() {
                remove(&folder)?;
            }
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Copies a folder with all that is in it, and gives the copy to a user.
fn copy(from: &Path, to: &Path, user: Option<(u32, u32)>) -> io::Result<()> {
    // The server wants its data closed to everybody else.
    fs::DirBuilder::new().mode(0o700).create(to)?;
    let own = |path: &Path| user.map_or(Ok(()), |(user, group)| chown(path, Some(user), Some(group)));
    own(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to, user)?;
        } else {
            fs::copy(entry.path(), &to)?;
            own(&to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with one file, as a server's data.
    fn made(text: &str) -> Result<Made, ClusterError> {
        let of = Cluster::new()?;
        fs::create_dir_all(of.data().join("base"))?;
        fs::write(of.data().join("base/1"), text)?;
        Ok(Made { data: of.data(), _of: of })
    }

    /// Whatever a maker that was killed or failed has left behind, the next one makes it whole, and later
    /// ones copy that.
    #[test]
    fn what_was_left_by_half_is_made_again() {
        let (place, programs) = (tempfile::tempdir().unwrap(), Programs::find().unwrap());
        let template = Template { place: Some(place.path().to_owned()), name: "t".into() };
        fs::create_dir_all(place.path().join("t.part/base")).unwrap();
        fs::write(place.path().join("t.part/base/2"), "half").unwrap();
        fs::write(place.path().join("t.lock"), "").unwrap();
        let to = |name: &str| place.path().join(name);
        template.copy(&to("none"), &programs, || Err(ClusterError::Missing)).unwrap_err();
        template.copy(&to("first"), &programs, || made("whole")).unwrap();
        template.copy(&to("second"), &programs, || panic!("it is there")).unwrap();
        for name in ["first", "second"] {
            assert_eq!(fs::read_to_string(to(name).join("base/1")).unwrap(), "whole");
            assert!(!to(name).join("base/2").exists());
        }
    }

    /// One that nobody has used for long goes when another is made, unless somebody is copying it.
    #[test]
    fn old_ones_go_unless_they_are_in_use() {
        let place = tempfile::tempdir().unwrap();
        for name in ["used", "old", "half.part", "new", "mine"] {
            let folder = place.path().join(name);
            fs::create_dir(&folder).unwrap();
            if name != "new" {
                let then = std::time::SystemTime::now() - 2 * KEPT;
                File::open(folder).unwrap().set_modified(then).unwrap();
            }
        }
        let copying = lock(place.path(), "used").unwrap();
        copying.lock_shared().unwrap();
        tidy(place.path(), "mine").unwrap();
        let left = ["used", "old", "half.part", "new", "mine"].map(|name| place.path().join(name).exists());
        assert_eq!(left, [true, false, false, true, true]);
    }
}
