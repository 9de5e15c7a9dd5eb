//! What an index holds of a text: no database takes texts of any length into one.

use std::borrow::Cow;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// How many characters of a text an index holds; at most four bytes each.
pub const INDEX_CHARS: usize = 256;

/// Parts a text into what an index holds of it, and the rest.
///
/// Cut after so many characters, not bytes: so texts are in order by their first parts, then by the second.
#[must_use]
pub fn index_key(text: &str) -> (&str, &str) {
    if text.len() <= INDEX_CHARS {
        return (text, "");
    }
    text.char_indices().nth(INDEX_CHARS).map_or((text, ""), |(at, _)| text.split_at(at))
}

/// What stands for a unique value: itself, or where it is too long its beginning and a digest of it all.
///
/// The latter is longer than any value that stands for itself, so that the two are never the same.
#[must_use]
pub fn unique_key(value: &str) -> Cow<'_, str> {
    let (key, rest) = index_key(value);
    if rest.is_empty() {
        return Cow::Borrowed(value);
    }
    let mut key = key.to_owned();
    for byte in Sha256::digest(value) {
        // Writing to a String cannot fail.
        let _ = write!(key, "{byte:02x}");
    }
    Cow::Owned(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_parted_after_characters() {
        let (x, e) = ("x".repeat(255), "\u{e9}");
        for (text, rest) in [
            (x.clone(), ""),
            (format!("{x}y"), ""),
            (format!("{x}{e}"), ""),
            (format!("{x}yz"), "z"),
            (format!("{x}{e}{e}"), e),
            ("\u{1f600}".repeat(257), "\u{1f600}"),
        ] {
            let (key, found) = index_key(&text);
            assert_eq!(found, rest, "{text}");
            assert_eq!(format!("{key}{found}"), text);
        }
    }

    /// A cut after bytes would take `xé` for less than `xa`.
    #[test]
    fn parts_are_in_the_order_of_their_texts() {
        let x = "x".repeat(255);
        let mut texts: Vec<String> =
            ["", "a", "\u{e9}", "aa", "a\u{e9}", "\u{e9}a"].iter().map(|end| format!("{x}{end}")).collect();
        texts.sort();
        assert!(texts.is_sorted_by_key(|text| index_key(text)));
    }

    #[test]
    fn long_unique_values_stay_apart() {
        let long = "x".repeat(257);
        assert_eq!(unique_key("lea"), "lea");
        assert_ne!(unique_key(&long), unique_key(&format!("{long}x")));
        // Not even the key itself has that key.
        assert_ne!(unique_key(&unique_key(&long)), unique_key(&long));
    }
}
