use nom::Parser;
use nom::bytes::complete::tag_no_case;

use super::fail::{Fault, PResult, stop};

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
    i.trim_start_matches(|c: char| c.is_ascii() && class(c as u8) == Class::Blank)
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
        // Marks and blanks are ASCII, so every cut falls between characters.
        Some(0) if class(i.as_bytes()[0]) == Class::Mark => &i[..1],
        Some(end) => &i[..end],
    }
}

/// `and` or `or` between two expressions, with the blanks it needs on both sides.
pub(super) fn joined_by<'a>(word: &'static str, i: &'a str) -> PResult<'a, bool> {
    let start = blanks(i);
    let Ok((rest, _)) = tag_no_case::<_, _, super::fail::Fail<'a>>(word).parse(start) else {
        return Ok((i, false));
    };
    if start.len() == i.len() || !at_word_end(rest) {
        return Ok((i, false));
    }
    let next = blanks(rest);
    if next.len() == rest.len() && !next.is_empty() {
        stop(Fault::MissingBlank, super::token::word(next))
    } else {
        Ok((next, true))
    }
}
