//! The top level holds a few names, and dotfiles.

use std::collections::BTreeSet;

use crate::run::Run;

const ALLOWED: [&str; 8] =
    ["Cargo.toml", "Cargo.lock", "crates", "examples", "fuzz", "benches", "README.md", "LICENSE"];

/// What git knows, or would add, at the top level beyond the allowed.
pub(super) fn breaches() -> Result<Vec<String>, String> {
    let files = Run::new(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]).read()?;
    Ok(foreign(files.split('\0'))
        .into_iter()
        .map(|name| format!("`{name}` may not stand at the top level"))
        .collect())
}

fn foreign<'a>(files: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    files
        .filter_map(|file| file.split('/').next())
        .filter(|name| !name.is_empty() && !name.starts_with('.') && !ALLOWED.contains(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_beyond_the_list_are_foreign_once() {
        let files = ["Cargo.toml", ".ci/run", "crates/a/Makefile", "docs/a.md", "docs/b.md", "NOTES", ""];
        assert_eq!(Vec::from_iter(foreign(files.into_iter())), ["NOTES", "docs"]);
    }
}
