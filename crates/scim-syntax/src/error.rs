mod filter;
mod path;

use std::ops::Range;

use thiserror::Error;

pub use self::filter::{ParseFilterError, ParseFilterErrorKind};
pub use self::path::{ParsePathError, ParsePathErrorKind};

/// Why a text is no attribute name, and which bytes of it are to blame.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{kind} (at byte {})", .span.start)]
pub struct ParseAttrNameError {
    kind: ParseAttrNameErrorKind,
    span: Range<usize>,
}

impl ParseAttrNameError {
    pub(crate) fn new(kind: ParseAttrNameErrorKind, span: Range<usize>) -> Self {
        Self { kind, span }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &ParseAttrNameErrorKind {
        &self.kind
    }

    /// The bytes at fault; empty where something is missing.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }
}

/// What keeps a text from being an attribute name.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ParseAttrNameErrorKind {
    /// There is no text.
    #[error("expected an attribute name, found nothing")]
    Empty,
    /// The first character is no letter (nor `$` and a letter).
    #[error("an attribute name starts with a letter, not with `{found}`")]
    BadStart {
        /// The first character.
        found: char,
    },
    /// A later character is none that a name may hold.
    #[error("an attribute name holds letters, digits, `$`, `-` and `_`, not `{}`", .found.escape_debug())]
    BadChar {
        /// The first such character.
        found: char,
    },
}

/// A text that is no JSON number.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("`{text}` is no JSON number")]
pub struct ParseNumberError {
    text: String,
}

impl ParseNumberError {
    pub(crate) fn new(text: String) -> Self {
        Self { text }
    }
}
