//! Only `scim-awork` names awork; the other libraries serve any application.

use crate::run::{Run, root};

const WORD: &str = "awork";

/// Folders whose sources may hold the word: awork's own crate, and what only tests and checks.
const EXEMPT: [&str; 3] = ["crates/scim-awork/", "crates/scim-testkit/", "crates/xtask/"];

/// Every line of the other libraries' sources that holds the word.
pub(super) fn breaches() -> Result<Vec<String>, String> {
    let files = Run::new(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "crates/"])
        .read()?;
    let mut breaches = Vec::new();
    for file in files.split('\0').filter(|file| is_watched(file)) {
        // git still lists a file that was deleted and not yet committed; it holds no word.
        let Ok(source) = std::fs::read_to_string(root().join(file)) else { continue };
        breaches.extend(lines(&source).map(|line| format!("{file}:{line} names {WORD}")));
    }
    Ok(breaches)
}

fn is_watched(file: &str) -> bool {
    file.ends_with(".rs") && !EXEMPT.iter().any(|folder| file.starts_with(folder))
}

/// The numbers of the lines that hold the word, in any case.
fn lines(source: &str) -> impl Iterator<Item = usize> + '_ {
    source
        .lines()
        .enumerate()
        .filter(|(_, line)| line.to_ascii_lowercase().contains(WORD))
        .map(|(index, _)| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_is_found_in_any_case_and_as_a_part() {
        let source = "fn a() {}\n// Awork does\nlet x = \"urn:awork.com\";\nlet framework = 1;\n";
        assert_eq!(Vec::from_iter(lines(source)), [2, 3]);
    }

    #[test]
    fn only_sources_of_the_general_libraries_are_watched() {
        assert!(is_watched("crates/scim-core/src/lib.rs"));
        assert!(!is_watched("crates/scim-awork/src/lib.rs"));
        assert!(!is_watched("crates/scim-core/README.md"));
    }
}
