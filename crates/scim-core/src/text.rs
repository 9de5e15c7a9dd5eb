//! How text is compared: one fold for claims, filters and order.
//!
//! Text is stored as it was sent (A21) and compared in a folded form. Folded text is compared byte
//! by byte, which for UTF-8 is the order of code points, so SQL needs no collation of its own.

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// What counts when two texts are compared.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Folding {
    /// Everything but the choice between composed and decomposed characters (caseExact).
    Exact,
    /// Letter case does not count (7644-7.8-01).
    CaseFolded,
    /// As a user name of RFC 8265: width and letter case do not count (7644-5-01).
    UserName,
}

impl Folding {
    /// The form of `text` that stands for it in comparisons.
    #[must_use]
    pub fn fold(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Exact => fold_exact(text),
            Self::CaseFolded => fold_case(text),
            Self::UserName => fold_user_name(text),
        }
    }
}

/// A password as it is to be checked or hashed: prepared and enforced as the OpaqueString profile of RFC 8265
/// §4.2 says, but for one point; none if it is empty or holds control characters.
///
/// Blanks of all kinds become spaces, and characters are composed; nothing else changes. The profile would
/// also refuse characters by the tables of a version of Unicode, and with it whatever is newer than that
/// version. A password does not get better by that, so those are taken.
#[must_use]
pub fn prepare_password(text: &str) -> Option<Cow<'_, str>> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return None;
    }
    if text.is_ascii() {
        return Some(Cow::Borrowed(text));
    }
    // Of the blanks of Unicode only line and paragraph separators are no spaces.
    let is_space = |c: char| c.is_whitespace() && !matches!(c, '\u{2028}' | '\u{2029}');
    Some(Cow::Owned(text.chars().map(|c| if is_space(c) { ' ' } else { c }).nfc().collect()))
}

fn fold_exact(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

fn fold_case(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    let mapper = CaseMapper::new();
    // Decomposed first: U+0345 and its like fold differently inside a composed character.
    Cow::Owned(text.nfd().map(|c| mapper.simple_fold(c)).nfc().collect())
}

fn fold_user_name(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    let narrow: String = text.chars().map(map_width).collect();
    Cow::Owned(fold_case(&narrow).into_owned())
}

fn fold_ascii(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// The width-mapping rule of RFC 8265: fullwidth and halfwidth characters become ordinary ones.
fn map_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{FFE3}' => '\u{AF}',
        '\u{FFA0}' => '\u{3164}',
        '\u{FFA1}'..='\u{FFBE}' => shift(c, 0xFFA1, 0x3131),
        '\u{FFC2}'..='\u{FFC7}' => shift(c, 0xFFC2, 0x314F),
        '\u{FFCA}'..='\u{FFCF}' => shift(c, 0xFFCA, 0x3155),
        '\u{FFD2}'..='\u{FFD7}' => shift(c, 0xFFD2, 0x315B),
        '\u{FFDA}'..='\u{FFDC}' => shift(c, 0xFFDA, 0x3161),
        // For the rest of the block the compatibility decomposition is the width mapping.
        '\u{FF01}'..='\u{FFEE}' => {
            let mut mapped = std::iter::once(c).nfkd();
            match (mapped.next(), mapped.next()) {
                (Some(one), None) => one,
                _ => c,
            }
        }
        _ => c,
    }
}

fn shift(c: char, from: u32, to: u32) -> char {
    char::from_u32(u32::from(c) - from + to).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 7644-5-01, 7644-7.8-01, A-30: what is the same to a client folds to the same text.
    #[test]
    fn folds() {
        for (folding, one, other, same) in [
            (Folding::CaseFolded, "Lea", "lEA", true),
            (Folding::CaseFolded, "e\u{301}", "\u{c9}", true),
            (Folding::CaseFolded, "straße", "STRASSE", false),
            (Folding::CaseFolded, "ΣΑΣ", "σας", true),
            (Folding::CaseFolded, "ｂｏｂ", "bob", false),
            (Folding::UserName, "ＢＯＢ", "bob", true),
            (Folding::UserName, "ｶ", "カ", true),
            (Folding::UserName, "a\u{3000}b", "A B", true),
            (Folding::Exact, "e\u{301}", "\u{e9}", true),
            (Folding::Exact, "a", "A", false),
        ] {
            assert_eq!(folding.fold(one) == folding.fold(other), same, "{one} / {other}");
        }
    }

    /// 7643-4.1.1-04, 7644-5-01: passwords as RFC 8265 §4.2 and its examples have them.
    #[test]
    fn passwords_are_prepared() {
        for (sent, prepared) in [
            ("correct horse battery staple", Some("correct horse battery staple")),
            ("Correct Horse", Some("Correct Horse")),
            ("πßå", Some("πßå")),
            ("Jack of ♦s", Some("Jack of ♦s")),
            ("foo\u{1680}bar", Some("foo bar")),
            ("e\u{301}\u{a0}x", Some("\u{e9} x")),
            ("ｂｏｂ", Some("ｂｏｂ")),
            ("\u{1f9cb}", Some("\u{1f9cb}")),
            ("", None),
            ("my cat is a \tby", None),
            ("a\u{85}", None),
        ] {
            assert_eq!(prepare_password(sent).as_deref(), prepared, "{sent:?}");
        }
    }

    /// 7644-5-01: user names that RFC 8265 holds for the same, and some that it does not.
    #[test]
    fn user_names_are_compared_as_rfc_8265_says() {
        for (one, other, same) in [
            ("Ｊｕｌｉｅｔ@example.com", "juliet@EXAMPLE.com", true),
            ("fu\u{df}ball", "FU\u{1e9e}BALL", true),
            ("fussball", "fu\u{df}ball", false),
            ("π", "Π", true),
            ("σ", "ς", true),
            ("Å", "a\u{30a}", true),
            ("\u{212b}", "å", true),
            ("ＺＯＥ\u{308}", "zoë", true),
            ("ﾊﾟ", "パ", true),
            ("ﬁ", "fi", false),
            ("①", "1", false),
            ("henry\u{2163}", "henryiv", false),
            ("a b", "a\u{3000}b", true),
        ] {
            let (one_folded, other_folded) = (Folding::UserName.fold(one), Folding::UserName.fold(other));
            assert_eq!(one_folded == other_folded, same, "{one} / {other}");
        }
    }

    /// Folding twice is folding once, for every character on its own and after a base letter. Of the
    /// characters left out, ideographs, syllables and the unassigned, none folds to another.
    #[test]
    fn folding_is_idempotent() {
        let interesting = ('\0'..='\u{33FF}')
            .chain('\u{A000}'..='\u{ABFF}')
            .chain('\u{F900}'..='\u{1FFFF}')
            .chain('\u{2F800}'..='\u{2FA1F}')
            .chain('\u{E0000}'..='\u{E01EF}');
        let mut text = String::new();
        for c in interesting {
            for base in ["", "a"] {
                text.clear();
                text.push_str(base);
                text.push(c);
                for folding in [Folding::Exact, Folding::CaseFolded, Folding::UserName] {
                    let once = folding.fold(&text);
                    // What folds to itself needs no second look.
                    if once != text {
                        assert_eq!(folding.fold(&once), once, "{folding:?} U+{:04X}", u32::from(c));
                    }
                }
            }
        }
    }
}
