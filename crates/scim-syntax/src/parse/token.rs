use super::fail::{Fail, Fault, fail};

/// What a byte may be part of.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Class {
    /// Letters, digits, `$`, `-`, `_`.
    Name,
    Colon,
    Dot,
    /// What else a URI may hold, apart from parentheses and apostrophes.
    Uri,
    Blank,
    /// What ends a word: brackets, parentheses, the quotation mark.
    Mark,
    Other,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0_u8;
    loop {
        classes[byte as usize] = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'$' | b'-' | b'_' => Class::Name,
            b':' => Class::Colon,
            b'.' => Class::Dot,
            b'~' | b'/' | b'?' | b'#' | b'@' | b'!' | b'&' | b'*' | b'+' | b',' | b';' | b'=' | b'%' => {
                Class::Uri
            }
            b' ' | b'\t' | b'\n' | b'\r' => Class::Blank,
            b'(' | b')' | b'[' | b']' | b'"' => Class::Mark,
            _ => Class::Other,
        };
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

pub(super) fn class(byte: u8) -> Class {
    CLASSES[usize::from(byte)]
}

/// Skips blanks, if there are any. The grammar has one; more are tolerated (7644-3.4.2.2-27).
pub(super) fn blanks(i: &str) -> &str {
    let end = i.bytes().position(|byte| class(byte) != Class::Blank).unwrap_or(i.len());
    // Blanks are ASCII, so the cut falls between characters.
    &i[end..]
}

/// Whether a word ends here: at a blank, a bracket, a quotation mark or the end.
pub(super) fn at_word_end(i: &str) -> bool {
    i.bytes().next().is_none_or(|byte| matches!(class(byte), Class::Blank | Class::Mark))
}

/// All text up to the next blank, bracket or quotation mark; of those, one alone.
pub(super) fn word(i: &str) -> &str {
    let end = i.bytes().position(|byte| matches!(class(byte), Class::Blank | Class::Mark));
    match end {
        None => i,
        // Blanks and marks are ASCII, so the cuts fall between characters.
        Some(0) => &i[..1],
        Some(end) => &i[..end],
    }
}

/// What joins two expressions.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Joint {
    And,
    Or,
}

impl Joint {
    fn length(self) -> usize {
        match self {
            Self::And => 3,
            Self::Or => 2,
        }
    }
}

/// The word that joins what was read to what follows, if there is one.
pub(super) fn joint(i: &str) -> Option<Joint> {
    let start = blanks(i);
    let word = match start.as_bytes() {
        [b'a' | b'A', b'n' | b'N', b'd' | b'D', ..] => Joint::And,
        [b'o' | b'O', b'r' | b'R', ..] => Joint::Or,
        _ => return None,
    };
    (start.len() < i.len() && at_word_end(&start[word.length()..])).then_some(word)
}

/// Skips the word that [`joint`] saw and the blanks around it.
pub(super) fn after_joint(i: &str, seen: Joint) -> Result<&str, nom::Err<Fail<'_>>> {
    let rest = &blanks(i)[seen.length()..];
    let next = blanks(rest);
    if next.len() == rest.len() && !next.is_empty() {
        return Err(fail(Fault::MissingBlank, word(next)));
    }
    Ok(next)
}
