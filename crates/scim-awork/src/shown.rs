//! Text of a client, made fit for a message.

use std::fmt::{self, Write as _};

/// How much of one value a message repeats; the rest is in the request.
const SHOWN_CHARS: usize = 80;

/// How many values of one list a message repeats.
const SHOWN_VALUES: usize = 50;

/// A client's text in backticks, cut to 80 characters, with control characters escaped.
#[derive(Debug)]
pub(crate) struct Shown<'a>(pub(crate) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('`')?;
        let mut chars = self.0.chars();
        for c in chars.by_ref().take(SHOWN_CHARS) {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        if chars.next().is_some() {
            f.write_char('…')?;
        }
        f.write_char('`')
    }
}

/// Several texts of a client, the first 50 of them, and how many more there are.
#[derive(Debug)]
pub(crate) struct ShownList<'a>(pub(crate) &'a [String]);

impl fmt::Display for ShownList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, value) in self.0.iter().take(SHOWN_VALUES).enumerate() {
            if at > 0 {
                f.write_str(", ")?;
            }
            Shown(value).fmt(f)?;
        }
        match self.0.len().saturating_sub(SHOWN_VALUES) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_wild_text_is_cut_and_escaped() {
        assert_eq!(Shown("Design").to_string(), "`Design`");
        assert_eq!(Shown("a\nb\u{1b}").to_string(), r"`a\nb\u{1b}`");
        assert_eq!(Shown(&"ü".repeat(80)).to_string(), format!("`{}`", "ü".repeat(80)));
        assert_eq!(Shown(&"ü".repeat(81)).to_string(), format!("`{}…`", "ü".repeat(80)));
    }

    #[test]
    fn long_lists_are_counted() {
        let two: Vec<_> = ["a", "b"].map(String::from).into();
        assert_eq!(ShownList(&two).to_string(), "`a`, `b`");
        let many = vec![String::from("x"); 53];
        assert!(ShownList(&many).to_string().ends_with("`x`, `x` and 3 more"));
        assert!(ShownList(&many[..50]).to_string().ends_with("`x`, `x`"));
    }
}
